//! Pages: what was laid out as one endless strip is cut into pages. Nothing is laid out again for that: what would lie
//! across a page's end moves down the strip, and what comes behind it follows.

mod cut;
mod geometry;
mod margins;
mod placed;
mod slots;
mod strings;
mod widths;

use crate::boxes::{BoxId, Tree};

pub(crate) use cut::{Cutter, first_name};
pub(crate) use geometry::{Asked, Geometry, POINT, PageBox, Sides};
pub(crate) use margins::{Margin, margins};
pub(crate) use placed::place_others;
pub(crate) use slots::Slots;
pub(crate) use strings::strings;
pub(crate) use widths::widths;

/// Where a box lies on the strip, once everything before it has moved as it must.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Strip {
    pub(crate) top: f32,
    pub(crate) bottom: f32,
}

impl Strip {
    pub(crate) fn height(self) -> f32 {
        self.bottom - self.top
    }
}

/// Rounding that is no difference.
pub(crate) const TOLERANCE: f32 = 0.05;

/// A heading together with what it heads, and so on, at most.
const CHAIN_MAX: usize = 12;

/// The least height at which so many columns hold the content of a box.
pub(crate) fn balance(tree: &mut Tree, id: BoxId, top: f32, tall: f32, count: usize) -> f32 {
    let (mut low, mut high) = (tall / count as f32, tall);
    for _ in 0..10 {
        let height = if low == high { low } else { (low + high) / 2.0 };
        if fits(tree, id, top, &vec![height; count]) {
            high = height;
        } else {
            low = height;
        }
        if high - low < 0.5 {
            break;
        }
    }
    high
}

/// Whether the content of a box fits into columns of these heights.
fn fits(tree: &mut Tree, id: BoxId, top: f32, heights: &[f32]) -> bool {
    let mut cutter = Cutter::new(tree, Slots::listed(heights));
    let bottom = cutter.content(id, -top);
    bottom <= heights.iter().sum::<f32>() + TOLERANCE
}
