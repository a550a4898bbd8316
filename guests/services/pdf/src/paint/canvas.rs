//! The surface that is drawn on, with what is drawn from kept apart from the library behind it.

use krilla::blend::BlendMode;
use krilla::color::rgb;
use krilla::geom::{Path, Point, Size};
use krilla::num::NormalizedF32;
use krilla::paint::{Fill, FillRule, LineCap, LineJoin, Paint, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::text::{Font, KrillaGlyph};
use krilla_svg::{SurfaceExt as _, SvgSettings};

use super::shape::{Area, Matrix};
use crate::css::values::color::Rgba;

/// What a shape is filled with.
#[derive(Clone, Debug)]
pub(crate) enum Ink {
    Color(Rgba),
    Paint(Paint),
}

pub(crate) struct Canvas<'s> {
    pub(crate) surface: Surface<'s>,
    /// From what is drawn to pixels of the page; the last holds.
    matrices: Vec<Matrix>,
    steps: Vec<Step>,
}

#[derive(Clone, Copy, PartialEq)]
enum Step {
    Matrix,
    Other,
}

/// How a line is drawn.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pen {
    pub(crate) width: f32,
    pub(crate) dash: Option<(f32, f32)>,
    pub(crate) is_round: bool,
}

/// Opacity as the writer wants it.
pub(super) fn part(value: f32) -> NormalizedF32 {
    let value = if value.is_finite() {
        value.clamp(0.0, 1.0)
    } else {
        1.0
    };
    NormalizedF32::new(value).unwrap_or(NormalizedF32::ONE)
}

pub(super) fn color(rgba: Rgba) -> rgb::Color {
    let byte = |part: f32| (part.clamp(0.0, 1.0) * 255.0).round() as u8;
    rgb::Color::new(byte(rgba.r), byte(rgba.g), byte(rgba.b))
}

/// What glyphs are taken from, and the text that they stand for.
pub(crate) struct Letters<'a> {
    pub(crate) font: Font,
    pub(crate) text: &'a str,
    pub(crate) size: f32,
}

impl Letters<'_> {
    fn draw(&self, surface: &mut Surface<'_>, at: Point, glyphs: &[KrillaGlyph], outlined: bool) {
        let font = self.font.clone();
        surface.draw_glyphs(at, glyphs, font, self.text, self.size, outlined);
    }
}

impl<'s> Canvas<'s> {
    pub(crate) fn new(surface: Surface<'s>) -> Canvas<'s> {
        Canvas {
            surface,
            matrices: vec![Matrix::IDENTITY],
            steps: Vec::new(),
        }
    }

    /// From what is drawn now to pixels of the page.
    pub(crate) fn matrix(&self) -> Matrix {
        self.matrices.last().copied().unwrap_or(Matrix::IDENTITY)
    }

    /// From points to pixels, which the page's own matrix knows nothing of.
    pub(crate) fn push_scale(&mut self, by: f32) {
        self.surface.push_transform(&Matrix::scale(by).krilla());
        self.steps.push(Step::Other);
    }

    pub(crate) fn push_matrix(&mut self, matrix: Matrix) {
        self.surface.push_transform(&matrix.krilla());
        self.matrices.push(self.matrix().of(matrix));
        self.steps.push(Step::Matrix);
    }

    pub(crate) fn push_clip(&mut self, path: &Path, rule: FillRule) {
        self.surface.push_clip_path(path, &rule);
        self.steps.push(Step::Other);
    }

    /// Cuts off what is outside of an area; where that is nothing, everything.
    pub(crate) fn push_clip_area(&mut self, area: Area) {
        let nothing = Area::new(-3.0, -3.0, 1.0, 1.0);
        if let Some(path) = area.path().or_else(|| nothing.path()) {
            self.push_clip(&path, FillRule::NonZero);
        } else {
            self.surface.push_transform(&Matrix::IDENTITY.krilla());
            self.steps.push(Step::Other);
        }
    }

    pub(crate) fn push_opacity(&mut self, opacity: f32) {
        self.surface.push_opacity(part(opacity));
        self.steps.push(Step::Other);
    }

    pub(crate) fn push_blend(&mut self, mode: BlendMode) {
        self.surface.push_blend_mode(mode);
        self.steps.push(Step::Other);
    }

    pub(crate) fn push_isolated(&mut self) {
        self.surface.push_isolated();
        self.steps.push(Step::Other);
    }

    pub(crate) fn pop(&mut self) {
        let Some(step) = self.steps.pop() else {
            return;
        };
        self.surface.pop();
        if step == Step::Matrix {
            self.matrices.pop();
        }
    }

    pub(crate) fn depth(&self) -> usize {
        self.steps.len()
    }

    pub(crate) fn pop_to(&mut self, depth: usize) {
        while self.steps.len() > depth {
            self.pop();
        }
    }

    fn set(&mut self, ink: &Ink, rule: FillRule) -> bool {
        let (paint, opacity) = match ink {
            Ink::Color(rgba) if rgba.is_transparent() => return false,
            Ink::Color(rgba) => (Paint::from(color(*rgba)), part(rgba.a)),
            Ink::Paint(paint) => (paint.clone(), NormalizedF32::ONE),
        };
        self.surface.set_fill(Some(Fill {
            paint,
            opacity,
            rule,
        }));
        self.surface.set_stroke(None);
        true
    }

    pub(crate) fn fill(&mut self, path: &Path, ink: &Ink) {
        if self.set(ink, FillRule::NonZero) {
            self.surface.draw_path(path);
        }
    }

    /// Fills what lies between two edges.
    pub(crate) fn fill_between(&mut self, path: &Path, ink: &Ink) {
        if self.set(ink, FillRule::EvenOdd) {
            self.surface.draw_path(path);
        }
    }

    pub(crate) fn fill_area(&mut self, area: Area, ink: &Ink) {
        if let Some(path) = area.path() {
            self.fill(&path, ink);
        }
    }

    pub(crate) fn stroke(&mut self, path: &Path, rgba: Rgba, pen: &Pen) {
        if rgba.is_transparent() || pen.width <= 0.0 || !pen.width.is_finite() {
            return;
        }
        self.surface.set_fill(None);
        self.surface.set_stroke(Some(self::stroke(rgba, pen)));
        self.surface.draw_path(path);
        self.surface.set_stroke(None);
    }

    /// Letters from a point on their line.
    pub(crate) fn glyphs(
        &mut self,
        at: (f32, f32),
        glyphs: &[KrillaGlyph],
        letters: &Letters<'_>,
        ink: &Ink,
        bold: f32,
    ) {
        if glyphs.is_empty() || !self.set(ink, FillRule::NonZero) {
            return;
        }
        if bold > 0.0
            && let Ink::Color(rgba) = ink
        {
            let pen = Pen {
                width: bold,
                ..Pen::default()
            };
            self.surface.set_stroke(Some(self::stroke(*rgba, &pen)));
        }
        let start = Point::from_xy(at.0, at.1);
        letters.draw(&mut self.surface, start, glyphs, false);
        self.surface.set_stroke(None);
    }

    /// Letters as shapes, with no text behind them.
    pub(crate) fn outlined(
        &mut self,
        at: (f32, f32),
        glyphs: &[KrillaGlyph],
        letters: &Letters<'_>,
        rgba: Rgba,
    ) {
        if self.set(&Ink::Color(rgba), FillRule::NonZero) {
            let start = Point::from_xy(at.0, at.1);
            letters.draw(&mut self.surface, start, glyphs, true);
        }
    }

    pub(crate) fn image(&mut self, image: krilla::image::Image, width: f32, height: f32) {
        if let Some(size) = size(width, height) {
            self.surface.draw_image(image, size);
        }
    }

    pub(crate) fn svg(&mut self, tree: &usvg::Tree, width: f32, height: f32) {
        let settings = SvgSettings {
            embed_text: true,
            filter_scale: 2.0,
        };
        if let Some(size) = size(width, height) {
            let _ = self.surface.draw_svg(tree, size, settings);
        }
    }

    pub(crate) fn finish(mut self) {
        self.pop_to(0);
        self.surface.finish();
    }
}

fn size(width: f32, height: f32) -> Option<Size> {
    let is_usable = |one: f32| one.is_finite() && one > 0.0 && one < 1.0e6;
    if is_usable(width) && is_usable(height) {
        Size::from_wh(width, height)
    } else {
        None
    }
}

fn stroke(rgba: Rgba, pen: &Pen) -> Stroke {
    Stroke {
        paint: Paint::from(color(rgba)),
        width: pen.width,
        miter_limit: 10.0,
        line_cap: if pen.is_round {
            LineCap::Round
        } else {
            LineCap::Butt
        },
        line_join: LineJoin::Miter,
        opacity: part(rgba.a),
        dash: pen.dash.map(|(on, off)| StrokeDash {
            array: vec![on.max(0.0), off.max(0.01)],
            offset: 0.0,
        }),
    }
}
