//! Pages of several widths: boxes that lie on pages of another width than most are laid out for that.

use super::{Geometry, Slots};
use crate::boxes::{BoxId, Kind, Tree};
use crate::css::values::length::Size;

/// The widths that boxes should have which lie on pages of another width than everything was laid out for.
pub(crate) fn widths(
    tree: &Tree,
    root: BoxId,
    slots: &Slots,
    geometry: &Geometry,
    common: f32,
) -> Vec<(BoxId, f32)> {
    let all: Vec<f32> = slots
        .list
        .iter()
        .enumerate()
        .map(|(index, slot)| {
            geometry
                .page(index, slot.name.as_ref(), slot.is_blank)
                .content_width()
        })
        .collect();
    let mut out = Vec::new();
    if all.iter().all(|width| (width - common).abs() < 0.5) {
        return out;
    }
    let index = |y: f32| {
        slots
            .list
            .partition_point(|slot| slot.end - super::TOLERANCE <= y)
            .min(all.len() - 1)
    };
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        let one = tree.get(id);
        if one.is_placed() || one.is_floating() {
            continue;
        }
        let strip = one.strip;
        let (first, last) = (
            index(strip.top),
            index((strip.bottom - 2.0 * super::TOLERANCE).max(strip.top)),
        );
        let on = &all[first..=last];
        let least = on.iter().copied().fold(f32::INFINITY, f32::min);
        let most = on.iter().copied().fold(0.0, f32::max);
        let is_mixed = most - least > 0.5;
        if is_mixed && matches!(one.kind, Kind::Block) && !one.children.is_empty() {
            open.extend(one.children.iter().rev());
            continue;
        }
        let is_open = one.style.width == Size::Auto || id == root;
        // Shares of the width are those of the width that the box had by itself.
        let own = tree.natural_width(id);
        if (least - common).abs() > 0.5 && is_open {
            out.push((id, (own + least - common).max(1.0)));
        }
    }
    out
}
