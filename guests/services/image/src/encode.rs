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
    let pixels = picture.count();
    let held = |more: u64| pixels * (picture.channels as u64 + more);
    // Flattened pixels, where there is alpha, and the file itself.
    let jpeg = held(if picture.has_alpha() { 4 } else { 1 });
    match target.format {
        Format::Jpeg => {
            budget::memory("write a JPEG", jpeg)?;
            // All coefficients are kept for the second pass: 16 bits, chrominance at full size at worst.
            let two = target.effort == Effort::Smallest && jpeg + 6 * pixels <= budget::BYTES_MAX;
            let passes = if two {
                jpeg::Passes::Many
            } else {
                jpeg::Passes::One
            };
            jpeg::encode(picture.flatten(target.background), target, passes)
        }
        Format::Png => {
            budget::memory("write a PNG", held(picture.channels as u64 + 1))?;
            png::encode(picture, target)
        }
        Format::WebP => {
            // RGBA with its transformed copy, and the file.
            budget::memory("write a WebP", held(12))?;
            webp::encode(&picture, target)
        }
        Format::Gif => {
            budget::memory("write a GIF", held(12))?;
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
