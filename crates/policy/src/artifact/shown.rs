//! Text of somebody else's in our messages: cut, and without what could change a terminal.

const CHARS_MAX: usize = 120;

/// The text as it may stand between backticks.
pub(crate) fn shown(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().take(CHARS_MAX) {
        match c {
            '`' | '"' | '\'' => out.push('\''),
            c => out.extend(c.escape_debug()),
        }
    }
    if text.chars().nth(CHARS_MAX).is_some() {
        out.push('…');
    }
    out
}
