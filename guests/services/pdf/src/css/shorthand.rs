//! Shorthands: one declaration that sets several properties. What is not said goes back to where it begins.

use super::cursor::Cursor;
use super::property::{Longhand, Property};
use super::token::Token;
use super::values::Parse as _;
use super::values::boxes::Display;
use super::values::content::Name;
use super::values::keyword::Position;

mod background;
mod border;
mod font;
mod grid;

use Longhand as L;

/// Reads the value of a shorthand; adds what it sets.
pub(crate) type Expand = fn(&mut Cursor<'_, '_>, &mut Vec<Property>) -> Option<()>;

/// A shorthand: what it sets, and how it is read.
#[derive(Clone, Copy)]
pub(crate) struct Shorthand {
    pub(crate) longhands: &'static [Longhand],
    pub(crate) expand: Expand,
}

impl std::fmt::Debug for Shorthand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Shorthand").field(&self.longhands).finish()
    }
}

/// A shorthand of these properties, which a function reads that is told of them.
macro_rules! shorthand {
    ($read:ident: $($longhand:ident),+) => {
        Shorthand {
            longhands: &[$(L::$longhand),+],
            expand: |text, out| $read(text, out, &[$(L::$longhand),+]),
        }
    };
}

/// The shorthand of that name.
pub(crate) fn of(name: &str) -> Option<Shorthand> {
    edges(name)
        .or_else(|| alignment(name))
        .or_else(|| several(name))
        .or_else(|| renamed(name))
        .or_else(|| border::of(name))
        .or_else(|| background::of(name))
        .or_else(|| font::of(name))
        .or_else(|| grid::of(name))
}

/// What surrounds a box.
fn edges(name: &str) -> Option<Shorthand> {
    Some(match name {
        "margin" => shorthand!(sides: MarginTop, MarginRight, MarginBottom, MarginLeft),
        "margin-block" => shorthand!(pair: MarginTop, MarginBottom),
        "margin-inline" => shorthand!(pair: MarginLeft, MarginRight),
        "padding" => shorthand!(sides: PaddingTop, PaddingRight, PaddingBottom, PaddingLeft),
        "padding-block" => shorthand!(pair: PaddingTop, PaddingBottom),
        "padding-inline" => shorthand!(pair: PaddingLeft, PaddingRight),
        "inset" => shorthand!(sides: Top, Right, Bottom, Left),
        "inset-block" => shorthand!(pair: Top, Bottom),
        "inset-inline" => shorthand!(pair: Left, Right),
        _ => return None,
    })
}

/// Both directions of a container.
fn alignment(name: &str) -> Option<Shorthand> {
    Some(match name {
        "overflow" => shorthand!(pair: OverflowX, OverflowY),
        "gap" | "grid-gap" => shorthand!(pair: RowGap, ColumnGap),
        "place-content" => shorthand!(pair: AlignContent, JustifyContent),
        "place-items" => shorthand!(pair: AlignItems, JustifyItems),
        "place-self" => shorthand!(pair: AlignSelf, JustifySelf),
        "flex-flow" => shorthand!(any_order: FlexDirection, FlexWrap),
        _ => return None,
    })
}

/// Several properties, or one value that comes in two parts.
fn several(name: &str) -> Option<Shorthand> {
    let made = |longhands: &'static [Longhand], expand: Expand| Shorthand { longhands, expand };
    Some(match name {
        "flex" => made(&[L::FlexGrow, L::FlexShrink, L::FlexBasis], flex),
        "list-style" => made(
            &[L::ListStyleType, L::ListStylePosition, L::ListStyleImage],
            list_style,
        ),
        "text-decoration" => {
            shorthand!(any_order: DecorationLine, DecorationStyle, DecorationColor, DecorationThickness)
        }
        "columns" => made(&[L::ColumnCount, L::ColumnWidth], columns),
        "column-rule" => {
            shorthand!(any_order: ColumnRuleWidth, ColumnRuleStyle, ColumnRuleColor)
        }
        "position" => made(&[L::Position, L::Running], position),
        "display" => made(&[L::Display], display),
        _ => return None,
    })
}

/// Other names of one property.
fn renamed(name: &str) -> Option<Shorthand> {
    Some(match name {
        "text-wrap" | "text-wrap-style" => shorthand!(keep: TextWrap),
        "page-break-before" => shorthand!(keep: BreakBefore),
        "page-break-after" => shorthand!(keep: BreakAfter),
        "page-break-inside" => shorthand!(keep: BreakInside),
        "word-wrap" => shorthand!(keep: OverflowWrap),
        "grid-row-gap" => shorthand!(keep: RowGap),
        "grid-column-gap" => shorthand!(keep: ColumnGap),
        "inline-size" => shorthand!(keep: Width),
        "block-size" => shorthand!(keep: Height),
        "min-inline-size" => shorthand!(keep: MinWidth),
        "min-block-size" => shorthand!(keep: MinHeight),
        "max-inline-size" => shorthand!(keep: MaxWidth),
        "max-block-size" => shorthand!(keep: MaxHeight),
        _ => return None,
    })
}

/// Reads one property and keeps it.
fn keep(text: &mut Cursor<'_, '_>, out: &mut Vec<Property>, one: &[Longhand; 1]) -> Option<()> {
    out.push(one[0].parse(text)?);
    Some(())
}

/// Adds what a property begins with: its value is read out of a text that says so.
fn reset(longhand: Longhand, initial: &'static str, out: &mut Vec<Property>) {
    let tokens = super::token::tokenize(initial);
    let property = Cursor::new(&tokens).whole(|text| longhand.parse(text));
    debug_assert!(property.is_some(), "{longhand:?}: {initial}");
    out.extend(property);
}

/// One to four values for top, right, bottom and left.
fn sides(text: &mut Cursor<'_, '_>, out: &mut Vec<Property>, all: &[Longhand; 4]) -> Option<()> {
    let mut places = [*text; 4];
    let mut n = 0;
    while n < 4 && !text.is_done() {
        places[n] = *text;
        all[n].parse(text)?;
        n += 1;
    }
    let from = match n {
        1 => [0, 0, 0, 0],
        2 => [0, 1, 0, 1],
        3 => [0, 1, 2, 1],
        4 => [0, 1, 2, 3],
        _ => return None,
    };
    for (longhand, from) in all.iter().zip(from) {
        let mut place = places[from];
        out.push(longhand.parse(&mut place)?);
    }
    Some(())
}

/// One value or two.
fn pair(text: &mut Cursor<'_, '_>, out: &mut Vec<Property>, both: &[Longhand; 2]) -> Option<()> {
    let mut first = *text;
    out.push(both[0].parse(text)?);
    match both[1].parse(text) {
        Some(second) => out.push(second),
        None => out.push(both[1].parse(&mut first)?),
    }
    Some(())
}

/// Each of them once at most, in whatever order; what is not there begins anew.
fn any_order(text: &mut Cursor<'_, '_>, out: &mut Vec<Property>, all: &[Longhand]) -> Option<()> {
    let mut found: Vec<Property> = Vec::new();
    while !text.is_done() {
        let next = all
            .iter()
            .filter(|longhand| found.iter().all(|p| p.longhand() != **longhand))
            .find_map(|longhand| text.attempt(|ahead| longhand.parse(ahead)))?;
        found.push(next);
    }
    if found.is_empty() {
        return None;
    }
    for longhand in all {
        if found
            .iter()
            .all(|property| property.longhand() != *longhand)
        {
            reset(*longhand, initial(*longhand), out);
        }
    }
    out.append(&mut found);
    Some(())
}

/// What properties begin with that shorthands reset, as text.
fn initial(longhand: Longhand) -> &'static str {
    match longhand {
        L::FlexDirection => "row",
        L::FlexWrap => "nowrap",
        L::DecorationStyle => "solid",
        L::DecorationThickness => "auto",
        L::ListStyleType => "disc",
        L::ListStylePosition => "outside",
        L::BackgroundColor => "transparent",
        L::BorderTopWidth
        | L::BorderRightWidth
        | L::BorderBottomWidth
        | L::BorderLeftWidth
        | L::OutlineWidth
        | L::ColumnRuleWidth => "medium",
        L::DecorationColor
        | L::BorderTopColor
        | L::BorderRightColor
        | L::BorderBottomColor
        | L::BorderLeftColor
        | L::OutlineColor
        | L::ColumnRuleColor => "currentcolor",
        _ => "none",
    }
}

fn flex(text: &mut Cursor<'_, '_>, out: &mut Vec<Property>) -> Option<()> {
    let mut set = |grow: &'static str, shrink: &'static str, basis: &'static str| {
        reset(L::FlexGrow, grow, out);
        reset(L::FlexShrink, shrink, out);
        reset(L::FlexBasis, basis, out);
        Some(())
    };
    if text.is_word("none") {
        return set("0", "0", "auto");
    }
    if text.is_word("auto") && text.is_done() {
        return set("1", "1", "auto");
    }
    let (mut grow, mut shrink, mut basis) = (None, None, None);
    while !text.is_done() {
        if grow.is_none()
            && let Some(found) = text.attempt(|ahead| {
                // A bare zero is a number here.
                ahead.space();
                matches!(
                    ahead.peek(),
                    Some(Token::Number { .. } | Token::Function(_))
                )
                .then(|| L::FlexGrow.parse(ahead))
                .flatten()
            })
        {
            grow = Some(found);
            shrink = text.attempt(|ahead| L::FlexShrink.parse(ahead));
        } else if basis.is_none() {
            basis = Some(L::FlexBasis.parse(text)?);
        } else {
            return None;
        }
    }
    let has_grow = grow.is_some();
    match grow {
        Some(grow) => out.push(grow),
        None => reset(L::FlexGrow, "1", out),
    }
    match shrink {
        Some(shrink) => out.push(shrink),
        None => reset(L::FlexShrink, "1", out),
    }
    match basis {
        Some(basis) => out.push(basis),
        None if has_grow => reset(L::FlexBasis, "0%", out),
        None => return None,
    }
    Some(())
}

fn list_style(text: &mut Cursor<'_, '_>, out: &mut Vec<Property>) -> Option<()> {
    // `none` alone is both no marker and no picture.
    if text.is_word("none") && text.is_done() {
        for longhand in [L::ListStyleType, L::ListStyleImage] {
            reset(longhand, "none", out);
        }
        reset(L::ListStylePosition, "outside", out);
        return Some(());
    }
    any_order(
        text,
        out,
        &[L::ListStylePosition, L::ListStyleImage, L::ListStyleType],
    )
}

fn columns(text: &mut Cursor<'_, '_>, out: &mut Vec<Property>) -> Option<()> {
    reset(L::ColumnCount, "auto", out);
    reset(L::ColumnWidth, "auto", out);
    let mut seen = false;
    while !text.is_done() {
        seen = true;
        if text.is_word("auto") {
            continue;
        }
        let count = text.attempt(|ahead| L::ColumnCount.parse(ahead));
        out.push(match count {
            Some(count) => count,
            None => L::ColumnWidth.parse(text)?,
        });
    }
    seen.then_some(())
}

fn position(text: &mut Cursor<'_, '_>, out: &mut Vec<Property>) -> Option<()> {
    let running = text.attempt(|ahead| {
        let (name, mut inside) = ahead.function()?;
        (&*name == "running").then(|| inside.ident().map(Into::into))?
    });
    match running {
        Some(name) => out.push(Property::Running(Name(Some(name)))),
        None => {
            out.push(Property::Position(Position::parse(text)?));
            out.push(Property::Running(Name(None)));
        }
    }
    Some(())
}

/// `display` in one word, or in two: outside and inside.
fn display(text: &mut Cursor<'_, '_>, out: &mut Vec<Property>) -> Option<()> {
    let mut first = *text;
    let one = text.attempt(Display::parse);
    if let Some(one) = one
        && text.is_done()
    {
        out.push(Property::Display(one));
        return Some(());
    }
    let outside = first.keyword(&[("block", true), ("inline", false)]);
    let inside = first.word()?;
    let is_block = outside.or_else(|| first.keyword(&[("block", true), ("inline", false)]));
    *text = first;
    let display = match (&*inside, is_block?) {
        ("flow", true) => Display::Block,
        ("flow", false) => Display::Inline,
        ("flow-root", true) => Display::FlowRoot,
        ("flow-root", false) => Display::InlineBlock,
        ("flex", true) => Display::Flex,
        ("flex", false) => Display::InlineFlex,
        ("grid", true) => Display::Grid,
        ("grid", false) => Display::InlineGrid,
        ("table", true) => Display::Table,
        ("table", false) => Display::InlineTable,
        ("list-item", _) => Display::ListItem,
        _ => return None,
    };
    out.push(Property::Display(display));
    Some(())
}
