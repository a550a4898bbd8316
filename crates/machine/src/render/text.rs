//! Words of a document, made fit to be shown: cut, in one line, and without characters that hide or turn text.

use std::fmt::{self, Write};

use crate::problem::is_hidden;

/// At most `characters_max` characters, with `…` as the last where there were more.
///
/// Writes no further than that: a guard of a thousand parts costs no more than what is shown of it.
pub(super) fn cut(shown: &dyn fmt::Display, characters_max: usize) -> String {
    let mut cut = Cut {
        text: String::new(),
        left: characters_max,
    };
    if write!(cut, "{shown}").is_err() {
        cut.text.pop();
        cut.text.push('…');
    }
    cut.text
}

struct Cut {
    text: String,
    left: usize,
}

impl Write for Cut {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars().flat_map(fit) {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            self.text.push(character);
        }
        Ok(())
    }
}

/// A space for what breaks a line, the number of what cannot be seen, and everything else as it is.
fn fit(character: char) -> impl Iterator<Item = char> {
    let (shown, number) = match character {
        '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => (Some(' '), None),
        hidden if is_hidden(hidden) => (None, Some(hidden.escape_unicode())),
        plain => (Some(plain), None),
    };
    shown.into_iter().chain(number.into_iter().flatten())
}
