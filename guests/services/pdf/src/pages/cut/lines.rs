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

/// The rows of a paragraph, and what is asked of them.
struct Rows {
    all: Vec<Row>,
    /// As many as stand at least before a page's end, and behind it.
    orphans: usize,
    widows: usize,
    /// Room that the last one needs below itself.
    below: f32,
}

impl Rows {
    /// How many fit, from one of them on, into a page that ends there.
    fn fitting(&self, at: usize, top: f32, shift: f32, end: f32) -> usize {
        let last = self.all.len() - 1;
        let fits = |n: &usize| {
            let below = if *n == last { self.below } else { 0.0 };
            top + self.all[*n].bottom + shift + below <= end + TOLERANCE
        };
        (at..self.all.len()).take_while(fits).count()
    }

    /// How many of those that fit stay on the page; it is fresh when nothing stands above them.
    fn staying(&self, at: usize, fitting: usize, is_fresh: bool) -> usize {
        let left = self.all.len() - at - fitting;
        if left == 0 {
            return fitting;
        }
        let keep = fitting.saturating_sub(self.widows.saturating_sub(left));
        let keep = if at == 0 && keep < self.orphans {
            0
        } else {
            keep
        };
        let is_short = self.all.len() < self.widows + self.orphans;
        if keep == 0 && (is_fresh || (at > 0 && fitting > 0 && is_short)) {
            return fitting.max(1);
        }
        keep
    }
}

impl Cutter<'_> {
    /// Puts lines below each other; as many as may stand alone stay together.
    pub(super) fn lines(&mut self, id: BoxId, top: f32) -> f32 {
        let one = self.tree.get(id);
        let layout = one.layout;
        let floats: Vec<BoxId> = one
            .children
            .iter()
            .copied()
            .filter(|child| self.tree.get(*child).is_floating())
            .collect();
        let edge = layout.padding.bottom + layout.border.bottom;
        let style = one.style.clone();
        let fresh = self.slots.next_height(top) - self.reserve;
        let rows = Rows {
            all: self.rows(id, &floats, fresh),
            orphans: style.orphans.max(1) as usize,
            widows: style.widows.max(1) as usize,
            below: edge.min(super::BELOW_MAX) + self.below,
        };
        let (shifts, shift) = self.shifts(&rows, top);
        self.place_in_lines(id, top, &shifts, &floats, fresh);
        let mut bottom = top + layout.size.height + shift;
        for float in floats {
            let end = self.tree.get(float).strip.bottom;
            bottom = bottom.max(end.min(bottom + fresh.min(1.0e6)));
        }
        top.max(bottom)
    }

    /// How much further down each row comes to stand, and what stands below the last.
    fn shifts(&mut self, rows: &Rows, top: f32) -> (Vec<f32>, f32) {
        let count = rows.all.len();
        let mut shifts: Vec<f32> = vec![0.0; count];
        let mut shift = 0.0;
        let mut at = 0;
        while at < count {
            let y = top + rows.all[at].top + shift;
            let end = self.slots.at(y).end;
            let fitting = rows.fitting(at, top, shift, end);
            let keep = rows.staying(at, fitting, self.is_fresh(y));
            shifts[at..at + keep].fill(shift);
            at += keep;
            if at < count {
                let y = top + rows.all[at].top + shift;
                let next = if keep > 0 && y >= end - TOLERANCE {
                    // The line before was taller than its page and reaches into this one.
                    y.max(self.slots.at(y).start + self.reserve)
                } else {
                    end + self.reserve
                };
                shift += (next - y).max(0.0);
            }
        }
        (shifts, shift)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of ten each; two stay together at least, before a page's end and behind it.
    fn rows(count: u8) -> Rows {
        let row = |n: u8| Row {
            top: f32::from(n) * 10.0,
            bottom: f32::from(n) * 10.0 + 10.0,
        };
        Rows {
            all: (0..count).map(row).collect(),
            orphans: 2,
            widows: 2,
            below: 5.0,
        }
    }

    #[test]
    fn rows_fit_with_what_stands_below_the_last() {
        let rows = rows(4);
        assert_eq!(rows.fitting(0, 0.0, 0.0, 45.0), 4);
        assert_eq!(rows.fitting(0, 0.0, 0.0, 44.0), 3);
        assert_eq!(rows.fitting(1, 100.0, 10.0, 140.0), 2);
        assert_eq!(rows.fitting(0, 0.0, 0.0, 9.0), 0);
    }

    #[test]
    fn few_rows_are_not_left_alone() {
        let rows = rows(6);
        assert_eq!(rows.staying(0, 6, false), 6);
        assert_eq!(rows.staying(0, 4, false), 4);
        assert_eq!(rows.staying(0, 5, false), 4, "two widows go together");
        assert_eq!(rows.staying(0, 1, false), 0, "an orphan goes along");
        assert_eq!(rows.staying(0, 1, true), 1, "on a fresh page it must not");
        assert_eq!(rows.staying(0, 0, true), 1, "nothing is taller than it is");
    }

    #[test]
    fn paragraphs_too_short_for_both_stay_together() {
        let rows = rows(3);
        assert_eq!(rows.staying(0, 2, false), 0);
        assert_eq!(rows.staying(0, 2, true), 2);
        assert_eq!(rows.staying(1, 1, false), 1);
    }
}
