//! What callers ask for.

use wardian_abi::{Arguments, Value};

use super::CELLS_DEFAULT;

/// Which sheet is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Which {
    /// The first worksheet.
    #[default]
    First,
    /// By its place in the workbook, counted from 0.
    Index(u32),
    /// By its name, exactly.
    Name(String),
    /// Every worksheet, in order.
    All,
}

/// A rectangle of cells, both ends included, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Area {
    /// First and last row.
    pub rows: (u32, u32),
    /// First and last column.
    pub columns: (u32, u32),
}

impl Area {
    /// `A1:C10`, as spreadsheets name it.
    ///
    /// ```
    /// use wardian_service::sheet::Area;
    ///
    /// let area = Area { rows: (0, 9), columns: (0, 27) };
    /// assert_eq!(area.name(), "A1:AB10");
    /// ```
    #[must_use]
    pub fn name(&self) -> String {
        let place = |row: u32, column: u32| format!("{}{}", letters(column), u64::from(row) + 1);
        format!(
            "{}:{}",
            place(self.rows.0, self.columns.0),
            place(self.rows.1, self.columns.1)
        )
    }

    /// Rows and columns that it has.
    pub(super) fn sides(&self) -> (u64, u64) {
        let side = |(first, last): (u32, u32)| u64::from(first.abs_diff(last)) + 1;
        (side(self.rows), side(self.columns))
    }
}

/// The name of a column: `A` to `Z`, `AA` and so on.
fn letters(column: u32) -> String {
    let (mut left, mut letters) = (u64::from(column) + 1, Vec::new());
    while left > 0 {
        left -= 1;
        letters.push(char::from(b'A' + (left % 26) as u8));
        left /= 26;
    }
    letters.iter().rev().collect()
}

/// What [`parse`](super::parse) and its kin take.
///
/// ```
/// use wardian_service::sheet::{ParseOptions, Which};
///
/// let options = ParseOptions {
///     which: Which::Name("Orders".into()),
///     header: true,
///     ..ParseOptions::default()
/// };
/// # assert!(options.range.is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseOptions {
    /// Which sheet.
    pub which: Which,
    /// The first row holds names of columns.
    pub header: bool,
    /// Only these cells, which then begin at the rectangle's own corner.
    pub range: Option<Area>,
    /// Cells that all sheets together may have, empty ones of their rectangles included: 1 to
    /// [`CELLS_MAX`](super::CELLS_MAX), [`CELLS_DEFAULT`] unless said.
    pub cells_max: u32,
    /// Of CSV only: the sign between fields. Found out unless said.
    pub delimiter: Option<char>,
    /// Of CSV only: every field stays the text that it is.
    pub text: bool,
}

impl Default for ParseOptions {
    fn default() -> Self {
        ParseOptions {
            which: Which::First,
            header: false,
            range: None,
            cells_max: CELLS_DEFAULT,
            delimiter: None,
            text: false,
        }
    }
}

impl ParseOptions {
    /// The first worksheet, whose first row holds names of columns.
    ///
    /// ```
    /// assert!(wardian_service::sheet::ParseOptions::header().header);
    /// ```
    #[must_use]
    pub fn header() -> Self {
        ParseOptions {
            header: true,
            ..ParseOptions::default()
        }
    }

    /// Every worksheet.
    ///
    /// ```
    /// use wardian_service::sheet::{ParseOptions, Which};
    ///
    /// assert_eq!(ParseOptions::all().which, Which::All);
    /// ```
    #[must_use]
    pub fn all() -> Self {
        ParseOptions {
            which: Which::All,
            ..ParseOptions::default()
        }
    }

    pub(super) fn arguments(&self, output: &'static str) -> Arguments<'static> {
        let sheet: Value<'static> = match &self.which {
            Which::First | Which::All => Value::Nil,
            Which::Index(index) => (*index).into(),
            Which::Name(name) => name.clone().into(),
        };
        Arguments::new()
            .with("sheet", sheet)
            .with("all", self.which == Which::All)
            .with("header", self.header)
            .with("output", output)
            .with("range", self.range.map(|area| area.name()))
            .with("cells_max", self.cells_max)
            .with("delimiter", self.delimiter.map(String::from))
            .with("text", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_their_letters() {
        let names = [0, 25, 26, 701, 702, 16_383, u32::MAX].map(letters);
        assert_eq!(names, ["A", "Z", "AA", "ZZ", "AAA", "XFD", "MWLQKWV"]);
    }
}
