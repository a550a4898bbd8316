//! Pictures of backgrounds and the like: addresses and gradients.

use std::rc::Rc;

use super::color::Color;
use super::length::{LengthPercentage, Lp};
use super::shape::{Angle, Position, PositionValue};
use super::{Compute, Context, Parse};
use crate::css::cursor::Cursor;

/// A picture, as it was read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ImageValue {
    None,
    Url(Rc<str>),
    Gradient(Rc<GradientValue>),
}

/// A picture for one element.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Image {
    #[default]
    None,
    Url(Rc<str>),
    Gradient(Rc<Gradient>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GradientValue {
    line: LineValue,
    repeats: bool,
    stops: Vec<StopValue>,
}

#[derive(Clone, Debug, PartialEq)]
enum LineValue {
    Linear(Direction),
    Radial {
        circle: bool,
        extent: ExtentValue,
        at: PositionValue,
    },
    Conic {
        from: f32,
        at: PositionValue,
    },
}

#[derive(Clone, Debug, PartialEq)]
enum ExtentValue {
    Named(Extent),
    Radii(LengthPercentage, LengthPercentage),
}

#[derive(Clone, Debug, PartialEq)]
struct StopValue {
    color: Color,
    at: Option<LengthPercentage>,
    /// Where two colours next to it are mixed evenly; such a stop has no colour of its own.
    is_hint: bool,
}

/// Which way a linear gradient goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Direction {
    /// Degrees from upwards, clockwise.
    Angle(f32),
    /// Towards a corner: -1, 0 or 1 across, and down.
    Corner(f32, f32),
}

/// How far a radial gradient goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Extent {
    ClosestSide,
    FarthestSide,
    ClosestCorner,
    FarthestCorner,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Gradient {
    pub(crate) line: Line,
    pub(crate) repeats: bool,
    pub(crate) stops: Vec<Stop>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Line {
    Linear(Direction),
    Radial {
        circle: bool,
        extent: Result<Extent, (Lp, Lp)>,
        at: Position,
    },
    Conic {
        from: f32,
        at: Position,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stop {
    pub(crate) color: Color,
    pub(crate) at: Option<Lp>,
    pub(crate) is_hint: bool,
}

impl Parse for ImageValue {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        if text.is_word("none") {
            return Some(ImageValue::None);
        }
        if let Some(url) = text.url() {
            return Some(ImageValue::Url(url.into()));
        }
        text.attempt(|ahead| {
            let (name, inside) = ahead.function()?;
            let name = name.strip_prefix("-webkit-").unwrap_or(&name);
            if matches!(name, "image-set") {
                // The first of several resolutions; vectors do not care.
                let mut first = inside.parts().into_iter().next()?;
                return first
                    .string()
                    .map(|url| ImageValue::Url(url.into()))
                    .or_else(|| ImageValue::parse(&mut first));
            }
            gradient(name, inside).map(|gradient| ImageValue::Gradient(Rc::new(gradient)))
        })
    }
}

fn gradient(name: &str, inside: Cursor<'_, '_>) -> Option<GradientValue> {
    let (repeats, kind) = match name.strip_prefix("repeating-") {
        Some(rest) => (true, rest),
        None => (false, name),
    };
    let mut parts = inside.parts().into_iter().peekable();
    let head = *parts.peek()?;
    let line = match kind {
        "linear-gradient" => head.whole(direction).map(LineValue::Linear),
        "radial-gradient" => head.whole(radial),
        "conic-gradient" => head.whole(conic),
        _ => return None,
    };
    let line = match line {
        Some(line) => {
            parts.next();
            line
        }
        None => match kind {
            "linear-gradient" => LineValue::Linear(Direction::Angle(180.0)),
            "radial-gradient" => LineValue::Radial {
                circle: false,
                extent: ExtentValue::Named(Extent::FarthestCorner),
                at: PositionValue::center(),
            },
            _ => LineValue::Conic {
                from: 0.0,
                at: PositionValue::center(),
            },
        },
    };
    let is_conic = kind == "conic-gradient";
    let mut stops = Vec::new();
    for part in parts {
        stop(part, is_conic, &mut stops)?;
    }
    (stops.iter().filter(|stop| !stop.is_hint).count() >= 1).then_some(GradientValue {
        line,
        repeats,
        stops,
    })
}

fn direction(text: &mut Cursor<'_, '_>) -> Option<Direction> {
    if let Some(angle) = Angle::parse(text) {
        return Some(Direction::Angle(angle.0));
    }
    let has_to = text.is_word("to");
    let sides = [
        ("left", (-1.0, 0.0)),
        ("right", (1.0, 0.0)),
        ("top", (0.0, -1.0)),
        ("bottom", (0.0, 1.0)),
    ];
    let (mut x, mut y) = text.keyword(&sides)?;
    if let Some((x2, y2)) = text.keyword(&sides) {
        x += x2;
        y += y2;
    }
    // The old way of writing it says where it comes from.
    let sign: f32 = if has_to { 1.0 } else { -1.0 };
    let (x, y): (f32, f32) = (x * sign, y * sign);
    Some(match (x as i8, y as i8) {
        (0, -1) => Direction::Angle(0.0),
        (1, 0) => Direction::Angle(90.0),
        (0, 1) => Direction::Angle(180.0),
        (-1, 0) => Direction::Angle(270.0),
        (x @ (-1 | 1), y @ (-1 | 1)) => Direction::Corner(f32::from(x), f32::from(y)),
        _ => return None,
    })
}

fn radial(text: &mut Cursor<'_, '_>) -> Option<LineValue> {
    let mut circle = None;
    let mut extent = None;
    let mut seen = false;
    loop {
        if circle.is_none()
            && let Some(found) = text.keyword(&[("circle", true), ("ellipse", false)])
        {
            circle = Some(found);
        } else if extent.is_none()
            && let Some(found) = extent_of(text)
        {
            extent = Some(found);
        } else {
            break;
        }
        seen = true;
    }
    let at = if text.is_word("at") {
        seen = true;
        PositionValue::parse(text)?
    } else {
        PositionValue::center()
    };
    if !seen {
        return None;
    }
    let one_radius = matches!(&extent, Some((_, true)));
    Some(LineValue::Radial {
        circle: circle.unwrap_or(one_radius),
        extent: extent.map_or(ExtentValue::Named(Extent::FarthestCorner), |(extent, _)| {
            extent
        }),
        at,
    })
}

/// An extent, and whether it is a single radius.
fn extent_of(text: &mut Cursor<'_, '_>) -> Option<(ExtentValue, bool)> {
    let named = text.keyword(&[
        ("closest-side", Extent::ClosestSide),
        ("farthest-side", Extent::FarthestSide),
        ("closest-corner", Extent::ClosestCorner),
        ("farthest-corner", Extent::FarthestCorner),
    ]);
    if let Some(extent) = named {
        return Some((ExtentValue::Named(extent), false));
    }
    let x = LengthPercentage::parse_positive(text)?;
    Some(match LengthPercentage::parse_positive(text) {
        Some(y) => (ExtentValue::Radii(x, y), false),
        None => (ExtentValue::Radii(x.clone(), x), true),
    })
}

fn conic(text: &mut Cursor<'_, '_>) -> Option<LineValue> {
    let from = if text.is_word("from") {
        Some(Angle::parse(text)?.0)
    } else {
        None
    };
    let at = if text.is_word("at") {
        Some(PositionValue::parse(text)?)
    } else {
        None
    };
    if from.is_none() && at.is_none() {
        return None;
    }
    Some(LineValue::Conic {
        from: from.unwrap_or(0.0),
        at: at.unwrap_or_else(PositionValue::center),
    })
}

fn stop(mut part: Cursor<'_, '_>, is_conic: bool, stops: &mut Vec<StopValue>) -> Option<()> {
    let place = |part: &mut Cursor<'_, '_>| {
        if is_conic && let Some(angle) = Angle::parse(part) {
            return Some(LengthPercentage::Percent(angle.0 / 3.6));
        }
        LengthPercentage::parse(part)
    };
    if let Some(at) = part.whole(place) {
        let color = Color::TRANSPARENT;
        stops.push(StopValue {
            color,
            at: Some(at),
            is_hint: true,
        });
        return Some(());
    }
    let mut at = place(&mut part);
    let color = Color::parse(&mut part)?;
    at = at.or_else(|| place(&mut part));
    let second = place(&mut part);
    for at in std::iter::once(at).chain(second.map(Some)) {
        stops.push(StopValue {
            color,
            at,
            is_hint: false,
        });
    }
    part.is_done().then_some(())
}

impl Compute for ImageValue {
    type Computed = Image;

    fn compute(&self, context: &Context) -> Image {
        match self {
            ImageValue::None => Image::None,
            ImageValue::Url(url) => Image::Url(url.clone()),
            ImageValue::Gradient(gradient) => Image::Gradient(Rc::new(gradient.compute(context))),
        }
    }
}

impl Compute for GradientValue {
    type Computed = Gradient;

    fn compute(&self, context: &Context) -> Gradient {
        let line = match &self.line {
            LineValue::Linear(direction) => Line::Linear(*direction),
            LineValue::Radial { circle, extent, at } => Line::Radial {
                circle: *circle,
                extent: match extent {
                    ExtentValue::Named(extent) => Ok(*extent),
                    ExtentValue::Radii(x, y) => Err((x.compute(context), y.compute(context))),
                },
                at: at.compute(context),
            },
            LineValue::Conic { from, at } => Line::Conic {
                from: *from,
                at: at.compute(context),
            },
        };
        let stops = self.stops.iter().map(|stop| Stop {
            color: stop.color,
            at: stop.at.as_ref().map(|at| at.compute(context)),
            is_hint: stop.is_hint,
        });
        Gradient {
            line,
            repeats: self.repeats,
            stops: stops.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::css::token::tokenize;

    fn read(text: &str) -> Option<Image> {
        let tokens = tokenize(text);
        Cursor::new(&tokens)
            .whole(ImageValue::parse)
            .map(|image| image.compute(&Context::sample()))
    }

    fn line(text: &str) -> Line {
        match read(text) {
            Some(Image::Gradient(gradient)) => gradient.line.clone(),
            other => unreachable!("{text}: {other:?}"),
        }
    }

    #[test]
    fn directions() {
        for (text, wanted) in [
            ("linear-gradient(red, blue)", Direction::Angle(180.0)),
            (
                "linear-gradient(to right, red, blue)",
                Direction::Angle(90.0),
            ),
            ("linear-gradient(45deg, red, blue)", Direction::Angle(45.0)),
            (
                "linear-gradient(to top left, red, blue)",
                Direction::Corner(-1.0, -1.0),
            ),
            (
                "-webkit-linear-gradient(left, red, blue)",
                Direction::Angle(90.0),
            ),
        ] {
            assert_eq!(line(text), Line::Linear(wanted), "{text}");
        }
    }

    #[test]
    fn stops_hints_and_repeats() {
        let Some(Image::Gradient(gradient)) =
            read("repeating-linear-gradient(red 0 10px, 30%, rgb(0,0,255) 20px)")
        else {
            unreachable!()
        };
        assert!(gradient.repeats);
        let stops: Vec<_> = gradient
            .stops
            .iter()
            .map(|s| (s.at.clone(), s.is_hint))
            .collect();
        assert_eq!(
            stops,
            [
                (Some(Lp::Px(0.0)), false),
                (Some(Lp::Px(10.0)), false),
                (Some(Lp::Share(0.3)), true),
                (Some(Lp::Px(20.0)), false)
            ]
        );
    }

    #[test]
    fn round_ones() {
        let Line::Radial { circle, extent, .. } =
            line("radial-gradient(circle closest-side at 10px 20%, red, blue)")
        else {
            unreachable!()
        };
        assert_eq!((circle, extent), (true, Ok(Extent::ClosestSide)));
        assert!(matches!(
            line("conic-gradient(from 90deg, red, blue 25%)"),
            Line::Conic { from: 90.0, .. }
        ));
        assert!(matches!(
            line("radial-gradient(30px, red, blue)"),
            Line::Radial { circle: true, .. }
        ));
    }

    #[test]
    fn what_is_wrong_is_none() {
        for wrong in [
            "linear-gradient()",
            "linear-gradient(to middle, red, blue)",
            "linear-gradient(red 1px 2px 3px, blue)",
            "cross-fade(red, blue)",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(read("url(a.png)"), Some(Image::Url("a.png".into())));
        assert_eq!(read("none"), Some(Image::None));
    }
}
