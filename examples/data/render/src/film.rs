//! The film: renders rows on a few threads, then exposes, grains and stores the picture.

use crate::noise::Random;
use crate::vector::{Vec3, smoothstep, v};
use image::RgbImage;
use std::sync::atomic::{AtomicU32, Ordering};

pub struct Film {
    pub width: u32,
    pub height: u32,
    pub light: Vec<Vec3>,
}

impl Film {
    /// Calls `shade(x, y)` for every pixel; the outcome does not depend on the number of threads.
    pub fn expose(
        width: u32,
        height: u32,
        threads: usize,
        shade: impl Fn(u32, u32) -> Vec3 + Sync,
    ) -> Film {
        let next_row = AtomicU32::new(0);
        let mut rows: Vec<(u32, Vec<Vec3>)> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads)
                .map(|_| {
                    scope.spawn(|| {
                        let mut mine = Vec::new();
                        loop {
                            let y = next_row.fetch_add(1, Ordering::Relaxed);
                            if y >= height {
                                return mine;
                            }
                            mine.push((y, (0..width).map(|x| shade(x, y)).collect()));
                        }
                    })
                })
                .collect();
            workers
                .into_iter()
                .flat_map(|w| w.join().expect("a render thread panicked"))
                .collect()
        });
        rows.sort_by_key(|(y, _)| *y);
        Film {
            width,
            height,
            light: rows.into_iter().flat_map(|(_, row)| row).collect(),
        }
    }

    /// Lens and sensor resolve less than they have pixels: a smaller film, enlarged by a cubic (Catmull-Rom).
    pub fn enlarge(&self, width: u32, height: u32) -> Film {
        let taps = |out: u32, from: u32, to: u32| -> [(u32, f32); 4] {
            let at = (out as f32 + 0.5) * from as f32 / to as f32 - 0.5;
            let f = at - at.floor();
            let weights = [
                f * (-0.5 + f * (1.0 - 0.5 * f)),
                1.0 + f * f * (1.5 * f - 2.5),
                f * (0.5 + f * (2.0 - 1.5 * f)),
                f * f * (0.5 * f - 0.5),
            ];
            std::array::from_fn(|k| {
                (
                    (at.floor() as i32 + k as i32 - 1).clamp(0, from as i32 - 1) as u32,
                    weights[k],
                )
            })
        };
        let columns: Vec<_> = (0..width).map(|x| taps(x, self.width, width)).collect();
        let mut light = Vec::with_capacity((width * height) as usize);
        for y in 0..height {
            let rows = taps(y, self.height, height);
            for column in &columns {
                let mut sum = Vec3::default();
                for (j, wy) in rows {
                    for (i, wx) in column {
                        sum = sum + self.light[(j * self.width + i) as usize] * (wy * wx);
                    }
                }
                light.push(v(sum.x.max(0.0), sum.y.max(0.0), sum.z.max(0.0)));
            }
        }
        Film {
            width,
            height,
            light,
        }
    }

    /// Filmic curve, slight vignette, grain that is strongest in the middle tones, then sRGB.
    pub fn develop(&self, exposure: f32, grain: f32, seed: u32) -> RgbImage {
        let mut clumps = Clumps::new(self.width, self.height, seed);
        RgbImage::from_fn(self.width, self.height, |x, y| {
            let (dx, dy) = (
                x as f32 / self.width as f32 - 0.5,
                y as f32 / self.height as f32 - 0.5,
            );
            let vignette = 1.0 - 0.35 * smoothstep(0.1, 0.6, dx * dx + dy * dy);
            let light = self.light[(y * self.width + x) as usize] * (exposure * vignette);
            let tone = v(filmic(light.x), filmic(light.y), filmic(light.z));
            let luma = 0.3 * tone.x + 0.59 * tone.y + 0.11 * tone.z;
            let strength = grain * (0.35 + 2.6 * luma * (1.0 - luma));
            let (shared, mut random) = clumps.at(x, y);
            let channel = |c: f32, r: f32| {
                ((srgb(c) + strength * (shared + 0.35 * r)) * 255.0 + 0.5).clamp(0.0, 255.0) as u8
            };
            let (r, g, b) = (random.normal(), random.normal(), random.normal());
            image::Rgb([channel(tone.x, r), channel(tone.y, g), channel(tone.z, b)])
        })
    }
}

/// Grain is coarser than a pixel: a weighted mean over neighbours of white noise.
struct Clumps {
    width: u32,
    height: u32,
    white: Vec<f32>,
    seed: u32,
}

impl Clumps {
    fn new(width: u32, height: u32, seed: u32) -> Clumps {
        let white = (0..height)
            .flat_map(|y| (0..width).map(move |x| Random::new(x, y, seed).normal()))
            .collect();
        Clumps {
            width,
            height,
            white,
            seed,
        }
    }

    fn at(&mut self, x: u32, y: u32) -> (f32, Random) {
        let pick = |dx: i32, dy: i32| {
            let px = (x as i32 + dx).clamp(0, self.width as i32 - 1) as u32;
            let py = (y as i32 + dy).clamp(0, self.height as i32 - 1) as u32;
            self.white[(py * self.width + px) as usize]
        };
        let edges = pick(1, 0) + pick(-1, 0) + pick(0, 1) + pick(0, -1);
        let corners = pick(1, 1) + pick(-1, 1) + pick(1, -1) + pick(-1, -1);
        (
            0.5 * pick(0, 0) + 0.28 * edges + 0.16 * corners,
            Random::new(x, y, self.seed ^ 0x55aa),
        )
    }
}

/// The ACES curve as fitted by Krzysztof Narkowicz (CC0).
fn filmic(x: f32) -> f32 {
    ((x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14)).clamp(0.0, 1.0)
}

fn srgb(c: f32) -> f32 {
    if c <= 0.003_130_8 {
        12.92 * c
    } else {
        1.055 * c.powf(1.0 / 2.4) - 0.055
    }
}
