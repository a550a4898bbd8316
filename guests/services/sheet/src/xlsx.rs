//! XLSX, and what differs from it in name only (XLSM, XLTX): parts of an archive that point to one another.

mod cells;
mod strings;
mod styles;
mod swift;

use quick_xml::events::{BytesStart, Event};

use crate::archive::Archive;
use crate::budget::{self, SHEETS_MAX};
use crate::error::SheetError;
use crate::format::Format;
use crate::grid::{Area, Bounds};
use crate::text::Texts;
use crate::workbook::{Choice, Info, Kind, Read, Visibility};
use crate::xml::{Xml, attribute, raw};

/// Where the workbook lies in nearly every file, should the archive not say.
const WORKBOOK: &str = "xl/workbook.xml";

/// A workbook's table of contents.
#[derive(Debug)]
struct Workbook {
    sheets: Vec<(Info, String)>,
    is_1904: bool,
    strings: String,
    styles: String,
}

/// The sheets.
pub(crate) fn list(archive: &Archive<'_>) -> Result<Vec<Info>, SheetError> {
    let workbook = Workbook::open(archive)?;
    Ok(workbook.sheets.into_iter().map(|(info, _)| info).collect())
}

/// The cells of the sheets that were asked for.
pub(crate) fn read(
    archive: &Archive<'_>,
    choice: &Choice,
    bounds: Bounds,
) -> Result<Read, SheetError> {
    let Bounds {
        mut cells_max,
        area,
        ..
    } = bounds;
    let workbook = Workbook::open(archive)?;
    let infos: Vec<Info> = workbook
        .sheets
        .iter()
        .map(|(info, _)| info.clone())
        .collect();
    let chosen = choice.of(&infos)?;
    let mut texts = Texts::default();
    let shared = match archive.part(&workbook.strings)? {
        Some(part) => strings::read(Xml::new(part, "the table of strings"), &mut texts)?,
        None => Vec::new(),
    };
    let classes = match archive.part(&workbook.styles)? {
        Some(part) => styles::read(Xml::new(part, "the table of styles"))?,
        None => Vec::new(),
    };
    let context = cells::Context {
        shared: &shared,
        classes: &classes,
        is_1904: workbook.is_1904,
    };
    let mut sheets = Vec::new();
    for place in chosen {
        let Some((info, path)) = workbook.sheets.get(place) else {
            continue;
        };
        let part = archive.part(path)?;
        let part =
            part.ok_or_else(|| SheetError::malformed("the workbook", "a sheet's part is missing"))?;
        let bounds = Bounds::new(cells_max, area);
        let sheet = cells::read(Xml::new(part, "a sheet"), &context, &mut texts, bounds)?;
        cells_max -= u32::try_from(sheet.area())
            .unwrap_or(u32::MAX)
            .min(cells_max);
        sheets.push((place, info.clone(), sheet));
    }
    Ok(Read {
        format: Format::Xlsx,
        texts,
        sheets,
        dialect: None,
    })
}

/// What a part points to.
#[derive(Debug)]
struct Link {
    id: String,
    /// The last word of the address that names the kind: `worksheet`, `styles`.
    kind: String,
    path: String,
}

impl Workbook {
    fn open(archive: &Archive<'_>) -> Result<Workbook, SheetError> {
        let path = links(archive, "")?
            .into_iter()
            .find(|link| link.kind == "officeDocument")
            .map_or_else(|| WORKBOOK.to_owned(), |link| link.path);
        let links = links(archive, &path)?;
        let part = archive.part(&path)?;
        let part = part.ok_or_else(|| {
            SheetError::new("sheet.unknown_format", "the archive holds no workbook")
        })?;
        let beside = |kind: &str, name: &str| {
            let named = links.iter().find(|link| link.kind == kind);
            named.map_or_else(|| resolved(&path, name), |link| link.path.clone())
        };
        let mut workbook = Workbook {
            sheets: Vec::new(),
            is_1904: false,
            strings: beside("sharedStrings", "sharedStrings.xml"),
            styles: beside("styles", "styles.xml"),
        };
        workbook.read(Xml::new(part, "the workbook"), &links)?;
        Ok(workbook)
    }

    fn read(&mut self, mut xml: Xml<'_>, links: &[Link]) -> Result<(), SheetError> {
        let (what, mut is_workbook) = (xml.what(), false);
        loop {
            match xml.next()? {
                Event::Start(element) | Event::Empty(element) => {
                    match element.local_name().as_ref() {
                        "workbook" => is_workbook = true,
                        "sheet" => {
                            budget::count("sheets", self.sheets.len() + 1, SHEETS_MAX)?;
                            self.sheets.push(sheet(&element, links, what)?);
                        }
                        "workbookPr" => {
                            // Extensions have an element of this name too, without the attribute.
                            if let Some(value) = raw(&element, "date1904") {
                                self.is_1904 = is_true(value);
                            }
                        }
                        _ => {}
                    }
                }
                Event::Eof if is_workbook => return Ok(()),
                Event::Eof => {
                    let message = "the archive's main part is no workbook";
                    return Err(SheetError::new("sheet.unknown_format", message));
                }
                _ => {}
            }
        }
    }
}

fn sheet(
    element: &BytesStart<'_>,
    links: &[Link],
    what: &'static str,
) -> Result<(Info, String), SheetError> {
    let name = attribute(element, "name", what)?.unwrap_or_default();
    let visibility = match raw(element, "state") {
        Some("hidden") => Visibility::Hidden,
        Some("veryHidden") => Visibility::VeryHidden,
        _ => Visibility::Visible,
    };
    let id = attribute(element, "id", what)?.unwrap_or_default();
    let link = links.iter().find(|link| link.id == id);
    let link =
        link.ok_or_else(|| SheetError::malformed(what, "it names a sheet that is nowhere"))?;
    let kind = match link.kind.as_str() {
        "chartsheet" => Kind::Chart,
        "dialogsheet" => Kind::Dialog,
        "xlMacrosheet" | "xlIntlMacrosheet" | "macrosheet" => Kind::Macro,
        _ => Kind::Worksheet,
    };
    let info = Info {
        name,
        kind,
        visibility,
    };
    Ok((info, link.path.clone()))
}

/// What the part at `path` points to; what the archive itself does, for an empty path.
fn links(archive: &Archive<'_>, path: &str) -> Result<Vec<Link>, SheetError> {
    let (folder, name) = path
        .rsplit_once('/')
        .map_or(("", path), |(folder, name)| (folder, name));
    let of = match folder {
        "" => format!("_rels/{name}.rels"),
        folder => format!("{folder}/_rels/{name}.rels"),
    };
    let Some(part) = archive.part(&of)? else {
        return Ok(Vec::new());
    };
    let mut xml = Xml::new(part, "a list of relationships");
    let (what, mut links) = (xml.what(), Vec::new());
    loop {
        match xml.next()? {
            Event::Start(element) | Event::Empty(element)
                if element.local_name().as_ref() == "Relationship" =>
            {
                let field = |name| attribute(&element, name, what).map(Option::unwrap_or_default);
                budget::count("relationships", links.len() + 1, budget::ENTRIES_MAX)?;
                let kind = field("Type")?;
                links.push(Link {
                    id: field("Id")?,
                    kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
                    path: resolved(path, &field("Target")?),
                });
            }
            Event::Eof => return Ok(links),
            _ => {}
        }
    }
}

/// The path of `target` as the part at `from` names it.
fn resolved(from: &str, target: &str) -> String {
    let mut folders: Vec<&str> = match target.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => from.split('/').collect(),
    };
    folders.pop();
    for step in target
        .split('/')
        .filter(|step| !step.is_empty() && *step != ".")
    {
        if step == ".." {
            folders.pop();
        } else {
            folders.push(step);
        }
    }
    folders.join("/")
}

fn is_true(value: &str) -> bool {
    matches!(value.trim_ascii(), "1" | "true" | "on")
}

/// A place such as `C7`, counted from 0; the row may be missing and so may the column.
fn place(text: &str) -> Option<(Option<u32>, Option<u32>)> {
    let text = text.as_bytes();
    let letters = text
        .iter()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let (column, row) = text.split_at_checked(letters)?;
    if column.len() > 7 || row.len() > 9 || !row.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let column = column.iter().fold(0_u64, |sum, letter| {
        sum * 26 + u64::from(letter.to_ascii_uppercase() - b'A') + 1
    });
    let row = row
        .iter()
        .fold(0_u64, |sum, digit| sum * 10 + u64::from(digit - b'0'));
    let from_0 = |number: u64| {
        number
            .checked_sub(1)
            .and_then(|number| u32::try_from(number).ok())
    };
    Some((from_0(row), from_0(column)))
}

/// A rectangle such as `A1:C7`, or one cell.
pub(crate) fn area(text: &str) -> Option<Area> {
    let (first, last) = text.split_once(':').unwrap_or((text, text));
    let (Some(top), Some(left)) = place(first)? else {
        return None;
    };
    let (Some(bottom), Some(right)) = place(last)? else {
        return None;
    };
    Some(Area {
        rows: (top.min(bottom), top.max(bottom)),
        columns: (left.min(right), left.max(right)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_found_from_where_they_are_named() {
        let cases = [
            (
                "xl/workbook.xml",
                "worksheets/sheet1.xml",
                "xl/worksheets/sheet1.xml",
            ),
            ("xl/workbook.xml", "/xl/styles.xml", "xl/styles.xml"),
            ("xl/workbook.xml", "../docProps/app.xml", "docProps/app.xml"),
            ("", "xl/workbook.xml", "xl/workbook.xml"),
            ("a/b", "../../../x", "x"),
        ];
        for (from, target, path) in cases {
            assert_eq!(resolved(from, target), path);
        }
    }

    #[test]
    fn places_are_read_and_nothing_else() {
        assert_eq!(place("A1"), Some((Some(0), Some(0))));
        assert_eq!(place("xfd1048576"), Some((Some(1_048_575), Some(16_383))));
        assert_eq!(place("7"), Some((Some(6), None)));
        assert_eq!(place("C"), Some((None, Some(2))));
        assert_eq!(place("A0"), Some((None, Some(0))));
        assert_eq!(
            place("ZZZZZZZ999999999").map(|(row, _)| row),
            Some(Some(999_999_998))
        );
        for bad in ["AAAAAAAA1", "A1234567890", "A1B", "$A$1", "é1"] {
            assert_eq!(place(bad), None, "{bad}");
        }
        let all = Area {
            rows: (1, 9),
            columns: (1, 3),
        };
        assert_eq!(area("B2:D10"), Some(all));
        assert_eq!(area("D10:B2"), Some(all));
        assert_eq!(area("A:B"), None);
    }
}
