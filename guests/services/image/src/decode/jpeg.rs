//! JPEG: baseline, extended and progressive; grey, YCbCr, RGB, CMYK and YCCK (inverted, as Adobe writes them).

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::{Decoded, Header, orientation};
use crate::error::ImageError;
use crate::format::Format;
use crate::picture::Picture;

pub(super) fn header(source: &[u8]) -> Result<Header, ImageError> {
    let frame = Frame::find(source)?;
    let mut header = Header::still(Format::Jpeg, frame.width, frame.height);
    header.bytes_peak =
        header.pixels() * channels_out(frame.components) as u64 + frame.coefficient_bytes();
    // The frame is checked by us first: the decoder is asked only for the metadata here.
    crate::budget::sides(frame.width, frame.height)?;
    header.orientation = orientation(open(source)?.exif().map(Vec::as_slice));
    Ok(header)
}

pub(super) fn pixels(source: &[u8], header: &Header) -> Result<Decoded, ImageError> {
    let mut decoder = open(source)?;
    let input = decoder.input_colorspace().unwrap_or(ColorSpace::YCbCr);
    let (channels, output) = match input {
        ColorSpace::Luma => (1, ColorSpace::Luma),
        _ => (3, ColorSpace::RGB),
    };
    decoder.set_options(options().jpeg_set_out_colorspace(output));
    let mut picture = Picture::blank(header.width, header.height, channels);
    decoder
        .decode_into(&mut picture.pixels)
        .map_err(malformed)?;
    Ok(Decoded {
        picture,
        profile: decoder.icc_profile(),
    })
}

fn open(source: &[u8]) -> Result<JpegDecoder<ZCursor<&[u8]>>, ImageError> {
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(source), options());
    decoder.decode_headers().map_err(malformed)?;
    Ok(decoder)
}

/// Damage inside the scan is shown as it is, as browsers do; a file that is cut off is refused by [`Frame::find`].
fn options() -> DecoderOptions {
    DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(1 << 16)
        .set_max_height(1 << 16)
}

fn malformed(error: zune_jpeg::errors::DecodeErrors) -> ImageError {
    ImageError::malformed("JPEG", error)
}

fn channels_out(components: u8) -> usize {
    if components == 1 { 1 } else { 3 }
}

/// What the frame and the first scan say, read by ourselves: the decoder does not tell whether it will have to keep
/// all coefficients, which costs more than the pixels.
struct Frame {
    width: u32,
    height: u32,
    components: u8,
    /// Samples per block of the largest component, summed over all components.
    samples_per_mcu: u64,
    mcu_pixels: u64,
    /// Whether coefficients of the whole picture are kept until the last scan.
    keeps_coefficients: bool,
}

impl Frame {
    fn find(source: &[u8]) -> Result<Frame, ImageError> {
        let cut = || ImageError::malformed("JPEG", "it ends before its picture begins");
        let mut at = 2;
        let mut found: Option<Frame> = None;
        loop {
            let marker = *source.get(at + 1).ok_or_else(cut)?;
            if source.get(at) != Some(&0xff) || marker == 0xff {
                // Fill bytes and stray bytes between segments.
                at += 1;
                continue;
            }
            if matches!(marker, 0x00 | 0x01 | 0xd0..=0xd8) {
                at += 2;
                continue;
            }
            let length = source.get(at + 2..at + 4).ok_or_else(cut)?;
            let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
            let body = source.get(at + 4..at + 2 + length.max(2)).ok_or_else(cut)?;
            match marker {
                0xc0..=0xc2 => found = Some(Frame::parse(body, marker == 0xc2).ok_or_else(cut)?),
                0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                    return Err(ImageError::unsupported(format!(
                        "a JPEG of process 0x{marker:02x} is not supported"
                    )));
                }
                0xda => {
                    let frame = found.ok_or_else(cut)?;
                    let scanned = *body.first().ok_or_else(cut)?;
                    // The decoder mixes up the planes of such a file and says nothing, so it is refused here.
                    if !frame.keeps_coefficients && scanned < frame.components {
                        return Err(ImageError::unsupported(
                            "a JPEG that is not progressive and has its colours in separate scans is not supported",
                        ));
                    }
                    return ended(&source[at..]).then_some(frame).ok_or_else(|| {
                        ImageError::malformed(
                            "JPEG",
                            "it is cut off: no end marker follows its picture",
                        )
                    });
                }
                _ => {}
            }
            at += 2 + length.max(2);
        }
    }

    fn parse(body: &[u8], progressive: bool) -> Option<Frame> {
        let side = |at: usize| {
            Some(u32::from(u16::from_be_bytes([
                *body.get(at)?,
                *body.get(at + 1)?,
            ])))
        };
        let components = *body.get(5)?;
        let (mut samples, mut across, mut down) = (0, 1, 1);
        for component in 0..usize::from(components) {
            let factors = *body.get(7 + component * 3)?;
            let (horizontal, vertical) = (u64::from(factors >> 4), u64::from(factors & 15));
            samples += horizontal * vertical;
            across = across.max(horizontal);
            down = down.max(vertical);
        }
        Some(Frame {
            height: side(1)?,
            width: side(3)?,
            components,
            samples_per_mcu: samples * 64,
            mcu_pixels: across * 8 * (down * 8),
            keeps_coefficients: progressive,
        })
    }

    /// 16 bits for each sample, padded to whole blocks (which a few per cent cover).
    fn coefficient_bytes(&self) -> u64 {
        if !self.keeps_coefficients {
            return 0;
        }
        let padded = u64::from(self.width + 32) * u64::from(self.height + 32);
        padded.div_ceil(self.mcu_pixels) * self.samples_per_mcu * 2
    }
}

/// Whether an end marker follows. Searched from the back, where it is in every whole file.
fn ended(rest: &[u8]) -> bool {
    rest.windows(2).rev().any(|pair| pair == [0xff, 0xd9])
}
