//! Lengths, shares, and sizes.

use std::rc::Rc;

use super::calc::{self, Expression, Shared};
use super::{Compute, Context, Parse};
use crate::css::cursor::{Cursor, lower};
use crate::css::token::Token;

/// What a length is measured in; absolute ones are pixels already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Px,
    Em,
    Rem,
    Ex,
    Ch,
    Lh,
    Rlh,
    PageWidth,
    PageHeight,
    PageMin,
    PageMax,
}

/// Pixels in an inch.
const INCH: f32 = 96.0;

/// A number and the unit behind it.
pub(crate) fn unit(value: f32, name: &str) -> Option<(f32, Unit)> {
    let absolute = |factor: f32| Some((value * factor, Unit::Px));
    match &*lower(name) {
        "px" => absolute(1.0),
        "pt" => absolute(INCH / 72.0),
        "pc" => absolute(INCH / 6.0),
        "in" => absolute(INCH),
        "cm" => absolute(INCH / 2.54),
        "mm" => absolute(INCH / 25.4),
        "q" => absolute(INCH / 101.6),
        "em" => Some((value, Unit::Em)),
        "rem" => Some((value, Unit::Rem)),
        "ex" => Some((value, Unit::Ex)),
        "ch" | "ic" => Some((value, Unit::Ch)),
        "lh" => Some((value, Unit::Lh)),
        "rlh" => Some((value, Unit::Rlh)),
        "vw" | "vi" | "svw" | "lvw" | "dvw" | "svi" | "lvi" | "dvi" => {
            Some((value, Unit::PageWidth))
        }
        "vh" | "vb" | "svh" | "lvh" | "dvh" | "svb" | "lvb" | "dvb" => {
            Some((value, Unit::PageHeight))
        }
        "vmin" | "svmin" | "lvmin" | "dvmin" => Some((value, Unit::PageMin)),
        "vmax" | "svmax" | "lvmax" | "dvmax" => Some((value, Unit::PageMax)),
        _ => None,
    }
}

impl Unit {
    pub(crate) fn px(self, value: f32, context: &Context) -> f32 {
        let (width, height) = (context.page_width / 100.0, context.page_height / 100.0);
        value
            * match self {
                Unit::Px => 1.0,
                Unit::Em => context.font_size,
                Unit::Rem => context.root_font_size,
                // What most fonts have, about.
                Unit::Ex | Unit::Ch => context.font_size * 0.5,
                Unit::Lh => context.line_height,
                Unit::Rlh => context.root_line_height,
                Unit::PageWidth => width,
                Unit::PageHeight => height,
                Unit::PageMin => width.min(height),
                Unit::PageMax => width.max(height),
            }
    }
}

/// A length, or a share of something.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum LengthPercentage {
    Length(f32, Unit),
    Percent(f32),
    Calc(Box<Expression>),
}

/// The same for one element.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Lp {
    Px(f32),
    /// 0.5 is half.
    Share(f32),
    Calc(Shared),
}

impl Default for Lp {
    fn default() -> Self {
        Lp::ZERO
    }
}

impl Lp {
    pub(crate) const ZERO: Lp = Lp::Px(0.0);

    pub(crate) fn resolve(&self, basis: f32) -> f32 {
        match self {
            Lp::Px(px) => *px,
            Lp::Share(share) => share * basis,
            Lp::Calc(node) => node.resolve(basis),
        }
    }

    /// The length where it needs no basis.
    pub(crate) fn px(&self) -> Option<f32> {
        match self {
            Lp::Px(px) => Some(*px),
            Lp::Share(_) => None,
            Lp::Calc(node) => (!node.has_share()).then(|| node.resolve(0.0)),
        }
    }

    pub(crate) fn is_zero(&self) -> bool {
        *self == Lp::ZERO || *self == Lp::Share(0.0)
    }
}

impl Parse for LengthPercentage {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        if let Some(expression) = text.attempt(calc::length) {
            return Some(LengthPercentage::Calc(Box::new(expression)));
        }
        text.attempt(|ahead| {
            ahead.space();
            match ahead.next()? {
                Token::Number { value: 0.0, .. } => Some(LengthPercentage::Length(0.0, Unit::Px)),
                Token::Percent(percent) => Some(LengthPercentage::Percent(*percent)),
                Token::Dimension { value, unit: name } => {
                    let (value, unit) = unit(*value, name)?;
                    Some(LengthPercentage::Length(value, unit))
                }
                _ => None,
            }
        })
    }
}

impl LengthPercentage {
    /// Whether it is known to be below zero; what is only computed later is cut off then.
    pub(crate) fn is_negative(&self) -> bool {
        match self {
            LengthPercentage::Length(value, _) | LengthPercentage::Percent(value) => *value < 0.0,
            LengthPercentage::Calc(_) => false,
        }
    }

    pub(crate) fn parse_positive(text: &mut Cursor<'_, '_>) -> Option<Self> {
        text.attempt(|ahead| LengthPercentage::parse(ahead).filter(|found| !found.is_negative()))
    }

    pub(crate) const ZERO: LengthPercentage = LengthPercentage::Length(0.0, Unit::Px);
}

impl Compute for LengthPercentage {
    type Computed = Lp;

    fn compute(&self, context: &Context) -> Lp {
        match self {
            LengthPercentage::Length(value, unit) => Lp::Px(unit.px(*value, context)),
            LengthPercentage::Percent(percent) => Lp::Share(percent / 100.0),
            LengthPercentage::Calc(expression) => match expression.compute(context) {
                calc::Node::Linear { px, share: 0.0 } => Lp::Px(px),
                node => Lp::Calc(Rc::new(node)),
            },
        }
    }
}

/// A length alone.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Length(pub(crate) LengthPercentage);

impl Parse for Length {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        text.attempt(|ahead| match LengthPercentage::parse(ahead)? {
            LengthPercentage::Percent(_) => None,
            found => Some(Length(found)),
        })
    }
}

impl Compute for Length {
    type Computed = f32;

    fn compute(&self, context: &Context) -> f32 {
        self.0.compute(context).resolve(0.0)
    }
}

/// A length, or `normal`, which is none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LengthOrNormal(Option<Length>);

impl Parse for LengthOrNormal {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        if text.is_word("normal") {
            return Some(LengthOrNormal(None));
        }
        Length::parse(text).map(|length| LengthOrNormal(Some(length)))
    }
}

impl Compute for LengthOrNormal {
    type Computed = f32;

    fn compute(&self, context: &Context) -> f32 {
        self.0
            .as_ref()
            .map_or(0.0, |length| length.compute(context))
    }
}

/// A length or share that is not negative.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Positive(pub(crate) LengthPercentage);

impl Parse for Positive {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        LengthPercentage::parse_positive(text).map(Positive)
    }
}

impl Compute for Positive {
    type Computed = Lp;

    fn compute(&self, context: &Context) -> Lp {
        match self.0.compute(context) {
            Lp::Px(px) => Lp::Px(px.max(0.0)),
            other => other,
        }
    }
}

/// Of gaps: a length or share, or `normal`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Gap(pub(crate) Option<Positive>);

impl Parse for Gap {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        if text.is_word("normal") {
            return Some(Gap(None));
        }
        Positive::parse(text).map(|gap| Gap(Some(gap)))
    }
}

impl Compute for Gap {
    type Computed = Option<Lp>;

    fn compute(&self, context: &Context) -> Option<Lp> {
        self.0.as_ref().map(|gap| gap.compute(context))
    }
}

/// Of margins and places: a length or share, or `auto`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OrAuto(pub(crate) Option<LengthPercentage>);

impl Parse for OrAuto {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        if text.is_word("auto") {
            return Some(OrAuto(None));
        }
        LengthPercentage::parse(text).map(|found| OrAuto(Some(found)))
    }
}

impl Compute for OrAuto {
    /// `None` is `auto`.
    type Computed = Option<Lp>;

    fn compute(&self, context: &Context) -> Option<Lp> {
        self.0.as_ref().map(|found| found.compute(context))
    }
}

/// Of widths and heights, and their limits.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SizeValue {
    /// `auto`, and `none` of limits.
    Auto,
    MinContent,
    MaxContent,
    FitContent,
    Stretch,
    Length(Positive),
}

/// The same for one element.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Size {
    #[default]
    Auto,
    MinContent,
    MaxContent,
    FitContent,
    Stretch,
    Length(Lp),
}

impl Parse for SizeValue {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        const WORDS: [(&str, SizeValue); 10] = [
            ("auto", SizeValue::Auto),
            ("none", SizeValue::Auto),
            ("min-content", SizeValue::MinContent),
            ("max-content", SizeValue::MaxContent),
            ("fit-content", SizeValue::FitContent),
            ("-webkit-min-content", SizeValue::MinContent),
            ("-webkit-max-content", SizeValue::MaxContent),
            ("-webkit-fit-content", SizeValue::FitContent),
            ("stretch", SizeValue::Stretch),
            ("-webkit-fill-available", SizeValue::Stretch),
        ];
        let mut ahead = *text;
        if let Some(word) = ahead.ident() {
            let found = WORDS
                .into_iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(word));
            if let Some((_, value)) = found {
                *text = ahead;
                return Some(value);
            }
        }
        Positive::parse(text).map(SizeValue::Length)
    }
}

impl Compute for SizeValue {
    type Computed = Size;

    fn compute(&self, context: &Context) -> Size {
        match self {
            SizeValue::Auto => Size::Auto,
            SizeValue::MinContent => Size::MinContent,
            SizeValue::MaxContent => Size::MaxContent,
            SizeValue::FitContent => Size::FitContent,
            SizeValue::Stretch => Size::Stretch,
            SizeValue::Length(length) => Size::Length(length.compute(context)),
        }
    }
}

/// A number without a unit, within what makes sense for the property.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Number(pub(crate) f32);

impl Parse for Number {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        text.number().or_else(|| calc::number(text)).map(Number)
    }
}

impl Compute for Number {
    type Computed = f32;

    fn compute(&self, _: &Context) -> f32 {
        self.0
    }
}

/// Of opacity: a number or a share, between nothing and all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Opacity(pub(crate) f32);

impl Parse for Opacity {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        let share = text.attempt(|ahead| {
            ahead.space();
            match ahead.next()? {
                Token::Percent(percent) => Some(percent / 100.0),
                _ => None,
            }
        });
        let value = share.or_else(|| Number::parse(text).map(|number| number.0))?;
        Some(Opacity(value.clamp(0.0, 1.0)))
    }
}

impl Compute for Opacity {
    type Computed = f32;

    fn compute(&self, _: &Context) -> f32 {
        self.0
    }
}

/// A whole number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Integer(pub(crate) i32);

impl Parse for Integer {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        text.integer()
            .or_else(|| calc::number(text).map(|number| number.round() as i32))
            .map(Integer)
    }
}

impl Compute for Integer {
    type Computed = i32;

    fn compute(&self, _: &Context) -> i32 {
        self.0
    }
}

/// Of `z-index` and the like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct IntegerOrAuto(pub(crate) Option<i32>);

impl Parse for IntegerOrAuto {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        if text.is_word("auto") {
            return Some(IntegerOrAuto(None));
        }
        Integer::parse(text).map(|found| IntegerOrAuto(Some(found.0)))
    }
}

impl Compute for IntegerOrAuto {
    type Computed = Option<i32>;

    fn compute(&self, _: &Context) -> Option<i32> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::css::token::tokenize;

    fn px(text: &str) -> Option<f32> {
        let tokens = tokenize(text);
        let found = Cursor::new(&tokens).whole(LengthPercentage::parse)?;
        Some(found.compute(&Context::sample()).resolve(200.0))
    }

    #[test]
    fn units() {
        for (text, wanted) in [
            ("1in", 96.0),
            ("72pt", 96.0),
            ("2.54cm", 96.0),
            ("25.4mm", 96.0),
            ("6pc", 96.0),
            ("101.6Q", 96.0),
            ("2em", 40.0),
            ("2rem", 20.0),
            ("1lh", 24.0),
            ("10vw", 60.0),
            ("10vmin", 60.0),
            ("10vmax", 90.0),
            ("50%", 100.0),
            ("0", 0.0),
        ] {
            let found = px(text).unwrap();
            assert!((found - wanted).abs() < 0.001, "{text}: {found}");
        }
        for wrong in ["1", "px", "1parsec", "1 px", ""] {
            assert_eq!(px(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn sizes() {
        let size = |text: &str| {
            let tokens = tokenize(text);
            Cursor::new(&tokens)
                .whole(SizeValue::parse)
                .map(|size| size.compute(&Context::sample()))
        };
        assert_eq!(size("auto"), Some(Size::Auto));
        assert_eq!(size("Fit-Content"), Some(Size::FitContent));
        assert_eq!(size("3px"), Some(Size::Length(Lp::Px(3.0))));
        assert_eq!(size("-3px"), None);
    }
}
