//! Lines of text with what stands in them, and the numbers and bullets beside them.

use super::Painter;
use crate::boxes::{BoxId, Kind, LineItem, Lines, Tree};
use crate::css::values::keyword::{Direction, Visibility};
use crate::paint::View;
use crate::paint::shape::{Area, Matrix};
use crate::paint::spans::Spans;
use crate::paint::text::Spot;

impl Painter<'_, '_, '_> {
    /// A list item's number or bullet, on the line that the item begins with.
    pub(super) fn marker(&mut self, item: BoxId, marker: BoxId) {
        let tree = self.scene.tree;
        if tree.get(item).style.visibility != Visibility::Visible {
            return;
        }
        let Some(lines) = tree.get(marker).lines() else {
            return;
        };
        let Some(own) = lines.lines.first() else {
            return;
        };
        let one = tree.get(item);
        let area = self.scene.area(item);
        let line = first_line(tree, item).unwrap_or((
            area.y + one.layout.padding.top + one.layout.border.top + own.baseline,
            area.y,
            area.y + own.bottom,
        ));
        if !self.view.has(line.1, line.2) {
            return;
        }
        let width = tree.get(marker).layout.size.width;
        let edges = one.layout.padding + one.layout.border;
        let is_rtl = one.style.direction == Direction::Rtl;
        let x = match is_rtl {
            false => area.x + edges.left - width,
            true => area.right() - edges.right,
        };
        let y = line.0 - own.baseline;
        self.canvas.push_matrix(Matrix::translate(x, y));
        let view = std::mem::replace(&mut self.view, View::ALL);
        for line in &lines.lines {
            for item in &line.items {
                match item {
                    LineItem::Run(run) => {
                        let spot = Spot {
                            id: None,
                            left: 0.0,
                            top: 0.0,
                            ends: false,
                            baseline: line.baseline,
                        };
                        self.letters(lines, run, spot);
                    }
                    LineItem::Box(child) => self.marker_picture(*child),
                }
            }
        }
        self.view = view;
        self.canvas.pop();
    }

    fn marker_picture(&mut self, id: BoxId) {
        let one = self.scene.tree.get(id);
        if let Kind::Picture(picture) = &one.kind {
            let layout = &one.layout;
            let area = Area::new(
                layout.location.x,
                layout.location.y,
                layout.size.width,
                layout.size.height,
            );
            self.drawn(picture, area);
        }
    }

    pub(super) fn lines(&mut self, id: BoxId, lines: &Lines) {
        let tree = self.scene.tree;
        let strip = tree.get(id).strip;
        let left = self.scene.left(id);
        let spans = Spans::new(lines);
        for (at, line) in lines.lines.iter().enumerate() {
            let top = strip.top + line.shift;
            if !self.view.has(top + line.top, top + line.bottom) {
                continue;
            }
            self.spans_of_line(lines, &spans, at, left, top);
            let last = line
                .items
                .iter()
                .rposition(|item| matches!(item, LineItem::Run(run) if !run.is_room));
            for (n, item) in line.items.iter().enumerate() {
                match item {
                    LineItem::Run(run) => {
                        let spot = Spot {
                            id: Some(id),
                            left,
                            top,
                            ends: Some(n) == last,
                            baseline: line.baseline,
                        };
                        self.letters(lines, run, spot);
                    }
                    LineItem::Box(child) if !self.scene.is_layer(*child) => {
                        self.standing(lines, *child)
                    }
                    LineItem::Box(_) => {}
                }
            }
        }
    }

    /// A box that stands in a line; it moves along with what it stands in.
    fn standing(&mut self, lines: &Lines, child: BoxId) {
        let by = lines
            .span_of(child)
            .map_or((0.0, 0.0), |span| lines.moved(span));
        if by != (0.0, 0.0) {
            self.canvas.push_matrix(Matrix::translate(by.0, by.1));
        }
        if lines.leaders.contains(&child) {
            self.leader(child);
        } else {
            self.atomic(child);
        }
        if by != (0.0, 0.0) {
            self.canvas.pop();
        }
    }
}

/// Baseline, top and bottom of the first line in a box, on the strip.
fn first_line(tree: &Tree, id: BoxId) -> Option<(f32, f32, f32)> {
    let one = tree.get(id);
    if let Kind::Lines(lines) = &one.kind {
        let line = lines.lines.first()?;
        let top = one.strip.top + line.shift;
        return Some((top + line.baseline, top + line.top, top + line.bottom));
    }
    if !matches!(one.kind, Kind::Block) {
        return None;
    }
    let first = one.children.iter().find(|child| {
        let child = tree.get(**child);
        !child.is_placed() && !child.is_floating()
    })?;
    first_line(tree, *first)
}
