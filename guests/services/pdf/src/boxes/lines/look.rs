//! What letters look like, as the shaper wants it said.

use std::borrow::Cow;

use parley::TextStyle;

use crate::css::property::Style;
use crate::css::values::boxes::TextWrap;
use crate::css::values::font::FontKerning;
use crate::css::values::keyword::{OverflowWrap, WhiteSpace, WordBreak};
use crate::css::values::text::{LineHeight, VerticalAlign};
use crate::fonts::{Brush, Fonts, slant};

/// A style of the shaper.
pub(super) type Text = TextStyle<'static, 'static, Brush>;

/// A size that takes no room of its own.
pub(super) const NO_SIZE: f32 = 0.01;

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
pub(super) fn text_style(fonts: &mut Fonts, style: &Style, span: u32) -> Text {
    let families = fonts.families(style);
    Text {
        font_family: parley::FontFamily::List(Cow::Owned(families.to_vec())),
        font_size: style.font_size.max(NO_SIZE),
        font_width: parley::FontWidth::from_ratio(style.font_stretch),
        font_style: slant(style.font_style),
        font_weight: parley::FontWeight::new(style.font_weight),
        font_variations: parley::FontVariations::List(Cow::Owned(variations(style))),
        font_features: parley::FontFeatures::List(Cow::Owned(features(style))),
        brush: Brush {
            span,
            is_room: false,
        },
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
        ..breaking(style)
    }
}

/// Where lines may end; of everything else, what the shaper begins with.
fn breaking(style: &Style) -> Text {
    let wraps = !matches!(style.white_space, WhiteSpace::Pre | WhiteSpace::Nowrap)
        && style.text_wrap == TextWrap::Wrap;
    Text {
        word_break: match style.word_break {
            WordBreak::BreakAll => parley::WordBreak::BreakAll,
            WordBreak::KeepAll => parley::WordBreak::KeepAll,
            _ => parley::WordBreak::Normal,
        },
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
        ..Text::default()
    }
}

fn variations(style: &Style) -> Vec<parley::FontVariation> {
    style
        .font_variations
        .0
        .iter()
        .map(|(tag, value)| parley::FontVariation::new(parley::setting::Tag::new(tag), *value))
        .collect()
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
