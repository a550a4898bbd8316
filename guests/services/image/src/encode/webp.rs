//! WebP, lossless: there is no encoder of lossy WebP in Rust that is both well kept and of a usable licence. Results
//! say that they are lossless, and `quality` has no effect on them.

use image_webp::{ColorType, WebPEncoder};

use super::Target;
use crate::error::ImageError;
use crate::picture::Picture;

pub(super) fn encode(picture: &Picture, target: &Target) -> Result<Vec<u8>, ImageError> {
    let colours = match picture.channels {
        1 => ColorType::L8,
        2 => ColorType::La8,
        3 => ColorType::Rgb8,
        _ => ColorType::Rgba8,
    };
    let mut out = Vec::new();
    let mut encoder = WebPEncoder::new(&mut out);
    if let Some(profile) = target.profile_for(picture.channels) {
        encoder.set_icc_profile(profile.to_vec());
    }
    encoder
        .encode(&picture.pixels, picture.width, picture.height, colours)
        .map_err(|error| ImageError::encode("WebP", error))?;
    Ok(out)
}
