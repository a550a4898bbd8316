//! Style: what every element looks like, once all that is said about it is weighed.

mod cascade;
mod hints;
mod variables;

pub(crate) use cascade::{Styles, cascade, spoken};

use crate::css::property::Style;
use crate::css::values::Context;
use crate::css::values::boxes::Display;
use crate::css::values::keyword::{Float, Overflow, Position, TextAlign};

/// What elements look like before anybody says anything.
pub(crate) const UA_SHEET: &str = include_str!("style/ua.css");

/// What lengths of an element with this style are measured by.
pub(crate) fn context(style: &Style, root: &Style, page: (f32, f32)) -> Context {
    Context {
        font_size: style.font_size,
        root_font_size: root.font_size,
        line_height: style.line_height.px(style.font_size),
        root_line_height: root.line_height.px(root.font_size),
        page_width: page.0,
        page_height: page.1,
        parent_weight: 400.0,
    }
}

/// Makes what depends on several properties agree.
fn settle(style: &mut Style, parent: Option<&Style>) {
    if matches!(style.position, Position::Absolute | Position::Fixed) {
        style.float = Float::None;
    }
    let out_of_line = style.float != Float::None
        || matches!(style.position, Position::Absolute | Position::Fixed)
        || parent.is_none();
    if out_of_line {
        style.display = style.display.blockified();
    }
    if parent.is_some_and(|parent| {
        matches!(
            parent.display,
            Display::Flex | Display::InlineFlex | Display::Grid | Display::InlineGrid
        )
    }) {
        style.display = style.display.blockified();
        style.float = Float::None;
    }
    let visible = |overflow| overflow == Overflow::Visible;
    if visible(style.overflow_x) != visible(style.overflow_y) {
        for overflow in [&mut style.overflow_x, &mut style.overflow_y] {
            if *overflow == Overflow::Visible {
                *overflow = Overflow::Auto;
            }
        }
    }
    let above = parent.map_or(TextAlign::Start, |parent| parent.text_align);
    style.text_align = match style.text_align {
        TextAlign::MatchParent => above,
        TextAlign::Head if above == TextAlign::Start => TextAlign::Center,
        TextAlign::Head => above,
        own => own,
    };
}
