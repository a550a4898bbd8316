//! PNG: every colour type and depth, interlaced or not, as 8 bits a channel. Of an animation, the default picture.

use std::io::Cursor;

use png::{ColorType, Decoder, Limits, Reader, Transformations};

use super::{Decoded, Header, orientation};
use crate::budget;
use crate::error::ImageError;
use crate::format::Format;
use crate::picture::Picture;

type PngReader<'a> = Reader<Cursor<&'a [u8]>>;

pub(super) fn header(source: &[u8]) -> Result<Header, ImageError> {
    let reader = open(source)?;
    let info = reader.info();
    let mut header = Header::still(Format::Png, info.width, info.height);
    let channels = channels(&reader);
    header.has_alpha = matches!(channels, 2 | 4);
    header.orientation = orientation(info.exif_metadata.as_deref());
    header.frames = info
        .animation_control
        .map_or(1, |animation| animation.num_frames.max(1));
    // Pixels, and a few rows while they are unfiltered; 16-bit rows are twice as long.
    header.bytes_peak = header.pixels() * channels as u64 + u64::from(info.width) * 64;
    Ok(header)
}

pub(super) fn pixels(source: &[u8], header: &Header) -> Result<Decoded, ImageError> {
    let mut reader = open(source)?;
    let mut picture = Picture::blank(header.width, header.height, channels(&reader));
    if reader.output_buffer_size() != Some(picture.pixels.len()) {
        return Err(ImageError::malformed(
            "PNG",
            "its header and its rows disagree",
        ));
    }
    reader.next_frame(&mut picture.pixels).map_err(malformed)?;
    let profile = reader
        .info()
        .icc_profile
        .as_ref()
        .map(|profile| profile.to_vec());
    Ok(Decoded { picture, profile })
}

fn open(source: &[u8]) -> Result<PngReader<'_>, ImageError> {
    // The limit is for what chunks unpack to (profiles), not for pixels.
    let limits = Limits {
        bytes: 4 * budget::PROFILE_BYTES_MAX,
    };
    let mut decoder = Decoder::new_with_limits(Cursor::new(source), limits);
    decoder.set_transformations(Transformations::normalize_to_color8());
    decoder.set_ignore_text_chunk(true);
    decoder.read_info().map_err(malformed)
}

fn channels(reader: &PngReader<'_>) -> usize {
    match reader.output_color_type().0 {
        ColorType::Grayscale | ColorType::Indexed => 1,
        ColorType::GrayscaleAlpha => 2,
        ColorType::Rgb => 3,
        ColorType::Rgba => 4,
    }
}

fn malformed(error: png::DecodingError) -> ImageError {
    ImageError::malformed("PNG", error)
}
