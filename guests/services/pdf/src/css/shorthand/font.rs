//! `font` and `font-variant`.

use super::{L, Shorthand, reset};
use crate::css::cursor::Cursor;
use crate::css::property::{Longhand, Property};
use crate::css::token::Token;

const ALL: [Longhand; 10] = [
    L::FontStyle,
    L::FontCaps,
    L::FontNumeric,
    L::FontLigatures,
    L::FontWeight,
    L::FontStretch,
    L::FontSize,
    L::LineHeight,
    L::FontFamily,
    L::FontKerning,
];

const VARIANT: [Longhand; 3] = [L::FontCaps, L::FontNumeric, L::FontLigatures];

pub(super) fn of(name: &str) -> Option<Shorthand> {
    match name {
        "font" => Some(Shorthand {
            longhands: &ALL,
            expand: font,
        }),
        "font-variant" => Some(Shorthand {
            longhands: &VARIANT,
            expand: variant,
        }),
        _ => None,
    }
}

fn font(text: &mut Cursor<'_, '_>, out: &mut Vec<Property>) -> Option<()> {
    // Fonts of a system's controls; ours are its letters.
    const SYSTEM: [(&str, ()); 6] = [
        ("caption", ()),
        ("icon", ()),
        ("menu", ()),
        ("message-box", ()),
        ("small-caption", ()),
        ("status-bar", ()),
    ];
    reset(L::FontNumeric, "normal", out);
    reset(L::FontLigatures, "normal", out);
    reset(L::FontKerning, "auto", out);
    let is_system = text.keyword(&SYSTEM).is_some();
    let mut found = if is_system {
        Vec::new()
    } else {
        before_size(text)
    };
    for (longhand, initial) in [
        (L::FontStyle, "normal"),
        (L::FontCaps, "normal"),
        (L::FontWeight, "normal"),
        (L::FontStretch, "normal"),
    ] {
        if found.iter().all(|property| property.longhand() != longhand) {
            reset(longhand, initial, out);
        }
    }
    out.append(&mut found);
    if is_system {
        reset(L::FontSize, "13px", out);
        reset(L::LineHeight, "normal", out);
        reset(L::FontFamily, "sans-serif", out);
        return Some(());
    }
    out.push(L::FontSize.parse(text)?);
    if text.delim('/') {
        out.push(L::LineHeight.parse(text)?);
    } else {
        reset(L::LineHeight, "normal", out);
    }
    out.push(L::FontFamily.parse(text)?);
    Some(())
}

/// What stands before the size, in whatever order.
fn before_size(text: &mut Cursor<'_, '_>) -> Vec<Property> {
    let mut found: Vec<Property> = Vec::new();
    loop {
        if text.is_word("normal") {
            continue;
        }
        let next = [L::FontStyle, L::FontCaps, L::FontWeight, L::FontStretch]
            .into_iter()
            .filter(|longhand| found.iter().all(|p| p.longhand() != *longhand))
            .find_map(|longhand| {
                // A percentage here is the size already.
                if longhand == L::FontStretch && is_percent(*text) {
                    return None;
                }
                text.attempt(|ahead| longhand.parse(ahead))
            });
        match next {
            Some(next) => found.push(next),
            None => return found,
        }
    }
}

fn is_percent(mut text: Cursor<'_, '_>) -> bool {
    text.space();
    matches!(text.peek(), Some(Token::Percent(_)))
}

fn variant(text: &mut Cursor<'_, '_>, out: &mut Vec<Property>) -> Option<()> {
    for longhand in VARIANT {
        reset(longhand, "normal", out);
    }
    if text.is_word("normal") {
        return Some(());
    }
    if text.is_word("none") {
        reset(L::FontLigatures, "none", out);
        return Some(());
    }
    let mut seen = false;
    while !text.is_done() {
        let next = VARIANT
            .into_iter()
            .find_map(|longhand| text.attempt(|ahead| longhand.parse(ahead)))?;
        out.push(next);
        seen = true;
    }
    seen.then_some(())
}
