//! Heights of rows, and where cells stand in them.

use taffy::{
    AvailableSpace, LayoutInput, LayoutOutput, LayoutPartialTree as _, LengthPercentage, Point,
    RunMode, Size,
};

use super::{Placed, Work};
use crate::boxes::{Cell, Role, Table, Tree};
use crate::css::values::length::{Lp, Size as CssSize};
use crate::css::values::text::VerticalAlign;

/// What is known of rows once their cells were measured.
#[derive(Debug, Default)]
pub(super) struct Rows {
    heights: Vec<f32>,
    /// Where the first lines of cells stand that share a line.
    baselines: Vec<f32>,
    /// Of each cell: how tall its content is, and where its first line stands.
    cells: Vec<(f32, Option<f32>)>,
    /// What the layout of each came to, before it was as tall as its row.
    outputs: Vec<LayoutOutput>,
}

impl Work {
    /// Heights that what is inside needs.
    pub(super) fn row_heights(&mut self, tree: &mut Tree, table: &Table) -> Rows {
        let mut rows = Rows {
            heights: vec![0.0; table.rows],
            baselines: vec![0.0; table.rows],
            cells: Vec::with_capacity(self.cells.len()),
            outputs: Vec::with_capacity(self.cells.len()),
        };
        for placed in &self.cells {
            self.reset_padding(tree, *placed);
            let width = self.cell_width(table, placed.cell);
            let inputs = LayoutInput {
                run_mode: RunMode::PerformLayout,
                ..self.cell_inputs(Some(width), AvailableSpace::Definite(width))
            };
            let output = tree.compute_child_layout(placed.id.into(), inputs);
            let style = &tree.get(placed.id).style;
            let is_on_line = !matches!(
                style.vertical_align,
                VerticalAlign::Top | VerticalAlign::Middle | VerticalAlign::Bottom
            );
            let baseline = output.baselines.first.filter(|_| is_on_line);
            if let Some(baseline) = baseline {
                let row = &mut rows.baselines[placed.cell.row];
                *row = row.max(baseline);
            }
            rows.cells.push((output.size.height, baseline));
            rows.outputs.push(output);
        }
        self.least_heights(tree, &mut rows);
        self.tall_cells(tree, &mut rows);
        self.whole_height(&mut rows);
        rows
    }

    /// Cells keep their own padding until their row's height is known.
    fn reset_padding(&self, tree: &mut Tree, placed: Placed) {
        let style = tree.get(placed.id).style.clone();
        let flow = tree.calcs.flow(&style);
        let one = tree.get_mut(placed.id);
        if one.flow.padding.top != flow.padding.top
            || one.flow.padding.bottom != flow.padding.bottom
        {
            one.flow.padding = flow.padding;
            one.cache.clear();
        }
    }

    fn least_heights(&self, tree: &Tree, rows: &mut Rows) {
        for (at, placed) in self.cells.iter().enumerate() {
            if placed.cell.rows == 1 {
                let height = self.cell_height(tree, rows, at, placed);
                let row = &mut rows.heights[placed.cell.row];
                *row = row.max(height);
            }
        }
        let mut at = 0;
        for group in &tree.get(self.id).children {
            for row in &tree.get(*group).children {
                if let CssSize::Length(lp) = &tree.get(*row).style.height
                    && !matches!(lp, Lp::Share(_))
                    && let Some(height) = rows.heights.get_mut(at)
                {
                    *height = height.max(lp.resolve(0.0));
                }
                at += 1;
            }
        }
    }

    /// How tall a cell is: its content, moved down to its row's line, or what its style asks for.
    fn cell_height(&self, tree: &Tree, rows: &Rows, at: usize, placed: &Placed) -> f32 {
        let (content, baseline) = rows.cells[at];
        let lowered = baseline.map_or(0.0, |own| rows.baselines[placed.cell.row] - own);
        let frame = tree.frame(
            placed.id,
            &self.cell_inputs(None, AvailableSpace::MaxContent),
        );
        let style = &tree.get(placed.id).style;
        let more = match style.box_sizing {
            crate::css::values::keyword::BoxSizing::Border => 0.0,
            crate::css::values::keyword::BoxSizing::Content => frame.down(),
        };
        let of = |size: &CssSize| match size {
            CssSize::Length(lp) if !matches!(lp, Lp::Share(_)) => lp.resolve(0.0) + more,
            _ => 0.0,
        };
        (content + lowered)
            .max(of(&style.height))
            .max(of(&style.min_height))
    }

    /// Cells over several rows that need more than those have: the last of them gets it.
    fn tall_cells(&self, tree: &Tree, rows: &mut Rows) {
        let mut tall: Vec<(usize, Placed)> = self
            .cells
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, placed)| placed.cell.rows > 1)
            .collect();
        tall.sort_by_key(|(_, placed)| placed.cell.rows);
        for (at, placed) in tall {
            let wanted = self.cell_height(tree, rows, at, &placed);
            let range =
                placed.cell.row..(placed.cell.row + placed.cell.rows).min(rows.heights.len());
            let Some(own) = rows.heights.get_mut(range) else {
                continue;
            };
            let between = own.len().saturating_sub(1) as f32 * self.spacing.1;
            let more = wanted - between - own.iter().sum::<f32>();
            if more <= 0.0 {
                continue;
            }
            let total: f32 = own.iter().sum();
            let count = own.len() as f32;
            for height in own.iter_mut() {
                *height += more
                    * if total > 0.0 {
                        *height / total
                    } else {
                        1.0 / count
                    };
            }
        }
    }

    /// A table that is taller than its rows gives them what it has more.
    fn whole_height(&self, rows: &mut Rows) {
        let Some(wanted) = self.frame.size.height.or(self.frame.min.height) else {
            return;
        };
        let count = rows.heights.len();
        if count == 0 {
            return;
        }
        let around = self.frame.down() + (count as f32 + 1.0) * self.spacing.1;
        let total: f32 = rows.heights.iter().sum();
        let more = wanted - around - total;
        if more <= 0.0 {
            return;
        }
        for height in &mut rows.heights {
            *height += more
                * if total > 0.0 {
                    *height / total
                } else {
                    1.0 / count as f32
                };
        }
    }

    /// Puts groups, rows and cells where they belong. The table's height, and where its first line stands.
    pub(super) fn place_rows(
        &mut self,
        tree: &mut Tree,
        table: &Table,
        rows: &Rows,
        width: f32,
    ) -> (f32, Option<f32>) {
        let (left, top) = (
            self.frame.edges.left + self.spacing.0,
            self.frame.edges.top + self.spacing.1,
        );
        let inner = width - left - self.frame.edges.right - self.spacing.0;
        let mut tops = Vec::with_capacity(rows.heights.len() + 1);
        let mut y = top;
        for height in &rows.heights {
            tops.push(y);
            y += height + self.spacing.1;
        }
        let height = y + self.frame.edges.bottom;
        let height = match rows.heights.is_empty() {
            true => self.frame.size.height.unwrap_or(height - self.spacing.1),
            false => height,
        };
        if self.inputs.run_mode == RunMode::ComputeSize {
            return (height, None);
        }
        let mut at = 0;
        for group in tree.get(self.id).children.clone() {
            let own = tree.get(group).children.clone();
            let group_top = tops.get(at).copied().unwrap_or(y);
            let mut group_bottom = group_top;
            for row in own {
                let row_top = tops.get(at).copied().unwrap_or(y);
                let row_height = rows.heights.get(at).copied().unwrap_or(0.0);
                let layout = &mut tree.get_mut(row).layout;
                layout.location = Point {
                    x: 0.0,
                    y: row_top - group_top,
                };
                layout.size = Size {
                    width: inner,
                    height: row_height,
                };
                group_bottom = row_top + row_height;
                at += 1;
            }
            let layout = &mut tree.get_mut(group).layout;
            layout.location = Point {
                x: left,
                y: group_top,
            };
            layout.size = Size {
                width: inner,
                height: group_bottom - group_top,
            };
        }
        for index in 0..self.cells.len() {
            self.place_cell(tree, table, rows, &tops, index);
        }
        let baseline = rows
            .baselines
            .first()
            .filter(|line| **line > 0.0)
            .map(|line| line + top);
        (height, baseline)
    }

    fn place_cell(
        &mut self,
        tree: &mut Tree,
        table: &Table,
        rows: &Rows,
        tops: &[f32],
        index: usize,
    ) {
        let placed = self.cells[index];
        let Cell {
            row, rows: count, ..
        } = placed.cell;
        let last = (row + count).min(rows.heights.len()).saturating_sub(1);
        let (Some(first_top), Some(last_top)) = (tops.get(row), tops.get(last)) else {
            return;
        };
        let height = last_top + rows.heights[last] - first_top;
        let width = self.cell_width(table, placed.cell);
        let (content, baseline) = rows.cells[index];
        let free = (height - content).max(0.0);
        let offset = match tree.get(placed.id).style.vertical_align {
            VerticalAlign::Top => 0.0,
            VerticalAlign::Middle => free / 2.0,
            VerticalAlign::Bottom => free,
            _ => baseline.map_or(0.0, |own| (rows.baselines[row] - own).clamp(0.0, free)),
        };
        if offset > 0.0 {
            let inputs = self.cell_inputs(Some(width), AvailableSpace::Definite(width));
            let frame = tree.frame(placed.id, &inputs);
            let one = tree.get_mut(placed.id);
            one.flow.padding.top = LengthPercentage::length(frame.padding.top + offset);
            one.cache.clear();
        }
        let inputs = LayoutInput {
            run_mode: RunMode::PerformLayout,
            known_dimensions: Size {
                width: Some(width),
                height: Some(height),
            },
            ..self.cell_inputs(Some(width), AvailableSpace::Definite(width))
        };
        // A cell that is as tall as its row lies as it should. Twice at every level, tables in tables would take forever.
        let is_laid_out = offset <= 0.0 && (height - content).abs() < 0.01;
        let mut output = match is_laid_out {
            true => rows.outputs[index].clone(),
            false => tree.compute_child_layout(placed.id.into(), inputs),
        };
        let x = self.cell_x(table, placed.cell);
        let left = self.frame.edges.left + self.spacing.0;
        let layout = &mut tree.get_mut(placed.id).layout;
        layout.location = Point {
            x: x - left,
            y: 0.0,
        };
        layout.size = Size { width, height };
        tree.note_edges(placed.id, Some(width));
        if !output.oof_candidates.is_empty() {
            output.oof_candidates.translate(Point { x, y: *first_top });
            self.candidates.append(&mut output.oof_candidates);
        }
        debug_assert!(matches!(tree.get(placed.id).role, Role::Cell(_)));
    }

    /// Where a cell begins: from the right, one over several columns does so where its last one does.
    fn cell_x(&self, table: &Table, cell: Cell) -> f32 {
        let start = |column: usize| table.starts.get(column).copied();
        let first = start(cell.column).unwrap_or(0.0);
        if !self.is_rtl {
            return first;
        }
        let last = (cell.column + cell.columns).min(table.starts.len());
        start(last.saturating_sub(1)).unwrap_or(first)
    }
}
