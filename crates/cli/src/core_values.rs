//! Core values on the command line: `3`, `-1`, `0xff`, `i64:3`, `f64:2.5`, by the function's own signature.

use wardian_sandbox::Value;

use crate::exit::Usage;
use crate::show::{quoted, values};

/// Parameter types out of a signature such as `(i32, i64) -> f32`.
pub(crate) fn params(signature: &str) -> Vec<&str> {
    let inner = signature
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(')'))
        .map_or("", |(inner, _)| inner);
    inner.split(", ").filter(|ty| !ty.is_empty()).collect()
}

/// Reads values for a function of that signature.
pub(crate) fn parse_all(
    function: &str,
    signature: &str,
    texts: &[String],
) -> anyhow::Result<Vec<Value>> {
    let wanted = params(signature);
    if wanted.len() != texts.len() {
        let (takes, given) = (values(wanted.len()), texts.len());
        let message = format!("{} takes {takes}, given are {given}", quoted(function));
        return Err(Usage::new(message)
            .hint(format!("its signature is {signature}"))
            .into());
    }
    let pairs = texts.iter().zip(wanted);
    Ok(pairs
        .map(|(text, ty)| parse(text, ty))
        .collect::<Result<_, _>>()?)
}

/// Reads one value of a type; a type before it must be the same.
fn parse(text: &str, wanted: &str) -> Result<Value, Usage> {
    let plain = match text.split_once(':') {
        Some((ty, rest)) if ty == wanted => rest,
        Some((ty, _)) => {
            return Err(Usage::new(format!(
                "{} is of type {}, wanted {wanted}",
                quoted(text),
                quoted(ty)
            )));
        }
        None => text,
    };
    let value = match wanted {
        "i32" => integer(plain, 32)
            .and_then(|v| i32::try_from(v).ok())
            .map(Value::I32),
        "i64" => integer(plain, 64).map(Value::I64),
        "f32" => plain.parse().ok().map(Value::F32),
        "f64" => plain.parse().ok().map(Value::F64),
        other => {
            let message = format!("a value of type {other} cannot be written on a command line");
            return Err(Usage::new(message));
        }
    };
    value.ok_or_else(|| Usage::new(format!("{} is no {wanted}", quoted(plain))))
}

/// Signed or unsigned, decimal or hexadecimal, of so many bits; unsigned ones keep their bits.
fn integer(text: &str, bits: u32) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    // `from_str_radix` would take a sign of its own.
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let magnitude = match digits.strip_prefix("0x") {
        Some(hex) if !hex.starts_with(['+', '-']) => i128::from_str_radix(hex, 16).ok()?,
        Some(_) => return None,
        None => digits.replace('_', "").parse::<i128>().ok()?,
    };
    let value = if negative { -magnitude } else { magnitude };
    let (min, max) = (-(1_i128 << (bits - 1)), (1_i128 << bits) - 1);
    if !(min..=max).contains(&value) {
        return None;
    }
    let wrapped = if value >= 1_i128 << (bits - 1) {
        value - (1_i128 << bits)
    } else {
        value
    };
    i64::try_from(wrapped).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_taken_apart() {
        assert_eq!(params("(i32, i64) -> f32"), ["i32", "i64"]);
        assert_eq!(params("() -> i32"), [""; 0]);
        assert_eq!(params("(f64)"), ["f64"]);
    }

    #[test]
    fn values_on_both_sides_of_their_range() {
        let ok = |text, ty| parse(text, ty).expect("a value");
        assert_eq!(ok("-2147483648", "i32"), Value::I32(i32::MIN));
        assert_eq!(ok("4294967295", "i32"), Value::I32(-1));
        assert_eq!(ok("0xff", "i32"), Value::I32(255));
        assert_eq!(ok("i64:3", "i64"), Value::I64(3));
        assert_eq!(ok("18446744073709551615", "i64"), Value::I64(-1));
        assert_eq!(ok("f64:2.5", "f64"), Value::F64(2.5));
        assert_eq!(ok("-inf", "f32"), Value::F32(f32::NEG_INFINITY));
        let bad = [
            ("-2147483649", "i32"),
            ("4294967296", "i32"),
            ("18446744073709551616", "i64"),
            ("--1", "i32"),
            ("0x-1", "i32"),
            ("", "i32"),
            ("i64:3", "i32"),
            ("1.5", "i32"),
            ("x", "f64"),
            ("1", "externref"),
        ];
        for (text, ty) in bad {
            assert!(parse(text, ty).is_err(), "{text} as {ty}");
        }
    }
}
