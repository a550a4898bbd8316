//! A component's values on the command line: numbers, booleans, characters and text as they are, everything else as
//! JSON, by the function's own signature.
//!
//! The forms are those that results are printed in: a record is an object, a variant `{"case": value}`, an enum its
//! name, a missing option `null`, a result `{"ok": value}` or `{"err": value}`, flags a list of names, `list<u8>` a list
//! of numbers or `@file`.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value as Json;
use wardian_sandbox::Value;
use wardian_sandbox::inspect::{ItemKind, ModuleInfo};

use crate::exit::Usage;
use crate::input;
use crate::show::{quoted, values};

/// How deep a type may nest; named types could name themselves in a hostile module.
const DEPTH_MAX: usize = 32;

/// The types that a component names, with what they are.
pub(crate) type Names = BTreeMap<String, String>;

/// The named types among a component's exports, interfaces included.
pub(crate) fn names(info: &ModuleInfo) -> Names {
    let members = info
        .exports
        .items
        .iter()
        .flat_map(|item| &item.members.items);
    info.exports
        .items
        .iter()
        .chain(members)
        .filter(|item| item.kind == ItemKind::Type)
        .map(|item| (item.name.clone(), item.signature.clone()))
        .collect()
}

/// Reads values for a function of a signature such as `func(name: string) -> u32`.
pub(crate) fn parse_all(
    function: &str,
    signature: &str,
    texts: &[String],
    names: &Names,
) -> anyhow::Result<Vec<Value>> {
    let inner = signature
        .strip_prefix("func(")
        .map_or("", |rest| closed(rest, ')').0);
    let params: Vec<(&str, &str)> = split(inner)
        .into_iter()
        .filter_map(|field| field.split_once(": "))
        .collect();
    if params.len() != texts.len() {
        let (takes, given) = (values(params.len()), texts.len());
        let message = format!("{} takes {takes}, given are {given}", quoted(function));
        return Err(Usage::new(message)
            .hint(format!("its signature is {signature}"))
            .into());
    }
    let pairs = texts.iter().zip(params);
    pairs
        .map(|(text, (name, ty))| from_text(text, ty, names, name))
        .collect()
}

fn from_text(text: &str, ty: &str, names: &Names, name: &str) -> anyhow::Result<Value> {
    let ty = resolved(ty, names);
    if let Some(path) = text.strip_prefix('@').filter(|_| ty == "list<u8>") {
        return Ok(Value::Bytes(
            input::read(Path::new(path), input::BYTES_MAX)?.into(),
        ));
    }
    let refused = || {
        Usage::new(format!("{} is no {ty}, which `{name}` takes", quoted(text))).hint(
            "text stands as it is, everything that is no number, boolean or character as JSON",
        )
    };
    let json = match ty {
        "string" | "char" => Json::String(text.into()),
        _ => serde_json::from_str(text).or_else(|_| as_name(text, ty).ok_or_else(refused))?,
    };
    Ok(of_json(&json, ty, names, 0).ok_or_else(refused)?)
}

/// The name of an enum's case needs no quotes.
fn as_name(text: &str, ty: &str) -> Option<Json> {
    ty.starts_with("enum {").then(|| Json::String(text.into()))
}

fn resolved<'a>(mut ty: &'a str, names: &'a Names) -> &'a str {
    for _ in 0..DEPTH_MAX {
        match names.get(ty) {
            Some(other) => ty = other,
            None => break,
        }
    }
    ty
}

fn of_json(json: &Json, ty: &str, names: &Names, depth: usize) -> Option<Value> {
    if depth > DEPTH_MAX {
        return None;
    }
    let ty = resolved(ty, names);
    if let Some(value) = primitive(json, ty) {
        return Some(value);
    }
    let (outer, inner) = opened(ty)?;
    let parts = split(inner);
    let deeper = |json: &Json, ty: &str| of_json(json, ty, names, depth + 1);
    match outer {
        "list" => list(json, parts.first()?, deeper),
        "tuple" => {
            let values = json
                .as_array()
                .filter(|values| values.len() == parts.len())?;
            let pairs = values.iter().zip(&parts);
            Some(Value::Tuple(
                pairs
                    .map(|(value, ty)| deeper(value, ty))
                    .collect::<Option<_>>()?,
            ))
        }
        "option" if json.is_null() => Some(Value::Option(None)),
        "option" => Some(Value::Option(Some(Box::new(deeper(json, parts.first()?)?)))),
        "result" => result(json, &parts, deeper),
        "record" => {
            let fields = json
                .as_object()
                .filter(|fields| fields.len() == parts.len())?;
            let field = |part: &&str| {
                let (name, ty) = part.split_once(": ")?;
                Some((name.to_owned(), deeper(fields.get(name)?, ty)?))
            };
            Some(Value::Record(
                parts.iter().map(field).collect::<Option<_>>()?,
            ))
        }
        "variant" => variant(json, &parts, deeper),
        "enum" => json
            .as_str()
            .filter(|name| parts.contains(name))
            .map(|name| Value::Enum(name.into())),
        "flags" => {
            let set: Vec<&str> = json
                .as_array()?
                .iter()
                .map(Json::as_str)
                .collect::<Option<_>>()?;
            let known = set.iter().all(|name| parts.contains(name));
            known.then(|| Value::Flags(set.into_iter().map(String::from).collect()))
        }
        _ => None,
    }
}

fn primitive(json: &Json, ty: &str) -> Option<Value> {
    fn whole<T: TryFrom<i64> + TryFrom<u64>>(json: &Json) -> Option<T> {
        let signed = json.as_i64().and_then(|v| T::try_from(v).ok());
        signed.or_else(|| json.as_u64().and_then(|v| T::try_from(v).ok()))
    }
    Some(match ty {
        "bool" => Value::Bool(json.as_bool()?),
        "s8" => Value::S8(whole(json)?),
        "u8" => Value::U8(whole(json)?),
        "s16" => Value::S16(whole(json)?),
        "u16" => Value::U16(whole(json)?),
        "s32" => Value::S32(whole(json)?),
        "u32" => Value::U32(whole(json)?),
        "s64" => Value::S64(whole(json)?),
        "u64" => Value::U64(whole(json)?),
        "f32" => Value::F32(json.as_f64()? as f32),
        "f64" => Value::F64(json.as_f64()?),
        "string" => Value::String(json.as_str()?.into()),
        "char" => {
            let mut chars = json.as_str()?.chars();
            let one = chars.next()?;
            Value::Char(chars.next().is_none().then_some(one)?)
        }
        _ => return None,
    })
}

fn list(json: &Json, ty: &str, deeper: impl Fn(&Json, &str) -> Option<Value>) -> Option<Value> {
    let values = json.as_array()?;
    if ty == "u8" {
        let bytes: Option<Vec<u8>> = values
            .iter()
            .map(|v| u8::try_from(v.as_u64()?).ok())
            .collect();
        return bytes.map(|bytes| Value::Bytes(bytes.into()));
    }
    values
        .iter()
        .map(|value| deeper(value, ty))
        .collect::<Option<_>>()
        .map(Value::List)
}

fn result(
    json: &Json,
    parts: &[&str],
    deeper: impl Fn(&Json, &str) -> Option<Value>,
) -> Option<Value> {
    let (name, json) = single(json)?;
    let at = match name {
        "ok" => 0,
        "err" => 1,
        _ => return None,
    };
    let inner = match parts.get(at).filter(|ty| **ty != "_") {
        Some(ty) => Some(Box::new(deeper(json, ty)?)),
        None if json.is_null() => None,
        None => return None,
    };
    Some(Value::Result(if at == 0 { Ok(inner) } else { Err(inner) }))
}

fn variant(
    json: &Json,
    parts: &[&str],
    deeper: impl Fn(&Json, &str) -> Option<Value>,
) -> Option<Value> {
    let (name, json) = match json {
        Json::String(name) => (name.as_str(), &Json::Null),
        other => single(other)?,
    };
    let case = parts
        .iter()
        .find(|part| part.split_once('(').map_or(**part, |(case, _)| case) == name)?;
    let inner = match case.split_once('(') {
        Some((_, rest)) => Some(Box::new(deeper(json, rest.strip_suffix(')')?)?)),
        None if json.is_null() => None,
        None => return None,
    };
    Some(Value::Variant(name.into(), inner))
}

fn single(json: &Json) -> Option<(&str, &Json)> {
    let object = json.as_object().filter(|object| object.len() == 1)?;
    object
        .iter()
        .next()
        .map(|(name, value)| (name.as_str(), value))
}

/// `list<u8>` → (`list`, `u8`); `record { a: u8 }` → (`record`, `a: u8`); `result` → (`result`, nothing).
fn opened(ty: &str) -> Option<(&str, &str)> {
    let Some(at) = ty.find(['<', '{']) else {
        return Some((ty, ""));
    };
    let (outer, rest) = ty.split_at(at);
    let inner = rest.get(1..rest.len().checked_sub(1)?)?;
    Some((outer.trim(), inner.trim()))
}

/// What stands before the bracket that closes the one before `text`, and what stands after it.
fn closed(text: &str, end: char) -> (&str, &str) {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            c if c == end && depth == 0 => return (&text[..at], &text[at + c.len_utf8()..]),
            '(' | '<' | '{' => depth += 1,
            ')' | '}' => depth = depth.saturating_sub(1),
            '>' if !text[..at].ends_with('-') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    (text, "")
}

/// Splits at the commas that stand in no bracket.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (part, after) = closed(rest, ',');
        parts.push(part.trim());
        rest = after;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok(text: &str, ty: &str) -> Value {
        let names = Names::from([
            ("point".into(), "record { x: s32, y: s32 }".into()),
            ("colour".into(), "enum { red, green }".into()),
            ("loop".into(), "loop".into()),
        ]);
        from_text(text, ty, &names, "it").expect("a value")
    }

    fn refused(text: &str, ty: &str) {
        assert!(
            from_text(text, ty, &Names::new(), "it").is_err(),
            "{text} as {ty}"
        );
    }

    #[test]
    fn values_by_their_types() {
        assert_eq!(ok("7", "u32"), Value::U32(7));
        assert_eq!(ok("18446744073709551615", "u64"), Value::U64(u64::MAX));
        assert_eq!(ok("7", "string"), Value::String("7".into()));
        assert_eq!(ok("ä", "char"), Value::Char('ä'));
        assert_eq!(ok("[1,255]", "list<u8>"), Value::Bytes(vec![1, 255].into()));
        assert_eq!(ok("null", "option<u8>"), Value::Option(None));
        assert_eq!(ok("green", "colour"), Value::Enum("green".into()));
        let point = |x, y| {
            Value::Record(vec![
                ("x".into(), Value::S32(x)),
                ("y".into(), Value::S32(y)),
            ])
        };
        assert_eq!(
            ok(r#"[{"x":1,"y":2}]"#, "list<point>"),
            Value::List(vec![point(1, 2)])
        );
        let pair = Value::Tuple(vec![
            Value::U8(1),
            Value::List(vec![Value::String("a".into())]),
        ]);
        assert_eq!(ok(r#"[1,["a"]]"#, "tuple<u8, list<string>>"), pair);
        let failed = Value::Result(Err(Some(Box::new(Value::String("no".into())))));
        assert_eq!(ok(r#"{"err":"no"}"#, "result<_, string>"), failed);
        let circle = Value::Variant("circle".into(), Some(Box::new(Value::F64(1.5))));
        assert_eq!(
            ok(r#"{"circle":1.5}"#, "variant { dot, circle(f64) }"),
            circle
        );
        assert_eq!(
            ok(r#""dot""#, "variant { dot, circle(f64) }"),
            Value::Variant("dot".into(), None)
        );
        assert_eq!(
            ok(r#"["a"]"#, "flags { a, b }"),
            Value::Flags(vec!["a".into()])
        );
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        refused("256", "u8");
        refused("-1", "u8");
        refused("ab", "char");
        refused("[1,256]", "list<u8>");
        refused(r#"["c"]"#, "flags { a, b }");
        refused("blue", "enum { red, green }");
        refused(r#"{"x":1,"z":2}"#, "record { x: s32, y: s32 }");
        refused("1", "borrow<file>");
        let names = Names::from([("loop".into(), "list<loop>".into())]);
        assert!(
            from_text(
                &format!("{}{}", "[".repeat(100), "]".repeat(100)),
                "loop",
                &names,
                "it"
            )
            .is_err()
        );
    }

    #[test]
    fn parameters_are_split_at_their_own_commas() {
        let signature = "func(a: tuple<u8, u8>, b: string) -> u32";
        let texts = ["[1,2]".to_owned(), "x".to_owned()];
        let values = parse_all("f", signature, &texts, &Names::new()).expect("values");
        assert_eq!(
            values,
            [
                Value::Tuple(vec![Value::U8(1), Value::U8(2)]),
                Value::String("x".into())
            ]
        );
    }
}
