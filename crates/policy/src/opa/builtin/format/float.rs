//! Floats as Go writes them.

use super::spec::{Spec, pad};

/// Digits after the point that the exact value of any float ends within.
const PRECISION_MAX: usize = 1100;

pub(super) fn shown(float: f64, letter: char, spec: &Spec) -> Option<String> {
    let size = float.abs();
    let precision = spec.precision.map(|precision| precision.min(PRECISION_MAX));
    let digits = match letter {
        'v' | 'g' => general(size, precision),
        'G' => general(size, precision).to_uppercase(),
        'e' => exponential(&format!("{size:.*e}", precision.unwrap_or(6))),
        'E' => exponential(&format!("{size:.*e}", precision.unwrap_or(6))).to_uppercase(),
        'f' | 'F' => format!("{size:.*}", precision.unwrap_or(6)),
        _ => return None,
    };
    let sign = spec.sign(float.is_sign_negative());
    if spec.zero && !spec.minus {
        let width = spec.width.unwrap_or(0).saturating_sub(sign.len());
        return Some(format!("{sign}{digits:0>width$}"));
    }
    Some(pad(format!("{sign}{digits}"), spec))
}

/// Rust writes `1e-7`, Go `1e-07`.
fn exponential(text: &str) -> String {
    let (digits, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => ('-', exponent),
        None => ('+', exponent),
    };
    format!("{digits}e{sign}{exponent:0>2}")
}

/// The shorter of the two notations; without a precision as many digits as tell the number from all others.
fn general(size: f64, precision: Option<usize>) -> String {
    let text = match precision {
        None => format!("{size:e}"),
        Some(precision) => format!("{size:.*e}", precision.saturating_sub(1)),
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i64 = exponent.parse().unwrap_or(0);
    let mantissa = match mantissa.contains('.') {
        true => mantissa.trim_end_matches('0').trim_end_matches('.'),
        false => mantissa,
    };
    let digits = i64::try_from(mantissa.len().saturating_sub(1))
        .unwrap_or(i64::MAX)
        .max(1);
    let threshold = match precision {
        None => 6,
        Some(precision) => {
            let precision = i64::try_from(precision.max(1)).unwrap_or(i64::MAX);
            if precision > digits && digits > exponent {
                digits
            } else {
                precision
            }
        }
    };
    if exponent < -4 || exponent >= threshold {
        return exponential(&format!("{mantissa}e{exponent}"));
    }
    let after = usize::try_from(digits - 1 - exponent).unwrap_or(0);
    format!("{size:.after$}")
}
