//! JPEG: 4:2:0 below quality 90 and 4:4:4 from there on, Huffman tables made for the picture.

use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder};

use super::{Effort, Target};
use crate::error::ImageError;
use crate::picture::Picture;

/// Whether coefficients are kept for a second pass.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Passes {
    One,
    Two,
}

/// Bytes that a JPEG may carry of a profile: 255 segments.
const PROFILE_BYTES_MAX: usize = 255 * 65_519;

pub(super) fn encode(
    picture: Picture,
    target: &Target,
    passes: Passes,
) -> Result<Vec<u8>, ImageError> {
    let failed = |error| ImageError::encode("JPEG", error);
    let side = |pixels: u32| {
        u16::try_from(pixels).map_err(|_| ImageError::encode("JPEG", "a side is too long"))
    };
    let (width, height) = (side(picture.width)?, side(picture.height)?);
    let colours = if picture.channels == 1 {
        ColorType::Luma
    } else {
        ColorType::Rgb
    };

    let mut out = Vec::with_capacity(picture.pixels.len() / 8);
    let mut encoder = Encoder::new(&mut out, target.quality);
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    if passes == Passes::Two {
        encoder.set_optimized_huffman_tables(true);
        encoder.set_progressive(target.effort == Effort::Smallest);
    }
    let profile = target
        .profile_for(picture.channels)
        .filter(|profile| profile.len() <= PROFILE_BYTES_MAX);
    if let Some(profile) = profile {
        encoder.add_icc_profile(profile).map_err(failed)?;
    }
    encoder
        .encode(&picture.pixels, width, height, colours)
        .map_err(failed)?;
    Ok(out)
}
