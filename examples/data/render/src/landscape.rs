//! Ray-marched landscapes: ground, water that mirrors it, clouds, and haze in between.

use crate::film::Film;
use crate::noise::{Random, fbm, noise, unit_float};
use crate::terrain::{Ground, Kind, Terrain};
use crate::vector::{Vec3, smoothstep, v};

pub struct Scene {
    pub kind: Kind,
    pub eye: Vec3,
    pub pitch: f32,
    pub yaw: f32,
    /// Width of the picture at distance one.
    pub view: f32,
    pub sun: Vec3,
    pub sun_light: Vec3,
    pub zenith: Vec3,
    pub horizon: Vec3,
    /// Share of light lost in a metre of air at lake level.
    pub haze: f32,
    /// The colour of that air between the horizon's (0) and the zenith's (1).
    pub air: f32,
    pub clouds: f32,
    pub snow_line: f32,
    pub samples: u32,
}

struct View<'a> {
    scene: &'a Scene,
    terrain: Terrain,
    pixel: f32,
}

pub fn render(scene: &Scene, width: u32, height: u32, threads: usize) -> Film {
    let view = View {
        scene,
        terrain: Terrain::new(scene.kind),
        pixel: scene.view / width as f32,
    };
    let (sp, cp) = scene.pitch.sin_cos();
    let (sy, cy) = scene.yaw.sin_cos();
    Film::expose(width, height, threads, |x, y| {
        let mut random = Random::new(x, y, 1);
        let mut sum = Vec3::default();
        for _ in 0..scene.samples {
            let px = (x as f32 + random.next() - width as f32 / 2.0) * view.pixel;
            let py = (height as f32 / 2.0 - y as f32 - random.next()) * view.pixel;
            let (up, ahead) = (py * cp + sp, cp - py * sp);
            let ray = v(px * cy + ahead * sy, up, ahead * cy - px * sy).unit();
            sum = sum + view.along(ray, &mut random);
        }
        sum * (1.0 / scene.samples as f32)
    })
}

impl View<'_> {
    fn along(&self, ray: Vec3, random: &mut Random) -> Vec3 {
        let eye = self.scene.eye;
        let ground = self.terrain.march(eye, ray, 0.3, self.pixel);
        let water = match self.scene.kind {
            Kind::Lake { .. } if ray.y < 0.0 => Some(-eye.y / ray.y),
            _ => None,
        };
        match (ground, water) {
            (_, Some(w)) if ground.is_none_or(|g| w < g) => {
                let colour = self.water(eye + ray * w, ray, w, ground, random);
                self.through_air(colour, ray, w)
            }
            (Some(g), _) => self.through_air(self.ground(eye + ray * g, g), ray, g),
            _ => self.sky(ray),
        }
    }

    fn ground(&self, p: Vec3, distance: f32) -> Vec3 {
        let eps = (self.pixel * distance * 1.5).max(0.004);
        let (_, made_of) = self.terrain.surface(p.x, p.z);
        let mut n = self.terrain.normal(p.x, p.z, eps);
        let (colour, shelter) = self.colour(p, &mut n, made_of, distance);
        let facing = n.dot(self.scene.sun).max(0.0);
        let sun = if facing > 0.0 {
            facing
                * self
                    .terrain
                    .sunlight(p + n * (eps * 2.0), self.scene.sun, eps * 2.0)
        } else {
            0.0
        };
        let sky =
            self.scene.zenith.mix(self.scene.horizon, 0.5) * ((0.55 + 0.45 * n.y) * shelter * 0.75);
        let bounce = self.scene.sun_light.tint(colour) * (0.06 * shelter * (1.0 - 0.5 * n.y));
        colour.tint(self.scene.sun_light * sun + sky) + bounce
    }

    /// The colour of the ground, with a share of sky light; bends `n` for detail that is too fine to march.
    fn colour(&self, p: Vec3, n: &mut Vec3, made_of: Ground, distance: f32) -> (Vec3, f32) {
        if self.scene.kind == Kind::Dunes {
            let grain = 1.0 + 0.10 * fbm(p.x * 0.7, p.z * 0.7, 4, 33);
            return (v(0.60, 0.36, 0.19) * grain, 1.0);
        }
        match made_of {
            Ground::Tree(rise, id) => {
                let leaf = v(0.030, 0.062, 0.022).mix(
                    v(0.075, 0.085, 0.022),
                    unit_float(id.wrapping_mul(77)).powf(3.0),
                );
                let needles = 0.75 + 0.9 * noise(p.x * 1.1 + p.y * 0.7, p.z * 1.1 - p.y * 0.9, 31);
                *n = (*n + v(0.0, 0.5, 0.0)).unit();
                (leaf * needles.max(0.3), 0.25 + 0.75 * rise)
            }
            Ground::Stone(id) => {
                let tone = unit_float(id.wrapping_mul(0x68e3_1da4));
                let warm = unit_float(id.wrapping_mul(0xb529_7a4d));
                let speckle = 1.0
                    + 0.35 * noise(p.x * 90.0, p.z * 90.0, 34)
                    + 0.3 * fbm(p.x * 14.0, p.z * 14.0, 3, 35);
                let grey =
                    v(0.20, 0.195, 0.19).mix(v(0.27, 0.215, 0.165), warm) * (0.45 + 0.9 * tone);
                let wet = smoothstep(0.16, 0.02, p.y);
                (grey * (speckle * (1.0 - 0.55 * wet)), 0.75)
            }
            Ground::Earth => self.earth(p, n, distance),
        }
    }

    fn earth(&self, p: Vec3, n: &mut Vec3, distance: f32) -> (Vec3, f32) {
        if p.y < 1.2 && distance < 80.0 {
            return (
                v(0.13, 0.11, 0.085) * (0.8 + 0.6 * fbm(p.x * 20.0, p.z * 20.0, 3, 36)),
                0.5,
            );
        }
        let fine = fbm(p.x / 46.0, p.z / 46.0 + p.y / 30.0, 6, 37);
        let coarse = fbm(p.x / 310.0, p.z / 310.0, 4, 38);
        let steep = n.y + 0.22 * fine;
        *n = (*n
            + v(
                0.55 * fine,
                0.0,
                0.55 * fbm(p.z / 40.0, p.x / 40.0 + p.y / 25.0, 5, 39),
            ))
        .unit();
        let strata = 1.0
            + 0.16 * noise(p.y / 23.0 + coarse * 22.0 + p.x / 160.0, p.z / 400.0, 40)
            + 0.45 * fine;
        let rock = v(0.165, 0.155, 0.150).mix(v(0.21, 0.175, 0.14), (0.5 + coarse).clamp(0.0, 1.0))
            * strata;
        let meadow =
            v(0.085, 0.105, 0.035).mix(v(0.16, 0.14, 0.06), (0.5 + 1.4 * fine).clamp(0.0, 1.0));
        let green =
            smoothstep(0.62, 0.80, steep) * smoothstep(1_150.0, 650.0, p.y + 500.0 * coarse);
        let cover = self.scene.snow_line - 700.0 * coarse - 260.0 * fine;
        let snow = smoothstep(0.0, 260.0, p.y - cover) * smoothstep(0.50, 0.68, steep);
        (rock.mix(meadow, green).mix(v(0.78, 0.80, 0.84), snow), 0.9)
    }

    fn water(
        &self,
        p: Vec3,
        ray: Vec3,
        distance: f32,
        bed: Option<f32>,
        random: &mut Random,
    ) -> Vec3 {
        let n = wave_normal(p, distance, random);
        let mirrored = ray.reflect(n);
        let mirrored = v(mirrored.x, mirrored.y.abs().max(0.004), mirrored.z).unit();
        let reflection =
            match self
                .terrain
                .march(p, mirrored, 2.0 + distance * 0.01, self.pixel * 2.5)
            {
                Some(t) => {
                    self.through_air(self.ground(p + mirrored * t, distance + t), mirrored, t)
                }
                None => self.sky(mirrored),
            };
        let grazing = (1.0 + ray.dot(n)).clamp(0.0, 1.0);
        let mirror = 0.02 + 0.98 * grazing.powi(5);
        let depth_colour = self.scene.zenith.tint(v(0.05, 0.16, 0.17));
        let below = match bed {
            Some(b) if b < 80.0 => {
                let length = (b - distance) * 0.75;
                let shifted = p + ray * (b - distance) + v(n.x, 0.0, n.z) * (length * 0.3);
                let seen = self.ground(shifted, b).tint(v(0.62, 0.70, 0.66));
                let clear = v(
                    (-length * 0.75).exp(),
                    (-length * 0.40).exp(),
                    (-length * 0.45).exp(),
                );
                seen.tint(clear) + depth_colour.tint(v(1.0, 1.0, 1.0) - clear)
            }
            _ => depth_colour,
        };
        below.mix(reflection, mirror)
    }

    fn sky(&self, ray: Vec3) -> Vec3 {
        let up = ray.y.max(0.0);
        let mut colour = self
            .scene
            .horizon
            .mix(self.scene.zenith, up.powf(0.5).min(1.0));
        let near_sun = ray.dot(self.scene.sun).max(0.0);
        colour = colour
            + self.scene.sun_light
                * (0.05 * near_sun.powi(8)
                    + 0.12 * near_sun.powi(60)
                    + 12.0 * smoothstep(0.99993, 0.99997, near_sun));
        if up < 0.01 {
            return colour;
        }
        let p = ray * (2_600.0 / (up + 0.03));
        let density = |x: f32, z: f32| {
            let (wx, wz) = (
                fbm(x * 0.7, z * 0.7, 3, 81),
                fbm(x * 0.7 + 9.0, z * 0.7, 3, 82),
            );
            fbm(x + 0.9 * wx, z * 1.6 + 0.9 * wz, 8, 83) + self.scene.clouds - 0.5
        };
        let (x, z) = (p.x / 5_200.0 + 2.2, p.z / 5_200.0 + 0.4);
        let here = density(x, z);
        let thick = smoothstep(0.0, 0.34, here);
        if thick <= 0.0 {
            return colour;
        }
        let toward = density(x + self.scene.sun.x * 0.09, z + self.scene.sun.z * 0.09).max(0.0);
        let lit = (-5.5 * toward).exp() * (0.62 + 0.5 * near_sun.powi(6));
        let cloud = self.scene.sun_light * (0.40 * lit)
            + self.scene.horizon.mix(self.scene.zenith, 0.4) * 0.62;
        let cloud = cloud.mix(self.scene.horizon, (-up * 9.0).exp());
        colour.mix(cloud, thick * (1.0 - (-up * 26.0).exp()))
    }

    fn through_air(&self, colour: Vec3, ray: Vec3, distance: f32) -> Vec3 {
        // Haze thins with height: the integral of exp(-y / 900) along the ray, started at the eye.
        let rise = ray.y * distance / 900.0;
        let mean = if rise.abs() < 1e-3 {
            1.0
        } else {
            (1.0 - (-rise).exp()) / rise
        };
        let lost = self.scene.haze * distance * mean.min(4.0);
        let near_sun = ray.dot(self.scene.sun).max(0.0);
        let air = self.scene.horizon.mix(self.scene.zenith, self.scene.air)
            + self.scene.sun_light * (0.07 * near_sun.powi(6));
        let keep = v((-lost * 0.75).exp(), (-lost).exp(), (-lost * 1.35).exp());
        colour.tint(keep) + air.tint(v(1.0, 1.0, 1.0) - keep)
    }
}

/// Waves finer than a pixel become a random tilt, so that reflections stretch instead of flickering.
fn wave_normal(p: Vec3, distance: f32, random: &mut Random) -> Vec3 {
    let calm = 0.35 + 0.65 * smoothstep(-0.15, 0.25, fbm(p.x / 160.0, p.z / 70.0, 3, 95));
    let slope = |x: f32, z: f32| {
        let near = smoothstep(60.0, 4.0, distance);
        let middle = smoothstep(700.0, 60.0, distance);
        0.020 * middle * noise(x / 1.9, z / 1.1, 96)
            + 0.006 * near * noise(x / 0.45, z / 0.30, 97)
            + 0.05 * noise(x / 9.0, z / 5.0, 98) * smoothstep(3_000.0, 300.0, distance)
    };
    let e = 0.05;
    let dx = (slope(p.x + e, p.z) - slope(p.x - e, p.z)) / (2.0 * e);
    let dz = (slope(p.x, p.z + e) - slope(p.x, p.z - e)) / (2.0 * e);
    let rough = 0.016 * smoothstep(20.0, 600.0, distance);
    v(
        -dx * calm + rough * calm * random.normal() * 0.5,
        1.0,
        -dz * calm + rough * calm * random.normal(),
    )
    .unit()
}
