//! Renders the pictures of `examples/data` as lossless PNG files; `encode.py` makes the committed files of them.
//!
//! `render-pictures OUT_DIR [SCALE] [NAME…]`: SCALE 0.25 gives a quick look at a quarter of the size.

mod emblem;
mod film;
mod landscape;
mod noise;
mod still_life;
mod terrain;
mod vector;

use landscape::Scene;
use std::path::PathBuf;
use terrain::Kind;
use vector::v;

/// More would only compete with whoever else works on the machine.
const THREADS: usize = 2;

type Render = fn(f32) -> image::DynamicImage;

const PICTURES: &[(&str, Render)] = &[
    ("lake", lake),
    ("evening", evening),
    ("dunes", dunes),
    ("fruit", fruit),
    ("case", case),
    ("growing", growing),
];

fn main() {
    let mut args = std::env::args().skip(1);
    let out = PathBuf::from(
        args.next()
            .expect("usage: render-pictures OUT_DIR [SCALE] [NAME…]"),
    );
    let scale = args
        .next()
        .map_or(1.0, |s| s.parse().expect("SCALE is a number such as 0.25"));
    let wanted: Vec<String> = args.collect();
    std::fs::create_dir_all(&out).expect("cannot make OUT_DIR");
    for (name, render) in PICTURES {
        if wanted.is_empty() || wanted.iter().any(|w| w == name) {
            let path = out.join(format!("{name}.png"));
            render(scale).save(&path).expect("cannot write the picture");
            println!("{}", path.display());
        }
    }
}

fn scaled(n: u32, scale: f32) -> u32 {
    (n as f32 * scale).round() as u32
}

fn lake(scale: f32) -> image::DynamicImage {
    let scene = Scene {
        kind: Kind::Lake {
            seed: 3,
            beach: true,
        },
        eye: v(0.0, 2.5, -1.0),
        pitch: 0.045,
        yaw: 0.02,
        view: 1.0,
        sun: v(-0.72, 0.46, 0.18).unit(),
        sun_light: v(3.1, 2.75, 2.25),
        zenith: v(0.16, 0.34, 0.78),
        horizon: v(0.62, 0.76, 0.95),
        haze: 0.000_050,
        air: 0.25,
        clouds: 0.52,
        snow_line: 1_250.0,
        samples: 2,
    };
    landscape::render(&scene, scaled(2600, scale), scaled(1950, scale), THREADS)
        .enlarge(scaled(4000, scale), scaled(3000, scale))
        .develop(0.78, 0.012, 11)
        .into()
}

fn evening(scale: f32) -> image::DynamicImage {
    let scene = Scene {
        kind: Kind::Lake {
            seed: 8,
            beach: false,
        },
        eye: v(60.0, 14.0, 100.0),
        pitch: 0.05,
        yaw: 0.05,
        view: 0.95,
        sun: v(0.17, 0.235, 0.95).unit(),
        sun_light: v(4.4, 2.3, 1.0),
        zenith: v(0.13, 0.22, 0.55),
        horizon: v(1.55, 0.84, 0.44),
        haze: 0.000_030,
        air: 0.85,
        clouds: 0.66,
        snow_line: 1_700.0,
        samples: 3,
    };
    landscape::render(&scene, scaled(1600, scale), scaled(1067, scale), THREADS)
        .enlarge(scaled(2400, scale), scaled(1600, scale))
        .develop(0.8, 0.012, 12)
        .into()
}

fn dunes(scale: f32) -> image::DynamicImage {
    let scene = Scene {
        kind: Kind::Dunes,
        eye: v(0.0, 92.0, -30.0),
        pitch: -0.12,
        yaw: 0.12,
        view: 0.9,
        sun: v(-0.86, 0.20, 0.22).unit(),
        sun_light: v(3.6, 2.6, 1.7),
        zenith: v(0.14, 0.30, 0.68),
        horizon: v(0.80, 0.76, 0.74),
        haze: 0.000_10,
        air: 0.25,
        clouds: 0.30,
        snow_line: 9_000.0,
        samples: 3,
    };
    landscape::render(&scene, scaled(1400, scale), scaled(933, scale), THREADS)
        .enlarge(scaled(1920, scale), scaled(1280, scale))
        .develop(0.72, 0.010, 13)
        .into()
}

fn fruit(scale: f32) -> image::DynamicImage {
    still_life::render(scaled(1200, scale), scaled(1800, scale), 90, THREADS)
        .enlarge(scaled(2000, scale), scaled(3000, scale))
        .develop(1.0, 0.010, 14)
        .into()
}

fn case(scale: f32) -> image::DynamicImage {
    emblem::draw(scaled(2000, scale), scaled(1500, scale), 1.0).into()
}

/// Frames side by side; `encode.py` cuts them apart.
fn growing(scale: f32) -> image::DynamicImage {
    let (width, height, frames) = (scaled(320, scale), scaled(240, scale), 12);
    let mut strip = image::RgbaImage::new(width * frames, height);
    for frame in 0..frames {
        let growth = 0.12 + 0.88 * vector::smoothstep(0.0, (frames - 1) as f32, frame as f32);
        let drawn = emblem::draw(width, height, growth);
        image::imageops::replace(&mut strip, &drawn, i64::from(width * frame), 0);
    }
    strip.into()
}
