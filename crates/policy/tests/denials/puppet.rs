//! A sink that a test holds by its strings, and what else the tests of the denial log share.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::Value;
use tempfile::TempDir;
use wardian_policy::denials::{
    Allow, Denial, DenialLog, DenialLogConfig, DenialSink, DeniedResource, Kept, SpoolConfig,
};

/// What no test takes unless it hangs.
pub(crate) const LONG: Duration = Duration::from_secs(60);
/// On top of a wait, for a machine that does other things too.
pub(crate) const SLACK: Duration = Duration::from_secs(5);
pub(crate) const HEADER_BYTES: u64 = 60;

/// A sink that a test holds by a string. When the test ends, so does what hangs.
#[derive(Clone, Default)]
pub(crate) struct Puppet(Arc<(Mutex<Puppets>, Condvar)>);

#[derive(Default)]
pub(crate) struct Puppets {
    pub(crate) lines: Vec<String>,
    /// Writes that may go through before it hangs.
    pub(crate) permits: usize,
    /// Writes that fail before it takes any.
    pub(crate) failures: usize,
    pub(crate) panics: bool,
    pub(crate) attempts: usize,
}

impl Puppet {
    pub(crate) fn taking() -> Puppet {
        Puppet::default().set(|p| p.permits = usize::MAX)
    }

    pub(crate) fn hanging() -> Puppet {
        Puppet::default()
    }

    pub(crate) fn failing() -> Puppet {
        Puppet::taking().set(|p| p.failures = usize::MAX)
    }

    pub(crate) fn set(self, change: impl FnOnce(&mut Puppets)) -> Puppet {
        change(&mut self.0.0.lock().unwrap());
        self.0.1.notify_all();
        self
    }

    pub(crate) fn release(&self) {
        let _ = self
            .clone()
            .set(|p| (p.permits, p.failures, p.panics) = (usize::MAX, 0, false));
    }

    /// Waits until something is so.
    pub(crate) fn until(&self, is: impl Fn(&Puppets) -> bool) {
        let state = self.0.0.lock().unwrap();
        let (_state, timeout) = self
            .0
            .1
            .wait_timeout_while(state, LONG, |p| !is(p))
            .unwrap();
        assert!(!timeout.timed_out(), "it never came");
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.0.lock().unwrap().lines.clone()
    }

    /// The ids of the denials that arrived, and other events by name.
    pub(crate) fn ids(&self) -> Vec<String> {
        let id = |line: &String| {
            let event: Value = serde_json::from_str(line).unwrap();
            let id = event["resource"]["id"].as_str().or(event["event"].as_str());
            id.unwrap().to_owned()
        };
        self.lines().iter().map(id).collect()
    }
}

impl DenialSink for Puppet {
    fn write(&mut self, line: &str) -> io::Result<()> {
        let mut state = self.0.0.lock().unwrap();
        state.attempts += 1;
        self.0.1.notify_all();
        if state.panics {
            drop(state);
            panic!("as told");
        }
        if state.failures > 0 {
            state.failures -= 1;
            return Err(io::Error::other("as told"));
        }
        let mut state = self.0.1.wait_while(state, |p| p.permits == 0).unwrap();
        state.permits -= 1;
        state.lines.push(line.to_owned());
        self.0.1.notify_all();
        Ok(())
    }
}

/// Lets the sink go when a test ends, however it ends.
pub(crate) struct Released(pub(crate) Puppet);

impl Drop for Released {
    fn drop(&mut self) {
        self.0.release();
    }
}

pub(crate) fn denial(id: &str) -> Denial {
    Denial {
        ts_ns: 1_709_210_096_000_000_007,
        service: "shop".into(),
        action: "env.read".into(),
        resource: Some(DeniedResource {
            kind: "env_var".into(),
            id: Some(id.into()),
        }),
        reason: "not_in_allowlist".into(),
        policy_version: "3".into(),
        policy_digest: "b3:9f".into(),
    }
}

pub(crate) const ALLOW: Allow<'_> = Allow {
    service: "shop",
    action: "env.read",
    resource: Some(("env_var", Some("HOME"))),
    is_static: false,
    policy_version: "3",
    policy_digest: "b3:9f",
};

/// A queue of one, a wait that is hardly one.
pub(crate) fn tight() -> DenialLogConfig {
    DenialLogConfig {
        capacity: 1,
        wait: Duration::from_millis(1),
        ..DenialLogConfig::default()
    }
}

pub(crate) fn spool_in(dir: &TempDir) -> PathBuf {
    dir.path().join("denials.spool")
}

pub(crate) fn with_spool(config: DenialLogConfig, path: &Path) -> DenialLogConfig {
    DenialLogConfig {
        spool: Some(SpoolConfig::new(path)),
        ..config
    }
}

/// A log whose sink has one event in its hands and one in the queue, and takes none.
pub(crate) fn full(config: DenialLogConfig) -> (DenialLog, Released) {
    let puppet = Puppet::hanging();
    let log = DenialLog::new(config, puppet.clone()).unwrap();
    assert_eq!(log.denied_blocking(denial("0")), Kept::Queue);
    puppet.until(|p| p.attempts == 1);
    assert_eq!(log.denied_blocking(denial("1")), Kept::Queue);
    (log, Released(puppet))
}

/// What the next log on this spool gives to its sink.
pub(crate) fn replayed(path: &Path) -> Puppet {
    let puppet = Puppet::taking();
    let log = DenialLog::new(with_spool(tight(), path), puppet.clone()).unwrap();
    let closing = log.close(LONG);
    assert!(closing.sink_ended && closing.lost == 0, "{closing:?}");
    puppet
}

/// Writes these denials to a spool and nowhere else, the length of the file after each included.
pub(crate) fn spooled(path: &Path, ids: &[&str]) {
    let config = DenialLogConfig {
        capacity: 64,
        ..DenialLogConfig::default()
    };
    let puppet = Puppet::failing();
    let log = DenialLog::new(with_spool(config, path), puppet).unwrap();
    for id in ids {
        assert_eq!(log.denied_blocking(denial(id)), Kept::Queue);
    }
    let closing = log.close(LONG);
    assert_eq!((closing.spooled, closing.lost), (ids.len() as u64, 0));
}

pub(crate) fn numbers(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|n| n.to_string()).collect()
}

/// Waits without sleeping for what another thread will do to a counter or a file.
pub(crate) fn eventually(is: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < LONG, "it never came");
        std::thread::yield_now();
    }
}

#[derive(Clone, Default)]
pub(crate) struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Written {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// What `tracing` hears on this thread.
pub(crate) fn traced(run: impl FnOnce()) -> String {
    let written = Written::default();
    let to = written.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || to.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, run);
    written.text()
}

/// The sum over all labels of a counter.
pub(crate) fn counted(handle: &PrometheusHandle, name: &str) -> usize {
    let text = handle.render();
    let values = text
        .lines()
        .filter(|line| line.starts_with(name))
        .filter_map(|line| line.rsplit(' ').next());
    values.map(|value| value.parse::<usize>().unwrap()).sum()
}
