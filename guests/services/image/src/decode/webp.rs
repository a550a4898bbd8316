//! WebP: lossy and lossless, with alpha, and the first frame of an animation.

use std::io::Cursor;

use image_webp::WebPDecoder;

use super::{Decoded, Header, orientation};
use crate::budget;
use crate::error::ImageError;
use crate::format::Format;
use crate::picture::Picture;

pub(super) fn header(source: &[u8]) -> Result<Header, ImageError> {
    let mut decoder = open(source)?;
    let (width, height) = decoder.dimensions();
    let mut header = Header::still(Format::WebP, width, height);
    header.has_alpha = decoder.has_alpha();
    header.frames = decoder.num_frames().max(1);
    header.orientation = orientation(decoder.exif_metadata().map_err(malformed)?.as_deref());
    // The result beside one more copy as RGBA (lossless), or as planes with their borders and alpha (lossy); an
    // animation has a canvas of its own besides.
    let copies = if decoder.is_animated() { 12 } else { 8 };
    header.bytes_peak = header.pixels() * copies;
    Ok(header)
}

pub(super) fn pixels(source: &[u8], header: &Header) -> Result<Decoded, ImageError> {
    let mut decoder = open(source)?;
    let profile = decoder.icc_profile().map_err(malformed)?;
    let channels = if header.has_alpha { 4 } else { 3 };
    let mut picture = Picture::blank(header.width, header.height, channels);
    decoder.read_image(&mut picture.pixels).map_err(malformed)?;
    Ok(Decoded { picture, profile })
}

fn open(source: &[u8]) -> Result<WebPDecoder<Cursor<&[u8]>>, ImageError> {
    let mut decoder = WebPDecoder::new(Cursor::new(source)).map_err(malformed)?;
    // Metadata chunks; pixels are counted by us.
    decoder.set_memory_limit(4 * budget::PROFILE_BYTES_MAX);
    Ok(decoder)
}

fn malformed(error: image_webp::DecodingError) -> ImageError {
    ImageError::malformed("WebP", error)
}
