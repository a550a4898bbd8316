//! How large the boxes are that stand in lines, and how wide a paragraph is where that depends on what is in it.

use taffy::{
    AvailableSpace, LayoutInput, LayoutOutput, LayoutPartialTree as _, MaybeMath as _,
    RequestedAxis, RunMode, Size, SizingMode,
};

use super::{LENGTH_MAX, TOLERANCE};
use crate::boxes::{BoxId, Kind, Lines, Tree};
use crate::css::values::keyword::Overflow;
use crate::css::values::length::Size as Said;
use crate::layout::frame::Frame;

impl Tree {
    pub(super) fn child_inputs(
        &self,
        id: BoxId,
        frame: &Frame,
        inputs: &LayoutInput,
        room: AvailableSpace,
    ) -> LayoutInput {
        let height = frame
            .size
            .height
            .map(|height| (height - frame.down()).max(0.0));
        LayoutInput {
            known_dimensions: Size::NONE,
            available_space: Size {
                width: room,
                height: height.map_or(AvailableSpace::MaxContent, AvailableSpace::Definite),
            },
            sizing_mode: SizingMode::InherentSize,
            parent_size: Size {
                width: room.into_option(),
                // Boxes that nobody made are not what shares refer to.
                height: match self.get(id).node {
                    Some(_) => height,
                    None => inputs.parent_size.height,
                },
            },
            vertical_margins_are_collapsible: taffy::Line::FALSE,
            axis: RequestedAxis::Both,
            ..*inputs
        }
    }

    /// Tells the paragraph how large the boxes are that stand in it.
    pub(super) fn measure_atomics(&mut self, lines: &mut Lines, inputs: LayoutInput) {
        let Lines {
            shaped, leaders, ..
        } = lines;
        for inline_box in shaped.inline_boxes_mut() {
            let child = BoxId::from(taffy::NodeId::from(inline_box.id));
            if inline_box.kind != parley::InlineBoxKind::InFlow {
                continue;
            }
            let margin = self.margin(child, inputs.parent_size.width);
            let output = self.atomic(child, inputs);
            let is_flow = !matches!(
                self.get(child).kind,
                Kind::Flex | Kind::Grid | Kind::Table(_) | Kind::Captioned
            );
            let baselines = output.baselines;
            let own = if is_flow {
                baselines.last.or(baselines.first)
            } else {
                baselines.first
            };
            let is_cut = self.get(child).style.overflow_y != Overflow::Visible;
            let baseline = own.filter(|_| !is_cut).map(|own| margin.top + own);
            let tall = margin.top + margin.bottom + output.size.height;
            let width = match leaders.contains(&child) {
                true => 0.0,
                false => margin.left + margin.right + output.size.width,
            };
            inline_box.width = width.min(LENGTH_MAX);
            inline_box.height = tall.clamp(0.0, LENGTH_MAX);
            inline_box.baseline = baseline;
        }
    }

    /// Lays out a box that stands in a line, or measures it.
    pub(super) fn atomic(&mut self, child: BoxId, inputs: LayoutInput) -> LayoutOutput {
        let margin = self.margin(child, inputs.parent_size.width);
        let available_space = inputs
            .available_space
            .maybe_sub(margin.sum_axes())
            .maybe_max(Size::ZERO);
        let mut inputs = LayoutInput {
            available_space,
            ..inputs
        };
        match self.get(child).style.width {
            Said::MinContent => {
                inputs.available_space.width = AvailableSpace::MinContent;
            }
            Said::MaxContent => {
                inputs.available_space.width = AvailableSpace::MaxContent;
            }
            Said::Stretch => {
                inputs.known_dimensions.width = available_space.width.into_option();
            }
            _ => {}
        }
        self.compute_child_layout(child.into(), inputs)
    }

    /// The width of the content where it depends on what is inside.
    pub(super) fn content_width(
        &mut self,
        lines: &Lines,
        frame: &Frame,
        room: AvailableSpace,
        child_inputs: LayoutInput,
    ) -> f32 {
        let own = lines.shaped.calculate_content_widths();
        let floats = self.float_width(lines, room, child_inputs);
        let width = match room {
            AvailableSpace::MinContent => own.min.max(floats),
            AvailableSpace::MaxContent => own.max + floats,
            AvailableSpace::Definite(limit) => limit.min(own.max + floats).max(own.min),
        };
        // A hair more, so that rounding does not break what just fits.
        let outer = (width + TOLERANCE / 2.0).min(LENGTH_MAX) + frame.across();
        (outer.maybe_clamp(frame.min.width, frame.max.width) - frame.across()).max(0.0)
    }

    fn float_width(&mut self, lines: &Lines, room: AvailableSpace, inputs: LayoutInput) -> f32 {
        let floats = lines
            .shaped
            .inline_boxes()
            .filter(|one| one.kind == parley::InlineBoxKind::CustomOutOfFlow)
            .map(|one| BoxId::from(taffy::NodeId::from(one.id)));
        let mut total: f32 = 0.0;
        for child in floats.collect::<Vec<_>>() {
            let margin = self.margin(child, inputs.parent_size.width);
            let measure = LayoutInput {
                run_mode: RunMode::ComputeSize,
                axis: RequestedAxis::Horizontal,
                ..inputs
            };
            let output = self.compute_child_layout(child.into(), measure);
            let width = output.size.width + margin.left + margin.right;
            total = match room {
                AvailableSpace::MinContent => total.max(width),
                _ => total + width,
            };
        }
        total
    }
}
