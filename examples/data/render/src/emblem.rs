//! A drawing with a transparent ground: a fern in a Wardian case, flat shapes with smooth edges.
//!
//! Units are thousandths of the picture's width, so that it can be drawn at any size.

use crate::noise::unit_float;
use crate::vector::{smoothstep, v};
use image::{Rgba, RgbaImage};

type Colour = [f32; 3];
type Point = (f32, f32);

const FRAME: Colour = [0.20, 0.15, 0.11];
const GLASS: Colour = [0.72, 0.86, 0.88];
const LIP: Colour = [0.34, 0.24, 0.16];
const SOIL: Colour = [0.17, 0.12, 0.09];

struct Canvas {
    width: u32,
    height: u32,
    unit: f32,
    /// Premultiplied red, green, blue, and alpha.
    ink: Vec<[f32; 4]>,
}

/// `growth` from 0 (a seedling) to 1.
pub fn draw(width: u32, height: u32, growth: f32) -> RgbaImage {
    let mut canvas = Canvas {
        width,
        height,
        unit: width as f32 / 1000.0,
        ink: vec![[0.0; 4]; (width * height) as usize],
    };
    shadow(&mut canvas);
    panes(&mut canvas);
    canvas.polygon(
        &[
            (272.0, 600.0),
            (728.0, 600.0),
            (728.0, 640.0),
            (272.0, 640.0),
        ],
        SOIL,
        1.0,
    );
    for clod in 0..60u32 {
        let r = |k: u32| unit_float((clod + 1).wrapping_mul(k));
        canvas.ellipse(
            (275.0 + 450.0 * r(0x9e37_79b1), 602.0),
            9.0 + 9.0 * r(0x85eb_ca6b),
            5.0,
            0.0,
            SOIL,
            1.0,
        );
    }
    let fronds: [(f32, f32, f32); 9] = [
        (-0.95, 215.0, 0.16),
        (0.98, 205.0, 0.12),
        (-0.62, 300.0, 0.30),
        (0.66, 290.0, 0.24),
        (-0.34, 345.0, 0.46),
        (0.40, 335.0, 0.40),
        (-0.12, 375.0, 0.62),
        (0.17, 385.0, 0.70),
        (0.03, 330.0, 0.90),
    ];
    for (lean, length, tone) in fronds {
        frond(
            &mut canvas,
            (500.0 + lean * 22.0, 600.0),
            lean,
            length * growth,
            tone,
        );
    }
    frame(&mut canvas);
    gleams(&mut canvas);
    canvas.image()
}

fn shadow(canvas: &mut Canvas) {
    for ring in 0..24 {
        let grow = ring as f32 * 4.0;
        canvas.ellipse(
            (500.0, 702.0),
            235.0 + grow,
            8.0 + grow * 0.22,
            0.0,
            [0.0, 0.0, 0.0],
            0.025,
        );
    }
}

fn panes(canvas: &mut Canvas) {
    canvas.polygon(
        &[(250.0, 260.0), (500.0, 90.0), (750.0, 260.0)],
        GLASS,
        0.34,
    );
    canvas.polygon(
        &[
            (270.0, 262.0),
            (730.0, 262.0),
            (730.0, 602.0),
            (270.0, 602.0),
        ],
        GLASS,
        0.24,
    );
}

fn frond(canvas: &mut Canvas, root: Point, lean: f32, length: f32, tone: f32) {
    let dark: Colour = [0.06 + 0.10 * tone, 0.22 + 0.24 * tone, 0.08 + 0.05 * tone];
    let lit: Colour = [dark[0] * 1.45, dark[1] * 1.22, dark[2] * 1.3];
    let steps = 30;
    let (mut at, mut angle) = (root, lean * 0.35);
    for step in 0..steps {
        let part = step as f32 / steps as f32;
        let reach = length / steps as f32;
        let next = (at.0 + angle.sin() * reach, at.1 - angle.cos() * reach);
        canvas.line(
            at,
            next,
            2.6 * (1.0 - 0.8 * part),
            [dark[0] * 0.8, dark[1] * 0.8, dark[2] * 0.8],
            1.0,
        );
        let leaf = 0.185 * length * smoothstep(0.02, 0.22, part) * (1.0 - part).powf(0.75) + 1.2;
        for (side, colour) in [(-1.0, dark), (1.0, lit)] {
            let out = angle + side * (1.15 - 0.35 * part);
            let tip = (next.0 + out.sin() * leaf, next.1 - out.cos() * leaf);
            let middle = ((next.0 + tip.0) / 2.0, (next.1 + tip.1) / 2.0);
            canvas.ellipse(middle, leaf / 2.0, leaf * 0.115 + 0.7, out, colour, 1.0);
        }
        at = next;
        angle += lean * 0.062 + 0.004 * (part * 9.0).sin();
    }
}

fn frame(canvas: &mut Canvas) {
    let beams: [(Point, Point, f32); 9] = [
        ((270.0, 262.0), (270.0, 610.0), 7.0),
        ((730.0, 262.0), (730.0, 610.0), 7.0),
        ((423.0, 262.0), (423.0, 604.0), 3.5),
        ((577.0, 262.0), (577.0, 604.0), 3.5),
        ((250.0, 260.0), (750.0, 260.0), 8.0),
        ((250.0, 260.0), (500.0, 90.0), 8.0),
        ((750.0, 260.0), (500.0, 90.0), 8.0),
        ((423.0, 258.0), (500.0, 94.0), 3.5),
        ((577.0, 258.0), (500.0, 94.0), 3.5),
    ];
    for (from, to, thick) in beams {
        canvas.line(from, to, thick, FRAME, 1.0);
        canvas.line(
            (from.0 - thick * 0.3, from.1),
            (to.0 - thick * 0.3, to.1),
            thick * 0.18,
            [0.42, 0.33, 0.25],
            0.8,
        );
    }
    canvas.ellipse((500.0, 80.0), 11.0, 11.0, 0.0, FRAME, 1.0);
    canvas.polygon(
        &[
            (248.0, 616.0),
            (752.0, 616.0),
            (738.0, 700.0),
            (262.0, 700.0),
        ],
        LIP,
        1.0,
    );
    canvas.polygon(
        &[
            (240.0, 604.0),
            (760.0, 604.0),
            (760.0, 622.0),
            (240.0, 622.0),
        ],
        FRAME,
        1.0,
    );
    for slat in 1..4 {
        let y = 622.0 + slat as f32 * 19.5;
        canvas.line(
            (252.0 + slat as f32 * 3.0, y),
            (748.0 - slat as f32 * 3.0, y),
            0.9,
            FRAME,
            0.8,
        );
    }
}

/// Light on the panes.
fn gleams(canvas: &mut Canvas) {
    canvas.polygon(
        &[
            (292.0, 290.0),
            (352.0, 290.0),
            (300.0, 470.0),
            (292.0, 470.0),
        ],
        [1.0, 1.0, 1.0],
        0.30,
    );
    canvas.polygon(
        &[
            (372.0, 290.0),
            (390.0, 290.0),
            (310.0, 560.0),
            (292.0, 560.0),
        ],
        [1.0, 1.0, 1.0],
        0.22,
    );
    canvas.polygon(
        &[
            (470.0, 136.0),
            (492.0, 121.0),
            (436.0, 240.0),
            (412.0, 240.0),
        ],
        [1.0, 1.0, 1.0],
        0.25,
    );
}

impl Canvas {
    /// Fills where `distance` (in units, negative inside) says so, with an edge one pixel wide.
    fn fill(
        &mut self,
        low: Point,
        high: Point,
        colour: Colour,
        alpha: f32,
        distance: impl Fn(f32, f32) -> f32,
    ) {
        let pixel = |c: f32, max: u32| (c * self.unit).clamp(0.0, max as f32) as u32;
        let (x0, x1) = (
            pixel(low.0 - 2.0, self.width),
            pixel(high.0 + 2.0, self.width),
        );
        let (y0, y1) = (
            pixel(low.1 - 2.0, self.height),
            pixel(high.1 + 2.0, self.height),
        );
        for (x, y) in (y0..y1).flat_map(|y| (x0..x1).map(move |x| (x, y))) {
            let d =
                distance((x as f32 + 0.5) / self.unit, (y as f32 + 0.5) / self.unit) * self.unit;
            let cover = (0.5 - d).clamp(0.0, 1.0) * alpha;
            if cover > 0.0 {
                let ink = &mut self.ink[(y * self.width + x) as usize];
                for (c, value) in ink.iter_mut().zip([colour[0], colour[1], colour[2], 1.0]) {
                    *c = *c * (1.0 - cover) + value * cover;
                }
            }
        }
    }

    fn line(&mut self, a: Point, b: Point, radius: f32, colour: Colour, alpha: f32) {
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let square = (dx * dx + dy * dy).max(1e-6);
        let low = (a.0.min(b.0) - radius, a.1.min(b.1) - radius);
        let high = (a.0.max(b.0) + radius, a.1.max(b.1) + radius);
        self.fill(low, high, colour, alpha, |x, y| {
            let t = (((x - a.0) * dx + (y - a.1) * dy) / square).clamp(0.0, 1.0);
            (x - a.0 - dx * t).hypot(y - a.1 - dy * t) - radius
        });
    }

    /// `turn` is measured clockwise from upright, along the long axis `long`.
    fn ellipse(&mut self, at: Point, long: f32, short: f32, turn: f32, colour: Colour, alpha: f32) {
        let reach = long.max(short);
        // An upright ellipse with turn 0 lies on its side: the long axis is horizontal.
        let (s, c) = if turn == 0.0 {
            (1.0, 0.0)
        } else {
            turn.sin_cos()
        };
        self.fill(
            (at.0 - reach, at.1 - reach),
            (at.0 + reach, at.1 + reach),
            colour,
            alpha,
            |x, y| {
                let (dx, dy) = (x - at.0, y - at.1);
                let (along, across) = (dx * s - dy * c, dx * c + dy * s);
                let k = (along / long).hypot(across / short);
                // First-order distance to the outline.
                let slope =
                    v(along / (long * long), across / (short * short), 0.0).length() / k.max(1e-4);
                (k - 1.0) / slope.max(1e-4)
            },
        );
    }

    /// A convex polygon, corners clockwise.
    fn polygon(&mut self, corners: &[Point], colour: Colour, alpha: f32) {
        let low = corners
            .iter()
            .fold((f32::MAX, f32::MAX), |m, p| (m.0.min(p.0), m.1.min(p.1)));
        let high = corners
            .iter()
            .fold((0.0, 0.0), |m: Point, p| (m.0.max(p.0), m.1.max(p.1)));
        let middle = corners
            .iter()
            .fold((0.0, 0.0), |m, p| (m.0 + p.0, m.1 + p.1));
        let middle = (
            middle.0 / corners.len() as f32,
            middle.1 / corners.len() as f32,
        );
        let side = |a: Point, b: Point, p: Point| {
            let (dx, dy) = (b.0 - a.0, b.1 - a.1);
            ((p.0 - a.0) * dy - (p.1 - a.1) * dx) / dx.hypot(dy)
        };
        self.fill(low, high, colour, alpha, |x, y| {
            let edges = (0..corners.len()).map(|k| (corners[k], corners[(k + 1) % corners.len()]));
            edges
                .map(|(a, b)| side(a, b, (x, y)) * -side(a, b, middle).signum())
                .fold(f32::MIN, f32::max)
        });
    }

    fn image(&self) -> RgbaImage {
        RgbaImage::from_fn(self.width, self.height, |x, y| {
            let [r, g, b, a] = self.ink[(y * self.width + x) as usize];
            let byte = |c: f32| (c / a.max(1e-6) * 255.0 + 0.5).clamp(0.0, 255.0) as u8;
            if a <= 0.0 {
                Rgba([0, 0, 0, 0])
            } else {
                Rgba([byte(r), byte(g), byte(b), (a * 255.0 + 0.5) as u8])
            }
        })
    }
}
