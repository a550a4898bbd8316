//! `regex.replace`, `regex.split`, `regex.find_n`, `glob.quote_meta`. Other `regex.*` and `glob.*` are in the module.
//!
//! The engine never backtracks, but finding all matches may take the square of the text's length: both are short here.

use regex::{Regex, RegexBuilder};

use super::{Builtin, Fault, Said, within};
use crate::opa::term::Term;

/// Bytes of a pattern.
const PATTERN_BYTES_MAX: usize = 1024;
/// Bytes of a text that a pattern is looked for in.
const TEXT_BYTES_MAX: usize = 8 * 1024;
/// Bytes of a compiled pattern.
const COMPILED_BYTES_MAX: usize = 256 * 1024;

pub(super) fn known(name: &str) -> Option<Builtin> {
    Some(match name {
        "regex.replace" => replace,
        "regex.split" => split,
        "regex.find_n" => find_n,
        "glob.quote_meta" => quote_meta,
        _ => return None,
    })
}

/// The pattern, or nothing where it is none.
fn compiled(pattern: &str, text: &str) -> Result<Option<Regex>, Fault> {
    within("pattern", pattern.len(), PATTERN_BYTES_MAX)?;
    within("text", text.len(), TEXT_BYTES_MAX)?;
    let regex = RegexBuilder::new(pattern)
        .size_limit(COMPILED_BYTES_MAX)
        .dfa_size_limit(COMPILED_BYTES_MAX)
        .build();
    Ok(regex.ok())
}

fn replace(args: &[Term], _: u64) -> Said {
    let [
        Term::String(text),
        Term::String(pattern),
        Term::String(with),
    ] = args
    else {
        return Ok(None);
    };
    within("text", with.len(), PATTERN_BYTES_MAX)?;
    let Some(regex) = compiled(pattern, text)? else {
        return Ok(None);
    };
    Ok(Some(regex.replace_all(text, with).into_owned().into()))
}

fn split(args: &[Term], _: u64) -> Said {
    let [Term::String(pattern), Term::String(text)] = args else {
        return Ok(None);
    };
    let Some(regex) = compiled(pattern, text)? else {
        return Ok(None);
    };
    // Go's way: no empty part for a match of nothing at either end.
    let (mut parts, mut from) = (Vec::new(), 0);
    for found in regex.find_iter(text) {
        if found.end() == 0 || (found.is_empty() && found.start() == text.len()) {
            continue;
        }
        parts.push(Term::from(
            text.get(from..found.start()).unwrap_or_default(),
        ));
        from = found.end();
    }
    parts.push(Term::from(text.get(from..).unwrap_or_default()));
    Ok(Some(Term::Array(parts)))
}

fn find_n(args: &[Term], _: u64) -> Said {
    let [Term::String(pattern), Term::String(text), count] = args else {
        return Ok(None);
    };
    let (Some(count), Some(regex)) = (count.as_i64(), compiled(pattern, text)?) else {
        return Ok(None);
    };
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let found = regex.find_iter(text).take(count);
    let found = found.map(|found| Term::from(found.as_str()));
    Ok(Some(Term::Array(found.collect())))
}

fn quote_meta(args: &[Term], _: u64) -> Said {
    let [Term::String(pattern)] = args else {
        return Ok(None);
    };
    let mut quoted = String::new();
    for letter in pattern.chars() {
        if r"*?\[]{}".contains(letter) {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    Ok(Some(quoted.into()))
}
