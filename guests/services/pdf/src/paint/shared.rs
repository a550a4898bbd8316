//! Borders that the cells of a table share.

use std::ops::Range;

use super::scene::is_head;
use super::shape::Area;
use super::walk::Painter;
use crate::boxes::{BoxId, Kind, Table};
use crate::css::values::keyword::Direction;
use crate::layout::{Edge, SharedBorder};

/// Where the lines of a table are, between its columns and between its rows.
struct Grid<'a> {
    table: &'a Table,
    left: f32,
    is_rtl: bool,
    /// Top and bottom of each row.
    rows: Vec<(f32, f32)>,
    /// How many of them are heads.
    heads: usize,
}

impl Grid<'_> {
    /// Where a line between columns is.
    fn x(&self, line: usize) -> f32 {
        let (starts, widths) = (&self.table.starts, &self.table.widths);
        let last = starts.len().saturating_sub(1);
        let at = line.min(last);
        let (Some(start), Some(width)) = (starts.get(at), widths.get(at)) else {
            return self.left;
        };
        let is_far = (line > last) != self.is_rtl;
        self.left + if is_far { start + width } else { *start }
    }

    /// Whether a border belongs to the heads; the line below them is theirs.
    fn is_of_heads(&self, edge: &Edge) -> bool {
        match edge {
            Edge::Across { line, .. } => *line <= self.heads && self.heads > 0,
            Edge::Down { rows, .. } => rows.start < self.heads,
        }
    }

    /// From where to where a border across reaches: over half of what it meets at both ends.
    fn across(&self, columns: &Range<usize>) -> (f32, f32) {
        let (one, other) = (self.x(columns.start), self.x(columns.end));
        let reach = |at: usize| self.table.down_widths.get(at).copied().unwrap_or(0.0) / 2.0;
        let (start, end) = (reach(columns.start), reach(columns.end));
        let (start, end) = if self.is_rtl {
            (end, start)
        } else {
            (start, end)
        };
        (one.min(other) - start, one.max(other) + end)
    }

    /// The heights of a line between rows: two where these are on two pages.
    fn heights(&self, line: usize, is_head: bool) -> Vec<f32> {
        let above = line
            .checked_sub(1)
            .and_then(|row| self.rows.get(row))
            .map(|row| row.1);
        let below = self.rows.get(line).map(|row| row.0);
        let mut heights: Vec<f32> = above.into_iter().chain(below).collect();
        if is_head && line == self.heads {
            heights.truncate(1);
        }
        heights.dedup_by(|one, other| (*one - *other).abs() < 1.0);
        heights
    }
}

impl Painter<'_, '_, '_> {
    /// Borders that cells share; those of heads apart, where these stand on several pages.
    pub(super) fn shared_borders(&mut self, id: BoxId, head: Option<BoxId>) {
        let Kind::Table(table) = &self.scene.tree.get(id).kind else {
            return;
        };
        if table.borders.is_empty() {
            return;
        }
        let grid = self.grid(id, table);
        for border in &table.borders {
            if grid.is_of_heads(&border.edge) != head.is_some() {
                continue;
            }
            match &border.edge {
                Edge::Across { line, columns } => {
                    let (from, to) = grid.across(columns);
                    for y in grid.heights(*line, head.is_some()) {
                        if self.view.sees(y - 1.0, y + 1.0) {
                            let top = y - border.width / 2.0;
                            let area = Area::new(from, top, to - from, border.width);
                            self.edge(area, border.style, border.color, true);
                        }
                    }
                }
                Edge::Down { line, rows } => self.border_down(&grid, border, *line, rows),
            }
        }
    }

    fn grid<'t>(&self, id: BoxId, table: &'t Table) -> Grid<'t> {
        let tree = self.scene.tree;
        let mut rows: Vec<(f32, f32)> = Vec::new();
        let mut heads = 0;
        for group in &tree.get(id).children {
            for row in &tree.get(*group).children {
                let strip = tree.get(*row).strip;
                rows.push((strip.top, strip.bottom));
            }
            if is_head(tree, *group) {
                heads = rows.len();
            }
        }
        Grid {
            table,
            left: self.scene.left(id),
            is_rtl: tree.get(id).style.direction == Direction::Rtl,
            rows,
            heads,
        }
    }

    fn border_down(
        &mut self,
        grid: &Grid<'_>,
        border: &SharedBorder,
        line: usize,
        rows: &Range<usize>,
    ) {
        let (Some(first), Some(last)) = (grid.rows.get(rows.start), grid.rows.get(rows.end - 1))
        else {
            return;
        };
        if !self.view.sees(first.0, last.1) {
            return;
        }
        let left = grid.x(line) - border.width / 2.0;
        let area = Area::new(left, first.0, border.width, last.1 - first.0);
        let depth = self.canvas.depth();
        self.clip_to_view(area);
        self.edge(area, border.style, border.color, false);
        self.canvas.pop_to(depth);
    }
}
