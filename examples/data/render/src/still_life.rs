//! A path-traced still life: fruit on a table by a window, through a lens with a real aperture.

use crate::film::Film;
use crate::noise::{Random, fbm, noise};
use crate::vector::{Vec3, smoothstep, v};

const WINDOW_X: f32 = -1.25;
const WINDOW_LIGHT: Vec3 = v(15.0, 16.0, 17.5);
const WALL_Z: f32 = 0.85;
const BOUNCES: u32 = 5;

#[derive(Clone, Copy, PartialEq)]
enum Thing {
    Orange,
    Apple,
    Stem,
    Lemon,
    Bowl,
    Table,
    Wall,
    Window,
}

struct Object {
    thing: Thing,
    centre: Vec3,
    size: f32,
    reach: f32,
    turn: f32,
}

struct Hit {
    t: f32,
    p: Vec3,
    n: Vec3,
    thing: Thing,
    local: Vec3,
}

const fn object(thing: Thing, centre: Vec3, size: f32, reach: f32, turn: f32) -> Object {
    Object {
        thing,
        centre,
        size,
        reach,
        turn,
    }
}

const OBJECTS: &[Object] = &[
    object(Thing::Bowl, v(0.045, 0.108, 0.12), 0.150, 0.175, 0.0),
    object(Thing::Orange, v(-0.015, 0.118, 0.075), 0.060, 0.063, 0.3),
    object(Thing::Orange, v(0.112, 0.122, 0.110), 0.062, 0.065, 1.9),
    object(Thing::Orange, v(0.030, 0.128, 0.190), 0.061, 0.064, 4.0),
    object(Thing::Orange, v(0.045, 0.208, 0.120), 0.058, 0.061, 5.1),
    object(Thing::Apple, v(-0.135, 0.0375, -0.045), 0.0385, 0.064, 0.5),
    object(Thing::Stem, v(-0.135, 0.0375, -0.045), 0.0385, 0.075, 0.5),
    object(Thing::Lemon, v(0.125, 0.031, -0.085), 0.031, 0.052, 0.7),
    object(Thing::Lemon, v(0.050, 0.031, -0.125), 0.031, 0.052, 2.5),
];

pub fn render(width: u32, height: u32, samples: u32, threads: usize) -> Film {
    let eye = v(-0.05, 0.36, -0.86);
    let aim = v(0.005, 0.115, 0.05);
    let ahead = (aim - eye).unit();
    let right = v(0.0, 1.0, 0.0).cross(ahead).unit();
    let up = ahead.cross(right);
    let (focus, aperture, view) = (0.86, 0.011, 0.52);
    Film::expose(width, height, threads, |x, y| {
        let mut random = Random::new(x, y, 7);
        let mut sum = Vec3::default();
        for _ in 0..samples {
            let px = (x as f32 + random.next() - width as f32 / 2.0) / width as f32 * view;
            let py = (height as f32 / 2.0 - y as f32 - random.next()) / width as f32 * view;
            let target = eye + (ahead + right * px + up * py) * focus;
            let (radius, angle) = (
                aperture * random.next().sqrt(),
                std::f32::consts::TAU * random.next(),
            );
            let lens = eye + right * (radius * angle.cos()) + up * (radius * angle.sin());
            let light = trace(lens, (target - lens).unit(), &mut random);
            // One lucky path must not make a white dot.
            sum = sum + light * (4.0 / light.max_component().max(4.0));
        }
        sum * (1.0 / samples as f32)
    })
}

fn trace(mut from: Vec3, mut to: Vec3, random: &mut Random) -> Vec3 {
    let (mut light, mut through) = (Vec3::default(), v(1.0, 1.0, 1.0));
    // Until the first dull surface; after it the window is asked directly, and light that
    // would reach it by a mirror is given up, for it comes as white dots.
    let mut sees_window = true;
    for _ in 0..BOUNCES {
        let Some(hit) = nearest(from, to) else {
            // The dim room behind the camera.
            return light + through.tint(v(0.055, 0.046, 0.038));
        };
        if hit.thing == Thing::Window {
            return if sees_window {
                light + through.tint(window_pane(hit.p))
            } else {
                light
            };
        }
        let n = bumped(&hit);
        let (colour, gloss, rough) = material(&hit);
        let mirror = gloss * (0.04 + 0.96 * (1.0 + to.dot(n)).clamp(0.0, 1.0).powi(5));
        from = hit.p + hit.n * 2e-4;
        let scatter = (sphere(random) * rough + n).unit();
        if random.next() < mirror {
            to = to.reflect(scatter);
            if to.dot(hit.n) <= 0.0 {
                return light;
            }
            continue;
        }
        through = through.tint(colour);
        light = light + through.tint(from_window(from, n, random));
        to = (n + sphere(random)).unit();
        sees_window = false;
    }
    light
}

fn window_pane(p: Vec3) -> Vec3 {
    let bar = |c: f32, at: f32| (c - at).abs() < 0.018;
    if bar(p.z, 0.0) || bar(p.y, 0.85) {
        v(0.3, 0.3, 0.3)
    } else {
        WINDOW_LIGHT
    }
}

fn from_window(p: Vec3, n: Vec3, random: &mut Random) -> Vec3 {
    let target = v(WINDOW_X, 0.35 + random.next(), random.next() - 0.5);
    let way = target - p;
    let square = way.dot(way);
    let to = way * (1.0 / square.sqrt());
    let facing = n.dot(to) * -to.x.min(0.0);
    if facing <= 0.0 || nearest(p, to).is_none_or(|h| h.thing != Thing::Window) {
        return Vec3::default();
    }
    window_pane(target) * (facing / (square * std::f32::consts::PI))
}

fn sphere(random: &mut Random) -> Vec3 {
    let y = 2.0 * random.next() - 1.0;
    let angle = std::f32::consts::TAU * random.next();
    let r = (1.0 - y * y).sqrt();
    v(r * angle.cos(), y, r * angle.sin())
}

fn nearest(from: Vec3, to: Vec3) -> Option<Hit> {
    let mut best: Option<Hit> = None;
    let mut offer = |t: f32, n: Vec3, thing: Thing| {
        if t > 1e-4 && best.as_ref().is_none_or(|b| t < b.t) {
            let p = from + to * t;
            best = Some(Hit {
                t,
                p,
                n,
                thing,
                local: p,
            });
        }
    };
    if to.y < 0.0 {
        offer(-from.y / to.y, v(0.0, 1.0, 0.0), Thing::Table);
    }
    if to.z > 0.0 {
        offer((WALL_Z - from.z) / to.z, v(0.0, 0.0, -1.0), Thing::Wall);
    }
    if to.x < 0.0 {
        let t = (WINDOW_X - from.x) / to.x;
        let p = from + to * t;
        if (0.35..1.35).contains(&p.y) && p.z.abs() < 0.5 {
            offer(t, v(1.0, 0.0, 0.0), Thing::Window);
        }
    }
    for object in OBJECTS {
        let limit = best.as_ref().map_or(f32::MAX, |b| b.t);
        if let Some(hit) = object.hit(from, to, limit) {
            best = Some(hit);
        }
    }
    best
}

impl Object {
    fn hit(&self, from: Vec3, to: Vec3, limit: f32) -> Option<Hit> {
        let way = from - self.centre;
        let b = way.dot(to);
        let root = b * b - way.dot(way) + self.reach * self.reach;
        if root <= 0.0 {
            return None;
        }
        let (mut t, end) = ((-b - root.sqrt()).max(1e-4), (-b + root.sqrt()).min(limit));
        for _ in 0..110 {
            if t >= end {
                return None;
            }
            let gap = self.distance(way + to * t);
            if gap < 6e-5 {
                let local = way + to * t;
                return Some(Hit {
                    t,
                    p: from + to * t,
                    n: self.normal(local),
                    thing: self.thing,
                    local: self.turned(local),
                });
            }
            t += gap * 0.9;
        }
        None
    }

    fn turned(&self, p: Vec3) -> Vec3 {
        let (s, c) = self.turn.sin_cos();
        v(p.x * c - p.z * s, p.y, p.x * s + p.z * c)
    }

    fn distance(&self, p: Vec3) -> f32 {
        let across = (p.x * p.x + p.z * p.z).sqrt();
        match self.thing {
            Thing::Orange => v(p.x, p.y * 1.05, p.z).length() - self.size,
            Thing::Apple => {
                let taper = 1.0 - 3.0 * p.y;
                let r = across - 0.021 * taper.clamp(0.6, 1.2);
                (r * r + p.y * p.y * 0.92).sqrt() - self.size
            }
            Thing::Stem => {
                let lean = 0.15 * (p.y - 0.03);
                let r = ((p.x - lean) * (p.x - lean) + p.z * p.z).sqrt();
                (r - 0.0017).max(p.y - 0.056).max(0.02 - p.y)
            }
            Thing::Lemon => {
                let q = self.turned(p);
                let radius = (q.y * q.y + q.z * q.z).sqrt();
                let body = (v(q.x * 0.76, q.y, q.z).length() - self.size) * 0.9;
                let tip = (q.x.abs() - 0.040).abs().max(radius - 0.003) - 0.004;
                blend(body, tip, 0.010)
            }
            Thing::Bowl => {
                let shell = ((p.length() - self.size).abs() - 0.0035).max(p.y + 0.012);
                let lip = ((across - self.size) * (across - self.size)
                    + (p.y + 0.012) * (p.y + 0.012))
                    .sqrt()
                    - 0.0052;
                let foot = ((across - 0.055).abs() - 0.004).max((p.y + 0.097).abs() - 0.0102);
                // The ball is cut by the table: its bottom is flat and hidden by the foot.
                blend(shell.max(-0.1005 - p.y), lip, 0.004).min(foot)
            }
            _ => f32::MAX,
        }
    }

    fn normal(&self, p: Vec3) -> Vec3 {
        let e = 2e-4;
        let d = |q: Vec3| self.distance(q);
        v(
            d(p + v(e, 0.0, 0.0)) - d(p - v(e, 0.0, 0.0)),
            d(p + v(0.0, e, 0.0)) - d(p - v(0.0, e, 0.0)),
            d(p + v(0.0, 0.0, e)) - d(p - v(0.0, 0.0, e)),
        )
        .unit()
    }
}

fn blend(a: f32, b: f32, k: f32) -> f32 {
    let h = (k - (a - b).abs()).max(0.0) / k;
    a.min(b) - h * h * k * 0.25
}

/// Solid noise of sorts: three planes summed, which is enough for peel.
fn solid(p: Vec3, scale: f32, seed: u32) -> f32 {
    let q = p * scale;
    noise(q.x, q.y, seed) + noise(q.y + 5.3, q.z, seed + 1) + noise(q.z, q.x + 2.7, seed + 2)
}

fn bumped(hit: &Hit) -> Vec3 {
    let (scale, depth) = match hit.thing {
        Thing::Orange => (520.0, 0.13),
        Thing::Lemon => (430.0, 0.15),
        Thing::Apple => (60.0, 0.015),
        Thing::Wall => (90.0, 0.03),
        Thing::Table => {
            let grain = fbm(hit.p.x * 210.0, hit.p.z * 6.0, 3, 14);
            let groove = plank(hit.p).1;
            return (hit.n + v(grain * 0.07 + groove, 0.0, grain * 0.01)).unit();
        }
        _ => return hit.n,
    };
    let at = |k: u32| solid(hit.local, scale, 20 + 5 * k) * depth;
    (hit.n + v(at(0), at(1), at(2))).unit()
}

/// Which board, and how its edge bends the surface.
fn plank(p: Vec3) -> (f32, f32) {
    let across = p.x / 0.13 + 0.37;
    let edge = across - across.floor();
    let groove = if edge < 0.012 {
        0.8
    } else if edge > 0.988 {
        -0.8
    } else {
        0.0
    };
    (across.floor(), groove)
}

/// Colour, strength of the glossy coat, and its roughness.
fn material(hit: &Hit) -> (Vec3, f32, f32) {
    let p = hit.local;
    match hit.thing {
        Thing::Orange => {
            let mottle = solid(p, 38.0, 40);
            let colour =
                v(0.80, 0.27, 0.022).mix(v(0.86, 0.37, 0.04), (0.5 + mottle).clamp(0.0, 1.0));
            let button =
                smoothstep(0.0075, 0.0045, (p.x - 0.01).hypot(p.z)) * smoothstep(0.0, 0.05, p.y);
            (colour.mix(v(0.20, 0.22, 0.07), button), 1.0, 0.30)
        }
        Thing::Apple => {
            let around = p.z.atan2(p.x);
            let streak =
                fbm(around * 9.0, p.y * 18.0, 4, 43) + 0.5 * noise(around * 40.0, p.y * 30.0, 44);
            let red =
                v(0.42, 0.022, 0.020).mix(v(0.62, 0.10, 0.035), (0.4 + streak).clamp(0.0, 1.0));
            let hollow = smoothstep(0.022, 0.006, p.x.hypot(p.z));
            let pale = v(0.55, 0.42, 0.10);
            let dots = smoothstep(0.36, 0.46, noise(around * 34.0, p.y * 900.0, 45));
            (red.mix(pale, 0.8 * hollow + 0.35 * dots), 1.0, 0.10)
        }
        Thing::Stem => (v(0.12, 0.07, 0.035), 0.4, 0.6),
        Thing::Lemon => {
            let mottle = solid(p, 55.0, 48);
            let colour =
                v(0.80, 0.60, 0.055).mix(v(0.84, 0.69, 0.10), (0.5 + mottle).clamp(0.0, 1.0));
            (
                colour.mix(
                    v(0.45, 0.47, 0.08),
                    smoothstep(0.036, 0.046, p.x.abs()) * 0.7,
                ),
                1.0,
                0.28,
            )
        }
        Thing::Bowl => {
            let glaze = v(0.66, 0.66, 0.62).mix(
                v(0.50, 0.53, 0.53),
                (0.5 + solid(p, 24.0, 49)).clamp(0.0, 1.0),
            );
            let band = smoothstep(0.006, 0.003, (p.y + 0.040).abs());
            (glaze.mix(v(0.05, 0.11, 0.26), band), 1.0, 0.05)
        }
        Thing::Table => wood(hit.p),
        _ => {
            let mottle = fbm(hit.p.x * 3.0, hit.p.y * 3.0, 6, 50);
            (v(0.17, 0.175, 0.165) * (1.0 + 0.5 * mottle), 0.0, 1.0)
        }
    }
}

fn wood(p: Vec3) -> (Vec3, f32, f32) {
    let (board, groove) = plank(p);
    let shift = board * 7.31;
    let bend = fbm(p.x * 5.0 + shift, p.z * 1.6 + shift, 4, 15);
    let rings = (0.5 + 0.5 * ((p.x * 95.0 + bend * 26.0 + shift).sin())).powf(2.2);
    let pores = smoothstep(0.12, 0.35, fbm(p.x * 420.0, p.z * 9.0, 3, 16));
    let tone = 0.80 + 0.35 * noise(board * 3.7, 0.4, 17);
    let light = v(0.33, 0.185, 0.092) * tone;
    let dark = v(0.175, 0.085, 0.038) * tone;
    let colour = light
        .mix(dark, 0.75 * rings)
        .mix(v(0.06, 0.03, 0.015), 0.5 * pores);
    if groove == 0.0 {
        (colour, 0.7, 0.24)
    } else {
        (colour * 0.25, 0.0, 1.0)
    }
}
