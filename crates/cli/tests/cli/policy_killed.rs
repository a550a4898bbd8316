//! An operator's command that is killed while a host decides: the host finds the policy from before or the one from after,
//! whole, and nothing waits for the dead.

use std::time::Duration;

use wardian_policy::{DecisionPoint, Input, PointConfig, PolicySettings, make};
use wardian_sandbox::{Sandbox, SandboxConfig};
use wardian_testkit::swaps::{POLICIES, Swaps, document};

use crate::place::Place;
use crate::policy::policy;

const KILLS: u64 = 80;
/// By how much the next kill is later, and a quarter of what it was.
const STEP: Duration = Duration::from_micros(400);

/// The policy that is active, by what it allows.
fn allowed_by(point: &DecisionPoint) -> u64 {
    let allows = |n: &u64| {
        let input = Input::new("env.read", "env_var", n.to_string());
        point.check_blocking(&input).is_allow()
    };
    (0..POLICIES).find(allows).expect("each policy allows one")
}

#[test]
fn a_command_that_is_killed_leaves_the_policy_from_before_or_after() {
    let place = Place::new();
    let sandbox = Sandbox::new(SandboxConfig::default()).expect("a sandbox");
    for n in 0..POLICIES {
        let wasm = make::from_document(&sandbox, document(n).as_bytes()).expect("a policy");
        place.write(&format!("{n}.wasm"), wasm);
    }
    policy(&place, "pin shop 0.wasm --unsigned").well();
    let settings = serde_json::json!({
        "checker": "wasm",
        "deadline_ms": 1_000,
        "pinned": {
            "name": "shop",
            "lock": place.path("wardian-policy.lock"),
            "store": place.path(".wardian/policies"),
        },
    });
    let settings: PolicySettings = serde_json::from_value(settings).expect("settings");
    let load = || settings.load_blocking(&sandbox).expect("a whole policy");
    let point = DecisionPoint::shared(load(), PointConfig::default());
    let swaps = Swaps::new(0, KILLS as usize);
    let is_allowed = |variable: u64| {
        let input = Input::new("env.read", "env_var", variable.to_string());
        point.check_blocking(&input).is_allow()
    };
    // The moment of the kill walks to where the pin is made, and stays about there.
    let (before, after) = swaps.under_load(is_allowed, || {
        let (mut active, mut wait) = (0, Duration::ZERO);
        let (mut before, mut after) = (0, 0);
        for _ in 0..KILLS {
            let next = (active + 1) % POLICIES;
            kill_a_pin(&place, next, wait);
            let loaded = load();
            let found = allowed_by(&DecisionPoint::shared(
                loaded.clone(),
                PointConfig::default(),
            ));
            assert!(found == active || found == next, "{found}");
            if found == next {
                after += 1;
                wait = wait * 3 / 4;
            } else {
                before += 1;
                wait += wait / 4 + STEP;
            }
            active = found;
            swaps.swap(found, || point.replace_shared(loaded));
        }
        (before, after)
    });
    assert!(before > 0 && after > 0, "{before} before, {after} after");
    // Whoever comes next need not wait for one that was killed, and finds everything in order.
    policy(&place, "pin shop 1.wasm --unsigned").well();
    policy(&place, "rollback shop").well();
    policy(&place, "list").well();
}

/// Pins a policy, and is killed after this time.
fn kill_a_pin(place: &Place, n: u64, after: Duration) {
    let file = format!("{n}.wasm");
    let mut command = place.command(["-q", "policy", "pin", "shop", &file, "--unsigned"]);
    let quiet = std::process::Stdio::null;
    let mut child = command
        .stdout(quiet())
        .stderr(quiet())
        .spawn()
        .expect("the binary starts");
    std::thread::sleep(after);
    child.kill().expect("it is ours");
    child.wait().expect("it ends");
}
