//! JSON as scripts want it: exact, and yet nothing in it can change a terminal.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};
use wardian_abi::Value as AbiValue;
use wardian_sandbox::text::clean;
use wardian_sandbox::{Usage, Value};

/// A call's bill, times in microseconds.
pub(crate) fn usage(usage: &Usage) -> Json {
    let micros = |d: std::time::Duration| u64::try_from(d.as_micros()).unwrap_or(u64::MAX);
    json!({
        "fuel": usage.fuel,
        "wall_us": micros(usage.wall),
        "guest_us": micros(usage.guest),
        "memory_peak_bytes": usage.memory_peak_bytes,
        "refusals": usage.refusals,
        "host_calls": usage.host_calls,
        "log_bytes": usage.log_bytes,
        "bytes_in": usage.bytes_in,
        "bytes_out": usage.bytes_out,
    })
}

/// Indented, with every character escaped that does not show as itself: JSON has room for that inside its strings, and
/// outside of them only ASCII stands.
pub(crate) fn pretty(value: &Json) -> String {
    // A value made of maps with text for keys cannot fail.
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    let mut out = String::with_capacity(text.len());
    let mut buffer = [0; 4];
    for c in text.chars() {
        if c.is_ascii() && c != '\u{7f}' {
            out.push(c);
            continue;
        }
        let one: &str = c.encode_utf8(&mut buffer);
        if clean(one.as_bytes(), 16) == one {
            out.push(c);
        } else {
            escape(&mut out, c);
        }
    }
    out
}

fn escape(out: &mut String, c: char) {
    use std::fmt::Write as _;
    for unit in c.encode_utf16(&mut [0; 2]) {
        // Writing into a String does not fail.
        let _ = write!(out, "\\u{unit:04x}");
    }
}

/// Bytes have no place in JSON: their number, and Base64.
pub(crate) fn bytes(bytes: &[u8]) -> Json {
    json!({ "bytes": bytes.len(), "base64": STANDARD.encode(bytes) })
}

/// A service's value.
pub(crate) fn of_abi(value: &AbiValue<'_>) -> Json {
    match value {
        AbiValue::Nil => Json::Null,
        AbiValue::Bool(v) => json!(v),
        AbiValue::Int(v) => i64::try_from(*v)
            .map(Json::from)
            .or_else(|_| u64::try_from(*v).map(Json::from))
            .unwrap_or_else(|_| json!(v.to_string())),
        AbiValue::Float(v) => float(*v),
        AbiValue::Str(v) => json!(v),
        AbiValue::Bin(v) => bytes(v),
        AbiValue::Array(v) => v.iter().map(of_abi).collect(),
        AbiValue::Map(v) => v.iter().map(|(k, v)| (k.to_string(), of_abi(v))).collect(),
    }
}

/// A core or component value.
pub(crate) fn of_value(value: &Value) -> Json {
    let inner = |v: &Option<Box<Value>>| v.as_deref().map_or(Json::Null, of_value);
    match value {
        Value::I32(v) | Value::S32(v) => json!(v),
        Value::I64(v) | Value::S64(v) => json!(v),
        Value::F32(v) => float((*v).into()),
        Value::F64(v) => float(*v),
        Value::Bool(v) => json!(v),
        Value::S8(v) => json!(v),
        Value::U8(v) => json!(v),
        Value::S16(v) => json!(v),
        Value::U16(v) => json!(v),
        Value::U32(v) => json!(v),
        Value::U64(v) => json!(v),
        Value::Char(v) => json!(v),
        Value::String(v) | Value::Enum(v) => json!(v),
        Value::Bytes(v) => bytes(v),
        Value::List(v) | Value::Tuple(v) => v.iter().map(of_value).collect(),
        Value::Record(v) => v.iter().map(|(k, v)| (k.clone(), of_value(v))).collect(),
        Value::Variant(name, v) => json!({ name: inner(v) }),
        Value::Option(v) => inner(v),
        Value::Result(Ok(v)) => json!({ "ok": inner(v) }),
        Value::Result(Err(v)) => json!({ "err": inner(v) }),
        Value::Flags(v) => json!(v),
    }
}

/// JSON has no NaN and no infinity; they stand as text.
fn float(v: f64) -> Json {
    if v.is_finite() {
        json!(v)
    } else {
        json!(v.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hidden_survives_and_nothing_is_lost() {
        let text = "plain, ünïcode, \u{1b}[31m, \u{202e}, \u{7f}, \u{e0041}, \u{9b}";
        let shown = pretty(&json!({ "text": text }));
        assert!(
            shown
                .chars()
                .all(|c| c == '\n' || clean(c.to_string().as_bytes(), 9) == c.to_string()),
            "{shown}"
        );
        assert!(shown.contains("ünïcode"));
        let read: Json = serde_json::from_str(&shown).expect("still JSON");
        assert_eq!(read["text"], text);
    }
}
