//! ODS: all sheets in one part, rows and cells with the number of times that they are repeated.
//!
//! LibreOffice ends every sheet with a million empty rows in one element, so the rectangle ends at the last cell that
//! has something in it, and only what has something in it is repeated.

mod cells;
mod styles;

use quick_xml::events::{BytesStart, Event};

use crate::archive::Archive;
use crate::budget::{self, SHEETS_MAX};
use crate::error::SheetError;
use crate::format::Format;
use crate::grid::Bounds;
use crate::text::Texts;
use crate::workbook::{Choice, Info, Kind, Read, Visibility};
use crate::xml::{Xml, attribute};

use styles::Styles;

const WHAT: &str = "the document";

/// The sheets.
pub(crate) fn list(archive: &Archive<'_>) -> Result<Vec<Info>, SheetError> {
    check(archive)?;
    let mut infos = Vec::new();
    tables(archive, |xml, info, _| {
        infos.push(info);
        xml.skip()
    })?;
    Ok(infos)
}

/// The cells of the sheets that were asked for. Which those are is known only when all have been seen; a sheet that is
/// asked for by name or place is read when it comes.
pub(crate) fn read(
    archive: &Archive<'_>,
    choice: &Choice,
    bounds: Bounds,
) -> Result<Read, SheetError> {
    check(archive)?;
    let mut cells_max = bounds.cells_max;
    let mut texts = Texts::default();
    let (mut infos, mut sheets) = (Vec::new(), Vec::new());
    tables(archive, |xml, info, styles| {
        let place = infos.len();
        infos.push(info.clone());
        let wanted = match choice {
            Choice::First => place == 0,
            Choice::Index(index) => *index == place,
            Choice::Name(name) => info.name == *name && sheets.is_empty(),
            Choice::All => true,
        };
        if !wanted {
            return xml.skip();
        }
        let bounds = Bounds::new(cells_max, bounds.area);
        let sheet = cells::read(xml, styles, &mut texts, bounds)?;
        cells_max -= u32::try_from(sheet.area())
            .unwrap_or(u32::MAX)
            .min(cells_max);
        sheets.push((place, info, sheet));
        Ok(())
    })?;
    // Names what is missing, if anything is.
    choice.of(&infos)?;
    Ok(Read {
        format: Format::Ods,
        texts,
        sheets,
        dialect: None,
    })
}

/// Refuses what is encrypted and what is no spreadsheet.
fn check(archive: &Archive<'_>) -> Result<(), SheetError> {
    if let Some(part) = archive.part("META-INF/manifest.xml")? {
        let mut xml = Xml::new(part, "the manifest");
        loop {
            match xml.next()? {
                Event::Start(element) | Event::Empty(element) => {
                    let name = element.local_name();
                    if matches!(
                        name.as_ref(),
                        "encryption-data" | "encrypted-key" | "keyinfo"
                    ) {
                        return Err(SheetError::encrypted());
                    }
                }
                Event::Eof => break,
                _ => {}
            }
        }
    }
    let Some(part) = archive.part("mimetype")? else {
        return Ok(());
    };
    let kind = part.beginning(100)?;
    if kind.starts_with(b"application/vnd.oasis.opendocument.spreadsheet") {
        return Ok(());
    }
    Err(SheetError::new(
        "sheet.unknown_format",
        "the document is no spreadsheet",
    ))
}

/// Calls back for every sheet, inside its element, which the callback reads to the end.
fn tables(
    archive: &Archive<'_>,
    mut found: impl FnMut(&mut Xml<'_>, Info, &Styles) -> Result<(), SheetError>,
) -> Result<(), SheetError> {
    let part = archive.part("content.xml")?;
    let part = part.ok_or_else(|| SheetError::malformed("the archive", "it has no content"))?;
    let mut xml = Xml::new(part, WHAT);
    let (mut styles, mut count, mut is_document) = (Styles::default(), 0, false);
    loop {
        let (element, is_empty) = match xml.next()? {
            Event::Start(element) => (element, false),
            Event::Empty(element) => (element, true),
            Event::Eof if is_document => return Ok(()),
            Event::Eof => return Err(SheetError::malformed(WHAT, "it holds no spreadsheet")),
            _ => continue,
        };
        match element.local_name().as_ref() {
            "automatic-styles" if !is_empty => styles::read(&mut xml, &mut styles)?,
            "spreadsheet" => is_document = true,
            "table" if is_document => {
                count += 1;
                budget::count("sheets", count, SHEETS_MAX)?;
                let info = info(&element, &styles)?;
                if !is_empty {
                    found(&mut xml, info, &styles)?;
                }
            }
            // Changes that were tracked, charts, forms and links hold tables of their own.
            "spreadsheet-extension" | "tracked-changes" | "dde-links" | "forms" if !is_empty => {
                xml.skip()?
            }
            _ => {}
        }
    }
}

fn info(element: &BytesStart<'_>, styles: &Styles) -> Result<Info, SheetError> {
    let name = attribute(element, "name", WHAT)?.unwrap_or_default();
    let style = attribute(element, "style-name", WHAT)?.unwrap_or_default();
    let visibility = match styles.is_hidden(&style) {
        true => Visibility::Hidden,
        false => Visibility::Visible,
    };
    Ok(Info {
        name,
        kind: Kind::Worksheet,
        visibility,
    })
}
