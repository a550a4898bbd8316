//! BlurHash: a picture in some thirty characters (the algorithm of github.com/woltapp/blurhash, its Algorithm.md).
//!
//! Written here because the crate for it rounds twice, so that its colours are one level too light.

use std::f64::consts::PI;

use crate::error::ImageError;
use crate::options::Light;
use crate::picture::Picture;
use crate::resample::{Crop, resample};

/// Pixels of the longer side that is hashed. A hash holds at most nine waves a side, so more pixels only cost time.
const SIDE: u32 = 64;
const DIGITS: &[u8; 83] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";
/// Steps of a wave's strength: 9 down, 9 up, none.
const STEPS: u32 = 19;

type Colour = [f64; 3];

/// The hash of the picture, over white where it is transparent, with `x` waves across and `y` down.
pub(crate) fn encode(picture: Picture, x: u32, y: u32) -> Result<String, ImageError> {
    let scale = f64::from(SIDE) / f64::from(picture.width.max(picture.height));
    let picture = if scale < 1.0 {
        let side = |pixels: u32| ((f64::from(pixels) * scale).round() as u32).max(1);
        resample(
            &picture,
            Crop::all(&picture),
            side(picture.width),
            side(picture.height),
            Light::Linear,
        )?
    } else {
        picture
    };
    let (width, height) = (picture.width, picture.height);
    let pixels: Vec<Colour> = picture
        .flatten([255; 3])
        .into_rgba()
        .chunks_exact(4)
        .map(|pixel| {
            [
                to_linear(pixel[0]),
                to_linear(pixel[1]),
                to_linear(pixel[2]),
            ]
        })
        .collect();
    let mut waves = Vec::with_capacity((x * y) as usize);
    for down in 0..y {
        for across in 0..x {
            waves.push(strength(&pixels, (width, height), (across, down)));
        }
    }
    Ok(write(&waves, x, y))
}

/// How strong a wave is in the picture, by colour.
fn strength(pixels: &[Colour], (width, height): (u32, u32), (across, down): (u32, u32)) -> Colour {
    let (columns, lines) = (cosines(across, width), cosines(down, height));
    let mut sum = [0.0; 3];
    for (row, line) in pixels.chunks_exact(width as usize).zip(&lines) {
        for (pixel, column) in row.iter().zip(&columns) {
            for (total, value) in sum.iter_mut().zip(pixel) {
                *total += line * column * value;
            }
        }
    }
    let scale = if across == 0 && down == 0 { 1.0 } else { 2.0 } / pixels.len() as f64;
    sum.map(|total| total * scale)
}

fn cosines(wave: u32, length: u32) -> Vec<f64> {
    (0..length)
        .map(|at| (PI * f64::from(wave) * f64::from(at) / f64::from(length)).cos())
        .collect()
}

fn write(waves: &[Colour], x: u32, y: u32) -> String {
    let mut out = String::with_capacity(4 + 2 * waves.len());
    digits(&mut out, (x - 1) + (y - 1) * 9, 1);
    let (mean, others) = waves.split_first().unwrap_or((&[0.0; 3], &[]));
    let most = others
        .iter()
        .flatten()
        .fold(0.0_f64, |most, value| most.max(value.abs()));
    let step = if others.is_empty() {
        0
    } else {
        (most * 166.0 - 0.5).floor().clamp(0.0, 82.0) as u32
    };
    digits(&mut out, step, 1);
    digits(
        &mut out,
        mean.iter()
            .fold(0, |all, &value| all << 8 | u32::from(to_srgb(value))),
        4,
    );
    let most = f64::from(step + 1) / 166.0;
    for wave in others {
        let level = |value: f64| {
            (signed_power(value / most, 0.5) * 9.0 + 9.5)
                .floor()
                .clamp(0.0, 18.0) as u32
        };
        digits(
            &mut out,
            wave.iter()
                .fold(0, |all, &value| all * STEPS + level(value)),
            2,
        );
    }
    out
}

fn digits(out: &mut String, value: u32, count: u32) {
    for place in (0..count).rev() {
        out.push(char::from(
            DIGITS[(value / 83_u32.pow(place) % 83) as usize],
        ));
    }
}

/// The picture of a hash.
pub(crate) fn decode(
    hash: &str,
    width: u32,
    height: u32,
    punch: f64,
) -> Result<Picture, ImageError> {
    let (waves, x) = read(hash, punch)
        .ok_or_else(|| ImageError::malformed("BlurHash", "it is not of the right form"))?;
    let columns: Vec<_> = (0..x).map(|wave| cosines(wave, width)).collect();
    let lines: Vec<_> = (0..waves.len() as u32 / x)
        .map(|wave| cosines(wave, height))
        .collect();
    let mut pixels = Vec::with_capacity(width as usize * height as usize * 3);
    for at_y in 0..height as usize {
        for at_x in 0..width as usize {
            let mut sum = [0.0; 3];
            for (row, line) in waves.chunks_exact(x as usize).zip(&lines) {
                for (wave, column) in row.iter().zip(&columns) {
                    let here = line[at_y] * column[at_x];
                    for (total, value) in sum.iter_mut().zip(wave) {
                        *total += here * value;
                    }
                }
            }
            pixels.extend(sum.map(to_srgb));
        }
    }
    Ok(Picture {
        width,
        height,
        channels: 3,
        pixels,
    })
}

/// The waves of a hash and how many of them go across; `None` if it is none.
fn read(hash: &str, punch: f64) -> Option<(Vec<Colour>, u32)> {
    let values = hash.bytes().map(|byte| {
        DIGITS
            .iter()
            .position(|digit| *digit == byte)
            .map(|at| at as u32)
    });
    let values: Vec<u32> = values.collect::<Option<_>>()?;
    let (&[size, step, ref rest @ ..], true) = (values.as_slice(), values.len() >= 6) else {
        return None;
    };
    let (x, y) = (size % 9 + 1, size / 9 + 1);
    if y > 9 || rest.len() as u32 != 2 + 2 * x * y {
        return None;
    }
    let (mean, others) = rest.split_at(4);
    let mean = mean.iter().fold(0, |all, digit| all * 83 + digit);
    if mean > 0xff_ffff {
        return None;
    }
    let most = f64::from(step + 1) / 166.0 * punch;
    let mut waves =
        vec![[mean >> 16, mean >> 8 & 255, mean & 255].map(|value| to_linear(value as u8))];
    for pair in others.chunks_exact(2) {
        let levels = pair[0] * 83 + pair[1];
        if levels >= STEPS * STEPS * STEPS {
            return None;
        }
        let levels = [
            levels / (STEPS * STEPS),
            levels / STEPS % STEPS,
            levels % STEPS,
        ];
        waves.push(levels.map(|level| signed_power((f64::from(level) - 9.0) / 9.0, 2.0) * most));
    }
    Some((waves, x))
}

fn signed_power(value: f64, exponent: f64) -> f64 {
    value.abs().powf(exponent).copysign(value)
}

fn to_linear(value: u8) -> f64 {
    crate::resample::to_linear(f64::from(value) / 255.0)
}

fn to_srgb(value: f64) -> u8 {
    let value = value.clamp(0.0, 1.0);
    let stored = if value <= 0.003_130_8 {
        value * 12.92
    } else {
        1.055 * value.powf(1.0 / 2.4) - 0.055
    };
    (stored * 255.0 + 0.5) as u8
}
