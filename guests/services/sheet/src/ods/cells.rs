//! The cells of a sheet of ODS.

use quick_xml::events::{BytesStart, Event};
use wardian_abi::table::Token;
use wardian_abi::{DAY_MS, Moment};

use super::WHAT;
use super::styles::Styles;
use crate::budget::{COLUMNS_MAX, ROWS_MAX, XML_TOKEN_BYTES_MAX};
use crate::error::SheetError;
use crate::grid::{Bounds, Grid, Sheet};
use crate::serial;
use crate::text::Texts;
use crate::xml::{Xml, attributes, raw, referred, unescaped};

/// What stands in a row: from which column, how many times, and what.
type Run = (u32, u32, Token);

/// A cell's own attributes.
#[derive(Default)]
struct Cell {
    kind: String,
    value: Option<String>,
    style: Option<String>,
    repeated: u32,
    /// It lies under another one, which was merged over it.
    is_covered: bool,
    is_error: bool,
}

/// Reads the element that began last, which is a sheet's.
pub(super) fn read(
    xml: &mut Xml<'_>,
    styles: &Styles,
    texts: &mut Texts,
    bounds: Bounds,
) -> Result<Sheet, SheetError> {
    let own = xml.depth();
    let mut grid = Grid::new(bounds);
    let mut row = 0_u32;
    let mut defaults = Defaults::default();
    let mut runs: Vec<Run> = Vec::new();
    while xml.depth() >= own {
        let (element, is_empty) = match xml.next()? {
            Event::Start(element) => (element, false),
            Event::Empty(element) => (element, true),
            _ => continue,
        };
        match element.local_name().as_ref() {
            "table-row" => {
                let repeated = repeated(&element, "number-rows-repeated");
                let style = style(&element, "default-cell-style-name")?;
                if !is_empty {
                    runs.clear();
                    read_row(xml, styles, &defaults, style.as_deref(), texts, &mut runs)?;
                    if !runs.is_empty() {
                        fill(&mut grid, row, repeated, &runs)?;
                    }
                }
                row = row.saturating_add(repeated);
            }
            "table-column" => {
                let style = style(&element, "default-cell-style-name")?;
                defaults.add(repeated(&element, "number-columns-repeated"), style);
            }
            // Rows and columns may lie in groups and headers; everything else here is no cell.
            "table-row-group"
            | "table-rows"
            | "table-header-rows"
            | "table-column-group"
            | "table-columns"
            | "table-header-columns" => {}
            _ if !is_empty => xml.skip()?,
            _ => {}
        }
    }
    grid.finish(&mut [], (ROWS_MAX, COLUMNS_MAX))
}

/// The styles that columns give to cells without one.
#[derive(Default)]
struct Defaults {
    /// Up to which column, and which style.
    runs: Vec<(u32, Option<String>)>,
}

impl Defaults {
    fn add(&mut self, count: u32, style: Option<String>) {
        let from = self.runs.last().map_or(0, |(end, _)| *end);
        if from < COLUMNS_MAX {
            self.runs.push((from.saturating_add(count), style));
        }
    }

    fn of(&self, column: u32) -> Option<&str> {
        let run = self.runs.iter().find(|(end, _)| column < *end)?;
        run.1.as_deref()
    }
}

fn fill(grid: &mut Grid, row: u32, repeated: u32, runs: &[Run]) -> Result<(), SheetError> {
    // The far corner first: what is too much is refused before it is made.
    let last = row.saturating_add(repeated - 1);
    if let Some((column, count, _)) = runs.last() {
        grid.reach(last, column.saturating_add(count - 1))?;
    }
    for row in row..=last {
        for (column, count, token) in runs {
            for column in *column..column.saturating_add(*count) {
                grid.put(row, column, *token)?;
            }
        }
    }
    Ok(())
}

fn read_row(
    xml: &mut Xml<'_>,
    styles: &Styles,
    defaults: &Defaults,
    row_style: Option<&str>,
    texts: &mut Texts,
    runs: &mut Vec<Run>,
) -> Result<(), SheetError> {
    let own = xml.depth();
    let mut column = 0_u32;
    while xml.depth() >= own {
        let (element, is_empty) = match xml.next()? {
            Event::Start(element) => (element, false),
            Event::Empty(element) => (element, true),
            _ => continue,
        };
        let cell = match element.local_name().as_ref() {
            "table-cell" => cell(&element, false)?,
            "covered-table-cell" => cell(&element, true)?,
            _ => {
                if !is_empty {
                    xml.skip()?;
                }
                continue;
            }
        };
        let mut shown = String::new();
        if !is_empty {
            paragraphs(xml, &mut shown)?;
        }
        let style = cell
            .style
            .as_deref()
            .or(row_style)
            .or_else(|| defaults.of(column));
        let is_duration = style.is_some_and(|style| styles.is_duration(style));
        if let Some(token) = value(&cell, &shown, is_duration, texts)?
            && !cell.is_covered
        {
            runs.push((column, cell.repeated, token));
        }
        column = column.saturating_add(cell.repeated);
    }
    Ok(())
}

fn cell(element: &BytesStart<'_>, is_covered: bool) -> Result<Cell, SheetError> {
    let mut cell = Cell {
        repeated: repeated(element, "number-columns-repeated"),
        is_covered,
        ..Cell::default()
    };
    for (name, value) in attributes(element) {
        match name {
            // `office:value-type` and `calcext:value-type` differ in their prefix alone.
            "value-type" if value == "error" => cell.is_error = true,
            "value-type" if cell.kind.is_empty() => cell.kind = value.to_owned(),
            "value" | "date-value" | "time-value" | "boolean-value" | "string-value" => {
                cell.value = Some(unescaped(value, WHAT)?);
            }
            "style-name" => cell.style = Some(unescaped(value, WHAT)?),
            _ => {}
        }
    }
    Ok(cell)
}

fn value(
    cell: &Cell,
    shown: &str,
    is_duration: bool,
    texts: &mut Texts,
) -> Result<Option<Token>, SheetError> {
    let given = cell.value.as_deref().unwrap_or_default();
    if cell.is_error {
        return Ok(Some(Token::Error(texts.add(shown)?)));
    }
    let read = match cell.kind.as_str() {
        "" => return Ok(None),
        "float" | "percentage" | "currency" => {
            let number = given.trim_ascii().parse::<f64>().ok();
            number
                .filter(|number| number.is_finite())
                .map(Token::Number)
        }
        "boolean" => Some(Token::Bool(given == "true")),
        "date" => serial::iso(given).map(Token::Moment),
        "time" => serial::iso_duration(given).map(|elapsed| match elapsed.0 {
            ms @ 0..DAY_MS if !is_duration => Token::Moment(Moment::Time(ms)),
            _ => Token::Elapsed(elapsed),
        }),
        _ => None,
    };
    let text = match (read, &cell.value) {
        (Some(token), _) => return Ok(Some(token)),
        (None, Some(value)) => value,
        (None, None) => shown,
    };
    Ok(Some(Token::Text(texts.add(text)?)))
}

/// The paragraphs of a cell, a line each, without comments and drawings.
fn paragraphs(xml: &mut Xml<'_>, out: &mut String) -> Result<(), SheetError> {
    let own = xml.depth();
    let (mut inside, mut first) = (0_u32, true);
    while xml.depth() >= own {
        let depth = xml.depth();
        let (element, is_empty) = match xml.next()? {
            Event::Text(text) if inside > 0 => {
                out.push_str(&text.xml10_content());
                continue;
            }
            Event::CData(text) if inside > 0 => {
                out.push_str(&text.xml10_content());
                continue;
            }
            Event::GeneralRef(reference) if inside > 0 => {
                out.push(referred(&reference, WHAT)?);
                continue;
            }
            Event::End(_) => {
                inside = if depth > inside { inside } else { 0 };
                continue;
            }
            Event::Start(element) => (element, false),
            Event::Empty(element) => (element, true),
            _ => continue,
        };
        match element.local_name().as_ref() {
            "p" | "h" if inside == 0 => {
                if !first {
                    out.push('\n');
                }
                first = false;
                inside = if is_empty { 0 } else { depth + 1 };
            }
            "s" => {
                let count = raw(&element, "c")
                    .and_then(|count| count.parse().ok())
                    .unwrap_or(1);
                spaces(out, count)?;
            }
            "tab" => out.push('\t'),
            "line-break" => out.push('\n'),
            "span" | "a" | "ruby" | "ruby-base" => {}
            _ if !is_empty => xml.skip()?,
            _ => {}
        }
        if out.len() > XML_TOKEN_BYTES_MAX {
            return spaces(out, usize::MAX);
        }
    }
    Ok(())
}

fn spaces(out: &mut String, count: usize) -> Result<(), SheetError> {
    if count > XML_TOKEN_BYTES_MAX - out.len().min(XML_TOKEN_BYTES_MAX) {
        return Err(SheetError::too_large(format!(
            "a cell has more than {XML_TOKEN_BYTES_MAX} bytes of text"
        )));
    }
    out.extend(std::iter::repeat_n(' ', count));
    Ok(())
}

fn style(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, SheetError> {
    raw(element, name)
        .map(|value| unescaped(value, WHAT))
        .transpose()
}

/// How many times something stands there: at least once, and no more often than a sheet has rows.
fn repeated(element: &BytesStart<'_>, name: &str) -> u32 {
    let count = raw(element, name).and_then(|count| count.trim_ascii().parse::<u64>().ok());
    count.unwrap_or(1).clamp(1, ROWS_MAX.into()) as u32
}
