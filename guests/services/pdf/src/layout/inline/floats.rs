//! Lines around floats: each gets the room that floats beside it leave.

use parley::YieldData;
use parley::layout::{BoxBreakData, BreakerState};
use taffy::{
    AvailableSpace, BlockContext, Clear, Float, FloatDirection, LayoutInput,
    LayoutPartialTree as _, Point, Size,
};

use super::{LENGTH_MAX, TOLERANCE, Work};
use crate::boxes::{BoxId, Lines, Tree};

impl Work {
    /// Breaks lines around floats. How far down floats reach, from the border box's top.
    pub(super) fn break_lines(
        &mut self,
        tree: &mut Tree,
        lines: &mut Lines,
        outer: &mut BlockContext<'_>,
    ) -> Option<f32> {
        let is_root = outer.is_bfc_root();
        if is_root {
            outer.set_width(self.width + self.frame.across());
        }
        let (top, left, right) = (
            self.frame.edges.top,
            self.frame.edges.left,
            self.frame.edges.right,
        );
        let mut context = outer.sub_context(top, [left, right]);
        let mut flowing = Flowing {
            placed: Vec::new(),
            waiting: Vec::new(),
            segment: None,
        };
        if !self.is_broken {
            self.break_around(tree, lines, &mut context, &mut flowing);
        }
        let y = lines.shaped.height();
        self.float_waiting(tree, &mut context, &mut flowing, y);
        let reach = context.floated_content_height_contribution();
        outer.add_child_floated_content_height_contribution(top + reach);
        (is_root && reach.is_finite()).then_some(reach)
    }

    fn break_around(
        &mut self,
        tree: &mut Tree,
        lines: &mut Lines,
        context: &mut BlockContext<'_>,
        flowing: &mut Flowing,
    ) {
        let mut breaker = lines.shaped.break_lines();
        breaker.state_mut().set_layout_max_advance(self.width);
        flowing.next_slot(context, breaker.state_mut(), self.width, 0.0);
        let mut saved = breaker.state().clone();
        while let Some(yielded) = breaker.break_next() {
            match yielded {
                YieldData::LineBreak(line) => {
                    let used = line.metrics.advance - line.metrics.hanging_advance;
                    let is_too_wide = used > saved.line_max_advance() + TOLERANCE;
                    let lower = flowing
                        .below(context, saved.line_y() as f32)
                        .filter(|_| is_too_wide);
                    let y = match lower {
                        // Beside the float there is no room for this line; below it there is more.
                        Some(lower) => {
                            breaker.revert_to(saved);
                            lower
                        }
                        None => {
                            let y = breaker.state().line_y() as f32;
                            self.float_waiting(tree, context, flowing, y);
                            y
                        }
                    };
                    flowing.next_slot(context, breaker.state_mut(), self.width, y);
                    saved = breaker.state().clone();
                }
                YieldData::InlineBoxBreak(at) => {
                    let state = breaker.state_mut();
                    self.float_met(tree, context, flowing, state, &at);
                    saved.set_line_max_advance(state.line_max_advance());
                    saved.set_line_x(state.line_x());
                    saved.set_line_y(state.line_y());
                }
                YieldData::MaxHeightExceeded(_) => {
                    breaker.state_mut().set_line_max_height(f32::MAX);
                }
            }
        }
        breaker.finish();
    }

    /// A float that the text came to: it goes here, or below the line where that has no room for it any more.
    fn float_met(
        &mut self,
        tree: &mut Tree,
        context: &mut BlockContext<'_>,
        flowing: &mut Flowing,
        state: &mut BreakerState,
        at: &BoxBreakData,
    ) {
        let child = BoxId::from(taffy::NodeId::from(at.inline_box_id));
        if !flowing.placed.contains(&child) {
            flowing.placed.push(child);
            let width = self.float_outer_width(tree, child);
            let is_beside =
                at.advance > TOLERANCE && at.advance + width > state.line_max_advance() + TOLERANCE;
            if is_beside {
                flowing.waiting.push(child);
            } else {
                let y = state.line_y() as f32;
                self.float(tree, context, child, y);
                flowing.next_slot(context, state, self.width, y);
            }
        }
        state.append_inline_box_to_line(at.advance, f32::NEG_INFINITY, f32::NEG_INFINITY);
    }

    fn float_waiting(
        &mut self,
        tree: &mut Tree,
        context: &mut BlockContext<'_>,
        flowing: &mut Flowing,
        y: f32,
    ) {
        for child in std::mem::take(&mut flowing.waiting) {
            self.float(tree, context, child, y);
        }
    }

    fn float_outer_width(&self, tree: &mut Tree, child: BoxId) -> f32 {
        let margin = tree.margin(child, self.child_inputs.parent_size.width);
        let output = tree.compute_child_layout(child.into(), self.float_inputs(tree, child));
        output.size.width + margin.left + margin.right
    }

    /// Floats are as wide as what is in them, and no wider than the box.
    fn float_inputs(&self, tree: &Tree, child: BoxId) -> LayoutInput {
        let margin = tree.margin(child, self.child_inputs.parent_size.width);
        let room = (self.width - margin.left - margin.right).max(0.0);
        LayoutInput {
            available_space: Size {
                width: AvailableSpace::Definite(room),
                height: AvailableSpace::MaxContent,
            },
            parent_size: Size {
                width: Some(self.width),
                height: self.child_inputs.parent_size.height,
            },
            ..self.child_inputs
        }
    }

    fn float(&mut self, tree: &mut Tree, context: &mut BlockContext<'_>, child: BoxId, y: f32) {
        let margin = tree.margin(child, Some(self.width));
        let inputs = self.float_inputs(tree, child);
        let mut output = tree.compute_child_layout(child.into(), inputs);
        let flow = &tree.get(child).flow;
        let direction = match flow.float {
            Float::Right => FloatDirection::Right,
            _ => FloatDirection::Left,
        };
        let clear = flow.clear;
        let outer = Size {
            width: output.size.width + margin.left + margin.right,
            height: (output.size.height + margin.top + margin.bottom).clamp(0.0, LENGTH_MAX),
        };
        let at = context.place_floated_box(outer, y, direction, clear, false);
        let location = Point {
            x: at.x + margin.left + self.frame.edges.left,
            y: at.y + margin.top + self.frame.edges.top,
        };
        let layout = &mut tree.get_mut(child).layout;
        layout.size = output.size;
        layout.location = location;
        tree.note_edges(child, Some(self.width));
        if !output.oof_candidates.is_empty() {
            output.oof_candidates.translate(location);
            self.candidates.append(&mut output.oof_candidates);
        }
    }
}

/// Floats of one run over the lines.
struct Flowing {
    placed: Vec<BoxId>,
    /// For which the line has no room any more.
    waiting: Vec<BoxId>,
    /// The part of the room between floats that lines are in now.
    segment: Option<usize>,
}

impl Flowing {
    /// Gives the next line the room between floats, at this height or below.
    fn next_slot(
        &mut self,
        context: &BlockContext<'_>,
        state: &mut BreakerState,
        width: f32,
        y: f32,
    ) {
        if !context.has_floats() {
            state.set_line_x(0.0);
            state.set_line_max_advance(width);
            return;
        }
        let slot = context.find_content_slot(y, Clear::None, None);
        self.segment = slot.segment_id;
        match slot.segment_id {
            Some(_) => {
                state.set_line_x(slot.x);
                state.set_line_max_advance(slot.width.clamp(0.0, width));
                state.set_line_y(f64::from(slot.y.max(y)));
            }
            None => {
                state.set_line_x(0.0);
                state.set_line_max_advance(width);
                state.set_line_y(f64::from(y));
            }
        }
    }

    /// The next height below, where floats end that stand here.
    fn below(&self, context: &BlockContext<'_>, y: f32) -> Option<f32> {
        let segment = self.segment?;
        let slot = context.find_content_slot(y, Clear::None, Some(segment));
        (slot.y > y + TOLERANCE / 2.0).then_some(slot.y)
    }
}
