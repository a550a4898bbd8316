//! Lines on several pages.

use super::super::TOLERANCE;
use super::Cutter;
use crate::boxes::{BoxId, Kind, LineItem};

/// A line, and what stands beside it.
struct Row {
    top: f32,
    /// Of the line, or of a float that hangs on it and is not taller than a page.
    bottom: f32,
}

impl Cutter<'_> {
    /// Puts lines below each other; as many as may stand alone stay together.
    pub(super) fn lines(&mut self, id: BoxId, top: f32) -> f32 {
        let one = self.tree.get(id);
        let layout = one.layout;
        let style = one.style.clone();
        let edge = layout.padding.bottom + layout.border.bottom;
        let floats: Vec<BoxId> = one
            .children
            .iter()
            .copied()
            .filter(|child| self.tree.get(*child).is_floating())
            .collect();
        let fresh = self.slots.next_height(top) - self.reserve;
        let rows = self.rows(id, &floats, fresh);
        let (orphans, widows) = (style.orphans.max(1) as usize, style.widows.max(1) as usize);
        let mut shifts: Vec<f32> = vec![0.0; rows.len()];
        let mut shift = 0.0;
        let mut at = 0;
        while at < rows.len() {
            let y = top + rows[at].top + shift;
            let end = self.slots.at(y).end;
            let fitting = (at..rows.len())
                .take_while(|row| {
                    let last = *row + 1 == rows.len();
                    let below = if last {
                        edge.min(super::BELOW_MAX) + self.below
                    } else {
                        0.0
                    };
                    top + rows[*row].bottom + shift + below <= end + TOLERANCE
                })
                .count();
            let left = rows.len() - at - fitting;
            let mut keep = fitting;
            if left > 0 {
                keep = keep.saturating_sub(widows.saturating_sub(left));
                if at == 0 && keep < orphans {
                    keep = 0;
                }
                if keep == 0
                    && (self.is_fresh(y)
                        || (at > 0 && fitting > 0 && rows.len() < widows + orphans))
                {
                    keep = fitting.max(1);
                }
            }
            for (row, own) in shifts[at..at + keep].iter_mut().enumerate() {
                let _ = row;
                *own = shift;
            }
            at += keep;
            if at < rows.len() {
                let y = top + rows[at].top + shift;
                let next = if keep > 0 && y >= end - TOLERANCE {
                    // The line before was taller than its page and reaches into this one.
                    y.max(self.slots.at(y).start + self.reserve)
                } else {
                    end + self.reserve
                };
                shift += (next - y).max(0.0);
            }
        }
        self.place_in_lines(id, top, &shifts, &floats, fresh);
        let mut bottom = top + layout.size.height + shift;
        for float in floats {
            bottom = bottom.max(
                self.tree
                    .get(float)
                    .strip
                    .bottom
                    .min(bottom + fresh.min(1.0e6)),
            );
        }
        top.max(bottom)
    }

    fn rows(&self, id: BoxId, floats: &[BoxId], fresh: f32) -> Vec<Row> {
        let Kind::Lines(lines) = &self.tree.get(id).kind else {
            return Vec::new();
        };
        let mut rows: Vec<Row> = lines
            .lines
            .iter()
            .map(|line| Row {
                top: line.top,
                bottom: line.bottom,
            })
            .collect();
        for float in floats {
            let layout = &self.tree.get(*float).layout;
            let (top, bottom) = (layout.location.y, layout.location.y + layout.size.height);
            if layout.size.height > fresh {
                continue;
            }
            let own = rows.iter_mut().find(|row| row.bottom > top + TOLERANCE);
            if let Some(row) = own {
                row.bottom = row.bottom.max(bottom.min(row.top + fresh));
            }
        }
        rows
    }

    /// Writes down where lines went, and takes along what stands in them and beside them.
    fn place_in_lines(
        &mut self,
        id: BoxId,
        top: f32,
        shifts: &[f32],
        floats: &[BoxId],
        fresh: f32,
    ) {
        let mut boxes: Vec<(BoxId, f32, bool)> = Vec::new();
        let mut anchors: Vec<f32> = Vec::new();
        if let Kind::Lines(lines) = &mut self.tree.get_mut(id).kind {
            for (line, shift) in lines.lines.iter_mut().zip(shifts) {
                line.shift = *shift;
                let is_tall = line.bottom - line.top > fresh;
                anchors.push(line.bottom);
                for item in &line.items {
                    if let LineItem::Box(child) = item {
                        boxes.push((*child, *shift, is_tall));
                    }
                }
            }
        }
        let outer = std::mem::take(&mut self.below);
        for (child, shift, is_tall) in boxes {
            let y = top + self.tree.get(child).layout.location.y + shift;
            if is_tall {
                self.place(child, y);
            } else {
                self.fix(child, y);
            }
        }
        for float in floats {
            let layout = self.tree.get(*float).layout;
            let at = anchors
                .iter()
                .position(|bottom| *bottom > layout.location.y + TOLERANCE);
            let shift = at
                .or(shifts.len().checked_sub(1))
                .map_or(0.0, |at| shifts[at]);
            self.place(*float, top + layout.location.y + shift);
        }
        self.below = outer;
    }
}
