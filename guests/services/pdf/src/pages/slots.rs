//! Slots: pages, or columns, as parts of the strip.

use std::rc::Rc;

use super::TOLERANCE;
use super::geometry::Geometry;
use crate::budget::PAGES_MAX;
use crate::css::values::keyword::BreakBetween;

/// A part of the strip that is one page, or one column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Slot {
    pub(crate) start: f32,
    pub(crate) end: f32,
    /// The name of its kind of page.
    pub(crate) name: Option<Rc<str>>,
    /// Left empty, so that what follows begins on the side that it wants.
    pub(crate) is_blank: bool,
}

/// All of them, made as they are needed.
#[derive(Debug)]
pub(crate) struct Slots {
    pub(crate) list: Vec<Slot>,
    maker: Maker,
    /// What pages that come next are called.
    name: Option<Rc<str>>,
}

#[derive(Debug)]
enum Maker {
    /// The last one given goes on and on.
    Listed,
    /// Pages, and by how much what is on them is made smaller.
    Pages(Rc<Geometry>, f32),
}

impl Slots {
    /// Columns of these heights; what is more goes below the last.
    pub(crate) fn listed(heights: &[f32]) -> Slots {
        let mut start = 0.0;
        let list = heights
            .iter()
            .map(|height| {
                let slot = Slot {
                    start,
                    end: start + height.max(1.0),
                    name: None,
                    is_blank: false,
                };
                start = slot.end;
                slot
            })
            .collect();
        Slots {
            list,
            maker: Maker::Listed,
            name: None,
        }
    }

    pub(crate) fn pages(geometry: Rc<Geometry>, name: Option<Rc<str>>, scale: f32) -> Slots {
        let mut slots = Slots {
            list: Vec::new(),
            maker: Maker::Pages(geometry, scale),
            name,
        };
        slots.push(false);
        slots
    }

    fn push(&mut self, is_blank: bool) {
        let start = self.list.last().map_or(0.0, |last| last.end);
        let height = match &self.maker {
            Maker::Listed => f32::INFINITY,
            Maker::Pages(..) if self.list.len() >= PAGES_MAX => f32::INFINITY,
            Maker::Pages(geometry, scale) => {
                let page = geometry.page(self.list.len(), self.name.as_ref(), is_blank);
                page.content_height() / scale
            }
        };
        self.list.push(Slot {
            start,
            end: start + height,
            name: self.name.clone(),
            is_blank,
        });
    }

    /// The slot that a height of the strip is in. An end belongs to the slot that begins there.
    pub(crate) fn index_at(&mut self, y: f32) -> usize {
        while self
            .list
            .last()
            .is_none_or(|last| last.end - TOLERANCE <= y)
        {
            if self.list.last().is_some_and(|last| !last.end.is_finite()) {
                break;
            }
            self.push(false);
        }
        let after = self.list.partition_point(|slot| slot.end - TOLERANCE <= y);
        after.min(self.list.len() - 1)
    }

    pub(crate) fn at(&mut self, y: f32) -> Slot {
        let index = self.index_at(y);
        self.list[index].clone()
    }

    /// How tall the slot is that comes after the one at this height.
    pub(crate) fn next_height(&mut self, y: f32) -> f32 {
        let end = self.at(y).end;
        if !end.is_finite() {
            return f32::INFINITY;
        }
        let next = self.at(end);
        next.end - next.start
    }

    /// Ends a page here, so that the next one begins with what follows. Where that begins.
    pub(crate) fn force(&mut self, y: f32, side: BreakBetween, name: Option<&Rc<str>>) -> f32 {
        if matches!(self.maker, Maker::Listed) {
            let slot = self.at(y);
            return if y <= slot.start + TOLERANCE || !slot.end.is_finite() {
                y
            } else {
                slot.end
            };
        }
        let index = self.index_at(y);
        let is_fresh = y <= self.list[index].start + TOLERANCE;
        self.name = name.cloned();
        let keep = if is_fresh { index } else { index + 1 };
        self.list.truncate(keep);
        let wants_left = match side {
            BreakBetween::Left => Some(true),
            BreakBetween::Right => Some(false),
            _ => None,
        };
        // The first page is a right one.
        let is_left = keep % 2 == 1;
        if wants_left.is_some_and(|left| left != is_left) {
            self.push(true);
        }
        self.push(false);
        self.list.last().map_or(y, |slot| slot.start)
    }

    /// What pages are called at this height.
    pub(crate) fn name_at(&mut self, y: f32) -> Option<Rc<str>> {
        let index = self.index_at(y);
        self.list[index].name.clone()
    }

    pub(crate) fn has_pages(&self) -> bool {
        matches!(self.maker, Maker::Pages(..))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_belong_to_what_begins_there() {
        let mut slots = Slots::listed(&[100.0, 50.0]);
        assert_eq!(slots.index_at(0.0), 0);
        assert_eq!(slots.index_at(99.9), 0);
        assert_eq!(slots.index_at(100.0), 1);
        assert_eq!(slots.index_at(149.0), 1);
        assert_eq!(
            slots.index_at(150.0),
            2,
            "below the last there is room without end"
        );
        assert_eq!(slots.index_at(1.0e6), 2);
    }

    #[test]
    fn pages_are_broken_where_it_is_asked_for() {
        let geometry = Rc::new(Geometry::plain(400.0, 1_000.0));
        let mut slots = Slots::pages(geometry, None, 1.0);
        assert_eq!(
            slots.force(0.0, BreakBetween::Page, None),
            0.0,
            "nothing is on it yet"
        );
        assert_eq!(slots.force(10.0, BreakBetween::Page, None), 1_000.0);
        assert_eq!(slots.force(1_010.0, BreakBetween::Left, None), 3_000.0);
        let blanks: Vec<bool> = slots.list.iter().map(|slot| slot.is_blank).collect();
        assert_eq!(blanks, [false, false, true, false]);
        assert_eq!(slots.list.len(), 4);
    }

    #[test]
    fn pages_end_at_their_cap() {
        let geometry = Rc::new(Geometry::plain(400.0, 10.0));
        let mut slots = Slots::pages(geometry, None, 1.0);
        slots.index_at(10.0 * PAGES_MAX as f32 - 1.0);
        assert_eq!(slots.list.len(), PAGES_MAX);
        slots.index_at(10.0 * PAGES_MAX as f32 + 1.0);
        assert_eq!(
            slots.index_at(1.0e9),
            PAGES_MAX,
            "the one behind has no end"
        );
    }
}
