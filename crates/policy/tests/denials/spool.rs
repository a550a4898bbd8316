//! The spool: across restarts, at its bound, torn and damaged.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusBuilder;
use tempfile::TempDir;
use wardian_policy::denials::{
    DenialLog, DenialLogConfig, DenialLogError, Kept, SpoolError, WAIT_MAX,
};

use crate::puppet::{
    HEADER_BYTES, LONG, Puppet, Released, counted, denial, eventually, full, numbers, replayed,
    spool_in, spooled, tight, with_spool,
};

#[test]
fn a_spool_is_replayed_after_a_restart_once_and_in_order() {
    let dir = TempDir::new().unwrap();
    let path = spool_in(&dir);
    spooled(&path, &["0", "1", "2", "3"]);
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    // One that takes two and hangs with the third in its hands: neither the two nor the others come twice or not at all.
    let puppet = Puppet::hanging().set(|p| p.permits = 2);
    let released = Released(puppet.clone());
    let log = DenialLog::new(with_spool(tight(), &path), puppet.clone()).unwrap();
    puppet.until(|p| p.attempts == 3);
    assert!(!log.close(Duration::from_millis(100)).sink_ended);
    assert_eq!(puppet.ids(), ["0", "1"]);
    // While the first log's sink still hangs.
    assert_eq!(replayed(&path).ids(), ["2", "3"]);
    drop(released);
    assert!(replayed(&path).ids().is_empty());
    assert_eq!(fs::metadata(&path).unwrap().len(), HEADER_BYTES);
}

#[test]
fn both_sides_of_the_spools_bound() {
    let dir = TempDir::new().unwrap();
    let path = spool_in(&dir);
    spooled(&path, &["2", "3"]);
    let two = fs::metadata(&path).unwrap().len();
    for (bytes_max, kept) in [(two - 1, 1), (two, 2), (two + 1, 2), (0, 0)] {
        fs::remove_file(&path).unwrap();
        let mut config = with_spool(tight(), &path);
        config.spool.as_mut().unwrap().bytes_max = bytes_max;
        let recorder = PrometheusBuilder::new().build_recorder();
        let (log, released) = metrics::with_local_recorder(&recorder, || full(config));
        for n in 2..5 {
            assert_eq!(log.denied_blocking(denial(&n.to_string())), Kept::Spool);
        }
        let lost = 3 - kept;
        // The spool's thread takes its time.
        eventually(|| {
            let spooled = counted(&recorder.handle(), "wardian_policy_denials_spooled_total");
            let counted = counted(&recorder.handle(), "wardian_policy_denials_lost_total");
            (spooled, counted) == (kept, lost)
        });
        let bytes = fs::metadata(&path).unwrap().len();
        assert_eq!(bytes, HEADER_BYTES + kept as u64 * (two - HEADER_BYTES) / 2);
        released.0.release();
        released.0.until(|p| p.lines.len() == 3 + kept);
        assert_eq!(log.close(LONG).lost, 0);
        let mut expected = numbers(0..2 + kept);
        expected.push("denials_lost".to_owned());
        assert_eq!(released.0.ids(), expected, "{bytes_max}");
        let line = released.0.lines().pop().unwrap();
        assert!(line.contains(&format!(r#""n":{lost},"#)), "{line}");
    }
}

#[test]
fn a_half_written_tail_is_counted_wherever_it_was_cut() {
    let dir = TempDir::new().unwrap();
    let path = spool_in(&dir);
    spooled(&path, &["0"]);
    let one = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    spooled(&path, &["0", "1"]);
    let two = fs::read(&path).unwrap();
    for bytes in one.len()..two.len() {
        fs::write(&path, &two[..bytes]).unwrap();
        let lines = replayed(&path).lines();
        let torn = usize::from(bytes > one.len());
        assert_eq!(lines.len(), 1 + torn, "{bytes}");
        assert!(lines[0].contains(r#""id":"0""#));
        assert!(
            lines[1..]
                .iter()
                .all(|line| line.ends_with(r#""n":1,"by_action":{"other":1}}"#))
        );
        assert!(replayed(&path).lines().is_empty());
    }
}

#[test]
fn a_half_written_header_is_a_fresh_spool_and_other_files_are_left_alone() {
    let dir = TempDir::new().unwrap();
    let path = spool_in(&dir);
    spooled(&path, &[]);
    let header = fs::read(&path).unwrap();
    assert_eq!(header.len() as u64, HEADER_BYTES);
    for bytes in 0..header.len() {
        fs::write(&path, &header[..bytes]).unwrap();
        assert!(replayed(&path).lines().is_empty());
    }
    for foreign in [
        "x",
        "wardian-denials-2 ",
        "a file of somebody else, which is longer than any header of a spool would be",
    ] {
        fs::write(&path, foreign).unwrap();
        let error = DenialLog::new(with_spool(tight(), &path), Puppet::taking()).unwrap_err();
        assert!(
            matches!(error, DenialLogError::Spool(SpoolError::Foreign(_))),
            "{error:?}"
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), foreign);
    }
}

#[test]
fn a_damaged_record_costs_one() {
    let dir = TempDir::new().unwrap();
    let path = spool_in(&dir);
    spooled(&path, &["0", "1", "2"]);
    let whole = fs::read(&path).unwrap();
    let record = (whole.len() - HEADER_BYTES as usize) / 3;
    for at in [0, 5, 16, 17, 40, record - 2] {
        let mut bytes = whole.clone();
        bytes[HEADER_BYTES as usize + record + at] ^= 1;
        fs::write(&path, bytes).unwrap();
        let puppet = replayed(&path);
        assert_eq!(puppet.ids(), ["0", "2", "denials_lost"], "{at}");
        assert!(puppet.lines()[2].ends_with(r#""n":1,"by_action":{"other":1}}"#));
    }
    // A start that is nowhere: again from the beginning rather than not at all.
    let far = String::from_utf8(whole).unwrap().replacen(
        "00000000000000000060",
        "00000000000000099999",
        1,
    );
    fs::write(&path, far).unwrap();
    assert_eq!(replayed(&path).ids(), ["0", "1", "2"]);
}

#[test]
fn a_spool_that_is_replayed_in_part_makes_room() {
    let dir = TempDir::new().unwrap();
    let path = spool_in(&dir);
    let ids = numbers(0..10);
    spooled(&path, &ids.iter().map(String::as_str).collect::<Vec<_>>());
    let ten = fs::metadata(&path).unwrap().len();
    let mut config = with_spool(tight(), &path);
    config.spool.as_mut().unwrap().bytes_max = ten;
    let puppet = Puppet::hanging().set(|p| p.permits = 6);
    let released = Released(puppet.clone());
    let log = DenialLog::new(config, puppet.clone()).unwrap();
    puppet.until(|p| p.attempts == 7);
    // The seventh is in the hands of the sink. One goes to the queue, four to the spool, where the first six lay.
    assert_eq!(log.denied_blocking(denial("q")), Kept::Queue);
    for id in ["10", "11", "12", "13"] {
        assert_eq!(log.denied_blocking(denial(id)), Kept::Spool);
        assert!(fs::metadata(&path).unwrap().len() <= ten);
    }
    eventually(|| fs::read_to_string(&path).is_ok_and(|text| text.contains(r#""id":"13""#)));
    released.0.release();
    puppet.until(|p| p.lines.len() == 15);
    assert_eq!(log.close(LONG).lost, 0);
    let mut ids = puppet.ids();
    ids.retain(|id| id != "q");
    assert_eq!(ids, numbers(0..14));
}

#[test]
fn two_logs_do_not_share_a_spool() {
    let dir = TempDir::new().unwrap();
    let path = spool_in(&dir);
    let first = DenialLog::new(with_spool(tight(), &path), Puppet::taking()).unwrap();
    let error = DenialLog::new(with_spool(tight(), &path), Puppet::taking()).unwrap_err();
    assert!(
        matches!(error, DenialLogError::Spool(SpoolError::InUse(_))),
        "{error:?}"
    );
    first.close(LONG);
    DenialLog::new(with_spool(tight(), &path), Puppet::taking()).unwrap();
}

#[test]
fn queue_and_spool_take_turns() {
    let dir = TempDir::new().unwrap();
    let path = spool_in(&dir);
    spooled(&path, &["a", "b", "c", "d"]);
    let config = DenialLogConfig {
        capacity: 2,
        wait: WAIT_MAX,
        ..DenialLogConfig::default()
    };
    let puppet = Puppet::hanging();
    let _released = Released(puppet.clone());
    let log = DenialLog::new(with_spool(config, &path), puppet.clone()).unwrap();
    puppet.until(|p| p.attempts == 1);
    // Two have room, the others wait.
    let _recordings: Vec<_> = numbers(0..8)
        .iter()
        .map(|n| log.denied(denial(n)))
        .collect();
    puppet.release();
    puppet.until(|p| p.lines.len() == 12);
    // The queue never ran dry, and the spool did not starve.
    assert_eq!(
        puppet.ids(),
        ["a", "0", "1", "b", "c", "2", "3", "d", "4", "5", "6", "7"]
    );
}

#[test]
fn a_spool_that_is_replayed_by_less_than_half_makes_no_room() {
    let dir = TempDir::new().unwrap();
    let path = spool_in(&dir);
    spooled(&path, &["0", "1", "2", "3"]);
    let bytes = fs::metadata(&path).unwrap().len();
    let mut config = with_spool(tight(), &path);
    config.spool.as_mut().unwrap().bytes_max = bytes;
    let recorder = PrometheusBuilder::new().build_recorder();
    let puppet = Puppet::hanging().set(|p| p.permits = 1);
    let _released = Released(puppet.clone());
    let log =
        metrics::with_local_recorder(&recorder, || DenialLog::new(config, puppet.clone())).unwrap();
    puppet.until(|p| p.attempts == 2);
    assert_eq!(log.denied_blocking(denial("q")), Kept::Queue);
    assert_eq!(log.denied_blocking(denial("lost")), Kept::Spool);
    eventually(|| counted(&recorder.handle(), "wardian_policy_denials_lost_total") == 1);
    assert_eq!(fs::metadata(&path).unwrap().len(), bytes);
    puppet.release();
    puppet.until(|p| p.lines.len() == 6);
    assert_eq!(puppet.ids(), ["0", "1", "q", "2", "3", "denials_lost"]);
}
