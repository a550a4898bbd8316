//! Gradients, with their stops where CSS puts them.

use krilla::geom::Transform;
use krilla::paint::{LinearGradient, Paint, RadialGradient, SpreadMethod, Stop, SweepGradient};

use super::canvas::{Ink, color, part};
use super::shape::Area;
use crate::css::values::color::Rgba;
use crate::css::values::image::{Direction, Extent, Gradient, Line};

/// A stop with its place on the line: 0 is the beginning, 1 the end.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Placed {
    at: f32,
    color: Rgba,
}

/// Steps that stand for a change of colour that is not even.
const HINT_STEPS: usize = 8;

/// A gradient over an area.
pub(crate) fn ink(gradient: &Gradient, area: Area, current: Rgba) -> Option<Ink> {
    area.rect()?;
    match &gradient.line {
        Line::Linear(direction) => linear(gradient, *direction, area, current),
        Line::Radial { circle, extent, at } => {
            let (x, y) = at.resolve((area.width, area.height));
            let radii = radii(*circle, extent, (x, y), area);
            radial(gradient, (area.x + x, area.y + y), radii, current)
        }
        Line::Conic { from, at } => {
            let (x, y) = at.resolve((area.width, area.height));
            conic(gradient, (area.x + x, area.y + y), *from, current)
        }
    }
}

fn linear(gradient: &Gradient, direction: Direction, area: Area, current: Rgba) -> Option<Ink> {
    let (dx, dy) = match direction {
        Direction::Angle(degrees) => {
            let (sin, cos) = degrees.to_radians().sin_cos();
            (sin, -cos)
        }
        Direction::Corner(x, y) if x == 0.0 || y == 0.0 => (x, y),
        Direction::Corner(x, y) => {
            // At right angles to the other diagonal, so that the middle colour runs from corner to corner.
            let length = area.height.hypot(area.width);
            (x * area.height / length, y * area.width / length)
        }
    };
    let length = (area.width * dx).abs() + (area.height * dy).abs();
    let (x, y) = (area.x + area.width / 2.0, area.y + area.height / 2.0);
    let stops = places(gradient, length, current)?;
    let point = |at: f32| (x + dx * length * (at - 0.5), y + dy * length * (at - 0.5));
    let (stops, from, to) = normalized(stops)?;
    let ((x1, y1), (x2, y2)) = (point(from), point(to));
    Some(Ink::Paint(Paint::from(LinearGradient {
        x1,
        y1,
        x2,
        y2,
        transform: Transform::identity(),
        spread_method: spread(gradient),
        stops,
        anti_alias: false,
    })))
}

fn spread(gradient: &Gradient) -> SpreadMethod {
    if gradient.repeats {
        SpreadMethod::Repeat
    } else {
        SpreadMethod::Pad
    }
}

fn radii(
    circle: bool,
    extent: &Result<
        Extent,
        (
            crate::css::values::length::Lp,
            crate::css::values::length::Lp,
        ),
    >,
    at: (f32, f32),
    area: Area,
) -> (f32, f32) {
    let (left, right) = (at.0.abs(), (area.width - at.0).abs());
    let (top, bottom) = (at.1.abs(), (area.height - at.1).abs());
    let corner = |x: f32, y: f32| x.hypot(y);
    match extent {
        Err((x, y)) => (
            x.resolve(area.width).max(0.01),
            y.resolve(area.height).max(0.01),
        ),
        Ok(Extent::ClosestSide) if circle => {
            let r = left.min(right).min(top).min(bottom);
            (r, r)
        }
        Ok(Extent::FarthestSide) if circle => {
            let r = left.max(right).max(top).max(bottom);
            (r, r)
        }
        Ok(Extent::ClosestCorner) if circle => {
            let r = corner(left.min(right), top.min(bottom));
            (r, r)
        }
        Ok(Extent::FarthestCorner) if circle => {
            let r = corner(left.max(right), top.max(bottom));
            (r, r)
        }
        Ok(Extent::ClosestSide) => (left.min(right), top.min(bottom)),
        Ok(Extent::FarthestSide) => (left.max(right), top.max(bottom)),
        Ok(Extent::ClosestCorner) => {
            let two = std::f32::consts::SQRT_2;
            (left.min(right) * two, top.min(bottom) * two)
        }
        Ok(Extent::FarthestCorner) => {
            let two = std::f32::consts::SQRT_2;
            (left.max(right) * two, top.max(bottom) * two)
        }
    }
}

fn radial(gradient: &Gradient, at: (f32, f32), (rx, ry): (f32, f32), current: Rgba) -> Option<Ink> {
    let (rx, ry) = (rx.max(0.01), ry.max(0.01));
    let stops = places(gradient, rx, current)?;
    let (stops, from, to) = normalized(stops)?;
    let from = from.max(0.0);
    let scale = ry / rx;
    Some(Ink::Paint(Paint::from(RadialGradient {
        fx: at.0,
        fy: at.1 / scale,
        fr: rx * from,
        cx: at.0,
        cy: at.1 / scale,
        cr: (rx * to).max(rx * from + 0.01),
        transform: Transform::from_scale(1.0, scale),
        spread_method: spread(gradient),
        stops,
        anti_alias: false,
    })))
}

fn conic(gradient: &Gradient, at: (f32, f32), from: f32, current: Rgba) -> Option<Ink> {
    let stops = places(gradient, 360.0, current)?;
    let (stops, start, end) = normalized(stops)?;
    // Angles are counted from the right here, and from above there.
    let turn = |share: f32| share * 360.0;
    Some(Ink::Paint(Paint::from(SweepGradient {
        cx: at.0,
        cy: at.1,
        start_angle: turn(start),
        end_angle: turn(end).max(turn(start) + 0.1),
        transform: Transform::from_rotate_at(from - 90.0, at.0, at.1),
        spread_method: spread(gradient),
        stops,
        anti_alias: false,
    })))
}

/// Puts every stop in its place: those that say nothing are spread between their neighbours, and none goes back.
fn places(gradient: &Gradient, length: f32, current: Rgba) -> Option<Vec<Placed>> {
    let count = gradient.stops.len();
    if count == 0 || length.is_nan() || length <= 0.0 {
        return None;
    }
    let mut at: Vec<Option<f32>> = gradient
        .stops
        .iter()
        .map(|stop| stop.at.as_ref().map(|lp| lp.resolve(length) / length))
        .collect();
    if at[0].is_none() {
        at[0] = Some(0.0);
    }
    if at[count - 1].is_none() {
        at[count - 1] = Some(1.0);
    }
    let mut highest = f32::NEG_INFINITY;
    for place in at.iter_mut().flatten() {
        *place = place.max(highest);
        highest = *place;
    }
    let mut n = 0;
    while n < count {
        if at[n].is_some() {
            n += 1;
            continue;
        }
        let end = (n..count)
            .find(|next| at[*next].is_some())
            .unwrap_or(count - 1);
        let (from, to) = (at[n - 1].unwrap_or(0.0), at[end].unwrap_or(1.0));
        let gaps = (end - n + 1) as f32;
        for (step, place) in at[n..end].iter_mut().enumerate() {
            *place = Some(from + (to - from) * (step + 1) as f32 / gaps);
        }
        n = end;
    }
    let mut out: Vec<Placed> = Vec::with_capacity(count);
    for (n, stop) in gradient.stops.iter().enumerate() {
        let place = at[n].unwrap_or(0.0);
        if !stop.is_hint {
            out.push(Placed {
                at: place,
                color: stop.color.resolve(current),
            });
            continue;
        }
        let (Some(before), Some(after)) = (out.last().copied(), gradient.stops.get(n + 1)) else {
            continue;
        };
        let end = at[n + 1].unwrap_or(1.0);
        hinted(&mut out, before, place, end, after.color.resolve(current));
    }
    Some(out)
}

/// A change of colour that is half done at a place other than the middle.
fn hinted(out: &mut Vec<Placed>, before: Placed, hint: f32, end: f32, color: Rgba) {
    let span = end - before.at;
    if span <= 0.0 {
        return;
    }
    let half = ((hint - before.at) / span).clamp(0.01, 0.99);
    let power = 0.5_f32.ln() / half.ln();
    for step in 1..HINT_STEPS {
        let share = step as f32 / HINT_STEPS as f32;
        out.push(Placed {
            at: before.at + span * share,
            color: mixed(before.color, color, share.powf(power)),
        });
    }
}

fn mixed(one: Rgba, other: Rgba, share: f32) -> Rgba {
    let mix = |one: f32, other: f32| one + (other - one) * share;
    Rgba {
        r: mix(one.r, other.r),
        g: mix(one.g, other.g),
        b: mix(one.b, other.b),
        a: mix(one.a, other.a),
    }
}

/// The stops between 0 and 1, and where that is on the line.
fn normalized(mut stops: Vec<Placed>) -> Option<(Vec<Stop>, f32, f32)> {
    let (first, last) = (stops.first()?.at, stops.last()?.at);
    if stops.len() == 1 {
        let only = stops[0];
        stops.push(only);
    }
    // What is see-through has the colour of its neighbour, so that nothing grey comes in between.
    for n in 0..stops.len() {
        if stops[n].color.a <= 0.0 {
            let near = if n > 0 {
                stops[n - 1]
            } else {
                stops[(n + 1).min(stops.len() - 1)]
            };
            stops[n].color = Rgba {
                a: 0.0,
                ..near.color
            };
        }
    }
    let span = last - first;
    let (from, to) = if span > 1.0e-5 {
        (first, last)
    } else {
        (first - 0.001, first + 0.001)
    };
    let out = stops
        .iter()
        .enumerate()
        .map(|(n, stop)| {
            let at = if span > 1.0e-5 {
                (stop.at - from) / span
            } else {
                n as f32 / (stops.len() - 1) as f32
            };
            Stop {
                offset: part(at),
                color: color(stop.color).into(),
                opacity: part(stop.color.a),
            }
        })
        .collect();
    Some((out, from, to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::css::values::color::Color;
    use crate::css::values::image::Stop as CssStop;
    use crate::css::values::length::Lp;

    fn stop(at: Option<Lp>) -> CssStop {
        CssStop {
            color: Color::Rgba(Rgba::BLACK),
            at,
            is_hint: false,
        }
    }

    #[test]
    fn stops_find_their_places() {
        let gradient = Gradient {
            line: Line::Linear(Direction::Angle(180.0)),
            repeats: false,
            stops: vec![
                stop(None),
                stop(None),
                stop(Some(Lp::Px(50.0))),
                stop(Some(Lp::Share(0.2))),
                stop(None),
            ],
        };
        let at: Vec<f32> = places(&gradient, 100.0, Rgba::BLACK)
            .unwrap()
            .iter()
            .map(|stop| stop.at)
            .collect();
        assert_eq!(at, [0.0, 0.25, 0.5, 0.5, 1.0]);
    }

    #[test]
    fn hints_move_the_middle() {
        let hint = CssStop {
            is_hint: true,
            ..stop(Some(Lp::Share(0.25)))
        };
        let white = CssStop {
            color: Color::Rgba(Rgba::opaque(1.0, 1.0, 1.0)),
            ..stop(None)
        };
        let gradient = Gradient {
            line: Line::Linear(Direction::Angle(180.0)),
            repeats: false,
            stops: vec![stop(None), hint, white],
        };
        let all = places(&gradient, 100.0, Rgba::BLACK).unwrap();
        let quarter = all.iter().find(|stop| stop.at == 0.25).unwrap();
        assert!((quarter.color.r - 0.5).abs() < 0.01, "{quarter:?}");
    }
}
