//! Styles in ODS: which sheets are hidden, and which times are durations.

use std::collections::BTreeSet;

use quick_xml::events::Event;

use super::WHAT;
use crate::budget::{self, STYLES_MAX};
use crate::error::SheetError;
use crate::xml::{Xml, attribute, raw};

/// What of a document's own styles matters here.
#[derive(Debug, Default)]
pub(super) struct Styles {
    hidden: BTreeSet<String>,
    /// Formats whose hours go on beyond a day.
    beyond: BTreeSet<String>,
    /// Cell styles with such a format.
    durations: BTreeSet<String>,
}

impl Styles {
    pub(super) fn is_hidden(&self, style: &str) -> bool {
        self.hidden.contains(style)
    }

    /// Whether a time in a cell of this style is a duration, not a time of day.
    pub(super) fn is_duration(&self, style: &str) -> bool {
        self.durations.contains(style)
    }
}

/// Reads the element that began last. Formats stand before the styles that use them.
pub(super) fn read(xml: &mut Xml<'_>, styles: &mut Styles) -> Result<(), SheetError> {
    let own = xml.depth();
    let mut current = String::new();
    while xml.depth() >= own {
        let (Event::Start(element) | Event::Empty(element)) = xml.next()? else {
            continue;
        };
        let kept = styles.hidden.len() + styles.beyond.len() + styles.durations.len();
        budget::count("styles", kept + 1, STYLES_MAX)?;
        match element.local_name().as_ref() {
            "style" => {
                current = attribute(&element, "name", WHAT)?.unwrap_or_default();
                let format = attribute(&element, "data-style-name", WHAT)?;
                if format.is_some_and(|format| styles.beyond.contains(&format)) {
                    styles.durations.insert(current.clone());
                }
            }
            "table-properties" if raw(&element, "display") == Some("false") => {
                styles.hidden.insert(current.clone());
            }
            "time-style" if raw(&element, "truncate-on-overflow") == Some("false") => {
                styles.beyond.extend(attribute(&element, "name", WHAT)?);
            }
            _ => {}
        }
    }
    Ok(())
}
