//! What a guest may say, and what is made of everything else.

use wardian_policy::{Decision, PolicyChecker, Reason};
use wardian_sandbox::{Sandbox, SandboxConfig};

use crate::guests::{home, loaded, says};

fn decision(sandbox: &Sandbox, text: &str) -> Decision {
    loaded(sandbox, says(text)).check_blocking(&home())
}

#[test]
fn any_json_text_of_the_two_answers_is_one() {
    let sandbox = Sandbox::new(SandboxConfig::default()).unwrap();
    let own = Reason::from_code("office.closed").unwrap();
    for (text, wanted) in [
        (r#"{"kind":"allow"}"#, Decision::Allow),
        (" { \"kind\" :\n\"\\u0061llow\" } ", Decision::Allow),
        (
            r#"{"reason":"trap","kind":"deny"}"#,
            Decision::Deny(Reason::TRAP),
        ),
        (
            r#"{"kind":"deny","reason":"office.closed"}"#,
            Decision::Deny(own),
        ),
    ] {
        assert_eq!(decision(&sandbox, text), wanted, "{text}");
    }
}

#[test]
fn everything_else_is_a_malformed_result() {
    let sandbox = Sandbox::new(SandboxConfig::default()).unwrap();
    let long = format!(r#"{{"kind":"deny","reason":"{}"}}"#, "a".repeat(101));
    for text in [
        "",
        "allow",
        "true",
        "null",
        "{}",
        r#"["allow"]"#,
        r#"["deny","x"]"#,
        r#"{"kind":"Allow"}"#,
        r#"{"kind":"abstain"}"#,
        r#"{"kind":"allow","reason":"x"}"#,
        r#"{"kind":"allow","reason":null}"#,
        r#"{"kind":"allow","more":1}"#,
        r#"{"kind":"allow","kind":"allow"}"#,
        r#"{"kind":"deny","kind":"allow"}"#,
        r#"{"kind":"allow"}{"kind":"deny"}"#,
        "{\"kind\":\"allow\"}\0",
        r#"{"kind":"deny"}"#,
        r#"{"kind":"deny","reason":null}"#,
        r#"{"kind":"deny","reason":""}"#,
        r#"{"kind":"deny","reason":"a b"}"#,
        r#"{"kind":"deny","reason":"a\u001b[31m"}"#,
        r#"{"kind":"deny","reason":"é"}"#,
        r#"{"kind":"deny","reason":1}"#,
        &long,
    ] {
        let malformed = Decision::Deny(Reason::MALFORMED_RESULT);
        assert_eq!(decision(&sandbox, text), malformed, "{text}");
    }
    let longest = format!(r#"{{"kind":"deny","reason":"{}"}}"#, "a".repeat(100));
    assert_eq!(
        decision(&sandbox, &longest).reason().map(Reason::code),
        Some("a".repeat(100).as_str())
    );
}
