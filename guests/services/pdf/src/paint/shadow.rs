//! Shadows of boxes. What is blurred has no counterpart in a PDF and is drawn as a small picture.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use krilla::geom::PathBuilder;
use krilla::image::{BitsPerComponent, CustomImage, Image, ImageColorspace};
use krilla::paint::FillRule;

use super::canvas::Ink;
use super::shape::{Area, Matrix, Rounded};
use super::walk::Painter;
use crate::css::property::Style;
use crate::css::values::color::Rgba;

/// Pixels along a side of such a picture, at most.
const SIDE_MAX: f32 = 320.0;
/// Shadows of one box; those below them are not drawn.
const SHADOWS_MAX: usize = 16;

impl Painter<'_, '_, '_> {
    /// Shadows around a box, the topmost last.
    pub(super) fn shadows(&mut self, style: &Style, outer: &Rounded) {
        let all = style
            .box_shadow
            .iter()
            .take(SHADOWS_MAX)
            .filter(|shadow| !shadow.inset);
        for shadow in all.rev() {
            let color = shadow.color.resolve(style.color);
            if color.is_transparent() {
                continue;
            }
            let cast = outer.grown(shadow.spread);
            let cast = Rounded {
                area: cast.area.moved(shadow.x, shadow.y),
                ..cast
            };
            let depth = self.canvas.depth();
            // Behind the box itself there is none.
            let far = cast
                .area
                .grown(shadow.blur * 2.0)
                .union(outer.area)
                .grown(2.0);
            let mut builder = PathBuilder::new();
            if Rounded::plain(far).add_to(&mut builder).is_none()
                || outer.add_to(&mut builder).is_none()
            {
                continue;
            }
            if let Some(path) = builder.finish() {
                self.canvas.push_clip(&path, FillRule::EvenOdd);
            }
            if shadow.blur <= 0.0 {
                if let Some(path) = cast.path() {
                    self.canvas.fill(&path, &Ink::Color(color));
                }
            } else {
                self.blurred(&cast, shadow.blur, color, false);
            }
            self.canvas.pop_to(depth);
        }
    }

    /// Shadows within a box's padding edge.
    pub(super) fn inner_shadows(&mut self, style: &Style, inner: &Rounded) {
        let all = style
            .box_shadow
            .iter()
            .take(SHADOWS_MAX)
            .filter(|shadow| shadow.inset);
        for shadow in all.rev() {
            let color = shadow.color.resolve(style.color);
            let Some(path) = inner.path().filter(|_| !color.is_transparent()) else {
                continue;
            };
            let hole = inner.grown(-shadow.spread);
            let hole = Rounded {
                area: hole.area.moved(shadow.x, shadow.y),
                ..hole
            };
            let depth = self.canvas.depth();
            self.canvas.push_clip(&path, FillRule::NonZero);
            if shadow.blur <= 0.0 {
                let around = Rounded::plain(inner.area.union(hole.area).grown(2.0));
                if let Some(ring) = around.ring(&hole) {
                    self.canvas.fill_between(&ring, &Ink::Color(color));
                }
            } else {
                self.blurred(&hole, shadow.blur, color, true);
            }
            self.canvas.pop_to(depth);
        }
    }

    fn blurred(&mut self, shape: &Rounded, blur: f32, color: Rgba, is_hole: bool) {
        let blur = blur.min(400.0);
        let area = shape.area.grown(if is_hole { blur * 2.0 } else { blur });
        if area.rect().is_none() {
            return;
        }
        let scale = (SIDE_MAX / area.width.max(area.height)).min(1.0);
        let (width, height) = (
            (area.width * scale).ceil() as u32,
            (area.height * scale).ceil() as u32,
        );
        let (width, height) = (
            width.clamp(1, SIDE_MAX as u32 + 1),
            height.clamp(1, SIDE_MAX as u32 + 1),
        );
        let local = Rounded {
            area: Area {
                x: (shape.area.x - area.x) * scale,
                y: (shape.area.y - area.y) * scale,
                width: shape.area.width * scale,
                height: shape.area.height * scale,
            },
            radii: shape.radii.map(|(x, y)| (x * scale, y * scale)),
        };
        let mut alpha = covered(&local, width as usize, height as usize);
        if is_hole {
            alpha.iter_mut().for_each(|one| *one = 1.0 - *one);
        }
        // Three boxes, one after the other, are as good as the bell curve with half the blur as its deviation.
        let radius = (blur * scale * 0.5 * 0.94).round() as usize;
        for _ in 0..3 {
            alpha = box_blur(&alpha, width as usize, height as usize, radius, is_hole);
        }
        let shade = Shade::of(&alpha, color, width, height);
        if let Ok(image) = Image::from_custom(shade, true) {
            self.canvas.push_matrix(Matrix::translate(area.x, area.y));
            self.canvas.image(image, area.width, area.height);
            self.canvas.pop();
        }
    }
}

/// How much of every pixel a shape covers.
fn covered(shape: &Rounded, width: usize, height: usize) -> Vec<f32> {
    let area = shape.area;
    let mut out = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let (px, py) = (x as f32 + 0.5, y as f32 + 0.5);
            let across = (px - area.x + 0.5)
                .min(area.right() - px + 0.5)
                .clamp(0.0, 1.0);
            let down = (py - area.y + 0.5)
                .min(area.bottom() - py + 0.5)
                .clamp(0.0, 1.0);
            out.push(across * down * corner(shape, px, py));
        }
    }
    out
}

/// What round corners leave of a pixel.
fn corner(shape: &Rounded, x: f32, y: f32) -> f32 {
    let area = shape.area;
    let [a, b, c, d] = shape.radii;
    let corners = [
        (a, area.x + a.0 - x, area.y + a.1 - y),
        (b, x - area.right() + b.0, area.y + b.1 - y),
        (c, x - area.right() + c.0, y - area.bottom() + c.1),
        (d, area.x + d.0 - x, y - area.bottom() + d.1),
    ];
    for ((rx, ry), dx, dy) in corners {
        if rx > 0.0 && ry > 0.0 && dx > 0.0 && dy > 0.0 {
            let distance = (dx / rx).hypot(dy / ry);
            return ((1.0 - distance) * rx.min(ry) + 0.5).clamp(0.0, 1.0);
        }
    }
    1.0
}

/// The mean of everything within a radius, across and then down. Outside there is nothing, or everything.
fn box_blur(source: &[f32], width: usize, height: usize, radius: usize, outside: bool) -> Vec<f32> {
    let out_value = if outside { 1.0 } else { 0.0 };
    let run = |get: &dyn Fn(usize) -> f32, set: &mut dyn FnMut(usize, f32), length: usize| {
        let at = |index: isize| match usize::try_from(index) {
            Ok(index) if index < length => get(index),
            _ => out_value,
        };
        let reach = radius as isize;
        let mut sum: f32 = (-reach..=reach).map(at).sum();
        let count = (2 * radius + 1) as f32;
        for index in 0..length {
            set(index, sum / count);
            let index = index as isize;
            sum += at(index + reach + 1) - at(index - reach);
        }
    };
    let mut across = vec![0.0; width * height];
    for y in 0..height {
        let row = y * width;
        run(
            &|x| source[row + x],
            &mut |x, value| across[row + x] = value,
            width,
        );
    }
    let mut out = vec![0.0; width * height];
    for x in 0..width {
        run(
            &|y| across[y * width + x],
            &mut |y, value| out[y * width + x] = value,
            height,
        );
    }
    out
}

/// A picture of one colour, more or less opaque.
#[derive(Clone)]
struct Shade {
    color: Arc<Vec<u8>>,
    alpha: Arc<Vec<u8>>,
    width: u32,
    height: u32,
    digest: u64,
}

impl Shade {
    fn of(alpha: &[f32], color: Rgba, width: u32, height: u32) -> Shade {
        let byte = |part: f32| (part.clamp(0.0, 1.0) * 255.0).round() as u8;
        let own = [byte(color.r), byte(color.g), byte(color.b)];
        let color_channel: Vec<u8> = own.iter().copied().cycle().take(alpha.len() * 3).collect();
        let alpha_channel: Vec<u8> = alpha.iter().map(|one| byte(one * color.a)).collect();
        let mut hasher = std::hash::DefaultHasher::new();
        (own, &alpha_channel).hash(&mut hasher);
        Shade {
            color: Arc::new(color_channel),
            alpha: Arc::new(alpha_channel),
            width,
            height,
            digest: hasher.finish(),
        }
    }
}

impl Hash for Shade {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.width, self.height, self.digest).hash(state);
    }
}

impl CustomImage for Shade {
    fn color_channel(&self) -> &[u8] {
        &self.color
    }

    fn alpha_channel(&self) -> Option<&[u8]> {
        Some(&self.alpha)
    }

    fn bits_per_component(&self) -> BitsPerComponent {
        BitsPerComponent::Eight
    }

    fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    fn icc_profile(&self) -> Option<&[u8]> {
        None
    }

    fn color_space(&self) -> ImageColorspace {
        ImageColorspace::Rgb
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blurring_loses_nothing() {
        let mut source = vec![0.0; 21 * 21];
        source[10 * 21 + 10] = 1.0;
        let out = box_blur(&source, 21, 21, 2, false);
        let sum: f32 = out.iter().sum();
        assert!((sum - 1.0).abs() < 1.0e-4, "{sum}");
        assert!((out[10 * 21 + 10] - 0.04).abs() < 1.0e-5);
        assert_eq!(out[0], 0.0);
    }

    #[test]
    fn corners_are_left_out() {
        let shape = Rounded {
            area: Area::new(0.0, 0.0, 20.0, 20.0),
            radii: [(10.0, 10.0); 4],
        };
        let all = covered(&shape, 20, 20);
        assert_eq!(all[0], 0.0);
        assert_eq!(all[10 * 20 + 10], 1.0);
    }
}
