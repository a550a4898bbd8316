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
    if decoder.is_animated() && !sides_agree(source) {
        return Err(malformed(image_webp::DecodingError::InconsistentImageSizes));
    }
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

/// Whether the lossy picture behind the first frame's alpha has the sides of the frame.
///
/// `image-webp` 0.2 makes its buffers by the frame and fills them by the picture, and panics where those differ:
/// <https://github.com/image-rs/image-webp/pull/186>. Whatever else is wrong with a file, it says itself.
fn sides_agree(source: &[u8]) -> bool {
    alpha_sides(source).is_none_or(|(frame, picture)| frame == picture)
}

/// The sides of the first frame, and of the lossy picture in it, if that has an alpha chunk before it.
fn alpha_sides(source: &[u8]) -> Option<([u32; 2], [u32; 2])> {
    let mut chunks = source.get(12..)?;
    let frame = loop {
        let (name, content, behind) = chunk(chunks)?;
        if name == b"ANMF" {
            break content;
        }
        chunks = behind;
    };
    let side = |at: usize| {
        let bytes = frame.get(at..at + 3)?;
        Some(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]) + 1)
    };
    let (name, _, behind) = chunk(frame.get(16..)?)?;
    let (_, picture, _) = chunk(behind).filter(|_| name == b"ALPH")?;
    // A tag and a start code of three bytes each; two more bits of a side say how to scale it.
    let inner = |at: usize| {
        let bytes = picture.get(at..at + 2)?;
        Some(u32::from(u16::from_le_bytes([bytes[0], bytes[1]]) & 0x3fff))
    };
    Some(([side(6)?, side(9)?], [inner(6)?, inner(8)?]))
}

/// Name and content of the chunk that is first, and what follows it. The last one may be cut off.
fn chunk(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (head, rest) = bytes.split_at_checked(8)?;
    let (name, size) = head.split_at_checked(4)?;
    let size = u32::from_le_bytes(size.try_into().ok()?) as usize;
    let padded = size.saturating_add(size % 2).min(rest.len());
    Some((name, &rest[..size.min(rest.len())], &rest[padded..]))
}

fn malformed(error: image_webp::DecodingError) -> ImageError {
    ImageError::malformed("WebP", error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_of_other_sides_than_its_picture_is_malformed() {
        let source = include_bytes!("../../../../../fuzz/seeds/image/webp-frame-sides");
        let header = header(source).unwrap();
        let error = pixels(source, &header).unwrap_err();
        assert_eq!(error.code, "image.malformed");
        assert_eq!(alpha_sides(source), Some(([16, 12], [16, 46])));
    }

    #[test]
    fn frames_that_agree_are_decoded() {
        let source = include_bytes!("../../../../../fuzz/seeds/image/webp-frames");
        let header = header(source).unwrap();
        assert!(sides_agree(source));
        assert!(pixels(source, &header).is_ok());
    }
}
