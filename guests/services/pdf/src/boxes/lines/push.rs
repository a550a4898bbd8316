//! Pieces of a paragraph, pushed one by one into the builder that shapes them.

use std::collections::HashMap;
use std::rc::Rc;

use super::look::{NO_SIZE, Text, vertical};
use super::{Span, transform};
use crate::boxes::pieces::{Opened, Piece};
use crate::boxes::{BoxId, Tree};
use crate::css::property::Style;
use crate::css::values::keyword::{Direction, FontCaps, UnicodeBidi};
use crate::css::values::length::Lp;
use crate::fonts::{Brush, Fonts};

/// Stands for room at the ends of inline elements: keeps to its neighbours, and is no space between words.
const ROOM: &str = "\u{2007}";
/// Ends a line wherever white space goes away.
const BREAK: &str = "\u{2028}";
/// Lets a line end without a mark.
const OPPORTUNITY: &str = "\u{200b}";

/// Pushes pieces into the builder of a paragraph.
pub(super) struct Pusher<'a> {
    spans: &'a [Span],
    styles: &'a [Text],
    builder: parley::TreeBuilder<'a, Brush>,
    open: Vec<u32>,
    /// Those that are still to come.
    leaders: std::slice::Iter<'a, BoxId>,
    /// Letters since the last line's end, for tabs.
    column: usize,
    /// Whether a word begins here.
    capital: bool,
    held: HashMap<BoxId, u32>,
}

impl<'a> Pusher<'a> {
    /// For a paragraph with these spans, the paragraph itself first, their styles, and these leaders.
    pub(super) fn new(
        fonts: &'a mut Fonts,
        spans: &'a [Span],
        styles: &'a [Text],
        leaders: &'a [BoxId],
    ) -> Pusher<'a> {
        let root = &spans[0].style;
        let mut builder = fonts
            .layouts
            .tree_builder(&mut fonts.context, 1.0, false, &styles[0]);
        builder.set_base_direction(match (root.unicode_bidi, root.direction) {
            (UnicodeBidi::Plaintext, _) => parley::BaseDirection::Auto,
            (_, Direction::Ltr) => parley::BaseDirection::Ltr,
            (_, Direction::Rtl) => parley::BaseDirection::Rtl,
        });
        Pusher {
            spans,
            styles,
            builder,
            open: vec![0],
            leaders: leaders.iter(),
            column: 0,
            capital: true,
            held: HashMap::new(),
        }
    }

    /// Pushes a piece; one that opens a span does so with its number.
    pub(super) fn piece(&mut self, tree: &Tree, piece: &Piece, mark: u32) {
        use parley::{InlineBoxKind, VerticalAlign};
        match piece {
            Piece::Open(opened) => self.open(opened, mark),
            Piece::Close { goes_on } => self.close(*goes_on),
            Piece::Text(style, text) => self.text(style, text),
            Piece::Break => self.push(BREAK),
            Piece::Opportunity => self.push(OPPORTUNITY),
            Piece::Atomic(child) => {
                let align = vertical(tree.get(*child).style.vertical_align);
                self.inline_box(*child, InlineBoxKind::InFlow, align);
            }
            Piece::Float(child) => {
                let kind = InlineBoxKind::CustomOutOfFlow;
                self.inline_box(*child, kind, VerticalAlign::BASELINE);
            }
            Piece::Placed(child) => {
                let kind = InlineBoxKind::OutOfFlow;
                self.inline_box(*child, kind, VerticalAlign::BASELINE);
            }
            Piece::Leader(..) => {
                if let Some(child) = self.leaders.next() {
                    let kind = InlineBoxKind::InFlow;
                    self.inline_box(*child, kind, VerticalAlign::BASELINE);
                }
            }
        }
    }

    /// The paragraph, its text, and the spans that boxes stand in.
    pub(super) fn finish(self) -> (parley::Layout<Brush>, String, HashMap<BoxId, u32>) {
        let (shaped, text) = self.builder.build();
        (shaped, text, self.held)
    }

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
