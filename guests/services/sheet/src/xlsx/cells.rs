//! The cells of a sheet of XLSX, as they stand in its part.

use quick_xml::events::{BytesStart, Event};
use wardian_abi::table::{Span, Token};

use super::strings::{self, unescaped};
use super::swift::{self, Swift};
use super::{area, is_true, place};
use crate::budget::{self, COLUMNS_MAX, MERGES_MAX, ROWS_MAX};
use crate::error::SheetError;
use crate::grid::{Area, Bounds, Grid, Sheet};
use crate::numfmt::Class;
use crate::serial;
use crate::text::Texts;
use crate::xml::{Xml, attributes, raw};

/// The last row and column that a sheet can have.
const EDGE: (u32, u32) = (ROWS_MAX - 1, COLUMNS_MAX - 1);

/// What cells refer to.
pub(super) struct Context<'a> {
    pub(super) shared: &'a [Span],
    pub(super) classes: &'a [Class],
    pub(super) is_1904: bool,
}

/// How a value is written.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Number,
    Shared,
    Bool,
    Error,
    /// The text of a formula's result.
    Text,
    /// Text in an element of its own.
    Inline,
    Date,
}

impl Kind {
    /// By its name in the file; what is not known is a number.
    pub(super) fn of(name: &str) -> Kind {
        match name {
            "s" => Kind::Shared,
            "b" => Kind::Bool,
            "e" => Kind::Error,
            "str" => Kind::Text,
            "inlineStr" => Kind::Inline,
            "d" => Kind::Date,
            _ => Kind::Number,
        }
    }
}

/// A cell's own attributes.
pub(super) struct Cell {
    pub(super) row: u32,
    pub(super) column: u32,
    pub(super) style: usize,
    pub(super) kind: Kind,
}

impl Cell {
    pub(super) fn at((row, column): (u32, u32)) -> Cell {
        Cell {
            row,
            column,
            style: 0,
            kind: Kind::Number,
        }
    }
}

pub(super) fn read(
    mut xml: Xml<'_>,
    context: &Context<'_>,
    texts: &mut Texts,
    bounds: Bounds,
) -> Result<Sheet, SheetError> {
    let what = xml.what();
    let mut grid = Grid::new(bounds);
    let mut merged: Vec<Area> = Vec::new();
    // The row and the column that a cell has which does not say.
    let (mut row, mut column) = (0_u32, 0_u32);
    let (mut is_sheet, mut in_data, mut begun) = (false, false, false);
    let mut text = String::new();
    loop {
        while in_data
            && let Some(Swift { cell, value, len }) = swift::cell(xml.ahead(), (row, column))
        {
            (row, column) = (cell.row, cell.column.saturating_add(1));
            if grid.reach(cell.row, cell.column)?
                && let Some(value) = value
                && let Some(token) = read_value(value, &cell, context, texts, what)?
            {
                grid.put(cell.row, cell.column, token)?;
            }
            xml.pass(len);
        }
        let (element, is_empty) = match xml.next()? {
            Event::Start(element) => (element, false),
            Event::Empty(element) => (element, true),
            Event::End(element) => {
                in_data &= element.local_name().as_ref() != "sheetData";
                continue;
            }
            Event::Eof if is_sheet => return grid.finish(&mut merged, EDGE),
            Event::Eof => return Err(SheetError::malformed(what, "it is no worksheet")),
            _ => continue,
        };
        match element.local_name().as_ref() {
            "c" if in_data => {
                let cell = cell(&element, (row, column), what)?;
                (row, column) = (cell.row, cell.column.saturating_add(1));
                let wanted = grid.reach(cell.row, cell.column)?;
                if wanted && !is_empty {
                    text.clear();
                    if let Some(token) = value(&mut xml, &cell, context, texts, &mut text)? {
                        grid.put(cell.row, cell.column, token)?;
                    }
                } else if !is_empty {
                    xml.skip()?;
                }
            }
            "row" if in_data => {
                let due = if begun { row.saturating_add(1) } else { 0 };
                row = row_of(&element, due, what)?;
                (begun, column) = (true, 0);
            }
            "sheetData" => in_data = !is_empty,
            "mergeCell" => {
                budget::count("merged areas", merged.len() + 1, MERGES_MAX)?;
                merged.extend(raw(&element, "ref").and_then(area));
            }
            "worksheet" => is_sheet = true,
            _ => {}
        }
    }
}

fn row_of(element: &BytesStart<'_>, due: u32, what: &'static str) -> Result<u32, SheetError> {
    match raw(element, "r") {
        None => Ok(due),
        Some(text) => match place(text.trim_ascii()) {
            Some((Some(row), _)) => Ok(row),
            _ => Err(SheetError::malformed(what, "a row has no number")),
        },
    }
}

fn cell(element: &BytesStart<'_>, due: (u32, u32), what: &'static str) -> Result<Cell, SheetError> {
    let mut cell = Cell::at(due);
    for (name, value) in attributes(element) {
        match name {
            "r" => match place(value.trim_ascii()) {
                Some((Some(row), Some(column))) => (cell.row, cell.column) = (row, column),
                _ => return Err(SheetError::malformed(what, "a cell has no place")),
            },
            "s" => cell.style = value.parse().unwrap_or(usize::MAX),
            "t" => cell.kind = Kind::of(value),
            _ => {}
        }
    }
    Ok(cell)
}

/// What is in a cell, up to its end. Formulas are passed over: their result stands beside them.
fn value(
    xml: &mut Xml<'_>,
    cell: &Cell,
    context: &Context<'_>,
    texts: &mut Texts,
    text: &mut String,
) -> Result<Option<Token>, SheetError> {
    let own = xml.depth();
    let mut token = None;
    while xml.depth() >= own {
        let Event::Start(element) = xml.next()? else {
            continue;
        };
        match element.local_name().as_ref() {
            "v" if cell.kind != Kind::Inline => {
                xml.text(text)?;
                token = read_value(text, cell, context, texts, xml.what())?;
                text.clear();
            }
            "is" => {
                strings::string(xml, text)?;
                token = Some(Token::Text(texts.add(&unescaped(text))?));
                text.clear();
            }
            _ => xml.skip()?,
        }
    }
    Ok(token)
}

fn read_value(
    text: &str,
    cell: &Cell,
    context: &Context<'_>,
    texts: &mut Texts,
    what: &'static str,
) -> Result<Option<Token>, SheetError> {
    let plain = text.trim_ascii();
    if plain.is_empty() && cell.kind != Kind::Text {
        return Ok(None);
    }
    Ok(Some(match cell.kind {
        Kind::Number => match plain.parse::<f64>() {
            Ok(number) if number.is_finite() => {
                let class = context.classes.get(cell.style).copied();
                serial::token(number, class.unwrap_or_default(), context.is_1904)
            }
            // Beyond what a number can be, as Excel says it.
            Ok(_) => Token::Error(texts.add("#NUM!")?),
            Err(_) => Token::Text(texts.add(&unescaped(text))?),
        },
        Kind::Shared => {
            let index = plain.parse::<usize>().ok();
            let span = index.and_then(|index| context.shared.get(index));
            let span = span.ok_or_else(|| {
                SheetError::malformed(what, "a cell names a shared string that there is not")
            })?;
            Token::Text(*span)
        }
        Kind::Bool => Token::Bool(is_true(plain) || plain.eq_ignore_ascii_case("true")),
        Kind::Error => Token::Error(texts.add(plain)?),
        Kind::Date => match serial::iso(plain) {
            Some(moment) => Token::Moment(moment),
            None => Token::Text(texts.add(plain)?),
        },
        Kind::Text | Kind::Inline => Token::Text(texts.add(&unescaped(text))?),
    }))
}
