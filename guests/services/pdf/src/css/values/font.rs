//! Fonts: families, sizes, weights, and features by name.

use std::rc::Rc;

use super::length::{LengthPercentage, Number};
use super::{Compute, Context, Parse, keywords, plain};
use crate::css::cursor::Cursor;
use crate::css::token::Token;

keywords! {
    FontKerning { Auto | "auto", Normal | "normal", None | "none" }
}

/// Families in the order in which they are tried.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Families(pub(crate) Rc<[Family]>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Family {
    Named(Rc<str>),
    Serif,
    SansSerif,
    Monospace,
}

plain!(Families);

impl Parse for Family {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        if let Some(name) = text.string() {
            return Some(Family::Named(name.into()));
        }
        let mut name = text.ident()?.to_owned();
        while let Some(more) = text.ident() {
            name.push(' ');
            name.push_str(more);
        }
        Some(match &*name.to_ascii_lowercase() {
            "serif" | "ui-serif" | "math" | "fangsong" => Family::Serif,
            "sans-serif" | "system-ui" | "ui-sans-serif" | "ui-rounded" | "cursive" | "fantasy"
            | "emoji" | "-apple-system" | "blinkmacsystemfont" => Family::SansSerif,
            "monospace" | "ui-monospace" => Family::Monospace,
            _ => Family::Named(name.into()),
        })
    }
}

impl Parse for Families {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        super::list(text).map(|families: Vec<Family>| Families(families.into()))
    }
}

/// A font's size. `em` is the parent's here.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FontSize {
    Length(LengthPercentage),
    /// Of the parent's.
    Scaled(f32),
}

/// What `medium` is.
pub(crate) const MEDIUM: f32 = 16.0;

impl FontSize {
    pub(crate) fn px(px: f32) -> FontSize {
        FontSize::Length(LengthPercentage::Length(px, super::length::Unit::Px))
    }
}

impl Parse for FontSize {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        let named = text.keyword(&[
            ("xx-small", 9.0 / MEDIUM),
            ("x-small", 10.0 / MEDIUM),
            ("small", 13.0 / MEDIUM),
            ("medium", 1.0),
            ("large", 18.0 / MEDIUM),
            ("x-large", 24.0 / MEDIUM),
            ("xx-large", 32.0 / MEDIUM),
            ("xxx-large", 48.0 / MEDIUM),
        ]);
        if let Some(factor) = named {
            return Some(FontSize::px(factor * MEDIUM));
        }
        let relative = text.keyword(&[("smaller", 1.0 / 1.2), ("larger", 1.2)]);
        if let Some(factor) = relative {
            return Some(FontSize::Scaled(factor));
        }
        LengthPercentage::parse_positive(text).map(FontSize::Length)
    }
}

/// Pixels that a font may have: enough for a poster, and nothing that overflows.
const SIZE_MAX: f32 = 10_000.0;

impl Compute for FontSize {
    type Computed = f32;

    fn compute(&self, context: &Context) -> f32 {
        let px = match self {
            FontSize::Length(length) => length.compute(context).resolve(context.font_size),
            FontSize::Scaled(factor) => context.font_size * factor,
        };
        px.clamp(0.0, SIZE_MAX)
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum FontWeight {
    Number(f32),
    Bolder,
    Lighter,
}

impl Parse for FontWeight {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        let named = text.keyword(&[
            ("normal", FontWeight::Number(400.0)),
            ("bold", FontWeight::Number(700.0)),
            ("bolder", FontWeight::Bolder),
            ("lighter", FontWeight::Lighter),
        ]);
        named.or_else(|| {
            text.attempt(|ahead| {
                let number = Number::parse(ahead)?.0;
                (1.0..=1_000.0)
                    .contains(&number)
                    .then_some(FontWeight::Number(number))
            })
        })
    }
}

impl Compute for FontWeight {
    type Computed = f32;

    fn compute(&self, context: &Context) -> f32 {
        let parent = context.parent_weight;
        match self {
            FontWeight::Number(number) => *number,
            FontWeight::Bolder if parent < 350.0 => 400.0,
            FontWeight::Bolder if parent < 550.0 => 700.0,
            FontWeight::Bolder => parent.max(900.0),
            FontWeight::Lighter if parent < 550.0 => parent.min(100.0),
            FontWeight::Lighter if parent < 750.0 => 400.0,
            FontWeight::Lighter => 700.0,
        }
    }
}

/// How wide letters are, of the normal width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct FontStretch(pub(crate) f32);

impl Parse for FontStretch {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        let named = text.keyword(&[
            ("ultra-condensed", 0.5),
            ("extra-condensed", 0.625),
            ("condensed", 0.75),
            ("semi-condensed", 0.875),
            ("normal", 1.0),
            ("semi-expanded", 1.125),
            ("expanded", 1.25),
            ("extra-expanded", 1.5),
            ("ultra-expanded", 2.0),
        ]);
        let percent = || {
            text.clone().attempt(|ahead| {
                ahead.space();
                match ahead.next()? {
                    Token::Percent(percent) if *percent >= 0.0 => Some((percent / 100.0, *ahead)),
                    _ => None,
                }
            })
        };
        if let Some(named) = named {
            return Some(FontStretch(named));
        }
        let (stretch, rest) = percent()?;
        *text = rest;
        Some(FontStretch(stretch))
    }
}

impl Compute for FontStretch {
    type Computed = f32;

    fn compute(&self, _: &Context) -> f32 {
        self.0
    }
}

/// Features or axes of a font, each with its four letters.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Settings(pub(crate) Rc<[([u8; 4], f32)]>);

plain!(Settings);

impl Parse for Settings {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        if text.is_word("normal") {
            return Some(Settings::default());
        }
        let mut all = Vec::new();
        loop {
            let tag: [u8; 4] = text.string()?.as_bytes().try_into().ok()?;
            let value = Number::parse(text)
                .map(|number| number.0)
                .or_else(|| text.keyword(&[("on", 1.0), ("off", 0.0)]))
                .unwrap_or(1.0);
            all.push((tag, value));
            if !text.comma() {
                return Some(Settings(all.into()));
            }
        }
    }
}

/// `font-variant-numeric`, as the features it stands for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Numeric(Settings);

/// `font-variant-ligatures`, likewise.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ligatures(Settings);

/// A word, and the features that it stands for.
type Word<'a> = (&'a str, &'a [([u8; 4], f32)]);

fn features(text: &mut Cursor<'_, '_>, table: &[Word<'_>]) -> Option<Settings> {
    if text.is_word("normal") {
        return Some(Settings::default());
    }
    let mut all = Vec::new();
    while let Some(found) = text.keyword(table) {
        all.extend_from_slice(found);
    }
    (!all.is_empty()).then(|| Settings(all.into()))
}

impl Parse for Numeric {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        features(
            text,
            &[
                ("lining-nums", &[(*b"lnum", 1.0)]),
                ("oldstyle-nums", &[(*b"onum", 1.0)]),
                ("proportional-nums", &[(*b"pnum", 1.0)]),
                ("tabular-nums", &[(*b"tnum", 1.0)]),
                ("diagonal-fractions", &[(*b"frac", 1.0)]),
                ("stacked-fractions", &[(*b"afrc", 1.0)]),
                ("ordinal", &[(*b"ordn", 1.0)]),
                ("slashed-zero", &[(*b"zero", 1.0)]),
            ],
        )
        .map(Numeric)
    }
}

impl Parse for Ligatures {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        features(
            text,
            &[
                ("none", &[(*b"liga", 0.0), (*b"clig", 0.0), (*b"calt", 0.0)]),
                ("common-ligatures", &[(*b"liga", 1.0), (*b"clig", 1.0)]),
                ("no-common-ligatures", &[(*b"liga", 0.0), (*b"clig", 0.0)]),
                ("discretionary-ligatures", &[(*b"dlig", 1.0)]),
                ("no-discretionary-ligatures", &[(*b"dlig", 0.0)]),
                ("historical-ligatures", &[(*b"hlig", 1.0)]),
                ("no-historical-ligatures", &[(*b"hlig", 0.0)]),
                ("contextual", &[(*b"calt", 1.0)]),
                ("no-contextual", &[(*b"calt", 0.0)]),
            ],
        )
        .map(Ligatures)
    }
}

impl Compute for Numeric {
    type Computed = Settings;

    fn compute(&self, _: &Context) -> Settings {
        self.0.clone()
    }
}

impl Compute for Ligatures {
    type Computed = Settings;

    fn compute(&self, _: &Context) -> Settings {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::css::token::tokenize;

    #[test]
    fn families() {
        let tokens = tokenize("Times New Roman, 'Ubuntu Mono', monospace, system-ui");
        let found = Cursor::new(&tokens).whole(Families::parse).unwrap();
        assert_eq!(
            &*found.0,
            [
                Family::Named("Times New Roman".into()),
                Family::Named("Ubuntu Mono".into()),
                Family::Monospace,
                Family::SansSerif
            ]
        );
    }

    #[test]
    fn sizes_and_weights() {
        let context = Context::sample();
        let size = |text: &str| {
            let tokens = tokenize(text);
            Cursor::new(&tokens)
                .whole(FontSize::parse)
                .map(|s| s.compute(&context))
        };
        assert_eq!(size("medium"), Some(16.0));
        assert_eq!(size("150%"), Some(30.0));
        assert_eq!(size("larger"), Some(24.0));
        assert_eq!(size("99999px"), Some(SIZE_MAX));
        assert_eq!(size("-1px"), None);
        let weight = |text: &str| {
            let tokens = tokenize(text);
            Cursor::new(&tokens)
                .whole(FontWeight::parse)
                .map(|s| s.compute(&context))
        };
        assert_eq!(weight("bolder"), Some(700.0));
        assert_eq!(weight("350"), Some(350.0));
        assert_eq!(weight("0"), None);
    }
}
