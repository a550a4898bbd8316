//! Styles in XLSX: of each, whether its numbers are dates.

use std::collections::BTreeMap;

use quick_xml::events::Event;

use crate::budget::{self, STYLES_MAX};
use crate::error::SheetError;
use crate::numfmt::{self, Class};
use crate::xml::{Xml, attribute, raw};

/// The class of each cell style, in order. Custom formats stand before the styles that use them.
pub(super) fn read(mut xml: Xml<'_>) -> Result<Vec<Class>, SheetError> {
    let what = xml.what();
    let (mut custom, mut classes) = (BTreeMap::new(), Vec::new());
    let mut in_cells = false;
    loop {
        match xml.next()? {
            Event::Start(element) | Event::Empty(element) => match element.local_name().as_ref() {
                "numFmt" => {
                    budget::count("number formats", custom.len() + 1, STYLES_MAX)?;
                    let code = attribute(&element, "formatCode", what)?.unwrap_or_default();
                    if let Some(id) = number(raw(&element, "numFmtId")) {
                        custom.insert(id, numfmt::custom(&code));
                    }
                }
                "cellXfs" => in_cells = true,
                "xf" if in_cells => {
                    budget::count("cell styles", classes.len() + 1, STYLES_MAX)?;
                    let id = number(raw(&element, "numFmtId")).unwrap_or(0);
                    let class = custom.get(&id).copied();
                    classes.push(class.unwrap_or_else(|| numfmt::builtin(id)));
                }
                _ => {}
            },
            Event::End(element) if element.local_name().as_ref() == "cellXfs" => in_cells = false,
            Event::Eof => return Ok(classes),
            _ => {}
        }
    }
}

fn number(text: Option<&str>) -> Option<u32> {
    text?.trim_ascii().parse().ok()
}
