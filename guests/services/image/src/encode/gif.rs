//! GIF, one frame: exact where the picture has at most 256 colours, else the nearest of 256 chosen by NeuQuant.

use gif::{Encoder, Frame};

use crate::error::ImageError;
use crate::picture::Picture;

/// NeuQuant looks at every tenth pixel: what its author calls a good compromise.
const SPEED: i32 = 10;

pub(super) fn encode(picture: Picture) -> Result<Vec<u8>, ImageError> {
    let failed = |error| ImageError::encode("GIF", error);
    let side = |pixels: u32| {
        u16::try_from(pixels).map_err(|_| ImageError::encode("GIF", "a side is too long"))
    };
    let (width, height) = (side(picture.width)?, side(picture.height)?);
    let mut pixels = picture.into_rgba();
    let frame = Frame::from_rgba_speed(width, height, &mut pixels, SPEED);
    drop(pixels);

    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, width, height, &[]).map_err(failed)?;
    encoder.write_frame(&frame).map_err(failed)?;
    drop(encoder);
    Ok(out)
}
