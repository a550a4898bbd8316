//! `units.parse` and `units.parse_bytes`: amounts with a unit, such as `128MiB`.

use super::Said;
use crate::opa::term::{Term, whole};

/// Letters after which a number of bytes is this many times as many, with the binary ones twice as long.
const BYTES: [(&str, &str, u32); 6] = [
    ("k", "ki", 1),
    ("m", "mi", 2),
    ("g", "gi", 3),
    ("t", "ti", 4),
    ("p", "pi", 5),
    ("e", "ei", 6),
];

/// Case tells mega from milli.
pub(super) fn parse(args: &[Term], _: u64) -> Said {
    let [Term::String(text)] = args else {
        return Ok(None);
    };
    let Some((amount, unit)) = split(text) else {
        return Ok(None);
    };
    let amount = match unit {
        "m" => Some(amount / 1000.0),
        "" => Some(amount),
        unit => factor(&unit.to_lowercase()).map(|factor| amount * factor),
    };
    Ok(amount.and_then(number))
}

/// Whole bytes, whatever the case.
pub(super) fn parse_bytes(args: &[Term], _: u64) -> Said {
    let [Term::String(text)] = args else {
        return Ok(None);
    };
    let Some((amount, unit)) = split(text) else {
        return Ok(None);
    };
    let unit = unit.to_lowercase();
    let amount = match unit.as_str() {
        "" => Some(amount),
        unit => factor(unit.strip_suffix('b').unwrap_or(unit)).map(|factor| amount * factor),
    };
    Ok(amount.map(f64::floor).and_then(number))
}

fn factor(unit: &str) -> Option<f64> {
    BYTES.iter().find_map(|(decimal, binary, power)| {
        let power = i32::try_from(*power).ok()?;
        match unit {
            unit if unit == *decimal => Some(1000f64.powi(power)),
            unit if unit == *binary => Some(1024f64.powi(power)),
            _ => None,
        }
    })
}

/// A number, which an exponent may belong to, and what is behind it.
fn split(text: &str) -> Option<(f64, &str)> {
    let text = text.trim_matches('"');
    let mut letters = text.char_indices().peekable();
    let mut unit_at = text.len();
    while let Some((at, letter)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        let exponent = next.is_some_and(|next| next.is_ascii_digit() || "+-".contains(next));
        match letter {
            '0'..='9' | '.' | '+' | '-' => {}
            'e' | 'E' if exponent => {}
            _ => {
                unit_at = at;
                break;
            }
        }
    }
    let (amount, unit) = text.split_at_checked(unit_at)?;
    Some((amount.parse().ok()?, unit))
}

/// A whole number is one without a point.
fn number(amount: f64) -> Option<Term> {
    match whole(amount) {
        Some(whole) => Some(whole.into()),
        None => amount.is_finite().then(|| Term::Number(amount.to_string())),
    }
}
