//! From bytes to pixels, in two steps: the header, with what decoding will take, and then the pixels.

mod bmp;
mod gif;
mod jpeg;
mod png;
mod webp;

use image::metadata::Orientation;

use crate::budget;
use crate::error::ImageError;
use crate::format::Format;
use crate::picture::Picture;

/// What the header says.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    pub(crate) format: Format,
    /// As stored, before turning.
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) has_alpha: bool,
    pub(crate) orientation: Orientation,
    /// 1, or the number of frames of an animation, of which the first is decoded.
    pub(crate) frames: u32,
    /// Bytes that decoding holds at its peak, the pixels included, the source not.
    pub(crate) bytes_peak: u64,
}

impl Header {
    /// A still picture that stands upright.
    fn still(format: Format, width: u32, height: u32) -> Self {
        Header {
            format,
            width,
            height,
            has_alpha: false,
            orientation: Orientation::NoTransforms,
            frames: 1,
            bytes_peak: 0,
        }
    }

    fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

/// The first frame of a source.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub(crate) picture: Picture,
    /// The colour profile, where the file has one that still fits the pixels.
    pub(crate) profile: Option<Vec<u8>>,
}

/// Reads the header and refuses what is too large.
pub(crate) fn header(source: &[u8]) -> Result<Header, ImageError> {
    budget::source(source)?;
    let header = match Format::of(source)? {
        Format::Jpeg => jpeg::header(source),
        Format::Png => png::header(source),
        Format::Gif => gif::header(source),
        Format::WebP => webp::header(source),
        Format::Bmp => bmp::header(source),
    }?;
    budget::sides(header.width, header.height)?;
    Ok(header)
}

/// Decodes the first frame.
pub(crate) fn pixels(source: &[u8], header: &Header) -> Result<Decoded, ImageError> {
    budget::memory(
        "decode the picture",
        header.bytes_peak + source.len() as u64,
    )?;
    let mut decoded = match header.format {
        Format::Jpeg => jpeg::pixels(source, header),
        Format::Png => png::pixels(source, header),
        Format::Gif => gif::pixels(source, header),
        Format::WebP => webp::pixels(source, header),
        Format::Bmp => bmp::pixels(source, header),
    }?;
    decoded.profile = decoded
        .profile
        .filter(|profile| fits(profile, decoded.picture.channels));
    Ok(decoded)
}

/// Whether an ICC profile is for colours of this kind (its bytes 16 to 20 name the colour space) and not out of size.
fn fits(profile: &[u8], channels: usize) -> bool {
    let space: &[u8] = if channels < 3 { b"GRAY" } else { b"RGB " };
    profile.len() <= budget::PROFILE_BYTES_MAX && profile.get(16..20) == Some(space)
}

/// The orientation in an EXIF chunk, upright when it has none or nonsense.
fn orientation(exif: Option<&[u8]>) -> Orientation {
    exif.and_then(Orientation::from_exif_chunk)
        .unwrap_or(Orientation::NoTransforms)
}
