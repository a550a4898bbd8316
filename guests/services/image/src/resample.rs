//! Resampling with a Lanczos filter of three lobes, the way Pillow does it (`fast_image_resize`).
//!
//! In stored light without alpha the picture goes through as it is. Otherwise pixels are made linear and multiplied by
//! their alpha first, 16 bits a channel; that would take up to four times the picture, so it happens in bands of a few
//! hundred rows, each with as many rows around it as the filter reaches. The result is the same as in one piece.

use std::cell::OnceCell;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use crate::budget;
use crate::error::ImageError;
use crate::options::Light;
use crate::picture::Picture;

/// Rows that the filter reaches beyond a pixel, in units of the scale.
const REACH: f64 = 3.0;
/// Beyond this scale pixels are averaged in squares first: the filter would reach over thousands of rows.
const SCALE_MAX: f64 = 16.0;
/// Bytes that a band takes at 16 bits a channel.
const BAND_BYTES: usize = 8 << 20;

/// A rectangle of a picture; sides need not be whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Crop {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Crop {
    pub(crate) fn all(picture: &Picture) -> Self {
        Crop {
            left: 0.0,
            top: 0.0,
            width: picture.width.into(),
            height: picture.height.into(),
        }
    }
}

/// The part `crop` of the picture as `width` × `height` pixels.
pub(crate) fn resample(
    picture: &Picture,
    crop: Crop,
    width: u32,
    height: u32,
    light: Light,
) -> Result<Picture, ImageError> {
    let result = u64::from(width) * u64::from(height) * picture.channels as u64;
    budget::memory(
        "resize the picture",
        picture.pixels.len() as u64 + 3 * result,
    )?;
    if light == Light::Gamma && !picture.has_alpha() {
        return whole(picture, crop, width, height);
    }
    Bands::new(picture, crop, (width, height), light).run()
}

fn whole(picture: &Picture, crop: Crop, width: u32, height: u32) -> Result<Picture, ImageError> {
    let kind = if picture.channels == 1 {
        PixelType::U8
    } else {
        PixelType::U8x3
    };
    let source =
        ImageRef::new(picture.width, picture.height, &picture.pixels, kind).map_err(impossible)?;
    let mut target = Image::new(width, height, kind);
    Resizer::new()
        .resize(&source, &mut target, &filter(crop))
        .map_err(impossible)?;
    Ok(Picture {
        width,
        height,
        channels: picture.channels,
        pixels: target.into_vec(),
    })
}

fn filter(crop: Crop) -> ResizeOptions {
    ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .crop(crop.left, crop.top, crop.width, crop.height)
        // Ours is multiplied already.
        .use_alpha(false)
}

fn impossible(error: impl std::fmt::Display) -> ImageError {
    ImageError::new(
        "image.encode",
        format!("the picture cannot be resized: {error}"),
    )
}

/// Resampling band by band, 16 bits a channel.
struct Bands<'a> {
    picture: &'a Picture,
    crop: Crop,
    target: (u32, u32),
    curve: Curve,
    /// Side of the squares that are averaged first.
    square: u32,
    /// Sides of the picture in such squares.
    squares: (u32, u32),
    /// What a band may take.
    bytes: usize,
}

impl<'a> Bands<'a> {
    fn new(picture: &'a Picture, crop: Crop, target: (u32, u32), light: Light) -> Self {
        let scale = (crop.width / f64::from(target.0)).min(crop.height / f64::from(target.1));
        let square = if scale > SCALE_MAX {
            (scale / SCALE_MAX * 2.0) as u32
        } else {
            1
        };
        let side = f64::from(square);
        let crop = Crop {
            left: crop.left / side,
            top: crop.top / side,
            width: crop.width / side,
            height: crop.height / side,
        };
        let squares = (
            picture.width.div_ceil(square),
            picture.height.div_ceil(square),
        );
        Bands {
            picture,
            crop,
            target,
            curve: Curve::new(light),
            square,
            squares,
            bytes: BAND_BYTES,
        }
    }

    fn run(&self) -> Result<Picture, ImageError> {
        let (width, height) = self.target;
        let channels = self.picture.channels;
        let mut out = Picture::blank(width, height, channels);
        let scale = self.crop.height / f64::from(height);
        let row_bytes = self.squares.0 as usize * channels * 2;
        let band_rows = (self.bytes / row_bytes).max(1);
        let step = ((band_rows as f64 / scale) as u32).clamp(1, height);
        let mut resizer = Resizer::new();
        for start in (0..height).step_by(step as usize) {
            let rows = step.min(height - start);
            let band = self.band(start, rows, scale, &mut resizer)?;
            let stride = width as usize * channels;
            let from = start as usize * stride;
            self.store(&band, &mut out.pixels[from..from + rows as usize * stride]);
        }
        Ok(out)
    }

    /// Rows `start` to `start + rows` of the result, still linear.
    fn band(
        &self,
        start: u32,
        rows: u32,
        scale: f64,
        resizer: &mut Resizer,
    ) -> Result<Vec<u8>, ImageError> {
        let top = self.crop.top + f64::from(start) * scale;
        let height = f64::from(rows) * scale;
        let reach = REACH * scale.max(1.0) + 2.0;
        let first = (top - reach).max(0.0) as u32;
        let last = ((top + height + reach).ceil() as u32).min(self.squares.1);
        let source = self.load(first, last);
        let kind = match self.picture.channels {
            1 => PixelType::U16,
            2 => PixelType::U16x2,
            3 => PixelType::U16x3,
            _ => PixelType::U16x4,
        };
        let source =
            Image::from_vec_u8(self.squares.0, last - first, source, kind).map_err(impossible)?;
        let mut target = Image::new(self.target.0, rows, kind);
        // Rounding may put the end of the last band a hair beyond the picture.
        let top = top - f64::from(first);
        let height = height.min(f64::from(last - first) - top);
        let crop = Crop {
            left: self.crop.left,
            top,
            width: self.crop.width,
            height,
        };
        resizer
            .resize(&source, &mut target, &filter(crop))
            .map_err(impossible)?;
        Ok(target.into_vec())
    }

    /// Rows of squares as linear 16-bit values, multiplied by their alpha, in native byte order.
    fn load(&self, first: u32, last: u32) -> Vec<u8> {
        let channels = self.picture.channels;
        let mut out =
            Vec::with_capacity(self.squares.0 as usize * (last - first) as usize * channels * 2);
        let mut line = vec![0_u16; self.squares.0 as usize * channels];
        for y in first..last {
            match (channels, self.square) {
                (1 | 3, 1) => self.curve.linear_row(self.picture.row(y), &mut line),
                (2, _) => self.average::<2>(y, &mut line),
                (4, _) => self.average::<4>(y, &mut line),
                (1, _) => self.average::<1>(y, &mut line),
                _ => self.average::<3>(y, &mut line),
            }
            out.extend(line.iter().flat_map(|value| value.to_ne_bytes()));
        }
        out
    }

    /// A row of squares: the mean of each, multiplied by alpha. Squares at the right and lower edge may be smaller.
    fn average<const N: usize>(&self, y: u32, line: &mut [u16]) {
        let alpha = matches!(N, 2 | 4);
        let rows = y * self.square..((y + 1) * self.square).min(self.picture.height);
        let mut sums = vec![[0_u64; N]; self.squares.0 as usize];
        for row in rows.clone() {
            let (pixels, _) = self.picture.row(row).as_chunks::<N>();
            for (sum, square) in sums.iter_mut().zip(pixels.chunks(self.square as usize)) {
                for pixel in square {
                    let weight = if alpha { u64::from(pixel[N - 1]) } else { 255 };
                    let colours = if alpha { N - 1 } else { N };
                    for channel in 0..colours {
                        sum[channel] += u64::from(self.curve.linear(pixel[channel])) * weight;
                    }
                    if alpha {
                        sum[N - 1] += weight * 65_535;
                    }
                }
            }
        }
        let side = u64::from(self.square);
        for (x, (sum, out)) in sums.iter().zip(line.chunks_exact_mut(N)).enumerate() {
            let across = side.min(u64::from(self.picture.width) - x as u64 * side);
            let count = across * rows.len() as u64 * 255;
            for (value, total) in out.iter_mut().zip(sum) {
                *value = ((total + count / 2) / count) as u16;
            }
        }
    }

    /// Linear values back to stored ones, divided by their alpha.
    fn store(&self, band: &[u8], out: &mut [u8]) {
        let (values, _) = band.as_chunks::<2>();
        let channels = self.picture.channels;
        if !self.picture.has_alpha() {
            for (byte, value) in out.iter_mut().zip(values) {
                *byte = self.curve.stored(u16::from_ne_bytes(*value));
            }
            return;
        }
        for (pixel, values) in out
            .chunks_exact_mut(channels)
            .zip(values.chunks_exact(channels))
        {
            let alpha = u32::from(u16::from_ne_bytes(values[channels - 1]));
            let stored_alpha = (alpha + 128) / 257;
            pixel[channels - 1] = stored_alpha as u8;
            for (byte, value) in pixel.iter_mut().zip(&values[..channels - 1]) {
                let value = u32::from(u16::from_ne_bytes(*value)).min(alpha);
                *byte = if stored_alpha == 0 {
                    0
                } else {
                    self.curve.stored(
                        ((u64::from(value) * 65_535 + u64::from(alpha) / 2) / u64::from(alpha))
                            as u16,
                    )
                };
            }
        }
    }
}

/// Stored 8-bit values to 16-bit ones and back: the sRGB curve (IEC 61966-2-1), or a straight line.
struct Curve {
    linear: [u16; 256],
    light: Light,
    /// Made on first use: 64 KiB.
    stored: OnceCell<Vec<u8>>,
}

impl Curve {
    fn new(light: Light) -> Self {
        let linear = std::array::from_fn(|value| match light {
            Light::Gamma => value as u16 * 257,
            Light::Linear => (to_linear(value as f64 / 255.0) * 65_535.0).round() as u16,
        });
        Curve {
            linear,
            light,
            stored: OnceCell::new(),
        }
    }

    fn linear(&self, value: u8) -> u16 {
        self.linear[usize::from(value)]
    }

    fn linear_row(&self, row: &[u8], line: &mut [u16]) {
        for (out, &value) in line.iter_mut().zip(row) {
            *out = self.linear[usize::from(value)];
        }
    }

    fn stored(&self, value: u16) -> u8 {
        match self.light {
            Light::Gamma => ((u32::from(value) + 128) / 257) as u8,
            Light::Linear => self.stored.get_or_init(|| nearest(&self.linear))[usize::from(value)],
        }
    }
}

/// For each 16-bit value the 8-bit value whose linear one is nearest: exact both ways for flat areas.
fn nearest(linear: &[u16; 256]) -> Vec<u8> {
    let mut table = Vec::with_capacity(1 << 16);
    for value in 0..=255_u8 {
        let here = u32::from(linear[usize::from(value)]);
        let end = match linear.get(usize::from(value) + 1) {
            Some(&next) => (here + u32::from(next)).div_ceil(2),
            None => 1 << 16,
        };
        table.resize(end as usize, value);
    }
    table
}

/// The sRGB curve, both sides 0 to 1.
pub(crate) fn to_linear(value: f64) -> f64 {
    if value <= 0.040_45 {
        value / 12.92
    } else {
        ((value + 0.055) / 1.055).powf(2.4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(width: u32, height: u32, channels: usize) -> Picture {
        let mut state = 1_u32;
        let pixels = (0..width as usize * height as usize * channels)
            .map(|n| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let (x, y) = (n / channels % width as usize, n / channels / width as usize);
                let wave = 100.0
                    + 50.0 * (x as f64 / 9.0).sin()
                    + 40.0 * (y as f64 / 13.0 + (n % channels) as f64).cos();
                wave as u8 + (state >> 27) as u8
            })
            .collect();
        Picture {
            width,
            height,
            channels,
            pixels,
        }
    }

    #[test]
    fn the_curve_is_exact_for_flat_colours() {
        for light in [Light::Linear, Light::Gamma] {
            let curve = Curve::new(light);
            for value in 0..=255 {
                assert_eq!(curve.stored(curve.linear(value)), value);
            }
            assert_eq!(curve.stored(0), 0);
            assert_eq!(curve.stored(u16::MAX), 255);
        }
    }

    #[test]
    fn bands_give_what_one_piece_gives() {
        for channels in [1, 3] {
            let picture = noise(700, 3_000, channels);
            for (width, height) in [(200, 857), (50, 200), (699, 2_999), (900, 3_100)] {
                let crop = Crop {
                    left: 3.25,
                    top: 10.5,
                    width: 690.0,
                    height: 2_980.0,
                };
                let one = whole(&picture, crop, width, height).unwrap();
                let worst = |other: &Picture| {
                    one.pixels
                        .iter()
                        .zip(&other.pixels)
                        .map(|(a, b)| a.abs_diff(*b))
                        .max()
                };
                let mut bands = Bands::new(&picture, crop, (width, height), Light::Gamma);
                let wide = bands.run().unwrap();
                // In one piece, 8 bits are rounded and clipped between the passes.
                assert!(
                    worst(&wide) <= Some(2),
                    "{width}×{height}×{channels}: {:?}",
                    worst(&wide)
                );
                bands.bytes = 10_000;
                let narrow = bands.run().unwrap();
                let differ = narrow
                    .pixels
                    .iter()
                    .zip(&wide.pixels)
                    .filter(|(a, b)| a != b);
                assert_eq!(
                    differ.map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0),
                    0,
                    "{width}×{height}×{channels}"
                );
            }
        }
    }

    #[test]
    fn squares_change_little() {
        let picture = noise(2_000, 2_000, 3);
        let one = whole(&picture, Crop::all(&picture), 20, 20).unwrap();
        let bands = Bands::new(&picture, Crop::all(&picture), (20, 20), Light::Gamma);
        assert!(bands.square > 1);
        let squares = bands.run().unwrap();
        let worst = one
            .pixels
            .iter()
            .zip(&squares.pixels)
            .map(|(a, b)| a.abs_diff(*b))
            .max();
        assert!(worst <= Some(3), "{worst:?}");
    }

    #[test]
    fn linear_light_keeps_brightness() {
        // A chequered board of black and white sends out half the light of white: 188 in sRGB, not 128.
        let pixels = (0..64 * 64)
            .map(|n| if (n + n / 64) % 2 == 0 { 255 } else { 0 })
            .collect();
        let board = Picture {
            width: 64,
            height: 64,
            channels: 1,
            pixels,
        };
        let middle = |light| {
            resample(&board, Crop::all(&board), 8, 8, light)
                .unwrap()
                .pixels[8 * 4 + 4]
        };
        assert!(middle(Light::Linear).abs_diff(188) <= 1);
        assert!(middle(Light::Gamma).abs_diff(128) <= 1);
    }

    #[test]
    fn colours_under_no_alpha_do_not_bleed() {
        let pixels = (0..32 * 32)
            .flat_map(|n| {
                if n % 32 < 16 {
                    [255, 0, 0, 255]
                } else {
                    [0, 255, 0, 0]
                }
            })
            .collect();
        let picture = Picture {
            width: 32,
            height: 32,
            channels: 4,
            pixels,
        };
        for light in [Light::Linear, Light::Gamma] {
            let small = resample(&picture, Crop::all(&picture), 5, 5, light).unwrap();
            for pixel in small.pixels.chunks_exact(4).filter(|pixel| pixel[3] > 0) {
                assert_eq!(&pixel[..3], [255, 0, 0]);
            }
        }
    }
}
