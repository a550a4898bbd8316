//! Where arrows meet the sides of a box: straight below or above where they come from, and not all at one place.

use super::super::level::Point;
use super::Rect;
use crate::model::Ix;

/// How far from a corner an arrow meets a side at least.
const CORNER: f64 = 12.0;
/// How far apart two arrows are at least where there is room.
const GAP: f64 = 14.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Top,
    Bottom,
    Left,
    Right,
}

/// The end of an arrow at a side of a box.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dock {
    /// The arrow's number, and whether this is where it begins.
    pub(super) arrow: (usize, bool),
    ix: Ix,
    side: Side,
    /// Along the side: where the arrow comes from, and where it docks.
    from: f64,
    at: f64,
    /// From where to where it may dock.
    room: (f64, f64),
    /// Where the side lies.
    across: f64,
}

impl Dock {
    pub(super) fn new(ix: Ix, rect: &Rect, from: Point, arrow: (usize, bool)) -> Dock {
        let right = rect.x + rect.size.width;
        let (side, across) = match from {
            from if from.y <= rect.y => (Side::Top, rect.y),
            from if from.y >= rect.bottom() => (Side::Bottom, rect.bottom()),
            from if from.x <= rect.center().x => (Side::Left, rect.x),
            _ => (Side::Right, right),
        };
        let (from, start, end) = match side {
            Side::Top | Side::Bottom => (from.x, rect.x, right),
            Side::Left | Side::Right => (from.y, rect.y, rect.bottom()),
        };
        let corner = CORNER.min((end - start) / 2.0);
        let room = (start + corner, end - corner);
        Dock {
            arrow,
            ix,
            side,
            from,
            at: from.max(room.0).min(room.1),
            room,
            across,
        }
    }

    pub(super) fn point(&self) -> Point {
        match self.side {
            Side::Top | Side::Bottom => Point {
                x: self.at,
                y: self.across,
            },
            Side::Left | Side::Right => Point {
                x: self.across,
                y: self.at,
            },
        }
    }
}

/// Moves those apart that would dock at one place, in the order of where they come from.
pub(super) fn spread(docks: &mut [Dock]) {
    let key = |dock: &Dock| (dock.ix, dock.side);
    docks.sort_by(|a, b| {
        let place = key(a).cmp(&key(b)).then(a.from.total_cmp(&b.from));
        place.then(a.arrow.cmp(&b.arrow))
    });
    for side in docks.chunk_by_mut(|a, b| key(a) == key(b)) {
        let Some(room) = side.first().map(|dock| dock.room) else {
            continue;
        };
        let gaps = side.len().saturating_sub(1).max(1) as f64;
        let gap = GAP.min((room.1 - room.0) / gaps);
        let mut least = room.0;
        for dock in side.iter_mut() {
            dock.at = dock.at.max(least);
            least = dock.at + gap;
        }
        let mut most = room.1;
        for dock in side.iter_mut().rev() {
            dock.at = dock.at.min(most);
            most = dock.at - gap;
        }
    }
}
