//! Pictures where they stand.

use super::canvas::Canvas;
use super::decoration::sides;
use super::shape::{Area, Matrix, Rounded};
use super::walk::Painter;
use crate::boxes::BoxId;
use crate::css::values::keyword::{ObjectFit, Visibility};
use crate::picture::{Drawn, Picture};

/// Draws a picture so that it fills an area.
pub(super) fn draw(canvas: &mut Canvas<'_>, picture: &Picture, area: Area) {
    if area.rect().is_none() {
        return;
    }
    match &picture.drawn {
        Drawn::Nothing => {}
        Drawn::Vectors(tree) => {
            canvas.push_matrix(Matrix::translate(area.x, area.y));
            canvas.svg(tree, area.width, area.height);
            canvas.pop();
        }
        Drawn::Pixels(image, turn) => {
            let fill = Matrix([area.width, 0.0, 0.0, area.height, area.x, area.y]);
            canvas.push_matrix(fill.of(Matrix(turn.matrix())));
            canvas.image(image.clone(), 1.0, 1.0);
            canvas.pop();
        }
    }
}

impl Painter<'_, '_, '_> {
    /// The picture that a box is.
    pub(super) fn picture(&mut self, id: BoxId, picture: &Picture) {
        let one = self.scene.tree.get(id);
        if one.style.visibility != Visibility::Visible {
            return;
        }
        let area = self.scene.area(id);
        if !self.view.sees(area.y, area.bottom()) {
            return;
        }
        let (border, padding) = (sides(one.layout.border), sides(one.layout.padding));
        let inner = Rounded::of(&one.style, area).inset(border).inset(padding);
        let room = inner.area;
        let ratio = picture
            .ratio
            .filter(|ratio| ratio.is_finite() && *ratio > 0.0);
        let own = match (picture.width, picture.height, ratio) {
            (Some(width), Some(height), _) => (width, height),
            (Some(width), None, Some(ratio)) => (width, width / ratio),
            (None, Some(height), Some(ratio)) => (height * ratio, height),
            (_, _, Some(ratio)) => {
                let width = room.width.min(room.height * ratio);
                (width, width / ratio)
            }
            _ => (room.width, room.height),
        };
        let scaled = |cover: bool| {
            let (x, y) = (
                room.width / own.0.max(0.001),
                room.height / own.1.max(0.001),
            );
            let by = if cover { x.max(y) } else { x.min(y) };
            (own.0 * by, own.1 * by)
        };
        let size = match one.style.object_fit {
            // Vectors keep their proportions by themselves.
            ObjectFit::Fill if matches!(picture.drawn, Drawn::Vectors(_)) && ratio.is_some() => {
                scaled(false)
            }
            ObjectFit::Fill => (room.width, room.height),
            ObjectFit::Contain => scaled(false),
            ObjectFit::Cover => scaled(true),
            ObjectFit::None => own,
            ObjectFit::ScaleDown if own.0 <= room.width && own.1 <= room.height => own,
            ObjectFit::ScaleDown => scaled(false),
        };
        let at = one
            .style
            .object_position
            .resolve((room.width - size.0, room.height - size.1));
        let target = Area::new(room.x + at.0, room.y + at.1, size.0, size.1);
        let depth = self.canvas.depth();
        self.clip_to_view(area);
        let sticks_out = size.0 > room.width + 0.1 || size.1 > room.height + 0.1;
        if (!inner.is_plain() || sticks_out)
            && let Some(path) = inner.path()
        {
            self.canvas
                .push_clip(&path, krilla::paint::FillRule::NonZero);
        }
        self.drawn(picture, target);
        self.canvas.pop_to(depth);
    }
}
