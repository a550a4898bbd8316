//! Tables on several pages: rows stay whole, and their heads stand on every page.

use super::super::{Strip, TOLERANCE};
use super::Cutter;
use crate::boxes::{BoxId, Group, Kind, Role};
use crate::css::values::keyword::{BreakBetween, BreakInside};

/// Heads that take more of a page than this are not repeated.
const HEAD_PART: f32 = 0.34;

/// A table that is being cut.
struct Cutting {
    top: f32,
    shift: f32,
    /// Cells that reach down into rows that are still to come: where they end, and their last row.
    open: Vec<(BoxId, usize)>,
    row: usize,
    end: f32,
    before: BreakBetween,
}

impl Cutter<'_> {
    pub(super) fn table(&mut self, id: BoxId, top: f32) -> f32 {
        let groups = self.tree.get(id).children.clone();
        let height = self.tree.get(id).layout.size.height;
        let outer = (self.reserve, self.below);
        let head = self.head_height(&groups);
        let page = self.slots.next_height(top) - self.reserve;
        let is_repeated = head > 0.0 && head <= page * HEAD_PART && self.slots.has_pages();
        let mut cutting = Cutting {
            top,
            shift: 0.0,
            open: Vec::new(),
            row: 0,
            end: top,
            before: BreakBetween::Auto,
        };
        let last = groups
            .iter()
            .rposition(|group| !self.tree.get(*group).children.is_empty());
        for (at, group) in groups.iter().enumerate() {
            let is_head = matches!(self.tree.get(*group).role, Role::Group(Group::Head));
            self.reserve = outer.0 + if is_repeated && !is_head { head } else { 0.0 };
            self.group(&mut cutting, *group, Some(at) == last, outer.1);
        }
        (self.reserve, self.below) = outer;
        let bottom = (top + height + cutting.shift).max(cutting.end);
        self.repeat(id, &groups, is_repeated, cutting.end);
        bottom
    }

    /// From the top of the heads to that of the first row of a body.
    fn head_height(&self, groups: &[BoxId]) -> f32 {
        let is_head =
            |group: &&BoxId| matches!(self.tree.get(**group).role, Role::Group(Group::Head));
        let Some(first) = groups.iter().find(is_head) else {
            return 0.0;
        };
        let top = self.tree.get(*first).layout.location.y;
        let body = groups
            .iter()
            .find(|group| !is_head(group) && !self.tree.get(**group).children.is_empty());
        body.map_or(0.0, |body| self.tree.get(*body).layout.location.y - top)
    }

    fn group(&mut self, cutting: &mut Cutting, group: BoxId, is_last: bool, below: f32) {
        let layout = self.tree.get(group).layout;
        let style = self.tree.get(group).style.clone();
        let rows = self.tree.get(group).children.clone();
        let is_head = matches!(self.tree.get(group).role, Role::Group(Group::Head));
        let whole = style.break_inside == BreakInside::Avoid;
        let count = rows.len();
        let mut group_top = None;
        for (at, row) in rows.into_iter().enumerate() {
            let row_layout = self.tree.get(row).layout;
            let natural = cutting.top + layout.location.y + row_layout.location.y + cutting.shift;
            let height = row_layout.size.height;
            self.below = if is_last && at + 1 == count {
                below
            } else {
                0.0
            };
            let soft = match (whole && at == 0, is_head) {
                (true, _) => layout.size.height,
                (_, true) => layout.size.height - row_layout.location.y + self.first_body(group),
                _ => height,
            };
            let y = self.row_start(cutting, row, natural, soft, at == 0, style.break_before);
            let bottom = self.row(cutting, row, y);
            group_top.get_or_insert(y);
            cutting.shift += (y - natural) + (bottom - y - height);
            cutting.end = cutting.end.max(bottom);
            cutting.before = self.tree.get(row).style.break_after;
            cutting.row += 1;
        }
        if count > 0 && style.break_after != BreakBetween::Auto {
            cutting.before = style.break_after;
        }
        let natural = cutting.top + layout.location.y + cutting.shift;
        let top = group_top.unwrap_or(natural);
        let bottom = if count > 0 { cutting.end.max(top) } else { top };
        self.tree.get_mut(group).strip = Strip { top, bottom };
    }

    /// The height of the first row behind the heads, which they stay together with.
    fn first_body(&self, head: BoxId) -> f32 {
        let parent = self.tree.get(head).parent;
        let groups = parent.map_or(&[][..], |table| &self.tree.get(table).children);
        let body = groups.iter().find(|group| {
            !matches!(self.tree.get(**group).role, Role::Group(Group::Head))
                && !self.tree.get(**group).children.is_empty()
        });
        body.and_then(|body| self.tree.get(*body).children.first())
            .map_or(0.0, |row| self.tree.get(*row).layout.size.height)
    }

    fn row_start(
        &mut self,
        cutting: &Cutting,
        row: BoxId,
        y: f32,
        soft: f32,
        is_first: bool,
        of_group: BreakBetween,
    ) -> f32 {
        let own = self.tree.get(row).style.break_before;
        let asked = [
            own,
            cutting.before,
            if is_first {
                of_group
            } else {
                BreakBetween::Auto
            },
        ]
        .into_iter()
        .find(|side| {
            matches!(
                side,
                BreakBetween::Page | BreakBetween::Left | BreakBetween::Right
            )
        });
        if let Some(side) = asked
            && cutting.row > 0
            && !self.is_fresh(y)
        {
            let name = self.slots.name_at(y);
            return self.slots.force(y, side, name.as_ref()) + self.reserve;
        }
        let height = self.tree.get(row).layout.size.height;
        let fresh = self.slots.next_height(y) - self.reserve;
        let hard = if height <= fresh {
            height
        } else {
            let leads = self
                .tree
                .get(row)
                .children
                .iter()
                .map(|cell| self.lead(*cell, false));
            leads.fold(0.0, f32::max)
        };
        self.start(y, height, soft.max(hard), hard)
    }

    /// Puts a row's cells in their places, each cut by itself. Where the row ends.
    fn row(&mut self, cutting: &mut Cutting, row: BoxId, y: f32) -> f32 {
        let height = self.tree.get(row).layout.size.height;
        let mut bottom = y + height;
        let cells = self.tree.get(row).children.clone();
        for cell in &cells {
            let rows = match self.tree.get(*cell).role {
                Role::Cell(place) => place.rows,
                _ => 1,
            };
            let end = self.place(*cell, y);
            if rows > 1 {
                cutting.open.push((*cell, cutting.row + rows - 1));
            } else {
                bottom = bottom.max(end);
            }
        }
        for (cell, last) in &cutting.open {
            if *last == cutting.row {
                bottom = bottom.max(self.tree.get(*cell).strip.bottom);
            }
        }
        for cell in &cells {
            let strip = self.tree.get(*cell).strip;
            self.tree.get_mut(*cell).strip = Strip { bottom, ..strip };
        }
        for (cell, last) in std::mem::take(&mut cutting.open) {
            let strip = self.tree.get(cell).strip;
            self.tree.get_mut(cell).strip = Strip { bottom, ..strip };
            if last > cutting.row {
                cutting.open.push((cell, last));
            }
        }
        self.tree.get_mut(row).strip = Strip { top: y, bottom };
        bottom
    }

    /// Notes where heads stand again: at the top of every slot that rows go on in.
    fn repeat(&mut self, id: BoxId, groups: &[BoxId], is_repeated: bool, end: f32) {
        let mut repeats = Vec::new();
        let head = groups
            .iter()
            .find(|group| matches!(self.tree.get(**group).role, Role::Group(Group::Head)));
        if let Some(head) = head.filter(|_| is_repeated) {
            let first = self.slots.index_at(self.tree.get(*head).strip.top);
            let last = self.slots.index_at(end - 2.0 * TOLERANCE);
            for slot in first + 1..=last {
                if !self.slots.list[slot].is_blank {
                    repeats.push(self.slots.list[slot].start + self.reserve);
                }
            }
        }
        if let Kind::Table(table) = &mut self.tree.get_mut(id).kind {
            table.repeats = repeats;
        }
    }

    pub(super) fn table_lead(&self, id: BoxId) -> f32 {
        let groups = &self.tree.get(id).children;
        let mut lead = 0.0;
        for group in groups {
            let one = self.tree.get(*group);
            let Some(row) = one.children.first() else {
                continue;
            };
            if matches!(one.role, Role::Group(Group::Head)) {
                lead = one.layout.location.y + one.layout.size.height;
                continue;
            }
            let row = &self.tree.get(*row).layout;
            return one.layout.location.y + row.location.y + row.size.height;
        }
        lead
    }
}
