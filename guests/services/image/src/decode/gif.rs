//! GIF: the first frame, laid on its canvas.

use std::io::Cursor;

use gif::{ColorOutput, DecodeOptions, Decoder, MemoryLimit};

use super::{Decoded, Header};
use crate::budget;
use crate::error::ImageError;
use crate::format::Format;
use crate::picture::Picture;

pub(super) fn header(source: &[u8]) -> Result<Header, ImageError> {
    let mut decoder = open(source, true)?;
    let mut header = Header::still(Format::Gif, decoder.width().into(), decoder.height().into());
    budget::sides(header.width, header.height)?;
    let first = decoder.next_frame_info().map_err(malformed)?;
    let first = first.ok_or_else(|| ImageError::malformed("GIF", "it has no frame"))?;
    let covers = first.left == 0
        && first.top == 0
        && u32::from(first.width) >= header.width
        && u32::from(first.height) >= header.height;
    header.has_alpha = first.transparent.is_some() || !covers;
    let frame_pixels = u64::from(first.width) * u64::from(first.height);
    // A damaged later frame does not take the first one away.
    while let Ok(Some(_)) = decoder.next_frame_info() {
        header.frames += 1;
    }
    header.bytes_peak = header.pixels() * 4 + frame_pixels;
    Ok(header)
}

pub(super) fn pixels(source: &[u8], header: &Header) -> Result<Decoded, ImageError> {
    let mut decoder = open(source, false)?;
    let frame = decoder.read_next_frame().map_err(malformed)?.cloned();
    let frame = frame.ok_or_else(|| ImageError::malformed("GIF", "it has no frame"))?;
    let palette = match frame.palette.as_deref().or(decoder.global_palette()) {
        Some(palette) => palette.as_chunks::<3>().0,
        None => {
            return Err(ImageError::malformed(
                "GIF",
                "its first frame has no palette",
            ));
        }
    };

    let channels = if header.has_alpha { 4 } else { 3 };
    let mut picture = Picture::blank(header.width, header.height, channels);
    let (left, top, width) = (
        usize::from(frame.left),
        usize::from(frame.top),
        usize::from(frame.width),
    );
    let stride = header.width as usize * channels;
    let rows = frame
        .buffer
        .chunks_exact(width.max(1))
        .zip(picture.pixels.chunks_exact_mut(stride).skip(top));
    for (indices, row) in rows {
        for (&index, pixel) in indices
            .iter()
            .zip(row.chunks_exact_mut(channels).skip(left))
        {
            if frame.transparent == Some(index) {
                continue;
            }
            // An index beyond the palette is black, as browsers have it.
            let colour = palette.get(usize::from(index)).copied().unwrap_or_default();
            pixel[..3].copy_from_slice(&colour);
            if let Some(alpha) = pixel.get_mut(3) {
                *alpha = 255;
            }
        }
    }
    Ok(Decoded {
        picture,
        profile: None,
    })
}

fn open(source: &[u8], only_headers: bool) -> Result<Decoder<Cursor<&[u8]>>, ImageError> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    options.skip_frame_decoding(only_headers);
    // A frame may be as large as the budget for pixels, and no larger.
    let side = u64::from(budget::SIDE_MAX);
    options.set_memory_limit(MemoryLimit::Bytes(
        (side * side).try_into().map_err(|_| too_large())?,
    ));
    options.read_info(Cursor::new(source)).map_err(malformed)
}

fn too_large() -> ImageError {
    ImageError::new("image.too_large", "the frame is too large")
}

fn malformed(error: gif::DecodingError) -> ImageError {
    ImageError::malformed("GIF", error)
}
