//! Cells as they were collected: the block of text, then the rows of each sheet.

use wardian_abi::table::{Head, Token};
use wardian_abi::{Streamed, Value};

use super::walk::Rows;
use super::{described, header};
use crate::budget;
use crate::error::SheetError;
use crate::workbook::Read;

/// Descriptions of the sheets, and the bytes of text before them. Where there is a header, its row holds the names.
pub(super) fn write(
    body: &mut Streamed,
    read: &mut Read,
    header: bool,
) -> Result<(Vec<Value<'static>>, usize), SheetError> {
    if header {
        for (_, _, sheet) in &mut read.sheets {
            let mut rows = Rows::of(sheet);
            let Some(first) = rows.next() else { continue };
            let names = header::names(first, sheet.columns, &read.texts);
            let mut row = Vec::new();
            for name in names {
                Token::Text(read.texts.add(&name)?).write(&mut row);
            }
            let mut cells = Vec::with_capacity(sheet.cells.len() + row.len() + 8);
            Head::Row(row.len() as u32).write(&mut cells);
            cells.append(&mut row);
            let (empty, rest) = rows.rest();
            if empty > 0 {
                Head::Empty(empty).write(&mut cells);
            }
            cells.extend_from_slice(rest);
            sheet.cells = cells;
        }
    }
    let text = read.texts.block();
    let all: usize = read
        .sheets
        .iter()
        .map(|(_, _, sheet)| sheet.cells.len())
        .sum();
    budget::output(text.len() + all)?;
    let out = body.body();
    out.reserve_exact(text.len() + all + 256);
    out.extend_from_slice(text.as_bytes());
    let text_bytes = text.len();
    let mut sheets = Vec::new();
    for (place, info, sheet) in &mut read.sheets {
        out.extend_from_slice(&sheet.cells);
        let has_header = header && sheet.rows > 0;
        sheets.push(described(
            *place,
            info,
            sheet,
            has_header,
            sheet.cells.len(),
        ));
        sheet.cells = Vec::new();
    }
    Ok((sheets, text_bytes))
}
