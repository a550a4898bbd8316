//! The cells of a sheet of XLS.

use wardian_abi::table::Token;

use super::globals::Globals;
use super::records::{Record, records};
use super::{malformed, u16_at, u32_at};
use crate::budget::{self, MERGES_MAX};
use crate::error::SheetError;
use crate::grid::{Area, Bounds, Grid, Sheet};
use crate::numfmt::Class;
use crate::serial;
use crate::text::Texts;

const BEGIN: u16 = 0x0809;
const END: u16 = 0x000a;
/// The last row and column that a sheet can have.
const EDGE: (u32, u32) = (u16::MAX as u32, u8::MAX as u32);

/// A sheet that is being read.
struct Reading<'a> {
    globals: &'a Globals,
    texts: &'a mut Texts,
    grid: Grid,
    merged: Vec<Area>,
    /// Where the text belongs that comes behind a formula.
    formula: Option<(u32, u32)>,
}

pub(super) fn read(
    stream: &[u8],
    globals: &Globals,
    texts: &mut Texts,
    bounds: Bounds,
) -> Result<Sheet, SheetError> {
    let mut reading = Reading {
        globals,
        texts,
        grid: Grid::new(bounds),
        merged: Vec::new(),
        formula: None,
    };
    // Charts inside a sheet are streams of their own, with records that look like cells.
    let mut depth = 0_u32;
    for record in records(stream) {
        match record.kind {
            BEGIN => depth += 1,
            END if depth <= 1 => {
                return reading.grid.finish(&mut reading.merged, EDGE);
            }
            END => depth -= 1,
            _ if depth == 0 => return Err(malformed("a sheet does not begin where it should")),
            _ if depth == 1 => reading.record(&record)?,
            _ => {}
        }
    }
    Err(malformed("a sheet is cut off"))
}

impl Reading<'_> {
    fn record(&mut self, record: &Record<'_>) -> Result<(), SheetError> {
        let cut_off = || malformed("a cell is cut off");
        let data = record.data;
        match record.kind {
            0x0203 | 0x027e | 0x00bd | 0x00fd | 0x0204 | 0x00d6 | 0x0205 | 0x0006 | 0x0201
            | 0x00be => {
                let row = u16_at(data, 0).ok_or_else(cut_off)?.into();
                let column = u16_at(data, 2).ok_or_else(cut_off)?.into();
                self.cell(record, row, column)?.ok_or_else(cut_off)
            }
            0x0207 => {
                if let Some((row, column)) = self.formula.take() {
                    let text = self.globals.spelling.result(record).ok_or_else(cut_off)?;
                    let token = Token::Text(self.texts.add(&text)?);
                    self.grid.put(row, column, token)?;
                }
                Ok(())
            }
            0x00e5 => self.merged(data),
            _ => Ok(()),
        }
    }

    /// `None` inside for a record that is too short for what it is.
    fn cell(
        &mut self,
        record: &Record<'_>,
        row: u32,
        column: u32,
    ) -> Result<Option<()>, SheetError> {
        let data = record.data;
        let token = match record.kind {
            0x0203 => self.number(data, 4, data.get(6..)),
            0x027e => self.packed(data, 4),
            0x00bd => return self.packed_row(data, row, column),
            0x00be => return self.blank_row(data, row, column),
            0x0201 => return self.grid.reach(row, column).map(|_| Some(())),
            0x00fd => self.shared(data)?,
            0x0204 | 0x00d6 => self.label(data)?,
            0x0205 => self.bool_or_error(data.get(6..))?,
            _ => {
                self.grid.reach(row, column)?;
                return self.formula(data, row, column);
            }
        };
        match token {
            Some(token) => self.grid.put(row, column, token).map(Some),
            None => Ok(None),
        }
    }

    fn class(&self, data: &[u8], at: usize) -> Class {
        let style = u16_at(data, at).map(usize::from);
        let class = style.and_then(|style| self.globals.classes.get(style));
        class.copied().unwrap_or_default()
    }

    fn number(&self, data: &[u8], style_at: usize, value: Option<&[u8]>) -> Option<Token> {
        let value = f64::from_le_bytes(*value?.first_chunk()?);
        Some(self.shown(value, data, style_at))
    }

    fn shown(&self, value: f64, data: &[u8], style_at: usize) -> Token {
        let value = if value.is_finite() { value } else { 0.0 };
        serial::token(value, self.class(data, style_at), self.globals.is_1904)
    }

    /// A style and four bytes of number: thirty bits of a whole one, or the upper thirty of a long one; a hundredth of
    /// either if so marked.
    fn packed(&self, data: &[u8], at: usize) -> Option<Token> {
        let packed = u32_at(data, at + 2)?;
        let whole = f64::from((packed as i32) >> 2);
        let long = f64::from_bits(u64::from(packed & !3) << 32);
        let value = if packed & 2 != 0 { whole } else { long };
        let value = if packed & 1 != 0 {
            value / 100.0
        } else {
            value
        };
        Some(self.shown(value, data, at))
    }

    fn packed_row(&mut self, data: &[u8], row: u32, first: u32) -> Result<Option<()>, SheetError> {
        let count = data.len().saturating_sub(6) / 6;
        for (number, column) in (0..count).zip(first..) {
            if let Some(token) = self.packed(data, 4 + number * 6) {
                self.grid.put(row, column, token)?;
            }
        }
        Ok(Some(()))
    }

    fn blank_row(&mut self, data: &[u8], row: u32, first: u32) -> Result<Option<()>, SheetError> {
        let count = (data.len().saturating_sub(6) / 2) as u32;
        if count > 0 {
            self.grid.reach(row, first.saturating_add(count - 1))?;
        }
        Ok(Some(()))
    }

    fn shared(&self, data: &[u8]) -> Result<Option<Token>, SheetError> {
        let Some(index) = u32_at(data, 6) else {
            return Ok(None);
        };
        let span = self.globals.shared.get(index as usize);
        let span =
            span.ok_or_else(|| malformed("a cell names a shared string that there is not"))?;
        Ok(Some(Token::Text(*span)))
    }

    fn label(&mut self, data: &[u8]) -> Result<Option<Token>, SheetError> {
        let text = data
            .get(6..)
            .and_then(|text| self.globals.spelling.long(text));
        let Some(text) = text else { return Ok(None) };
        Ok(Some(Token::Text(self.texts.add(&text)?)))
    }

    fn bool_or_error(&mut self, value: Option<&[u8]>) -> Result<Option<Token>, SheetError> {
        let Some([value, is_error, ..]) = value else {
            return Ok(None);
        };
        Ok(Some(match is_error {
            0 => Token::Bool(*value != 0),
            _ => Token::Error(self.texts.add(error(*value))?),
        }))
    }

    /// The result that was kept; where it is text, it comes in the next record.
    fn formula(&mut self, data: &[u8], row: u32, column: u32) -> Result<Option<()>, SheetError> {
        self.formula = None;
        let Some(value) = data.get(6..14) else {
            return Ok(None);
        };
        let token = match value {
            [0, .., 0xff, 0xff] => {
                self.formula = Some((row, column));
                return Ok(Some(()));
            }
            [1, _, value, .., 0xff, 0xff] => self.bool_or_error(Some(&[*value, 0]))?,
            [2, _, value, .., 0xff, 0xff] => self.bool_or_error(Some(&[*value, 1]))?,
            [3, .., 0xff, 0xff] => Some(Token::Text(self.texts.add("")?)),
            value => self.number(data, 4, Some(value)),
        };
        match token {
            Some(token) => self.grid.put(row, column, token).map(Some),
            None => Ok(None),
        }
    }

    fn merged(&mut self, data: &[u8]) -> Result<(), SheetError> {
        let (areas, _) = data.get(2..).unwrap_or_default().as_chunks::<8>();
        for area in areas {
            budget::count("merged areas", self.merged.len() + 1, MERGES_MAX)?;
            let field = |at| u32::from(u16_at(area, at).unwrap_or(0));
            self.merged.push(Area {
                rows: (field(0), field(2)),
                columns: (field(4), field(6)),
            });
        }
        Ok(())
    }
}

/// An error by its number (MS-XLS 2.5.10).
const fn error(code: u8) -> &'static str {
    match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0f => "#VALUE!",
        0x17 => "#REF!",
        0x1d => "#NAME?",
        0x24 => "#NUM!",
        0x2a => "#N/A",
        0x2b => "#GETTING_DATA",
        _ => "#ERROR!",
    }
}
