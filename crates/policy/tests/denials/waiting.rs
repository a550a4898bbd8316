//! Who waits, for how long, and that nothing is lost by it.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use wardian_policy::denials::{DenialLog, DenialLogConfig, Kept, WAIT_MAX};

use crate::puppet::{
    ALLOW, LONG, Puppet, Released, SLACK, denial, full, numbers, replayed, spool_in, tight,
    with_spool,
};

#[test]
fn eight_threads_lose_nothing_and_write_nothing_twice() {
    let dir = TempDir::new().unwrap();
    let path = spool_in(&dir);
    let config = DenialLogConfig {
        capacity: 16,
        wait: Duration::from_micros(100),
        ..DenialLogConfig::default()
    };
    let puppet = Puppet::taking();
    let log = DenialLog::new(with_spool(config, &path), puppet.clone()).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let log = &log;
            scope.spawn(move || {
                for n in 0..1_000 {
                    log.denied_blocking(denial(&format!("{thread}.{n}")));
                }
            });
        }
    });
    log.close(LONG);
    let mut ids = puppet.ids();
    ids.extend(replayed(&path).ids());
    // A disk that could not keep up with the spool is no failure; a denial that is neither there nor counted is one.
    let lost = |line: &String| serde_json::from_str::<Value>(line).unwrap()["n"].as_u64();
    let lost: u64 = puppet.lines().iter().filter_map(lost).sum();
    ids.retain(|id| id != "denials_lost");
    let arrived = ids.len();
    assert_eq!(arrived as u64 + lost, 8_000);
    assert_eq!(ids.into_iter().collect::<BTreeSet<_>>().len(), arrived);
}

#[test]
fn eight_threads_with_room_all_arrive_in_the_order_of_each() {
    let config = DenialLogConfig {
        wait: WAIT_MAX,
        ..DenialLogConfig::default()
    };
    let puppet = Puppet::taking();
    let log = DenialLog::new(config, puppet.clone()).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let log = &log;
            scope.spawn(move || {
                for n in 0..1_000 {
                    assert_eq!(
                        log.denied_blocking(denial(&format!("{thread}.{n}"))),
                        Kept::Queue
                    );
                }
            });
        }
    });
    assert!(log.close(LONG).sink_ended);
    let ids = puppet.ids();
    assert_eq!(ids.len(), 8_000);
    for thread in 0..8 {
        let prefix = format!("{thread}.");
        let own: Vec<&str> = ids
            .iter()
            .filter_map(|id| id.strip_prefix(&prefix))
            .collect();
        assert_eq!(own, numbers(0..1_000));
    }
}

#[test]
fn a_full_queue_makes_the_denied_wait_and_then_spools() {
    let dir = TempDir::new().unwrap();
    let path = spool_in(&dir);
    assert_eq!(DenialLogConfig::default().wait, Duration::from_millis(50));
    let config = DenialLogConfig {
        capacity: 1,
        ..DenialLogConfig::default()
    };
    let (log, released) = full(with_spool(config, &path));
    let begun = Instant::now();
    assert_eq!(log.denied_blocking(denial("2")), Kept::Spool);
    let waited = begun.elapsed();
    assert!(waited >= Duration::from_millis(50), "{waited:?}");
    assert!(waited < Duration::from_millis(50) + SLACK, "{waited:?}");
    assert_eq!(log.denied_blocking(denial("3")), Kept::Spool);
    released.0.release();
    released.0.until(|p| p.lines.len() == 4);
    assert_eq!(released.0.ids(), numbers(0..4));
}

#[test]
fn a_place_that_becomes_free_ends_the_wait() {
    let config = DenialLogConfig {
        capacity: 1,
        wait: WAIT_MAX,
        ..DenialLogConfig::default()
    };
    let (log, released) = full(config);
    let waiting: Vec<_> = (2..5).map(|n| log.denied(denial(&n.to_string()))).collect();
    released.0.release();
    for recording in waiting {
        assert_eq!(futures_lite::future::block_on(recording), Kept::Queue);
    }
    released.0.until(|p| p.lines.len() == 5);
    assert_eq!(released.0.ids(), numbers(0..5));
}

#[test]
fn no_sink_delays_an_allow() {
    let dead = [
        Puppet::hanging(),
        Puppet::failing(),
        Puppet::taking().set(|p| p.panics = true),
    ];
    for puppet in dead {
        let _released = Released(puppet.clone());
        let config = DenialLogConfig {
            allow_one_in: 1,
            wait: WAIT_MAX,
            ..tight()
        };
        let log = DenialLog::new(config, puppet.clone()).unwrap();
        let _first = log.denied(denial("0"));
        puppet.until(|p| p.attempts >= 1);
        let _second = log.denied(denial("1"));
        // A denial that waits, too.
        let _third = log.denied(denial("2"));
        let begun = Instant::now();
        for _ in 0..10_000 {
            log.allowed(&ALLOW);
        }
        assert!(begun.elapsed() < WAIT_MAX, "{:?}", begun.elapsed());
        puppet.release();
        log.close(LONG);
        assert_eq!(puppet.ids(), numbers(0..3));
    }
}

/// Polls once.
fn poll_once<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_dropped_future_loses_nothing() {
    let dir = TempDir::new().unwrap();
    let path = spool_in(&dir);
    let config = DenialLogConfig {
        capacity: 1,
        wait: WAIT_MAX,
        ..DenialLogConfig::default()
    };
    let (log, released) = full(with_spool(config, &path));
    // Never polled.
    drop(log.denied(denial("2")));
    // Polled, and dropped in its wait.
    {
        let mut waiting = pin!(log.denied(denial("3")));
        assert_eq!(poll_once(waiting.as_mut()), Poll::Pending);
        assert_eq!(poll_once(waiting.as_mut()), Poll::Pending);
    }
    // Let in while nobody looked, and dropped then.
    let unseen = log.denied(denial("4"));
    released.0.release();
    released.0.until(|p| p.lines.len() == 5);
    drop(unseen);
    log.close(LONG);
    let mut ids = released.0.ids();
    ids.sort_unstable();
    assert_eq!(ids, numbers(0..5));
}

#[test]
fn a_dropped_future_without_a_spool_is_counted() {
    let config = DenialLogConfig {
        capacity: 1,
        wait: WAIT_MAX,
        ..DenialLogConfig::default()
    };
    let (log, released) = full(config);
    let kept = log.denied(denial("2"));
    drop(log.denied(denial("3")));
    released.0.release();
    assert_eq!(futures_lite::future::block_on(kept), Kept::Queue);
    log.close(LONG);
    assert_eq!(released.0.ids(), ["0", "1", "2", "denials_lost"]);
}

#[test]
fn a_wait_leaves_the_runtimes_thread_alone() {
    let config = DenialLogConfig {
        capacity: 1,
        wait: Duration::from_millis(300),
        ..DenialLogConfig::default()
    };
    let (log, _released) = full(config);
    // One thread, and no timer of the runtime.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let turns = runtime.block_on(async {
        let waiting = tokio::spawn(log.denied(denial("2")));
        let mut turns = 0_u64;
        while !waiting.is_finished() {
            turns += 1;
            tokio::task::yield_now().await;
        }
        assert_eq!(waiting.await.unwrap(), Kept::Lost);
        turns
    });
    assert!(turns > 10, "{turns}");
}

#[test]
fn a_runtime_may_cancel_at_any_time() {
    let dir = TempDir::new().unwrap();
    let path = spool_in(&dir);
    let config = DenialLogConfig {
        capacity: 4,
        wait: Duration::from_millis(2),
        ..DenialLogConfig::default()
    };
    let puppet = Puppet::taking();
    let log = DenialLog::new(with_spool(config, &path), puppet.clone()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        for n in 0..500_u64 {
            if n % 100 == 0 {
                let _ = puppet
                    .clone()
                    .set(|p| p.permits = if n % 200 == 0 { 3 } else { usize::MAX });
            }
            let patience = Duration::from_micros(n * 7 % 3_000);
            let _ = tokio::time::timeout(patience, log.denied(denial(&n.to_string()))).await;
        }
    });
    puppet.release();
    let closing = log.close(LONG);
    assert!(closing.sink_ended && closing.lost == 0, "{closing:?}");
    let mut ids = puppet.ids();
    ids.extend(replayed(&path).ids());
    assert_eq!(ids.len(), 500);
    assert_eq!(ids.into_iter().collect::<BTreeSet<_>>().len(), 500);
}

#[test]
fn a_long_event_waits_for_bytes() {
    let line = denial("0").to_json().len();
    let config = DenialLogConfig {
        capacity: 10,
        queue_bytes_max: 2 * line,
        ..tight()
    };
    let (log, released) = full(config);
    assert_eq!(log.denied_blocking(denial("2")), Kept::Queue);
    assert_eq!(log.denied_blocking(denial("3")), Kept::Lost);
    released.0.release();
    released.0.until(|p| p.lines.len() == 4);
    // Longer than the whole queue: into an empty one.
    assert_eq!(log.denied_blocking(denial(&"x".repeat(4_000))), Kept::Queue);
}

#[test]
fn allows_leave_half_of_the_queue_to_denials() {
    let config = DenialLogConfig {
        capacity: 4,
        allow_one_in: 1,
        wait: Duration::ZERO,
        ..DenialLogConfig::default()
    };
    let puppet = Puppet::hanging();
    let _released = Released(puppet.clone());
    let log = DenialLog::new(config, puppet.clone()).unwrap();
    assert_eq!(log.denied_blocking(denial("0")), Kept::Queue);
    puppet.until(|p| p.attempts == 1);
    for _ in 0..20 {
        log.allowed(&ALLOW);
    }
    assert_eq!(log.denied_blocking(denial("1")), Kept::Queue);
    log.allowed(&ALLOW);
    puppet.release();
    log.close(LONG);
    let allowed = puppet
        .lines()
        .iter()
        .filter(|line| line.contains("policy_allowed"))
        .count();
    assert!((1..=3).contains(&allowed), "{allowed}");
    assert!(puppet.ids().contains(&"1".to_owned()));
}

#[test]
fn a_short_event_does_not_overtake_a_long_one() {
    let line = denial("0").to_json().len();
    let config = DenialLogConfig {
        capacity: 10,
        queue_bytes_max: 2 * line,
        wait: WAIT_MAX,
        ..DenialLogConfig::default()
    };
    let (log, released) = full(config);
    let long = "x".repeat(1_000);
    let _long = log.denied(denial(&long));
    let _short = log.denied(denial("2"));
    released.0.release();
    released.0.until(|p| p.lines.len() == 4);
    assert_eq!(released.0.ids(), ["0", "1", &long, "2"]);
}
