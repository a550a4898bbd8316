//! Tables: captions, groups, rows, cells; where the document has only some of them, the others are made.

mod captions;
mod cells;

use std::rc::Rc;

use html5ever::{LocalName, local_name};

use super::build::Builder;
use super::pieces::Content;
use super::{BoxId, Group, Kind, Role};
use crate::budget::COLUMNS_MAX;
use crate::css::property::Style;
use crate::css::values::boxes::Display;
use crate::css::values::keyword::BorderCollapse;
use crate::dom::{Element, Kind as NodeKind, NodeId};
use crate::layout::{SharedBorder, Wish};

/// What is known of a table before it is laid out, and what its layout found.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: usize,
    pub(crate) collapses: bool,
    /// Widths of its columns, and where each begins.
    pub(crate) widths: Vec<f32>,
    pub(crate) starts: Vec<f32>,
    /// Borders that cells share, as they are drawn; none where they are separate.
    pub(crate) borders: Vec<SharedBorder>,
    /// How wide the widest of them is on each line between columns.
    pub(crate) down_widths: Vec<f32>,
    /// Whether that was decided.
    pub(crate) is_collapsed: bool,
    /// What its columns want, once that was measured.
    pub(crate) wishes: Vec<Wish>,
    /// Where its heads stand again, on the strip.
    pub(crate) repeats: Vec<f32>,
}

/// A column, as `<col>` describes it.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) style: Rc<Style>,
    pub(crate) group: Option<Rc<Style>>,
}

/// Where a cell stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) row: usize,
    pub(crate) column: usize,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
}

/// A table while its rows are gathered.
struct Gathering {
    captions: Vec<BoxId>,
    columns: Vec<Column>,
    groups: Vec<BoxId>,
    /// The group that rows without one go into.
    loose: Option<BoxId>,
    /// How many more rows each column is taken for by a cell above.
    taken: Vec<usize>,
    width: usize,
    row: usize,
}

impl Builder<'_, '_> {
    /// Makes of parts of a table that nobody made a table of their own.
    pub(super) fn flush_parts(&mut self, content: &mut Content) {
        if content.parts.is_empty() {
            return;
        }
        let parts = std::mem::take(&mut content.parts);
        let style = Rc::new(Style {
            display: if Content::is_seen(&content.run) && !content.items {
                Display::InlineTable
            } else {
                Display::Table
            },
            ..Style::child_of(&content.style)
        });
        let table = self.table(None, &style, &parts, 0);
        self.place(table, &style, content);
    }

    /// A table with these children.
    pub(super) fn table(
        &mut self,
        id: Option<NodeId>,
        style: &Rc<Style>,
        children: &[NodeId],
        depth: usize,
    ) -> BoxId {
        let mut all = Gathering {
            captions: Vec::new(),
            columns: Vec::new(),
            groups: Vec::new(),
            loose: None,
            taken: Vec::new(),
            width: 0,
            row: 0,
        };
        let strings = std::mem::take(&mut self.strings);
        self.around.tables += 1;
        self.table_children(&mut all, style, children, depth);
        self.end_loose(&mut all);
        self.around.tables -= 1;
        if id.is_some() {
            self.counters.leave(depth);
        }
        self.heads_first(&mut all.groups);
        self.number_rows(&all.groups);
        while all.columns.len() < all.width {
            all.columns.push(Column {
                style: Rc::new(Style::initial()),
                group: None,
            });
        }
        let table = Table {
            columns: all.columns,
            rows: all.row,
            collapses: style.border_collapse == BorderCollapse::Collapse,
            ..Table::default()
        };
        let made = self.with_captions(id, style, table, all.captions, all.groups);
        self.tree.get_mut(made).strings.splice(0..0, strings);
        made
    }

    fn table_children(
        &mut self,
        all: &mut Gathering,
        style: &Rc<Style>,
        children: &[NodeId],
        depth: usize,
    ) {
        let mut loose_cells: Vec<NodeId> = Vec::new();
        for child in children {
            let Some(element) = self.sources.dom.element(*child) else {
                if self.is_ink(*child) {
                    loose_cells.push(*child);
                }
                continue;
            };
            let own = self.sources.styles.of(*child).clone();
            if !matches!(own.display, Display::TableCell) && !own.display.is_table_part() {
                if own.display != Display::None {
                    loose_cells.push(*child);
                }
                continue;
            }
            if own.display == Display::TableCell {
                loose_cells.push(*child);
                continue;
            }
            self.loose_row(all, style, &mut loose_cells, depth);
            self.count(*child, element, &own, depth + 1);
            match own.display {
                Display::TableCaption => {
                    let caption = self.boxed_part(*child, &own, Role::Caption, depth + 1);
                    all.captions.push(caption);
                }
                Display::TableColumn => {
                    let column = Column {
                        style: own,
                        group: None,
                    };
                    let n = span(element, &local_name!("span"));
                    all.columns.extend(std::iter::repeat_n(column, n));
                }
                Display::TableColumnGroup => self.column_group(all, *child, element, &own),
                Display::TableRow => {
                    let group = self.loose_group(all, style);
                    let row = self.row(all, *child, &own, depth + 1);
                    self.push_child(group, row);
                }
                _ => {
                    self.end_loose(all);
                    let group = self.group(all, *child, &own, depth + 1);
                    all.groups.push(group);
                }
            }
            all.columns.truncate(COLUMNS_MAX);
        }
        self.loose_row(all, style, &mut loose_cells, depth);
    }

    /// Whether something other than white space and elements stands there.
    fn is_ink(&self, id: NodeId) -> bool {
        matches!(&self.sources.dom.node(id).kind, NodeKind::Text(text) if !text.trim().is_empty())
    }

    fn push_child(&mut self, parent: BoxId, child: BoxId) {
        self.tree.get_mut(child).parent = Some(parent);
        self.tree.get_mut(parent).children.push(child);
    }

    fn column_group(
        &mut self,
        all: &mut Gathering,
        id: NodeId,
        element: &Element,
        style: &Rc<Style>,
    ) {
        let before = all.columns.len();
        for child in self.sources.dom.children(id).to_vec() {
            let own = self.sources.styles.of(child).clone();
            if let Some(column) = self.sources.dom.element(child)
                && own.display == Display::TableColumn
            {
                let made = Column {
                    style: own,
                    group: Some(style.clone()),
                };
                let n = span(column, &local_name!("span"));
                all.columns.extend(std::iter::repeat_n(made, n));
            }
        }
        if all.columns.len() == before {
            let made = Column {
                style: style.clone(),
                group: Some(style.clone()),
            };
            let n = span(element, &local_name!("span"));
            all.columns.extend(std::iter::repeat_n(made, n));
        }
    }

    fn loose_group(&mut self, all: &mut Gathering, style: &Rc<Style>) -> BoxId {
        if let Some(group) = all.loose {
            return group;
        }
        let own = Style {
            display: Display::TableRowGroup,
            ..Style::child_of(style)
        };
        let group = self.tree.add(None, Rc::new(own), Kind::Block);
        self.tree.get_mut(group).role = Role::Group(Group::Body);
        all.loose = Some(group);
        all.groups.push(group);
        all.taken.clear();
        group
    }

    fn end_loose(&mut self, all: &mut Gathering) {
        all.loose = None;
        all.taken.clear();
    }

    /// A row of what stands in a table and is no part of one.
    fn loose_row(
        &mut self,
        all: &mut Gathering,
        style: &Rc<Style>,
        cells: &mut Vec<NodeId>,
        depth: usize,
    ) {
        if cells.is_empty() {
            return;
        }
        let group = self.loose_group(all, style);
        self.rows_of_loose(all, group, style, cells, depth);
    }

    fn group(&mut self, all: &mut Gathering, id: NodeId, style: &Rc<Style>, depth: usize) -> BoxId {
        let group = self.tree.add(Some(id), style.clone(), Kind::Block);
        self.tree.get_mut(group).role = Role::Group(match style.display {
            Display::TableHeaderGroup => Group::Head,
            Display::TableFooterGroup => Group::Foot,
            _ => Group::Body,
        });
        all.taken.clear();
        let mut loose: Vec<NodeId> = Vec::new();
        for child in self.sources.dom.children(id).to_vec() {
            let own = self.sources.styles.of(child).clone();
            let Some(element) = self.sources.dom.element(child) else {
                if self.is_ink(child) {
                    loose.push(child);
                }
                continue;
            };
            if own.display == Display::TableRow {
                self.rows_of_loose(all, group, style, &mut loose, depth);
                self.count(child, element, &own, depth + 1);
                let row = self.row(all, child, &own, depth + 1);
                self.push_child(group, row);
            } else if own.display != Display::None {
                loose.push(child);
            }
        }
        self.rows_of_loose(all, group, style, &mut loose, depth);
        all.taken.clear();
        self.counters.leave(depth);
        group
    }

    /// A row of what stands in a group and is no row.
    fn rows_of_loose(
        &mut self,
        all: &mut Gathering,
        group: BoxId,
        style: &Rc<Style>,
        loose: &mut Vec<NodeId>,
        depth: usize,
    ) {
        if loose.is_empty() {
            return;
        }
        let cells = std::mem::take(loose);
        let own = Rc::new(Style {
            display: Display::TableRow,
            ..Style::child_of(style)
        });
        let row = self.tree.add(None, own.clone(), Kind::Block);
        self.cells(all, row, &own, &cells, depth);
        self.push_child(group, row);
    }

    fn row(&mut self, all: &mut Gathering, id: NodeId, style: &Rc<Style>, depth: usize) -> BoxId {
        let row = self.tree.add(Some(id), style.clone(), Kind::Block);
        let children = self.sources.dom.children(id).to_vec();
        self.cells(all, row, style, &children, depth);
        self.counters.leave(depth);
        row
    }

    /// Heads come before bodies, feet behind, wherever the document has them.
    fn heads_first(&self, groups: &mut [BoxId]) {
        groups.sort_by_key(|group| match self.tree.get(*group).role {
            Role::Group(Group::Head) => 0,
            Role::Group(Group::Foot) => 2,
            _ => 1,
        });
    }

    /// Numbers the rows as they stand now; a cell reaches no further down than its group does.
    fn number_rows(&mut self, groups: &[BoxId]) {
        let mut at = 0;
        for group in groups {
            let rows = self.tree.get(*group).children.clone();
            for (n, row) in rows.iter().enumerate() {
                for cell in self.tree.get(*row).children.clone() {
                    if let Role::Cell(cell) = &mut self.tree.get_mut(cell).role {
                        cell.row = at + n;
                        cell.rows = cell.rows.min(rows.len() - n);
                    }
                }
            }
            at += rows.len();
        }
    }
}

/// A count in an attribute, at least one. A cell that asks for all rows that are left gets as many as there may be.
fn span(element: &Element, name: &LocalName) -> usize {
    match element
        .attribute(name)
        .map(|value| value.trim().parse::<usize>())
    {
        Some(Ok(0)) if *name == local_name!("rowspan") => COLUMNS_MAX,
        Some(Ok(n)) => n.clamp(1, COLUMNS_MAX),
        _ => 1,
    }
}
