//! Texts as their style wants them written: capitals, tabs, small capitals.

use std::borrow::Cow;

use crate::css::property::Style;
use crate::css::values::keyword::{TextTransform, WhiteSpace};

/// A text in capitals or without. `starts_word` says whether a word begins with it, and then behind it.
pub(super) fn transformed<'t>(
    style: &Style,
    text: &'t str,
    starts_word: &mut bool,
) -> Cow<'t, str> {
    let begins = *starts_word;
    if let Some(last) = text.chars().last() {
        *starts_word = !is_part_of_word(last);
    }
    match style.text_transform {
        TextTransform::None => Cow::Borrowed(text),
        TextTransform::Uppercase => Cow::Owned(text.to_uppercase()),
        TextTransform::Lowercase => Cow::Owned(text.to_lowercase()),
        TextTransform::Capitalize => {
            let mut out = String::with_capacity(text.len());
            let mut begins = begins;
            for c in text.chars() {
                if begins && c.is_alphabetic() {
                    out.extend(c.to_uppercase());
                } else {
                    out.push(c);
                }
                begins = !is_part_of_word(c) && (begins || !is_part_of_word(c));
            }
            Cow::Owned(out)
        }
        TextTransform::FullWidth => Cow::Owned(
            text.chars()
                .map(|c| match c {
                    '!'..='~' => char::from_u32(c as u32 + 0xfee0).unwrap_or(c),
                    ' ' => '\u{3000}',
                    other => other,
                })
                .collect(),
        ),
    }
}

fn is_part_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\'' | '’' | '\u{ad}' | '\u{301}')
}

/// Tabs as spaces where white space stays: as many as reach to the next stop.
pub(super) fn tabs<'t>(style: &Style, text: &'t str, column: &mut usize) -> Cow<'t, str> {
    let keeps = matches!(
        style.white_space,
        WhiteSpace::Pre | WhiteSpace::PreWrap | WhiteSpace::BreakSpaces
    );
    if !keeps {
        return Cow::Borrowed(text);
    }
    let stop = (style.tab_size.round() as usize).max(1);
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => {
                let n = stop - *column % stop;
                out.extend(std::iter::repeat_n(' ', n));
                *column += n;
            }
            '\n' => {
                *column = 0;
                out.push(c);
            }
            '\r' => {}
            c => {
                *column += 1;
                out.push(c);
            }
        }
    }
    Cow::Owned(out)
}

/// The parts of a text that are small capitals, as capitals, and those that are not.
pub(super) fn small_caps(text: &str, all: bool) -> Vec<(bool, String)> {
    let mut parts: Vec<(bool, String)> = Vec::new();
    for c in text.chars() {
        let small = c.is_lowercase() || (all && c.is_uppercase());
        match parts.last_mut() {
            Some((kind, part)) if *kind == small => part.extend(c.to_uppercase()),
            _ => parts.push((small, c.to_uppercase().collect())),
        }
    }
    // Upper case of what is no letter is itself, and sharp s at the size of capitals would be two.
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(transform: TextTransform, white_space: WhiteSpace) -> Style {
        Style {
            text_transform: transform,
            white_space,
            ..Style::initial()
        }
    }

    #[test]
    fn capitals() {
        let of = |transform, text: &str| {
            let mut begins = true;
            transformed(&style(transform, WhiteSpace::Normal), text, &mut begins).into_owned()
        };
        assert_eq!(of(TextTransform::Uppercase, "straße ﬁ"), "STRASSE FI");
        assert_eq!(of(TextTransform::Lowercase, "ÄB"), "äb");
        assert_eq!(
            of(TextTransform::Capitalize, "it's o’clock now-or never"),
            "It's O’clock Now-Or Never"
        );
        let mut begins = false;
        let rest = transformed(
            &style(TextTransform::Capitalize, WhiteSpace::Normal),
            "ing one",
            &mut begins,
        );
        assert_eq!(rest, "ing One", "a word that began in another element");
    }

    #[test]
    fn tabs_reach_to_their_stops() {
        let mut column = 0;
        let pre = style(TextTransform::None, WhiteSpace::Pre);
        assert_eq!(tabs(&pre, "a\tb\n\tc", &mut column), "a       b\n        c");
        let mut column = 0;
        let normal = style(TextTransform::None, WhiteSpace::Normal);
        assert_eq!(tabs(&normal, "a\tb", &mut column), "a\tb");
    }

    #[test]
    fn small_capitals_are_capitals() {
        assert_eq!(
            small_caps("Ab 1", false),
            [
                (false, "A".into()),
                (true, "B".into()),
                (false, " 1".into())
            ]
        );
    }
}
