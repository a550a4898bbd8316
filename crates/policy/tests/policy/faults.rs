//! Guests that do what they must not: a no with the right code, and the next check works.

use std::time::{Duration, Instant};

use wardian_policy::artifact::Artifact;
use wardian_policy::{Decision, PolicyChecker, Prepared, Reason, WasmChecker, default_limits};
use wardian_sandbox::{Cpu, Limits, Sandbox, SandboxConfig};

use crate::guests::{checks_by, component_by, home, loaded, says};

/// What a guest does, as a core module's body, and what comes of it.
const MATRIX: [(&str, &str, Reason); 10] = [
    ("traps", "unreachable", Reason::TRAP),
    (
        "divides by zero",
        "i64.const 1 i64.const 0 i64.div_s",
        Reason::TRAP,
    ),
    ("recurses", "local.get 0 local.get 1 call 1", Reason::TRAP),
    ("loops", "(loop br 0) unreachable", Reason::OUT_OF_FUEL),
    (
        "grows and gives up",
        "(loop i32.const 64 memory.grow i32.const -1 i32.ne br_if 0) unreachable",
        Reason::OUT_OF_MEMORY,
    ),
    (
        "points outside",
        "i64.const 0x7fffffff00000010",
        Reason::MALFORMED_RESULT,
    ),
    (
        "says far too much",
        "i64.const 0xffffffff",
        Reason::MALFORMED_RESULT,
    ),
    ("says nothing", "i64.const 0", Reason::MALFORMED_RESULT),
    ("says half", "i64.const 15", Reason::MALFORMED_RESULT),
    ("says it again", "i64.const 17", Reason::MALFORMED_RESULT),
];

fn sandbox() -> Sandbox {
    Sandbox::new(SandboxConfig::default()).unwrap()
}

#[test]
fn each_hostile_guest_is_denied_with_its_code_and_harms_nobody() {
    let sandbox = sandbox();
    let honest = loaded(&sandbox, says(r#"{"kind":"allow"}"#));
    for (name, body, reason) in MATRIX {
        let hostile = loaded(&sandbox, checks_by(body));
        for _ in 0..2 {
            let said = hostile.check_blocking(&home());
            let later = futures_lite::future::block_on(hostile.check(&home()));
            assert_eq!(said, Decision::Deny(reason.clone()), "{name}");
            assert_eq!(later, said, "{name}, asynchronously");
            assert_eq!(honest.check_blocking(&home()), Decision::Allow, "{name}");
        }
    }
}

#[test]
fn each_hostile_component_is_denied_with_its_code_too() {
    let sandbox = sandbox();
    let honest = loaded(&sandbox, component_by("i32.const 16"));
    assert_eq!(honest.check_blocking(&home()), Decision::Allow);
    for (name, body, reason) in [
        ("traps", "unreachable", Reason::TRAP),
        ("recurses", "local.get 0 call $check", Reason::TRAP),
        ("loops", "(loop br 0) unreachable", Reason::OUT_OF_FUEL),
        (
            "grows and gives up",
            "(loop i32.const 64 memory.grow i32.const -1 i32.ne br_if 0) unreachable",
            Reason::OUT_OF_MEMORY,
        ),
        (
            "gives a reason that is no code",
            "i32.const 128",
            Reason::MALFORMED_RESULT,
        ),
    ] {
        let hostile = loaded(&sandbox, component_by(body));
        for _ in 0..2 {
            let said = hostile.check_blocking(&home());
            let later = futures_lite::future::block_on(hostile.check(&home()));
            assert_eq!(said, Decision::Deny(reason.clone()), "{name}");
            assert_eq!(later, said, "{name}, asynchronously");
            assert_eq!(honest.check_blocking(&home()), Decision::Allow, "{name}");
        }
    }
}

#[test]
fn a_component_that_breaks_its_contract_at_once_is_refused_when_it_is_loaded() {
    // An answer that lies outside, and a case that is none.
    for body in ["i32.const -16", "i32.const 64"] {
        let artifact = Artifact::from_bytes(component_by(body)).unwrap();
        let loaded = WasmChecker::load_blocking(&sandbox(), &artifact, Prepared::of(&artifact));
        assert_eq!(loaded.unwrap_err().code(), "policy.unfit", "{body}");
    }
}

#[test]
fn what_is_no_policy_is_refused_when_it_is_loaded() {
    let sandbox = sandbox();
    let refused = |wat: &str| {
        let artifact = Artifact::from_bytes(wat::parse_str(wat).unwrap()).unwrap();
        let loaded = WasmChecker::load_blocking(&sandbox, &artifact, Prepared::of(&artifact));
        loaded.unwrap_err().code()
    };
    assert_eq!(refused("(module)"), "policy.link");
    assert_eq!(
        refused(r#"(module (import "env" "now" (func (result i64))))"#),
        "policy.link"
    );
    assert_eq!(refused("(component)"), "policy.unfit");
    assert_eq!(
        refused("(module (memory i64 1))"),
        "policy.load",
        "64-bit memories are off"
    );
}

#[test]
fn a_guest_that_does_not_end_is_ended_by_the_clock() {
    let sandbox = sandbox();
    let artifact = Artifact::from_bytes(checks_by("(loop br 0) unreachable")).unwrap();
    let prepared = Prepared {
        limits: Limits {
            fuel: Some(u64::MAX >> 8),
            ..default_limits()
        },
        ..Prepared::of(&artifact)
    };
    let spins = WasmChecker::load_blocking(&sandbox, &artifact, prepared).unwrap();
    let begun = Instant::now();
    assert_eq!(
        spins.check_blocking(&home()),
        Decision::Deny(Reason::TIMEOUT)
    );
    // By an order of magnitude: the machine may be busy.
    assert!(begun.elapsed() < Duration::from_secs(1));
    let by_time = Prepared {
        cpu: Cpu::Time,
        ..Prepared::of(&artifact)
    };
    let spins = WasmChecker::load_blocking(&sandbox, &artifact, by_time).unwrap();
    assert_eq!(
        spins.check_blocking(&home()),
        Decision::Deny(Reason::TIMEOUT)
    );
}

#[test]
fn a_component_that_does_not_end_is_ended_by_the_clock() {
    let sandbox = sandbox();
    let artifact = Artifact::from_bytes(component_by("(loop br 0) unreachable")).unwrap();
    let prepared = Prepared {
        cpu: Cpu::Time,
        ..Prepared::of(&artifact)
    };
    let spins = WasmChecker::load_blocking(&sandbox, &artifact, prepared).unwrap();
    for _ in 0..2 {
        let said = spins.check_blocking(&home());
        assert_eq!(said, Decision::Deny(Reason::TIMEOUT));
    }
}

#[test]
fn waiting_for_a_turn_counts() {
    let config = SandboxConfig {
        instances_max: 1,
        ..SandboxConfig::default()
    };
    let sandbox = Sandbox::new(config).unwrap();
    let artifact = Artifact::from_bytes(checks_by("(loop br 0) unreachable")).unwrap();
    let long = Prepared {
        limits: Limits {
            fuel: Some(u64::MAX >> 8),
            ..default_limits()
        }
        .with_deadline(Duration::from_millis(600)),
        ..Prepared::of(&artifact)
    };
    let occupies = WasmChecker::load_blocking(&sandbox, &artifact, long).unwrap();
    let allows = Artifact::from_bytes(says(r#"{"kind":"allow"}"#)).unwrap();
    let waits = Prepared::of(&allows).with_deadline(Duration::from_millis(20));
    let waits = WasmChecker::load_blocking(&sandbox, &allows, waits).unwrap();
    std::thread::scope(|scope| {
        let occupied = scope.spawn(|| occupies.check_blocking(&home()));
        std::thread::sleep(Duration::from_millis(100));
        let said = waits.check_blocking(&home());
        assert_eq!(said, Decision::Deny(Reason::TIMEOUT));
        assert_eq!(occupied.join().unwrap(), Decision::Deny(Reason::TIMEOUT));
    });
    let later = loaded(&sandbox, says(r#"{"kind":"allow"}"#));
    assert_eq!(later.check_blocking(&home()), Decision::Allow);
}

#[test]
fn a_closed_sandbox_denies() {
    let sandbox = sandbox();
    let checker = loaded(&sandbox, says(r#"{"kind":"allow"}"#));
    futures_lite::future::block_on(sandbox.close());
    assert_eq!(
        checker.check_blocking(&home()),
        Decision::Deny(Reason::POLICY_UNAVAILABLE)
    );
}
