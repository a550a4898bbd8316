//! The part of the strip that is painted: a page's, or a column's.

use crate::pages::TOLERANCE;

/// The part of the strip that is seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    pub(crate) top: f32,
    pub(crate) bottom: f32,
}

impl View {
    /// Everything.
    pub(crate) const ALL: View = View {
        top: f32::NEG_INFINITY,
        bottom: f32::INFINITY,
    };

    /// Whether something of what lies between two heights is in it.
    pub(crate) fn sees(&self, top: f32, bottom: f32) -> bool {
        let lies_in = top < self.bottom - TOLERANCE && bottom > self.top + TOLERANCE;
        // What has no height is where it begins.
        let is_flat = bottom - top <= 2.0 * TOLERANCE;
        lies_in || (is_flat && top >= self.top - TOLERANCE && top < self.bottom - TOLERANCE)
    }

    /// Whether a line is in it: one that is not taller than a view is in one alone.
    pub(crate) fn has(&self, top: f32, bottom: f32) -> bool {
        if bottom - top > self.bottom - self.top {
            return self.sees(top, bottom);
        }
        // Lines of no height, and those that stick out a little, belong to where they begin.
        top >= self.top - TOLERANCE && top < self.bottom - TOLERANCE
    }

    pub(crate) fn moved(&self, by: f32) -> View {
        View {
            top: self.top + by,
            bottom: self.bottom + by,
        }
    }
}
