//! Borders: each side in its own width, colour and manner.

use krilla::geom::{Path, PathBuilder};
use krilla::paint::FillRule;

use super::canvas::{Ink, Pen};
use super::shape::{Area, Rounded};
use super::walk::Painter;
use crate::css::property::Style;
use crate::css::values::border::BorderStyle;
use crate::css::values::color::Rgba;
use crate::pages::Sides;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Side {
    pub(crate) width: f32,
    pub(crate) style: BorderStyle,
    pub(crate) color: Rgba,
}

/// Above, right, below, left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Borders(pub(crate) [Side; 4]);

impl Borders {
    pub(crate) fn of(style: &Style) -> Borders {
        let side = |width, kind, color: crate::css::values::color::Color| Side {
            width,
            style: kind,
            color: color.resolve(style.color),
        };
        Borders([
            side(
                style.border_top_width,
                style.border_top_style,
                style.border_top_color,
            ),
            side(
                style.border_right_width,
                style.border_right_style,
                style.border_right_color,
            ),
            side(
                style.border_bottom_width,
                style.border_bottom_style,
                style.border_bottom_color,
            ),
            side(
                style.border_left_width,
                style.border_left_style,
                style.border_left_color,
            ),
        ])
    }

    pub(crate) fn sides(&self) -> Sides {
        let [top, right, bottom, left] = self.0.map(|side| side.width);
        Sides {
            top,
            right,
            bottom,
            left,
        }
    }

    /// The same, so many times as wide.
    fn scaled(&self, by: f32) -> Sides {
        let sides = self.sides();
        Sides {
            top: sides.top * by,
            right: sides.right * by,
            bottom: sides.bottom * by,
            left: sides.left * by,
        }
    }

    /// The same of those that are drawn.
    fn seen_sides(&self) -> Sides {
        let [top, right, bottom, left] = self.0.map(|side| {
            if side.style.is_seen() {
                side.width
            } else {
                0.0
            }
        });
        Sides {
            top,
            right,
            bottom,
            left,
        }
    }

    fn seen(&self) -> impl Iterator<Item = &Side> {
        self.0
            .iter()
            .filter(|side| side.width > 0.0 && side.style.is_seen())
    }
}

impl Painter<'_, '_, '_> {
    pub(super) fn border(&mut self, outer: &Rounded, borders: &Borders) {
        let Some(first) = borders.seen().next().copied() else {
            return;
        };
        let is_same = borders
            .seen()
            .all(|side| side.style == first.style && side.color == first.color);
        let whole = borders.seen().count() == 4;
        let is_even = whole && borders.0.iter().all(|side| side.width == first.width);
        match first.style {
            BorderStyle::Solid if is_same && outer.is_plain() => {
                self.plain_sides(outer, borders, first.color)
            }
            BorderStyle::Solid if is_same && whole => {
                self.rings(outer, borders, &[(0.0, 1.0)], first.color);
            }
            BorderStyle::Double if is_same && whole => {
                let thirds = [(0.0, 1.0 / 3.0), (2.0 / 3.0, 1.0)];
                self.rings(outer, borders, &thirds, first.color);
            }
            BorderStyle::Dashed | BorderStyle::Dotted
                if is_same && is_even && !outer.is_plain() =>
            {
                let middle = outer.inset(borders.scaled(0.5));
                let around = 2.0 * (middle.area.width + middle.area.height);
                if let Some(path) = middle.path() {
                    let pen = dashes(first.style, first.width, around);
                    self.canvas.stroke(&path, first.color, &pen);
                }
            }
            _ => {
                for at in 0..4 {
                    self.side(outer, borders, at);
                }
            }
        }
    }

    /// Sides of one colour around a box without round corners.
    fn plain_sides(&mut self, outer: &Rounded, borders: &Borders, color: Rgba) {
        let area = outer.area;
        let sides = borders.seen_sides();
        let (top, bottom) = (area.y + sides.top, area.bottom() - sides.bottom);
        let all = [
            Area {
                height: sides.top,
                ..area
            },
            Area {
                y: bottom,
                height: sides.bottom,
                ..area
            },
            Area {
                y: top,
                width: sides.left,
                height: bottom - top,
                ..area
            },
            Area {
                x: area.right() - sides.right,
                y: top,
                width: sides.right,
                height: bottom - top,
            },
        ];
        let mut builder = PathBuilder::new();
        for rect in all.into_iter().filter_map(Area::rect) {
            builder.push_rect(rect);
        }
        if let Some(path) = builder.finish() {
            self.canvas.fill(&path, &Ink::Color(color));
        }
    }

    /// Parts of the border's width, as shares from the outside inwards, all around.
    fn rings(&mut self, outer: &Rounded, borders: &Borders, parts: &[(f32, f32)], color: Rgba) {
        for (from, to) in parts {
            let (one, other) = (
                outer.inset(borders.scaled(*from)),
                outer.inset(borders.scaled(*to)),
            );
            if let Some(path) = one.ring(&other) {
                self.canvas.fill_between(&path, &Ink::Color(color));
            }
        }
    }

    fn side(&mut self, outer: &Rounded, borders: &Borders, at: usize) {
        let side = borders.0[at];
        if side.width <= 0.0 || !side.style.is_seen() || side.color.is_transparent() {
            return;
        }
        let Some(clip) = trapezoid(outer, borders, at) else {
            return;
        };
        let depth = self.canvas.depth();
        self.canvas.push_clip(&clip, FillRule::NonZero);
        // Light comes from the upper left.
        let is_lit = at == 0 || at == 3;
        let dark = side.color.shaded(0.55);
        match side.style {
            BorderStyle::Double => {
                let thirds = [(0.0, 1.0 / 3.0), (2.0 / 3.0, 1.0)];
                self.rings(outer, borders, &thirds, side.color);
            }
            BorderStyle::Groove | BorderStyle::Ridge => {
                let sunken = side.style == BorderStyle::Groove;
                let (first, second) = if sunken == is_lit {
                    (dark, side.color)
                } else {
                    (side.color, dark)
                };
                self.rings(outer, borders, &[(0.0, 0.5)], first);
                self.rings(outer, borders, &[(0.5, 1.0)], second);
            }
            BorderStyle::Inset | BorderStyle::Outset => {
                let is_dark = (side.style == BorderStyle::Inset) == is_lit;
                let color = if is_dark { dark } else { side.color };
                self.rings(outer, borders, &[(0.0, 1.0)], color);
            }
            BorderStyle::Dashed | BorderStyle::Dotted => self.dashed_side(outer, side, at),
            _ => self.rings(outer, borders, &[(0.0, 1.0)], side.color),
        }
        self.canvas.pop_to(depth);
    }

    fn dashed_side(&mut self, outer: &Rounded, side: Side, at: usize) {
        let area = outer.area;
        let half = side.width / 2.0;
        let (from, to) = match at {
            0 => ((area.x, area.y + half), (area.right(), area.y + half)),
            1 => (
                (area.right() - half, area.y),
                (area.right() - half, area.bottom()),
            ),
            2 => (
                (area.x, area.bottom() - half),
                (area.right(), area.bottom() - half),
            ),
            _ => ((area.x + half, area.y), (area.x + half, area.bottom())),
        };
        self.dashed(from, to, side.width, side.style, side.color);
    }

    fn dashed(
        &mut self,
        from: (f32, f32),
        to: (f32, f32),
        width: f32,
        style: BorderStyle,
        color: Rgba,
    ) {
        let length = (to.0 - from.0).abs() + (to.1 - from.1).abs();
        let mut pen = dashes(style, width, length);
        let (mut from, mut to) = (from, to);
        if pen.is_round {
            // Dots begin and end within the side.
            let half = width / 2.0;
            if from.1 == to.1 {
                (from.0, to.0) = (from.0 + half, to.0 - half);
            } else {
                (from.1, to.1) = (from.1 + half, to.1 - half);
            }
            pen = dashes(style, width, (length - width).max(width));
        }
        let all = [from.0, from.1, to.0, to.1];
        if !all.iter().all(|one| one.is_finite() && one.abs() < 1.0e6) {
            return;
        }
        let mut builder = PathBuilder::new();
        builder.move_to(from.0, from.1);
        builder.line_to(to.0, to.1);
        if let Some(path) = builder.finish() {
            self.canvas.stroke(&path, color, &pen);
        }
    }

    /// A border that is a line by itself: between cells, or between columns.
    pub(super) fn edge(&mut self, area: Area, style: BorderStyle, color: Rgba, is_across: bool) {
        let part = |from: f32, to: f32| match is_across {
            true => Area {
                y: area.y + area.height * from,
                height: area.height * (to - from),
                ..area
            },
            false => Area {
                x: area.x + area.width * from,
                width: area.width * (to - from),
                ..area
            },
        };
        match style {
            BorderStyle::None | BorderStyle::Hidden => {}
            BorderStyle::Dashed | BorderStyle::Dotted => {
                let (x, y) = (area.x + area.width / 2.0, area.y + area.height / 2.0);
                let (from, to, width) = match is_across {
                    true => ((area.x, y), (area.right(), y), area.height),
                    false => ((x, area.y), (x, area.bottom()), area.width),
                };
                self.dashed(from, to, width, style, color);
            }
            BorderStyle::Double => {
                self.plain(part(0.0, 1.0 / 3.0), color);
                self.plain(part(2.0 / 3.0, 1.0), color);
            }
            BorderStyle::Groove | BorderStyle::Inset => {
                self.plain(part(0.0, 0.5), color.shaded(0.55));
                self.plain(part(0.5, 1.0), color);
            }
            BorderStyle::Ridge | BorderStyle::Outset => {
                self.plain(part(0.0, 0.5), color);
                self.plain(part(0.5, 1.0), color.shaded(0.55));
            }
            BorderStyle::Solid => self.plain(area, color),
        }
    }
}

/// Dashes that a side of this length begins and ends with.
fn dashes(style: BorderStyle, width: f32, length: f32) -> Pen {
    let (on, off) = match style {
        BorderStyle::Dotted => (0.0, width * 2.0),
        _ if width < 3.0 => (width * 3.0, width * 2.0),
        _ => (width * 2.0, width),
    };
    let step = on + off;
    let count = ((length + off - on.min(length)) / step).round().max(1.0);
    let off = if count > 1.0 {
        ((length - count * on) / (count - 1.0)).max(0.1)
    } else {
        off
    };
    Pen {
        width,
        dash: Some((on, off)),
        is_round: style == BorderStyle::Dotted,
    }
}

/// The part of a border that belongs to one side: its corners are shared out along their diagonals.
fn trapezoid(outer: &Rounded, borders: &Borders, at: usize) -> Option<Path> {
    let area = outer.area;
    let inner = outer.area.inset(borders.sides());
    area.rect()?;
    // Round corners reach further in than the border is wide.
    let deep = outer
        .radii
        .iter()
        .fold(0.0_f32, |deep, radius| deep.max(radius.0).max(radius.1));
    let corner = |x: f32, y: f32, inner_x: f32, inner_y: f32| {
        let (dx, dy) = (inner_x - x, inner_y - y);
        let longest = dx.abs().max(dy.abs());
        let more = if longest > 0.0 {
            ((longest + deep) / longest).max(1.0)
        } else {
            1.0
        };
        (x + dx * more, y + dy * more)
    };
    let upper_left = ((area.x, area.y), corner(area.x, area.y, inner.x, inner.y));
    let upper_right = (
        (area.right(), area.y),
        corner(area.right(), area.y, inner.right(), inner.y),
    );
    let lower_right = (
        (area.right(), area.bottom()),
        corner(area.right(), area.bottom(), inner.right(), inner.bottom()),
    );
    let lower_left = (
        (area.x, area.bottom()),
        corner(area.x, area.bottom(), inner.x, inner.bottom()),
    );
    let (one, other) = match at {
        0 => (upper_left, upper_right),
        1 => (upper_right, lower_right),
        2 => (lower_right, lower_left),
        _ => (lower_left, upper_left),
    };
    let mut builder = PathBuilder::new();
    for (n, (x, y)) in [one.0, other.0, other.1, one.1].into_iter().enumerate() {
        if !(x.is_finite() && y.is_finite() && x.abs() < 1.0e6 && y.abs() < 1.0e6) {
            return None;
        }
        if n == 0 {
            builder.move_to(x, y);
        } else {
            builder.line_to(x, y);
        }
    }
    builder.close();
    builder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_fit_their_side() {
        for length in [20.0, 33.0, 100.0, 517.0] {
            let pen = dashes(BorderStyle::Dashed, 4.0, length);
            let (on, off) = pen.dash.unwrap();
            let rest = (length - on) % (on + off);
            let rest = rest.min(on + off - rest);
            assert!(rest < 0.01, "{length}: {on} {off}");
        }
        let (on, off) = dashes(BorderStyle::Dotted, 2.0, 100.0).dash.unwrap();
        assert_eq!((on, off), (0.0, 4.0));
    }
}
