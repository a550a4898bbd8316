//! What is asked for, checked: everything that is wrong is said at once.

use wardian_abi::{Arguments, Value};
use wardian_guest_kit::Checker;

use crate::budget::{CELLS_DEFAULT, CELLS_MAX};
use crate::csv::Wishes;
use crate::error::SheetError;
use crate::grid::{Area, Bounds};
use crate::workbook::Choice;
use crate::xlsx;

/// The form of the result.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Output {
    Cells,
    Json,
    Ndjson,
    Csv,
}

/// A checked request of `parse`.
#[derive(Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) file: &'a [u8],
    pub(crate) choice: Choice,
    pub(crate) header: bool,
    pub(crate) output: Output,
    pub(crate) bounds: Bounds,
    pub(crate) wishes: Wishes,
}

impl<'a> Ask<'a> {
    pub(crate) fn read(arguments: &'a Arguments<'a>) -> Result<Ask<'a>, SheetError> {
        let mut checker = Checker::new(arguments);
        let ask = Ask {
            file: checker.bytes_due("file"),
            choice: choice(&mut checker),
            header: checker.flag("header"),
            output: output(&mut checker),
            bounds: bounds(&mut checker),
            wishes: wishes(&mut checker),
        };
        checker
            .finish()
            .map_err(|problems| SheetError::new("sheet.options", problems))?;
        Ok(ask)
    }

    /// Every sheet was asked for, so results say which one they are of.
    pub(crate) fn is_all(&self) -> bool {
        self.choice == Choice::All
    }
}

fn choice(checker: &mut Checker<'_>) -> Choice {
    let all = checker.flag("all");
    let Some(sheet) = checker.given("sheet") else {
        return if all { Choice::All } else { Choice::First };
    };
    if all {
        checker.problem("`sheet` and `all` exclude each other".to_owned());
    }
    match sheet {
        Value::Str(name) => Choice::Name(name.to_string()),
        Value::Int(index) if let Ok(index) = u32::try_from(*index) => Choice::Index(index as usize),
        other => {
            checker.wrong("sheet", "a name or a number from 0", other);
            Choice::First
        }
    }
}

fn output(checker: &mut Checker<'_>) -> Output {
    let outputs = [
        ("cells", Output::Cells),
        ("json", Output::Json),
        ("ndjson", Output::Ndjson),
        ("csv", Output::Csv),
    ];
    checker.choice("output", &outputs).unwrap_or(Output::Cells)
}

fn bounds(checker: &mut Checker<'_>) -> Bounds {
    let cells_max = checker.whole("cells_max", 1..=CELLS_MAX);
    let area = match checker.text("range") {
        None => Area::ALL,
        Some(text) => xlsx::area(text).unwrap_or_else(|| {
            let cut = wardian_guest_kit::cut(text);
            checker.problem(format!(
                "`range` must be a rectangle such as A1:C10, got {cut:?}"
            ));
            Area::ALL
        }),
    };
    Bounds::new(cells_max.unwrap_or(CELLS_DEFAULT), area)
}

fn wishes(checker: &mut Checker<'_>) -> Wishes {
    let delimiter = checker.text("delimiter").map(str::as_bytes);
    let delimiter = match delimiter {
        None => None,
        Some([sign]) if sign.is_ascii() && !matches!(sign, b'"' | b'\r' | b'\n' | 0) => Some(*sign),
        Some(other) => {
            let cut = wardian_guest_kit::cut(&String::from_utf8_lossy(other));
            checker.problem(format!(
                "`delimiter` must be one ASCII character, no quote and no line end, got {cut:?}"
            ));
            None
        }
    };
    Wishes {
        delimiter,
        text: checker.flag("text"),
    }
}
