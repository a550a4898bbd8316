//! Columns of text: laid out as one, and broken into several of the same height.

use taffy::{
    AvailableSpace, LayoutInput, LayoutOutput, MaybeMath as _, RequestedAxis, RunMode, Size,
    SizingMode, compute_block_layout,
};

use crate::boxes::{BoxId, Columns, Kind, Tree};
use crate::pages::balance;

/// Columns side by side at most.
const COLUMNS_MAX: usize = 50;

impl Tree {
    pub(super) fn lay_out_columns(&mut self, id: BoxId, inputs: LayoutInput) -> LayoutOutput {
        let frame = self.frame(id, &inputs);
        let style = self.get(id).style.clone();
        let gap = match &style.column_gap {
            Some(gap) => gap.resolve(0.0),
            None => style.font_size,
        };
        let wanted = style
            .column_width
            .as_ref()
            .map(|lp| lp.resolve(0.0).max(1.0));
        let asked = style
            .column_count
            .map(|count| (count.max(1) as usize).min(COLUMNS_MAX));
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
                    ..inputs
                };
                let one = compute_block_layout(self, id.into(), inner, None)
                    .size
                    .width
                    - frame.across();
                let count = asked.unwrap_or(1) as f32;
                wanted.unwrap_or(one) * count + gap * (count - 1.0)
            }
        }
        .max(0.0);
        let fits =
            |width: f32| (((room + gap) / (width + gap)).floor() as usize).clamp(1, COLUMNS_MAX);
        let count = match (asked, wanted) {
            (Some(count), Some(width)) => count.min(fits(width)),
            (Some(count), None) => count,
            (None, Some(width)) => fits(width),
            (None, None) => 1,
        };
        let column = ((room - gap * (count as f32 - 1.0)) / count as f32).max(0.0);
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
                width: Some(column + frame.across()),
                height: None,
            },
            sizing_mode: SizingMode::ContentSize,
            vertical_margins_are_collapsible: taffy::Line::FALSE,
            ..inputs
        };
        let strip = compute_block_layout(self, id.into(), inner, None);
        let tall = strip.size.height - frame.down();
        let wanted_height = frame
            .size
            .height
            .map(|height| (height - frame.down()).max(0.0));
        let height = match wanted_height {
            Some(height) => height,
            None if count == 1 => tall,
            None => balance(self, id, frame.edges.top, tall, count),
        };
        if let Kind::Columns(columns) = &mut self.get_mut(id).kind {
            *columns = Columns {
                count,
                width: column,
                gap,
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
}
