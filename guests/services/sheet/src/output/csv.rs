//! CSV by RFC 4180: commas, lines that end in CR LF, quotes where they are needed.

use wardian_abi::{Streamed, Value};

use super::walk::Rows;
use super::{described, header, plain};
use crate::budget;
use crate::error::SheetError;
use crate::options::Ask;
use crate::workbook::Read;

pub(super) fn write(
    body: &mut Streamed,
    read: &Read,
    ask: &Ask<'_>,
) -> Result<Vec<Value<'static>>, SheetError> {
    let [(place, info, sheet)] = read.sheets.as_slice() else {
        return Err(SheetError::new(
            "sheet.options",
            format!(
                "CSV holds one sheet, and the workbook has {}: give a `sheet`, or another `output`",
                read.sheets.len()
            ),
        ));
    };
    let mut rows = Rows::of(sheet);
    if ask.header
        && let Some(first) = rows.next()
    {
        let names = header::names(first, sheet.columns, &read.texts);
        for (column, name) in names.iter().enumerate() {
            field(
                name.as_bytes(),
                column == 0,
                sheet.columns == 1,
                body.body(),
            );
        }
        body.body().extend_from_slice(b"\r\n");
    }
    let mut text = Vec::new();
    for mut row in rows {
        for column in 0..sheet.columns {
            text.clear();
            plain(row.next(), &read.texts, &mut text);
            field(&text, column == 0, sheet.columns == 1, body.body());
            budget::output(body.len())?;
        }
        body.body().extend_from_slice(b"\r\n");
    }
    let has_header = ask.header && sheet.rows > 0;
    Ok(vec![described(*place, info, sheet, has_header, body.len())])
}

/// A field and the comma before it. One that is empty and alone is quoted: readers pass over lines with nothing on them.
fn field(text: &[u8], is_first: bool, is_only: bool, out: &mut Vec<u8>) {
    if !is_first {
        out.push(b',');
    }
    let needs_quotes = |byte: &u8| matches!(byte, b',' | b'"' | b'\r' | b'\n');
    if !(text.iter().any(needs_quotes) || is_only && text.is_empty()) {
        return out.extend_from_slice(text);
    }
    out.push(b'"');
    for byte in text {
        if *byte == b'"' {
            out.push(b'"');
        }
        out.push(*byte);
    }
    out.push(b'"');
}
