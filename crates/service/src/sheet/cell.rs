//! Cells as callers see them: read out of the answer as they are asked for, without copying and without allocating.

use std::fmt;

use bytes::Bytes;
use wardian_abi::table::{Head, Span, Token};

use super::answer::SheetInfo;

pub use wardian_abi::{Elapsed, Moment};

/// What is in a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Nothing: no cell, a cell with a format only, or one that a merged area covers.
    Empty,
    /// Text, plain; of rich text the letters alone.
    Text(&'a str),
    /// A number, finite. Percentages are what they are, 0.25 for 25 %.
    Number(f64),
    /// True or false.
    Bool(bool),
    /// A day, a time of day, or both: a number whose format shows it so.
    Date(Moment),
    /// A length of time: a number whose format counts hours beyond a day.
    Duration(Elapsed),
    /// An error, as it is shown: `#DIV/0!`.
    Error(&'a str),
}

impl fmt::Display for Cell<'_> {
    /// As CSV has it: nothing for an empty cell, the shortest digits of a number, `TRUE`, ISO 8601 for dates and
    /// durations.
    ///
    /// ```
    /// use wardian_service::sheet::Cell;
    ///
    /// let shown = [Cell::Empty, Cell::Number(0.5), Cell::Number(1e21), Cell::Bool(true)].map(|cell| cell.to_string());
    /// assert_eq!(shown, ["", "0.5", "1e+21", "TRUE"]);
    /// ```
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Empty => Ok(()),
            Cell::Text(text) | Cell::Error(text) => f.write_str(text),
            Cell::Number(number) => shortest(*number, f),
            Cell::Bool(true) => f.write_str("TRUE"),
            Cell::Bool(false) => f.write_str("FALSE"),
            Cell::Date(moment) => moment.fmt(f),
            Cell::Duration(elapsed) => elapsed.fmt(f),
        }
    }
}

/// The digits of a number as the guest writes them.
fn shortest(number: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if number == 0.0 {
        return f.write_str("0");
    }
    if number.trunc() == number && number.abs() < 1e15 {
        return write!(f, "{}", number as i64);
    }
    // A number that is not finite has no JSON; no cell holds one.
    match serde_json::Number::from_f64(number) {
        Some(json) => {
            let digits = json.to_string();
            f.write_str(digits.strip_suffix(".0").unwrap_or(&digits))
        }
        None => write!(f, "{number}"),
    }
}

/// A sheet and its cells.
///
/// It shares the answer's memory: cloning it is cheap, and keeping one keeps all sheets of the call.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub(super) info: SheetInfo,
    pub(super) has_header: bool,
    pub(super) text: Bytes,
    pub(super) cells: Bytes,
}

impl Sheet {
    /// Its name, place, kind and size.
    #[must_use]
    pub fn info(&self) -> &SheetInfo {
        &self.info
    }

    /// The names of its columns, each once, where the first row was said to hold them and there is one.
    #[must_use]
    pub fn header(&self) -> Option<Vec<&str>> {
        let row = self.has_header.then(|| self.all().next()).flatten()?;
        let name = |cell| match cell {
            Cell::Text(name) => name,
            _ => "",
        };
        Some(row.cells().map(name).collect())
    }

    /// Its rows, without the one that holds names. Each is as wide as the sheet.
    ///
    /// ```no_run
    /// # fn f(sheet: &wardian_service::sheet::Sheet) {
    /// use wardian_service::sheet::Cell;
    ///
    /// let sum: f64 = sheet
    ///     .rows()
    ///     .filter_map(|row| match row.get(2) {
    ///         Cell::Number(number) => Some(number),
    ///         _ => None,
    ///     })
    ///     .sum();
    /// # let _ = sum; }
    /// ```
    #[must_use]
    pub fn rows(&self) -> Rows<'_> {
        let mut rows = self.all();
        if self.has_header {
            rows.next();
        }
        rows
    }

    fn all(&self) -> Rows<'_> {
        Rows {
            text: &self.text,
            rest: &self.cells,
            empty: 0,
            left: self.info.rows + u32::from(self.has_header),
            columns: self.info.columns,
        }
    }

    /// Every cell as plain text, row by row: what CSV would hold. A text that many cells share is written out for each
    /// of them.
    ///
    /// # Errors
    /// [`TooMuchText`] if that would be more than [`STRINGS_BYTES_MAX`].
    pub fn to_strings(&self) -> Result<Vec<Vec<String>>, TooMuchText> {
        let mut left = STRINGS_BYTES_MAX;
        let mut text = |cell: Cell<'_>| {
            if let Cell::Text(text) = cell {
                left = left.checked_sub(text.len()).ok_or(TooMuchText)?;
            }
            Ok(cell.to_string())
        };
        self.rows()
            .map(|row| row.cells().map(&mut text).collect())
            .collect()
    }
}

/// Bytes of text that [`Sheet::to_strings`] writes out: as many as an answer of the guest may have.
pub const STRINGS_BYTES_MAX: usize = 64 << 20;

/// The text of a sheet, written out for each cell, has more bytes than [`STRINGS_BYTES_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the text of the sheet, written out for each cell, has more than {STRINGS_BYTES_MAX} bytes"
)]
pub struct TooMuchText;

/// The rows of a sheet.
#[derive(Clone, Debug)]
pub struct Rows<'a> {
    text: &'a [u8],
    rest: &'a [u8],
    empty: u32,
    left: u32,
    columns: u32,
}

impl<'a> Rows<'a> {
    fn row(&self, tokens: &'a [u8]) -> Row<'a> {
        Row {
            text: self.text,
            tokens,
            columns: self.columns,
        }
    }
}

impl<'a> Iterator for Rows<'a> {
    type Item = Row<'a>;

    fn next(&mut self) -> Option<Row<'a>> {
        self.left = self.left.checked_sub(1)?;
        if self.empty == 0
            && let Some((head, behind)) = Head::read(self.rest)
        {
            self.rest = behind;
            match head {
                Head::Empty(count) => self.empty = count,
                Head::Row(bytes) => {
                    let cut = behind.split_at_checked(bytes as usize);
                    let (row, behind) = cut.unwrap_or((behind, &[]));
                    self.rest = behind;
                    return Some(self.row(row));
                }
            }
        }
        self.empty = self.empty.saturating_sub(1);
        Some(self.row(&[]))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl ExactSizeIterator for Rows<'_> {}

/// A row of a sheet.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    text: &'a [u8],
    tokens: &'a [u8],
    columns: u32,
}

impl<'a> Row<'a> {
    /// Its cells, as many as the sheet has columns.
    #[must_use]
    pub fn cells(&self) -> Cells<'a> {
        Cells {
            text: self.text,
            rest: self.tokens,
            empty: 0,
            left: self.columns,
        }
    }

    /// The cell of a column, counted from 0; empty beyond the last. It walks over those before it.
    #[must_use]
    pub fn get(&self, column: usize) -> Cell<'a> {
        self.cells().nth(column).unwrap_or(Cell::Empty)
    }
}

/// The cells of a row.
#[derive(Clone, Debug)]
pub struct Cells<'a> {
    text: &'a [u8],
    rest: &'a [u8],
    empty: u32,
    left: u32,
}

impl<'a> Cells<'a> {
    /// Text was checked as a whole when the answer came; looked at again, it costs a few nanoseconds and no `unsafe`.
    fn text(&self, span: Span) -> &'a str {
        let at = span.at as usize;
        let bytes = self.text.get(at..at.saturating_add(span.len as usize));
        bytes
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or_default()
    }
}

impl<'a> Iterator for Cells<'a> {
    type Item = Cell<'a>;

    fn next(&mut self) -> Option<Cell<'a>> {
        self.left = self.left.checked_sub(1)?;
        if self.empty == 0
            && let Some((token, behind)) = Token::read(self.rest)
        {
            self.rest = behind;
            match token {
                Token::Empty(count) => self.empty = count,
                Token::Text(span) => return Some(Cell::Text(self.text(span))),
                Token::Number(number) => return Some(Cell::Number(number)),
                Token::Bool(value) => return Some(Cell::Bool(value)),
                Token::Error(span) => return Some(Cell::Error(self.text(span))),
                Token::Moment(moment) => return Some(Cell::Date(moment)),
                Token::Elapsed(elapsed) => return Some(Cell::Duration(elapsed)),
            }
        }
        self.empty = self.empty.saturating_sub(1);
        Some(Cell::Empty)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl ExactSizeIterator for Cells<'_> {}
