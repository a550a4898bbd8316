//! Tracks: rows and columns, how wide each is, and the names of the lines between them.

use std::rc::Rc;

use crate::budget::COLUMNS_MAX;
use crate::css::cursor::Cursor;
use crate::css::token::{Bracket, Token};
use crate::css::values::length::{LengthPercentage, Lp};
use crate::css::values::{Compute, Context, Parse};

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
}
