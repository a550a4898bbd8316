//! Tables: widths of columns from what stands in them, heights of rows from that, and borders that cells share.

mod borders;
mod captioned;
mod rows;
mod widths;

use taffy::{
    AvailableSpace, LayoutInput, LayoutOutput, MaybeMath as _, OofCandidates, OofPositioningArea,
    Point, RequestedAxis, RunMode, Size, SizingMode,
};

use super::frame::Frame;
use crate::boxes::{BoxId, Cell, Kind, Role, Table, Tree};
use crate::css::values::keyword::Direction;

pub(crate) use borders::{Edge, SharedBorder};
pub(crate) use widths::Wish;

/// A cell of a table that is being laid out.
#[derive(Clone, Copy, Debug)]
struct Placed {
    id: BoxId,
    cell: Cell,
}

/// One layout of a table.
struct Work {
    id: BoxId,
    frame: Frame,
    inputs: LayoutInput,
    cells: Vec<Placed>,
    /// Between cells, and around them: across and down.
    spacing: (f32, f32),
    is_rtl: bool,
    candidates: OofCandidates,
}

impl Tree {
    pub(super) fn lay_out_table(&mut self, id: BoxId, inputs: LayoutInput) -> LayoutOutput {
        let Kind::Table(mut table) = std::mem::replace(&mut self.get_mut(id).kind, Kind::Block)
        else {
            return LayoutOutput::HIDDEN;
        };
        let output = self.table_within(id, &mut table, inputs);
        self.get_mut(id).kind = Kind::Table(table);
        output
    }

    fn table_within(&mut self, id: BoxId, table: &mut Table, inputs: LayoutInput) -> LayoutOutput {
        let cells = self.cells_of(id);
        if table.collapses && !table.is_collapsed {
            self.collapse(id, table, &cells);
            table.is_collapsed = true;
        }
        let frame = self.frame(id, &inputs);
        let style = &self.get(id).style;
        let spacing = if table.collapses {
            (0.0, 0.0)
        } else {
            style.border_spacing
        };
        let mut work = Work {
            id,
            frame,
            inputs,
            cells,
            spacing,
            is_rtl: style.direction == Direction::Rtl,
            candidates: OofCandidates::new(),
        };
        work.widths(self, table);
        let width = work.place_columns(table);
        if inputs.run_mode == RunMode::ComputeSize && inputs.axis == RequestedAxis::Horizontal {
            return LayoutOutput::from_outer_size(Size { width, height: 0.0 });
        }
        let heights = work.row_heights(self, table);
        let (height, baseline) = work.place_rows(self, table, &heights, width);
        let size = Size { width, height };
        LayoutOutput {
            size,
            baselines: taffy::Baselines {
                first: baseline,
                last: None,
            },
            oof_candidates: work.candidates,
            oof_positioning_area: Some(OofPositioningArea {
                size: size - frame.border.sum_axes(),
                offset: Point {
                    x: frame.border.left,
                    y: frame.border.top,
                },
            }),
            ..LayoutOutput::from_outer_size(size)
        }
    }

    /// The cells of a table, row by row.
    fn cells_of(&self, id: BoxId) -> Vec<Placed> {
        let mut out = Vec::new();
        for group in &self.get(id).children {
            for row in &self.get(*group).children {
                for cell in &self.get(*row).children {
                    if let Role::Cell(place) = self.get(*cell).role {
                        out.push(Placed {
                            id: *cell,
                            cell: place,
                        });
                    }
                }
            }
        }
        out
    }
}

impl Work {
    /// How a cell is asked for its size.
    fn cell_inputs(&self, width: Option<f32>, room: AvailableSpace) -> LayoutInput {
        LayoutInput {
            run_mode: RunMode::ComputeSize,
            sizing_mode: SizingMode::InherentSize,
            axis: RequestedAxis::Both,
            known_dimensions: Size {
                width,
                height: None,
            },
            known_dimensions_are_definite: Size {
                width: true,
                height: true,
            },
            parent_size: Size {
                width: self.frame.size.width,
                height: None,
            },
            available_space: Size {
                width: room,
                height: AvailableSpace::MaxContent,
            },
            vertical_margins_are_collapsible: taffy::Line::FALSE,
        }
    }

    /// The whole width of the table, from that of its columns; notes where each begins.
    fn place_columns(&self, table: &mut Table) -> f32 {
        let mut x = self.frame.edges.left + self.spacing.0;
        table.starts.clear();
        for width in &table.widths {
            table.starts.push(x);
            x += width + self.spacing.0;
        }
        let width = x + self.frame.edges.right;
        let width = match self.frame.size.width {
            Some(wanted) if table.widths.is_empty() => wanted,
            _ => width,
        };
        if self.is_rtl {
            for (start, column) in table.starts.iter_mut().zip(&table.widths) {
                *start = width - *start - column;
            }
        }
        width.maybe_max(self.frame.min.width)
    }

    /// The width of a cell, over all of its columns.
    fn cell_width(&self, table: &Table, cell: Cell) -> f32 {
        let columns =
            &table.widths[cell.column..(cell.column + cell.columns).min(table.widths.len())];
        let between = columns.len().saturating_sub(1) as f32 * self.spacing.0;
        columns.iter().sum::<f32>() + between
    }
}
