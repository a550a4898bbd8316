//! Sinks that fail, and those that come with the log.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use tempfile::TempDir;
use wardian_policy::denials::{
    DenialLog, DenialLogConfig, DenialLogError, DenialSink, Kept, Lines, SpoolError,
};

use crate::puppet::{LONG, Puppet, Written, denial, numbers, tight, with_spool};

#[test]
fn a_sink_that_fails_n_times_gets_each_event_once() {
    for failures in 0..5 {
        for panics in [false, true] {
            let puppet = Puppet::taking().set(|p| (p.failures, p.panics) = (failures, panics));
            let log = DenialLog::new(DenialLogConfig::default(), puppet.clone()).unwrap();
            for n in 0..5 {
                assert_eq!(log.denied_blocking(denial(&n.to_string())), Kept::Queue);
            }
            if panics {
                puppet.until(|p| p.attempts == 1);
                let _ = puppet.clone().set(|p| p.panics = false);
            }
            puppet.until(|p| p.lines.len() == 5);
            assert_eq!(puppet.ids(), numbers(0..5));
            assert!(log.close(LONG).sink_ended);
        }
    }
}

/// Takes a few bytes at a time, and fails at the n-th write.
struct Crumbs {
    to: Written,
    writes: usize,
    fails_at: usize,
}

impl Write for Crumbs {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writes += 1;
        if self.writes == self.fails_at {
            return Err(io::Error::other("as told"));
        }
        self.to.write(&bytes[..bytes.len().min(40)])
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_line_that_was_torn_spoils_no_other() {
    let lines = ["0", "1", "2"].map(|id| denial(id).to_json());
    for fails_at in 1..20 {
        let written = Written::default();
        let mut sink = Lines::new(Crumbs {
            to: written.clone(),
            writes: 0,
            fails_at,
        });
        for line in &lines {
            if sink.write(line).is_err() {
                sink.write(line).unwrap();
            }
        }
        let text = written.text();
        let whole: Vec<&str> = text.lines().filter(|line| line.ends_with('}')).collect();
        assert_eq!(whole, lines, "{fails_at}");
        assert!(text.lines().count() <= 4);
    }
}

#[test]
fn a_file_is_appended_to_and_its_own() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("denials.jsonl");
    let log = DenialLog::new(tight(), Lines::append(&path).unwrap()).unwrap();
    log.denied_blocking(denial("0"));
    log.close(LONG);
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let line = denial("0").to_json();
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("{line}\n"));
    // As a crash left it.
    fs::write(&path, format!("{line}\nhalf")).unwrap();
    Lines::append(&path).unwrap().write(&line).unwrap();
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        format!("{line}\nhalf\n{line}\n")
    );

    let link = dir.path().join("link");
    symlink(&path, &link).unwrap();
    for refused in [link.as_path(), dir.path(), Path::new("/dev/null")] {
        assert!(Lines::append(refused).is_err(), "{refused:?}");
        let error = DenialLog::new(with_spool(tight(), refused), Puppet::taking()).unwrap_err();
        assert!(
            matches!(error, DenialLogError::Spool(SpoolError::Open { .. })),
            "{error:?}"
        );
    }
}
