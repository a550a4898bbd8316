//! Which format a source has, by its content. A name says nothing here.

use crate::archive::Archive;
use crate::error::SheetError;
use crate::xls::container::Container;

/// A format that is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Format {
    Xlsx,
    Xls,
    Ods,
    Csv,
}

impl Format {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Format::Xlsx => "xlsx",
            Format::Xls => "xls",
            Format::Ods => "ods",
            Format::Csv => "csv",
        }
    }
}

/// A source whose outermost shape was read.
#[derive(Debug)]
pub(crate) enum Source<'a> {
    Xlsx(Archive<'a>),
    Ods(Archive<'a>),
    Xls(Container<'a>),
    Csv(&'a [u8]),
}

/// Beginnings of text files that are no table, in lower case.
const MARKUP: [&[u8]; 5] = [b"<?xml", b"<!doctype", b"<html", b"{\\rtf", b"%pdf-"];
/// Bytes that are looked at for signs that a file is no text.
const LOOKED_AT: usize = 64 << 10;

pub(crate) fn open(source: &[u8]) -> Result<Source<'_>, SheetError> {
    if source.starts_with(b"PK\x03\x04") || source.starts_with(b"PK\x05\x06") {
        return zipped(Archive::open(source)?);
    }
    if source.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return compound(Container::open(source)?);
    }
    if let [0x09, 0x00 | 0x02 | 0x04 | 0x08, ..] = source {
        return Err(SheetError::unsupported(
            "the workbook is older than Excel 5.0: save it anew",
        ));
    }
    if is_text(source) {
        return Ok(Source::Csv(source));
    }
    Err(unknown("the source is neither XLSX, XLS, ODS nor text"))
}

fn zipped(archive: Archive<'_>) -> Result<Source<'_>, SheetError> {
    if archive.names().any(|name| name.ends_with("workbook.bin")) {
        return Err(SheetError::unsupported(
            "the workbook is an XLSB: save it as XLSX",
        ));
    }
    if archive.has("_rels/.rels") || archive.has("xl/workbook.xml") {
        return Ok(Source::Xlsx(archive));
    }
    if archive.has("content.xml") {
        return Ok(Source::Ods(archive));
    }
    Err(unknown(
        "the archive holds neither an XLSX nor an ODS workbook",
    ))
}

fn compound(container: Container<'_>) -> Result<Source<'_>, SheetError> {
    if container.has("EncryptedPackage") || container.has("EncryptionInfo") {
        return Err(SheetError::encrypted());
    }
    if container.has("Workbook") || container.has("Book") {
        return Ok(Source::Xls(container));
    }
    Err(unknown("the compound file holds no workbook"))
}

fn is_text(source: &[u8]) -> bool {
    let sixteen = source.starts_with(b"\xff\xfe") || source.starts_with(b"\xfe\xff");
    let source = source.strip_prefix(b"\xef\xbb\xbf").unwrap_or(source);
    let looked_at = source.get(..LOOKED_AT).unwrap_or(source);
    let begins = looked_at.trim_ascii_start();
    let is_markup = |with: &&[u8]| {
        let begins = begins.get(..with.len());
        begins.is_some_and(|begins| begins.eq_ignore_ascii_case(with))
    };
    let control = |byte: &u8| matches!(byte, 0..=8 | 0x0e..=0x1f | 0x7f);
    sixteen || !(MARKUP.iter().any(is_markup) || looked_at.iter().any(control))
}

fn unknown(message: &str) -> SheetError {
    SheetError::new("sheet.unknown_format", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_a_table_unless_it_is_something_else() {
        for text in ["a,b\n1,2", "\u{feff}ä;b", " ", "<a>,b", "\tx"] {
            assert!(
                matches!(open(text.as_bytes()), Ok(Source::Csv(_))),
                "{text:?}"
            );
        }
        let none = [
            &b"<!DOCTYPE html>"[..],
            b"  <?xml version=",
            b"a\0b",
            b"%PDF-1.7",
            b"\x89PNG\r\n\x1a\n",
        ];
        for bytes in none {
            assert_eq!(open(bytes).unwrap_err().code, "sheet.unknown_format");
        }
        assert_eq!(
            open(b"\x09\x04\x06\0").unwrap_err().code,
            "sheet.unsupported"
        );
        assert_eq!(open(b"PK\x05\x06").unwrap_err().code, "sheet.malformed");
    }
}
