//! Lines: pieces of a paragraph become shaped text, which is broken into lines when its width is known.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use parley::{FontData, TextStyle};

use super::build::Builder;
use super::pieces::{Opened, Piece};
use super::{BoxId, Kind};
use crate::css::property::Style;
use crate::css::values::boxes::{Display, FontKerning, TextWrap};
use crate::css::values::keyword::{
    Direction, FontCaps, OverflowWrap, Position, UnicodeBidi, WhiteSpace, WordBreak,
};
use crate::css::values::length::Lp;
use crate::css::values::text::{LineHeight, VerticalAlign};
use crate::dom::NodeId;
use crate::fonts::{Brush, Fonts, slant};

mod transform;

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

/// Stands for room at the ends of inline elements: keeps to its neighbours, and is no space between words.
const ROOM: &str = "\u{2007}";
/// Ends a line wherever white space goes away.
const BREAK: &str = "\u{2028}";
/// A size that takes no room of its own.
const NO_SIZE: f32 = 0.01;
/// Spans of one paragraph; what is more is not told apart. The shaper has numbers for ten styles of each, and no more.
const SPANS_MAX: usize = 5_000;

type Text = TextStyle<'static, 'static, Brush>;

impl Builder<'_, '_> {
    /// Makes a box one of lines.
    pub(super) fn lines(&mut self, id: BoxId, run: Vec<Piece>) {
        let root = self.tree.get(id).style.clone();
        let (spans, marks) = gather(&root, &run);
        let fonts = &mut *self.sources.fonts;
        let styles: Vec<Text> = spans
            .iter()
            .enumerate()
            .map(|(at, span)| text_style(fonts, &span.style, at as u32))
            .collect();
        let mut children = Vec::new();
        let mut leaders: Vec<BoxId> = Vec::new();
        for piece in &run {
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
        let mut pusher = Pusher {
            spans: &spans,
            styles: &styles,
            builder: self.sources.fonts.layouts.tree_builder(
                &mut self.sources.fonts.context,
                1.0,
                false,
                &styles[0],
            ),
            open: vec![0],
            next: 1,
            column: 0,
            capital: true,
            held: HashMap::new(),
        };
        pusher
            .builder
            .set_base_direction(match (root.unicode_bidi, root.direction) {
                (UnicodeBidi::Plaintext, _) => parley::BaseDirection::Auto,
                (_, Direction::Ltr) => parley::BaseDirection::Ltr,
                (_, Direction::Rtl) => parley::BaseDirection::Rtl,
            });
        let mut leader = leaders.iter();
        for (piece, mark) in run.iter().zip(marks) {
            match piece {
                Piece::Open(opened) => pusher.open(opened, mark),
                Piece::Close { goes_on } => pusher.close(*goes_on),
                Piece::Text(style, text) => pusher.text(style, text),
                Piece::Break(..) => pusher.push(BREAK),
                Piece::Opportunity => pusher.push("\u{200b}"),
                Piece::Atomic(child) => {
                    let align = vertical(self.tree.get(*child).style.vertical_align);
                    pusher.inline_box(*child, parley::InlineBoxKind::InFlow, align);
                }
                Piece::Float(child) => {
                    pusher.inline_box(
                        *child,
                        parley::InlineBoxKind::CustomOutOfFlow,
                        parley::VerticalAlign::BASELINE,
                    );
                }
                Piece::Placed(child) => {
                    pusher.inline_box(
                        *child,
                        parley::InlineBoxKind::OutOfFlow,
                        parley::VerticalAlign::BASELINE,
                    );
                }
                Piece::Leader(..) => {
                    if let Some(child) = leader.next() {
                        pusher.inline_box(
                            *child,
                            parley::InlineBoxKind::InFlow,
                            parley::VerticalAlign::BASELINE,
                        );
                    }
                }
            }
        }
        let held = pusher.held;
        let (shaped, text) = pusher.builder.build();
        let lines = Lines {
            shaped,
            text: text.into(),
            spans,
            lines: Vec::new(),
            leaders,
            held,
        };
        self.tree.get_mut(id).kind = Kind::Lines(Box::new(lines));
        self.tree.set_children(id, children);
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

/// Pushes pieces into the builder of a paragraph.
struct Pusher<'a> {
    spans: &'a [Span],
    styles: &'a [Text],
    builder: parley::TreeBuilder<'a, Brush>,
    open: Vec<u32>,
    next: u32,
    /// Letters since the last line's end, for tabs.
    column: usize,
    /// Whether a word begins here.
    capital: bool,
    held: HashMap<BoxId, u32>,
}

impl Pusher<'_> {
    fn push(&mut self, text: &str) {
        self.builder.push_text(text);
        self.capital = true;
        self.column = 0;
    }

    fn current(&self) -> u32 {
        self.open.last().copied().unwrap_or(0)
    }

    fn open(&mut self, opened: &Opened, mark: u32) {
        let outer = self.current();
        if self.spans[mark as usize].begins {
            self.room(outer, margin(&opened.style.margin_left));
        }
        self.open.push(mark);
        self.next = self.next.max(mark + 1);
        self.builder
            .push_style_span(self.styles[mark as usize].clone());
        if let Some((open, _)) = controls(&opened.style) {
            self.builder.push_text(open);
        }
        if self.spans[mark as usize].begins {
            let style = &opened.style;
            self.room(
                mark,
                style.border_left_width + style.padding_left.resolve(0.0),
            );
        }
    }

    fn close(&mut self, goes_on: bool) {
        let Some(mark) = self.open.pop().filter(|_| !self.open.is_empty()) else {
            return;
        };
        let style = self.spans[mark as usize].style.clone();
        if !goes_on {
            self.room(
                mark,
                style.border_right_width + style.padding_right.resolve(0.0),
            );
        }
        if let Some((_, close)) = controls(&style) {
            self.builder.push_text(close);
        }
        self.builder.pop_style_span();
        if !goes_on {
            self.room(self.current(), margin(&style.margin_right));
        }
    }

    /// Room in the line that nothing is drawn in.
    fn room(&mut self, span: u32, px: f32) {
        if px == 0.0 {
            return;
        }
        let style = Text {
            font_size: NO_SIZE,
            letter_spacing: px,
            word_spacing: 0.0,
            brush: Brush {
                span,
                is_room: true,
            },
            vertical_align: parley::VerticalAlign::BASELINE,
            line_height: parley::LineHeight::Absolute(0.0),
            white_space_collapse: parley::WhiteSpaceCollapse::Preserve,
            ..self.styles[span as usize].clone()
        };
        self.builder.push_style_span(style);
        self.builder.push_text(ROOM);
        self.builder.pop_style_span();
    }

    fn text(&mut self, style: &Rc<Style>, text: &str) {
        let mark = self.current();
        let text = transform::transformed(style, text, &mut self.capital);
        let text = transform::tabs(style, &text, &mut self.column);
        match style.font_caps {
            FontCaps::SmallCaps
            | FontCaps::AllSmallCaps
            | FontCaps::PetiteCaps
            | FontCaps::AllPetiteCaps => {
                let all = !matches!(style.font_caps, FontCaps::SmallCaps | FontCaps::PetiteCaps);
                for (small, part) in transform::small_caps(&text, all) {
                    if small {
                        let own = Text {
                            font_size: self.styles[mark as usize].font_size * 0.8,
                            ..self.styles[mark as usize].clone()
                        };
                        self.builder.push_style_span(own);
                        self.builder.push_text(&part);
                        self.builder.pop_style_span();
                    } else {
                        self.builder.push_text(&part);
                    }
                }
            }
            _ => self.builder.push_text(&text),
        }
    }

    fn inline_box(
        &mut self,
        id: BoxId,
        kind: parley::InlineBoxKind,
        vertical_align: parley::VerticalAlign,
    ) {
        self.held.insert(id, self.current());
        self.builder.push_inline_box(parley::InlineBox {
            id: u64::from(id.0),
            kind,
            index: 0,
            width: 0.0,
            height: 0.0,
            baseline: None,
            vertical_align,
        });
        if kind == parley::InlineBoxKind::InFlow {
            self.capital = true;
        }
    }
}

fn margin(margin: &Option<Lp>) -> f32 {
    margin.as_ref().map_or(0.0, |lp| lp.resolve(0.0))
}

/// Marks of direction around an element, as Unicode has them.
fn controls(style: &Style) -> Option<(&'static str, &'static str)> {
    let rtl = style.direction == Direction::Rtl;
    Some(match style.unicode_bidi {
        UnicodeBidi::Normal => return None,
        UnicodeBidi::Embed if rtl => ("\u{202b}", "\u{202c}"),
        UnicodeBidi::Embed => ("\u{202a}", "\u{202c}"),
        UnicodeBidi::Override if rtl => ("\u{202e}", "\u{202c}"),
        UnicodeBidi::Override => ("\u{202d}", "\u{202c}"),
        UnicodeBidi::Isolate if rtl => ("\u{2067}", "\u{2069}"),
        UnicodeBidi::Isolate => ("\u{2066}", "\u{2069}"),
        UnicodeBidi::IsolateOverride if rtl => ("\u{2068}\u{202e}", "\u{202c}\u{2069}"),
        UnicodeBidi::IsolateOverride => ("\u{2068}\u{202d}", "\u{202c}\u{2069}"),
        UnicodeBidi::Plaintext => ("\u{2068}", "\u{2069}"),
    })
}

pub(super) fn vertical(align: VerticalAlign) -> parley::VerticalAlign {
    match align {
        VerticalAlign::Baseline => parley::VerticalAlign::BASELINE,
        VerticalAlign::Sub => parley::VerticalAlign::SUB,
        VerticalAlign::Super => parley::VerticalAlign::SUPER,
        VerticalAlign::TextTop => parley::VerticalAlign::TEXT_TOP,
        VerticalAlign::TextBottom => parley::VerticalAlign::TEXT_BOTTOM,
        VerticalAlign::Middle => parley::VerticalAlign::MIDDLE,
        VerticalAlign::Top => parley::VerticalAlign::TOP,
        VerticalAlign::Bottom => parley::VerticalAlign::BOTTOM,
        VerticalAlign::Raised(px) => parley::VerticalAlign::length(px),
    }
}

/// A style as the shaper wants it.
fn text_style(fonts: &mut Fonts, style: &Style, span: u32) -> Text {
    let families = fonts.families(style);
    let wraps = !matches!(style.white_space, WhiteSpace::Pre | WhiteSpace::Nowrap)
        && style.text_wrap == TextWrap::Wrap;
    Text {
        font_family: parley::FontFamily::List(Cow::Owned(families.to_vec())),
        font_size: style.font_size.max(NO_SIZE),
        font_width: parley::FontWidth::from_ratio(style.font_stretch),
        font_style: slant(style.font_style),
        font_weight: parley::FontWeight::new(style.font_weight),
        font_variations: parley::FontVariations::List(Cow::Owned(
            style
                .font_variations
                .0
                .iter()
                .map(|(tag, value)| {
                    parley::FontVariation::new(parley::setting::Tag::new(tag), *value)
                })
                .collect(),
        )),
        font_features: parley::FontFeatures::List(Cow::Owned(features(style))),
        locale: None,
        brush: Brush {
            span,
            is_room: false,
        },
        has_underline: false,
        underline_offset: None,
        underline_size: None,
        underline_brush: None,
        has_strikethrough: false,
        strikethrough_offset: None,
        strikethrough_size: None,
        strikethrough_brush: None,
        line_height: match style.line_height {
            LineHeight::Normal => parley::LineHeight::NORMAL,
            LineHeight::Number(number) => parley::LineHeight::FontSizeRelative(number),
            LineHeight::Px(px) => parley::LineHeight::Absolute(px),
        },
        vertical_align: if span == 0 {
            parley::VerticalAlign::BASELINE
        } else {
            vertical(style.vertical_align)
        },
        word_spacing: style.word_spacing,
        letter_spacing: style.letter_spacing,
        word_break: match style.word_break {
            WordBreak::BreakAll => parley::WordBreak::BreakAll,
            WordBreak::KeepAll => parley::WordBreak::KeepAll,
            _ => parley::WordBreak::Normal,
        },
        line_break: parley::LineBreak::Normal,
        overflow_wrap: match (style.word_break, style.overflow_wrap) {
            (WordBreak::BreakWord, _) | (_, OverflowWrap::Anywhere) => {
                parley::OverflowWrap::Anywhere
            }
            (_, OverflowWrap::BreakWord) => parley::OverflowWrap::BreakWord,
            (_, OverflowWrap::Normal) => parley::OverflowWrap::Normal,
        },
        text_wrap_mode: if wraps {
            parley::TextWrapMode::Wrap
        } else {
            parley::TextWrapMode::NoWrap
        },
        white_space_collapse: match style.white_space {
            WhiteSpace::Normal | WhiteSpace::Nowrap => parley::WhiteSpaceCollapse::Collapse,
            WhiteSpace::Pre | WhiteSpace::PreWrap => parley::WhiteSpaceCollapse::Preserve,
            WhiteSpace::PreLine => parley::WhiteSpaceCollapse::PreserveBreaks,
            WhiteSpace::BreakSpaces => parley::WhiteSpaceCollapse::BreakSpaces,
        },
    }
}

fn features(style: &Style) -> Vec<parley::FontFeature> {
    let mut all: Vec<([u8; 4], f32)> = Vec::new();
    if style.letter_spacing != 0.0 {
        // Letters that stand apart are not joined.
        all.extend([(*b"liga", 0.0), (*b"clig", 0.0)]);
    }
    if style.font_kerning == FontKerning::None {
        all.push((*b"kern", 0.0));
    }
    for settings in [
        &style.font_numeric,
        &style.font_ligatures,
        &style.font_features,
    ] {
        all.extend(settings.0.iter());
    }
    all.into_iter()
        .map(|(tag, value)| {
            parley::FontFeature::new(
                parley::setting::Tag::new(&tag),
                value.clamp(0.0, 65_535.0) as u16,
            )
        })
        .collect()
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
