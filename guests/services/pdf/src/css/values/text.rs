//! Text: heights of lines, where a box stands on its line, lines through and below words.

use super::length::{LengthPercentage, Lp, Number};
use super::{Compute, Context, Parse, keywords, plain};
use crate::css::cursor::Cursor;

/// How high a line is at least.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum LineHeightValue {
    Normal,
    Number(f32),
    Length(LengthPercentage),
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum LineHeight {
    /// As the font has it.
    #[default]
    Normal,
    /// Of the font size.
    Number(f32),
    Px(f32),
}

impl LineHeight {
    /// What fonts have that say nothing else, about.
    const NORMAL: f32 = 1.15;

    pub(crate) fn px(self, font_size: f32) -> f32 {
        match self {
            LineHeight::Normal => font_size * LineHeight::NORMAL,
            LineHeight::Number(number) => font_size * number,
            LineHeight::Px(px) => px,
        }
    }
}

impl Parse for LineHeightValue {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        if text.is_word("normal") {
            return Some(LineHeightValue::Normal);
        }
        let number = text.attempt(|ahead| Number::parse(ahead).filter(|number| number.0 >= 0.0));
        match number {
            Some(Number(number)) => Some(LineHeightValue::Number(number)),
            None => LengthPercentage::parse_positive(text).map(LineHeightValue::Length),
        }
    }
}

impl Compute for LineHeightValue {
    type Computed = LineHeight;

    fn compute(&self, context: &Context) -> LineHeight {
        match self {
            LineHeightValue::Normal => LineHeight::Normal,
            LineHeightValue::Number(number) => LineHeight::Number(*number),
            LineHeightValue::Length(length) => {
                LineHeight::Px(length.compute(context).resolve(context.font_size).max(0.0))
            }
        }
    }
}

/// Where something stands on its line, or within its cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum VerticalAlignValue {
    Named(VerticalAlign),
    Length(LengthPercentage),
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum VerticalAlign {
    #[default]
    Baseline,
    Sub,
    Super,
    TextTop,
    TextBottom,
    Middle,
    Top,
    Bottom,
    /// Pixels above the baseline.
    Raised(f32),
}

impl Parse for VerticalAlignValue {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        let named = text.keyword(&[
            ("baseline", VerticalAlign::Baseline),
            ("sub", VerticalAlign::Sub),
            ("super", VerticalAlign::Super),
            ("text-top", VerticalAlign::TextTop),
            ("text-bottom", VerticalAlign::TextBottom),
            ("middle", VerticalAlign::Middle),
            ("top", VerticalAlign::Top),
            ("bottom", VerticalAlign::Bottom),
        ]);
        match named {
            Some(named) => Some(VerticalAlignValue::Named(named)),
            None => LengthPercentage::parse(text).map(VerticalAlignValue::Length),
        }
    }
}

impl Compute for VerticalAlignValue {
    type Computed = VerticalAlign;

    fn compute(&self, context: &Context) -> VerticalAlign {
        match self {
            VerticalAlignValue::Named(named) => *named,
            VerticalAlignValue::Length(length) => {
                VerticalAlign::Raised(length.compute(context).resolve(context.line_height))
            }
        }
    }
}

/// Which lines a text has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DecorationLine {
    pub(crate) under: bool,
    pub(crate) over: bool,
    pub(crate) through: bool,
}

plain!(DecorationLine);

impl DecorationLine {
    pub(crate) fn is_none(self) -> bool {
        self == DecorationLine::default()
    }
}

impl Parse for DecorationLine {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        if text.is_word("none") {
            return Some(DecorationLine::default());
        }
        let mut found = DecorationLine::default();
        while let Some(line) = text.keyword(&[
            ("underline", 0),
            ("overline", 1),
            ("line-through", 2),
            ("blink", 3),
        ]) {
            match line {
                0 => found.under = true,
                1 => found.over = true,
                2 => found.through = true,
                _ => {}
            }
        }
        (!found.is_none()).then_some(found)
    }
}

keywords! {
    DecorationStyle {
        Solid | "solid", Double | "double", Dotted | "dotted", Dashed | "dashed", Wavy | "wavy",
    }
}

/// How thick a line below a text is, or how far away: `None` is as the font has it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FromFont(Option<LengthPercentage>);

impl Parse for FromFont {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        if text.keyword(&[("auto", ()), ("from-font", ())]).is_some() {
            return Some(FromFont(None));
        }
        LengthPercentage::parse(text).map(|found| FromFont(Some(found)))
    }
}

impl Compute for FromFont {
    type Computed = Option<f32>;

    fn compute(&self, context: &Context) -> Option<f32> {
        let found = self.0.as_ref()?.compute(context);
        Some(found.resolve(context.font_size))
    }
}

/// How far the first line is moved in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct IndentValue {
    length: LengthPercentage,
    hanging: bool,
    each_line: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Indent {
    pub(crate) length: Lp,
    /// All lines but the first instead.
    pub(crate) hanging: bool,
    pub(crate) each_line: bool,
}

impl Parse for IndentValue {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        let (mut length, mut hanging, mut each_line) = (None, false, false);
        loop {
            if text.is_word("hanging") {
                hanging = true;
            } else if text.is_word("each-line") {
                each_line = true;
            } else if length.is_none()
                && let Some(found) = LengthPercentage::parse(text)
            {
                length = Some(found);
            } else {
                break;
            }
        }
        Some(IndentValue {
            length: length?,
            hanging,
            each_line,
        })
    }
}

impl Compute for IndentValue {
    type Computed = Indent;

    fn compute(&self, context: &Context) -> Indent {
        Indent {
            length: self.length.compute(context),
            hanging: self.hanging,
            each_line: self.each_line,
        }
    }
}

/// How wide a tab is: spaces, or pixels.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TabSize(pub(crate) f32);

impl Parse for TabSize {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        Number::parse(text)
            .filter(|number| (0.0..=100.0).contains(&number.0))
            .map(|number| TabSize(number.0))
    }
}

impl Compute for TabSize {
    type Computed = f32;

    fn compute(&self, _: &Context) -> f32 {
        self.0
    }
}
