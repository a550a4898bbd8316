//! Lines: a shaped paragraph broken at the width that it has, around floats, with boxes standing in it.

mod extract;
mod floats;
mod measure;

use taffy::{
    AxisStaticEdge, AxisStaticPosition, BlockContext, BlockFormattingContext, CollapsibleMarginSet,
    LayoutInput, LayoutOutput, Line as Span, MaybeMath as _, OofCandidate, OofCandidates,
    OofPositioningArea, Point, RequestedAxis, RunMode, Size,
};

use super::frame::Frame;
use crate::boxes::{BoxId, Broken, Kind, Lines, Tree};
use crate::css::values::keyword::{Direction, TextAlign, TextAlignLast};
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
        // Cells are laid out more than once, and everything is where pages have other widths; most lines stay as they are.
        let is_plain = !context.has_floats() && lines.shaped.inline_boxes().next().is_none();
        let known = lines
            .broken
            .filter(|known| is_plain && known.width == width);
        lines.broken = is_plain.then_some(known.unwrap_or(Broken {
            width,
            written: None,
        }));
        let mut work = Work {
            id,
            frame,
            width,
            is_broken: known.is_some(),
            child_inputs,
            is_final: inputs.run_mode == RunMode::PerformLayout,
            candidates: OofCandidates::new(),
        };
        let floats = work.break_lines(self, lines, context);
        if !lines.leaders.is_empty() && floats.is_none() {
            fill_leaders(lines, width);
        }
        if !work.is_broken {
            work.align(self, lines);
        }
        work.finish(self, lines, inputs, floats)
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
    /// Whether the lines are as they would be if they were broken again.
    is_broken: bool,
    child_inputs: LayoutInput,
    is_final: bool,
    candidates: OofCandidates,
}

impl Work {
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
                    area: Span { start: x, end: x },
                    ..AxisStaticPosition::from_edge(x, edge)
                },
                y: AxisStaticPosition::from_edge(y, AxisStaticEdge::Start),
            },
        });
    }
}
