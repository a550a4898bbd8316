//! Policies that are exchanged while checks run, by the thousand: no answer is one that the active policy did not give.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use wardian_policy::artifact::Artifact;
use wardian_policy::denials::{DenialLog, DenialLogConfig};
use wardian_policy::{
    CacheConfig, Checking, Decision, DecisionPoint, Input, LocalChecker, PointConfig,
    PolicyChecker, PolicyId, Prepared, Reason, WasmChecker, make,
};
use wardian_sandbox::{Sandbox, SandboxConfig};
use wardian_testkit::swaps::{POLICIES, Swaps, document};

use crate::guests::{loaded, with_meta};

const SWAPS: usize = 1_000;

#[test]
fn a_thousand_swaps_give_no_answer_that_no_policy_gave() {
    let sandbox = Sandbox::new(SandboxConfig::default()).unwrap();
    let checkers: Vec<Arc<dyn PolicyChecker>> = (0..POLICIES)
        .map(|n| {
            let core = make::from_document(&sandbox, document(n).as_bytes()).unwrap();
            // Some are remembered, so that what is remembered changes with the policy.
            let wasm = with_meta(&core, n.is_multiple_of(2), &[]);
            Arc::new(loaded(&sandbox, wasm)) as Arc<dyn PolicyChecker>
        })
        .collect();
    let config = PointConfig {
        cache: Some(CacheConfig::default()),
        ..PointConfig::default()
    };
    let point = DecisionPoint::shared(checkers[0].clone(), config);
    let swaps = Swaps::new(0, SWAPS);
    let is_allowed = |variable: u64| {
        let input = Input::new("env.read", "env_var", variable.to_string());
        point.check_blocking(&input).is_allow()
    };
    swaps.under_load(is_allowed, || {
        for swap in 1..=SWAPS as u64 {
            let policy = swap % POLICIES;
            let checker = checkers[policy as usize].clone();
            swaps.swap(policy, || point.replace_shared(checker));
            std::thread::yield_now();
        }
    });
}

/// Says that it was asked, and answers when it is told to.
#[derive(Debug)]
struct Slow {
    id: PolicyId,
    asked: Notify,
    go_on: Notify,
}

impl PolicyChecker for Slow {
    fn check<'a>(&'a self, _: &'a Input<'a>) -> Checking<'a> {
        Checking::waiting(async {
            self.asked.notify_one();
            self.go_on.notified().await;
            Decision::Deny(Reason::NOT_IN_ALLOWLIST)
        })
    }

    fn check_blocking(&self, input: &Input<'_>) -> Decision {
        futures_lite::future::block_on(self.check(input))
    }

    fn policy(&self) -> &PolicyId {
        &self.id
    }

    fn is_pure(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn a_check_that_has_begun_ends_with_the_policy_that_it_began_with() {
    let slow = Arc::new(Slow {
        id: PolicyId {
            version: "old".into(),
            digest: "sha256:old".into(),
        },
        asked: Notify::new(),
        go_on: Notify::new(),
    });
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = {
        let lines = lines.clone();
        move |line: &str| {
            lines.lock().unwrap().push(line.to_owned());
            Ok(())
        }
    };
    let log = Arc::new(DenialLog::new(DenialLogConfig::default(), sink).unwrap());
    let config = PointConfig {
        cache: Some(CacheConfig::default()),
        log: Some(log.clone()),
        ..PointConfig::default()
    };
    let point = DecisionPoint::shared(slow.clone(), config);
    let begun = tokio::spawn({
        let point = point.clone();
        async move { point.check(&crate::guests::home()).await }
    });
    slow.asked.notified().await;
    point.replace(LocalChecker::versioned(b"{}", "new").unwrap());
    // What comes later is the new one's, while the old one still thinks.
    assert!(point.check(&crate::guests::home()).await.is_allow());
    slow.go_on.notify_one();
    assert!(!begun.await.unwrap().is_allow());
    // Nor is the old answer remembered for the new one.
    assert!(point.check(&crate::guests::home()).await.is_allow());
    log.close(Duration::from_secs(10));
    let lines = lines.lock().unwrap();
    assert_eq!(lines.len(), 1);
    assert!(lines[0].contains(r#""policy":{"version":"old","digest":"sha256:old"}"#));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_that_loops_does_not_delay_others() {
    let sandbox = Sandbox::new(SandboxConfig::default()).unwrap();
    let document = br#"{"env": ["HOME"]}"#;
    let core = make::from_document(&sandbox, document).unwrap();
    let honest = Arc::new(loaded(&sandbox, core.into()));
    // With the limits that a host has: a loop is ended after five milliseconds.
    assert_eq!(
        wardian_policy::default_limits().deadline,
        Duration::from_millis(5)
    );
    let loops = crate::guests::checks_by("(loop br 0) unreachable");
    let loops = Artifact::from_bytes(loops).unwrap();
    let prepared = Prepared::of(&loops);
    let loops = Arc::new(WasmChecker::load_blocking(&sandbox, &loops, prepared).unwrap());
    let over = Arc::new(AtomicBool::new(false));
    let spinning: Vec<_> = (0..4)
        .map(|_| {
            let (loops, over) = (loops.clone(), over.clone());
            tokio::spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    let said = loops.check(&crate::guests::home()).await;
                    assert!(!said.is_allow());
                }
            })
        })
        .collect();
    let mut waits = Vec::new();
    for _ in 0..200 {
        let begun = Instant::now();
        let said = honest.check(&crate::guests::home()).await;
        assert!(said.is_allow(), "{said:?}");
        waits.push(begun.elapsed());
    }
    // Behind a loop that is not ended it would be seconds. The four keep both processors busy, so this is by an order of
    // magnitude more than it takes.
    waits.sort();
    let median = waits[waits.len() / 2];
    assert!(median < Duration::from_millis(100), "{median:?}");
    over.store(true, Ordering::Relaxed);
    for task in spinning {
        task.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_tasks_ask_ten_thousand_times_each() {
    let sandbox = Sandbox::new(SandboxConfig::default()).unwrap();
    let core = make::from_document(&sandbox, br#"{"env": ["0"]}"#).unwrap();
    let point = DecisionPoint::new(loaded(&sandbox, core.into()), PointConfig::default());
    let tasks: Vec<_> = (0..64_u64)
        .map(|task| {
            let point = point.clone();
            tokio::spawn(async move {
                for n in 0..10_000_u64 {
                    let id = ((task + n) % 2).to_string();
                    let input = Input::new("env.read", "env_var", id.clone());
                    let said = point.check(&input).await;
                    assert_eq!(said.is_allow(), id == "0", "{said:?}");
                    if n % 64 == 0 {
                        tokio::task::yield_now().await;
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}
