//! A checker before, at and after its policy.
#![allow(clippy::unwrap_used)] // A test that cannot go on says where.

use wardian_guest_policy_rules::{Checker, UNAVAILABLE, refusal};
use wardian_rules::{DOCUMENT_BYTES_MAX, Policy};

const HOME: &[u8] = br#"{"action": "env.read", "resource": {"kind": "env_var", "id": "HOME"}}"#;
const PATH: &[u8] = br#"{"action": "env.read", "resource": {"kind": "env_var", "id": "PATH"}}"#;

fn policy(document: &str) -> Policy {
    Policy::from_json(document.as_bytes()).unwrap()
}

fn refused(document: &str) -> String {
    refusal(&Policy::from_json(document.as_bytes()).unwrap_err())
}

#[test]
fn without_a_policy_everything_is_denied() {
    let checker = Checker::new();
    assert_eq!(checker.answer(HOME), UNAVAILABLE);
    assert_eq!(checker.answer(b"no question"), UNAVAILABLE);
}

#[test]
fn answers_are_the_policys() {
    let checker = Checker::new();
    let policy = policy(r#"{"env": ["HOME"]}"#);
    checker.load(policy.clone()).unwrap();
    assert_eq!(checker.policy(), Some(&policy));
    for question in [HOME, PATH, b"no question"] {
        assert_eq!(checker.answer(question), policy.answer(question));
    }
}

#[test]
fn the_first_policy_stays() {
    let checker = Checker::new();
    checker.load(policy(r#"{"env": ["HOME"]}"#)).unwrap();
    assert_eq!(
        checker.load(policy(r#"{"env": ["PATH"]}"#)).unwrap_err(),
        r#"{"problems":["a policy is loaded already"]}"#
    );
    assert_eq!(checker.answer(HOME), r#"{"kind":"allow"}"#);
}

#[test]
fn all_problems_are_told() {
    assert_eq!(
        refused(r#"{"env": [1, ""], "x\"y": 2}"#),
        r#"{"problems":["the whole: unknown member `x'y`","/env/0: a number where a text belongs","/env/1: an empty text"]}"#
    );
}

#[test]
fn a_document_has_a_longest() {
    let padded = |bytes: usize| format!("{{}}{}", " ".repeat(bytes - 2));
    for bytes in [DOCUMENT_BYTES_MAX - 1, DOCUMENT_BYTES_MAX] {
        assert_eq!(policy(&padded(bytes)), Policy::default());
    }
    assert_eq!(
        refused(&padded(DOCUMENT_BYTES_MAX + 1)),
        r#"{"problems":["the whole: 4194305 bytes, allowed 4194304"]}"#
    );
}
