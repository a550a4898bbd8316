//! `time.parse_duration_ns`: Go's durations, such as `1h15m30.5s`.

use super::super::Said;
use crate::opa::term::Term;

pub(super) fn parse(args: &[Term], _: u64) -> Said {
    let [Term::String(text)] = args else {
        return Ok(None);
    };
    Ok(read(text).map(Term::from))
}

fn read(text: &str) -> Option<i64> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut total: i128 = 0;
    loop {
        let (amount, behind) = part(rest)?;
        total = total.checked_add(amount)?;
        if behind.is_empty() {
            return i64::try_from(total.checked_mul(sign)?).ok();
        }
        rest = behind;
    }
}

/// One number with its unit, in nanoseconds, and what is behind it.
fn part(text: &str) -> Option<(i128, &str)> {
    let unit_at = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
    let (number, rest) = text.split_at_checked(unit_at)?;
    let behind_at = rest
        .find(|letter: char| letter.is_ascii_digit() || letter == '.')
        .unwrap_or(rest.len());
    let (unit, behind) = rest.split_at_checked(behind_at)?;
    let unit: i128 = match unit {
        "ns" => 1,
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return None;
    }
    let whole: i128 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    // Twelve digits are finer than any unit shows.
    let fraction = fraction.get(..12).unwrap_or(fraction);
    let scale = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let part: i128 = if fraction.is_empty() {
        0
    } else {
        fraction.parse().ok()?
    };
    let amount = whole.checked_mul(unit)?.checked_add(part * unit / scale)?;
    Some((amount, behind))
}
