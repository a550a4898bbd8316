//! Borders, rounded corners, shadows.

use std::rc::Rc;

use super::color::Color;
use super::length::{Length, Lp, Positive};
use super::{Compute, Context, Parse, keywords};
use crate::css::cursor::Cursor;

keywords! {
    /// How a border or an outline is drawn.
    BorderStyle {
        None | "none", Hidden | "hidden", Solid | "solid", Dashed | "dashed", Dotted | "dotted",
        Double | "double", Groove | "groove", Ridge | "ridge", Inset | "inset", Outset | "outset" | "auto",
    }
}

impl BorderStyle {
    pub(crate) fn is_seen(self) -> bool {
        !matches!(self, BorderStyle::None | BorderStyle::Hidden)
    }

    /// Which of two borders that collapse wins, apart from its width.
    pub(crate) fn rank(self) -> u8 {
        match self {
            BorderStyle::Hidden => 9,
            BorderStyle::Double => 8,
            BorderStyle::Solid => 7,
            BorderStyle::Dashed => 6,
            BorderStyle::Dotted => 5,
            BorderStyle::Ridge => 4,
            BorderStyle::Outset => 3,
            BorderStyle::Groove => 2,
            BorderStyle::Inset => 1,
            BorderStyle::None => 0,
        }
    }
}

/// A border's width. What is under a pixel and not nothing is a hair line, as thin as a printer draws.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BorderWidth(pub(crate) Length);

impl Parse for BorderWidth {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        use super::length::{LengthPercentage, Unit};
        let named = text.keyword(&[("thin", 1.0), ("medium", 3.0), ("thick", 5.0)]);
        if let Some(px) = named {
            return Some(BorderWidth(Length(LengthPercentage::Length(px, Unit::Px))));
        }
        text.attempt(|ahead| {
            let length = Length::parse(ahead)?;
            (!length.0.is_negative()).then_some(BorderWidth(length))
        })
    }
}

impl Compute for BorderWidth {
    type Computed = f32;

    fn compute(&self, context: &Context) -> f32 {
        self.0.compute(context).max(0.0)
    }
}

/// A rounded corner: across, and down.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CornerValue(pub(crate) Positive, pub(crate) Positive);

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Corner(pub(crate) Lp, pub(crate) Lp);

impl Parse for CornerValue {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        let x = Positive::parse(text)?;
        let y = Positive::parse(text).unwrap_or_else(|| x.clone());
        Some(CornerValue(x, y))
    }
}

impl Compute for CornerValue {
    type Computed = Corner;

    fn compute(&self, context: &Context) -> Corner {
        Corner(self.0.compute(context), self.1.compute(context))
    }
}

/// One shadow of a box or of text.
#[derive(Clone, Debug, PartialEq)]
struct ShadowValue {
    x: Length,
    y: Length,
    blur: Option<Length>,
    spread: Option<Length>,
    color: Color,
    inset: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shadow {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) blur: f32,
    pub(crate) spread: f32,
    pub(crate) color: Color,
    pub(crate) inset: bool,
}

/// Shadows, the topmost first.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ShadowsValue(Vec<ShadowValue>);

impl Parse for ShadowValue {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        let (mut inset, mut color, mut lengths) = (false, None, None);
        loop {
            if !inset && text.is_word("inset") {
                inset = true;
            } else if color.is_none()
                && let Some(found) = Color::parse(text)
            {
                color = Some(found);
            } else if lengths.is_none()
                && let Some(x) = Length::parse(text)
            {
                let y = Length::parse(text)?;
                lengths = Some((x, y, Length::parse(text), Length::parse(text)));
            } else {
                break;
            }
        }
        let (x, y, blur, spread) = lengths?;
        Some(ShadowValue {
            x,
            y,
            blur,
            spread,
            color: color.unwrap_or_default(),
            inset,
        })
    }
}

impl Parse for ShadowsValue {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        if text.is_word("none") {
            return Some(ShadowsValue(Vec::new()));
        }
        super::list(text).map(ShadowsValue)
    }
}

impl Compute for ShadowsValue {
    type Computed = Rc<[Shadow]>;

    fn compute(&self, context: &Context) -> Rc<[Shadow]> {
        let one = |length: &Option<Length>| length.as_ref().map_or(0.0, |l| l.compute(context));
        self.0
            .iter()
            .map(|shadow| Shadow {
                x: shadow.x.compute(context),
                y: shadow.y.compute(context),
                blur: one(&shadow.blur).max(0.0),
                spread: one(&shadow.spread),
                color: shadow.color,
                inset: shadow.inset,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::css::token::tokenize;

    #[test]
    fn shadows() {
        let read = |text: &str| {
            let tokens = tokenize(text);
            Cursor::new(&tokens)
                .whole(ShadowsValue::parse)
                .map(|s| s.compute(&Context::sample()))
        };
        let found = read("1px 2px red, inset 0 0 4px 1px").unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].x, found[0].y, found[0].blur), (1.0, 2.0, 0.0));
        assert!(found[1].inset);
        assert_eq!((found[1].blur, found[1].spread), (4.0, 1.0));
        assert_eq!(read("none").map(|s| s.len()), Some(0));
        for wrong in ["1px", "red", "1px 2px 3px 4px 5px", "1px 2px, none"] {
            assert!(read(wrong).is_none(), "{wrong}");
        }
    }
}
