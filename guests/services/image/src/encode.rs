//! From pixels to bytes.

mod gif;
mod jpeg;
mod png;
mod webp;

use crate::budget;
use crate::error::ImageError;
use crate::format::Format;
use crate::picture::Picture;

/// How hard to try for fewer bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Effort {
    Normal,
    /// Progressive JPEG, reduced colour types and slow compression.
    Smallest,
}

/// What to write.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) format: Format,
    pub(crate) quality: u8,
    pub(crate) background: [u8; 3],
    pub(crate) profile: Option<Vec<u8>>,
    pub(crate) effort: Effort,
}

/// The picture in the target's format.
pub(crate) fn encode(picture: Picture, target: &Target) -> Result<Vec<u8>, ImageError> {
    let per_pixel = match target.format {
        // All coefficients are kept (16 bits, chrominance at full size at worst), beside the file itself.
        Format::Jpeg => picture.channels as u64 + 8,
        // RGBA with its transformed copy, and the file.
        Format::WebP | Format::Gif => picture.channels as u64 + 12,
        Format::Png | Format::Bmp => 2 * picture.channels as u64 + 1,
    };
    let (keeps_more, least) = (
        per_pixel * picture.count(),
        (picture.channels as u64 + 2) * picture.count(),
    );
    match target.format {
        Format::Jpeg if keeps_more > budget::BYTES_MAX => {
            // Without the second pass over the coefficients it still fits: a few per cent more bytes in the file.
            budget::memory("write a JPEG", least)?;
            jpeg::encode(
                picture.flatten(target.background),
                target,
                jpeg::Passes::One,
            )
        }
        Format::Jpeg => jpeg::encode(
            picture.flatten(target.background),
            target,
            jpeg::Passes::Two,
        ),
        Format::Png => {
            budget::memory("write a PNG", keeps_more)?;
            png::encode(picture, target)
        }
        Format::WebP => {
            budget::memory("write a WebP", keeps_more)?;
            webp::encode(&picture, target)
        }
        Format::Gif => {
            budget::memory("write a GIF", keeps_more)?;
            gif::encode(picture)
        }
        Format::Bmp => Err(ImageError::encode("BMP", "BMP is only read")),
    }
}

impl Target {
    /// The profile, if its colours are of this kind of pixel.
    fn profile_for(&self, channels: usize) -> Option<&[u8]> {
        let space: &[u8] = if channels < 3 { b"GRAY" } else { b"RGB " };
        self.profile
            .as_deref()
            .filter(|profile| profile.get(16..20) == Some(space))
    }
}
