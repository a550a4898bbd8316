//! A scene: a tree that is ready to be painted, with what is known of all its boxes at once.

use std::collections::HashMap;

use super::shape::Area;
use crate::boxes::{BoxId, Group, Kind, Role, Tree};
use crate::css::values::keyword::{BlendMode, Position};

pub(crate) struct Scene<'a> {
    pub(crate) tree: &'a Tree,
    /// The left edge of every box.
    lefts: Vec<f32>,
    /// From where to where on the strip a box and all that is in it reach.
    extents: Vec<(f32, f32)>,
    /// Which box holds those that are not where their parents are.
    holders: HashMap<BoxId, BoxId>,
    /// Boxes that are painted apart from their surroundings, by the one that they are painted with: in order.
    layers: HashMap<BoxId, Vec<(i32, BoxId)>>,
    /// Boxes that stand on every page.
    pub(crate) fixed: Vec<BoxId>,
}

impl<'a> Scene<'a> {
    pub(crate) fn new(tree: &'a Tree, root: BoxId, fixed: Vec<BoxId>) -> Scene<'a> {
        let mut scene = Scene {
            tree,
            lefts: vec![0.0; tree.len()],
            extents: vec![(f32::INFINITY, f32::NEG_INFINITY); tree.len()],
            holders: HashMap::new(),
            layers: HashMap::new(),
            fixed,
        };
        scene.note(root, 0.0, root);
        for layers in scene.layers.values_mut() {
            layers.sort_by_key(|(level, _)| *level);
        }
        scene
    }

    /// Goes through a box and all in it. `above` is the box that layers within belong to.
    fn note(&mut self, id: BoxId, left: f32, above: BoxId) {
        self.lefts[id.index()] = left;
        let one = self.tree.get(id);
        let is_layer = is_layer(self.tree, id) && id != above;
        if is_layer && !self.fixed.contains(&id) {
            let level = one
                .style
                .z_index
                .filter(|_| is_ordered(self.tree, id))
                .unwrap_or(0);
            self.layers.entry(above).or_default().push((level, id));
        }
        let inner = if is_context(self.tree, id) { id } else { above };
        let mut extent = (one.strip.top, one.strip.bottom);
        if let Kind::Lines(lines) = &one.kind {
            for line in &lines.lines {
                extent.0 = extent.0.min(one.strip.top + line.top + line.shift);
                extent.1 = extent.1.max(one.strip.top + line.bottom + line.shift);
            }
        }
        let is_apart = matches!(one.kind, Kind::Columns(_));
        for child in &one.children {
            let child_box = self.tree.get(*child);
            if child_box.is_placed() {
                continue;
            }
            self.note(*child, left + child_box.layout.location.x, inner);
            if !is_apart {
                let own = self.extents[child.index()];
                extent = (extent.0.min(own.0), extent.1.max(own.1));
            }
        }
        for child in &one.hoisted {
            self.holders.insert(*child, id);
            let inner = self.context_between(*child, id).unwrap_or(inner);
            self.note(
                *child,
                left + self.tree.get(*child).layout.location.x,
                inner,
            );
            if !is_apart && !self.fixed.contains(child) {
                let own = self.extents[child.index()];
                extent = (extent.0.min(own.0), extent.1.max(own.1));
            }
        }
        if let Some(parent) = one.parent
            && let Kind::Table(table) = &self.tree.get(parent).kind
            && is_head(self.tree, id)
            && let Some(last) = table.repeats.last()
        {
            extent.1 = extent.1.max(last + one.strip.height());
        }
        self.extents[id.index()] = extent;
    }

    /// What a placed box is painted with that lies between it and the box that holds it.
    fn context_between(&self, id: BoxId, holder: BoxId) -> Option<BoxId> {
        let mut at = self.tree.get(id).parent;
        while let Some(above) = at.filter(|above| *above != holder) {
            let is_apart =
                matches!(self.tree.get(above).kind, Kind::Columns(_)) || is_head(self.tree, above);
            if is_context(self.tree, above) && !is_apart {
                return Some(above);
            }
            at = self.tree.get(above).parent;
        }
        None
    }

    pub(crate) fn left(&self, id: BoxId) -> f32 {
        self.lefts[id.index()]
    }

    /// The border box, on the strip.
    pub(crate) fn area(&self, id: BoxId) -> Area {
        let one = self.tree.get(id);
        Area {
            x: self.left(id),
            y: one.strip.top,
            width: one.layout.size.width,
            height: one.strip.height(),
        }
    }

    pub(crate) fn extent(&self, id: BoxId) -> (f32, f32) {
        self.extents[id.index()]
    }

    pub(crate) fn layers(&self, id: BoxId) -> &[(i32, BoxId)] {
        self.layers.get(&id).map_or(&[], |layers| layers)
    }

    /// The box that a box is in when it comes to being cut off.
    pub(crate) fn holder(&self, id: BoxId) -> Option<BoxId> {
        self.holders.get(&id).copied().or(self.tree.get(id).parent)
    }

    pub(crate) fn is_layer(&self, id: BoxId) -> bool {
        is_layer(self.tree, id)
    }
}

/// Heads that stand on several pages.
pub(crate) fn is_head(tree: &Tree, id: BoxId) -> bool {
    matches!(tree.get(id).role, Role::Group(Group::Head))
        && tree.get(id).parent.is_some_and(|table| {
            matches!(&tree.get(table).kind, Kind::Table(table) if !table.repeats.is_empty())
        })
}

/// Whether a box is painted apart from what is around it.
fn is_layer(tree: &Tree, id: BoxId) -> bool {
    let style = &tree.get(id).style;
    style.position != Position::Static || is_context(tree, id)
}

/// Whether everything in it is painted together, with nothing from outside in between.
fn is_context(tree: &Tree, id: BoxId) -> bool {
    let one = tree.get(id);
    let style = &one.style;
    style.opacity < 1.0
        || !style.transform.is_empty()
        || style.blend_mode != BlendMode::Normal
        || style.position == Position::Fixed
        || (style.z_index.is_some() && is_ordered(tree, id))
        // What is in columns lies elsewhere than it seems, and heads lie in several places.
        || matches!(one.kind, Kind::Columns(_))
        || is_head(tree, id)
}

/// Whether `z-index` means something for it.
fn is_ordered(tree: &Tree, id: BoxId) -> bool {
    let one = tree.get(id);
    one.style.position != Position::Static
        || one
            .parent
            .is_some_and(|parent| matches!(tree.get(parent).kind, Kind::Flex | Kind::Grid))
}
