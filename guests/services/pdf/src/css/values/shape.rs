//! Angles, places within boxes, transforms, and ratios.

use super::length::{LengthPercentage, Lp, Number};
use super::{Compute, Context, Parse, plain};
use crate::css::cursor::{Cursor, lower};
use crate::css::token::Token;

/// Degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Angle(pub(crate) f32);

impl Parse for Angle {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        text.attempt(|ahead| {
            ahead.space();
            match ahead.next()? {
                Token::Number { value: 0.0, .. } => Some(Angle(0.0)),
                Token::Dimension { value, unit } => Some(Angle(match &*lower(unit) {
                    "deg" => *value,
                    "rad" => value.to_degrees(),
                    "grad" => value * 0.9,
                    "turn" => value * 360.0,
                    _ => return None,
                })),
                _ => None,
            }
        })
    }
}

/// A place within a box: from the left and from the top, as shares of what is left beside what is placed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PositionValue {
    pub(crate) x: LengthPercentage,
    pub(crate) y: LengthPercentage,
    /// Measured from the right, and from the bottom.
    pub(crate) from_end: (bool, bool),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Position {
    pub(crate) x: Lp,
    pub(crate) y: Lp,
    pub(crate) from_end: (bool, bool),
}

impl Position {
    pub(crate) const fn start() -> Position {
        Position {
            x: Lp::Share(0.0),
            y: Lp::Share(0.0),
            from_end: (false, false),
        }
    }

    pub(crate) const fn center() -> Position {
        Position {
            x: Lp::Share(0.5),
            y: Lp::Share(0.5),
            from_end: (false, false),
        }
    }

    /// Where something goes that leaves this much room.
    pub(crate) fn resolve(&self, room: (f32, f32)) -> (f32, f32) {
        let one = |lp: &Lp, room: f32, from_end: bool| {
            let at = lp.resolve(room);
            if from_end { room - at } else { at }
        };
        (
            one(&self.x, room.0, self.from_end.0),
            one(&self.y, room.1, self.from_end.1),
        )
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Left,
    Right,
    Top,
    Bottom,
    Center,
}

const SIDES: [(&str, Side); 5] = [
    ("left", Side::Left),
    ("right", Side::Right),
    ("top", Side::Top),
    ("bottom", Side::Bottom),
    ("center", Side::Center),
];

impl PositionValue {
    pub(crate) fn center() -> PositionValue {
        PositionValue {
            x: LengthPercentage::Percent(50.0),
            y: LengthPercentage::Percent(50.0),
            from_end: (false, false),
        }
    }
}

impl Parse for PositionValue {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        text.attempt(|ahead| {
            let mut out = PositionValue::center();
            let mut x_given = false;
            let mut y_given = false;
            let mut bare = Vec::new();
            loop {
                if let Some(side) = ahead.keyword(&SIDES) {
                    let offset = if side == Side::Center {
                        None
                    } else {
                        // `left 10px` only where the other axis is said by a side, too.
                        ahead.attempt(|further| {
                            let offset = LengthPercentage::parse(further)?;
                            let more = *further;
                            let pair = y_given || x_given || !bare.is_empty() || { more }
                                .keyword(&SIDES)
                                .is_some();
                            pair.then_some(offset)
                        })
                    };
                    let start = offset.clone().unwrap_or(LengthPercentage::Percent(0.0));
                    match side {
                        Side::Left if !x_given => (out.x, x_given) = (start, true),
                        Side::Right if !x_given => {
                            (out.x, x_given, out.from_end.0) = (start, true, true);
                        }
                        Side::Top if !y_given => (out.y, y_given) = (start, true),
                        Side::Bottom if !y_given => {
                            (out.y, y_given, out.from_end.1) = (start, true, true);
                        }
                        Side::Center => bare.push(LengthPercentage::Percent(50.0)),
                        _ => return None,
                    }
                } else if let Some(length) = LengthPercentage::parse(ahead) {
                    bare.push(length);
                } else {
                    break;
                }
                if bare.len() + usize::from(x_given) + usize::from(y_given) == 2 {
                    break;
                }
            }
            let mut bare = bare.into_iter();
            match (x_given, y_given) {
                (false, false) => {
                    out.x = bare.next()?;
                    if let Some(y) = bare.next() {
                        out.y = y;
                    }
                }
                (true, false) => {
                    if let Some(y) = bare.next() {
                        out.y = y;
                    }
                }
                (false, true) => {
                    if let Some(x) = bare.next() {
                        out.x = x;
                    }
                }
                (true, true) => {}
            }
            Some(out)
        })
    }
}

impl Compute for PositionValue {
    type Computed = Position;

    fn compute(&self, context: &Context) -> Position {
        Position {
            x: self.x.compute(context),
            y: self.y.compute(context),
            from_end: self.from_end,
        }
    }
}

/// Two numbers, such as `16 / 9`; `auto` is none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct AspectRatio(pub(crate) Option<f32>);

impl Parse for AspectRatio {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        text.attempt(|ahead| {
            let auto = ahead.is_word("auto");
            let Some(width) = Number::parse(ahead) else {
                return auto.then_some(AspectRatio(None));
            };
            let height = if ahead.delim('/') {
                Number::parse(ahead)?.0
            } else {
                1.0
            };
            ahead.is_word("auto");
            let ratio = width.0 / height;
            Some(AspectRatio(
                (ratio.is_finite() && ratio > 0.0).then_some(ratio),
            ))
        })
    }
}

plain!(AspectRatio);

/// What is done to a box after it is laid out, first to last.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TransformValue(Vec<StepValue>);

#[derive(Clone, Debug, PartialEq)]
enum StepValue {
    Translate(LengthPercentage, LengthPercentage),
    Matrix([f32; 6]),
}

/// One thing of them, as it is done.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    Translate(Lp, Lp),
    /// a, b, c, d, e, f: as CSS's `matrix()`.
    Matrix([f32; 6]),
}

impl Parse for TransformValue {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        if text.is_word("none") {
            return Some(TransformValue(Vec::new()));
        }
        let mut steps = Vec::new();
        while let Some((name, inside)) = text.function() {
            steps.push(step(&name, inside)?);
        }
        (!steps.is_empty()).then_some(TransformValue(steps))
    }
}

fn step(name: &str, inside: Cursor<'_, '_>) -> Option<StepValue> {
    if let Some(by) = translation(name, inside) {
        return Some(by);
    }
    let mut parts = inside.parts().into_iter();
    let matrix = match name {
        "scale" | "scale3d" => {
            let x = factor(parts.next()?)?;
            let y = parts.next().map_or(Some(x), factor)?;
            [x, 0.0, 0.0, y, 0.0, 0.0]
        }
        "scalex" => [factor(parts.next()?)?, 0.0, 0.0, 1.0, 0.0, 0.0],
        "scaley" => [1.0, 0.0, 0.0, factor(parts.next()?)?, 0.0, 0.0],
        "rotate" | "rotatez" => {
            let (sin, cos) = radians(parts.next()?)?.sin_cos();
            [cos, sin, -sin, cos, 0.0, 0.0]
        }
        "skew" => {
            let x = radians(parts.next()?)?;
            let y = parts.next().map_or(Some(0.0), radians)?;
            [1.0, y.tan(), x.tan(), 1.0, 0.0, 0.0]
        }
        "skewx" => [1.0, 0.0, radians(parts.next()?)?.tan(), 1.0, 0.0, 0.0],
        "skewy" => [1.0, radians(parts.next()?)?.tan(), 0.0, 1.0, 0.0, 0.0],
        "matrix" => {
            let mut matrix = [0.0; 6];
            for part in &mut matrix {
                *part = factor(parts.next()?)?;
            }
            matrix
        }
        // What would leave the page's plane is left out.
        "translatez" | "rotatex" | "rotatey" | "perspective" | "scalez" => {
            [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]
        }
        _ => return None,
    };
    Some(StepValue::Matrix(matrix))
}

fn translation(name: &str, inside: Cursor<'_, '_>) -> Option<StepValue> {
    let mut parts = inside.parts().into_iter();
    let length = |part: Cursor<'_, '_>| part.whole(LengthPercentage::parse);
    let zero = LengthPercentage::ZERO;
    let (x, y) = match name {
        "translate" | "translate3d" => {
            let x = length(parts.next()?)?;
            (x, parts.next().map_or(Some(zero), length)?)
        }
        "translatex" => (length(parts.next()?)?, zero),
        "translatey" => (zero, length(parts.next()?)?),
        _ => return None,
    };
    Some(StepValue::Translate(x, y))
}

/// A number, or a share of one.
fn factor(part: Cursor<'_, '_>) -> Option<f32> {
    part.whole(|text| {
        let percent = text.attempt(|ahead| {
            ahead.space();
            match ahead.next()? {
                Token::Percent(percent) => Some(percent / 100.0),
                _ => None,
            }
        });
        percent.or_else(|| Number::parse(text).map(|number| number.0))
    })
}

fn radians(part: Cursor<'_, '_>) -> Option<f32> {
    part.whole(Angle::parse).map(|angle| angle.0.to_radians())
}

impl Compute for TransformValue {
    type Computed = Vec<Step>;

    fn compute(&self, context: &Context) -> Vec<Step> {
        self.0
            .iter()
            .map(|step| match step {
                StepValue::Translate(x, y) => {
                    Step::Translate(x.compute(context), y.compute(context))
                }
                StepValue::Matrix(m) => Step::Matrix(*m),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::css::token::tokenize;

    fn position(text: &str) -> Option<(f32, f32)> {
        let tokens = tokenize(text);
        let found = Cursor::new(&tokens).whole(PositionValue::parse)?;
        Some(found.compute(&Context::sample()).resolve((100.0, 200.0)))
    }

    #[test]
    fn positions() {
        for (text, wanted) in [
            ("center", (50.0, 100.0)),
            ("left", (0.0, 100.0)),
            ("bottom", (50.0, 200.0)),
            ("top right", (100.0, 0.0)),
            ("right top", (100.0, 0.0)),
            ("10px", (10.0, 100.0)),
            ("10px 25%", (10.0, 50.0)),
            ("right 10px bottom 20px", (90.0, 180.0)),
            ("left 10px", (0.0, 10.0)),
            ("center bottom 20px", (50.0, 180.0)),
            ("25% top", (25.0, 0.0)),
        ] {
            assert_eq!(position(text), Some(wanted), "{text}");
        }
        for wrong in ["", "left right", "top top", "middle"] {
            assert_eq!(position(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn transforms() {
        let steps = |text: &str| {
            let tokens = tokenize(text);
            Cursor::new(&tokens)
                .whole(TransformValue::parse)
                .map(|t| t.compute(&Context::sample()))
        };
        assert_eq!(
            steps("translate(10px, 50%) scale(2)"),
            Some(vec![
                Step::Translate(Lp::Px(10.0), Lp::Share(0.5)),
                Step::Matrix([2.0, 0.0, 0.0, 2.0, 0.0, 0.0])
            ])
        );
        assert_eq!(steps("none"), Some(vec![]));
        for wrong in ["rotate(3)", "turn(3deg)", "translate()", "matrix(1,2)"] {
            assert_eq!(steps(wrong), None, "{wrong}");
        }
    }
}
