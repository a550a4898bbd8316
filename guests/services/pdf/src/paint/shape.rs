//! Shapes: rectangles, with corners that may be round, and transforms.

use krilla::geom::{Path, PathBuilder, Rect};

use crate::css::property::Style;
use crate::css::values::border::Corner;
use crate::pages::Sides;

/// Beyond this nothing is drawn: a writer of PDFs has numbers to write.
const FAR: f32 = 1.0e6;
/// How far the handles of a quarter of a circle reach.
const KAPPA: f32 = 0.552_284_8;

/// A rectangle, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Area {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) width: f32,
    pub(crate) height: f32,
}

impl Area {
    pub(crate) fn new(x: f32, y: f32, width: f32, height: f32) -> Area {
        Area {
            x,
            y,
            width,
            height,
        }
    }

    pub(crate) fn right(self) -> f32 {
        self.x + self.width
    }

    pub(crate) fn bottom(self) -> f32 {
        self.y + self.height
    }

    pub(crate) fn inset(self, sides: Sides) -> Area {
        Area {
            x: self.x + sides.left,
            y: self.y + sides.top,
            width: (self.width - sides.left - sides.right).max(0.0),
            height: (self.height - sides.top - sides.bottom).max(0.0),
        }
    }

    pub(crate) fn grown(self, by: f32) -> Area {
        Area {
            x: self.x - by,
            y: self.y - by,
            width: (self.width + 2.0 * by).max(0.0),
            height: (self.height + 2.0 * by).max(0.0),
        }
    }

    pub(crate) fn moved(self, x: f32, y: f32) -> Area {
        Area {
            x: self.x + x,
            y: self.y + y,
            ..self
        }
    }

    pub(crate) fn is_empty(self) -> bool {
        !(self.width > 0.0 && self.height > 0.0)
    }

    pub(crate) fn union(self, other: Area) -> Area {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        Area {
            x,
            y,
            width: self.right().max(other.right()) - x,
            height: self.bottom().max(other.bottom()) - y,
        }
    }

    /// As the writer wants it; `None` where it is nothing, or no number.
    pub(crate) fn rect(self) -> Option<Rect> {
        let all = [self.x, self.y, self.right(), self.bottom()];
        if !all.iter().all(|one| one.is_finite()) || self.is_empty() {
            return None;
        }
        let [left, top, right, bottom] = all.map(|one| one.clamp(-FAR, FAR));
        Rect::from_ltrb(left, top, right, bottom)
    }

    pub(crate) fn path(self) -> Option<Path> {
        let mut builder = PathBuilder::new();
        builder.push_rect(self.rect()?);
        builder.finish()
    }
}

/// A rectangle whose corners may be round: from the upper left one, clockwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rounded {
    pub(crate) area: Area,
    pub(crate) radii: [(f32, f32); 4],
}

impl Rounded {
    pub(crate) fn plain(area: Area) -> Rounded {
        Rounded {
            area,
            radii: [(0.0, 0.0); 4],
        }
    }

    /// The outer edge of a box's border.
    pub(crate) fn of(style: &Style, area: Area) -> Rounded {
        let resolve = |corner: &Corner| {
            let x = corner.0.resolve(area.width).max(0.0);
            let y = corner.1.resolve(area.height).max(0.0);
            if x > 0.0 && y > 0.0 {
                (x, y)
            } else {
                (0.0, 0.0)
            }
        };
        let mut radii = [
            resolve(&style.radius_top_left),
            resolve(&style.radius_top_right),
            resolve(&style.radius_bottom_right),
            resolve(&style.radius_bottom_left),
        ];
        // Neighbours that do not fit are made smaller together.
        let ratio = |length: f32, one: f32, other: f32| {
            if one + other > length && one + other > 0.0 {
                length / (one + other)
            } else {
                1.0
            }
        };
        let scale = ratio(area.width, radii[0].0, radii[1].0)
            .min(ratio(area.width, radii[3].0, radii[2].0))
            .min(ratio(area.height, radii[0].1, radii[3].1))
            .min(ratio(area.height, radii[1].1, radii[2].1));
        for radius in &mut radii {
            radius.0 *= scale;
            radius.1 *= scale;
        }
        Rounded { area, radii }
    }

    pub(crate) fn is_plain(&self) -> bool {
        self.radii.iter().all(|radius| *radius == (0.0, 0.0))
    }

    pub(crate) fn inset(&self, sides: Sides) -> Rounded {
        let smaller = |(x, y): (f32, f32), across: f32, down: f32| {
            let (x, y) = (x - across, y - down);
            if x > 0.0 && y > 0.0 {
                (x, y)
            } else {
                (0.0, 0.0)
            }
        };
        Rounded {
            area: self.area.inset(sides),
            radii: [
                smaller(self.radii[0], sides.left, sides.top),
                smaller(self.radii[1], sides.right, sides.top),
                smaller(self.radii[2], sides.right, sides.bottom),
                smaller(self.radii[3], sides.left, sides.bottom),
            ],
        }
    }

    pub(crate) fn grown(&self, by: f32) -> Rounded {
        Rounded {
            area: self.area.grown(by),
            radii: self.radii.map(|(x, y)| {
                if x > 0.0 {
                    ((x + by).max(0.0), (y + by).max(0.0))
                } else {
                    (0.0, 0.0)
                }
            }),
        }
    }

    pub(crate) fn path(&self) -> Option<Path> {
        let mut builder = PathBuilder::new();
        self.add_to(&mut builder)?;
        builder.finish()
    }

    pub(crate) fn add_to(&self, builder: &mut PathBuilder) -> Option<()> {
        let rect = self.area.rect()?;
        if self.is_plain() {
            builder.push_rect(rect);
            return Some(());
        }
        let (left, top, right, bottom) = (rect.left(), rect.top(), rect.right(), rect.bottom());
        let [a, b, c, d] = self.radii;
        let k = 1.0 - KAPPA;
        builder.move_to(left + a.0, top);
        builder.line_to(right - b.0, top);
        builder.cubic_to(right - b.0 * k, top, right, top + b.1 * k, right, top + b.1);
        builder.line_to(right, bottom - c.1);
        builder.cubic_to(
            right,
            bottom - c.1 * k,
            right - c.0 * k,
            bottom,
            right - c.0,
            bottom,
        );
        builder.line_to(left + d.0, bottom);
        builder.cubic_to(
            left + d.0 * k,
            bottom,
            left,
            bottom - d.1 * k,
            left,
            bottom - d.1,
        );
        builder.line_to(left, top + a.1);
        builder.cubic_to(left, top + a.1 * k, left + a.0 * k, top, left + a.0, top);
        builder.close();
        Some(())
    }

    /// What is between two such edges; to be filled by the even-odd rule.
    pub(crate) fn ring(&self, inner: &Rounded) -> Option<Path> {
        let mut builder = PathBuilder::new();
        self.add_to(&mut builder)?;
        // Where nothing is left inside, everything is border.
        let _ = inner.add_to(&mut builder);
        builder.finish()
    }
}

/// a, b, c, d, e, f: x' = a x + c y + e, y' = b x + d y + f.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Matrix(pub(crate) [f32; 6]);

impl Matrix {
    pub(crate) const IDENTITY: Matrix = Matrix([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    pub(crate) fn translate(x: f32, y: f32) -> Matrix {
        Matrix([1.0, 0.0, 0.0, 1.0, x, y])
    }

    pub(crate) fn scale(by: f32) -> Matrix {
        Matrix([by, 0.0, 0.0, by, 0.0, 0.0])
    }

    /// First `inner`, then this one.
    pub(crate) fn of(self, inner: Matrix) -> Matrix {
        let [a, b, c, d, e, f] = self.0;
        let [g, h, i, j, k, l] = inner.0;
        Matrix([
            a * g + c * h,
            b * g + d * h,
            a * i + c * j,
            b * i + d * j,
            a * k + c * l + e,
            b * k + d * l + f,
        ])
    }

    pub(crate) fn point(self, x: f32, y: f32) -> (f32, f32) {
        let [a, b, c, d, e, f] = self.0;
        (a * x + c * y + e, b * x + d * y + f)
    }

    /// The upright rectangle around an area.
    pub(crate) fn area(self, area: Area) -> Area {
        let corners = [
            self.point(area.x, area.y),
            self.point(area.right(), area.y),
            self.point(area.x, area.bottom()),
            self.point(area.right(), area.bottom()),
        ];
        let pick = |part: fn(&(f32, f32)) -> f32, fold: fn(f32, f32) -> f32| {
            corners.iter().map(part).reduce(fold).unwrap_or(0.0)
        };
        let (left, top) = (pick(|c| c.0, f32::min), pick(|c| c.1, f32::min));
        Area {
            x: left,
            y: top,
            width: pick(|c| c.0, f32::max) - left,
            height: pick(|c| c.1, f32::max) - top,
        }
    }

    pub(crate) fn is_usable(self) -> bool {
        let [a, b, c, d, ..] = self.0;
        self.0.iter().all(|one| one.is_finite() && one.abs() <= FAR)
            && (a * d - b * c).abs() > 1.0e-6
    }

    pub(crate) fn krilla(self) -> krilla::geom::Transform {
        let [a, b, c, d, e, f] = self.0;
        krilla::geom::Transform::from_row(a, b, c, d, e, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transforms_follow_each_other() {
        let turned = Matrix([0.0, 1.0, -1.0, 0.0, 0.0, 0.0]);
        let both = Matrix::translate(10.0, 20.0).of(turned);
        assert_eq!(both.point(1.0, 0.0), (10.0, 21.0));
        let area = both.area(Area::new(0.0, 0.0, 4.0, 2.0));
        assert_eq!(area, Area::new(8.0, 20.0, 2.0, 4.0));
        assert!(!Matrix([0.0; 6]).is_usable());
        assert!(!Matrix([f32::NAN, 0.0, 0.0, 1.0, 0.0, 0.0]).is_usable());
    }

    #[test]
    fn what_is_no_rectangle_is_not_drawn() {
        assert!(Area::new(0.0, 0.0, f32::NAN, 1.0).rect().is_none());
        assert!(Area::new(0.0, 0.0, 0.0, 1.0).rect().is_none());
        assert!(Area::new(0.0, 0.0, f32::INFINITY, 1.0).rect().is_none());
        assert!(Area::new(0.0, 0.0, 1.0e30, 1.0).rect().is_some());
    }

    #[test]
    fn corners_that_do_not_fit_are_smaller() {
        use crate::css::values::length::Lp;
        let mut style = Style::initial();
        style.radius_top_left = Corner(Lp::Px(80.0), Lp::Px(80.0));
        style.radius_top_right = Corner(Lp::Px(80.0), Lp::Px(80.0));
        let rounded = Rounded::of(&style, Area::new(0.0, 0.0, 100.0, 100.0));
        assert_eq!(rounded.radii[0], (50.0, 50.0));
        let inner = rounded.inset(Sides {
            top: 10.0,
            right: 0.0,
            bottom: 0.0,
            left: 60.0,
        });
        assert_eq!(inner.radii[0], (0.0, 0.0));
    }
}
