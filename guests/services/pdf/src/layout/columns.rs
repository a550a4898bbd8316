//! Columns of text: laid out as one, and broken into several of the same height.

use taffy::{
    AvailableSpace, LayoutInput, LayoutOutput, MaybeMath as _, RequestedAxis, RunMode, Size,
    SizingMode, compute_block_layout,
};

use super::frame::Frame;
use crate::boxes::{BoxId, Columns, Kind, Tree};
use crate::pages::balance;

/// Columns side by side at most.
const COLUMNS_MAX: usize = 50;

/// What is said of columns: how many, how wide, and how far apart.
struct Wanted {
    count: Option<usize>,
    width: Option<f32>,
    gap: f32,
}

impl Tree {
    pub(super) fn lay_out_columns(&mut self, id: BoxId, inputs: LayoutInput) -> LayoutOutput {
        let frame = self.frame(id, &inputs);
        let wanted = self.wanted_columns(id);
        let room = self.columns_room(id, &frame, &inputs, &wanted);
        let count = wanted.count_in(room);
        let width = ((room - wanted.gap * (count as f32 - 1.0)) / count as f32).max(0.0);
        let outer = frame.size.width.unwrap_or(room + frame.across());
        if inputs.run_mode == RunMode::ComputeSize && inputs.axis == RequestedAxis::Horizontal {
            return LayoutOutput::from_outer_size(Size {
                width: outer,
                height: 0.0,
            });
        }
        let inner = LayoutInput {
            run_mode: RunMode::PerformLayout,
            axis: RequestedAxis::Both,
            known_dimensions: Size {
                width: Some(width + frame.across()),
                height: None,
            },
            sizing_mode: SizingMode::ContentSize,
            vertical_margins_are_collapsible: taffy::Line::FALSE,
            ..inputs
        };
        let strip = compute_block_layout(self, id.into(), inner, None);
        let tall = strip.size.height - frame.down();
        let height = match frame.size.height {
            Some(height) => (height - frame.down()).max(0.0),
            None if count == 1 => tall,
            None => balance(self, id, frame.edges.top, tall, count),
        };
        if let Kind::Columns(columns) = &mut self.get_mut(id).kind {
            *columns = Columns {
                count,
                width,
                gap: wanted.gap,
                height,
                fragments: Vec::new(),
            };
        }
        let size = Size {
            width: outer,
            height: height + frame.down(),
        };
        LayoutOutput {
            size: size.maybe_clamp(frame.min, frame.max),
            ..strip
        }
    }

    fn wanted_columns(&self, id: BoxId) -> Wanted {
        let style = &self.get(id).style;
        Wanted {
            count: style
                .column_count
                .map(|count| (count.max(1) as usize).min(COLUMNS_MAX)),
            width: style
                .column_width
                .as_ref()
                .map(|lp| lp.resolve(0.0).max(1.0)),
            gap: match &style.column_gap {
                Some(gap) => gap.resolve(0.0),
                None => style.font_size,
            },
        }
    }

    /// The width of the content.
    fn columns_room(
        &mut self,
        id: BoxId,
        frame: &Frame,
        inputs: &LayoutInput,
        wanted: &Wanted,
    ) -> f32 {
        let room = match (frame.size.width, inputs.available_space.width) {
            (Some(width), _) => width - frame.across(),
            (None, AvailableSpace::Definite(width)) => width - frame.across(),
            (None, given) => {
                // As wide as its columns, one beside the other.
                let inner = LayoutInput {
                    run_mode: RunMode::ComputeSize,
                    axis: RequestedAxis::Horizontal,
                    known_dimensions: Size::NONE,
                    available_space: Size {
                        width: given,
                        height: AvailableSpace::MaxContent,
                    },
                    ..*inputs
                };
                let one = compute_block_layout(self, id.into(), inner, None);
                let one = one.size.width - frame.across();
                let count = wanted.count.unwrap_or(1) as f32;
                wanted.width.unwrap_or(one) * count + wanted.gap * (count - 1.0)
            }
        };
        room.max(0.0)
    }
}

impl Wanted {
    fn count_in(&self, room: f32) -> usize {
        let fits = |width: f32| {
            let fitting = ((room + self.gap) / (width + self.gap)).floor();
            (fitting as usize).clamp(1, COLUMNS_MAX)
        };
        match (self.count, self.width) {
            (Some(count), Some(width)) => count.min(fits(width)),
            (Some(count), None) => count,
            (None, Some(width)) => fits(width),
            (None, None) => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_columns_as_there_is_room_for() {
        let count = |count, width, room| {
            let gap = 10.0;
            Wanted { count, width, gap }.count_in(room)
        };
        assert_eq!(count(None, None, 500.0), 1);
        assert_eq!(count(Some(3), None, 5.0), 3);
        assert_eq!(count(None, Some(100.0), 319.0), 2);
        assert_eq!(count(None, Some(100.0), 320.0), 3);
        assert_eq!(count(Some(2), Some(100.0), 320.0), 2);
        assert_eq!(count(Some(9), Some(100.0), 320.0), 3);
        assert_eq!(count(None, Some(100.0), 0.0), 1);
        assert_eq!(count(None, Some(1.0), 1.0e6), COLUMNS_MAX);
    }
}
