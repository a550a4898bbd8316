//! Cutting: every box gets its place on the strip, from the top down. What may not be divided moves to the next slot.

mod bands;
mod columns;
mod lead;
mod lines;
mod table;

use std::rc::Rc;

use super::slots::Slots;
use super::{Strip, TOLERANCE};
use crate::boxes::{BoxId, Kind, Tree};
use crate::css::values::keyword::{BreakBetween, Clear};

/// Goes through a tree and puts everything in its place on the strip.
pub(crate) struct Cutter<'a> {
    pub(crate) tree: &'a mut Tree,
    pub(crate) slots: Slots,
    /// Room at the top of every slot that a repeated head takes.
    reserve: f32,
    /// Room that must be left below what comes last in its container, for padding and borders around it.
    below: f32,
}

/// Padding and borders that are kept on a page with what stands above them, at most.
const BELOW_MAX: f32 = 200.0;

impl<'a> Cutter<'a> {
    pub(crate) fn new(tree: &'a mut Tree, slots: Slots) -> Cutter<'a> {
        Cutter {
            tree,
            slots,
            reserve: 0.0,
            below: 0.0,
        }
    }

    /// Puts a box at a height of the strip, and all that is in it. Where it ends.
    pub(crate) fn place(&mut self, id: BoxId, top: f32) -> f32 {
        let bottom = match &self.tree.get(id).kind {
            Kind::Block | Kind::Captioned => self.block(id, top),
            Kind::Lines(_) => self.lines(id, top),
            Kind::Flex | Kind::Grid => self.bands(id, top),
            Kind::Table(_) => self.table(id, top),
            Kind::Columns(_) => self.columns(id, top),
            Kind::Picture(_) => top + self.tree.get(id).layout.size.height,
        };
        self.tree.get_mut(id).strip = Strip { top, bottom };
        bottom
    }

    /// The same without dividing anything.
    pub(crate) fn fix(&mut self, id: BoxId, top: f32) -> f32 {
        let bottom = top + self.tree.get(id).layout.size.height;
        self.tree.get_mut(id).strip = Strip { top, bottom };
        if matches!(self.tree.get(id).kind, Kind::Columns(_)) {
            self.whole_columns(id, top);
            return bottom;
        }
        match &mut self.tree.get_mut(id).kind {
            Kind::Lines(lines) => {
                for line in &mut lines.lines {
                    line.shift = 0.0;
                }
            }
            Kind::Table(table) => table.repeats.clear(),
            _ => {}
        }
        for child in self.tree.get(id).children.clone() {
            let y = top + self.tree.get(child).layout.location.y;
            if !self.tree.get(child).is_placed() {
                self.fix(child, y);
            }
        }
        bottom
    }

    /// The children of a box one below the other. Where the last ends, with nothing of the box's own edges.
    pub(crate) fn content(&mut self, id: BoxId, top: f32) -> f32 {
        let children: Vec<BoxId> = self.in_flow(id);
        let mut shift = 0.0;
        let mut floats: f32 = f32::NEG_INFINITY;
        let mut bottom: f32 = f32::NEG_INFINITY;
        let mut before: Option<BoxId> = None;
        let last = children
            .iter()
            .rposition(|child| !self.tree.get(*child).is_floating());
        let below = self.below;
        for (at, child) in children.iter().enumerate() {
            let child = *child;
            let natural = top + self.tree.get(child).layout.location.y + shift;
            let height = self.tree.get(child).layout.size.height;
            if self.tree.get(child).is_floating() {
                self.below = 0.0;
                let y = self.start_float(natural, height);
                floats = floats.max(self.place(child, y));
                continue;
            }
            self.below = if Some(at) == last { below } else { 0.0 };
            let mut y = natural;
            if self.tree.get(child).style.clear != Clear::None {
                y = y.max(floats);
            }
            y = match self.forced(before, child, y) {
                Some(side) => self.force(child, y, side),
                None => {
                    let (soft, hard) = self.needs(&children, at);
                    self.start(y, height, soft, hard)
                }
            };
            let end = self.place(child, y);
            shift += (y - natural) + (end - y - height);
            bottom = bottom.max(end);
            before = Some(child);
        }
        self.below = below;
        let end = bottom.max(floats);
        if end.is_finite() { end } else { top }
    }

    fn block(&mut self, id: BoxId, top: f32) -> f32 {
        let layout = self.tree.get(id).layout;
        let edge = layout.padding.bottom + layout.border.bottom;
        let outer = self.below;
        self.below = if edge + outer <= BELOW_MAX {
            edge + outer
        } else {
            0.0
        };
        let end = self.content(id, top);
        self.below = outer;
        // What was longer than its content takes up what that has grown by.
        let natural = self.natural_end(id);
        let grown = end - (top + natural);
        let slack = (layout.size.height - edge - natural).max(0.0);
        top + layout.size.height + (grown - slack).max(0.0)
    }

    /// Where the lowest child of a box ends as it was laid out, from the top of the box.
    fn natural_end(&self, id: BoxId) -> f32 {
        let ends = self.in_flow(id).into_iter().map(|child| {
            let layout = &self.tree.get(child).layout;
            layout.location.y + layout.size.height
        });
        ends.fold(0.0, f32::max)
    }

    /// Children that are not placed by somebody else.
    fn in_flow(&self, id: BoxId) -> Vec<BoxId> {
        let all = self.tree.get(id).children.iter().copied();
        all.filter(|child| !self.tree.get(*child).is_placed())
            .collect()
    }

    fn is_fresh(&mut self, y: f32) -> bool {
        let slot = self.slots.at(y);
        y <= slot.start + self.reserve + TOLERANCE
    }

    /// Where the next slot has room.
    fn next_top(&mut self, y: f32) -> f32 {
        self.slots.at(y).end + self.reserve
    }

    /// Where something begins that needs so much room: here, or on the next slot. What cannot have all that it would
    /// like gets what it must have.
    fn start(&mut self, y: f32, height: f32, soft: f32, hard: f32) -> f32 {
        let end = self.slots.at(y).end;
        if !end.is_finite() || self.is_fresh(y) {
            return y;
        }
        let room = end - y;
        let fresh = self.slots.next_height(y) - self.reserve;
        for need in [soft, hard] {
            // What comes whole and last brings the edges around it along.
            let need = if need + TOLERANCE >= height {
                need + self.below
            } else {
                need
            };
            if need <= fresh + TOLERANCE {
                return if need <= room + TOLERANCE {
                    y
                } else {
                    self.next_top(y)
                };
            }
        }
        // Taller than a page: from the top of one, so that it is divided as seldom as can be.
        self.next_top(y)
    }

    fn start_float(&mut self, y: f32, height: f32) -> f32 {
        self.start(y, height, height, height)
    }

    /// Whether a page must end between two boxes, and on which side the next one is.
    fn forced(&mut self, before: Option<BoxId>, child: BoxId, y: f32) -> Option<BreakBetween> {
        let is_forced = |side: &BreakBetween| {
            matches!(
                side,
                BreakBetween::Page | BreakBetween::Left | BreakBetween::Right
            )
        };
        let ahead = self.break_before(child);
        let behind = before.map_or(BreakBetween::Auto, |before| self.break_after(before));
        let asked = [ahead, behind].into_iter().find(is_forced);
        if asked.is_some() || !self.slots.has_pages() {
            return asked;
        }
        let name = self.first_name(child);
        (self.slots.name_at(y) != name).then_some(BreakBetween::Page)
    }

    /// Ends a page before a box; margins above it stay.
    fn force(&mut self, child: BoxId, y: f32, side: BreakBetween) -> f32 {
        let name = self.first_name(child);
        let margin = self.tree.get(child).layout.margin.top.max(0.0);
        let before = (y - margin).max(self.slots.at(y).start);
        let is_fresh = {
            let slot = self.slots.at(y);
            y <= slot.start + margin + TOLERANCE
        };
        if is_fresh && side == BreakBetween::Page && self.slots.name_at(y) == name {
            return y;
        }
        let at = if is_fresh {
            self.slots.at(before).start
        } else {
            y
        };
        self.slots.force(at, side, name.as_ref()) + margin + self.reserve
    }

    fn break_before(&self, id: BoxId) -> BreakBetween {
        let own = self.tree.get(id).style.break_before;
        if own != BreakBetween::Auto || !matches!(self.tree.get(id).kind, Kind::Block) {
            return own;
        }
        match self.first_child(id) {
            Some(child) => self.break_before(child),
            None => own,
        }
    }

    fn break_after(&self, id: BoxId) -> BreakBetween {
        let own = self.tree.get(id).style.break_after;
        if own != BreakBetween::Auto || !matches!(self.tree.get(id).kind, Kind::Block) {
            return own;
        }
        let children = &self.tree.get(id).children;
        let last = children.iter().rev().find(|child| {
            let child = self.tree.get(**child);
            !child.is_placed() && !child.is_floating()
        });
        match last {
            Some(child) => self.break_after(*child),
            None => own,
        }
    }

    fn first_child(&self, id: BoxId) -> Option<BoxId> {
        let children = self.tree.get(id).children.iter().copied();
        children.into_iter().find(|child| {
            !self.tree.get(*child).is_placed() && !self.tree.get(*child).is_floating()
        })
    }

    /// What the page is called that a box begins on.
    pub(crate) fn first_name(&self, id: BoxId) -> Option<Rc<str>> {
        first_name(self.tree, id)
    }
}

/// What the page is called that a box begins on: the first thing in it has its say.
pub(crate) fn first_name(tree: &Tree, id: BoxId) -> Option<Rc<str>> {
    let one = tree.get(id);
    if let Kind::Block = one.kind {
        let first = one.children.iter().find(|child| {
            let child = tree.get(**child);
            !child.is_placed() && !child.is_floating()
        });
        if let Some(first) = first {
            return first_name(tree, *first);
        }
    }
    one.style.page.0.clone()
}
