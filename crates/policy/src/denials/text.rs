//! Text from outside, made fit for a log: cut, in ASCII, as JSON writes it.
//!
//! All but printable ASCII becomes `\uXXXX`. So a line does to a terminal, an editor or a browser what it shows, whatever a
//! guest put into it: no control characters, no overrides of direction, no line separators, and a name that only looks like
//! another one does not. Any reader of JSON gives the original back.

use std::fmt::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use wardian_abi::Moment;

/// The most that is kept of a field, in bytes before they are escaped; a longer one is cut, and the event says so.
pub const FIELD_BYTES_MAX: usize = 4_096;

/// Nanoseconds since 1970.
#[must_use]
pub fn now_ns() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// The beginning of a text, at most [`FIELD_BYTES_MAX`], in whole characters.
pub(super) fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(FIELD_BYTES_MAX))
        .unwrap_or(text)
}

/// Shows a text as the inside of a JSON string, cut.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in cut(self.0).chars() {
            match c {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                ' '..='~' => f.write_char(c)?,
                _ => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        write!(f, "\\u{unit:04x}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Shows a text as a JSON string, cut.
pub(super) struct Quoted<'a>(pub(super) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", Escaped(self.0))
    }
}

/// Shows nanoseconds since 1970 as RFC 3339 writes them, in UTC, with all nine digits.
pub(super) struct Timestamp(pub(super) u64);

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, nanos) = (self.0 / 1_000_000_000, self.0 % 1_000_000_000);
        // A u64 of nanoseconds ends in 2554.
        let seconds = i64::try_from(seconds).unwrap_or(0);
        write!(f, "{}.{nanos:09}Z", Moment::DateTime(seconds * 1_000))
    }
}
