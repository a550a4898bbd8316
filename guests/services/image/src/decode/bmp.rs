//! BMP: the depths and compressions that `image` reads.

use std::io::Cursor;

use image::codecs::bmp::BmpDecoder;
use image::{ColorType, ImageDecoder};

use super::{Decoded, Header};
use crate::error::ImageError;
use crate::format::Format;
use crate::picture::Picture;

pub(super) fn header(source: &[u8]) -> Result<Header, ImageError> {
    let decoder = open(source)?;
    let (width, height) = decoder.dimensions();
    let mut header = Header::still(Format::Bmp, width, height);
    let channels = channels(&decoder)?;
    header.has_alpha = channels == 4;
    header.bytes_peak = header.pixels() * channels as u64 + u64::from(width) * 8;
    Ok(header)
}

pub(super) fn pixels(source: &[u8], header: &Header) -> Result<Decoded, ImageError> {
    let decoder = open(source)?;
    let mut picture = Picture::blank(header.width, header.height, channels(&decoder)?);
    decoder.read_image(&mut picture.pixels).map_err(malformed)?;
    Ok(Decoded {
        picture,
        profile: None,
    })
}

fn open(source: &[u8]) -> Result<BmpDecoder<Cursor<&[u8]>>, ImageError> {
    BmpDecoder::new(Cursor::new(source)).map_err(malformed)
}

fn channels(decoder: &BmpDecoder<Cursor<&[u8]>>) -> Result<usize, ImageError> {
    match decoder.color_type() {
        ColorType::L8 => Ok(1),
        ColorType::Rgb8 => Ok(3),
        ColorType::Rgba8 => Ok(4),
        other => Err(ImageError::unsupported(format!(
            "a BMP with colours as {other:?} is not supported"
        ))),
    }
}

fn malformed(error: image::ImageError) -> ImageError {
    ImageError::malformed("BMP", error)
}
