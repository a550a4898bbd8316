//! `wardian sheet`: workbooks, read by a guest that can do nothing else.
//!
//! - **in**: files or standard input, and options as text
//! - **out**: typed options for `wardian_service::sheet`; then a table of sheets, or cells as JSON, NDJSON or CSV
//! - **never**: a look at the workbook's bytes, which is the guest's work; a cell on a terminal that was not cleaned

mod line;
mod plain;

use std::path::Path;

use bytes::Bytes;
use futures_lite::future::block_on;
use serde_json::{Value as Json, json};
use wardian_sandbox::text::clean;
use wardian_sandbox::{Limits, Sandbox};
use wardian_service::ServiceError;
use wardian_service::sheet::{
    Dialect, Document, Kind, Listing, ParseOptions, SOURCE_BYTES_MAX, SheetInfo, Sheets,
    Visibility, Which, Workbook,
};

use crate::batch::{self, Batch, Inputs, Made, Results, To};
use crate::exit::Helped;
use crate::interrupt::Interrupt;
use crate::limits;
use crate::settings::Settings;
use crate::show;
use crate::table::{Align, Table};

pub(crate) use line::SheetArgs;
use line::{Form, ListArgs, ParseArgs, SheetCommand};

/// The name that calls are counted under.
pub(crate) const MODULE: &str = "sheet";
/// Characters of a sheet's name that a table shows; Excel allows 31.
const NAME_CHARS_MAX: usize = 80;

pub(crate) fn run(
    args: &SheetArgs,
    settings: &Settings,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let place = Place {
        settings,
        interrupt,
    };
    match &args.command {
        SheetCommand::List(args) => list(&place, args),
        SheetCommand::Parse(args) => parse(&place, args),
    }
}

/// What both commands work with.
struct Place<'a> {
    settings: &'a Settings,
    interrupt: &'a Interrupt,
}

impl Place<'_> {
    fn batch<'a>(
        &'a self,
        from: &'a Inputs,
        to: &'a To,
        results: Results,
        room: &line::Room,
    ) -> anyhow::Result<Batch<'a>> {
        Ok(Batch {
            settings: self.settings,
            interrupt: self.interrupt,
            from,
            to,
            results,
            noun: "document",
            module: MODULE,
            bytes_max: SOURCE_BYTES_MAX as u64,
            limits: limits::apply(Limits::default(), &room.limits)?,
        })
    }
}

/// The guest, with the limits that the command line gives.
fn load(sandbox: &Sandbox, room: &line::Room) -> anyhow::Result<Sheets> {
    let sheets = block_on(Sheets::load(sandbox))?;
    let limits = limits::apply(sheets.limits().clone(), &room.limits)?;
    Ok(sheets.with_limits(limits))
}

fn list(place: &Place<'_>, args: &ListArgs) -> anyhow::Result<()> {
    let nowhere = To::default();
    let batch = place.batch(&args.from, &nowhere, Results::Text, &args.room)?;
    batch.run(
        |_| None,
        |sandbox| load(sandbox, &args.room),
        |sheets, _, source| Ok(listed(sheets, args, source.into()).map_err(unlisted)?),
    )
}

/// The names, and the sizes that the cells turn out to have.
fn listed(sheets: &Sheets, args: &ListArgs, file: Bytes) -> Result<Made, ServiceError> {
    let listing = sheets.list_blocking(file.clone())?;
    let mut usage = listing.usage;
    let mut read = None;
    if !args.names {
        let options = ParseOptions {
            cells_max: args.room.cells_max,
            ..ParseOptions::all()
        };
        let workbook = sheets.parse_blocking(file, options)?;
        batch::add(&mut usage, &workbook.usage);
        read = Some(workbook);
    }
    let sizes = read.as_ref();
    Ok(Made {
        result: table(&listing, sizes).into(),
        words: names(&listing),
        report: report(&listing, sizes),
        usage,
    })
}

/// What was read of the sheet at a place in the listing.
fn size(read: Option<&Workbook>, at: usize) -> Option<&SheetInfo> {
    let mut sheets = read?.sheets.iter().map(|sheet| sheet.info());
    sheets.find(|info| info.index as usize == at)
}

fn table(listing: &Listing, read: Option<&Workbook>) -> String {
    let columns = [
        ("#", Align::Right),
        ("name", Align::Left),
        ("kind", Align::Left),
        ("visibility", Align::Left),
        ("rows", Align::Right),
        ("columns", Align::Right),
    ];
    let shown = if read.is_some() { 6 } else { 4 };
    let mut table = Table::new(columns.get(..shown).unwrap_or(&columns));
    for (at, sheet) in listing.sheets.iter().enumerate() {
        let size = size(read, at);
        let count = |of: fn(&SheetInfo) -> u32| size.map(|info| show::count(of(info).into()));
        table.row([
            at.to_string(),
            clean(sheet.name.as_bytes(), NAME_CHARS_MAX),
            kind(sheet.kind).into(),
            visibility(sheet.visibility).into(),
            count(|info| info.rows).unwrap_or_default(),
            count(|info| info.columns).unwrap_or_default(),
        ]);
    }
    let dialect = read.and_then(|workbook| workbook.dialect);
    let dialect = dialect.map(
        |Dialect {
             encoding,
             delimiter,
         }| {
            let sign = show::quoted(&delimiter.to_string());
            format!(", {encoding}, fields parted by {sign}")
        },
    );
    let dialect = dialect.unwrap_or_default();
    let (format, count) = (
        listing.format.name(),
        counted(listing.sheets.len() as u64, "sheet"),
    );
    format!("{format}, {count}{dialect}\n{}", table.render())
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Worksheet => "worksheet",
        Kind::Chart => "chart",
        Kind::Dialog => "dialog",
        Kind::Macro => "macro",
    }
}

fn visibility(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Visible => "visible",
        Visibility::Hidden => "hidden",
        Visibility::VeryHidden => "very hidden",
    }
}

/// `1 sheet`, `2 sheets`
fn counted(count: u64, noun: &str) -> String {
    let more = if count == 1 { "" } else { "s" };
    format!("{} {noun}{more}", show::count(count))
}

/// `xlsx, 2 sheets: Orders, Notes`
fn names(listing: &Listing) -> String {
    let names = listing.sheets.iter();
    let names: Vec<String> = names
        .map(|sheet| clean(sheet.name.as_bytes(), NAME_CHARS_MAX))
        .collect();
    let count = counted(names.len() as u64, "sheet");
    format!("{}, {count}: {}", listing.format.name(), names.join(", "))
}

fn report(listing: &Listing, read: Option<&Workbook>) -> Json {
    let sheets = listing.sheets.iter().enumerate().map(|(at, sheet)| {
        let size = size(read, at);
        json!({
            "index": at,
            "name": sheet.name,
            "kind": sheet.kind,
            "visibility": sheet.visibility,
            "rows": size.map(|info| info.rows),
            "columns": size.map(|info| info.columns),
        })
    });
    json!({
        "format": listing.format,
        "dialect": read.and_then(|workbook| workbook.dialect),
        "sheets": sheets.collect::<Vec<_>>(),
    })
}

fn parse(place: &Place<'_>, args: &ParseArgs) -> anyhow::Result<()> {
    let (form, options) = (args.form(), args.options()?);
    let batch = place.batch(&args.from, &args.to, Results::Documents, &args.room)?;
    batch.run(
        |_: &Path| Some(form.name().into()),
        |sandbox| load(sandbox, &args.room),
        |sheets, _, source| {
            let document = document(sheets, form, args.plain, &options, source);
            Ok(made(document.map_err(unparsed)?, form))
        },
    )
}

fn document(
    sheets: &Sheets,
    form: Form,
    plain: bool,
    options: &ParseOptions,
    source: Vec<u8>,
) -> Result<Document, ServiceError> {
    let options = options.clone();
    match form {
        // Its cells are plain text already.
        Form::Csv => sheets.csv_blocking(source, options),
        Form::Json | Form::Ndjson if plain => {
            let all = options.which == Which::All;
            let workbook = sheets.parse_blocking(source, options)?;
            plain::document(workbook, form == Form::Ndjson, all)
        }
        Form::Json => sheets.json_blocking(source, options),
        Form::Ndjson => sheets.ndjson_blocking(source, options),
    }
}

fn made(document: Document, form: Form) -> Made {
    Made {
        words: described(&document),
        report: json!({
            "bytes": document.bytes.len(),
            "format": form.name(),
            "source_format": document.format,
            "dialect": document.dialect,
            "sheets": document.sheets,
        }),
        usage: document.usage,
        result: document.bytes.into(),
    }
}

/// ``sheet `Orders`, 1,204 rows × 5 columns, 83.2 KiB``
fn described(document: &Document) -> String {
    let size = show::bytes(document.bytes.len() as u64);
    match document.sheets.as_slice() {
        [one] => format!(
            "sheet {}, {} × {}, {size}",
            show::quoted(&one.name),
            counted(one.rows.into(), "row"),
            counted(one.columns.into(), "column")
        ),
        many => {
            let rows = many.iter().map(|sheet| u64::from(sheet.rows)).sum();
            let sheets = counted(many.len() as u64, "sheet");
            format!("{sheets}, {}, {size}", counted(rows, "row"))
        }
    }
}

fn unlisted(error: ServiceError) -> Helped {
    Helped::by_options(error, |code| match code {
        "sheet.too_many_cells" => Some("raise `--cells-max`, or read no cells: `--names`"),
        "sheet.too_large" => {
            Some("`--names` reads no cells; docs/reference/sheets.md has all ceilings")
        }
        code => helps(code),
    })
}

fn unparsed(error: ServiceError) -> Helped {
    Helped::by_options(error, |code| match code {
        "sheet.too_many_cells" => Some("raise `--cells-max`, or read less: `--sheet`, `--range`"),
        "sheet.too_large" => {
            Some("read less: `--sheet`, `--range`; docs/reference/sheets.md has all ceilings")
        }
        code => helps(code),
    })
}

/// What helps whichever command it was.
fn helps(code: &str) -> Option<&'static str> {
    match code {
        "sheet.malformed" => Some("it may be cut off: compare its size, or save it anew"),
        "sheet.encrypted" => Some("whoever has the password can save a copy without one"),
        "sheet.unknown_format" | "sheet.unsupported" => Some("XLSX, XLS, ODS and CSV are read"),
        "sheet.no_such_sheet" => {
            Some("`wardian sheet list` names them; a number is a place, `=2` a name")
        }
        _ => None,
    }
}
