//! What changes how a box is painted with all that is in it: transforms, blending, opacity, and where it is cut off.

use krilla::blend::BlendMode as Blend;
use krilla::paint::FillRule;

use super::Painter;
use crate::boxes::BoxId;
use crate::css::values::keyword::BlendMode;
use crate::css::values::shape::{Position, Step};
use crate::pages::Sides;
use crate::paint::shape::{Area, Matrix, Rounded};

impl Painter<'_, '_, '_> {
    pub(super) fn push_overflow(&mut self, id: BoxId) {
        let one = self.scene.tree.get(id);
        let area = self.scene.area(id);
        let border = one.layout.border;
        let sides = Sides {
            top: border.top,
            right: border.right,
            bottom: border.bottom,
            left: border.left,
        };
        let inner = Rounded::of(&one.style, area).inset(sides);
        match inner.path() {
            Some(path) => self.canvas.push_clip(&path, FillRule::NonZero),
            None => self.canvas.push_clip_area(Area::default()),
        }
    }

    /// Opacity, transforms and the like. Whether anything is left to see.
    pub(super) fn push_effects(&mut self, id: BoxId) -> bool {
        let style = &self.scene.tree.get(id).style;
        if !style.transform.is_empty() {
            let area = self.scene.area(id);
            let matrix = transform(&style.transform, &style.transform_origin, area);
            if !matrix.is_usable() {
                return false;
            }
            self.canvas.push_matrix(matrix);
        }
        if style.blend_mode != BlendMode::Normal {
            self.canvas.push_blend(blend(style.blend_mode));
        }
        if style.opacity < 1.0 {
            if style.opacity <= 0.0 {
                return false;
            }
            self.canvas.push_opacity(style.opacity);
        } else if style.blend_mode != BlendMode::Normal {
            self.canvas.push_isolated();
        }
        true
    }
}

/// All steps of a transform together, around their origin.
fn transform(steps: &[Step], origin: &Position, area: Area) -> Matrix {
    let (x, y) = origin.resolve((area.width, area.height));
    let (x, y) = (area.x + x, area.y + y);
    let mut all = Matrix::translate(x, y);
    for step in steps {
        all = all.of(match step {
            Step::Translate(x, y) => {
                Matrix::translate(x.resolve(area.width), y.resolve(area.height))
            }
            Step::Matrix(matrix) => Matrix(*matrix),
        });
    }
    all.of(Matrix::translate(-x, -y))
}

fn blend(mode: BlendMode) -> Blend {
    match mode {
        BlendMode::Normal => Blend::Normal,
        BlendMode::Multiply => Blend::Multiply,
        BlendMode::Screen => Blend::Screen,
        BlendMode::Overlay => Blend::Overlay,
        BlendMode::Darken => Blend::Darken,
        BlendMode::Lighten => Blend::Lighten,
        BlendMode::ColorDodge => Blend::ColorDodge,
        BlendMode::ColorBurn => Blend::ColorBurn,
        BlendMode::HardLight => Blend::HardLight,
        BlendMode::SoftLight => Blend::SoftLight,
        BlendMode::Difference => Blend::Difference,
        BlendMode::Exclusion => Blend::Exclusion,
        BlendMode::Hue => Blend::Hue,
        BlendMode::Saturation => Blend::Saturation,
        BlendMode::Color => Blend::Color,
        BlendMode::Luminosity => Blend::Luminosity,
    }
}
