//! Columns on several pages: on each page as many as there are, and on the last all of the same height.

use super::super::slots::Slots;
use super::super::{Strip, TOLERANCE, fits};
use super::Cutter;
use crate::boxes::{BoxId, ColumnFragment, Kind};
use crate::budget::PAGES_MAX;

impl Cutter<'_> {
    /// Columns that stand on one page, however tall.
    pub(super) fn whole_columns(&mut self, id: BoxId, top: f32) {
        let (edge, count, height) = self.column_sizes(id);
        self.fill(id, edge, &[(top + edge, height)], count);
    }

    fn column_sizes(&self, id: BoxId) -> (f32, usize, f32) {
        let one = self.tree.get(id);
        let edge = one.layout.padding.top + one.layout.border.top;
        match &one.kind {
            Kind::Columns(columns) => (edge, columns.count, columns.height),
            _ => (edge, 1, one.layout.size.height),
        }
    }

    pub(super) fn columns(&mut self, id: BoxId, top: f32) -> f32 {
        let layout = self.tree.get(id).layout;
        let below = layout.padding.bottom + layout.border.bottom;
        let (edge, count, height) = self.column_sizes(id);
        let start = top + edge;
        let room = self.slots.at(start).end - start;
        if height + below <= room + TOLERANCE || !room.is_finite() {
            self.fill(id, edge, &[(start, height)], count);
            return top + layout.size.height;
        }
        // One part on this page, and so on; the last is as low as can be.
        let mut parts: Vec<(f32, f32)> = vec![(start, room)];
        let mut y = start;
        while parts.len() < PAGES_MAX {
            y = self.next_top(y);
            let fresh = self.slots.at(y).end - y;
            parts.push((y, fresh));
            let heights = |parts: &[(f32, f32)]| -> Vec<f32> {
                parts
                    .iter()
                    .flat_map(|part| std::iter::repeat_n(part.1, count))
                    .collect()
            };
            if !fresh.is_finite() || fits(self.tree, id, edge, &heights(&parts)) {
                let (mut low, mut high) = (0.0, if fresh.is_finite() { fresh } else { height });
                for _ in 0..10 {
                    let middle = (low + high) / 2.0;
                    if let Some(last) = parts.last_mut() {
                        last.1 = middle;
                    }
                    if fits(self.tree, id, edge, &heights(&parts)) {
                        high = middle;
                    } else {
                        low = middle;
                    }
                }
                if let Some(last) = parts.last_mut() {
                    last.1 = high;
                }
                break;
            }
        }
        self.fill(id, edge, &parts, count);
        let (last, height) = parts.last().copied().unwrap_or((start, height));
        last + height + below
    }

    /// Cuts the content for columns in these parts of the strip: where each begins, and how tall it is.
    fn fill(&mut self, id: BoxId, edge: f32, parts: &[(f32, f32)], count: usize) {
        let heights: Vec<f32> = parts
            .iter()
            .flat_map(|part| std::iter::repeat_n(part.1, count))
            .collect();
        let mut inner = Cutter::new(self.tree, Slots::listed(&heights));
        let bottom = inner.content(id, -edge);
        let slots = inner.slots.list;
        let one = self.tree.get(id);
        let left = one.layout.padding.left + one.layout.border.left;
        let is_rtl = one.style.direction == crate::css::values::keyword::Direction::Rtl;
        let Kind::Columns(columns) = &mut self.tree.get_mut(id).kind else {
            return;
        };
        let step = columns.width + columns.gap;
        columns.fragments = slots
            .iter()
            .take(heights.len())
            .enumerate()
            .map(|(at, slot)| {
                let column = if is_rtl {
                    count - 1 - at % count
                } else {
                    at % count
                };
                ColumnFragment {
                    strip: Strip {
                        top: slot.start,
                        bottom: slot.end,
                    },
                    x: column as f32 * step,
                    left: left + column as f32 * step,
                    y: parts[at / count].0,
                }
            })
            .collect();
        // What did not fit anywhere goes on below the last column.
        if let Some(last) = columns.fragments.last_mut() {
            last.strip.bottom = last.strip.bottom.max(bottom);
        }
    }
}
