//! What a policy of OPA's answered: its result set, believed only as far as the contract goes.

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};

/// Bytes that the code of a denial may have.
pub const REASON_BYTES_MAX: usize = 100;

/// What a policy answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It allows.
    Allow,
    /// It denies.
    Deny {
        /// Why: the policy's own code, `denied` where it gave none, `undefined` where no rule had a value.
        reason: String,
    },
    /// It answered, and not as the contract says: the denial `malformed_result`.
    Malformed,
}

impl Answer {
    /// The code of a denial.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Answer::Allow => None,
            Answer::Deny { reason } => Some(reason),
            Answer::Malformed => Some("malformed_result"),
        }
    }
}

/// Reads OPA's result set: `[]`, or `[{"result": V}]` with a V that is `true`, `false`, `{"kind":"allow"}`,
/// `{"kind":"deny","reason":code}` or `{"allow":bool,"reason":code?}`, strictly.
#[must_use]
pub fn read_answer(bytes: &[u8]) -> Answer {
    let Ok(results) = serde_json::from_slice::<Vec<Line>>(bytes) else {
        return Answer::Malformed;
    };
    match results.as_slice() {
        [] => denied("undefined"),
        [Line { result }] => result.answer(),
        _ => Answer::Malformed,
    }
}

fn denied(reason: &str) -> Answer {
    Answer::Deny {
        reason: reason.to_owned(),
    }
}

/// One line of the result set: `{"result": …}`.
struct Line {
    result: Said,
}

enum Said {
    Word(bool),
    Members(Members),
}

#[derive(Default)]
struct Members {
    kind: Option<String>,
    allow: Option<bool>,
    reason: Option<String>,
}

impl Said {
    fn answer(&self) -> Answer {
        let members = match self {
            Said::Word(true) => return Answer::Allow,
            Said::Word(false) => return denied("denied"),
            Said::Members(members) => members,
        };
        let reason = members.reason.as_deref();
        if reason.is_some_and(|reason| !is_code(reason)) {
            return Answer::Malformed;
        }
        match (members.kind.as_deref(), members.allow, reason) {
            (Some("allow"), None, None) | (None, Some(true), _) => Answer::Allow,
            (Some("deny"), None, Some(reason)) => denied(reason),
            (None, Some(false), reason) => denied(reason.unwrap_or("denied")),
            _ => Answer::Malformed,
        }
    }
}

fn is_code(reason: &str) -> bool {
    let of_code = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:/-".contains(&byte);
    (1..=REASON_BYTES_MAX).contains(&reason.len()) && reason.bytes().all(of_code)
}

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Line, D::Error> {
        deserializer.deserialize_map(Lines)
    }
}

impl<'de> Deserialize<'de> for Said {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Said, D::Error> {
        deserializer.deserialize_any(Saying)
    }
}

// By hand, because derived code takes a list for an object and null for a missing member.
struct Lines;

impl<'de> Visitor<'de> for Lines {
    type Value = Line;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a result")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Line, A::Error> {
        let mut result = None;
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "result" if result.is_none() => result = Some(map.next_value()?),
                _ => return Err(de::Error::custom("unknown or double member")),
            }
        }
        let result = result.ok_or_else(|| de::Error::missing_field("result"))?;
        Ok(Line { result })
    }
}

struct Saying;

impl<'de> Visitor<'de> for Saying {
    type Value = Said;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a decision")
    }

    fn visit_bool<E>(self, word: bool) -> Result<Said, E> {
        Ok(Said::Word(word))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Said, A::Error> {
        let mut members = Members::default();
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "kind" if members.kind.is_none() => members.kind = Some(map.next_value()?),
                "allow" if members.allow.is_none() => members.allow = Some(map.next_value()?),
                "reason" if members.reason.is_none() => members.reason = Some(map.next_value()?),
                _ => return Err(de::Error::custom("unknown or double member")),
            }
        }
        Ok(Said::Members(members))
    }
}
