//! Borders that neighbours share: of all that meet at an edge, one wins.

use std::ops::Range;

use taffy::{LengthPercentage, Rect};

use super::Placed;
use crate::boxes::{BoxId, Table, Tree};
use crate::css::property::Style;
use crate::css::values::border::BorderStyle;
use crate::css::values::color::Rgba;

/// A border between cells, or around all of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SharedBorder {
    pub(crate) edge: Edge,
    pub(crate) width: f32,
    pub(crate) style: BorderStyle,
    pub(crate) color: Rgba,
}

/// Where it lies: on a line of the grid; the first is 0.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Edge {
    Across { line: usize, columns: Range<usize> },
    Down { line: usize, rows: Range<usize> },
}

/// What somebody would like to have at an edge.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Claim {
    width: f32,
    style: BorderStyle,
    color: Rgba,
    /// A cell is heard before its row, that before the group, the column, the table.
    rank: u8,
}

#[derive(Clone, Copy)]
enum Side {
    Top,
    Right,
    Bottom,
    Left,
}

fn claim(style: &Style, side: Side, rank: u8) -> Claim {
    let (width, border, color) = match side {
        Side::Top => (
            style.border_top_width,
            style.border_top_style,
            style.border_top_color,
        ),
        Side::Right => (
            style.border_right_width,
            style.border_right_style,
            style.border_right_color,
        ),
        Side::Bottom => (
            style.border_bottom_width,
            style.border_bottom_style,
            style.border_bottom_color,
        ),
        Side::Left => (
            style.border_left_width,
            style.border_left_style,
            style.border_left_color,
        ),
    };
    Claim {
        width,
        style: border,
        color: color.resolve(style.color),
        rank,
    }
}

impl Claim {
    const NONE: Claim = Claim {
        width: 0.0,
        style: BorderStyle::None,
        color: Rgba::TRANSPARENT,
        rank: 0,
    };

    /// Whether this one wins against what was there before.
    fn beats(self, other: Claim) -> bool {
        if other.style == BorderStyle::Hidden {
            return false;
        }
        if self.style == BorderStyle::Hidden {
            return true;
        }
        let key = |claim: Claim| (claim.width, claim.style.rank(), claim.rank);
        self.style.is_seen() && key(self) > key(other)
    }
}

/// All edges of a table.
struct Grid {
    rows: usize,
    columns: usize,
    /// Above each row and below the last; by line, then by column.
    across: Vec<Claim>,
    /// Left of each column and right of the last; by row, then by line.
    down: Vec<Claim>,
}

impl Grid {
    fn new(rows: usize, columns: usize) -> Grid {
        Grid {
            rows,
            columns,
            across: vec![Claim::NONE; (rows + 1) * columns],
            down: vec![Claim::NONE; rows * (columns + 1)],
        }
    }

    fn claim_across(&mut self, line: usize, columns: Range<usize>, claim: Claim) {
        for column in columns.start..columns.end.min(self.columns) {
            if let Some(edge) = self.across.get_mut(line * self.columns + column)
                && claim.beats(*edge)
            {
                *edge = claim;
            }
        }
    }

    fn claim_down(&mut self, line: usize, rows: Range<usize>, claim: Claim) {
        for row in rows.start..rows.end.min(self.rows) {
            if let Some(edge) = self.down.get_mut(row * (self.columns + 1) + line)
                && claim.beats(*edge)
            {
                *edge = claim;
            }
        }
    }

    /// Everything around a part of the grid.
    fn around(&mut self, rows: Range<usize>, columns: Range<usize>, style: &Style, rank: u8) {
        self.claim_across(rows.start, columns.clone(), claim(style, Side::Top, rank));
        self.claim_across(rows.end, columns.clone(), claim(style, Side::Bottom, rank));
        self.claim_down(columns.start, rows.clone(), claim(style, Side::Left, rank));
        self.claim_down(columns.end, rows, claim(style, Side::Right, rank));
    }

    /// The widest along a line, which is how much room it gets.
    fn widest(&self, line: &Edge) -> f32 {
        let widths: Box<dyn Iterator<Item = &Claim>> = match line {
            Edge::Across { line, columns } => Box::new(
                columns
                    .clone()
                    .filter_map(move |column| self.across.get(line * self.columns + column)),
            ),
            Edge::Down { line, rows } => Box::new(
                rows.clone()
                    .filter_map(move |row| self.down.get(row * (self.columns + 1) + line)),
            ),
        };
        widths
            .filter(|claim| claim.style.is_seen())
            .map(|claim| claim.width)
            .fold(0.0, f32::max)
    }

    /// The inner halves of the edges around a part of the grid.
    fn halves(
        &self,
        rows: Range<usize>,
        columns: Range<usize>,
        is_rtl: bool,
    ) -> Rect<LengthPercentage> {
        let half = |edge: Edge| LengthPercentage::length(self.widest(&edge) / 2.0);
        let down = |line: usize| {
            half(Edge::Down {
                line,
                rows: rows.clone(),
            })
        };
        let across = |line: usize| {
            half(Edge::Across {
                line,
                columns: columns.clone(),
            })
        };
        let (start, end) = (down(columns.start), down(columns.end));
        Rect {
            left: if is_rtl { end } else { start },
            right: if is_rtl { start } else { end },
            top: across(rows.start),
            bottom: across(rows.end),
        }
    }
}

impl Tree {
    /// Decides all edges, and gives cells and the table half of each as their borders.
    pub(super) fn collapse(&mut self, id: BoxId, table: &mut Table, cells: &[Placed]) {
        let (rows, columns) = (table.rows, table.columns.len());
        let is_rtl = self.get(id).style.direction == crate::css::values::keyword::Direction::Rtl;
        let mut grid = Grid::new(rows, columns);
        // Those are heard first that would win if all else is equal.
        for placed in cells {
            let cell = placed.cell;
            let own = (
                cell.row..cell.row + cell.rows,
                cell.column..cell.column + cell.columns,
            );
            grid.around(
                own.0,
                own.1,
                &flipped(&self.get(placed.id).style, is_rtl),
                6,
            );
        }
        let mut at = 0;
        for group in self.get(id).children.clone() {
            let first = at;
            for row in &self.get(group).children {
                grid.around(
                    at..at + 1,
                    0..columns,
                    &flipped(&self.get(*row).style, is_rtl),
                    5,
                );
                at += 1;
            }
            grid.around(
                first..at,
                0..columns,
                &flipped(&self.get(group).style, is_rtl),
                4,
            );
        }
        for (at, column) in table.columns.iter().enumerate() {
            grid.around(0..rows, at..at + 1, &flipped(&column.style, is_rtl), 3);
            if let Some(group) = &column.group {
                grid.around(0..rows, at..at + 1, &flipped(group, is_rtl), 2);
            }
        }
        grid.around(
            0..rows,
            0..columns,
            &flipped(&self.get(id).style.clone(), is_rtl),
            1,
        );
        within_cells(&mut grid, cells);
        self.give_halves(id, &grid, cells, is_rtl);
        table.borders = borders(&grid);
        table.down_widths = (0..=columns)
            .map(|line| {
                grid.widest(&Edge::Down {
                    line,
                    rows: 0..rows,
                })
            })
            .collect();
    }

    /// Half of an edge belongs to each side.
    fn give_halves(&mut self, id: BoxId, grid: &Grid, cells: &[Placed], is_rtl: bool) {
        for placed in cells {
            let cell = placed.cell;
            let rows = cell.row..cell.row + cell.rows;
            let columns = cell.column..cell.column + cell.columns;
            let one = self.get_mut(placed.id);
            one.flow.border = grid.halves(rows, columns, is_rtl);
            one.cache.clear();
        }
        let flow = &mut self.get_mut(id).flow;
        flow.border = grid.halves(0..grid.rows, 0..grid.columns, is_rtl);
        let zero = LengthPercentage::length(0.0);
        flow.padding = Rect {
            left: zero,
            right: zero,
            top: zero,
            bottom: zero,
        };
    }
}

/// Where columns go from right to left, left and right change places.
fn flipped(style: &Style, is_rtl: bool) -> std::borrow::Cow<'_, Style> {
    if !is_rtl {
        return std::borrow::Cow::Borrowed(style);
    }
    std::borrow::Cow::Owned(Style {
        border_left_width: style.border_right_width,
        border_left_style: style.border_right_style,
        border_left_color: style.border_right_color,
        border_right_width: style.border_left_width,
        border_right_style: style.border_left_style,
        border_right_color: style.border_left_color,
        ..style.clone()
    })
}

/// Nothing is drawn through a cell that stands over several rows or columns.
fn within_cells(grid: &mut Grid, cells: &[Placed]) {
    for placed in cells {
        let cell = placed.cell;
        for row in cell.row..(cell.row + cell.rows).min(grid.rows) {
            for column in cell.column..(cell.column + cell.columns).min(grid.columns) {
                if row > cell.row {
                    grid.across[row * grid.columns + column] = Claim::NONE;
                }
                if column > cell.column {
                    grid.down[row * (grid.columns + 1) + column] = Claim::NONE;
                }
            }
        }
    }
}

/// What is drawn: neighbours along a line that look the same are one.
fn borders(grid: &Grid) -> Vec<SharedBorder> {
    let mut out: Vec<SharedBorder> = Vec::new();
    for line in 0..=grid.rows {
        for column in 0..grid.columns {
            let claim = grid.across[line * grid.columns + column];
            if !claim.style.is_seen() || claim.width <= 0.0 {
                continue;
            }
            if let Some(last) = out.last_mut()
                && let Edge::Across { line: own, columns } = &mut last.edge
                && *own == line
                && columns.end == column
                && (last.width, last.style, last.color) == (claim.width, claim.style, claim.color)
            {
                columns.end += 1;
                continue;
            }
            out.push(SharedBorder {
                edge: Edge::Across {
                    line,
                    columns: column..column + 1,
                },
                width: claim.width,
                style: claim.style,
                color: claim.color,
            });
        }
    }
    for line in 0..=grid.columns {
        for row in 0..grid.rows {
            let claim = grid.down[row * (grid.columns + 1) + line];
            if claim.style.is_seen() && claim.width > 0.0 {
                out.push(SharedBorder {
                    edge: Edge::Down {
                        line,
                        rows: row..row + 1,
                    },
                    width: claim.width,
                    style: claim.style,
                    color: claim.color,
                });
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(width: f32, style: BorderStyle, rank: u8) -> Claim {
        Claim {
            width,
            style,
            color: Rgba::BLACK,
            rank,
        }
    }

    #[test]
    fn one_border_wins() {
        let wide = of(3.0, BorderStyle::Dotted, 1);
        let thin = of(1.0, BorderStyle::Solid, 6);
        assert!(wide.beats(thin) && !thin.beats(wide));
        let double = of(3.0, BorderStyle::Double, 1);
        assert!(double.beats(wide));
        let cell = of(3.0, BorderStyle::Dotted, 6);
        assert!(cell.beats(wide) && !wide.beats(cell));
        let hidden = of(0.0, BorderStyle::Hidden, 1);
        assert!(hidden.beats(wide) && !wide.beats(hidden));
        assert!(!of(9.0, BorderStyle::None, 6).beats(thin));
        assert!(thin.beats(Claim::NONE));
    }

    #[test]
    fn neighbours_that_look_the_same_are_one() {
        let mut grid = Grid::new(2, 3);
        grid.claim_across(1, 0..3, of(1.0, BorderStyle::Solid, 6));
        let all = borders(&grid);
        assert_eq!(all.len(), 1);
        assert_eq!(
            all[0].edge,
            Edge::Across {
                line: 1,
                columns: 0..3
            }
        );
    }
}
