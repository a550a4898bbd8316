//! Numbers of lists and counters, as letters and the like.

use crate::css::values::content::ListStyle;

/// A counter's number in a style. What a style has no sign for is written in digits.
pub(crate) fn format_counter(value: i32, style: &ListStyle) -> String {
    let text = match style {
        ListStyle::None => String::new(),
        ListStyle::Disc => "•".into(),
        ListStyle::Circle => "◦".into(),
        ListStyle::Square => "▪".into(),
        ListStyle::DisclosureOpen => "▾".into(),
        ListStyle::DisclosureClosed => "▸".into(),
        ListStyle::Text(text) => text.to_string(),
        ListStyle::Decimal => value.to_string(),
        ListStyle::DecimalLeadingZero => {
            let sign = if value < 0 { "-" } else { "" };
            format!("{sign}{:02}", value.unsigned_abs())
        }
        ListStyle::LowerRoman => return roman(value).to_lowercase(),
        ListStyle::UpperRoman => return roman(value),
        ListStyle::LowerAlpha => letters(value, "abcdefghijklmnopqrstuvwxyz"),
        ListStyle::UpperAlpha => letters(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        ListStyle::LowerGreek => letters(value, "αβγδεζηθικλμνξοπρστυφχψω"),
    };
    if text.is_empty() && *style != ListStyle::None && !matches!(style, ListStyle::Text(_)) {
        return value.to_string();
    }
    text
}

/// The text of a marker: bullets as they are, numbers with a point behind them.
pub(super) fn marker(value: i32, style: &ListStyle) -> String {
    let text = format_counter(value, style);
    match style {
        ListStyle::None
        | ListStyle::Disc
        | ListStyle::Circle
        | ListStyle::Square
        | ListStyle::DisclosureOpen
        | ListStyle::DisclosureClosed
        | ListStyle::Text(_) => text,
        _ => text + ".",
    }
}

fn roman(value: i32) -> String {
    const SIGNS: [(i32, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    if !(1..4_000).contains(&value) {
        return value.to_string();
    }
    let mut rest = value;
    let mut out = String::new();
    for (worth, sign) in SIGNS {
        while rest >= worth {
            out.push_str(sign);
            rest -= worth;
        }
    }
    out
}

/// a, b … z, aa, ab …; nothing for numbers below one.
fn letters(value: i32, alphabet: &str) -> String {
    let alphabet: Vec<char> = alphabet.chars().collect();
    let base = alphabet.len() as u32;
    let Ok(mut rest) = u32::try_from(value) else {
        return String::new();
    };
    let mut out = Vec::new();
    while rest > 0 {
        rest -= 1;
        out.push(alphabet[(rest % base) as usize]);
        rest /= base;
    }
    out.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_letters_and_signs() {
        let of = |value, style| format_counter(value, &style);
        assert_eq!(of(1994, ListStyle::UpperRoman), "MCMXCIV");
        assert_eq!(of(4, ListStyle::LowerRoman), "iv");
        assert_eq!(of(4_000, ListStyle::UpperRoman), "4000");
        assert_eq!(of(1, ListStyle::LowerAlpha), "a");
        assert_eq!(of(26, ListStyle::UpperAlpha), "Z");
        assert_eq!(of(27, ListStyle::LowerAlpha), "aa");
        assert_eq!(of(0, ListStyle::LowerAlpha), "0");
        assert_eq!(of(24, ListStyle::LowerGreek), "ω");
        assert_eq!(of(7, ListStyle::DecimalLeadingZero), "07");
        assert_eq!(of(-7, ListStyle::DecimalLeadingZero), "-07");
        assert_eq!(marker(3, &ListStyle::Decimal), "3.");
        assert_eq!(marker(3, &ListStyle::Disc), "•");
        assert_eq!(marker(3, &ListStyle::None), "");
    }
}
