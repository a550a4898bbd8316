//! PNG, 8 bits a channel; with few colours as a palette where the fewest bytes are asked for.

use std::borrow::Cow;
use std::collections::BTreeMap;

use png::{BitDepth, ColorType, Compression, Encoder, Filter, Info};

use super::{Effort, Target};
use crate::error::ImageError;
use crate::picture::Picture;

pub(super) fn encode(picture: Picture, target: &Target) -> Result<Vec<u8>, ImageError> {
    if target.effort == Effort::Normal {
        return write(&picture, target, Compression::Balanced);
    }
    let picture = picture.reduce();
    match Palette::of(&picture) {
        Some(palette) => palette.write(target),
        None => write(&picture, target, Compression::High),
    }
}

fn write(
    picture: &Picture,
    target: &Target,
    compression: Compression,
) -> Result<Vec<u8>, ImageError> {
    let mut info = Info::with_size(picture.width, picture.height);
    info.bit_depth = BitDepth::Eight;
    info.color_type = match picture.channels {
        1 => ColorType::Grayscale,
        2 => ColorType::GrayscaleAlpha,
        3 => ColorType::Rgb,
        _ => ColorType::Rgba,
    };
    info.icc_profile = target.profile_for(picture.channels).map(Cow::Borrowed);
    finish(info, compression, Filter::Adaptive, &picture.pixels)
}

fn finish(
    info: Info<'_>,
    compression: Compression,
    filter: Filter,
    rows: &[u8],
) -> Result<Vec<u8>, ImageError> {
    let failed = |error| ImageError::encode("PNG", error);
    let mut out = Vec::with_capacity(rows.len() / 3);
    let mut encoder = Encoder::with_info(&mut out, info).map_err(failed)?;
    encoder.set_compression(compression);
    encoder.set_filter(filter);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(rows).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(out)
}

/// A picture of at most 256 colours, as indices.
struct Palette {
    width: u32,
    height: u32,
    colours: Vec<[u8; 4]>,
    indices: Vec<u8>,
}

impl Palette {
    /// Of pictures in colour or with alpha; plain grey is as small without.
    fn of(picture: &Picture) -> Option<Palette> {
        if picture.channels == 1 {
            return None;
        }
        let mut seen: BTreeMap<[u8; 4], u8> = BTreeMap::new();
        let mut colours = Vec::new();
        let mut indices = Vec::with_capacity(picture.count() as usize);
        for pixel in picture.pixels.chunks_exact(picture.channels) {
            let colour = match *pixel {
                [l, a] => [l, l, l, a],
                [r, g, b] => [r, g, b, 255],
                [r, g, b, a] => [r, g, b, a],
                _ => return None,
            };
            let index = match seen.get(&colour) {
                Some(&index) => index,
                None => {
                    let index = u8::try_from(colours.len()).ok()?;
                    colours.push(colour);
                    seen.insert(colour, index);
                    index
                }
            };
            indices.push(index);
        }
        Some(Palette {
            width: picture.width,
            height: picture.height,
            colours,
            indices,
        })
    }

    fn write(&self, target: &Target) -> Result<Vec<u8>, ImageError> {
        let depth = match self.colours.len() {
            0..=2 => BitDepth::One,
            3..=4 => BitDepth::Two,
            5..=16 => BitDepth::Four,
            _ => BitDepth::Eight,
        };
        let mut info = Info::with_size(self.width, self.height);
        info.bit_depth = depth;
        info.color_type = ColorType::Indexed;
        info.palette = Some(
            self.colours
                .iter()
                .flat_map(|c| [c[0], c[1], c[2]])
                .collect::<Vec<_>>()
                .into(),
        );
        if self.colours.iter().any(|colour| colour[3] < 255) {
            info.trns = Some(
                self.colours
                    .iter()
                    .map(|colour| colour[3])
                    .collect::<Vec<_>>()
                    .into(),
            );
        }
        info.icc_profile = target.profile_for(3).map(Cow::Borrowed);
        // Neighbouring indices mean nothing, so filters only harm.
        finish(
            info,
            Compression::High,
            Filter::NoFilter,
            &self.packed(depth as u8),
        )
    }

    /// Rows of indices, `bits` each, every row beginning on a byte.
    fn packed(&self, bits: u8) -> Vec<u8> {
        if bits == 8 {
            return self.indices.clone();
        }
        let per_byte = usize::from(8 / bits);
        let mut out = Vec::with_capacity(self.indices.len() / per_byte + self.height as usize);
        for row in self.indices.chunks_exact(self.width as usize) {
            for group in row.chunks(per_byte) {
                let byte = (0..per_byte).fold(0, |byte, n| {
                    byte << bits | group.get(n).copied().unwrap_or(0)
                });
                out.push(byte);
            }
        }
        out
    }
}
