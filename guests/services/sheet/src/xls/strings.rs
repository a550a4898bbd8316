//! Text in XLS: in BIFF8 one byte or two a character, with formatting and sounds behind it; before that, bytes of a code
//! page. The table of shared strings runs over many records, and a string may change its width where a record ends.

use encoding_rs::{Encoding, UTF_16LE, WINDOWS_1252};
use wardian_abi::table::Span;

use super::records::Record;
use super::{malformed, u16_at, u32_at};
use crate::budget::{self, STRINGS_MAX};
use crate::error::SheetError;
use crate::text::Texts;

/// How a workbook writes text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spelling {
    pub(super) is_biff8: bool,
    /// For bytes of before BIFF8.
    pub(super) page: &'static Encoding,
}

impl Spelling {
    /// Text with its length in two bytes before it.
    pub(super) fn long(&self, bytes: &[u8]) -> Option<String> {
        let len = usize::from(u16_at(bytes, 0)?);
        self.behind(bytes.get(2..)?, len)
    }

    /// Text with its length in one byte before it.
    pub(super) fn short(&self, bytes: &[u8]) -> Option<String> {
        let (len, rest) = bytes.split_first()?;
        self.behind(rest, usize::from(*len))
    }

    fn behind(&self, bytes: &[u8], len: usize) -> Option<String> {
        if !self.is_biff8 {
            let bytes = bytes.get(..len).unwrap_or(bytes);
            return Some(self.page.decode_without_bom_handling(bytes).0.into_owned());
        }
        if len == 0 {
            return Some(String::new());
        }
        let (flags, rest) = bytes.split_first()?;
        let rest = rest.get(details(*flags)..)?;
        let mut out = String::new();
        let wide = flags & 1 != 0;
        characters(
            rest.get(..if wide { len * 2 } else { len }).unwrap_or(rest),
            wide,
            &mut out,
        );
        Some(out)
    }

    /// The text of a formula's result, which may go on in further records.
    pub(super) fn result(&self, record: &Record<'_>) -> Option<String> {
        if !self.is_biff8 || record.continued.is_empty() {
            return self.long(record.data);
        }
        let len = usize::from(u16_at(record.data, 0)?);
        let mut pieces = Pieces::new(record, 2);
        let flags = pieces.byte()?;
        pieces.skip(details(flags))?;
        pieces.text(len, flags & 1 != 0)
    }
}

/// Bytes between the flags of a string and its characters.
const fn details(flags: u8) -> usize {
    (if flags & 8 != 0 { 2 } else { 0 }) + (if flags & 4 != 0 { 4 } else { 0 })
}

fn characters(bytes: &[u8], wide: bool, out: &mut String) {
    if wide {
        out.push_str(&UTF_16LE.decode_without_bom_handling(bytes).0);
    } else {
        // One byte is the lower half of a UTF-16 unit, whose upper half is zero.
        out.extend(bytes.iter().map(|byte| char::from(*byte)));
    }
}

/// The table of shared strings, in order.
pub(super) fn shared(record: &Record<'_>, texts: &mut Texts) -> Result<Vec<Span>, SheetError> {
    let cut_off = || malformed("its table of strings is cut off");
    let count = u32_at(record.data, 4).ok_or_else(cut_off)?;
    budget::count("shared strings", count as usize, STRINGS_MAX)?;
    let mut pieces = Pieces::new(record, 8);
    let mut spans = Vec::new();
    for _ in 0..count {
        // Some writers count more strings than they wrote.
        let Some(len) = pieces.u16() else { break };
        let text = one(&mut pieces, usize::from(len)).ok_or_else(cut_off)?;
        spans.push(texts.add(&text)?);
    }
    Ok(spans)
}

fn one(pieces: &mut Pieces<'_>, len: usize) -> Option<String> {
    let flags = pieces.byte()?;
    let runs = if flags & 8 != 0 {
        usize::from(pieces.u16()?)
    } else {
        0
    };
    let extra = if flags & 4 != 0 {
        pieces.u32()? as usize
    } else {
        0
    };
    let text = pieces.text(len, flags & 1 != 0)?;
    pieces.skip(runs * 4)?;
    pieces.skip(extra)?;
    Some(text)
}

/// The bytes of a record and of those that go on with it.
struct Pieces<'a> {
    rest: &'a [u8],
    next: std::vec::IntoIter<&'a [u8]>,
}

impl<'a> Pieces<'a> {
    fn new(record: &Record<'a>, from: usize) -> Pieces<'a> {
        Pieces {
            rest: record.data.get(from..).unwrap_or_default(),
            next: record.continued.clone().into_iter(),
        }
    }

    /// Goes on with the next record where this one is used up.
    fn fill(&mut self) -> Option<()> {
        while self.rest.is_empty() {
            self.rest = self.next.next()?;
        }
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        self.fill()?;
        let (byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*byte)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    fn u32(&mut self) -> Option<u32> {
        let bytes = [self.byte()?, self.byte()?, self.byte()?, self.byte()?];
        Some(u32::from_le_bytes(bytes))
    }

    fn skip(&mut self, mut count: usize) -> Option<()> {
        while count > 0 {
            self.fill()?;
            let here = count.min(self.rest.len());
            self.rest = self.rest.get(here..)?;
            count -= here;
        }
        Some(())
    }

    /// So many characters; where a record ends between them, the next begins with how wide they are from there.
    fn text(&mut self, mut len: usize, mut wide: bool) -> Option<String> {
        let mut out = String::new();
        while len > 0 {
            if self.rest.is_empty() {
                wide = self.byte()? & 1 != 0;
            }
            let each = if wide { 2 } else { 1 };
            let here = len.min(self.rest.len() / each);
            if here == 0 {
                // Half a character: the rest of it is not to be found.
                self.rest = &[];
                len -= 1;
                out.push(char::REPLACEMENT_CHARACTER);
                continue;
            }
            let (bytes, rest) = self.rest.split_at_checked(here * each)?;
            characters(bytes, wide, &mut out);
            (self.rest, len) = (rest, len - here);
        }
        Some(out)
    }
}

/// The encoding of a code page, as far as Excel wrote such.
pub(super) fn page(number: u16) -> &'static Encoding {
    let label = match number {
        367 => "ascii",
        866 => "ibm866",
        874 => "windows-874",
        932 => "shift_jis",
        936 => "gbk",
        949 => "euc-kr",
        950 => "big5",
        1250 => "windows-1250",
        1251 => "windows-1251",
        1253 => "windows-1253",
        1254 => "windows-1254",
        1255 => "windows-1255",
        1256 => "windows-1256",
        1257 => "windows-1257",
        1258 => "windows-1258",
        10_000 => "macintosh",
        10_007 => "x-mac-cyrillic",
        65_001 => "utf-8",
        _ => "windows-1252",
    };
    Encoding::for_label(label.as_bytes()).unwrap_or(WINDOWS_1252)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts_of(data: &[u8], continued: &[&[u8]]) -> Result<Vec<String>, SheetError> {
        let record = Record {
            kind: 0xfc,
            data,
            continued: continued.to_vec(),
        };
        let mut texts = Texts::default();
        let spans = shared(&record, &mut texts)?;
        Ok(spans
            .iter()
            .map(|span| texts.get(*span).to_owned())
            .collect())
    }

    #[test]
    fn strings_run_over_records_and_change_their_width() {
        let head = [9, 0, 0, 0, 2, 0, 0, 0];
        let first = [&head[..], &[4, 0, 0, b'a', b'b']].concat();
        let second = [&[1][..], b"c\0\x20\x20", &[1, 0, 8, 1, 0, b'x', 0, 0, 0]].concat();
        assert_eq!(
            texts_of(&first, &[&second, &[0]]).unwrap(),
            ["abc\u{2020}", "x"]
        );
        assert!(texts_of(&first, &[]).is_err());
        assert_eq!(texts_of(&head, &[]).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn pages_are_found() {
        let spelled = |number, bytes: &[u8]| {
            let spelling = Spelling {
                is_biff8: false,
                page: page(number),
            };
            spelling.short(bytes).unwrap()
        };
        assert_eq!(spelled(1252, b"\x02\x80\xe4"), "€ä");
        assert_eq!(spelled(1251, b"\x01\xc6"), "Ж");
        assert_eq!(spelled(932, b"\x02\x82\xa0"), "あ");
    }
}
