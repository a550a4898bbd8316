//! Lines: pieces of a paragraph become shaped text, which is broken into lines when its width is known.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use parley::FontData;

use super::build::Builder;
use super::pieces::Piece;
use super::{BoxId, Kind};
use crate::css::property::Style;
use crate::css::values::boxes::Display;
use crate::css::values::keyword::{Position, WhiteSpace};
use crate::css::values::length::Lp;
use crate::dom::NodeId;
use crate::fonts::Brush;

mod look;
mod push;
mod transform;

use look::{Text, text_style};
use push::Pusher;

/// A paragraph.
pub(crate) struct Lines {
    pub(crate) shaped: parley::Layout<Brush>,
    pub(crate) text: Rc<str>,
    pub(crate) spans: Vec<Span>,
    /// What they came to at the width that they have.
    pub(crate) lines: Vec<Line>,
    /// Boxes that are as wide as there is room, with a text in them that is repeated.
    pub(crate) leaders: Vec<BoxId>,
    /// The spans that boxes stand in.
    pub(crate) held: HashMap<BoxId, u32>,
    /// What the lines were broken for, where their width alone decides.
    pub(crate) broken: Option<Broken>,
}

/// Lines that need not be broken again while they are as wide.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Broken {
    pub(crate) width: f32,
    /// Where the content began, from the left and the top, when the lines were written down.
    pub(crate) written: Option<(f32, f32)>,
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines")
            .field("text", &self.text)
            .finish_non_exhaustive()
    }
}

/// An inline element within a paragraph; the first is the paragraph itself.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    pub(crate) node: Option<NodeId>,
    pub(crate) style: Rc<Style>,
    pub(crate) parent: Option<u32>,
    /// Whether it has its left and its right edge here, and not in another paragraph.
    pub(crate) begins: bool,
    pub(crate) ends: bool,
}

/// A line, in its paragraph's coordinates.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) top: f32,
    pub(crate) bottom: f32,
    pub(crate) baseline: f32,
    /// How much further down it stands on its pages.
    pub(crate) shift: f32,
    pub(crate) items: Vec<LineItem>,
}

#[derive(Clone, Debug)]
pub(crate) enum LineItem {
    Run(GlyphRun),
    /// A box that stands in the line; where it does is in its layout.
    Box(BoxId),
}

/// Letters of one font and one span.
#[derive(Clone, Debug)]
pub(crate) struct GlyphRun {
    pub(crate) span: u32,
    pub(crate) is_room: bool,
    pub(crate) font: FontData,
    pub(crate) size: f32,
    pub(crate) x: f32,
    pub(crate) baseline: f32,
    pub(crate) advance: f32,
    pub(crate) glyphs: Vec<Glyph>,
    /// Made bolder, because the font has no bold letters.
    pub(crate) embolden: bool,
    /// Degrees that letters are slanted by, because the font has no italic ones.
    pub(crate) skew: f32,
    pub(crate) axes: Vec<([u8; 4], f32)>,
    pub(crate) ascent: f32,
    pub(crate) descent: f32,
    pub(crate) underline: (f32, f32),
    pub(crate) strike: (f32, f32),
}

#[derive(Clone, Debug)]
pub(crate) struct Glyph {
    pub(crate) id: u32,
    pub(crate) advance: f32,
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) text: Range<usize>,
}

impl Lines {
    /// All letters, line by line.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &GlyphRun> {
        self.lines
            .iter()
            .flat_map(|line| &line.items)
            .filter_map(|item| match item {
                LineItem::Run(run) => Some(run),
                LineItem::Box(_) => None,
            })
    }

    /// How wide letters are without white space at their end.
    pub(crate) fn seen_advance(&self, run: &GlyphRun) -> f32 {
        let unseen = run.glyphs.iter().rev().take_while(|glyph| {
            let text = self.text.get(glyph.text.clone()).unwrap_or_default();
            text.chars()
                .all(|c| c == ' ' || c.is_control() || matches!(c, '\u{2028}' | '\u{200b}'))
        });
        run.advance - unseen.map(|glyph| glyph.advance).sum::<f32>()
    }

    /// The span that a box stands in.
    pub(crate) fn span_of(&self, child: BoxId) -> Option<u32> {
        self.held.get(&child).copied()
    }

    /// How far a span and those around it are moved by `position: relative`.
    pub(crate) fn moved(&self, span: u32) -> (f32, f32) {
        let (mut x, mut y) = (0.0, 0.0);
        let mut at = Some(span).filter(|at| *at != 0);
        while let Some(number) = at {
            let span = &self.spans[number as usize];
            if span.style.position == Position::Relative {
                let px = |lp: &Option<Lp>| lp.as_ref().map(|lp| lp.resolve(0.0));
                x += px(&span.style.left).unwrap_or_else(|| -px(&span.style.right).unwrap_or(0.0));
                y += px(&span.style.top).unwrap_or_else(|| -px(&span.style.bottom).unwrap_or(0.0));
            }
            at = span.parent.filter(|at| *at != 0);
        }
        (x, y)
    }

    /// A span and those around it, the innermost first; the paragraph itself last.
    pub(crate) fn around(&self, span: u32) -> impl Iterator<Item = u32> {
        let mut at = Some(span);
        std::iter::from_fn(move || {
            let now = at?;
            at = self.spans[now as usize].parent;
            Some(now)
        })
    }
}

/// Spans of one paragraph; what is more is not told apart. The shaper has numbers for ten styles of each, and no more.
const SPANS_MAX: usize = 5_000;

impl Builder<'_, '_> {
    /// Makes a box one of lines.
    pub(super) fn lines(&mut self, id: BoxId, run: Vec<Piece>) {
        let root = self.tree.get(id).style.clone();
        let (spans, marks) = gather(&root, &run);
        let (children, leaders) = self.boxes_in(&run);
        let fonts = &mut *self.sources.fonts;
        let styles: Vec<Text> = spans
            .iter()
            .enumerate()
            .map(|(at, span)| text_style(fonts, &span.style, at as u32))
            .collect();
        let mut pusher = Pusher::new(fonts, &spans, &styles, &leaders);
        for (piece, mark) in run.iter().zip(marks) {
            pusher.piece(self.tree, piece, mark);
        }
        let (shaped, text, held) = pusher.finish();
        let lines = Lines {
            shaped,
            text: text.into(),
            spans,
            lines: Vec::new(),
            leaders,
            held,
            broken: None,
        };
        self.tree.get_mut(id).kind = Kind::Lines(Box::new(lines));
        self.tree.set_children(id, children);
    }

    /// The boxes that stand in a paragraph, and those among them that are leaders, which are made here.
    fn boxes_in(&mut self, run: &[Piece]) -> (Vec<BoxId>, Vec<BoxId>) {
        let mut children = Vec::new();
        let mut leaders = Vec::new();
        for piece in run {
            match piece {
                Piece::Atomic(child) | Piece::Float(child) | Piece::Placed(child) => {
                    children.push(*child);
                }
                Piece::Leader(style, text) => {
                    let own = Rc::new(Style {
                        display: Display::InlineBlock,
                        white_space: WhiteSpace::Pre,
                        ..Style::child_of(style)
                    });
                    let made = self.tree.add(None, own.clone(), Kind::Block);
                    self.lines(made, vec![Piece::Text(own, text.to_string())]);
                    leaders.push(made);
                    children.push(made);
                }
                _ => {}
            }
        }
        (children, leaders)
    }
}

/// The spans of a paragraph, and of each piece that opens one its number; 0 elsewhere.
fn gather(root: &Rc<Style>, run: &[Piece]) -> (Vec<Span>, Vec<u32>) {
    let mut spans = vec![Span {
        node: None,
        style: root.clone(),
        parent: None,
        begins: true,
        ends: true,
    }];
    let mut open = vec![0_u32];
    let mut marks = Vec::with_capacity(run.len());
    for piece in run {
        let mut mark = 0;
        match piece {
            Piece::Open(opened) => {
                let parent = open.last().copied().unwrap_or(0);
                mark = if spans.len() < SPANS_MAX {
                    spans.push(Span {
                        node: opened.node,
                        style: opened.style.clone(),
                        parent: Some(parent),
                        begins: !opened.is_rest,
                        ends: true,
                    });
                    (spans.len() - 1) as u32
                } else {
                    parent
                };
                open.push(mark);
            }
            Piece::Close { goes_on } => {
                if let Some(at) = open.pop()
                    && *goes_on
                {
                    spans[at as usize].ends = false;
                }
            }
            _ => {}
        }
        marks.push(mark);
    }
    (spans, marks)
}
