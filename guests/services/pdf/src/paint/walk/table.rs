//! The parts of tables: backgrounds of columns, groups and rows behind their cells, and heads that stand on every page.

use super::{Painter, Phase};
use crate::boxes::{BoxId, Kind};
use crate::css::values::keyword::EmptyCells;
use crate::paint::shape::Matrix;

impl Painter<'_, '_, '_> {
    /// A head of a table, in all the places that it stands in.
    pub(super) fn head(&mut self, id: BoxId) {
        let tree = self.scene.tree;
        let Some(table) = tree.get(id).parent else {
            return;
        };
        self.parts(id);
        self.content(id);
        self.shared_borders(table, Some(id));
        for (_, layer) in self.scene.layers(id) {
            self.layer(id, *layer);
        }
        let Kind::Table(table_kind) = &tree.get(table).kind else {
            return;
        };
        let strip = tree.get(id).strip;
        let view = self.view;
        for y in &table_kind.repeats {
            if !view.sees(*y, *y + strip.height()) {
                continue;
            }
            let by = *y - strip.top;
            self.canvas.push_matrix(Matrix::translate(0.0, by));
            self.view = view.moved(-by);
            self.parts(id);
            self.content(id);
            self.shared_borders(table, Some(id));
            for (_, layer) in self.scene.layers(id) {
                self.layer(id, *layer);
            }
            self.view = view;
            self.canvas.pop();
        }
    }

    pub(super) fn table(&mut self, id: BoxId, phase: Phase) {
        let tree = self.scene.tree;
        let view = self.view;
        if phase == Phase::Blocks {
            self.view = self.rows_view(id);
            self.column_backgrounds(id);
        }
        for group in &tree.get(id).children {
            if self.scene.is_layer(*group) || !self.is_in_view(*group) {
                continue;
            }
            if phase == Phase::Blocks {
                self.parts(*group);
            }
            self.rows_phase(*group, phase);
        }
        self.view = view;
        if phase == Phase::Blocks {
            self.shared_borders(id, None);
        }
    }

    /// The cells of a group's rows.
    fn rows_phase(&mut self, group: BoxId, phase: Phase) {
        let tree = self.scene.tree;
        for row in &tree.get(group).children {
            if self.scene.is_layer(*row) {
                continue;
            }
            for cell in &tree.get(*row).children {
                self.cell(*cell, phase);
            }
        }
    }

    fn cell(&mut self, cell: BoxId, phase: Phase) {
        if self.scene.is_layer(cell) || !self.is_in_view(cell) {
            return;
        }
        let depth = self.canvas.depth();
        if self.scene.tree.clips(cell) {
            self.push_overflow(cell);
        }
        self.phase(cell, phase);
        self.canvas.pop_to(depth);
    }

    /// Backgrounds of a group, its rows and their cells.
    fn parts(&mut self, group: BoxId) {
        let tree = self.scene.tree;
        self.part_background(group);
        for row in &tree.get(group).children {
            if self.scene.is_layer(*row) || !self.is_in_view(*row) {
                continue;
            }
            self.part_background(*row);
            for cell in &tree.get(*row).children {
                if !self.scene.is_layer(*cell) && !self.is_hidden_cell(*cell) {
                    self.decoration(*cell);
                }
            }
        }
    }

    /// Whether an empty cell is not to be seen.
    fn is_hidden_cell(&self, cell: BoxId) -> bool {
        let one = self.scene.tree.get(cell);
        one.style.empty_cells == EmptyCells::Hide
            && one.children.is_empty()
            && one.lines().is_none()
    }
}
