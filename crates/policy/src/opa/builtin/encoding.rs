//! `hex.*`, `base64url.encode_no_pad`, `urlquery.*`.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{Builtin, Said};
use crate::opa::term::Term;

/// What a query keeps as it is; a space becomes a plus.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b' ');

pub(super) fn known(name: &str) -> Option<Builtin> {
    Some(match name {
        "hex.encode" => |args, _| of_text(args, |text| Some(HEXLOWER.encode(text.as_bytes()))),
        "hex.decode" => |args, _| of_text(args, decoded),
        "base64url.encode_no_pad" => {
            |args, _| of_text(args, |text| Some(BASE64URL_NOPAD.encode(text.as_bytes())))
        }
        "urlquery.encode" => |args, _| of_text(args, |text| Some(escaped(text))),
        "urlquery.decode" => |args, _| of_text(args, unescaped),
        "urlquery.encode_object" => encode_object,
        "urlquery.decode_object" => decode_object,
        _ => return None,
    })
}

fn of_text(args: &[Term], does: impl Fn(&str) -> Option<String>) -> Said {
    let [Term::String(text)] = args else {
        return Ok(None);
    };
    Ok(does(text).map(Term::String))
}

fn decoded(text: &str) -> Option<String> {
    let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?;
    String::from_utf8(bytes).ok()
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, QUERY)
        .to_string()
        .replace(' ', "+")
}

/// Strict, as Go: a percent sign must be followed by two hex digits.
fn unescaped(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    parts.next();
    let strict = parts.all(|part| {
        let mut digits = part.bytes().take(2);
        digits.len() == 2 && digits.all(|digit| digit.is_ascii_hexdigit())
    });
    if !strict {
        return None;
    }
    let text = text.replace('+', " ");
    let text = percent_decode_str(&text).decode_utf8().ok()?;
    Some(text.into_owned())
}

/// By key, and each text of a key in its order.
fn encode_object(args: &[Term], _: u64) -> Said {
    let [Term::Object(members)] = args else {
        return Ok(None);
    };
    let mut pairs: Vec<(&str, Vec<&str>)> = Vec::new();
    for (key, value) in members {
        let texts: Option<Vec<&str>> = match value {
            Term::String(text) => Some(vec![text]),
            other => other
                .as_items()
                .and_then(|items| items.iter().map(Term::as_str).collect()),
        };
        match (key.as_str(), texts) {
            (Some(key), Some(texts)) => pairs.push((key, texts)),
            _ => return Ok(None),
        }
    }
    pairs.sort_unstable();
    let pairs: Vec<String> = pairs
        .iter()
        .flat_map(|(key, texts)| texts.iter().map(move |text| (key, text)))
        .map(|(key, text)| format!("{}={}", escaped(key), escaped(text)))
        .collect();
    Ok(Some(Term::String(pairs.join("&"))))
}

fn decode_object(args: &[Term], _: u64) -> Said {
    let [Term::String(query)] = args else {
        return Ok(None);
    };
    let mut members: std::collections::BTreeMap<String, Vec<Term>> = Default::default();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        match (unescaped(key), unescaped(value)) {
            (Some(key), Some(value)) if !pair.contains(';') => {
                members.entry(key).or_default().push(Term::String(value));
            }
            _ => return Ok(None),
        }
    }
    let members = members.into_iter();
    let members = members.map(|(key, values)| (Term::String(key), Term::Array(values)));
    Ok(Some(Term::Object(members.collect())))
}
