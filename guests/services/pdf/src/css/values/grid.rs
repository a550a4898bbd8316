//! Flex and grid: tracks, areas, lines, alignment.

use std::rc::Rc;

use super::length::{LengthPercentage, Lp, Size, SizeValue};
use super::{Compute, Context, Parse, plain};
use crate::budget::COLUMNS_MAX;
use crate::css::cursor::Cursor;
use crate::css::token::{Bracket, Token};

/// How wide a track is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum BreadthValue {
    Auto,
    MinContent,
    MaxContent,
    Length(LengthPercentage),
    Fraction(f32),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Breadth {
    Auto,
    MinContent,
    MaxContent,
    Length(Lp),
    Fraction(f32),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TrackValue {
    Breadth(BreadthValue),
    MinMax(BreadthValue, BreadthValue),
    FitContent(LengthPercentage),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Track {
    Breadth(Breadth),
    MinMax(Breadth, Breadth),
    FitContent(Lp),
}

/// Tracks of a grid's template, with the names of the lines between them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PartValue {
    Names(Rc<[Rc<str>]>),
    Track(TrackValue),
    Repeat(Repeat, Vec<PartValue>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    Names(Rc<[Rc<str>]>),
    Track(Track),
    Repeat(Repeat, Vec<Part>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    Times(u16),
    Fill,
    Fit,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TemplateValue(pub(crate) Vec<PartValue>);

impl BreadthValue {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        let mut ahead = *text;
        let named = match ahead.word().as_deref() {
            Some("auto") => Some(BreadthValue::Auto),
            Some("min-content") => Some(BreadthValue::MinContent),
            Some("max-content") => Some(BreadthValue::MaxContent),
            _ => None,
        };
        if named.is_some() {
            *text = ahead;
            return named;
        }
        let fraction = text.attempt(|ahead| {
            ahead.space();
            match ahead.next()? {
                Token::Dimension { value, unit }
                    if unit.eq_ignore_ascii_case("fr") && *value >= 0.0 =>
                {
                    Some(BreadthValue::Fraction(*value))
                }
                _ => None,
            }
        });
        fraction.or_else(|| LengthPercentage::parse_positive(text).map(BreadthValue::Length))
    }
}

impl Compute for BreadthValue {
    type Computed = Breadth;

    fn compute(&self, context: &Context) -> Breadth {
        match self {
            BreadthValue::Auto => Breadth::Auto,
            BreadthValue::MinContent => Breadth::MinContent,
            BreadthValue::MaxContent => Breadth::MaxContent,
            BreadthValue::Length(length) => Breadth::Length(length.compute(context)),
            BreadthValue::Fraction(fraction) => Breadth::Fraction(*fraction),
        }
    }
}

impl Parse for TrackValue {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        if let Some(breadth) = BreadthValue::parse(text) {
            return Some(TrackValue::Breadth(breadth));
        }
        text.attempt(|ahead| {
            let (name, inside) = ahead.function()?;
            match &*name {
                "minmax" => {
                    let [min, max] = <[_; 2]>::try_from(inside.parts()).ok()?;
                    let min = min.whole(BreadthValue::parse)?;
                    let max = max.whole(BreadthValue::parse)?;
                    (!matches!(min, BreadthValue::Fraction(_)))
                        .then_some(TrackValue::MinMax(min, max))
                }
                "fit-content" => inside
                    .whole(LengthPercentage::parse_positive)
                    .map(TrackValue::FitContent),
                _ => None,
            }
        })
    }
}

impl Compute for TrackValue {
    type Computed = Track;

    fn compute(&self, context: &Context) -> Track {
        match self {
            TrackValue::Breadth(breadth) => Track::Breadth(breadth.compute(context)),
            TrackValue::MinMax(min, max) => {
                Track::MinMax(min.compute(context), max.compute(context))
            }
            TrackValue::FitContent(limit) => Track::FitContent(limit.compute(context)),
        }
    }
}

fn part(text: &mut Cursor<'_, '_>, may_repeat: bool) -> Option<PartValue> {
    if let Some(mut inside) = text.bracketed(Bracket::Square) {
        let mut names = Vec::new();
        while let Some(name) = inside.ident() {
            names.push(Rc::from(name));
        }
        return inside.is_done().then(|| PartValue::Names(names.into()));
    }
    if let Some(track) = TrackValue::parse(text) {
        return Some(PartValue::Track(track));
    }
    if !may_repeat {
        return None;
    }
    text.attempt(|ahead| {
        let (name, inside) = ahead.function()?;
        if &*name != "repeat" {
            return None;
        }
        let [count, tracks] = <[_; 2]>::try_from(inside.parts()).ok()?;
        let count = count.whole(|text| {
            let named = text.keyword(&[("auto-fill", Repeat::Fill), ("auto-fit", Repeat::Fit)]);
            named.or_else(|| {
                let times = text.integer().filter(|times| *times >= 1)?;
                u16::try_from(times)
                    .ok()
                    .filter(|times| usize::from(*times) <= COLUMNS_MAX)
                    .map(Repeat::Times)
            })
        })?;
        let parts = tracks.whole(|text| parts(text, false))?;
        Some(PartValue::Repeat(count, parts))
    })
}

fn parts(text: &mut Cursor<'_, '_>, may_repeat: bool) -> Option<Vec<PartValue>> {
    let mut out = Vec::new();
    while let Some(part) = part(text, may_repeat) {
        out.push(part);
        if out.len() > COLUMNS_MAX {
            return None;
        }
    }
    (!out.is_empty()).then_some(out)
}

impl Parse for TemplateValue {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        if text
            .keyword(&[("none", ()), ("subgrid", ()), ("masonry", ())])
            .is_some()
        {
            text.until(|token| *token == Token::Delim('/'));
            return Some(TemplateValue(Vec::new()));
        }
        parts(text, true).map(TemplateValue)
    }
}

impl Compute for PartValue {
    type Computed = Part;

    fn compute(&self, context: &Context) -> Part {
        match self {
            PartValue::Names(names) => Part::Names(names.clone()),
            PartValue::Track(track) => Part::Track(track.compute(context)),
            PartValue::Repeat(repeat, parts) => Part::Repeat(
                *repeat,
                parts.iter().map(|part| part.compute(context)).collect(),
            ),
        }
    }
}

impl Compute for TemplateValue {
    type Computed = Rc<[Part]>;

    fn compute(&self, context: &Context) -> Rc<[Part]> {
        self.0.iter().map(|part| part.compute(context)).collect()
    }
}

/// Tracks that are made as they are needed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AutoTracks(Vec<TrackValue>);

impl Parse for AutoTracks {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        let mut tracks = Vec::new();
        while let Some(track) = TrackValue::parse(text) {
            tracks.push(track);
        }
        (!tracks.is_empty()).then_some(AutoTracks(tracks))
    }
}

impl Compute for AutoTracks {
    type Computed = Rc<[Track]>;

    fn compute(&self, context: &Context) -> Rc<[Track]> {
        self.0.iter().map(|track| track.compute(context)).collect()
    }
}

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

/// How items or tracks stand in the room they have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Align {
    /// As it is for this kind of box.
    #[default]
    Normal,
    Auto,
    Start,
    End,
    FlexStart,
    FlexEnd,
    Center,
    Baseline,
    LastBaseline,
    Stretch,
    SpaceBetween,
    SpaceAround,
    SpaceEvenly,
    Left,
    Right,
}

plain!(Align);

impl Parse for Align {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        text.attempt(|ahead| {
            // Whether it may overflow makes no difference on paper.
            ahead.keyword(&[("safe", ()), ("unsafe", ()), ("first", ()), ("legacy", ())]);
            if ahead.is_word("last") {
                return ahead.is_word("baseline").then_some(Align::LastBaseline);
            }
            ahead.keyword(&[
                ("normal", Align::Normal),
                ("auto", Align::Auto),
                ("start", Align::Start),
                ("self-start", Align::Start),
                ("end", Align::End),
                ("self-end", Align::End),
                ("flex-start", Align::FlexStart),
                ("flex-end", Align::FlexEnd),
                ("center", Align::Center),
                ("baseline", Align::Baseline),
                ("stretch", Align::Stretch),
                ("space-between", Align::SpaceBetween),
                ("space-around", Align::SpaceAround),
                ("space-evenly", Align::SpaceEvenly),
                ("left", Align::Left),
                ("right", Align::Right),
            ])
        })
    }
}

/// How large a flex item is before room is shared out; `None` is what it contains.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FlexBasis(pub(crate) Option<SizeValue>);

impl Parse for FlexBasis {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        if text.is_word("content") {
            return Some(FlexBasis(None));
        }
        SizeValue::parse(text).map(|size| FlexBasis(Some(size)))
    }
}

impl Compute for FlexBasis {
    type Computed = Option<Size>;

    fn compute(&self, context: &Context) -> Option<Size> {
        self.0.as_ref().map(|size| size.compute(context))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::css::token::tokenize;

    fn template(text: &str) -> Option<Rc<[Part]>> {
        let tokens = tokenize(text);
        Cursor::new(&tokens)
            .whole(TemplateValue::parse)
            .map(|t| t.compute(&Context::sample()))
    }

    #[test]
    fn templates() {
        assert_eq!(
            template("[a] 1fr minmax(10px, auto) repeat(2, [b] 20%)").as_deref(),
            Some(
                &[
                    Part::Names(Rc::from(["a".into()])),
                    Part::Track(Track::Breadth(Breadth::Fraction(1.0))),
                    Part::Track(Track::MinMax(Breadth::Length(Lp::Px(10.0)), Breadth::Auto)),
                    Part::Repeat(
                        Repeat::Times(2),
                        vec![
                            Part::Names(Rc::from(["b".into()])),
                            Part::Track(Track::Breadth(Breadth::Length(Lp::Share(0.2))))
                        ]
                    )
                ][..]
            )
        );
        assert_eq!(template("none").map(|t| t.len()), Some(0));
        for wrong in [
            "",
            "repeat(0, 1fr)",
            "minmax(1fr, 2fr)",
            "repeat(2, repeat(2, 1fr))",
        ] {
            assert_eq!(template(wrong), None, "{wrong}");
        }
        assert!(template(&format!("repeat({COLUMNS_MAX}, 1px)")).is_some());
        assert!(template(&format!("repeat({}, 1px)", COLUMNS_MAX + 1)).is_none());
    }

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
