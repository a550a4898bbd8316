//! The cells of a sheet on the wall: small enough to cross at once, simple enough to be checked in one walk and then
//! read without allocating.
//!
//! A sheet is a run of rows. A row is a head and its cells; a cell is a tag and what belongs to it; numbers are
//! little-endian. Text lies elsewhere, in one block of UTF-8 for all sheets, and cells say where.
//!
//! | head, 4 bytes | meaning |
//! |---|---|
//! | below 2³¹ | a row whose cells take so many bytes; cells that are missing at its end are empty |
//! | 2³¹ + n | n empty rows |
//!
//! | tag, 1 byte | behind it | meaning |
//! |---|---|---|
//! | 0 | n, 4 bytes | n empty cells |
//! | 1 | offset, length, 4 bytes each | text |
//! | 2 | 8 bytes | a number, finite |
//! | 3, 4 | – | false, true |
//! | 5 | offset, length | an error, as it is shown |
//! | 6, 7, 8 | milliseconds, 8 bytes | a day, a time of day, both: [`Moment`] |
//! | 9 | milliseconds, 8 bytes | a duration: [`Elapsed`] |

use alloc::vec::Vec;

use crate::{Elapsed, Moment};

/// The head of empty rows has this bit, and their number below it.
const EMPTY_ROWS: u32 = 1 << 31;

/// A place in the block of text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Span {
    /// Bytes before it.
    pub at: u32,
    /// Its own bytes.
    pub len: u32,
}

impl Span {
    /// The text, if it lies in the block and begins and ends between characters.
    ///
    /// ```
    /// use wardian_abi::table::Span;
    ///
    /// assert_eq!(Span { at: 1, len: 2 }.of("aéz"), Some("é"));
    /// assert_eq!(Span { at: 1, len: 1 }.of("aéz"), None);
    /// ```
    #[must_use]
    pub fn of(self, block: &str) -> Option<&str> {
        let at = self.at as usize;
        block.get(at..at.checked_add(self.len as usize)?)
    }
}

/// A cell, or several empty ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Token {
    /// So many empty cells.
    Empty(u32),
    /// Text.
    Text(Span),
    /// A number.
    Number(f64),
    /// A truth value.
    Bool(bool),
    /// An error, as it is shown: `#DIV/0!`.
    Error(Span),
    /// A day, a time, or both.
    Moment(Moment),
    /// A duration.
    Elapsed(Elapsed),
}

impl Token {
    /// Appends the token.
    pub fn write(self, out: &mut Vec<u8>) {
        match self {
            Token::Empty(count) => tagged(out, 0, &count.to_le_bytes()),
            Token::Text(span) => placed(out, 1, span),
            Token::Number(number) => tagged(out, 2, &number.to_le_bytes()),
            Token::Bool(value) => out.push(3 + u8::from(value)),
            Token::Error(span) => placed(out, 5, span),
            Token::Moment(Moment::Date(ms)) => tagged(out, 6, &ms.to_le_bytes()),
            Token::Moment(Moment::Time(ms)) => tagged(out, 7, &ms.to_le_bytes()),
            Token::Moment(Moment::DateTime(ms)) => tagged(out, 8, &ms.to_le_bytes()),
            Token::Elapsed(Elapsed(ms)) => tagged(out, 9, &ms.to_le_bytes()),
        }
    }

    /// Takes a token off the front of `bytes`, whatever its values; `None` where none begins or it is cut off.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<(Token, &[u8])> {
        let (tag, rest) = bytes.split_first()?;
        Some(match tag {
            0 => {
                let (count, rest) = four(rest)?;
                (Token::Empty(count), rest)
            }
            1 => {
                let (span, rest) = span(rest)?;
                (Token::Text(span), rest)
            }
            2 => {
                let (bytes, rest) = rest.split_first_chunk()?;
                (Token::Number(f64::from_le_bytes(*bytes)), rest)
            }
            3 => (Token::Bool(false), rest),
            4 => (Token::Bool(true), rest),
            5 => {
                let (span, rest) = span(rest)?;
                (Token::Error(span), rest)
            }
            6..=9 => {
                let (bytes, rest) = rest.split_first_chunk()?;
                let ms = i64::from_le_bytes(*bytes);
                let token = match tag {
                    6 => Token::Moment(Moment::Date(ms)),
                    7 => Token::Moment(Moment::Time(ms)),
                    8 => Token::Moment(Moment::DateTime(ms)),
                    _ => Token::Elapsed(Elapsed(ms)),
                };
                (token, rest)
            }
            _ => return None,
        })
    }
}

/// What stands before the cells of a row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Head {
    /// A row whose cells take so many bytes.
    Row(u32),
    /// So many empty rows.
    Empty(u32),
}

impl Head {
    /// Appends the head. What does not fit into 31 bits is cut to them.
    pub fn write(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.encoded());
    }

    /// The head as it lies before a row, for filling in the length of one that was written behind it.
    #[must_use]
    pub fn encoded(self) -> [u8; 4] {
        match self {
            Head::Row(bytes) => bytes & !EMPTY_ROWS,
            Head::Empty(rows) => rows | EMPTY_ROWS,
        }
        .to_le_bytes()
    }

    /// Takes a head off the front of `bytes`.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<(Head, &[u8])> {
        let (head, rest) = four(bytes)?;
        let head = match head & EMPTY_ROWS {
            0 => Head::Row(head),
            _ => Head::Empty(head & !EMPTY_ROWS),
        };
        Some((head, rest))
    }
}

fn tagged<const N: usize>(out: &mut Vec<u8>, tag: u8, payload: &[u8; N]) {
    out.push(tag);
    out.extend_from_slice(payload);
}

fn placed(out: &mut Vec<u8>, tag: u8, span: Span) {
    let place = u64::from(span.len) << 32 | u64::from(span.at);
    tagged(out, tag, &place.to_le_bytes());
}

fn four(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u32::from_le_bytes(*number), rest))
}

fn span(bytes: &[u8]) -> Option<(Span, &[u8])> {
    let (at, rest) = four(bytes)?;
    let (len, rest) = four(rest)?;
    Some((Span { at, len }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_survive_the_round_trip_and_cut_ones_are_none() {
        let span = Span {
            at: 7,
            len: u32::MAX,
        };
        let tokens = [
            Token::Empty(3),
            Token::Text(span),
            Token::Number(-0.5),
            Token::Bool(false),
            Token::Bool(true),
            Token::Error(span),
            Token::Moment(Moment::Date(-1)),
            Token::Moment(Moment::Time(2)),
            Token::Moment(Moment::DateTime(i64::MAX)),
            Token::Elapsed(Elapsed(i64::MIN)),
        ];
        for token in tokens {
            let mut bytes = Vec::new();
            token.write(&mut bytes);
            assert_eq!(Token::read(&bytes), Some((token, &[][..])));
            for cut in 0..bytes.len() {
                assert_eq!(Token::read(bytes.get(..cut).unwrap()), None);
            }
        }
        assert_eq!(Token::read(&[10, 0, 0, 0, 0, 0, 0, 0, 0]), None);
    }

    #[test]
    fn heads_survive_the_round_trip() {
        for head in [Head::Row(0), Head::Row(EMPTY_ROWS - 1), Head::Empty(9)] {
            let mut bytes = Vec::new();
            head.write(&mut bytes);
            assert_eq!(Head::read(&bytes), Some((head, &[][..])));
        }
        assert_eq!(Head::read(&[0; 3]), None);
    }
}
