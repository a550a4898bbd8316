//! Boxes that others place: they go where their containers went.

use super::{Cutter, Strip};
use crate::boxes::{BoxId, Kind, Tree};
use crate::css::values::keyword::Position;

/// Puts every placed box of the tree in its place on the strip. Those that stand on every page come back; they are where
/// they would be on the first.
pub(crate) fn place_others(cutter: &mut Cutter<'_>, root: BoxId) -> Vec<BoxId> {
    let mut fixed = Vec::new();
    // A container may be in a placed box itself, whose place is known before.
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        for child in cutter.tree.get(id).hoisted.clone() {
            let one = cutter.tree.get(child);
            let y = one.layout.location.y;
            if one.style.position == Position::Fixed && id == root {
                cutter.fix(child, y);
                fixed.push(child);
            } else {
                let top = placed_top(cutter.tree, id, child, id == root);
                cutter.place(child, top);
            }
            open.push(child);
        }
        let one = cutter.tree.get(id);
        open.extend(
            one.children
                .iter()
                .copied()
                .filter(|child| !cutter.tree.get(*child).is_placed()),
        );
    }
    fixed
}

fn placed_top(tree: &Tree, container: BoxId, child: BoxId, is_root: bool) -> f32 {
    let holder = tree.get(container);
    let one = tree.get(child);
    let y = one.layout.location.y;
    if is_root && one.style.top.is_some() {
        return y;
    }
    let is_from_below = one.style.top.is_none() && one.style.bottom.is_some();
    if is_from_below && !is_root {
        let grown = holder.strip.height() - holder.layout.size.height;
        return holder.strip.top + y + grown;
    }
    holder.strip.top + y + shift_at(tree, container, y)
}

/// How much further down the strip something of a box came to lie than it was laid out.
pub(super) fn shift_at(tree: &Tree, id: BoxId, y: f32) -> f32 {
    let one = tree.get(id);
    if let Kind::Lines(lines) = &one.kind {
        let line = lines
            .lines
            .iter()
            .rev()
            .find(|line| line.top <= y + super::TOLERANCE);
        return line.map_or(0.0, |line| line.shift);
    }
    let above = one
        .children
        .iter()
        .filter(|child| {
            let child = tree.get(**child);
            !child.is_placed() && child.layout.location.y <= y + super::TOLERANCE
        })
        .max_by(|a, b| {
            let top = |id: &BoxId| tree.get(*id).layout.location.y;
            top(a).total_cmp(&top(b))
        });
    let Some(child) = above else {
        return 0.0;
    };
    let inner = tree.get(*child);
    let Strip { top, bottom } = inner.strip;
    let own = top - (one.strip.top + inner.layout.location.y);
    let within = y - inner.layout.location.y;
    if within > inner.layout.size.height {
        return own + (bottom - top - inner.layout.size.height);
    }
    own + shift_at(tree, *child, within)
}
