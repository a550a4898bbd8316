//! How deeply tables and columns may stand in each other.

use std::rc::Rc;

use super::build::Builder;
use crate::budget::{COLUMNS_DEPTH_MAX, TABLES_DEPTH_MAX};
use crate::css::property::Style;
use crate::css::values::boxes::Display;

/// What each box inside doubles the work of, or worse.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Around {
    pub(super) tables: usize,
    pub(super) columns: usize,
}

impl Builder<'_, '_> {
    /// The style, or one of a plain block where tables or columns are nested too deeply.
    pub(super) fn within_nesting(&mut self, style: Rc<Style>) -> Rc<Style> {
        let is_table = matches!(style.display, Display::Table | Display::InlineTable)
            || style.display.is_table_part();
        let has_columns = style.column_count.is_some() || style.column_width.is_some();
        let (what, most) = if is_table && self.around.tables >= TABLES_DEPTH_MAX {
            ("tables", TABLES_DEPTH_MAX)
        } else if has_columns && self.around.columns >= COLUMNS_DEPTH_MAX {
            ("columns", COLUMNS_DEPTH_MAX)
        } else {
            return style;
        };
        self.sources.warnings.add(
            "pdf.depth",
            format!("{what} are nested deeper than {most}; further ones are laid out as blocks"),
        );
        let display = if is_table {
            Display::Block
        } else {
            style.display
        };
        Rc::new(Style {
            display,
            column_count: None,
            column_width: None,
            ..Style::clone(&style)
        })
    }
}
