//! What is lost is told once; closing ends in time.

use std::fs;
use std::time::{Duration, Instant};

use metrics_exporter_prometheus::PrometheusBuilder;
use tempfile::TempDir;
use wardian_policy::denials::{Closing, Denial, DenialLog, DenialLogConfig, Kept, WAIT_MAX};

use crate::puppet::{
    HEADER_BYTES, LONG, Puppet, Released, SLACK, counted, denial, eventually, full, numbers,
    replayed, spool_in, spooled, tight, traced, with_spool,
};

#[test]
fn what_is_lost_is_told_once_after_all_else() {
    let dir = TempDir::new().unwrap();
    let path = spool_in(&dir);
    spooled(&path, &["old", "older"]);
    let mut config = DenialLogConfig {
        actions_max: 1,
        ..with_spool(tight(), &path)
    };
    config.spool.as_mut().unwrap().bytes_max = fs::metadata(&path).unwrap().len();
    let recorder = PrometheusBuilder::new().build_recorder();
    let puppet = Puppet::hanging();
    let _released = Released(puppet.clone());
    let log =
        metrics::with_local_recorder(&recorder, || DenialLog::new(config, puppet.clone())).unwrap();
    puppet.until(|p| p.attempts == 1);
    assert_eq!(log.denied_blocking(denial("0")), Kept::Queue);
    for action in ["db.read", "db.read", "db.write", "\u{1b}", "db.read"] {
        let denied = Denial {
            action: action.into(),
            ..denial("lost")
        };
        assert_eq!(log.denied_blocking(denied), Kept::Spool);
    }
    eventually(|| counted(&recorder.handle(), "wardian_policy_denials_lost_total") == 5);
    puppet.release();
    puppet.until(|p| p.lines.len() == 4);
    assert_eq!(log.close(LONG).lost, 0);
    // The first was in the sink's hands.
    assert_eq!(puppet.ids(), ["old", "0", "older", "denials_lost"]);
    let line = puppet.lines().pop().unwrap();
    assert!(
        line.ends_with(r#","n":5,"by_action":{"db.read":3,"other":2}}"#),
        "{line}"
    );
}

#[test]
fn losses_without_a_spool_are_one_event_by_action() {
    let config = DenialLogConfig {
        actions_max: 2,
        ..tight()
    };
    let (log, released) = full(config);
    let long = "a".repeat(65);
    for action in [
        "db.read", "db.read", "\u{1b}\"", "db.write", &long, "db.read", "other",
    ] {
        let denied = Denial {
            action: action.into(),
            ..denial("lost")
        };
        assert_eq!(log.denied_blocking(denied), Kept::Lost);
    }
    released.0.release();
    released.0.until(|p| p.lines.len() == 3);
    assert!(
        log.close(LONG)
            == Closing {
                sink_ended: true,
                spooled: 0,
                lost: 0
            }
    );
    assert_eq!(released.0.ids(), ["0", "1", "denials_lost"]);
    let line = released.0.lines().pop().unwrap();
    assert!(
        line.starts_with(r#"{"event":"denials_lost","ts":"20"#),
        "{line}"
    );
    assert!(
        line.ends_with(r#","n":7,"by_action":{"\u001b\"":1,"db.read":3,"other":3}}"#),
        "{line}"
    );
}

#[test]
fn losses_that_nobody_was_told_of_survive_in_the_spool() {
    let dir = TempDir::new().unwrap();
    let path = spool_in(&dir);
    let mut config = with_spool(tight(), &path);
    config.spool.as_mut().unwrap().bytes_max = HEADER_BYTES;
    let (log, _released) = full(config);
    assert_eq!(log.denied_blocking(denial("2")), Kept::Spool);
    let closing = log.close(Duration::from_millis(500));
    assert_eq!(
        (closing.sink_ended, closing.spooled, closing.lost),
        (false, 0, 0)
    );
    let lines = replayed(&path).lines();
    assert_eq!(lines.len(), 1);
    assert!(
        lines[0].ends_with(r#""n":3,"by_action":{"env.read":3}}"#),
        "{}",
        lines[0]
    );
}

#[test]
fn closing_ends_in_time_with_a_sink_that_hangs() {
    let dir = TempDir::new().unwrap();
    let path = spool_in(&dir);
    let config = DenialLogConfig {
        capacity: 1,
        wait: WAIT_MAX,
        ..DenialLogConfig::default()
    };
    let (log, released) = full(with_spool(config, &path));
    let waiting = log.denied(denial("2"));
    let timeout = Duration::from_millis(400);
    let begun = Instant::now();
    let closing = log.close(timeout);
    assert!(begun.elapsed() < timeout + SLACK, "{:?}", begun.elapsed());
    assert_eq!(
        (closing.sink_ended, closing.spooled, closing.lost),
        (false, 3, 0)
    );
    assert_eq!(futures_lite::future::block_on(waiting), Kept::Queue);
    // Again: the same, at once. And what comes too late is lost.
    let begun = Instant::now();
    assert_eq!(log.close(LONG), closing);
    assert!(begun.elapsed() < SLACK, "{:?}", begun.elapsed());
    assert_eq!(log.denied_blocking(denial("late")), Kept::Lost);
    let mut ids = replayed(&path).ids();
    ids.sort_unstable();
    assert_eq!(ids, numbers(0..3));
    drop(released);
}

#[test]
fn closing_without_a_spool_counts_what_is_left() {
    let (log, _released) = full(tight());
    let mut closing = None;
    let text = traced(|| closing = Some(log.close(Duration::from_millis(100))));
    assert_eq!(
        closing.map(|closing| (closing.sink_ended, closing.lost)),
        Some((false, 2))
    );
    assert!(
        text.contains(r#"event="denials_lost" n=2 by_action="{\"env.read\":2}""#),
        "{text}"
    );
    let puppet = Puppet::failing();
    let log = DenialLog::new(tight(), puppet).unwrap();
    log.denied_blocking(denial("0"));
    assert_eq!(log.close(Duration::from_millis(100)).lost, 1);
}

/// However long the pause is after many failures: a sink that works again is asked before the end.
#[test]
fn closing_without_a_spool_asks_the_sink_once_more() {
    let puppet = Puppet::failing();
    let log = DenialLog::new(tight(), puppet.clone()).unwrap();
    log.denied_blocking(denial("0"));
    // The pause is more than a second by now.
    puppet.until(|p| p.attempts == 8);
    puppet.release();
    assert_eq!(log.close(Duration::from_secs(1)).lost, 0);
    assert_eq!(puppet.ids(), ["0"]);
}

#[test]
fn a_dropped_log_is_a_closed_one() {
    let puppet = Puppet::taking();
    let log = DenialLog::new(DenialLogConfig::default(), puppet.clone()).unwrap();
    for n in 0..100 {
        log.denied_blocking(denial(&n.to_string()));
    }
    drop(log);
    assert_eq!(puppet.ids(), numbers(0..100));
}
