//! The command line of `wardian sheet`: every option, and what it means as a typed one.

use std::path::Path;

use clap::{Args, Subcommand, ValueEnum};
use wardian_service::sheet::{Area, CELLS_DEFAULT, COLUMNS_MAX, ParseOptions, SHEETS_MAX, Which};

use crate::batch::{Inputs, To};
use crate::exit::Usage;
use crate::limits::{self, Setting};
use crate::show;

/// Rows of a sheet, as Excel has them.
const ROWS_MAX: u32 = 1 << 20;

/// List the sheets of workbooks, and read their cells.
#[derive(Debug, Args)]
#[command(after_help = "\
Reads XLSX, XLS, ODS and CSV, whatever the file is called; at most 20 MB. Formulas are what
was kept of their results. What becomes of a cell is in docs/reference/sheets.md.

Examples:
  wardian sheet list orders.xlsx
  wardian sheet parse orders.xlsx --header -o orders.json
  wardian sheet parse 'in/**/*.xls' --format csv --out-dir out
  cat orders.ods | wardian sheet parse --format ndjson | head")]
pub(crate) struct SheetArgs {
    #[command(subcommand)]
    pub(crate) command: SheetCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SheetCommand {
    /// Name the sheets of a workbook: number, kind, visibility, size
    List(ListArgs),
    /// Write the cells of a workbook as JSON, NDJSON or CSV
    Parse(ParseArgs),
}

/// How much a workbook may take.
#[derive(Debug, Args)]
pub(crate) struct Room {
    /// Cells that all sheets together may have, empty ones of their rectangles included, 1 to 20000000
    #[arg(long, value_name = "N", default_value_t = CELLS_DEFAULT, value_parser = clap::value_parser!(u32).range(1..=20_000_000))]
    pub(crate) cells_max: u32,
    /// Limits of each call, such as memory=256MiB,deadline=2m,fuel=…
    #[arg(long = "limit", value_name = "KEY=VALUE,…", value_delimiter = ',', value_parser = limits::parse)]
    pub(crate) limits: Vec<Setting>,
}

/// Name the sheets of a workbook: number, kind, visibility, and how many rows and columns have cells.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wardian sheet list orders.xlsx
  wardian sheet list orders.xlsx --json | jq -r '.sheets[].name'
  wardian sheet list 'in/**/*.xlsx' --names")]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) from: Inputs,
    /// Read no cells: soon done whatever is in them, and without sizes
    #[arg(long)]
    pub(crate) names: bool,
    #[command(flatten)]
    pub(crate) room: Room,
}

/// Write the cells of a workbook as JSON, NDJSON or CSV: the first worksheet, unless another or all are asked for.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wardian sheet parse orders.xlsx | jq '.[0]'
  wardian sheet parse orders.xlsx --sheet Orders --header -o orders.ndjson
  wardian sheet parse orders.xlsx --all --header --format ndjson
  wardian sheet parse orders.xlsx --sheet 1 --range B2:F200 --plain
  wardian sheet parse 'in/**/*.{xlsx,ods}' --format csv --out-dir out --json > report.json")]
pub(crate) struct ParseArgs {
    #[command(flatten)]
    pub(crate) to: To,
    #[command(flatten)]
    pub(crate) from: Inputs,
    /// A sheet by its name, or by its number from 0; `=2` is the one that is called 2
    #[arg(long, value_name = "NAME|N", value_parser = which, conflicts_with = "all")]
    pub(crate) sheet: Option<Which>,
    /// Every worksheet, in order; not for CSV
    #[arg(long)]
    pub(crate) all: bool,
    /// The first row holds the names of the columns: rows become objects
    #[arg(long)]
    pub(crate) header: bool,
    /// What is written; by the ending of the output's name, else JSON
    #[arg(
        long,
        value_enum,
        value_name = "json|ndjson|csv",
        hide_possible_values = true
    )]
    pub(crate) format: Option<Form>,
    /// Every cell as the text that CSV has for it: no numbers, no `null`
    #[arg(long)]
    pub(crate) plain: bool,
    /// Only this rectangle, such as B2:D10
    #[arg(long, value_name = "A1:C10", value_parser = area)]
    pub(crate) range: Option<Area>,
    /// What parts the fields of a CSV that is read, or `tab`; found out where it is not given
    #[arg(long, value_name = "CHAR", value_parser = delimiter)]
    pub(crate) delimiter: Option<char>,
    /// Every field of a CSV that is read stays the text that it is
    #[arg(long)]
    pub(crate) text: bool,
    #[command(flatten)]
    pub(crate) room: Room,
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    Json,
    #[value(alias = "jsonl")]
    Ndjson,
    Csv,
}

impl SheetArgs {
    /// Whether errors are wanted as JSON too.
    pub(crate) fn wants_json(&self) -> bool {
        match &self.command {
            SheetCommand::List(args) => args.from.json,
            SheetCommand::Parse(args) => args.from.json,
        }
    }
}

impl ParseArgs {
    /// The format that was asked for, or that the output's name ends in.
    pub(crate) fn form(&self) -> Form {
        let named = || Form::of(self.to.output.as_deref()?);
        self.format.or_else(named).unwrap_or(Form::Json)
    }

    pub(crate) fn options(&self) -> anyhow::Result<ParseOptions> {
        if self.all && self.form() == Form::Csv {
            return Err(Usage::new("CSV holds one sheet, and all are asked for")
                .hint("name one by `--sheet`, or use `--format json` or `--format ndjson`")
                .into());
        }
        let which = match (&self.sheet, self.all) {
            (Some(which), _) => which.clone(),
            (None, true) => Which::All,
            (None, false) => Which::First,
        };
        Ok(ParseOptions {
            which,
            header: self.header,
            range: self.range,
            cells_max: self.room.cells_max,
            delimiter: self.delimiter,
            text: self.text,
        })
    }
}

impl Form {
    /// As a name ends in it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Form::Json => "json",
            Form::Ndjson => "ndjson",
            Form::Csv => "csv",
        }
    }

    fn of(path: &Path) -> Option<Form> {
        let ending = path.extension()?.to_str()?;
        Form::from_str(ending, true).ok()
    }
}

/// A number is a place, as far as a workbook can have so many sheets; `=` makes anything a name.
fn which(text: &str) -> Result<Which, String> {
    if let Some(name) = text.strip_prefix('=') {
        return Ok(Which::Name(name.into()));
    }
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let place = text.parse().ok().filter(|n| is_number && *n < SHEETS_MAX);
    Ok(place.map_or_else(|| Which::Name(text.into()), Which::Index))
}

/// `tab`, or the sign itself.
fn delimiter(text: &str) -> Result<char, String> {
    let mut chars = text.chars();
    match (text, chars.next(), chars.next()) {
        ("tab" | "\\t", ..) => Ok('\t'),
        (_, Some(sign), None) => Ok(sign),
        _ => Err("not one character, and not `tab`".into()),
    }
}

/// `A1:C10`, or one cell.
fn area(text: &str) -> Result<Area, String> {
    let wrong = || format!("{} is no rectangle such as A1:C10", show::quoted(text));
    let (from, to) = text.split_once(':').unwrap_or((text, text));
    let (first, last) = (cell(from).ok_or_else(wrong)?, cell(to).ok_or_else(wrong)?);
    if first.0 > last.0 || first.1 > last.1 {
        return Err(format!(
            "{} does not go from its upper left corner to its lower right one",
            show::quoted(text)
        ));
    }
    Ok(Area {
        rows: (first.0, last.0),
        columns: (first.1, last.1),
    })
}

/// Row and column of `C10`, counted from 0, if a sheet can have them.
fn cell(text: &str) -> Option<(u32, u32)> {
    let digits = text.find(|c: char| c.is_ascii_digit())?;
    let (letters, row) = text.split_at_checked(digits)?;
    let mut column = 0_u32;
    for letter in letters.bytes() {
        let letter = letter.to_ascii_uppercase();
        let value = letter.checked_sub(b'A').filter(|value| *value < 26)?;
        column = column.checked_mul(26)?.checked_add(u32::from(value) + 1)?;
    }
    let row: u32 = row.parse().ok()?;
    let fits = (1..=ROWS_MAX).contains(&row) && (1..=COLUMNS_MAX).contains(&column);
    fits.then(|| (row - 1, column - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_is_a_name_or_a_number() {
        assert_eq!(which("0"), Ok(Which::Index(0)));
        assert_eq!(which("999"), Ok(Which::Index(999)));
        for name in ["1000", "2024", "Orders", "+1", "-1", "", "1a"] {
            assert_eq!(which(name), Ok(Which::Name(name.into())));
        }
        assert_eq!(which("=2"), Ok(Which::Name("2".into())));
        assert_eq!(which("==2"), Ok(Which::Name("=2".into())));
    }

    #[test]
    fn rectangles_lie_within_a_sheet() {
        for good in ["A1:C10", "XFD1048576:XFD1048576", "B2:B2"] {
            assert_eq!(area(good).expect(good).name(), good);
        }
        assert_eq!(area("b2").expect("one cell").name(), "B2:B2");
        for bad in [
            "",
            ":",
            "A",
            "1",
            "A0",
            "A1:",
            "XFE1",
            "A1048577",
            "C1:A1",
            "A2:A1",
            "A1:B2:C3",
            "A-1",
            "A99999999999",
            "AAAAAAAAAAAA1",
            "Ä1",
        ] {
            assert!(area(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn delimiters_are_one_sign() {
        assert_eq!(delimiter(";"), Ok(';'));
        assert_eq!(delimiter("tab"), Ok('\t'));
        assert!(delimiter("").is_err() && delimiter("::").is_err());
    }
}
