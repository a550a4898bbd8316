//! What a guest says, made fit for people: cut, and with everything escaped that does not show as itself.
//!
//! A guest chooses names, panic texts and log lines, and they end in terminals, logs and web pages. Control
//! characters and ANSI escapes could rewrite a terminal, bidirectional overrides and invisible characters could make
//! one text look like another. The result is for reading; it is not meant to be turned back into the original.

use std::fmt::Write as _;

/// Stands at the end of a text that was cut.
const ELLIPSIS: char = '…';

/// Cleans `bytes` into one line of at most `chars_max` characters, a closing `…` included where it was cut.
///
/// Invalid UTF-8 becomes U+FFFD; control, format, unassigned, private and invisible characters become `\n`, `\t`,
/// `\r` or `\u{..}`. No more of `bytes` is looked at than fits, however long it is.
///
/// ```
/// use wardian_sandbox::text::clean;
/// assert_eq!(clean(b"two\nlines \x1b[31mred", 80), r"two\nlines \u{1b}[31mred");
/// assert_eq!(clean(b"a long text", 7), "a long…");
/// ```
#[must_use]
pub fn clean(bytes: &[u8], chars_max: usize) -> String {
    cleaned(bytes, chars_max, Breaks::Escape)
}

/// Like [`clean`], but line breaks and tabs stay: for log tails and panic reports of several lines.
///
/// A carriage return before a line break is dropped, any other is escaped.
#[must_use]
pub fn clean_lines(bytes: &[u8], chars_max: usize) -> String {
    cleaned(bytes, chars_max, Breaks::Keep)
}

#[derive(Clone, Copy, PartialEq)]
enum Breaks {
    Escape,
    Keep,
}

fn cleaned(bytes: &[u8], chars_max: usize, breaks: Breaks) -> String {
    let mut out = Cut::new(chars_max, bytes.len());
    for chunk in bytes.utf8_chunks() {
        let mut chars = chunk.valid().chars().peekable();
        while let Some(c) = chars.next() {
            let fits = match c {
                '\n' | '\t' if breaks == Breaks::Keep => out.push(c),
                '\r' if breaks == Breaks::Keep && chars.peek() == Some(&'\n') => true,
                '\n' => out.push_escape("\\n"),
                '\r' => out.push_escape("\\r"),
                '\t' => out.push_escape("\\t"),
                _ if shows(c) => out.push(c),
                _ => out.push_escape(&unicode_escape(c)),
            };
            if !fits {
                return out.cut();
            }
        }
        if !chunk.invalid().is_empty() && !out.push(char::REPLACEMENT_CHARACTER) {
            return out.cut();
        }
    }
    out.text
}

fn unicode_escape(c: char) -> String {
    let mut escape = String::with_capacity(10);
    // Writing into a String does not fail.
    let _ = write!(escape, "\\u{{{:x}}}", u32::from(c));
    escape
}

/// Whether a character shows as itself, and as nothing else.
fn shows(c: char) -> bool {
    match c {
        ' '..='~' => true,
        '\0'..='\u{a0}' => false,
        _ => printable(c) && !invisible(c),
    }
}

/// Printable by the standard library's Unicode tables: not control, format, separator, private or unassigned.
///
/// `char::escape_debug` also escapes combining marks, which would garble whole scripts; `str::escape_debug` does so
/// only at the start of a text, hence the letter before.
fn printable(c: char) -> bool {
    let mut buffer = [b'a'; 5];
    let len = 1 + c.encode_utf8(buffer.split_at_mut(1).1).len();
    let text = buffer
        .get(..len)
        .and_then(|bytes| std::str::from_utf8(bytes).ok());
    text.is_some_and(|text| text.escape_debug().nth(1) == Some(c))
}

/// Letters and marks by category that yet leave no ink: fillers, selectors, blanks.
fn invisible(c: char) -> bool {
    matches!(
        c,
        '\u{34f}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{fff9}'..='\u{fffc}'
            | '\u{ffa0}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// A text that grows up to a number of characters and remembers where to cut it for the ellipsis.
struct Cut {
    text: String,
    chars: usize,
    chars_max: usize,
    /// End of the last whole piece that leaves room for the ellipsis.
    room_at: usize,
}

impl Cut {
    fn new(chars_max: usize, hint: usize) -> Self {
        Self {
            text: String::with_capacity(hint.min(chars_max)),
            chars: 0,
            chars_max,
            room_at: 0,
        }
    }

    fn push(&mut self, c: char) -> bool {
        if self.chars >= self.chars_max {
            return false;
        }
        self.text.push(c);
        self.grew(1)
    }

    fn push_escape(&mut self, escape: &str) -> bool {
        if self.chars_max - self.chars < escape.len() {
            return false;
        }
        self.text.push_str(escape);
        self.grew(escape.len())
    }

    fn grew(&mut self, chars: usize) -> bool {
        self.chars += chars;
        if self.chars < self.chars_max {
            self.room_at = self.text.len();
        }
        true
    }

    fn cut(mut self) -> String {
        self.text.truncate(self.room_at);
        if self.chars_max > 0 {
            self.text.push(ELLIPSIS);
        }
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plain_text_stays() {
        for text in [
            "",
            "hello, \"world\" \\ 'x'",
            "Grüße, 世界, नमस्ते, e\u{301}, 🦀",
            "a{b}%s",
        ] {
            assert_eq!(clean(text.as_bytes(), 100), text);
        }
    }

    #[test]
    fn both_sides_of_the_cut() {
        assert_eq!(clean(b"abcd", 5), "abcd");
        assert_eq!(clean(b"abcde", 5), "abcde");
        assert_eq!(clean(b"abcdef", 5), "abcd…");
        assert_eq!(clean("äöüäöü".as_bytes(), 5), "äöüä…");
        assert_eq!(clean(b"ab", 1), "…");
        assert_eq!(clean(b"a", 1), "a");
        assert_eq!(clean(b"a", 0), "");
    }

    #[test]
    fn an_escape_is_never_cut_in_two() {
        assert_eq!(clean(b"abc\x1b", 9), r"abc\u{1b}");
        assert_eq!(clean(b"abc\x1b", 8), "abc…");
        assert_eq!(clean(b"abc\x1b.", 9), "abc…");
        assert_eq!(clean(b"\n\n", 3), r"\n…");
    }

    #[test]
    fn what_misleads_is_escaped() {
        assert_eq!(
            clean(b"\x1b[2J\x07\x7f\0", 80),
            r"\u{1b}[2J\u{7}\u{7f}\u{0}"
        );
        assert_eq!(clean("\u{9b}1m".as_bytes(), 80), r"\u{9b}1m");
        for hidden in [
            '\u{202e}',
            '\u{2066}',
            '\u{200b}',
            '\u{200d}',
            '\u{feff}',
            '\u{ad}',
            '\u{2028}',
            '\u{e0041}',
            '\u{fe0f}',
            '\u{3164}',
            '\u{e000}',
            '\u{ffff}',
            '\u{61c}',
            '\u{a0}',
            '\u{fffb}',
            '\u{10ffff}',
        ] {
            let expected = format!("x\\u{{{:x}}}y", u32::from(hidden));
            assert_eq!(clean(format!("x{hidden}y").as_bytes(), 80), expected);
        }
    }

    #[test]
    fn breaks_are_kept_only_when_asked() {
        let text = b"one\r\ntwo\tend\rx\n";
        assert_eq!(clean(text, 80), r"one\r\ntwo\tend\rx\n");
        assert_eq!(clean_lines(text, 80), "one\ntwo\tend\\rx\n");
    }

    #[test]
    fn broken_utf8_is_marked() {
        assert_eq!(clean(b"a\xffb\xf0\x9f", 80), "a\u{fffd}b\u{fffd}");
        assert_eq!(clean(b"\xed\xa0\x80", 80), "\u{fffd}\u{fffd}\u{fffd}");
    }

    proptest! {
        #[test]
        fn never_long_never_hidden(bytes in proptest::collection::vec(any::<u8>(), 0..200), max in 0usize..120) {
            for text in [clean(&bytes, max), clean_lines(&bytes, max)] {
                prop_assert!(text.chars().count() <= max);
                prop_assert!(text.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()));
            }
            prop_assert!(!clean(&bytes, max).contains(['\n', '\t']));
        }

        #[test]
        fn clean_text_is_a_fixed_point(text in "\\PC{0,60}") {
            let once = clean(text.as_bytes(), 10_000);
            prop_assert_eq!(clean(once.as_bytes(), 10_000), once);
        }
    }
}
