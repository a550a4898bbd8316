//! Shorthands of grids.

use super::{L, Shorthand, reset};
use crate::css::cursor::Cursor;
use crate::css::property::{Longhand, Property};
use crate::css::token::Token;
use crate::css::values::Parse as _;
use crate::css::values::grid::{
    Areas, BreadthValue, GridLine, PartValue, TemplateValue, TrackValue,
};

const ROW: [Longhand; 2] = [L::GridRowStart, L::GridRowEnd];
const COLUMN: [Longhand; 2] = [L::GridColumnStart, L::GridColumnEnd];
const AREA: [Longhand; 4] = [
    L::GridRowStart,
    L::GridColumnStart,
    L::GridRowEnd,
    L::GridColumnEnd,
];
const TEMPLATE: [Longhand; 3] = [L::GridRows, L::GridColumns, L::GridAreas];
const GRID: [Longhand; 6] = [
    L::GridRows,
    L::GridColumns,
    L::GridAreas,
    L::GridAutoRows,
    L::GridAutoColumns,
    L::GridAutoFlow,
];

pub(super) fn of(name: &str) -> Option<Shorthand> {
    Some(match name {
        "grid-row" => Shorthand {
            longhands: &ROW,
            expand: |text, out| {
                let [start, end] = lines(text)?;
                out.extend([Property::GridRowStart(start), Property::GridRowEnd(end)]);
                Some(())
            },
        },
        "grid-column" => Shorthand {
            longhands: &COLUMN,
            expand: |text, out| {
                let [start, end] = lines(text)?;
                out.extend([
                    Property::GridColumnStart(start),
                    Property::GridColumnEnd(end),
                ]);
                Some(())
            },
        },
        "grid-area" => Shorthand {
            longhands: &AREA,
            expand: area,
        },
        "grid-template" => Shorthand {
            longhands: &TEMPLATE,
            expand: template,
        },
        "grid" => Shorthand {
            longhands: &GRID,
            expand: grid,
        },
        _ => return None,
    })
}

/// The end that follows from a start: the area of the same name, or the next line.
fn end_of(start: &GridLine) -> GridLine {
    match start {
        GridLine::Named(name, 0) => GridLine::Named(name.clone(), 0),
        _ => GridLine::Auto,
    }
}

fn lines(text: &mut Cursor<'_, '_>) -> Option<[GridLine; 2]> {
    let start = GridLine::parse(text)?;
    let end = if text.delim('/') {
        GridLine::parse(text)?
    } else {
        end_of(&start)
    };
    Some([start, end])
}

fn area(text: &mut Cursor<'_, '_>, out: &mut Vec<Property>) -> Option<()> {
    let row_start = GridLine::parse(text)?;
    let mut next = |otherwise: GridLine| {
        if text.delim('/') {
            GridLine::parse(text)
        } else {
            Some(otherwise)
        }
    };
    let column_start = next(end_of(&row_start))?;
    let row_end = next(end_of(&row_start))?;
    let column_end = next(end_of(&column_start))?;
    out.extend([
        Property::GridRowStart(row_start),
        Property::GridColumnStart(column_start),
        Property::GridRowEnd(row_end),
        Property::GridColumnEnd(column_end),
    ]);
    Some(())
}

fn template(text: &mut Cursor<'_, '_>, out: &mut Vec<Property>) -> Option<()> {
    if text.is_word("none") && text.is_done() {
        for longhand in TEMPLATE {
            reset(longhand, "none", out);
        }
        return Some(());
    }
    let has_picture = text
        .rest()
        .iter()
        .any(|spanned| matches!(spanned.token, Token::Str(_)));
    if !has_picture {
        let rows = TemplateValue::parse(text)?;
        if !text.delim('/') {
            return None;
        }
        let columns = TemplateValue::parse(text)?;
        out.extend([Property::GridRows(rows), Property::GridColumns(columns)]);
        reset(L::GridAreas, "none", out);
        return Some(());
    }
    picture(text, out)
}

/// Rows of words, each with its height behind it, and the widths of the columns behind a slash.
fn picture(text: &mut Cursor<'_, '_>, out: &mut Vec<Property>) -> Option<()> {
    let mut rows: Vec<&str> = Vec::new();
    let mut parts: Vec<PartValue> = Vec::new();
    loop {
        // Names of lines may stand around each row.
        while let Some(mut names) = text.bracketed(crate::css::token::Bracket::Square) {
            let mut found = Vec::new();
            while let Some(name) = names.ident() {
                found.push(name.into());
            }
            parts.push(PartValue::Names(found.into()));
        }
        let Some(row) = text.string() else { break };
        rows.push(row);
        let height = text.attempt(TrackValue::parse);
        parts.push(PartValue::Track(
            height.unwrap_or(TrackValue::Breadth(BreadthValue::Auto)),
        ));
    }
    let areas = Areas::of(&rows)?;
    let columns = if text.delim('/') {
        TemplateValue::parse(text)?
    } else {
        TemplateValue(Vec::new())
    };
    out.extend([
        Property::GridRows(TemplateValue(parts)),
        Property::GridColumns(columns),
        Property::GridAreas(areas),
    ]);
    Some(())
}

fn grid(text: &mut Cursor<'_, '_>, out: &mut Vec<Property>) -> Option<()> {
    reset(L::GridAutoRows, "auto", out);
    reset(L::GridAutoColumns, "auto", out);
    reset(L::GridAutoFlow, "row", out);
    let from = *text;
    if template(text, out).is_some() && text.is_done() {
        return Some(());
    }
    *text = from;
    for longhand in TEMPLATE {
        reset(longhand, "none", out);
    }
    let flows = |text: &mut Cursor<'_, '_>| {
        let mut dense = text.is_word("dense");
        let there = text.is_word("auto-flow");
        dense |= text.is_word("dense");
        there.then_some(dense)
    };
    if let Some(dense) = flows(text) {
        out.extend(text.attempt(|ahead| L::GridAutoRows.parse(ahead)));
        if !text.delim('/') {
            return None;
        }
        out.push(Property::GridColumns(TemplateValue::parse(text)?));
        reset(
            L::GridAutoFlow,
            if dense { "row dense" } else { "row" },
            out,
        );
        return Some(());
    }
    out.push(Property::GridRows(TemplateValue::parse(text)?));
    if !text.delim('/') {
        return None;
    }
    let dense = flows(text)?;
    reset(
        L::GridAutoFlow,
        if dense { "column dense" } else { "column" },
        out,
    );
    out.extend(text.attempt(|ahead| L::GridAutoColumns.parse(ahead)));
    Some(())
}
