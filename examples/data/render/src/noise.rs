//! Noise and random numbers from integer hashes only: the same picture on every machine and run.

/// A good 32-bit mixer ("lowbias32" by Chris Wellons, public domain).
pub fn hash(mut x: u32) -> u32 {
    x ^= x >> 16;
    x = x.wrapping_mul(0x7feb_352d);
    x ^= x >> 15;
    x = x.wrapping_mul(0x846c_a68b);
    x ^ (x >> 16)
}

pub fn hash2(x: i32, y: i32, seed: u32) -> u32 {
    hash((x as u32).wrapping_mul(0x9e37_79b1) ^ hash((y as u32) ^ seed.wrapping_mul(0x85eb_ca6b)))
}

pub fn unit_float(h: u32) -> f32 {
    (h >> 8) as f32 / 16_777_216.0
}

/// Gradient noise of the plane, about -0.7 to 0.7.
pub fn noise(x: f32, y: f32, seed: u32) -> f32 {
    let (xi, yi) = (x.floor(), y.floor());
    let (fx, fy) = (x - xi, y - yi);
    let (ix, iy) = (xi as i32, yi as i32);
    let corner = |dx: i32, dy: i32| {
        let h = hash2(ix + dx, iy + dy, seed);
        let gx = (h & 0xffff) as f32 / 32768.0 - 1.0;
        let gy = (h >> 16) as f32 / 32768.0 - 1.0;
        gx * (fx - dx as f32) + gy * (fy - dy as f32)
    };
    let fade = |t: f32| t * t * t * (t * (t * 6.0 - 15.0) + 10.0);
    let (u, w) = (fade(fx), fade(fy));
    let a = corner(0, 0) * (1.0 - u) + corner(1, 0) * u;
    let b = corner(0, 1) * (1.0 - u) + corner(1, 1) * u;
    (a * (1.0 - w) + b * w) * 1.4
}

/// Fractal sum of `octaves`; each octave is turned so that the lattice does not show.
pub fn fbm(mut x: f32, mut y: f32, octaves: u32, seed: u32) -> f32 {
    let (mut sum, mut amplitude) = (0.0, 0.5);
    for octave in 0..octaves {
        sum += amplitude * noise(x, y, seed.wrapping_add(octave));
        (x, y) = (1.6 * x - 1.2 * y + 17.3, 1.2 * x + 1.6 * y - 9.1);
        amplitude *= 0.5;
    }
    sum
}

/// Ridged fractal, 0 to about 1: sharp crests, as erosion leaves them.
pub fn ridges(mut x: f32, mut y: f32, octaves: u32, seed: u32) -> f32 {
    let (mut sum, mut amplitude, mut previous) = (0.0, 0.5, 1.0);
    for octave in 0..octaves {
        let crest = 1.0 - noise(x, y, seed.wrapping_add(octave)).abs() * 1.6;
        let crest = crest.max(0.0);
        let crest = crest * crest * previous;
        sum += amplitude * crest;
        previous = (crest * 1.6).min(1.0);
        (x, y) = (1.6 * x - 1.2 * y + 3.7, 1.2 * x + 1.6 * y + 11.9);
        amplitude *= 0.48;
    }
    sum
}

/// A small counter-based generator; one per pixel keeps threads out of the result.
pub struct Random(u32);

impl Random {
    pub fn new(x: u32, y: u32, seed: u32) -> Random {
        Random(hash2(x as i32, y as i32, seed))
    }

    pub fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9);
        unit_float(hash(self.0))
    }

    /// Roughly normal, mean 0, deviation 1.
    pub fn normal(&mut self) -> f32 {
        (self.next() + self.next() + self.next() + self.next() - 2.0) * 1.732
    }
}
