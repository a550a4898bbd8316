//! Pictures of pixels: JPEG goes into the PDF as it is; the others are taken apart here, so that what is damaged is
//! found before anything is drawn.

use std::hash::{Hash, Hasher};
use std::io::Cursor;
use std::sync::Arc;

use krilla::image::{BitsPerComponent, CustomImage, Image, ImageColorspace};

use super::exif::{self, Turn};
use crate::budget::PICTURE_PIXELS_MAX;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Raster {
    Jpeg,
    Png,
    Gif,
    WebP,
}

pub(super) struct Read {
    pub(super) image: Image,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) turn: Turn,
    /// Bytes of memory that it keeps.
    pub(super) taken: u64,
}

/// What the first bytes say; `None` may be vectors.
pub(super) fn kind(bytes: &[u8]) -> Option<Raster> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some(Raster::Jpeg),
        [0x89, b'P', b'N', b'G', ..] => Some(Raster::Png),
        [b'G', b'I', b'F', b'8', ..] => Some(Raster::Gif),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some(Raster::WebP),
        _ => None,
    }
}

/// Reads a picture that may take so many bytes apart.
pub(super) fn read(bytes: &[u8], bytes_max: u64) -> Result<Read, String> {
    match kind(bytes) {
        Some(Raster::Jpeg) => jpeg(bytes),
        Some(Raster::Png) => png(bytes, bytes_max).and_then(Pixels::read),
        Some(Raster::Gif) => gif(bytes, bytes_max).and_then(Pixels::read),
        Some(Raster::WebP) => webp(bytes, bytes_max).and_then(Pixels::read),
        None => Err("it is no picture that is read here".into()),
    }
}

fn check(width: u32, height: u32, bytes_max: u64) -> Result<(), String> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 {
        return Err("it has no pixels".into());
    }
    if pixels > PICTURE_PIXELS_MAX {
        return Err(format!(
            "it has {pixels} pixels, allowed {PICTURE_PIXELS_MAX}"
        ));
    }
    if pixels * 4 > bytes_max {
        return Err("the pictures of the document together take too much memory".into());
    }
    Ok(())
}

fn jpeg(bytes: &[u8]) -> Result<Read, String> {
    let image = Image::from_jpeg(bytes.to_vec().into(), true)?;
    let (width, height) = image.size();
    check(width, height, u64::MAX)?;
    if !bytes.windows(2).any(|marker| marker == [0xff, 0xda]) {
        return Err("it ends before its pixels begin".into());
    }
    Ok(Read {
        image,
        width,
        height,
        turn: exif::of_jpeg(bytes),
        taken: bytes.len() as u64,
    })
}

/// Decoded pixels; what is opaque everywhere has no `alpha`.
#[derive(Clone)]
struct Pixels {
    color: Arc<Vec<u8>>,
    alpha: Option<Arc<Vec<u8>>>,
    width: u32,
    height: u32,
    gray: bool,
    digest: u64,
}

impl Hash for Pixels {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.width, self.height, self.digest).hash(state);
    }
}

impl CustomImage for Pixels {
    fn color_channel(&self) -> &[u8] {
        &self.color
    }

    fn alpha_channel(&self) -> Option<&[u8]> {
        self.alpha.as_ref().map(|alpha| alpha.as_slice())
    }

    fn bits_per_component(&self) -> BitsPerComponent {
        BitsPerComponent::Eight
    }

    fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    fn icc_profile(&self) -> Option<&[u8]> {
        None
    }

    fn color_space(&self) -> ImageColorspace {
        if self.gray {
            ImageColorspace::Luma
        } else {
            ImageColorspace::Rgb
        }
    }
}

impl Pixels {
    /// From pixels of `channels` bytes each: grey, grey and alpha, red green blue, or those and alpha.
    fn of(pixels: &[u8], channels: usize, width: u32, height: u32) -> Pixels {
        let colors = if channels <= 2 { 1 } else { 3 };
        let has_alpha = channels == 2 || channels == 4;
        let mut color = Vec::with_capacity(pixels.len() / channels * colors);
        let mut alpha = Vec::new();
        for pixel in pixels.chunks_exact(channels) {
            color.extend_from_slice(&pixel[..colors]);
            if has_alpha {
                alpha.push(pixel[channels - 1]);
            }
        }
        let is_opaque = alpha.iter().all(|value| *value == 255);
        let mut hasher = std::hash::DefaultHasher::new();
        (&color, &alpha).hash(&mut hasher);
        Pixels {
            color: Arc::new(color),
            alpha: (!is_opaque).then(|| Arc::new(alpha)),
            width,
            height,
            gray: colors == 1,
            digest: hasher.finish(),
        }
    }

    fn read(self) -> Result<Read, String> {
        let (width, height) = (self.width, self.height);
        let taken = self.color.len() + self.alpha.as_ref().map_or(0, |alpha| alpha.len());
        Ok(Read {
            image: Image::from_custom(self, true)?,
            width,
            height,
            turn: Turn::NONE,
            taken: taken as u64,
        })
    }
}

fn png(bytes: &[u8], bytes_max: u64) -> Result<Pixels, String> {
    let words = |error: png::DecodingError| format!("the PNG cannot be decoded: {error}");
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(words)?;
    let (width, height) = (reader.info().width, reader.info().height);
    check(width, height, bytes_max)?;
    let size = reader.output_buffer_size().ok_or("the PNG is too large")?;
    let mut pixels = vec![0; size];
    let frame = reader.next_frame(&mut pixels).map_err(words)?;
    pixels.truncate(frame.buffer_size());
    let channels = frame.color_type.samples();
    Ok(Pixels::of(&pixels, channels, width, height))
}

fn gif(bytes: &[u8], bytes_max: u64) -> Result<Pixels, String> {
    let words = |error: gif::DecodingError| format!("the GIF cannot be decoded: {error}");
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = options.read_info(bytes).map_err(words)?;
    let (width, height) = (u32::from(decoder.width()), u32::from(decoder.height()));
    check(width, height, bytes_max)?;
    let frame = decoder
        .read_next_frame()
        .map_err(words)?
        .ok_or("the GIF has no picture")?;
    // The first frame may be smaller than the picture.
    let mut pixels = vec![0; width as usize * height as usize * 4];
    let row = usize::from(frame.width) * 4;
    for (y, source) in frame.buffer.chunks_exact(row.max(1)).enumerate() {
        let at = ((y + usize::from(frame.top)) * width as usize + usize::from(frame.left)) * 4;
        if let Some(target) = pixels.get_mut(at..at + row) {
            target.copy_from_slice(source);
        }
    }
    Ok(Pixels::of(&pixels, 4, width, height))
}

fn webp(bytes: &[u8], bytes_max: u64) -> Result<Pixels, String> {
    let words = |error: image_webp::DecodingError| format!("the WebP cannot be decoded: {error}");
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(bytes)).map_err(words)?;
    let (width, height) = decoder.dimensions();
    check(width, height, bytes_max)?;
    if decoder.is_animated() {
        return Err("it is an animation, of which WebP has no first picture here".into());
    }
    let channels = if decoder.has_alpha() { 4 } else { 3 };
    let size = decoder
        .output_buffer_size()
        .ok_or("the WebP is too large")?;
    let mut pixels = vec![0; size];
    decoder.read_image(&mut pixels).map_err(words)?;
    Ok(Pixels::of(&pixels, channels, width, height))
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn tiny_png(width: u32, height: u32) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, width, height);
        encoder.set_color(png::ColorType::Rgba);
        let mut writer = encoder.write_header().unwrap();
        writer
            .write_image_data(&vec![200; (width * height * 4) as usize])
            .unwrap();
        writer.finish().unwrap();
        out
    }

    #[test]
    fn whole_ones_are_read_and_damaged_ones_refused() {
        let whole = tiny_png(4, 3);
        let read = read(&whole, 1 << 20).unwrap_or_else(|why| unreachable!("{why}"));
        assert_eq!((read.width, read.height), (4, 3));
        for cut in [9, 30, whole.len() / 2] {
            assert!(super::read(&whole[..cut], 1 << 20).is_err(), "{cut}");
        }
        assert!(super::read(b"GIF89a", 1 << 20).is_err());
        assert!(super::read(b"\xff\xd8\xff\xe0", 1 << 20).is_err());
        assert!(super::read(b"hello", 1 << 20).is_err());
    }

    #[test]
    fn pixels_are_limited_on_both_sides() {
        assert!(check(8_000, 5_000, u64::MAX).is_ok());
        assert!(check(8_000, 5_001, u64::MAX).is_err());
        assert!(check(0, 5, u64::MAX).is_err());
        assert!(check(10, 10, 400).is_ok());
        assert!(check(10, 10, 399).is_err());
    }
}
