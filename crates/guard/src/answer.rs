//! What comes out: JSON that is believed only as far as the contract goes.

use serde::Deserialize;
use serde_json::Value;
use wardian_machine::{Said, Verdict, Wanted};
use wardian_sandbox::text::clean;

use crate::GuardError;

/// Characters of a reason that are kept.
pub const REASON_CHARS_MAX: usize = 500;
/// Characters of a guest's own error that are kept.
pub const ERROR_CHARS_MAX: usize = 500;

/// A guard's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Whether it passes.
    pub ok: bool,
    /// Why not, cut and escaped.
    pub reason: Option<String>,
}

#[derive(Deserialize)]
struct Verdicts {
    ok: Option<bool>,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Effects {
    effects: Option<Vec<Value>>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Contexts {
    #[serde(default, deserialize_with = "present")]
    context: Option<Value>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Results {
    #[serde(default, deserialize_with = "present")]
    result: Option<Value>,
    error: Option<String>,
}

/// Null is a value here, other than nothing.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Answered {
    /// Reads a guard's response: unknown keys are ignored, a missing or null `ok` is false.
    ///
    /// # Errors
    /// [`GuardError::Answer`] for everything else that is no such object.
    pub fn read(response: &[u8]) -> Result<Answered, GuardError> {
        let Verdicts { ok, reason } = read(response)?;
        Ok(Answered {
            ok: ok.unwrap_or(false),
            reason: reason.map(|reason| clean(reason.as_bytes(), REASON_CHARS_MAX)),
        })
    }
}

fn read<'r, T: Deserialize<'r>>(response: &'r [u8]) -> Result<T, GuardError> {
    // A list would be read as an object's members.
    let first = response.iter().find(|byte| !byte.is_ascii_whitespace());
    match first {
        None => Err(GuardError::Answer("empty answer".into())),
        Some(b'{') => serde_json::from_slice(response)
            .map_err(|error| GuardError::Answer(clean(error.to_string().as_bytes(), 200))),
        Some(_) => Err(GuardError::Answer("the answer is no JSON object".into())),
    }
}

/// What the machine is told.
pub(crate) fn said(wanted: Wanted, response: Result<&[u8], GuardError>) -> Said {
    match wanted {
        Wanted::Verdict => Said::Verdict(match response.and_then(Answered::read) {
            Ok(Answered { ok: true, .. }) => Verdict::Pass,
            Ok(Answered { ok: false, reason }) => Verdict::Block { reason },
            Err(error) => Verdict::Error(error.into()),
        }),
        Wanted::Effects => Said::Effects(part(response, "effects", |answer: Effects| {
            (answer.effects, answer.error)
        })),
        Wanted::Context => Said::Context(part(response, "context", |answer: Contexts| {
            (answer.context, answer.error)
        })),
        Wanted::Result => Said::Result(part(response, "result", |answer: Results| {
            (answer.result, answer.error)
        })),
    }
}

/// The one member that was asked for, unless the guest says that it failed.
fn part<'r, A: Deserialize<'r>, T>(
    response: Result<&'r [u8], GuardError>,
    name: &str,
    take: impl FnOnce(A) -> (Option<T>, Option<String>),
) -> Result<T, wardian_machine::Failure> {
    let answer = response.and_then(read)?;
    match take(answer) {
        (_, Some(error)) => {
            let error = clean(error.as_bytes(), ERROR_CHARS_MAX);
            Err(GuardError::Failed(error).into())
        }
        (Some(value), None) => Ok(value),
        (None, None) => Err(GuardError::Answer(format!("`{name}` is missing")).into()),
    }
}
