//! What callers get back. Answers come from a guest, so every field is looked for and nothing is taken on trust: what is
//! said of a sheet has to agree with what was asked for, and what is in it with what is said of it.

use bytes::Bytes;
use wardian_abi::Value;
use wardian_sandbox::Usage;

use super::cell::Sheet;
use super::options::{ParseOptions, Which};
use super::{CELLS_MAX, COLUMNS_MAX, SHEETS_MAX, check, csv, json};
use crate::fields::{Read, field, text, whole, wrong};

/// A format that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Excel since 2007, XLSM and templates too.
    Xlsx,
    /// Excel 5.0 to 2003.
    Xls,
    /// OpenDocument.
    Ods,
    /// Text, parted by commas, semicolons, tabs or bars.
    Csv,
}

impl Format {
    /// Its name: `xlsx`, `xls`, `ods`, `csv`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Format::Xlsx => "xlsx",
            Format::Xls => "xls",
            Format::Ods => "ods",
            Format::Csv => "csv",
        }
    }

    fn from_name(name: &str) -> Option<Format> {
        let all = [Format::Xlsx, Format::Xls, Format::Ods, Format::Csv];
        all.into_iter().find(|format| format.name() == name)
    }

    /// Whether a file that begins so can be of it.
    fn begins(self, file: &[u8]) -> bool {
        match self {
            Format::Xlsx | Format::Ods => file.starts_with(b"PK"),
            Format::Xls => file.starts_with(b"\xd0\xcf\x11\xe0"),
            Format::Csv => {
                !file.starts_with(b"PK\x03\x04") && !file.starts_with(b"\xd0\xcf\x11\xe0")
            }
        }
    }
}

/// What a sheet holds. Only worksheets have cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Cells.
    Worksheet,
    /// One chart.
    Chart,
    /// A dialog of Excel 5.0.
    Dialog,
    /// Macros of Excel 4.0.
    Macro,
}

/// Whether people see a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// They do.
    Visible,
    /// They do when they ask for it.
    Hidden,
    /// Only a program can show it.
    VeryHidden,
}

/// A sheet as its workbook names it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct SheetName {
    /// Its name; `csv` for the one sheet of CSV. It is the workbook's own text, and may be any.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether people see it.
    pub visibility: Visibility,
}

/// A sheet that was read.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct SheetInfo {
    /// Its place in the workbook, counted from 0.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// Whether people see it.
    pub visibility: Visibility,
    /// Rows, without the one that holds names.
    pub rows: u32,
    /// Columns of every row.
    pub columns: u32,
}

/// The sheets of a workbook.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Listing {
    /// The format, by the content.
    pub format: Format,
    /// The sheets, in order.
    pub sheets: Vec<SheetName>,
    /// What the call used.
    pub usage: Usage,
}

/// The cells of a workbook.
#[derive(Clone, Debug)]
pub struct Workbook {
    /// The format, by the content.
    pub format: Format,
    /// What the text of CSV turned out to be.
    pub dialect: Option<Dialect>,
    /// The sheets that were asked for, in order.
    pub sheets: Vec<Sheet>,
    /// What the call used.
    pub usage: Usage,
}

/// A workbook as JSON, NDJSON or CSV.
#[derive(Clone, Debug)]
pub struct Document {
    /// The text, which is UTF-8 and was checked to be of its form.
    pub bytes: Bytes,
    /// The format it was read from.
    pub format: Format,
    /// What the text of CSV turned out to be.
    pub dialect: Option<Dialect>,
    /// The sheets that it holds, in order.
    pub sheets: Vec<SheetInfo>,
    /// What the call used.
    pub usage: Usage,
}

/// What is not written down in CSV and was found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Dialect {
    /// `utf-8`, `utf-16le`, `utf-16be` or `windows-1252`.
    pub encoding: &'static str,
    /// The sign between fields.
    pub delimiter: char,
}

/// The form of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Ndjson,
    Csv,
}

impl Form {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Form::Json => "json",
            Form::Ndjson => "ndjson",
            Form::Csv => "csv",
        }
    }
}

/// An answer to `parse`, of whichever form.
struct Parsed {
    format: Format,
    dialect: Option<Dialect>,
    /// Each with the bytes of the body that are its own.
    sheets: Vec<(SheetInfo, usize)>,
}

impl Listing {
    pub(super) fn read(value: &Value<'_>, usage: &Usage, file: &[u8]) -> Read<Listing> {
        let sheets = array(value, "sheets")?;
        Ok(Listing {
            format: format(value, file)?,
            sheets: sheets.iter().map(named).collect::<Read<_>>()?,
            usage: *usage,
        })
    }
}

impl Workbook {
    pub(super) fn read(
        value: &Value<'_>,
        answer: &Bytes,
        usage: &Usage,
        file: &[u8],
        asked: &ParseOptions,
    ) -> Read<Workbook> {
        let parsed = Parsed::read(value, file, asked)?;
        let body = body(value, answer)?;
        let text = whole(value, "text", 0..=u32::MAX)? as usize;
        let (text, mut rest) = match body.get(..text) {
            Some(_) => (body.slice(..text), body.slice(text..)),
            None => return Err("`text` is longer than the body".into()),
        };
        let block = std::str::from_utf8(&text).map_err(|_| "the block of text is not UTF-8")?;
        let mut sheets = Vec::new();
        for (info, bytes) in parsed.sheets {
            if bytes > rest.len() {
                return Err("the cells of a sheet lie outside of the body".into());
            }
            let cells = rest.split_to(bytes);
            let has_header = asked.header && !cells.is_empty();
            let said = check::Said {
                rows: info.rows + u32::from(has_header),
                columns: info.columns,
                has_header,
            };
            check::rows(&cells, block, said)?;
            sheets.push(Sheet {
                info,
                has_header,
                text: text.clone(),
                cells,
            });
        }
        if !rest.is_empty() {
            return Err(format!("{} bytes belong to no sheet", rest.len()));
        }
        Ok(Workbook {
            format: parsed.format,
            dialect: parsed.dialect,
            sheets,
            usage: *usage,
        })
    }
}

impl Document {
    pub(super) fn read(
        value: &Value<'_>,
        answer: &Bytes,
        usage: &Usage,
        file: &[u8],
        (asked, form): (&ParseOptions, Form),
    ) -> Read<Document> {
        let parsed = Parsed::read(value, file, asked)?;
        let bytes = body(value, answer)?;
        let sheets: Vec<SheetInfo> = parsed.sheets.into_iter().map(|(info, _)| info).collect();
        let text = std::str::from_utf8(&bytes).map_err(|_| "the document is not UTF-8")?;
        let all = asked.which == Which::All;
        match (form, sheets.as_slice()) {
            (Form::Json, _) => json::document(text, &sheets, asked.header, all)?,
            (Form::Ndjson, _) => json::lines(text, &sheets, asked.header, all)?,
            (Form::Csv, [sheet]) => csv::document(text, sheet, asked.header)?,
            (Form::Csv, _) => return Err("CSV of several sheets cannot be".into()),
        }
        Ok(Document {
            bytes,
            format: parsed.format,
            dialect: parsed.dialect,
            sheets,
            usage: *usage,
        })
    }
}

impl Parsed {
    fn read(value: &Value<'_>, file: &[u8], asked: &ParseOptions) -> Read<Parsed> {
        let format = format(value, file)?;
        let found = array(value, "sheets")?;
        let mut sheets: Vec<(SheetInfo, usize)> = Vec::new();
        let mut cells = 0;
        for sheet in found {
            let (info, bytes) = info(sheet, asked)?;
            if sheets
                .last()
                .is_some_and(|(before, _)| before.index >= info.index)
            {
                return Err("the sheets are not in their order".into());
            }
            cells += (u64::from(info.rows) + u64::from(asked.header)) * u64::from(info.columns);
            sheets.push((info, bytes));
        }
        // The row of names may be one that is not there.
        let spare = u64::from(asked.header) * u64::from(COLUMNS_MAX) * sheets.len() as u64;
        if cells > u64::from(asked.cells_max.min(CELLS_MAX)) + spare {
            return Err(format!(
                "there are {cells} cells, asked for {}",
                asked.cells_max
            ));
        }
        agree(&sheets, asked)?;
        Ok(Parsed {
            format,
            dialect: dialect(value, format, asked)?,
            sheets,
        })
    }
}

/// Whether the sheets are those that were asked for.
fn agree(sheets: &[(SheetInfo, usize)], asked: &ParseOptions) -> Read<()> {
    let good = match (&asked.which, sheets) {
        (Which::All, _) | (Which::First, [_]) => true,
        (Which::Index(index), [(sheet, _)]) => sheet.index == *index,
        (Which::Name(name), [(sheet, _)]) => sheet.name == *name,
        _ => false,
    };
    if good {
        return Ok(());
    }
    Err(format!(
        "{} sheets were read, which were not asked for",
        sheets.len()
    ))
}

fn format(value: &Value<'_>, file: &[u8]) -> Read<Format> {
    let format =
        Format::from_name(text(value, "format")?).ok_or("`format` names none that is read")?;
    if format.begins(file) {
        return Ok(format);
    }
    Err(format!(
        "`format` is {}, which the file is not",
        format.name()
    ))
}

fn dialect(value: &Value<'_>, format: Format, asked: &ParseOptions) -> Read<Option<Dialect>> {
    if format != Format::Csv {
        return Ok(None);
    }
    let encodings = ["utf-8", "utf-16le", "utf-16be", "windows-1252"];
    let encoding = text(value, "encoding")?;
    let encoding = encodings.into_iter().find(|known| *known == encoding);
    let mut delimiter = text(value, "delimiter")?.chars();
    let delimiter = match (delimiter.next(), delimiter.next()) {
        (Some(sign), None) => sign,
        _ => return Err("`delimiter` is not one character".into()),
    };
    let due = match asked.delimiter {
        Some(sign) => sign == delimiter,
        None => matches!(delimiter, ',' | ';' | '\t' | '|'),
    };
    match encoding {
        Some(encoding) if due => Ok(Some(Dialect {
            encoding,
            delimiter,
        })),
        Some(_) => Err("`delimiter` is none that was asked for".into()),
        None => Err("`encoding` names none that is read".into()),
    }
}

fn named(value: &Value<'_>) -> Read<SheetName> {
    let kind = match text(value, "kind")? {
        "worksheet" => Kind::Worksheet,
        "chart" => Kind::Chart,
        "dialog" => Kind::Dialog,
        "macro" => Kind::Macro,
        _ => return Err("`kind` names no kind of sheet".into()),
    };
    let visibility = match text(value, "visibility")? {
        "visible" => Visibility::Visible,
        "hidden" => Visibility::Hidden,
        "very_hidden" => Visibility::VeryHidden,
        _ => return Err("`visibility` names none".into()),
    };
    Ok(SheetName {
        name: text(value, "name")?.to_owned(),
        kind,
        visibility,
    })
}

fn info(value: &Value<'_>, asked: &ParseOptions) -> Read<(SheetInfo, usize)> {
    let SheetName {
        name,
        kind,
        visibility,
    } = named(value)?;
    if kind != Kind::Worksheet {
        return Err("a sheet without cells was read".into());
    }
    let info = SheetInfo {
        index: whole(value, "index", 0..=SHEETS_MAX)?,
        name,
        visibility,
        rows: whole(value, "rows", 0..=CELLS_MAX)?,
        columns: whole(value, "columns", 0..=COLUMNS_MAX)?,
    };
    if let Some((rows, columns)) = asked.range.map(|area| area.sides())
        && (u64::from(info.rows) > rows || u64::from(info.columns) > columns)
    {
        return Err("a sheet is larger than the range that was asked for".into());
    }
    let bytes = whole(value, "bytes", 0..=u32::MAX)? as usize;
    Ok((info, bytes))
}

fn array<'v, 'a>(value: &'v Value<'a>, name: &str) -> Read<&'v [Value<'a>]> {
    let found = field(value, name)?.as_array();
    let found = found.ok_or_else(|| wrong(value, name, "array"))?;
    if found.len() > SHEETS_MAX as usize {
        return Err(format!(
            "there are {} sheets, allowed {SHEETS_MAX}",
            found.len()
        ));
    }
    Ok(found)
}

/// The body, sharing the answer's memory.
fn body(value: &Value<'_>, answer: &Bytes) -> Read<Bytes> {
    let bytes = field(value, "body")?.as_bytes();
    let bytes = bytes.ok_or_else(|| wrong(value, "body", "bin"))?;
    Ok(answer.slice_ref(bytes))
}
