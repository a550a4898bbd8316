//! Lines as they are painted: taken out of the paragraph once its width is final.

use std::ops::Range;

use taffy::{Point, Size};

use super::Work;
use crate::boxes::{BoxId, Glyph, GlyphRun, Line, LineItem, Lines, Tree};
use crate::css::values::keyword::Position;
use crate::fonts::Brush;

impl Work {
    /// Writes down every line, and where boxes came to stand in it.
    pub(super) fn extract(
        &mut self,
        tree: &mut Tree,
        lines: &mut Lines,
        count: usize,
        size: Size<f32>,
    ) {
        let (left, top) = (self.frame.edges.left, self.frame.edges.top);
        if are_written(lines, (left, top)) {
            return;
        }
        let mut out = Vec::with_capacity(count);
        let mut order = 0;
        let Lines {
            shaped,
            text,
            leaders,
            ..
        } = lines;
        for line in shaped.lines() {
            let metrics = line.metrics();
            let mut made = Line {
                top: metrics.block_min_coord + top,
                bottom: metrics.block_max_coord + top,
                baseline: metrics.baseline + top,
                shift: 0.0,
                items: Vec::new(),
            };
            let mut cursor = Cursor::default();
            for item in line.items() {
                match item {
                    parley::PositionedLayoutItem::GlyphRun(run) => {
                        made.items
                            .push(LineItem::Run(cursor.run(&run, text, left, top)));
                    }
                    parley::PositionedLayoutItem::InlineBox(inline_box) => {
                        order += 1;
                        let child = BoxId::from(taffy::NodeId::from(inline_box.id));
                        let at = Point {
                            x: inline_box.x + left,
                            y: inline_box.y + top,
                        };
                        match inline_box.kind {
                            parley::InlineBoxKind::InFlow => {
                                self.stand(tree, child, at, size);
                                if leaders.contains(&child) {
                                    tree.get_mut(child).layout.size.width = inline_box.width;
                                }
                                made.items.push(LineItem::Box(child));
                            }
                            parley::InlineBoxKind::OutOfFlow => {
                                self.candidate(tree, child, order, at.x, made.top);
                            }
                            parley::InlineBoxKind::CustomOutOfFlow => {}
                        }
                    }
                }
            }
            if out.len() < count
                || made
                    .items
                    .iter()
                    .any(|item| matches!(item, LineItem::Box(_)))
            {
                out.push(made);
            }
        }
        lines.lines = out;
    }

    /// Puts a box where its line has it.
    fn stand(&mut self, tree: &mut Tree, child: BoxId, at: Point<f32>, size: Size<f32>) {
        let basis = self.child_inputs.parent_size.width;
        let margin = tree.margin(child, basis);
        let mut output = tree.atomic(child, self.child_inputs);
        let moved = self.moved(tree, child, size);
        let location = Point {
            x: at.x + margin.left + moved.x,
            y: at.y + margin.top + moved.y,
        };
        let layout = &mut tree.get_mut(child).layout;
        layout.size = output.size;
        layout.location = location;
        tree.note_edges(child, basis);
        if !output.oof_candidates.is_empty() {
            output.oof_candidates.translate(location);
            self.candidates.append(&mut output.oof_candidates);
        }
    }

    /// What `position: relative` moves a box by.
    fn moved(&self, tree: &Tree, child: BoxId, size: Size<f32>) -> Point<f32> {
        let style = &tree.get(child).style;
        if style.position != Position::Relative {
            return Point::ZERO;
        }
        let (across, down) = (
            size.width - self.frame.across(),
            size.height - self.frame.down(),
        );
        let of = |lp: &Option<crate::css::values::length::Lp>, basis: f32| {
            lp.as_ref().map(|lp| lp.resolve(basis))
        };
        let back = |lp, basis| of(lp, basis).map(|px: f32| -px);
        Point {
            x: of(&style.left, across)
                .or(back(&style.right, across))
                .unwrap_or(0.0),
            y: of(&style.top, down)
                .or(back(&style.bottom, down))
                .unwrap_or(0.0),
        }
    }
}

/// Whether lines were written down before, and for content that begins here. If not, they are about to be.
fn are_written(lines: &mut Lines, at: (f32, f32)) -> bool {
    let Some(broken) = &mut lines.broken else {
        return false;
    };
    let is_known = broken.written.replace(at) == Some(at);
    if is_known {
        // Pages have not cut them yet.
        lines.lines.iter_mut().for_each(|line| line.shift = 0.0);
    }
    is_known
}

/// Goes through the clusters of a run as its parts of one style come up.
#[derive(Default)]
struct Cursor {
    /// The run, and how many of its clusters are done.
    at: Option<(usize, usize)>,
}

impl Cursor {
    fn run(
        &mut self,
        run: &parley::GlyphRun<'_, Brush>,
        text: &str,
        left: f32,
        top: f32,
    ) -> GlyphRun {
        let inner = run.run();
        let start = match self.at {
            Some((index, done)) if index == inner.index() => done,
            _ => 0,
        };
        let (glyphs, done) = glyphs(run, start, text);
        self.at = Some((inner.index(), done));
        let brush = run.style().brush;
        let synthesis = inner.synthesis();
        let metrics = inner.font_metrics();
        GlyphRun {
            span: brush.span,
            is_room: brush.is_room,
            font: inner.font().clone(),
            size: inner.font_size(),
            x: run.offset() + left,
            baseline: run.baseline() + top,
            advance: run.advance(),
            glyphs,
            embolden: synthesis.embolden(),
            skew: synthesis.skew().unwrap_or(0.0),
            axes: synthesis
                .variation_settings()
                .iter()
                .map(|(tag, value)| (tag.to_be_bytes(), *value))
                .collect(),
            ascent: metrics.ascent,
            descent: metrics.descent,
            underline: (metrics.underline_offset, metrics.underline_size),
            strike: (metrics.strikethrough_offset, metrics.strikethrough_size),
        }
    }
}

/// The glyphs of a part, each with the text that it stands for, and how many clusters are done behind it.
fn glyphs(run: &parley::GlyphRun<'_, Brush>, start: usize, text: &str) -> (Vec<Glyph>, usize) {
    let wanted = run.glyphs().count();
    let mut out: Vec<Glyph> = Vec::with_capacity(wanted);
    let mut done = start;
    for cluster in run.run().visual_clusters().skip(start) {
        let range = cluster.text_range();
        let mut own = cluster.glyphs().peekable();
        if own.peek().is_none() && cluster.is_ligature_continuation() {
            // What belongs to a letter that stands for several.
            extend(&mut out, &range);
            done += 1;
            continue;
        }
        if out.len() >= wanted {
            break;
        }
        done += 1;
        let range = range.start.min(text.len())..range.end.min(text.len());
        for glyph in own {
            out.push(Glyph {
                id: glyph.id,
                advance: glyph.advance,
                x: glyph.x,
                y: glyph.y,
                text: range.clone(),
            });
        }
    }
    (out, done)
}

fn extend(glyphs: &mut [Glyph], more: &Range<usize>) {
    let Some(range) = glyphs.last().map(|glyph| glyph.text.clone()) else {
        return;
    };
    let whole = range.start.min(more.start)..range.end.max(more.end);
    for glyph in glyphs
        .iter_mut()
        .rev()
        .take_while(|glyph| glyph.text == range)
    {
        glyph.text = whole.clone();
    }
}
