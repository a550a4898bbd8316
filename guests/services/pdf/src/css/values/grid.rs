//! Flex and grid: areas and lines here, tracks and alignment below.

mod align;
mod tracks;

use std::rc::Rc;

use super::{Parse, plain};
use crate::budget::COLUMNS_MAX;
use crate::css::cursor::Cursor;

pub(crate) use align::{Align, FlexBasis};
pub(crate) use tracks::{
    AutoTracks, Breadth, BreadthValue, Part, PartValue, Repeat, TemplateValue, Track, TrackValue,
};

/// A named area: its rows and columns, from 1, the last excluded.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Area {
    pub(crate) name: Rc<str>,
    pub(crate) rows: (u16, u16),
    pub(crate) columns: (u16, u16),
}

/// A picture of a grid in words.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Areas {
    pub(crate) areas: Rc<[Area]>,
    pub(crate) rows: u16,
    pub(crate) columns: u16,
}

plain!(Areas);

impl Parse for Areas {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        if text.is_word("none") {
            return Some(Areas::default());
        }
        let mut rows: Vec<&str> = Vec::new();
        while let Some(row) = text.string() {
            rows.push(row);
        }
        Areas::of(&rows)
    }
}

impl Areas {
    pub(crate) fn of(rows: &[&str]) -> Option<Areas> {
        let rows: Vec<Vec<&str>> = rows
            .iter()
            .map(|row| row.split_ascii_whitespace().collect())
            .collect();
        let columns = rows.first()?.len();
        let fits = |n: usize| (1..=COLUMNS_MAX).contains(&n);
        if !fits(columns) || !fits(rows.len()) || rows.iter().any(|row| row.len() != columns) {
            return None;
        }
        let mut areas: Vec<Area> = Vec::new();
        for (y, row) in rows.iter().enumerate() {
            for (x, name) in row.iter().enumerate() {
                if name.chars().all(|c| c == '.') {
                    continue;
                }
                let (x, y) = (x as u16 + 1, y as u16 + 1);
                match areas.iter_mut().find(|area| &*area.name == *name) {
                    Some(area) => {
                        area.columns = (area.columns.0.min(x), area.columns.1.max(x + 1));
                        area.rows = (area.rows.0.min(y), area.rows.1.max(y + 1));
                    }
                    None => areas.push(Area {
                        name: (*name).into(),
                        rows: (y, y + 1),
                        columns: (x, x + 1),
                    }),
                }
            }
        }
        // An area that is no rectangle makes the whole picture invalid.
        let named = |area: &Area| {
            (area.rows.0..area.rows.1).all(|y| {
                (area.columns.0..area.columns.1)
                    .all(|x| rows[usize::from(y) - 1][usize::from(x) - 1] == &*area.name)
            })
        };
        areas.iter().all(named).then(|| Areas {
            areas: areas.into(),
            rows: rows.len() as u16,
            columns: columns as u16,
        })
    }
}

/// A line of a grid, or so many tracks from one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum GridLine {
    #[default]
    Auto,
    Line(i16),
    Named(Rc<str>, i16),
    Span(u16),
    NamedSpan(Rc<str>, u16),
}

plain!(GridLine);

impl Parse for GridLine {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        if text.is_word("auto") {
            return Some(GridLine::Auto);
        }
        text.attempt(|ahead| {
            let (mut span, mut number, mut name) = (false, None, None);
            loop {
                if !span && ahead.is_word("span") {
                    span = true;
                } else if number.is_none()
                    && let Some(found) = ahead.integer()
                {
                    number = Some(found.clamp(-(COLUMNS_MAX as i32), COLUMNS_MAX as i32) as i16);
                } else if name.is_none()
                    && let Some(found) = ahead.ident()
                {
                    name = Some(Rc::from(found));
                } else {
                    break;
                }
            }
            Some(match (span, number, name) {
                (true, number, None) => GridLine::Span(number?.unsigned_abs().max(1)),
                (true, number, Some(name)) => {
                    GridLine::NamedSpan(name, number.unwrap_or(1).unsigned_abs().max(1))
                }
                (false, Some(0), _) => return None,
                (false, Some(line), None) => GridLine::Line(line),
                (false, line, Some(name)) => GridLine::Named(name, line.unwrap_or(0)),
                (false, None, None) => return None,
            })
        })
    }
}

/// Which way a grid is filled, and whether holes are filled too.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct AutoFlow {
    pub(crate) column: bool,
    pub(crate) dense: bool,
}

plain!(AutoFlow);

impl Parse for AutoFlow {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        let mut flow = AutoFlow::default();
        let mut seen = false;
        while let Some(word) = text.keyword(&[("row", 0), ("column", 1), ("dense", 2)]) {
            seen = true;
            match word {
                1 => flow.column = true,
                2 => flow.dense = true,
                _ => {}
            }
        }
        seen.then_some(flow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::css::token::tokenize;

    #[test]
    fn areas() {
        let found = Areas::of(&["a a b", "a a .", "c c c"]).unwrap();
        assert_eq!(found.areas.len(), 3);
        assert_eq!(
            (found.areas[0].rows, found.areas[0].columns),
            ((1, 3), (1, 3))
        );
        assert_eq!(Areas::of(&["a b", "b a"]), None, "no rectangles");
        assert_eq!(Areas::of(&["a b", "a"]), None);
    }

    #[test]
    fn lines() {
        let read = |text: &str| {
            let tokens = tokenize(text);
            Cursor::new(&tokens).whole(GridLine::parse)
        };
        assert_eq!(read("span 2"), Some(GridLine::Span(2)));
        assert_eq!(read("-1"), Some(GridLine::Line(-1)));
        assert_eq!(read("head 2"), Some(GridLine::Named("head".into(), 2)));
        assert_eq!(read("0"), None);
        assert_eq!(read("span"), None);
    }
}
