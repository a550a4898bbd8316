//! The ground: a height grid worked out once, with trees and stones added where a ray comes close.

use crate::noise::{fbm, hash2, noise, ridges, unit_float};
use crate::vector::{Vec3, smoothstep, v};

#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    Lake { seed: u32, beach: bool },
    Dunes,
}

const CELLS: usize = 3072;
const EXTENT: f32 = 18_000.0;
const TREE_CELL: f32 = 9.0;
pub const TREE_TOP: f32 = 26.0;

pub struct Terrain {
    pub kind: Kind,
    grid: Vec<f32>,
    pub highest: f32,
}

/// What a point of the surface is made of.
#[derive(Clone, Copy, PartialEq)]
pub enum Ground {
    Earth,
    /// Crown, with the height within the tree (0 foot, 1 tip) and a number of its own.
    Tree(f32, u32),
    Stone(u32),
}

impl Terrain {
    pub fn new(kind: Kind) -> Terrain {
        let step = EXTENT / CELLS as f32;
        let row = |j: usize| -> Vec<f32> {
            (0..CELLS)
                .map(|i| {
                    raw_height(
                        kind,
                        i as f32 * step - EXTENT / 2.0,
                        j as f32 * step - 500.0,
                    )
                })
                .collect()
        };
        let half = CELLS / 2;
        let grid: Vec<f32> = std::thread::scope(|scope| {
            let first = scope.spawn(|| (0..half).flat_map(row).collect::<Vec<_>>());
            let mut second: Vec<f32> = (half..CELLS).flat_map(row).collect();
            let mut all = first.join().expect("a terrain thread panicked");
            all.append(&mut second);
            all
        });
        let highest = grid.iter().copied().fold(0.0, f32::max) + TREE_TOP;
        Terrain {
            kind,
            grid,
            highest,
        }
    }

    /// The bare ground, without what stands on it.
    pub fn base(&self, x: f32, z: f32) -> f32 {
        let scale = CELLS as f32 / EXTENT;
        let (gx, gz) = ((x + EXTENT / 2.0) * scale, (z + 500.0) * scale);
        let limit = (CELLS - 2) as f32;
        let (gx, gz) = (gx.clamp(0.0, limit), gz.clamp(0.0, limit));
        let (i, j) = (gx as usize, gz as usize);
        let (fx, fz) = (gx - i as f32, gz - j as f32);
        let at = |i: usize, j: usize| self.grid[j * CELLS + i];
        if self.kind == Kind::Dunes {
            return smooth(at, (i, j), (fx, fz));
        }
        let a = at(i, j) * (1.0 - fx) + at(i + 1, j) * fx;
        let b = at(i, j + 1) * (1.0 - fx) + at(i + 1, j + 1) * fx;
        let ground = a * (1.0 - fz) + b * fz;
        match self.kind {
            Kind::Lake { beach: true, .. } if z < 60.0 => ground.max(beach(x, z)),
            _ => ground,
        }
    }

    pub fn surface(&self, x: f32, z: f32) -> (f32, Ground) {
        let base = self.base(x, z);
        let Kind::Lake { seed, beach } = self.kind else {
            return (base + ripples(x, z), Ground::Earth);
        };
        if beach && z < 60.0 {
            let (lift, stone) = stones(x, z);
            return (base + lift, stone.map_or(Ground::Earth, Ground::Stone));
        }
        if !(1.5..900.0).contains(&base) {
            return (base, Ground::Earth);
        }
        self.tree(x, z, base, seed).unwrap_or((base, Ground::Earth))
    }

    fn tree(&self, x: f32, z: f32, base: f32, seed: u32) -> Option<(f32, Ground)> {
        let thicket =
            fbm(x / 420.0, z / 420.0, 4, seed + 90) + 0.32 - smoothstep(350.0, 800.0, base) * 0.6;
        if thicket < 0.0 {
            return None;
        }
        let (ci, cj) = (
            (x / TREE_CELL).floor() as i32,
            (z / TREE_CELL).floor() as i32,
        );
        let mut best: Option<(f32, Ground)> = None;
        for (i, j) in (-1..=1).flat_map(|i| (-1..=1).map(move |j| (ci + i, cj + j))) {
            let id = hash2(i, j, seed + 91);
            let size = unit_float(id);
            if size > 0.55 + thicket * 3.0 {
                continue;
            }
            let cx = (i as f32 + 0.15 + 0.7 * unit_float(id.wrapping_mul(0x9e37_79b1))) * TREE_CELL;
            let cz = (j as f32 + 0.15 + 0.7 * unit_float(id.wrapping_mul(0x85eb_ca6b))) * TREE_CELL;
            let tall = 9.0 + 14.0 * unit_float(id.wrapping_mul(0xc2b2_ae35)).powf(1.4);
            let radius = 2.2 + tall * 0.13;
            let (dx, dz) = (x - cx, z - cz);
            let far = (dx * dx + dz * dz).sqrt();
            if far > radius * 1.4 || best.is_some_and(|(h, _)| h > base + tall) {
                continue;
            }
            // Boughs: the rim is ragged, and tiers show as steps of the cone.
            let ragged = 1.0
                + 0.5 * noise(dx * 1.3 + cx, dz * 1.3 + cz, 7)
                + 0.25 * noise(dx * 4.0, dz * 4.0 + cx, 8);
            let d = far / (radius * ragged.clamp(0.4, 1.4));
            if d < 1.0 {
                let rise = (1.0 - d).powf(0.85);
                let top = base + tall * rise;
                if best.is_none_or(|(h, _)| top > h) {
                    best = Some((top, Ground::Tree(rise, id)));
                }
            }
        }
        best
    }

    /// The first hit of a ray, if any; `precision` is the size of a pixel at distance one.
    pub fn march(&self, from: Vec3, to: Vec3, start: f32, precision: f32) -> Option<f32> {
        let mut t = start;
        let mut before = start;
        for _ in 0..700 {
            let p = from + to * t;
            if (p.y > self.highest && to.y > 0.0) || t > 16_500.0 {
                return None;
            }
            let clear = p.y - self.base(p.x, p.z);
            let gap = if clear > TREE_TOP {
                clear - TREE_TOP * 0.8
            } else {
                p.y - self.surface(p.x, p.z).0
            };
            if gap < precision * t * 0.5 {
                return Some(self.refine(from, to, before, t));
            }
            before = t;
            t += (gap * 0.45).max(precision * t * 1.5);
        }
        Some(t)
    }

    fn refine(&self, from: Vec3, to: Vec3, mut clear: f32, mut hit: f32) -> f32 {
        for _ in 0..8 {
            let middle = 0.5 * (clear + hit);
            let p = from + to * middle;
            if p.y > self.surface(p.x, p.z).0 {
                clear = middle
            } else {
                hit = middle
            }
        }
        hit
    }

    /// 0 in full shade, 1 in full sun; the edge of a shadow widens with distance.
    pub fn sunlight(&self, from: Vec3, sun: Vec3, start: f32) -> f32 {
        let (mut t, mut light) = (start, 1.0_f32);
        for _ in 0..90 {
            let p = from + sun * t;
            if p.y > self.highest || t > 9_000.0 {
                break;
            }
            let clear = p.y - self.base(p.x, p.z);
            let gap = if clear > TREE_TOP || t > 300.0 {
                clear
            } else {
                p.y - self.surface(p.x, p.z).0
            };
            light = light.min(0.5 + 45.0 * gap / t);
            if light <= 0.0 {
                return 0.0;
            }
            t += (gap * 0.5).max(start.max(0.02 * t));
        }
        smoothstep(0.0, 1.0, light)
    }

    pub fn normal(&self, x: f32, z: f32, eps: f32) -> Vec3 {
        let dx = self.surface(x + eps, z).0 - self.surface(x - eps, z).0;
        let dz = self.surface(x, z + eps).0 - self.surface(x, z - eps).0;
        v(-dx, 2.0 * eps, -dz).unit()
    }
}

/// A cubic B-spline over the grid: sand has no facets.
fn smooth(at: impl Fn(usize, usize) -> f32, (i, j): (usize, usize), (fx, fz): (f32, f32)) -> f32 {
    let weights = |t: f32| {
        let s = 1.0 - t;
        [
            s * s * s / 6.0,
            (3.0 * t * t * t - 6.0 * t * t + 4.0) / 6.0,
            (3.0 * s * s * s - 6.0 * s * s + 4.0) / 6.0,
            t * t * t / 6.0,
        ]
    };
    let (wx, wz) = (weights(fx), weights(fz));
    let tap = |base: usize, k: usize| (base + k).saturating_sub(1).min(CELLS - 1);
    (0..4)
        .map(|k| {
            wz[k]
                * (0..4)
                    .map(|l| wx[l] * at(tap(i, l), tap(j, k)))
                    .sum::<f32>()
        })
        .sum()
}

fn raw_height(kind: Kind, x: f32, z: f32) -> f32 {
    match kind {
        Kind::Lake { seed, .. } => lake(x, z, seed),
        Kind::Dunes => dunes(x, z),
    }
}

/// A valley filled by a lake, woods on its flanks, high mountains at its end.
fn lake(x: f32, z: f32, seed: u32) -> f32 {
    let axis = 350.0 * (z / 1_900.0 + seed as f32).sin();
    let width = 620.0
        + 380.0 * noise(z / 1_300.0, seed as f32, seed)
        + 250.0 * fbm(x / 500.0, z / 500.0, 4, seed + 1);
    let across = (x - axis) / width.max(200.0);
    let along = ((z - 2_300.0) / 1_100.0).max(0.0);
    let r = (across * across + along * along).sqrt();
    let flank = smoothstep(0.9, 5.5, r);
    let tall = 1_050.0 + 2_100.0 * smoothstep(3_000.0, 9_500.0, z);
    let crest = ridges(x / 4_600.0 + 3.1 * seed as f32, z / 4_600.0, 10, seed + 20);
    let foothill = fbm(x / 900.0, z / 900.0, 8, seed + 40) * 260.0 * smoothstep(1.0, 2.2, r);
    (r - 1.0).min(2.0) * 55.0 + flank * tall * crest + foothill
}

/// Crescents with a gentle windward side and a steep lee.
fn dunes(x: f32, z: f32) -> f32 {
    let bend = 1.5 * fbm(x / 420.0, z / 420.0, 3, 61);
    let dune = |length: f32, phase: f32| {
        let u = (z + 0.35 * x) / length + phase + bend * 320.0 / length.max(200.0);
        let f = u - u.floor();
        if f < 0.72 {
            smoothstep(0.0, 0.72, f)
        } else {
            1.0 - smoothstep(0.72, 1.0, f)
        }
    };
    let size = 0.6 + fbm(x / 800.0, z / 800.0, 3, 63);
    let far = smoothstep(2_500.0, 7_000.0, z) * 420.0 * ridges(x / 3_000.0, z / 3_000.0, 7, 64);
    68.0 * dune(340.0, 0.12) * size.max(0.1)
        + 15.0 * dune(127.0, 0.4) * size.max(0.1)
        + far
        + 24.0 * fbm(x / 600.0, z / 600.0, 3, 62)
}

fn ripples(x: f32, z: f32) -> f32 {
    let bend = 2.2 * fbm(x / 3.0, z / 3.0, 3, 66);
    0.011 * (z * 34.0 + x * 9.0 + bend * 6.0).sin() * (0.6 + fbm(x / 2.0, z / 2.0, 2, 67))
}

fn beach(x: f32, z: f32) -> f32 {
    (7.5 + 3.0 * fbm(x / 7.0, z / 7.0, 3, 51) - z) * 0.13
}

/// Pebbles of three sizes: flattened domes, each with its own outline.
fn stones(x: f32, z: f32) -> (f32, Option<u32>) {
    let mut best = (0.012 * fbm(x * 8.0, z * 8.0, 3, 52), None);
    for (level, cell) in [1.1_f32, 0.42, 0.17, 0.075].into_iter().enumerate() {
        let (ci, cj) = ((x / cell).floor() as i32, (z / cell).floor() as i32);
        for (i, j) in (-1..=1).flat_map(|i| (-1..=1).map(move |j| (ci + i, cj + j))) {
            let id = hash2(i, j, 53 + level as u32);
            if level == 0 && id % 5 != 0 || level == 1 && id % 3 == 0 {
                continue;
            }
            let part = |k: u32| unit_float(id.wrapping_mul(k));
            let (cx, cz) = (
                (i as f32 + part(0x9e37_79b1)) * cell,
                (j as f32 + part(0x85eb_ca6b)) * cell,
            );
            let radius = cell * (0.30 + 0.26 * part(0xc2b2_ae35));
            let turn = std::f32::consts::TAU * part(0x27d4_eb2f);
            let (dx, dz) = (x - cx, z - cz);
            let (a, b) = (
                dx * turn.cos() + dz * turn.sin(),
                dz * turn.cos() - dx * turn.sin(),
            );
            let lumps = 1.0 + 0.25 * noise(a / radius + cx, b / radius + cz, 55);
            let d = (a * a + b * b * (1.2 + part(0x1656_67b1))) / (radius * radius * lumps);
            if d < 1.0 {
                let lift = radius * 0.55 * (1.0 - d).sqrt();
                if lift > best.0 {
                    best = (lift, Some(id));
                }
            }
        }
    }
    best
}
