//! What stands before the sheets of an XLS: their names, strings, formats, and the system of dates.

use std::collections::BTreeMap;

use wardian_abi::table::Span;

use super::records::records;
use super::strings::{self, Spelling};
use super::{malformed, u16_at, u32_at};
use crate::budget::{self, SHEETS_MAX, STYLES_MAX};
use crate::error::SheetError;
use crate::numfmt::{self, Class};
use crate::text::Texts;
use crate::workbook::{Info, Kind, Visibility};

/// The workbook's own records.
#[derive(Debug)]
pub(super) struct Globals {
    pub(super) spelling: Spelling,
    /// Each with where its records begin.
    pub(super) sheets: Vec<(Info, u32)>,
    pub(super) shared: Vec<Span>,
    pub(super) classes: Vec<Class>,
    pub(super) is_1904: bool,
}

impl Globals {
    pub(super) fn read(stream: &[u8], texts: &mut Texts) -> Result<Globals, SheetError> {
        let mut globals = Globals {
            spelling: Spelling {
                is_biff8: true,
                page: strings::page(1252),
            },
            sheets: Vec::new(),
            shared: Vec::new(),
            classes: Vec::new(),
            is_1904: false,
        };
        let (mut custom, mut formats, mut is_first) = (BTreeMap::new(), Vec::new(), true);
        for record in records(stream) {
            let data = record.data;
            if is_first {
                globals.spelling.is_biff8 = is_biff8(record.kind, data)?;
                is_first = false;
                continue;
            }
            match record.kind {
                // FilePass; a first word of 0 is XOR obfuscation, which is a password too.
                0x002f => return Err(SheetError::encrypted()),
                0x0042 => globals.spelling.page = strings::page(u16_at(data, 0).unwrap_or(1252)),
                0x0022 => globals.is_1904 = u16_at(data, 0) == Some(1),
                0x0085 => {
                    budget::count("sheets", globals.sheets.len() + 1, SHEETS_MAX)?;
                    globals.sheets.push(sheet(data, &globals.spelling)?);
                }
                0x041e => {
                    budget::count("number formats", custom.len() + 1, STYLES_MAX)?;
                    if let Some((id, class)) = format(data, &globals.spelling) {
                        custom.insert(id, class);
                    }
                }
                0x00e0 => {
                    budget::count("cell styles", formats.len() + 1, STYLES_MAX)?;
                    formats.push(u16_at(data, 2).unwrap_or(0));
                }
                0x00fc => globals.shared = strings::shared(&record, texts)?,
                0x000a => break,
                _ => {}
            }
        }
        if is_first {
            return Err(malformed("it is empty"));
        }
        let class = |id: u16| {
            let class = custom.get(&id).copied();
            class.unwrap_or_else(|| numfmt::builtin(id.into()))
        };
        globals.classes = formats.into_iter().map(class).collect();
        Ok(globals)
    }
}

/// The version in the record that every stream begins with.
fn is_biff8(kind: u16, data: &[u8]) -> Result<bool, SheetError> {
    match (kind, u16_at(data, 0)) {
        (0x0809, Some(0x0600)) => Ok(true),
        (0x0809, Some(0x0500)) => Ok(false),
        (0x0809 | 0x0409 | 0x0209 | 0x0009, _) => Err(SheetError::unsupported(
            "the workbook is older than Excel 5.0: save it anew",
        )),
        _ => Err(malformed("it does not begin as a workbook does")),
    }
}

fn sheet(data: &[u8], spelling: &Spelling) -> Result<(Info, u32), SheetError> {
    let cut_off = || malformed("the name of a sheet is cut off");
    let offset = u32_at(data, 0).ok_or_else(cut_off)?;
    let visibility = match data.get(4).ok_or_else(cut_off)? & 3 {
        1 => Visibility::Hidden,
        2 => Visibility::VeryHidden,
        _ => Visibility::Visible,
    };
    let kind = match data.get(5).ok_or_else(cut_off)? {
        1 => Kind::Macro,
        2 => Kind::Chart,
        6 => Kind::Dialog,
        _ => Kind::Worksheet,
    };
    let name = data.get(6..).and_then(|name| spelling.short(name));
    let info = Info {
        name: name.ok_or_else(cut_off)?,
        kind,
        visibility,
    };
    Ok((info, offset))
}

fn format(data: &[u8], spelling: &Spelling) -> Option<(u16, Class)> {
    let id = u16_at(data, 0)?;
    let code = data.get(2..)?;
    let code = match spelling.is_biff8 {
        true => spelling.long(code)?,
        false => spelling.short(code)?,
    };
    // Excel writes its own formats down too, in the words of its language; what they are is known by their number.
    let class = match id {
        0..=163 if numfmt::builtin(id.into()) != Class::Number => numfmt::builtin(id.into()),
        _ => numfmt::custom(&code),
    };
    Some((id, class))
}
