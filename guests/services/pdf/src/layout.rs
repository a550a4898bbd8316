//! Layout: where boxes come to lie, on a page that has no end. Blocks, floats, flex, grid and placed boxes are laid out by
//! a library; lines, tables, pictures and columns here.

mod columns;
mod convert;
mod frame;
mod inline;
mod picture;
mod table;
mod tree;

pub(crate) use convert::{Calcs, Flow};
pub(crate) use table::{Edge, SharedBorder, Wish};

use taffy::{AvailableSpace, Size, compute_root_layout};

use crate::boxes::{BoxId, Kind, Tree};

/// Lays out a tree for pages of this size, as if there were only one that goes on and on.
pub(crate) fn lay_out(tree: &mut Tree, root: BoxId, width: f32, height: f32) {
    if !tree.is_given_width(root) {
        tree.get_mut(root).flow.size.width = taffy::Dimension::length(width);
    }
    let room = Size {
        width: AvailableSpace::Definite(width),
        height: AvailableSpace::Definite(height),
    };
    compute_root_layout(tree, root.into(), room);
    markers(tree);
}

/// Lays out numbers and bullets of list items: each on one line, as wide as it is.
fn markers(tree: &mut Tree) {
    for id in tree.ids() {
        let Some(marker) = tree.get(id).marker else {
            continue;
        };
        let room = Size {
            width: AvailableSpace::MaxContent,
            height: AvailableSpace::MaxContent,
        };
        compute_root_layout(tree, marker.into(), room);
    }
}

/// How far to the right the content of a box reaches, measured from its own left side.
pub(crate) fn reach(tree: &Tree, id: BoxId) -> f32 {
    let one = tree.get(id);
    let mut right = one.layout.size.width;
    if tree.clips(id) {
        return right;
    }
    if let Kind::Lines(lines) = &one.kind {
        for run in lines.runs() {
            right = right.max(run.x + lines.seen_advance(run));
        }
    }
    // What is placed counts where it hangs, once.
    let in_flow = one
        .children
        .iter()
        .filter(|child| !tree.get(**child).is_placed());
    for child in in_flow.chain(&one.hoisted) {
        right = right.max(tree.get(*child).layout.location.x + reach(tree, *child));
    }
    right
}
