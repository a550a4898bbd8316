//! XLS: records of BIFF8 and BIFF5 (Excel 5.0 to 2003) in a compound file.

mod cells;
pub(crate) mod container;
mod globals;
mod records;
mod strings;

use crate::error::SheetError;
use crate::format::Format;
use crate::grid::Bounds;
use crate::text::Texts;
use crate::workbook::{Choice, Info, Read};

use container::Container;
use globals::Globals;

const WHAT: &str = "the workbook";

/// The sheets.
pub(crate) fn list(container: &Container<'_>) -> Result<Vec<Info>, SheetError> {
    let stream = stream(container)?;
    // Strings are not needed, but reading them is how the sheets behind them are found.
    let globals = Globals::read(&stream, &mut Texts::default())?;
    Ok(globals.sheets.into_iter().map(|(info, _)| info).collect())
}

/// The cells of the sheets that were asked for.
pub(crate) fn read(
    container: &Container<'_>,
    choice: &Choice,
    bounds: Bounds,
) -> Result<Read, SheetError> {
    let stream = stream(container)?;
    let mut texts = Texts::default();
    let mut cells_max = bounds.cells_max;
    let globals = Globals::read(&stream, &mut texts)?;
    let infos: Vec<Info> = globals
        .sheets
        .iter()
        .map(|(info, _)| info.clone())
        .collect();
    let mut sheets = Vec::new();
    for place in choice.of(&infos)? {
        let Some((info, offset)) = globals.sheets.get(place) else {
            continue;
        };
        let records = usize::try_from(*offset)
            .ok()
            .and_then(|at| stream.get(at..));
        let records = records.ok_or_else(|| malformed("a sheet lies outside of it"))?;
        let bounds = Bounds::new(cells_max, bounds.area);
        let sheet = cells::read(records, &globals, &mut texts, bounds)?;
        cells_max -= u32::try_from(sheet.area())
            .unwrap_or(u32::MAX)
            .min(cells_max);
        sheets.push((place, info.clone(), sheet));
    }
    Ok(Read {
        format: Format::Xls,
        texts,
        sheets,
        dialect: None,
    })
}

fn stream(container: &Container<'_>) -> Result<Vec<u8>, SheetError> {
    for name in ["Workbook", "Book"] {
        if let Some(stream) = container.stream(name)? {
            return Ok(stream);
        }
    }
    Err(malformed("it is missing in its file"))
}

fn malformed(why: impl std::fmt::Display) -> SheetError {
    SheetError::malformed(WHAT, why)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
