//! Tables with captions: as wide as the widest of them, one below the other.

use taffy::{
    AvailableSpace, LayoutInput, LayoutOutput, LayoutPartialTree as _, OofCandidates,
    OofPositioningArea, Point, RequestedAxis, RunMode, Size, SizingMode,
};

use crate::boxes::{BoxId, Kind, Tree};

impl Tree {
    /// A table with its captions above and below.
    pub(in crate::layout) fn lay_out_captioned(
        &mut self,
        id: BoxId,
        inputs: LayoutInput,
    ) -> LayoutOutput {
        let children = self.get(id).children.clone();
        let width = self.captioned_width(&children, inputs);
        if inputs.run_mode == RunMode::ComputeSize && inputs.axis == RequestedAxis::Horizontal {
            return LayoutOutput::from_outer_size(Size { width, height: 0.0 });
        }
        let child_inputs = LayoutInput {
            parent_size: Size {
                width: Some(width),
                height: None,
            },
            available_space: Size {
                width: AvailableSpace::Definite(width),
                height: AvailableSpace::MaxContent,
            },
            sizing_mode: SizingMode::InherentSize,
            axis: RequestedAxis::Both,
            vertical_margins_are_collapsible: taffy::Line::FALSE,
            ..inputs
        };
        let mut y = 0.0;
        let mut baseline = None;
        let mut candidates = OofCandidates::new();
        for child in children {
            let margin = self.margin(child, Some(width));
            let known_dimensions = Size {
                width: Some((width - margin.left - margin.right).max(0.0)),
                height: None,
            };
            let own = LayoutInput {
                known_dimensions,
                ..child_inputs
            };
            let mut output = self.compute_child_layout(child.into(), own);
            y += margin.top;
            let location = Point { x: margin.left, y };
            let layout = &mut self.get_mut(child).layout;
            layout.location = location;
            layout.size = output.size;
            self.note_edges(child, Some(width));
            if self.is_table(child) {
                baseline = output.baselines.first.map(|first| first + y);
            }
            output.oof_candidates.translate(location);
            candidates.append(&mut output.oof_candidates);
            y += output.size.height + margin.bottom;
        }
        let size = Size { width, height: y };
        LayoutOutput {
            baselines: taffy::Baselines {
                first: baseline,
                last: None,
            },
            oof_candidates: candidates,
            oof_positioning_area: Some(OofPositioningArea {
                size,
                offset: Point::ZERO,
            }),
            ..LayoutOutput::from_outer_size(size)
        }
    }

    fn is_table(&self, id: BoxId) -> bool {
        matches!(self.get(id).kind, Kind::Table(_))
    }

    /// The table's width, or what captions need at least.
    fn captioned_width(&mut self, children: &[BoxId], inputs: LayoutInput) -> f32 {
        let of_table = LayoutInput {
            run_mode: RunMode::ComputeSize,
            axis: RequestedAxis::Horizontal,
            sizing_mode: SizingMode::InherentSize,
            ..inputs
        };
        let of_caption = LayoutInput {
            known_dimensions: Size::NONE,
            available_space: Size {
                width: AvailableSpace::MinContent,
                height: AvailableSpace::MaxContent,
            },
            ..of_table
        };
        let mut width: f32 = 0.0;
        for child in children {
            let measure = if self.is_table(*child) {
                of_table
            } else {
                of_caption
            };
            let margin = self.margin(*child, inputs.parent_size.width);
            let output = self.compute_child_layout((*child).into(), measure);
            width = width.max(output.size.width + margin.left + margin.right);
        }
        width
    }
}
