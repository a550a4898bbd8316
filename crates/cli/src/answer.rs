//! What a guest answered: read strictly by its ABI, then shown, written, or put into a report.

use serde_json::json;
use wardian_abi::{DecodeLimits, Response, Value as AbiValue};
use wardian_sandbox::{Answer, CallError, Value};

use crate::exit::Usage;
use crate::guest::Abi;
use crate::json;
use crate::output;
use crate::show;

/// What a guest's answer may consist of; its bytes are limited by `--limit output`.
const ANSWER: DecodeLimits = DecodeLimits {
    depth_max: 64,
    values_max: 1_000_000,
};

/// What a guest answered, by its ABI.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Said {
    Value(AbiValue<'static>),
    Verdict { ok: bool, reason: Option<String> },
    Values(Vec<Value>),
    Bytes(bytes::Bytes),
}

impl Said {
    /// Reads an answer as the ABI has it.
    pub(crate) fn read(abi: Abi, answer: Answer) -> Result<Said, CallError> {
        let bytes = match answer {
            Answer::Values(values) => return Ok(Said::Values(values)),
            Answer::Bytes(bytes) => bytes,
        };
        match abi {
            Abi::Raw => Ok(Said::Bytes(bytes)),
            Abi::Service => match Response::decode(&bytes, &ANSWER) {
                Ok(Response::Ok(value)) => Ok(Said::Value(value.into_owned())),
                Ok(Response::Err(error)) => Err(CallError::Guest {
                    code: clean(&error.code),
                    message: clean(&error.message),
                }),
                Err(error) => Err(CallError::Contract(error.to_string())),
            },
            Abi::Guard => verdict(&bytes),
        }
    }
    pub(crate) fn json(&self) -> serde_json::Value {
        match self {
            Said::Value(value) => json::of_abi(value),
            Said::Verdict { ok, reason } => json!({ "ok": ok, "reason": reason }),
            Said::Values(values) => values.iter().map(json::of_value).collect(),
            Said::Bytes(bytes) => json::bytes(bytes),
        }
    }

    /// For a report beside a file that holds the bytes.
    pub(crate) fn json_without_bytes(&self) -> serde_json::Value {
        let mut json = self.json();
        let members = json
            .as_object_mut()
            .into_iter()
            .flat_map(|object| object.values_mut());
        for member in members {
            if let Some(inner) = member.as_object_mut() {
                inner.remove("base64");
            }
        }
        if let Some(object) = json.as_object_mut() {
            object.remove("base64");
        }
        json
    }

    /// What `-o` writes.
    pub(crate) fn file_bytes(&self) -> Vec<u8> {
        match self {
            Said::Bytes(bytes) => bytes.to_vec(),
            Said::Value(AbiValue::Bin(bytes)) => bytes.to_vec(),
            Said::Value(AbiValue::Str(text)) => text.as_bytes().to_vec(),
            Said::Value(AbiValue::Map(members)) => {
                let mut all = members.iter().filter_map(|(_, value)| value.as_bytes());
                match (all.next(), all.next()) {
                    (Some(bytes), None) => bytes.to_vec(),
                    _ => self.json_bytes(),
                }
            }
            _ => self.json_bytes(),
        }
    }

    fn json_bytes(&self) -> Vec<u8> {
        (json::pretty(&self.json()) + "\n").into_bytes()
    }

    /// For a person, or a pipe.
    pub(crate) fn print(&self) -> anyhow::Result<()> {
        match self {
            Said::Bytes(bytes) => print_bytes(bytes),
            Said::Value(AbiValue::Bin(bytes)) => print_bytes(bytes),
            Said::Value(AbiValue::Str(text)) => output::print_foreign(text),
            Said::Value(value) => output::print_json(&json::of_abi(value)),
            Said::Verdict { ok: true, .. } => output::print("pass\n"),
            Said::Verdict {
                ok: false,
                reason: None,
            } => output::print("block\n"),
            Said::Verdict {
                ok: false,
                reason: Some(reason),
            } => output::print(&format!("block: {}\n", clean(reason))),
            Said::Values(values) => {
                let lines: String = values.iter().map(|value| line(value) + "\n").collect();
                output::print(&lines)
            }
        }
    }
}

fn print_bytes(bytes: &[u8]) -> anyhow::Result<()> {
    if output::is_terminal() {
        return Err(Usage::new(format!(
            "the answer is {}, and standard output is a terminal",
            show::bytes(bytes.len() as u64)
        ))
        .hint("write it to a file with `-o FILE`, or to the terminal with `-o -`")
        .into());
    }
    output::print_bytes(bytes)
}

/// Text as text, everything else as JSON on one line.
fn line(value: &Value) -> String {
    match json::of_value(value) {
        serde_json::Value::String(text) => clean(&text),
        other => clean(&other.to_string()),
    }
}

/// `{"ok": bool, "reason"?: text}`; a missing or null `ok` is false, other members are ignored.
fn verdict(bytes: &[u8]) -> Result<Said, CallError> {
    let broken = |what: String| CallError::Contract(clean(&what));
    let answer: serde_json::Value = serde_json::from_slice(bytes)
        .map_err(|error| broken(format!("the verdict is not JSON: {error}")))?;
    let members = answer
        .as_object()
        .ok_or_else(|| broken("the verdict is no object".into()))?;
    let ok = match members.get("ok") {
        None | Some(serde_json::Value::Null) => false,
        Some(serde_json::Value::Bool(ok)) => *ok,
        Some(_) => {
            return Err(broken(
                "`ok` of the verdict is neither true nor false".into(),
            ));
        }
    };
    let reason = match members.get("reason") {
        None | Some(serde_json::Value::Null) => None,
        Some(serde_json::Value::String(reason)) => Some(reason.clone()),
        Some(_) => return Err(broken("`reason` of the verdict is no text".into())),
    };
    Ok(Said::Verdict { ok, reason })
}

fn clean(text: &str) -> String {
    wardian_sandbox::text::clean(text.as_bytes(), 2_000)
}
