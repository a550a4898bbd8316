//! What comes out of the box: a decision, or a code for why there is none.

use std::time::Duration;

use serde::Deserialize;
use wardian_sandbox::{CallError, Limit, Outcome, Value};

use crate::{Decision, Reason};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said<'t> {
    #[serde(borrow)]
    kind: std::borrow::Cow<'t, str>,
    #[serde(borrow, default, deserialize_with = "present")]
    reason: Option<std::borrow::Cow<'t, str>>,
}

/// Null is not "no reason": it is none of the contract's values.
fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// Reads what a core module answered: JSON of exactly `{"kind":"allow"}` or `{"kind":"deny","reason":code}`, however it is
/// written. Everything else is denied as `malformed_result`.
pub(crate) fn read(answer: &[u8]) -> Decision {
    if answer == br#"{"kind":"allow"}"# {
        return Decision::Allow;
    }
    strictly(answer).unwrap_or(Decision::Deny(Reason::MALFORMED_RESULT))
}

/// The same, and nothing where it is no answer.
pub(crate) fn strictly(answer: &[u8]) -> Option<Decision> {
    // A list would be read as an object's members.
    let first = answer.iter().find(|byte| !byte.is_ascii_whitespace())?;
    if *first != b'{' {
        return None;
    }
    let said: Said<'_> = serde_json::from_slice(answer).ok()?;
    match (&*said.kind, said.reason) {
        ("allow", None) => Some(Decision::Allow),
        ("deny", Some(code)) => Reason::from_code(&code).map(Decision::Deny),
        _ => None,
    }
}

/// Reads what a component answered: `allow`, or `deny(code)`.
pub(crate) fn read_values(values: &[Value]) -> Decision {
    let decision = match values {
        [Value::Variant(case, None)] if case == "allow" => Some(Decision::Allow),
        [Value::Variant(case, Some(payload))] if case == "deny" => match &**payload {
            Value::String(code) => Reason::from_code(code).map(Decision::Deny),
            _ => None,
        },
        _ => None,
    };
    decision.unwrap_or(Decision::Deny(Reason::MALFORMED_RESULT))
}

/// Why a call that did not end well is a no.
pub(crate) fn reason(error: &CallError, outcome: &Outcome, deadline: Duration) -> Reason {
    match error {
        CallError::Trap(_) | CallError::Panic { .. } => Reason::TRAP,
        CallError::Limit { which, .. } => match which {
            Limit::Memory | Limit::MemoryTotal | Limit::Table => Reason::OUT_OF_MEMORY,
            Limit::Fuel => Reason::OUT_OF_FUEL,
            Limit::Deadline => Reason::TIMEOUT,
            Limit::Stack | Limit::HostCalls => Reason::TRAP,
            Limit::Input => Reason::MALFORMED_INPUT,
            Limit::Output => Reason::MALFORMED_RESULT,
            Limit::Depth
            | Limit::ModuleBytes
            | Limit::Functions
            | Limit::BodyBytes
            | Limit::Parts
            | Limit::CompileTime
            | Limit::CompileMemory => Reason::POLICY_UNAVAILABLE,
        },
        CallError::Contract(_) | CallError::Guest { .. } => Reason::MALFORMED_RESULT,
        // It waited for its turn until its time was over; otherwise there was no room to wait in.
        CallError::Busy if outcome.usage.wall >= deadline => Reason::TIMEOUT,
        CallError::Cancelled | CallError::Refused(_) | CallError::Busy | CallError::Host(_) => {
            Reason::POLICY_UNAVAILABLE
        }
    }
}
