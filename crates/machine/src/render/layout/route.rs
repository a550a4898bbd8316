//! The bends of an arrow, from the border of its source through the edges of states to the border of its target.

use super::super::chart::From;
use super::super::level::Point;
use super::dock::{self, Dock};
use super::plan::{Item, Place};
use super::{Builder, DOT_RADIUS, Drawn, HISTORY_RADIUS, PADDING, Rect, label_size};
use crate::model::Ix;

/// How far a loop goes from its state, and half of its height.
const LOOP: (f64, f64) = (24.0, 8.0);

/// What an arrow ends at.
enum End {
    Box(Ix, Rect),
    /// By its middle and its radius.
    Round(Point, f64),
}

pub(super) fn routes(builder: &Builder<'_>, dots: &[Option<Point>]) -> Vec<Drawn> {
    let ways = builder.plan.ways.iter().zip(&builder.labels);
    let drawn = ways.map(|(way, label)| {
        let mut line = Vec::new();
        way.iter().for_each(|place| builder.add(&mut line, *place));
        let at = builder.label(way);
        let label = label.clone();
        Drawn { line, label, at }
    });
    let mut drawn: Vec<Drawn> = drawn.collect();
    let mut docks = Vec::new();
    for (number, (arrow, way)) in builder
        .chart
        .arrows
        .iter()
        .zip(&builder.plan.ways)
        .enumerate()
    {
        let Some(drawn) = drawn.get_mut(number) else {
            continue;
        };
        if arrow.is_loop() {
            builder.turn(drawn, arrow.to);
            continue;
        }
        let from = match arrow.from {
            From::State(from) => builder.end(from),
            From::Dot(ix) => {
                let dot = dots.get(ix as usize).copied().flatten();
                dot.map(|dot| End::Round(dot, DOT_RADIUS))
            }
        };
        // A port of a state's own has its place already.
        if let (Some(end), false) = (from, builder.is_at_port(way.first(), true)) {
            drawn.line.reverse();
            docks.extend(fasten(&mut drawn.line, &end, (number, true)));
            drawn.line.reverse();
        }
        if let (Some(end), false) = (builder.end(arrow.to), builder.is_at_port(way.last(), false)) {
            docks.extend(fasten(&mut drawn.line, &end, (number, false)));
        }
    }
    dock::spread(&mut docks);
    for dock in docks {
        let drawn = drawn.get_mut(dock.arrow.0);
        let end = drawn.and_then(|drawn| match dock.arrow.1 {
            true => drawn.line.first_mut(),
            false => drawn.line.last_mut(),
        });
        if let Some(end) = end {
            *end = dock.point();
        }
    }
    for drawn in &mut drawn {
        let is_same = |a: &Point, b: &Point| (a.x - b.x).abs() < 0.5 && (a.y - b.y).abs() < 0.5;
        drawn.line.dedup_by(|a, b| is_same(a, b));
    }
    drawn
}

impl Builder<'_> {
    fn end(&self, ix: Ix) -> Option<End> {
        let rect = self.rects.get(ix as usize)?;
        Some(match self.chart.model.is_history(ix) {
            true => End::Round(rect.center(), HISTORY_RADIUS),
            false => End::Box(ix, *rect),
        })
    }

    /// A loop at the right side of a state, its label beside it.
    fn turn(&self, drawn: &mut Drawn, ix: Ix) {
        let Some(rect) = self
            .rects
            .get(ix as usize)
            .filter(|_| !drawn.line.is_empty())
        else {
            return;
        };
        let (center, right) = (rect.center(), rect.x + rect.size.width);
        let (out, half) = LOOP;
        let point = |x, y| Point {
            x: right + x,
            y: center.y + y,
        };
        drawn.line = vec![
            point(0.0, -half),
            point(out, -half),
            point(out, half),
            point(0.0, half),
        ];
        drawn.at = point(out + 2.0 + label_size(&drawn.label).width / 2.0, 0.0);
    }

    fn is_at_port(&self, place: Option<&Place>, is_first: bool) -> bool {
        let part = place.and_then(|place| self.plan.part(*place));
        let end = part.map(|part| if is_first { part.from } else { part.to });
        matches!(end, Some(Item::Port { .. }))
    }

    fn label(&self, way: &[Place]) -> Point {
        let is_main = |place: &&Place| self.plan.part(**place).is_some_and(|part| part.is_main);
        let found = way.iter().find(is_main).and_then(|(level, place)| {
            let inside = self.inside_of(*level)?;
            let at = inside.arranged.labels.get(*place)?;
            Some(at.moved(inside.origin))
        });
        found.unwrap_or_default()
    }

    /// One part after those before: where they met at a state's border, now they meet at its port.
    fn add(&self, line: &mut Vec<Point>, place: Place) {
        let (Some(part), Some(inside)) = (self.plan.part(place), self.inside_of(place.0)) else {
            return;
        };
        let points = inside
            .arranged
            .lines
            .get(place.1)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let points: Vec<Point> = points
            .iter()
            .map(|point| point.moved(inside.origin))
            .collect();
        let [first, between @ .., last] = &*points else {
            return;
        };
        let edge = |item: Item, at: Point| match (item, self.rects.get(place.0 as usize)) {
            (Item::Port { .. }, _) if part.is_main => Some(Point {
                y: inside.origin.y - PADDING,
                ..at
            }),
            (Item::Port { is_top: true, .. }, Some(rect)) => Some(Point { y: rect.y, ..at }),
            (Item::Port { is_top: false, .. }, Some(rect)) => Some(Point {
                y: rect.bottom(),
                ..at
            }),
            _ => None,
        };
        match edge(part.from, *first) {
            Some(edge) => {
                line.pop();
                line.extend([edge, *first]);
            }
            None if line.is_empty() => line.push(*first),
            None => {}
        }
        line.extend(between);
        line.push(*last);
        line.extend(edge(part.to, *last));
    }
}

/// Lets the last point lie on the border: at once where that is round, and by a dock where others may want its place.
fn fasten(line: &mut [Point], end: &End, arrow: (usize, bool)) -> Option<Dock> {
    let [.., next, last] = line else {
        return None;
    };
    match end {
        End::Round(center, radius) => {
            let (x, y) = (next.x - center.x, next.y - center.y);
            let length = x.hypot(y).max(f64::MIN_POSITIVE);
            *last = Point {
                x: center.x + x / length * radius,
                y: center.y + y / length * radius,
            };
            None
        }
        End::Box(ix, rect) => Some(Dock::new(*ix, rect, *next, arrow)),
    }
}
