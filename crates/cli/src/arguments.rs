//! `--arg name=value` and `--arg name=@file`: text to the named arguments of a service, or the members of a guard's
//! context.

use std::path::Path;

use serde_json::Value as Json;
use wardian_abi::{Arguments, Value};

use crate::exit::Usage;
use crate::input;
use crate::show::quoted;

/// One argument, not yet read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Argument {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// Splits at the first `=`.
pub(crate) fn parse(text: &str) -> Result<Argument, String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok(Argument {
            name: name.into(),
            value: value.into(),
        }),
        _ => Err("not of the form name=value or name=@file".into()),
    }
}

/// Where a value's bytes come from.
enum Read {
    Text(String),
    Bytes(Vec<u8>),
}

/// `@file` is the file's bytes, `@-` standard input's, `@@` a text that begins with `@`.
fn read(value: &str) -> anyhow::Result<Read> {
    match value.strip_prefix('@') {
        None => Ok(Read::Text(value.into())),
        Some(rest) if rest.starts_with('@') => Ok(Read::Text(rest.into())),
        Some(path) => Ok(Read::Bytes(input::read(Path::new(path), input::BYTES_MAX)?)),
    }
}

/// For the Service ABI: what reads as JSON is that value, anything else is text, a file is bytes.
pub(crate) fn service(arguments: &[Argument]) -> anyhow::Result<Arguments<'static>> {
    let mut out = Arguments::new();
    for Argument { name, value } in arguments {
        let value = match read(value)? {
            Read::Bytes(bytes) => Value::Bin(bytes.into()),
            Read::Text(text) => match serde_json::from_str::<Json>(&text) {
                Ok(json) => of_json(json),
                Err(_) => Value::Str(text.into()),
            },
        };
        if out.get(name).is_some() {
            return Err(Usage::new(format!("argument {} is given twice", quoted(name))).into());
        }
        out.set(name.clone(), value);
    }
    Ok(out)
}

/// For the Guard ABI: `{"context": …}`, from a whole context, single members, or both.
pub(crate) fn guard(whole: Option<&str>, arguments: &[Argument]) -> anyhow::Result<Vec<u8>> {
    let mut context = match whole {
        None => Json::Object(serde_json::Map::new()),
        Some(value) => json("the context", value)?,
    };
    for Argument { name, value } in arguments {
        let value = match read(value)? {
            Read::Text(text) => serde_json::from_str(&text).unwrap_or(Json::String(text)),
            Read::Bytes(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
                Usage::new(format!("the file of {} is not JSON: {error}", quoted(name)))
            })?,
        };
        let Json::Object(members) = &mut context else {
            return Err(Usage::new(
                "`--arg` adds members to a context, and the one given is no object",
            )
            .into());
        };
        members.insert(name.clone(), value);
    }
    Ok(serde_json::to_vec(
        &serde_json::json!({ "context": context }),
    )?)
}

/// A value of JSON, or a file of it; `what` begins the message if it is none.
pub(crate) fn json(what: &str, value: &str) -> anyhow::Result<Json> {
    let parsed = match read(value)? {
        Read::Text(text) => serde_json::from_str(&text),
        Read::Bytes(bytes) => serde_json::from_slice(&bytes),
    };
    Ok(parsed.map_err(|error| {
        Usage::new(format!("{what} is not JSON: {error}"))
            .hint(r#"write it as '{"amount": 10}', or @file.json"#)
    })?)
}

/// An event: its name, or JSON with a `type`.
pub(crate) fn event(value: &str) -> anyhow::Result<wardian_machine::Event> {
    let is_json = value.starts_with(['{', '"', '@']);
    let read = match is_json {
        true => json("the event", value)?,
        false => Json::String(value.into()),
    };
    Ok(wardian_machine::Event::from_json(read).map_err(|error| Usage::new(error.to_string()))?)
}

/// JSON has no bytes and no distinction of whole numbers beyond 64 bits.
fn of_json(json: Json) -> Value<'static> {
    match json {
        Json::Null => Value::Nil,
        Json::Bool(v) => Value::Bool(v),
        Json::Number(n) => match (n.as_i64(), n.as_u64()) {
            (Some(v), _) => Value::Int(v.into()),
            (None, Some(v)) => Value::Int(v.into()),
            (None, None) => Value::Float(n.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(v) => Value::Str(v.into()),
        Json::Array(v) => Value::Array(v.into_iter().map(of_json).collect()),
        Json::Object(v) => Value::Map(v.into_iter().map(|(k, v)| (k.into(), of_json(v))).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Value<'static> {
        let argument = parse(text).expect("name=value");
        let arguments = service(&[argument]).expect("readable");
        arguments.get("a").cloned().expect("there")
    }

    #[test]
    fn json_where_it_reads_as_json_else_text() {
        assert_eq!(one("a=800"), Value::Int(800));
        assert_eq!(one("a=18446744073709551615"), Value::Int(u64::MAX.into()));
        assert_eq!(one("a=0.5"), Value::Float(0.5));
        assert_eq!(one("a=true"), Value::Bool(true));
        assert_eq!(one("a=null"), Value::Nil);
        assert_eq!(one("a="), Value::Str("".into()));
        assert_eq!(one("a=b=c"), Value::Str("b=c".into()));
        assert_eq!(one(r#"a="800""#), Value::Str("800".into()));
        assert_eq!(one("a=@@home"), Value::Str("@home".into()));
        assert_eq!(
            one("a=[1,2]"),
            Value::Array(vec![Value::Int(1), Value::Int(2)])
        );
        assert!(parse("=x").is_err() && parse("x").is_err());
    }

    #[test]
    fn deep_json_is_refused_not_followed() {
        let deep = "[".repeat(100_000);
        assert_eq!(one(&format!("a={deep}")), Value::Str(deep.into()));
    }

    #[test]
    fn a_context_is_whole_or_in_members() {
        let text = |whole, members: &[&str]| {
            let members: Vec<_> = members
                .iter()
                .map(|m| parse(m).expect("name=value"))
                .collect();
            guard(whole, &members).map(|bytes| String::from_utf8(bytes).expect("JSON is text"))
        };
        assert_eq!(text(None, &[]).expect("fine"), r#"{"context":{}}"#);
        assert_eq!(
            text(Some(r#"{"a":1}"#), &["b=x"]).expect("fine"),
            r#"{"context":{"a":1,"b":"x"}}"#
        );
        assert_eq!(text(Some("7"), &[]).expect("fine"), r#"{"context":7}"#);
        assert!(text(Some("7"), &["b=x"]).is_err());
        assert!(text(Some("{"), &[]).is_err());
    }
}
