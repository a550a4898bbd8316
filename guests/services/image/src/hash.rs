//! BlurHash: a picture in some thirty characters.

use crate::decode::Decoded;
use crate::error::ImageError;
use crate::options::Light;
use crate::resample::{Crop, resample};

/// Pixels of the longer side that is hashed. A hash holds at most nine waves a side, so more pixels only cost time.
const SIDE: u32 = 64;

/// The hash of the picture, over white where it is transparent.
pub(crate) fn encode(decoded: Decoded, x: u32, y: u32) -> Result<String, ImageError> {
    let picture = decoded.picture;
    let scale = f64::from(SIDE) / f64::from(picture.width.max(picture.height));
    let picture = if scale < 1.0 {
        let side = |pixels: u32| ((f64::from(pixels) * scale).round() as u32).max(1);
        resample(&picture, Crop::all(&picture), side(picture.width), side(picture.height), Light::Linear)?
    } else {
        picture
    };
    let picture = picture.flatten([255; 3]);
    let (width, height) = (picture.width, picture.height);
    blurhash::encode(x, y, width, height, &picture.into_rgba())
        .map_err(|error| ImageError::encode("BlurHash", error))
}

/// The picture of a hash, RGB.
pub(crate) fn decode(hash: &str, width: u32, height: u32, punch: f64) -> Result<Vec<u8>, ImageError> {
    // The crate slices by bytes, so what is no ASCII must not reach it.
    if !hash.is_ascii() || hash.len() < 6 {
        return Err(ImageError::malformed("BlurHash", "it has fewer than 6 characters or some that are not its own"));
    }
    let rgba =
        blurhash::decode(hash, width, height, punch as f32).map_err(|error| ImageError::malformed("BlurHash", error))?;
    Ok(rgba.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect())
}
