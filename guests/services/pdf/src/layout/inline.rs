//! Lines: a shaped paragraph broken at the width that it has, around floats, with boxes standing in it.

mod extract;

use taffy::{
    AvailableSpace, AxisStaticEdge, AxisStaticPosition, BlockContext, BlockFormattingContext,
    Clear, CollapsibleMarginSet, Float, FloatDirection, LayoutInput, LayoutOutput,
    LayoutPartialTree as _, Line as Span2, MaybeMath as _, OofCandidate, OofCandidates,
    OofPositioningArea, Point, RequestedAxis, RunMode, Size, SizingMode,
};

use super::frame::Frame;
use crate::boxes::{BoxId, Kind, Lines, Tree};
use crate::css::values::keyword::{Direction, Overflow, TextAlign, TextAlignLast};
use crate::css::values::text::Indent;

/// Beyond this nothing is told apart.
const LENGTH_MAX: f32 = 1.0e7;
/// Rounding that is no overflow.
const TOLERANCE: f32 = 0.05;

impl Tree {
    pub(super) fn lay_out_lines(
        &mut self,
        id: BoxId,
        inputs: LayoutInput,
        context: Option<&mut BlockContext<'_>>,
    ) -> LayoutOutput {
        let Kind::Lines(mut lines) = std::mem::replace(&mut self.get_mut(id).kind, Kind::Block)
        else {
            return LayoutOutput::HIDDEN;
        };
        let output = match context {
            Some(context) if !self.clips(id) => self.lines_within(id, &mut lines, inputs, context),
            _ => {
                let mut own = BlockFormattingContext::new();
                self.lines_within(id, &mut lines, inputs, &mut own.root_block_context())
            }
        };
        self.get_mut(id).kind = Kind::Lines(lines);
        output
    }

    fn lines_within(
        &mut self,
        id: BoxId,
        lines: &mut Lines,
        inputs: LayoutInput,
        context: &mut BlockContext<'_>,
    ) -> LayoutOutput {
        let frame = self.frame(id, &inputs);
        if inputs.run_mode == RunMode::ComputeSize
            && let (Some(width), Some(height)) = (frame.size.width, frame.size.height)
        {
            return LayoutOutput::from_outer_size(Size { width, height });
        }
        let room = frame.room(inputs.available_space.width);
        let child_inputs = self.child_inputs(id, &frame, &inputs, room);
        self.measure_atomics(lines, child_inputs);
        let indent = self.get(id).style.text_indent.clone();
        // A share of a width that is not known yet is nothing.
        set_indent(lines, &indent, 0.0);
        let width = match frame.size.width {
            Some(width) => (width - frame.across()).max(0.0),
            None => self.content_width(lines, &frame, room, child_inputs),
        };
        if inputs.run_mode == RunMode::ComputeSize && inputs.axis == RequestedAxis::Horizontal {
            let outer = width + frame.across();
            let width = frame
                .size
                .width
                .unwrap_or(outer.maybe_clamp(frame.min.width, frame.max.width));
            return LayoutOutput::from_outer_size(Size { width, height: 0.0 });
        }
        set_indent(lines, &indent, width);
        let mut work = Work {
            id,
            frame,
            width,
            child_inputs,
            is_final: inputs.run_mode == RunMode::PerformLayout,
            candidates: OofCandidates::new(),
        };
        let floats = work.break_lines(self, lines, context);
        if !lines.leaders.is_empty() && floats.is_none() {
            fill_leaders(lines, width);
        }
        work.align(self, lines);
        work.finish(self, lines, inputs, floats)
    }

    fn child_inputs(
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
    fn measure_atomics(&mut self, lines: &mut Lines, inputs: LayoutInput) {
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

    fn atomic(&mut self, child: BoxId, inputs: LayoutInput) -> LayoutOutput {
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
            crate::css::values::length::Size::MinContent => {
                inputs.available_space.width = AvailableSpace::MinContent;
            }
            crate::css::values::length::Size::MaxContent => {
                inputs.available_space.width = AvailableSpace::MaxContent;
            }
            crate::css::values::length::Size::Stretch => {
                inputs.known_dimensions.width = available_space.width.into_option();
            }
            _ => {}
        }
        self.compute_child_layout(child.into(), inputs)
    }

    /// The width of the content where it depends on what is inside.
    fn content_width(
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

/// Gives leaders the room that their lines have left.
fn fill_leaders(lines: &mut Lines, width: f32) {
    let mut widths: Vec<(u64, f32)> = Vec::new();
    for line in lines.shaped.lines() {
        let metrics = line.metrics();
        let own: Vec<u64> = line
            .items()
            .filter_map(|item| match item {
                parley::PositionedLayoutItem::InlineBox(one) => Some(one.id),
                parley::PositionedLayoutItem::GlyphRun(_) => None,
            })
            .filter(|id| {
                lines
                    .leaders
                    .contains(&BoxId::from(taffy::NodeId::from(*id)))
            })
            .collect();
        let room = metrics.inline_max_coord - metrics.inline_min_coord - metrics.indent;
        let free = room - metrics.advance + metrics.hanging_advance - TOLERANCE;
        let each = (free / own.len().max(1) as f32).max(0.0);
        widths.extend(own.into_iter().map(|id| (id, each)));
    }
    for inline_box in lines.shaped.inline_boxes_mut() {
        if let Some((_, width)) = widths.iter().find(|(id, _)| *id == inline_box.id) {
            inline_box.width = *width;
        }
    }
    lines.shaped.break_all_lines(Some(width));
}

fn set_indent(lines: &mut Lines, indent: &Indent, basis: f32) {
    let options = parley::IndentOptions {
        each_line: indent.each_line,
        hanging: indent.hanging,
    };
    lines
        .shaped
        .set_text_indent(indent.length.resolve(basis), options);
}

/// One run over the lines of a box.
struct Work {
    id: BoxId,
    frame: Frame,
    /// Of the content.
    width: f32,
    child_inputs: LayoutInput,
    is_final: bool,
    candidates: OofCandidates,
}

impl Work {
    /// Breaks lines around floats. How far down floats reach, from the border box's top.
    fn break_lines(
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
        let mut breaker = lines.shaped.break_lines();
        breaker.state_mut().set_layout_max_advance(self.width);
        flowing.next_slot(&context, breaker.state_mut(), self.width, 0.0);
        let mut saved = breaker.state().clone();
        while let Some(yielded) = breaker.break_next() {
            match yielded {
                parley::YieldData::LineBreak(line) => {
                    let used = line.metrics.advance - line.metrics.hanging_advance;
                    let is_too_wide = used > saved.line_max_advance() + TOLERANCE;
                    if is_too_wide
                        && let Some(lower) = flowing.below(&context, saved.line_y() as f32)
                    {
                        // Beside the float there is no room for this line; below it there is more.
                        breaker.revert_to(saved.clone());
                        flowing.next_slot(&context, breaker.state_mut(), self.width, lower);
                        saved = breaker.state().clone();
                        continue;
                    }
                    let y = breaker.state().line_y() as f32;
                    for child in std::mem::take(&mut flowing.waiting) {
                        self.float(tree, &mut context, child, y);
                    }
                    flowing.next_slot(&context, breaker.state_mut(), self.width, y);
                    saved = breaker.state().clone();
                }
                parley::YieldData::InlineBoxBreak(at) => {
                    let child = BoxId::from(taffy::NodeId::from(at.inline_box_id));
                    let state = breaker.state_mut();
                    if !flowing.placed.contains(&child) {
                        flowing.placed.push(child);
                        let width = self.float_outer_width(tree, child);
                        let is_beside = at.advance > TOLERANCE
                            && at.advance + width > state.line_max_advance() + TOLERANCE;
                        if is_beside {
                            flowing.waiting.push(child);
                        } else {
                            let y = state.line_y() as f32;
                            self.float(tree, &mut context, child, y);
                            flowing.next_slot(&context, state, self.width, y);
                        }
                    }
                    state.append_inline_box_to_line(
                        at.advance,
                        f32::NEG_INFINITY,
                        f32::NEG_INFINITY,
                    );
                    saved.set_line_max_advance(state.line_max_advance());
                    saved.set_line_x(state.line_x());
                    saved.set_line_y(state.line_y());
                }
                parley::YieldData::MaxHeightExceeded(_) => {
                    breaker.state_mut().set_line_max_height(f32::MAX);
                }
            }
        }
        breaker.finish();
        let y = lines.shaped.height();
        for child in flowing.waiting {
            self.float(tree, &mut context, child, y);
        }
        let reach = context.floated_content_height_contribution();
        outer.add_child_floated_content_height_contribution(top + reach);
        (is_root && reach.is_finite()).then_some(reach)
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

    fn align(&self, tree: &Tree, lines: &mut Lines) {
        use parley::Alignment as A;
        let style = &tree.get(self.id).style;
        let is_rtl = style.direction == Direction::Rtl;
        let alignment = match style.text_align {
            TextAlign::Start | TextAlign::MatchParent | TextAlign::Head => A::Start,
            TextAlign::End => A::End,
            TextAlign::Left | TextAlign::BlockLeft => A::Left,
            TextAlign::Right | TextAlign::BlockRight => A::Right,
            TextAlign::Center | TextAlign::BlockCenter => A::Center,
            TextAlign::Justify => A::Justify,
        };
        let last = match style.text_align_last {
            TextAlignLast::Auto => None,
            TextAlignLast::Start => Some(A::Start),
            TextAlignLast::End => Some(A::End),
            TextAlignLast::Left => Some(A::Left),
            TextAlignLast::Right => Some(A::Right),
            TextAlignLast::Center => Some(A::Center),
            TextAlignLast::Justify => Some(A::Justify),
        };
        // The paragraph's own direction is the style's, unless the text decides.
        let flipped = lines.shaped.is_rtl() != is_rtl;
        let alignment = match alignment {
            A::Start if flipped && is_rtl => A::Right,
            A::Start if flipped => A::Left,
            A::End if flipped && is_rtl => A::Left,
            A::End if flipped => A::Right,
            other => other,
        };
        let options = parley::AlignmentOptions {
            align_when_overflowing: false,
            last_line_alignment: last,
        };
        lines.shaped.align(alignment, options);
    }

    fn finish(
        mut self,
        tree: &mut Tree,
        lines: &mut Lines,
        inputs: LayoutInput,
        floats: Option<f32>,
    ) -> LayoutOutput {
        let count = self.line_count(lines);
        let text_height = match count {
            0 => 0.0,
            count => lines
                .shaped
                .get(count - 1)
                .map_or(0.0, |line| line.metrics().block_max_coord),
        };
        let height = text_height
            .max(floats.unwrap_or(0.0))
            .clamp(0.0, LENGTH_MAX);
        let frame = self.frame;
        let measured = Size {
            width: self.width + frame.across(),
            height: height + frame.down(),
        };
        let size = frame
            .size
            .unwrap_or(measured.maybe_clamp(frame.min, frame.max))
            .maybe_max(frame.edges.sum_axes().map(Some));
        let size = match frame.ratio {
            Some(ratio) if frame.size.height.is_none() && ratio > 0.0 => Size {
                width: size.width,
                height: size.height.max(size.width / ratio),
            },
            _ => size,
        };
        let top = frame.edges.top;
        let baseline = |at: usize| {
            lines
                .shaped
                .get(at)
                .map(|line| line.metrics().baseline + top)
        };
        let baselines = taffy::Baselines {
            first: baseline(0).filter(|_| count > 0),
            last: count.checked_sub(1).and_then(baseline),
        };
        if self.is_final {
            self.extract(tree, lines, count, size);
        }
        let is_nothing = size.height == 0.0 && inputs.vertical_margins_are_collapsible.start;
        LayoutOutput {
            size,
            baselines,
            top_margin: CollapsibleMarginSet::ZERO,
            bottom_margin: CollapsibleMarginSet::ZERO,
            margins_can_collapse_through: is_nothing,
            oof_candidates: self.candidates,
            oof_positioning_area: Some(OofPositioningArea {
                size: size - frame.border.sum_axes(),
                offset: Point {
                    x: frame.border.left,
                    y: frame.border.top,
                },
            }),
        }
    }

    /// Lines that there are: a break at the very end begins none.
    fn line_count(&self, lines: &Lines) -> usize {
        let count = lines.shaped.len();
        let Some(before) = count.checked_sub(2).and_then(|at| lines.shaped.get(at)) else {
            return count;
        };
        let Some(last) = lines.shaped.get(count - 1) else {
            return count;
        };
        let is_empty = before.break_reason() == parley::BreakReason::Explicit
            && last.text_range().is_empty()
            && last.items().next().is_none();
        if is_empty { count - 1 } else { count }
    }

    /// Where a placed box would stand if nothing were said about it.
    fn candidate(&mut self, tree: &Tree, child: BoxId, order: u32, x: f32, y: f32) {
        let is_rtl = tree.get(self.id).style.direction == Direction::Rtl;
        let edge = if is_rtl {
            AxisStaticEdge::End
        } else {
            AxisStaticEdge::Start
        };
        self.candidates.push(OofCandidate {
            node: child.into(),
            order,
            position: tree.get(child).flow.position,
            static_position: Point {
                x: AxisStaticPosition {
                    area: Span2 { start: x, end: x },
                    ..AxisStaticPosition::from_edge(x, edge)
                },
                y: AxisStaticPosition::from_edge(y, AxisStaticEdge::Start),
            },
        });
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
        state: &mut parley::layout::BreakerState,
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
