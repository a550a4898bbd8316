//! One meaning, wherever it is decided: natively, as a core module, as a component.

use std::collections::BTreeMap;

use wardian_policy::{Input, LocalChecker, PolicyChecker, make};
use wardian_sandbox::{Binding, Call, Contract, OptLevel, Sandbox, SandboxConfig, Source};
use wardian_testkit::policy::{case, fixtures, judge};

use crate::guests::loaded;

/// Generated questions that each generated policy is asked.
const ASKED_OF_EACH: u64 = 200;

/// Compiles fast: hundreds of policies are made here, and each is asked little.
fn sandbox() -> Sandbox {
    let mut config = SandboxConfig::default();
    config.engine.opt = OptLevel::None;
    Sandbox::new(config).unwrap()
}

/// All checkers of a document, with their names.
fn checkers(sandbox: &Sandbox, document: &[u8]) -> Vec<(&'static str, Box<dyn PolicyChecker>)> {
    let local = LocalChecker::from_json(document).unwrap();
    let core = make::from_document(sandbox, document).unwrap();
    let component = make::componentize(&core).unwrap();
    vec![
        ("local", Box::new(local)),
        ("core", Box::new(loaded(sandbox, core.into()))),
        ("component", Box::new(loaded(sandbox, component))),
    ]
}

/// What a host answers to a text: a question that is none reaches no checker.
fn answer(checker: &dyn PolicyChecker, input: &[u8]) -> String {
    match Input::from_json(input) {
        Ok(input) => checker.check_blocking(&input).to_json().into_owned(),
        Err(_) => r#"{"kind":"deny","reason":"malformed_input"}"#.into(),
    }
}

#[test]
fn golden_fixtures_are_answered_alike_by_every_checker() {
    let sandbox = sandbox();
    let fixtures = fixtures().unwrap();
    assert!(fixtures.len() >= 60, "{}", fixtures.len());
    // Many are about the same policy, which is made once.
    let mut made = BTreeMap::new();
    for fixture in fixtures {
        let input = fixture.input.to_string();
        let expected = fixture.expected.to_string();
        let policy = fixture.policy.to_string();
        let checkers = made
            .entry(policy)
            .or_insert_with_key(|policy| checkers(&sandbox, policy.as_bytes()));
        for (checker, asked) in checkers {
            let said = answer(&**asked, input.as_bytes());
            assert_eq!(said, expected, "{}, {checker}", fixture.name);
        }
    }
}

#[test]
fn generated_questions_are_answered_alike_by_every_checker() {
    let sandbox = sandbox();
    // `cargo xtask policies` asks for a million.
    let cases = std::env::var("WARDIAN_CASES").map_or(2_000, |cases| cases.parse().unwrap());
    for policy in 0..cases / ASKED_OF_EACH {
        let document = case(policy).1;
        let all = checkers(&sandbox, document.to_string().as_bytes());
        for seed in 0..ASKED_OF_EACH {
            let input = case(policy * 1_000 + seed).0;
            let expected = judge(&input, &document);
            for (checker, asked) in &all {
                let said = answer(&**asked, input.to_string().as_bytes());
                assert_eq!(said, expected, "{checker}: {input} by {document}");
            }
        }
    }
}

/// What the host does not let through the guest does not take for a question either.
#[test]
fn a_text_that_is_no_question_is_none_in_the_box_too() {
    let sandbox = sandbox();
    let core = make::from_document(&sandbox, br#"{"env": ["HOME"]}"#).unwrap();
    let module = sandbox.load_blocking(Source::new("rules", core)).unwrap();
    let linked = module.link(&Binding::new(Contract::policy())).unwrap();
    let said = |text: &str| {
        let outcome = linked.call_blocking(Call::bytes("policy_check", text.to_owned()));
        String::from_utf8(outcome.result.unwrap().bytes().to_vec()).unwrap()
    };
    let denied = r#"{"kind":"deny","reason":"malformed_input"}"#;
    let malformed: serde_json::Value = serde_json::from_str(denied).unwrap();
    let mut tried = 0;
    for fixture in fixtures().unwrap() {
        if fixture.expected == malformed {
            tried += 1;
            assert_eq!(said(&fixture.input.to_string()), denied, "{}", fixture.name);
        }
    }
    assert!(tried > 10, "{tried}");
    for text in ["", "{", "nonsense", "[]", "null", "{} {}", "\u{0}"] {
        assert_eq!(said(text), denied, "{text:?}");
    }
    let home = r#"{"action":"env.read","resource":{"kind":"env_var","id":"HOME"}}"#;
    assert_eq!(said(home), r#"{"kind":"allow"}"#);
}

#[test]
fn every_policy_that_is_none_is_refused_when_it_is_made() {
    let sandbox = sandbox();
    let error = make::from_document(&sandbox, br#"{"env": [""], "more": 1}"#).unwrap_err();
    assert_eq!(error.code(), "make.document");
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(
        source.contains("/env/0") && source.contains("more"),
        "{source}"
    );
}
