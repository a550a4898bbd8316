//! Rows of plain text: JSON and NDJSON in the shape that the service gives them, but every cell the text that CSV has.
//!
//! It is put together here, from cells that share their text. A workbook that names one long text in every cell would
//! become any length here, so the length is looked at before each piece, with the service's own ceiling.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, Write};

use serde_json::ser::{CompactFormatter, Formatter as _};
use wardian_service::ServiceError;
use wardian_service::sheet::{Cell, Document, Row, Sheet, Workbook};

/// Bytes that a document may have, as one that the guest writes.
const BYTES_MAX: usize = 60 << 20;

/// A document of all that is in the workbook; with `lines` NDJSON. Of `all` sheets it says which is which.
pub(super) fn document(
    workbook: Workbook,
    lines: bool,
    all: bool,
) -> Result<Document, ServiceError> {
    let mut out = Bounded::new(BYTES_MAX);
    let written = match (lines, all) {
        (true, all) => as_lines(&mut out, &workbook.sheets, all),
        (false, true) => as_object(&mut out, &workbook.sheets),
        (false, false) => workbook
            .sheets
            .iter()
            .try_for_each(|sheet| rows(&mut out, sheet)),
    };
    // Memory is all that is written to.
    if written.is_err() {
        return Err(ServiceError::Refused {
            code: "sheet.too_large",
            message: format!("the result has more than {BYTES_MAX} bytes, which are allowed"),
            usage: Box::new(workbook.usage),
        });
    }
    Ok(Document {
        bytes: out.bytes.into(),
        format: workbook.format,
        dialect: workbook.dialect,
        sheets: workbook
            .sheets
            .iter()
            .map(|sheet| sheet.info().clone())
            .collect(),
        usage: workbook.usage,
    })
}

fn as_lines(out: &mut Bounded, sheets: &[Sheet], all: bool) -> io::Result<()> {
    for sheet in sheets {
        let header = sheet.header();
        for cells in sheet.rows() {
            if all {
                out.write_all(b"{\"sheet\":")?;
                text(out, &sheet.info().name)?;
                out.write_all(b",\"row\":")?;
            }
            row(out, cells, header.as_deref())?;
            out.write_all(if all { b"}\n" } else { b"\n" })?;
        }
    }
    Ok(())
}

/// By name. A name that is there already gets a number behind it.
fn as_object(out: &mut Bounded, sheets: &[Sheet]) -> io::Result<()> {
    let mut taken = BTreeSet::new();
    out.write_all(b"{")?;
    for (at, sheet) in sheets.iter().enumerate() {
        let own = &sheet.info().name;
        let mut name = own.clone();
        let mut number = 1;
        while !taken.insert(name.clone()) {
            number += 1;
            name = format!("{own}_{number}");
        }
        separate(out, at)?;
        text(out, &name)?;
        out.write_all(b":")?;
        rows(out, sheet)?;
    }
    out.write_all(b"}")
}

fn rows(out: &mut Bounded, sheet: &Sheet) -> io::Result<()> {
    let header = sheet.header();
    out.write_all(b"[")?;
    for (at, cells) in sheet.rows().enumerate() {
        separate(out, at)?;
        row(out, cells, header.as_deref())?;
    }
    out.write_all(b"]")
}

fn row(out: &mut Bounded, row: Row<'_>, header: Option<&[&str]>) -> io::Result<()> {
    let (open, close): (&[u8], &[u8]) = match header {
        Some(_) => (b"{", b"}"),
        None => (b"[", b"]"),
    };
    out.write_all(open)?;
    for (at, cell) in row.cells().enumerate() {
        separate(out, at)?;
        if let Some(names) = header {
            text(out, names.get(at).copied().unwrap_or_default())?;
            out.write_all(b":")?;
        }
        let shown = match cell {
            Cell::Text(text) | Cell::Error(text) => Cow::Borrowed(text),
            other => Cow::Owned(other.to_string()),
        };
        text(out, &shown)?;
    }
    out.write_all(close)
}

fn separate(out: &mut Bounded, at: usize) -> io::Result<()> {
    CompactFormatter.begin_array_value(out, at == 0)
}

fn text(out: &mut Bounded, text: &str) -> io::Result<()> {
    serde_json::to_writer(out, text).map_err(io::Error::from)
}

/// Memory up to a number of bytes.
struct Bounded {
    bytes: Vec<u8>,
    bytes_max: usize,
}

impl Bounded {
    fn new(bytes_max: usize) -> Bounded {
        Bounded {
            bytes: Vec::new(),
            bytes_max,
        }
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.bytes_max.saturating_sub(self.bytes.len()) {
            return Err(io::Error::other(Full));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// No more has room.
#[derive(Debug)]
struct Full;

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the document is full")
    }
}

impl std::error::Error for Full {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_of_the_longest_document() {
        let mut out = Bounded::new(5);
        text(&mut out, "abc").expect("five bytes with its quotes");
        assert!(out.write_all(b",").is_err());
        let mut out = Bounded::new(5);
        assert!(text(&mut out, "abcd").is_err());
    }
}
