//! The order in which boxes are painted: what is behind comes first.

mod effects;
mod lines;
mod table;

use super::canvas::Canvas;
use super::scene::{Scene, is_head};
use super::shape::{Area, Matrix};
use super::{Shared, View};
use crate::boxes::{BoxId, Columns, Kind, Role};

/// Paints what of a scene can be seen through a view.
pub(crate) struct Painter<'p, 's, 'd> {
    pub(crate) canvas: &'p mut Canvas<'s>,
    pub(crate) scene: &'p Scene<'p>,
    pub(crate) shared: &'p mut Shared<'d>,
    pub(crate) view: View,
}

/// What is painted of boxes that are painted together.
#[derive(Clone, Copy, PartialEq)]
enum Phase {
    /// Backgrounds and borders of blocks.
    Blocks,
    Floats,
    /// Lines, and what stands in them or is like that.
    Lines,
}

impl Painter<'_, '_, '_> {
    /// Whether something of a box or in it is seen.
    fn is_in_view(&self, id: BoxId) -> bool {
        let (top, bottom) = self.scene.extent(id);
        self.view.sees(top, bottom)
    }

    /// Paints a box with all that belongs to it, and with layers behind and before it.
    pub(crate) fn context(&mut self, id: BoxId) {
        let depth = self.canvas.depth();
        if !self.push_effects(id) {
            self.canvas.pop_to(depth);
            return;
        }
        if is_head(self.scene.tree, id) {
            self.head(id);
        } else {
            self.decorated(id);
        }
        self.canvas.pop_to(depth);
    }

    fn decorated(&mut self, id: BoxId) {
        let layers = self.scene.layers(id);
        if self.is_in_view(id) {
            self.own_decoration(id);
        }
        for (_, layer) in layers.iter().filter(|(level, _)| *level < 0) {
            self.layer(id, *layer);
        }
        if self.is_in_view(id) {
            self.inside(id);
        }
        for (_, layer) in layers.iter().filter(|(level, _)| *level >= 0) {
            self.layer(id, *layer);
        }
    }

    /// A layer of the context of a box, cut off by what is in between.
    fn layer(&mut self, context: BoxId, id: BoxId) {
        if !self.is_in_view(id) && self.scene.layers(id).is_empty() {
            return;
        }
        let depth = self.canvas.depth();
        let mut clips = Vec::new();
        let mut at = self.scene.holder(id);
        while let Some(above) = at {
            if self.scene.tree.clips(above) {
                clips.push(above);
            }
            if above == context {
                break;
            }
            at = self.scene.holder(above);
        }
        for above in clips.into_iter().rev() {
            self.push_overflow(above);
        }
        self.context(id);
        self.canvas.pop_to(depth);
    }

    /// Paints a box that stands in a line or is like one that does: at once, but for its layers.
    fn atomic(&mut self, id: BoxId) {
        if !self.is_in_view(id) {
            return;
        }
        self.own_decoration(id);
        self.inside(id);
    }

    fn own_decoration(&mut self, id: BoxId) {
        if matches!(self.scene.tree.get(id).role, Role::Group(_) | Role::Row) {
            return;
        }
        self.decoration(id);
    }

    /// What is in a box, in the order that CSS has for it.
    fn inside(&mut self, id: BoxId) {
        let depth = self.canvas.depth();
        if self.scene.tree.clips(id) {
            self.push_overflow(id);
        }
        if let Kind::Columns(columns) = &self.scene.tree.get(id).kind {
            self.columns(id, columns);
        } else {
            self.content(id);
        }
        self.canvas.pop_to(depth);
    }

    fn content(&mut self, id: BoxId) {
        for phase in [Phase::Blocks, Phase::Floats, Phase::Lines] {
            self.phase(id, phase);
        }
    }

    /// Columns: what is in them is painted for each, moved to its place.
    fn columns(&mut self, id: BoxId, columns: &Columns) {
        let area = self.scene.area(id);
        let view = self.view;
        for fragment in &columns.fragments {
            let tall = fragment.strip.height().min(1.0e6);
            if !view.sees(fragment.y, fragment.y + tall) {
                continue;
            }
            let depth = self.canvas.depth();
            let left = area.x + fragment.left;
            // Columns are cut off above and below; across, what is too wide may reach out.
            self.canvas.push_clip_area(Area::new(
                left - 2_000.0,
                fragment.y - 1.0,
                columns.width + 4_000.0,
                tall + 2.0,
            ));
            let by = fragment.y - fragment.strip.top;
            self.canvas.push_matrix(Matrix::translate(fragment.x, by));
            self.view = View {
                top: fragment.strip.top,
                bottom: fragment.strip.bottom,
            };
            self.content(id);
            for (_, layer) in self.scene.layers(id) {
                self.layer(id, *layer);
            }
            self.view = view;
            self.canvas.pop_to(depth);
        }
        self.column_rules(id, columns);
    }

    fn phase(&mut self, id: BoxId, phase: Phase) {
        let tree = self.scene.tree;
        let one = tree.get(id);
        match &one.kind {
            Kind::Lines(lines) => match phase {
                Phase::Blocks => {}
                Phase::Floats => self.floats_of(id),
                Phase::Lines => self.lines(id, lines),
            },
            Kind::Picture(picture) => {
                if phase == Phase::Lines {
                    self.picture(id, picture);
                }
            }
            Kind::Flex | Kind::Grid => {
                if phase == Phase::Lines {
                    for item in &one.children {
                        if !tree.get(*item).is_placed() && !self.scene.is_layer(*item) {
                            self.atomic(*item);
                        }
                    }
                }
            }
            Kind::Table(_) => self.table(id, phase),
            Kind::Block | Kind::Captioned | Kind::Columns(_) => {
                for child in &one.children {
                    self.child(*child, phase);
                }
            }
        }
        if phase == Phase::Lines
            && let Some(marker) = one.marker
        {
            self.marker(id, marker);
        }
    }

    fn floats_of(&mut self, id: BoxId) {
        for child in &self.scene.tree.get(id).children {
            if self.scene.tree.get(*child).is_floating() && !self.scene.is_layer(*child) {
                self.atomic(*child);
            }
        }
    }

    fn child(&mut self, id: BoxId, phase: Phase) {
        let one = self.scene.tree.get(id);
        if one.is_placed() || self.scene.is_layer(id) || !self.is_in_view(id) {
            return;
        }
        if one.is_floating() {
            if phase == Phase::Floats {
                self.atomic(id);
            }
            return;
        }
        if phase == Phase::Blocks {
            self.own_decoration(id);
        }
        let depth = self.canvas.depth();
        if self.scene.tree.clips(id) {
            self.push_overflow(id);
        }
        self.phase(id, phase);
        self.canvas.pop_to(depth);
    }
}
