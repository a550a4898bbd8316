//! A box's own sizes and edges, resolved against what holds it.

use taffy::{
    AvailableSpace, LayoutInput, MaybeMath as _, MaybeResolve as _, Rect, ResolveOrZero as _, Size,
    SizingMode,
};

use crate::boxes::{BoxId, Tree};

/// Sizes are those of the border box.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) padding: Rect<f32>,
    pub(super) border: Rect<f32>,
    /// Padding and border together.
    pub(super) edges: Rect<f32>,
    /// What the style says, or whoever holds the box.
    pub(super) size: Size<Option<f32>>,
    pub(super) min: Size<Option<f32>>,
    pub(super) max: Size<Option<f32>>,
    pub(super) ratio: Option<f32>,
}

impl Tree {
    pub(super) fn frame(&self, id: BoxId, inputs: &LayoutInput) -> Frame {
        let flow = &self.get(id).flow;
        let calc = |at, basis| self.calcs.resolve(at, basis);
        let padding = flow.padding.resolve_or_zero(inputs.parent_size.width, calc);
        let border = flow.border.resolve_or_zero(inputs.parent_size.width, calc);
        let edges = padding + border;
        let around = edges.sum_axes();
        let more = match flow.box_sizing {
            taffy::BoxSizing::ContentBox => around,
            taffy::BoxSizing::BorderBox => Size::ZERO,
        };
        if inputs.sizing_mode == SizingMode::ContentSize {
            return Frame {
                padding,
                border,
                edges,
                size: inputs.known_dimensions,
                min: Size::NONE,
                max: Size::NONE,
                ratio: None,
            };
        }
        let parent = inputs.parent_size;
        let min = flow.min_size.maybe_resolve(parent, calc).maybe_add(more);
        let max = flow.max_size.maybe_resolve(parent, calc).maybe_add(more);
        let own = flow.size.maybe_resolve(parent, calc).maybe_add(more);
        let clamped = own.maybe_clamp(min, max).maybe_max(around);
        Frame {
            padding,
            border,
            edges,
            size: inputs.known_dimensions.or(clamped),
            min,
            max,
            ratio: flow.aspect_ratio,
        }
    }

    pub(super) fn margin(&self, id: BoxId, basis: Option<f32>) -> Rect<f32> {
        let calc = |at, basis| self.calcs.resolve(at, basis);
        self.get(id).flow.margin.resolve_or_zero(basis, calc)
    }

    /// Writes down what a box's edges came to, for those who paint it.
    pub(crate) fn note_edges(&mut self, id: BoxId, basis: Option<f32>) {
        let margin = self.margin(id, basis);
        let calc = |at, basis| self.calcs.resolve(at, basis);
        let one = self.get(id);
        let padding = one.flow.padding.resolve_or_zero(basis, calc);
        let border = one.flow.border.resolve_or_zero(basis, calc);
        let layout = &mut self.get_mut(id).layout;
        layout.margin = margin;
        layout.padding = padding;
        layout.border = border;
    }
}

impl Frame {
    /// Both padding and border, left and right.
    pub(super) fn across(&self) -> f32 {
        self.edges.left + self.edges.right
    }

    /// Both padding and border, above and below.
    pub(super) fn down(&self) -> f32 {
        self.edges.top + self.edges.bottom
    }

    /// The room for content, where whoever holds the box gives so much.
    pub(super) fn room(&self, given: AvailableSpace) -> AvailableSpace {
        match (self.size.width, given) {
            (Some(width), _) => AvailableSpace::Definite((width - self.across()).max(0.0)),
            (None, AvailableSpace::Definite(width)) => {
                let width = width.maybe_clamp(self.min.width, self.max.width);
                AvailableSpace::Definite((width - self.across()).max(0.0))
            }
            (None, other) => other,
        }
    }
}
