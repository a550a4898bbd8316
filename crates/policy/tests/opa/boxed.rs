//! The same policies in the box, as a host has them.

use std::time::Duration;

use serde_json::Value;
use wardian_policy::artifact::Artifact;
use wardian_policy::{Input, OpaChecker, PolicyChecker, Prepared, Reason, opa};
use wardian_sandbox::{Sandbox, SandboxConfig};

use crate::run::fixture;

fn sandbox() -> Sandbox {
    Sandbox::new(SandboxConfig::default()).unwrap()
}

fn checker(sandbox: &Sandbox, name: &str, data: &Value) -> OpaChecker {
    let data = data.to_string();
    let module = opa::prepare(sandbox, &fixture(name), None, Some(data.as_bytes())).unwrap();
    let artifact = Artifact::from_bytes(module.into()).unwrap();
    // A machine that is busy otherwise is not what is tested.
    let prepared = Prepared::of(&artifact).with_deadline(Duration::from_secs(10));
    OpaChecker::load_blocking(sandbox, &artifact, prepared).unwrap()
}

#[test]
fn questions_are_answered_as_opa_answers_them() {
    let sandbox = sandbox();
    let cases: Value = serde_json::from_slice(&fixture("cases.json")).unwrap();
    let mut asked = 0;
    for (name, policy) in cases.as_object().unwrap() {
        let checker = checker(&sandbox, &format!("{name}.wasm"), &policy["data"]);
        for case in policy["cases"].as_array().unwrap() {
            let text = case["input"].to_string();
            // Inputs of other shapes are for OPA's own host; here none of them reaches a policy.
            let Ok(input) = Input::from_json(text.as_bytes()) else {
                continue;
            };
            asked += 1;
            let expected = opa::read_answer(case["is"].to_string().as_bytes());
            let said = checker.check_blocking(&input);
            let reason = said.reason().map(Reason::code);
            assert_eq!(reason, expected.reason(), "{name}: {text}");
            let later = futures_lite::future::block_on(checker.check(&input));
            assert_eq!(later, said);
        }
    }
    assert!(asked >= 5, "{asked}");
}

#[test]
fn a_builtin_that_is_not_provided_is_named_when_the_policy_is_made() {
    let error = opa::prepare(&sandbox(), &fixture("refused.wasm"), None, None).unwrap_err();
    assert_eq!(error.code(), "make.opa");
    assert!(error.to_string().contains("http.send"), "{error}");
}

#[test]
fn a_conflict_is_a_trap_and_harms_nobody() {
    let sandbox = sandbox();
    let conflicts = checker(&sandbox, "conflict.wasm", &serde_json::json!({}));
    let input = Input::new("env.read", "env_var", "HOME");
    for _ in 0..2 {
        let said = conflicts.check_blocking(&input);
        assert!(!said.is_allow(), "{said:?}");
    }
}

#[test]
fn builtins_are_called_on_the_host_with_the_moment_of_the_question() {
    let sandbox = sandbox();
    let boxed = checker(&sandbox, "boxed.wasm", &serde_json::json!({}));
    let at = |timestamp_ns| Input {
        timestamp_ns,
        ..Input::new("env.read", "env_var", "HOME")
    };
    let (said, outcome) = boxed.outcome_blocking(&at(1_709_210_096_789_000_000));
    assert!(said.is_allow(), "{said:?}");
    assert!(outcome.usage.host_calls > 0);
    let late = boxed.check_blocking(&at(17));
    assert_eq!(late.reason().map(Reason::code), Some("at:17"));
}

#[test]
fn data_that_is_none_is_refused() {
    for data in ["", "[]", "{} {}", "{", "null"] {
        let error = opa::prepare(
            &sandbox(),
            &fixture("allow.wasm"),
            None,
            Some(data.as_bytes()),
        );
        assert_eq!(error.unwrap_err().code(), "make.source", "{data}");
    }
    let error = opa::prepare(&sandbox(), &fixture("allow.wasm"), Some("no/such"), None);
    assert_eq!(error.unwrap_err().code(), "make.opa");
}
