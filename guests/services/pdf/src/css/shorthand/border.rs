//! Shorthands of borders, corners and outlines.

use super::{Expand, L, Shorthand, any_order, pair, sides};
use crate::css::cursor::Cursor;
use crate::css::property::{Longhand, Property};
use crate::css::values::Parse as _;
use crate::css::values::border::CornerValue;
use crate::css::values::length::Positive;

const WIDTHS: [L; 4] = [
    L::BorderTopWidth,
    L::BorderRightWidth,
    L::BorderBottomWidth,
    L::BorderLeftWidth,
];
const STYLES: [L; 4] = [
    L::BorderTopStyle,
    L::BorderRightStyle,
    L::BorderBottomStyle,
    L::BorderLeftStyle,
];
const COLORS: [L; 4] = [
    L::BorderTopColor,
    L::BorderRightColor,
    L::BorderBottomColor,
    L::BorderLeftColor,
];
const TOP: [L; 3] = [L::BorderTopWidth, L::BorderTopStyle, L::BorderTopColor];
const RIGHT: [L; 3] = [
    L::BorderRightWidth,
    L::BorderRightStyle,
    L::BorderRightColor,
];
const BOTTOM: [L; 3] = [
    L::BorderBottomWidth,
    L::BorderBottomStyle,
    L::BorderBottomColor,
];
const LEFT: [L; 3] = [L::BorderLeftWidth, L::BorderLeftStyle, L::BorderLeftColor];
const ALL: [L; 12] = [
    L::BorderTopWidth,
    L::BorderTopStyle,
    L::BorderTopColor,
    L::BorderRightWidth,
    L::BorderRightStyle,
    L::BorderRightColor,
    L::BorderBottomWidth,
    L::BorderBottomStyle,
    L::BorderBottomColor,
    L::BorderLeftWidth,
    L::BorderLeftStyle,
    L::BorderLeftColor,
];
const BLOCK: [L; 6] = [
    L::BorderTopWidth,
    L::BorderTopStyle,
    L::BorderTopColor,
    L::BorderBottomWidth,
    L::BorderBottomStyle,
    L::BorderBottomColor,
];
const INLINE: [L; 6] = [
    L::BorderLeftWidth,
    L::BorderLeftStyle,
    L::BorderLeftColor,
    L::BorderRightWidth,
    L::BorderRightStyle,
    L::BorderRightColor,
];
const RADII: [L; 4] = [
    L::RadiusTopLeft,
    L::RadiusTopRight,
    L::RadiusBottomRight,
    L::RadiusBottomLeft,
];
const OUTLINE: [L; 3] = [L::OutlineWidth, L::OutlineStyle, L::OutlineColor];

pub(super) fn of(name: &str) -> Option<Shorthand> {
    let made =
        |longhands: &'static [Longhand], expand: Expand| Some(Shorthand { longhands, expand });
    match name {
        "border" => made(&ALL, |text, out| {
            same(text, out, &[TOP, RIGHT, BOTTOM, LEFT])
        }),
        "border-block" => made(&BLOCK, |text, out| same(text, out, &[TOP, BOTTOM])),
        "border-inline" => made(&INLINE, |text, out| same(text, out, &[LEFT, RIGHT])),
        "border-top" | "border-block-start" => made(&TOP, |text, out| any_order(text, out, &TOP)),
        "border-right" => made(&RIGHT, |text, out| any_order(text, out, &RIGHT)),
        "border-bottom" | "border-block-end" => {
            made(&BOTTOM, |text, out| any_order(text, out, &BOTTOM))
        }
        "border-left" => made(&LEFT, |text, out| any_order(text, out, &LEFT)),
        "border-width" => made(&WIDTHS, |text, out| sides(text, out, &WIDTHS)),
        "border-style" => made(&STYLES, |text, out| sides(text, out, &STYLES)),
        "border-color" => made(&COLORS, |text, out| sides(text, out, &COLORS)),
        "border-block-width" => made(&[L::BorderTopWidth, L::BorderBottomWidth], |text, out| {
            pair(text, out, &[L::BorderTopWidth, L::BorderBottomWidth])
        }),
        "border-block-style" => made(&[L::BorderTopStyle, L::BorderBottomStyle], |text, out| {
            pair(text, out, &[L::BorderTopStyle, L::BorderBottomStyle])
        }),
        "border-block-color" => made(&[L::BorderTopColor, L::BorderBottomColor], |text, out| {
            pair(text, out, &[L::BorderTopColor, L::BorderBottomColor])
        }),
        "border-radius" => made(&RADII, radius),
        "outline" => made(&OUTLINE, |text, out| any_order(text, out, &OUTLINE)),
        _ => None,
    }
}

/// The same border on several sides.
fn same(text: &mut Cursor<'_, '_>, out: &mut Vec<Property>, all: &[[Longhand; 3]]) -> Option<()> {
    let from = *text;
    for side in all {
        *text = from;
        any_order(text, out, side)?;
    }
    Some(())
}

/// One to four radii across, and behind a slash as many down.
fn radius(text: &mut Cursor<'_, '_>, out: &mut Vec<Property>) -> Option<()> {
    let across = four(text)?;
    let down = if text.delim('/') {
        four(text)?
    } else {
        across.clone()
    };
    let corners = across.into_iter().zip(down);
    let make: [fn(CornerValue) -> Property; 4] = [
        Property::RadiusTopLeft,
        Property::RadiusTopRight,
        Property::RadiusBottomRight,
        Property::RadiusBottomLeft,
    ];
    out.extend(
        corners
            .zip(make)
            .map(|((x, y), make)| make(CornerValue(x, y))),
    );
    Some(())
}

fn four(text: &mut Cursor<'_, '_>) -> Option<[Positive; 4]> {
    let mut found = vec![Positive::parse(text)?];
    while found.len() < 4
        && let Some(next) = Positive::parse(text)
    {
        found.push(next);
    }
    let from = match found.len() {
        1 => [0, 0, 0, 0],
        2 => [0, 1, 0, 1],
        3 => [0, 1, 2, 1],
        _ => [0, 1, 2, 3],
    };
    Some(from.map(|at| found[at].clone()))
}
