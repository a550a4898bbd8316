//! CSV: text in some encoding, parted by some sign, of which neither is written down anywhere.

mod dialect;
mod encoding;
mod typing;

use csv::{ByteRecord, ReaderBuilder};
use wardian_abi::table::Token;

use crate::budget::COLUMNS_MAX;
use crate::error::SheetError;
use crate::format::Format;
use crate::grid::{Bounds, Grid};
use crate::text::Texts;
use crate::workbook::{Choice, Info, Kind, Read, Visibility};

/// What the one sheet is called.
const NAME: &str = "csv";

/// How fields are to be read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wishes {
    /// The sign between fields, where it is not to be found out.
    pub(crate) delimiter: Option<u8>,
    /// Fields stay as they are.
    pub(crate) text: bool,
}

pub(crate) fn list() -> Vec<Info> {
    vec![info()]
}

fn info() -> Info {
    Info {
        name: NAME.to_owned(),
        kind: Kind::Worksheet,
        visibility: Visibility::Visible,
    }
}

pub(crate) fn read(
    source: &[u8],
    choice: &Choice,
    bounds: Bounds,
    wishes: Wishes,
) -> Result<Read, SheetError> {
    choice.of(&list())?;
    let (encoding, text) = encoding::decode(source)?;
    let delimiter = wishes
        .delimiter
        .unwrap_or_else(|| dialect::delimiter(&text));
    let mut texts = Texts::default();
    let mut grid = Grid::new(Bounds {
        rows_max: u32::MAX,
        ..bounds
    });
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut record = ByteRecord::new();
    let mut row = 0;
    while reader
        .read_byte_record(&mut record)
        .map_err(|error| SheetError::malformed("the text", error))?
    {
        if record.len() > COLUMNS_MAX as usize {
            return Err(SheetError::too_large(format!(
                "row {} has {} columns, allowed {COLUMNS_MAX}",
                u64::from(row) + 1,
                record.len()
            )));
        }
        for (column, field) in record.iter().enumerate() {
            // The text is UTF-8 and fields are cut at signs of ASCII.
            let field = std::str::from_utf8(field).unwrap_or_default();
            let column = column as u32;
            if grid.reach(row, column)? && !field.is_empty() {
                grid.put(row, column, token(field, wishes.text, &mut texts)?)?;
            }
        }
        row += 1;
    }
    Ok(Read {
        format: Format::Csv,
        texts,
        sheets: vec![(0, info(), grid.finish(&mut [], (u32::MAX, u32::MAX))?)],
        dialect: Some((encoding, char::from(delimiter))),
    })
}

fn token(field: &str, text: bool, texts: &mut Texts) -> Result<Token, SheetError> {
    let typed = if text { None } else { typing::typed(field) };
    match typed {
        Some(token) => Ok(token),
        None => Ok(Token::Text(texts.add(field)?)),
    }
}
