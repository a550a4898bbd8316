//! What the value of an entry point means: yes, or no with a code.
//!
//! Strict, since a value that was meant otherwise must not become a yes: an object has the members of one form and no
//! others, and a set or list of reasons is no decision.

use std::borrow::Cow;

use regorus::Value;

/// Bytes of a reason.
pub const REASON_BYTES_MAX: usize = 100;

/// The answer to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "an answer that nobody looks at protects nothing"]
pub enum Answer {
    /// It may be done.
    Allow,
    /// It may not, and why: of 1 to [`REASON_BYTES_MAX`] bytes, none of which JSON would escape.
    Deny(Cow<'static, str>),
}

impl Answer {
    /// A policy that says no and nothing else.
    pub const DENIED: Answer = Answer::Deny(Cow::Borrowed("denied"));
    /// No rule gave the entry point a value.
    pub const UNDEFINED: Answer = Answer::Deny(Cow::Borrowed("undefined"));
    /// The entry point's value is no decision.
    pub const MALFORMED_RESULT: Answer = Answer::Deny(Cow::Borrowed("malformed_result"));
    /// The input is not JSON.
    pub const MALFORMED_INPUT: Answer = Answer::Deny(Cow::Borrowed("malformed_input"));
    /// Evaluation ended with an error, such as two values for one rule.
    pub const EVALUATION_ERROR: Answer = Answer::Deny(Cow::Borrowed("evaluation_error"));
    /// Nothing is loaded.
    pub const POLICY_UNAVAILABLE: Answer = Answer::Deny(Cow::Borrowed("policy_unavailable"));

    /// The answer of a policy whose entry point has this value.
    pub fn of(value: &Value) -> Answer {
        match value {
            Value::Bool(true) => Answer::Allow,
            Value::Bool(false) => Answer::DENIED,
            Value::Undefined => Answer::UNDEFINED,
            Value::Object(object) => of_members(object.iter()),
            _ => Answer::MALFORMED_RESULT,
        }
    }

    /// The answer as every checker gives it, byte for byte.
    #[must_use]
    pub fn to_json(&self) -> Cow<'static, str> {
        match self {
            Answer::Allow => Cow::Borrowed(r#"{"kind":"allow"}"#),
            Answer::Deny(reason) => Cow::Owned(format!(r#"{{"kind":"deny","reason":"{reason}"}}"#)),
        }
    }
}

fn of_members<'v>(members: impl Iterator<Item = (&'v Value, &'v Value)>) -> Answer {
    let (mut kind, mut allow, mut reason) = (None, None, None);
    for (key, value) in members {
        let Value::String(key) = key else {
            return Answer::MALFORMED_RESULT;
        };
        match (&**key, value) {
            ("kind", Value::String(text)) => kind = Some(&**text),
            ("allow", Value::Bool(flag)) => allow = Some(*flag),
            ("reason", Value::String(text)) if is_reason(text) => reason = Some(&**text),
            _ => return Answer::MALFORMED_RESULT,
        }
    }
    match (kind, allow, reason) {
        (Some("allow"), None, None) | (None, Some(true), _) => Answer::Allow,
        (Some("deny"), None, Some(reason)) | (None, Some(false), Some(reason)) => {
            Answer::Deny(Cow::Owned(reason.to_owned()))
        }
        (None, Some(false), None) => Answer::DENIED,
        _ => Answer::MALFORMED_RESULT,
    }
}

fn is_reason(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:/-".contains(&byte);
    (1..=REASON_BYTES_MAX).contains(&text.len()) && text.bytes().all(known)
}

#[cfg(test)]
mod tests {
    use super::Answer;

    fn of(json: &str) -> String {
        let value = regorus::Value::from_json_str(json).unwrap();
        Answer::of(&value).to_json().into_owned()
    }

    #[test]
    fn both_forms_of_object_are_decisions() {
        for yes in [
            r#"{"kind":"allow"}"#,
            r#"{"allow":true}"#,
            r#"{"allow":true,"reason":"owner"}"#,
            "true",
        ] {
            assert_eq!(of(yes), r#"{"kind":"allow"}"#, "{yes}");
        }
        for (no, reason) in [
            (r#"{"kind":"deny","reason":"a.b_c:d/e-F9"}"#, "a.b_c:d/e-F9"),
            (r#"{"allow":false,"reason":"late"}"#, "late"),
            (r#"{"allow":false}"#, "denied"),
            ("false", "denied"),
        ] {
            assert_eq!(
                of(no),
                format!(r#"{{"kind":"deny","reason":"{reason}"}}"#),
                "{no}"
            );
        }
    }

    #[test]
    fn everything_else_is_malformed() {
        let longest = "r".repeat(100);
        assert!(of(&format!(r#"{{"kind":"deny","reason":"{longest}"}}"#)).contains(&longest));
        for other in [
            "1",
            "null",
            r#""allow""#,
            "[]",
            r#"["late"]"#,
            "{}",
            r#"{"kind":"allow","reason":"x"}"#,
            r#"{"kind":"allow","more":1}"#,
            r#"{"kind":"deny"}"#,
            r#"{"kind":"deny","reason":""}"#,
            r#"{"kind":"deny","reason":"two words"}"#,
            r#"{"kind":"deny","reason":"\""}"#,
            r#"{"kind":"deny","reason":"ü"}"#,
            r#"{"kind":"deny","reason":null}"#,
            r#"{"kind":"perhaps"}"#,
            r#"{"kind":"allow","allow":true}"#,
            r#"{"allow":"true"}"#,
            r#"{"allow":true,"reason":"two words"}"#,
            r#"{"allow":false,"reason":7}"#,
            r#"{"reason":"x"}"#,
            &format!(r#"{{"kind":"deny","reason":"{longest}r"}}"#),
        ] {
            assert_eq!(
                of(other),
                r#"{"kind":"deny","reason":"malformed_result"}"#,
                "{other}"
            );
        }
    }
}
