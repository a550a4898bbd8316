//! The cells of rows: each in the first column that no cell from above reaches into.

use std::rc::Rc;

use html5ever::local_name;

use super::{Cell, Gathering, span};
use crate::boxes::build::Builder;
use crate::boxes::pieces::Content;
use crate::boxes::{BoxId, Kind, Role};
use crate::budget::COLUMNS_MAX;
use crate::css::property::Style;
use crate::css::values::boxes::Display;
use crate::css::values::keyword::Visibility;
use crate::css::values::length::Lp;
use crate::dom::NodeId;

impl Builder<'_, '_> {
    /// The cells of a row, each in its place among those that reach down from above.
    pub(super) fn cells(
        &mut self,
        all: &mut Gathering,
        row: BoxId,
        style: &Rc<Style>,
        children: &[NodeId],
        depth: usize,
    ) {
        self.tree.get_mut(row).role = Role::Row;
        let is_gone = style.visibility == Visibility::Collapse;
        let mut column = 0;
        let mut wrapped: Vec<NodeId> = Vec::new();
        let mut made: Vec<BoxId> = Vec::new();
        for child in children {
            let own = self.sources.styles.of(*child).clone();
            let element = self.sources.dom.element(*child);
            match element {
                Some(element) if own.display == Display::TableCell => {
                    self.wrap_cell(all, &mut column, style, &mut wrapped, &mut made, depth);
                    self.count(*child, element, &own, depth + 1);
                    let cell = self.boxed_part(*child, &own, Role::None, depth + 1);
                    let size = (
                        span(element, &local_name!("rowspan")),
                        span(element, &local_name!("colspan")),
                    );
                    self.put(all, &mut column, cell, size);
                    made.push(cell);
                }
                Some(_) if own.display == Display::None => {}
                Some(_) => wrapped.push(*child),
                None if self.is_ink(*child) => wrapped.push(*child),
                None => {}
            }
        }
        self.wrap_cell(all, &mut column, style, &mut wrapped, &mut made, depth);
        for taken in &mut all.taken {
            *taken = taken.saturating_sub(1);
        }
        if is_gone {
            made.clear();
        }
        all.row += 1;
        self.tree.set_children(row, made);
    }

    /// A cell around what is none.
    fn wrap_cell(
        &mut self,
        all: &mut Gathering,
        column: &mut usize,
        style: &Rc<Style>,
        wrapped: &mut Vec<NodeId>,
        made: &mut Vec<BoxId>,
        depth: usize,
    ) {
        if wrapped.is_empty() {
            return;
        }
        let own = Rc::new(Style {
            display: Display::TableCell,
            ..Style::child_of(style)
        });
        let cell = self.tree.add(None, own.clone(), Kind::Block);
        let mut content = Content::new(own.clone(), false);
        for child in std::mem::take(wrapped) {
            self.child(child, &own, &mut content, depth + 1);
        }
        self.finish(cell, content);
        self.put(all, column, cell, (1, 1));
        made.push(cell);
    }

    /// Gives a cell its place: the first that no cell from above reaches into.
    fn put(
        &mut self,
        all: &mut Gathering,
        column: &mut usize,
        cell: BoxId,
        (rows, columns): (usize, usize),
    ) {
        while all.taken.get(*column).is_some_and(|taken| *taken > 0) {
            *column += 1;
        }
        let at = (*column).min(COLUMNS_MAX - 1);
        let columns = columns.min(COLUMNS_MAX - at);
        if all.taken.len() < at + columns {
            all.taken.resize(at + columns, 0);
        }
        for taken in &mut all.taken[at..at + columns] {
            *taken = rows;
        }
        all.width = all.width.max(at + columns);
        self.tree.get_mut(cell).role = Role::Cell(Cell {
            row: all.row,
            column: at,
            rows,
            columns,
        });
        *column = at + columns;
    }

    /// A caption or a cell: a container of its own.
    pub(super) fn boxed_part(
        &mut self,
        id: NodeId,
        style: &Rc<Style>,
        role: Role,
        depth: usize,
    ) -> BoxId {
        // Within the table the cell's sizes are the table's affair.
        let is_caption = role == Role::Caption;
        let margin = |margin: &Option<Lp>| match is_caption {
            true => margin.clone(),
            false => Some(Lp::ZERO),
        };
        let own = Rc::new(Style {
            margin_top: margin(&style.margin_top),
            margin_right: margin(&style.margin_right),
            margin_bottom: margin(&style.margin_bottom),
            margin_left: margin(&style.margin_left),
            ..Style::clone(style)
        });
        let made = self.tree.add(Some(id), own.clone(), Kind::Block);
        if !is_caption {
            let flow = &mut self.tree.get_mut(made).flow;
            flow.size = taffy::Size {
                width: taffy::Dimension::auto(),
                height: taffy::Dimension::auto(),
            };
            flow.min_size = taffy::Size {
                width: taffy::LengthPercentageAuto::auto(),
                height: taffy::LengthPercentageAuto::auto(),
            };
            flow.max_size = flow.min_size;
        }
        self.tree.get_mut(made).role = role;
        let strings = std::mem::take(&mut self.strings);
        self.tree.get_mut(made).strings = strings;
        let mut content = Content::new(own, false);
        self.inside(id, style, &mut content, depth);
        self.finish(made, content);
        made
    }
}
