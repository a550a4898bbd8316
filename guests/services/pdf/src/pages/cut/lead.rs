//! How much of a box must stand together where it begins.

use super::super::{CHAIN_MAX, TOLERANCE};
use super::Cutter;
use crate::boxes::{BoxId, Kind, Role};
use crate::css::values::keyword::{BreakBetween, BreakInside};

impl Cutter<'_> {
    /// What a child needs to begin: as it would like to have it, with what it must not be parted from, and at least.
    pub(super) fn needs(&self, children: &[BoxId], at: usize) -> (f32, f32) {
        let hard = self.lead(children[at], false);
        (self.chain(children, at, 0).max(hard), hard)
    }

    /// A child, and those behind it that no page may end before.
    fn chain(&self, children: &[BoxId], at: usize, length: usize) -> f32 {
        let child = children[at];
        let own = self.lead(child, true);
        let next =
            (at + 1..children.len()).find(|next| !self.tree.get(children[*next]).is_floating());
        let Some(next) = next.filter(|_| length < CHAIN_MAX) else {
            return own;
        };
        let avoids = self.tree.get(child).style.break_after == BreakBetween::Avoid
            || self.tree.get(children[next]).style.break_before == BreakBetween::Avoid;
        if !avoids {
            return own;
        }
        let (one, other) = (
            &self.tree.get(child).layout,
            &self.tree.get(children[next]).layout,
        );
        let distance = other.location.y - one.location.y;
        (distance + self.chain(children, next, length + 1)).max(own)
    }

    /// The first piece of a box.
    pub(super) fn lead(&self, id: BoxId, soft: bool) -> f32 {
        let one = self.tree.get(id);
        let height = one.layout.size.height;
        if soft && one.style.break_inside == BreakInside::Avoid {
            return height;
        }
        let lead = match &one.kind {
            Kind::Picture(_) => height,
            Kind::Lines(lines) => lines_lead(lines, &one.style).unwrap_or(height),
            Kind::Flex | Kind::Grid => self.bands_lead(id, soft).unwrap_or(height),
            Kind::Table(_) => self.table_lead(id),
            Kind::Columns(_) => {
                let top = one.layout.padding.top + one.layout.border.top;
                top + one.style.line_height.px(one.style.font_size) * 2.0
            }
            Kind::Block | Kind::Captioned => {
                let children = self.in_flow(id);
                let first = children
                    .iter()
                    .position(|child| !self.tree.get(*child).is_floating());
                match first {
                    Some(first) => {
                        let child = &self.tree.get(children[first]).layout;
                        let inner = if soft {
                            self.chain(&children, first, 0)
                        } else {
                            self.lead(children[first], false)
                        };
                        let is_last = children[first + 1..]
                            .iter()
                            .all(|child| self.tree.get(*child).is_floating());
                        // What comes whole brings along the edges around it.
                        let is_whole = is_last && inner + TOLERANCE >= child.size.height;
                        if is_whole {
                            height
                        } else {
                            child.location.y + inner
                        }
                    }
                    // Something to see that is no text, such as a rule: whole, if it is no more than a strip.
                    None => height,
                }
            }
        };
        if matches!(one.role, Role::Row) {
            height
        } else {
            lead.min(height.max(0.0))
        }
    }
}

/// As many lines as stand together; `None` is all.
fn lines_lead(lines: &crate::boxes::Lines, style: &crate::css::property::Style) -> Option<f32> {
    let count = lines.lines.len();
    let (orphans, widows) = (style.orphans.max(1) as usize, style.widows.max(1) as usize);
    if count < orphans + widows {
        return None;
    }
    lines.lines.get(orphans - 1).map(|line| line.bottom)
}
