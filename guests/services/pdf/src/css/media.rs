//! Conditions: what `@media` and `@supports` ask. The medium is paper, in colour, and nobody hovers over it.

use super::cursor::{Cursor, lower};
use super::declaration::Target;
use super::token::{Bracket, Token, tokenize};
use super::values::length::{Length, Number};
use super::values::{Compute as _, Context, Parse as _};
use crate::budget::NESTING_MAX;

/// The page that conditions are held against, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Paper {
    pub(crate) width: f32,
    pub(crate) height: f32,
}

/// Whether one of the queries holds; none at all holds always.
pub(crate) fn holds(text: Cursor<'_, '_>, paper: Paper) -> bool {
    text.is_done() || text.parts().into_iter().any(|part| query(part, paper))
}

/// The same of an attribute.
pub(crate) fn matches_media(text: &str, paper: Paper) -> bool {
    let tokens = tokenize(text);
    holds(Cursor::new(&tokens), paper)
}

fn query(mut text: Cursor<'_, '_>, paper: Paper) -> bool {
    let before = text;
    if text.is_word("not") {
        let mut rest = text;
        // `not print and …` is one thing, `not (…)` another.
        if rest.ident().is_some() {
            return whole(text, paper, 0).is_some_and(|holds| !holds);
        }
        text = before;
    } else {
        text.is_word("only");
    }
    whole(text, paper, 0).unwrap_or(false)
}

/// A medium and conditions; `None` where it cannot be read.
fn whole(mut text: Cursor<'_, '_>, paper: Paper, depth: usize) -> Option<bool> {
    let mut result = true;
    let mut ahead = text;
    if let Some(medium) = ahead.word()
        && &*medium != "not"
    {
        result = matches!(&*medium, "print" | "all");
        text = ahead;
        if text.is_done() {
            return Some(result);
        }
        if !text.is_word("and") {
            return None;
        }
    }
    Some(condition(text, &|text| feature(text, paper), depth)? && result)
}

/// `(…) and (…)`, `(…) or (…)`, `not (…)`.
fn condition(
    mut text: Cursor<'_, '_>,
    test: &dyn Fn(Cursor<'_, '_>) -> Option<bool>,
    depth: usize,
) -> Option<bool> {
    if depth > NESTING_MAX {
        return None;
    }
    if text.is_word("not") {
        let inside = one(&mut text, test, depth)?;
        return text.is_done().then_some(!inside);
    }
    let mut result = one(&mut text, test, depth)?;
    while !text.is_done() {
        let is_and = text.keyword(&[("and", true), ("or", false)])?;
        let next = if text.is_word("not") {
            !one(&mut text, test, depth)?
        } else {
            one(&mut text, test, depth)?
        };
        result = if is_and {
            result && next
        } else {
            result || next
        };
    }
    Some(result)
}

fn one(
    text: &mut Cursor<'_, '_>,
    test: &dyn Fn(Cursor<'_, '_>) -> Option<bool>,
    depth: usize,
) -> Option<bool> {
    if let Some(inside) = text.bracketed(Bracket::Round) {
        return test(inside).or_else(|| condition(inside, test, depth + 1));
    }
    // Functions such as `selector(…)` that `test` may know.
    let before = *text;
    text.function()?;
    let span = before.rest().len() - text.rest().len();
    test(Cursor::new(&before.rest()[..span]))
}

fn feature(mut text: Cursor<'_, '_>, paper: Paper) -> Option<bool> {
    if let Some(range) = range(text, paper) {
        return Some(range);
    }
    let name = text.word()?;
    let length = |text: &mut Cursor<'_, '_>| {
        let tokens = Length::parse(text)?;
        text.is_done().then(|| tokens.compute(&context(paper)))
    };
    text.space();
    if text.peek().is_none() {
        return Some(matches!(
            &*name,
            "color" | "width" | "height" | "resolution" | "aspect-ratio"
        ));
    }
    if text.next() != Some(&Token::Colon) {
        return None;
    }
    Some(match &*name {
        "width" | "device-width" => length(&mut text)? == paper.width,
        "min-width" | "min-device-width" => paper.width >= length(&mut text)?,
        "max-width" | "max-device-width" => paper.width <= length(&mut text)?,
        "height" | "device-height" => length(&mut text)? == paper.height,
        "min-height" | "min-device-height" => paper.height >= length(&mut text)?,
        "max-height" | "max-device-height" => paper.height <= length(&mut text)?,
        "orientation" => text.is_word(if paper.width > paper.height {
            "landscape"
        } else {
            "portrait"
        }),
        "prefers-color-scheme" => text.is_word("light"),
        "prefers-reduced-motion" => text.is_word("reduce"),
        "prefers-contrast" => text.is_word("no-preference"),
        "hover" | "any-hover" | "pointer" | "any-pointer" | "scripting" | "update"
        | "overflow-inline" => text.is_word("none"),
        "overflow-block" => text.is_word("paged"),
        "color" | "min-color" => Number::parse(&mut text)?.0 <= 8.0,
        "monochrome" | "grid" => Number::parse(&mut text)?.0 == 0.0,
        "color-gamut" => text.is_word("srgb"),
        "min-resolution" | "-webkit-min-device-pixel-ratio" => true,
        _ => false,
    })
}

fn context(paper: Paper) -> Context {
    Context {
        font_size: 16.0,
        root_font_size: 16.0,
        line_height: 18.0,
        root_line_height: 18.0,
        page_width: paper.width,
        page_height: paper.height,
        parent_weight: 400.0,
    }
}

/// `600px <= width < 900px`, or a part of it.
fn range(mut text: Cursor<'_, '_>, paper: Paper) -> Option<bool> {
    #[derive(Clone, Copy)]
    enum Side {
        Feature(f32),
        Length(f32),
    }
    let side = |text: &mut Cursor<'_, '_>| {
        let named = text.keyword(&[("width", paper.width), ("height", paper.height)]);
        match named {
            Some(value) => Some(Side::Feature(value)),
            None => Length::parse(text).map(|length| Side::Length(length.compute(&context(paper)))),
        }
    };
    let value = |side: Side| match side {
        Side::Feature(value) | Side::Length(value) => value,
    };
    let mut left = side(&mut text)?;
    let mut result = true;
    let mut compared = false;
    while !text.is_done() {
        let less = text.delim('<');
        let more = !less && text.delim('>');
        let equal = text.delim('=');
        let right = side(&mut text)?;
        let (a, b) = (value(left), value(right));
        if !matches!(left, Side::Feature(_)) && !matches!(right, Side::Feature(_)) {
            return None;
        }
        result &= match (less, more, equal) {
            (true, _, false) => a < b,
            (true, _, true) => a <= b,
            (_, true, false) => a > b,
            (_, true, true) => a >= b,
            (false, false, true) => a == b,
            _ => return None,
        };
        compared = true;
        left = right;
    }
    compared.then_some(result)
}

/// Whether what `@supports` asks for is there.
pub(crate) fn supported(text: Cursor<'_, '_>) -> bool {
    condition(text, &declaration, 0).unwrap_or(false)
}

fn declaration(mut text: Cursor<'_, '_>) -> Option<bool> {
    if let Some((name, inside)) = { text }.function() {
        return Some(match &*name {
            "selector" => super::selector::parse(inside, None).is_some(),
            _ => false,
        });
    }
    let name = text.ident()?;
    text.space();
    if text.next() != Some(&Token::Colon) {
        return None;
    }
    if name.starts_with("--") {
        return Some(true);
    }
    let known = Target::of(&lower(name)).and_then(|target| target.read(Cursor::new(text.rest())));
    Some(known.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::css::token::tokenize;

    fn on_a4(query: &str) -> bool {
        let tokens = tokenize(query);
        let paper = Paper {
            width: 794.0,
            height: 1_123.0,
        };
        holds(Cursor::new(&tokens), paper)
    }

    #[test]
    fn media() {
        for yes in [
            "",
            "print",
            "ALL",
            "screen, print",
            "only print and (min-width: 600px)",
            "(max-width: 10in)",
            "(orientation: portrait)",
            "not screen",
            "not (min-width: 2000px)",
            "(width >= 600px) and (width < 900px)",
            "(600px <= width <= 900px)",
            "(hover: none) and (prefers-color-scheme: light)",
            "(min-width: 2000px) or (color)",
        ] {
            assert!(on_a4(yes), "{yes}");
        }
        for no in [
            "screen",
            "print and (min-width: 2000px)",
            "not print",
            "(orientation: landscape)",
            "(600px < 700px)",
            "(prefers-color-scheme: dark)",
            "(unknown-thing: 3)",
            "print and",
            "and",
        ] {
            assert!(!on_a4(no), "{no}");
        }
    }

    #[test]
    fn supports() {
        let asks = |text: &str| supported(Cursor::new(&tokenize(text)));
        assert!(asks("(display: grid)"));
        assert!(asks("(display: grid) and (not (display: inline-masonry))"));
        assert!(asks("selector(:has(a))"));
        assert!(asks("(--x: 1)"));
        assert!(!asks("(display: masonry)"));
        assert!(!asks("(backdrop-filter: blur(3px))"));
        assert!(!asks("not (display: grid)"));
    }
}
