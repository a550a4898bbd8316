//! What a written file says of itself: its format, its sides, and whether its end is there.
//!
//! The guest's word is not taken for the file that it hands over, so the host reads these few bytes too. It decodes
//! nothing and allocates nothing: that is what the guest is for.

use super::answer::SourceFormat;

/// The format of a file, by the bytes it begins with.
pub(super) fn format(bytes: &[u8]) -> Option<SourceFormat> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some(SourceFormat::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(SourceFormat::Png),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(SourceFormat::Gif),
        [b'B', b'M', ..] => Some(SourceFormat::Bmp),
        _ if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") => {
            Some(SourceFormat::WebP)
        }
        _ => None,
    }
}

/// Width and height as they stand in the file's header, before any turning. `None` where there is no such header.
pub(super) fn sides(bytes: &[u8]) -> Option<(u32, u32)> {
    match format(bytes)? {
        SourceFormat::Jpeg => jpeg(bytes),
        SourceFormat::Png if bytes.get(12..16) == Some(b"IHDR") => Some((
            u32::from_be_bytes(at(bytes, 16)?),
            u32::from_be_bytes(at(bytes, 20)?),
        )),
        SourceFormat::Gif => Some((little(bytes, 6)?, little(bytes, 8)?)),
        SourceFormat::WebP => webp(bytes),
        SourceFormat::Bmp => bmp(bytes),
        SourceFormat::Png => None,
    }
}

/// Whether the file ends where its format says that it ends, with nothing cut off and nothing behind.
pub(super) fn is_whole(bytes: &[u8]) -> bool {
    match format(bytes) {
        Some(SourceFormat::Jpeg) => bytes.ends_with(&[0xff, 0xd9]),
        Some(SourceFormat::Png) => bytes.ends_with(b"\0\0\0\0IEND\xae\x42\x60\x82"),
        Some(SourceFormat::Gif) => bytes.ends_with(b";"),
        Some(SourceFormat::WebP) => at(bytes, 4)
            .and_then(|length| {
                usize::try_from(u32::from_le_bytes(length))
                    .ok()?
                    .checked_add(8)
            })
            .is_some_and(|length| length == bytes.len()),
        Some(SourceFormat::Bmp) | None => false,
    }
}

/// The first frame header (ITU-T T.81, B.2.2), as decoders look for it: other segments are stepped over, and so is
/// what lies between them.
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut rest = bytes;
    loop {
        let marker = rest.iter().position(|byte| *byte == 0xff)?;
        rest = rest.get(marker..)?;
        let code = rest.iter().position(|byte| *byte != 0xff)?;
        let (code, segment) = rest.get(code..)?.split_first()?;
        rest = match code {
            // Without a length: stuffing, restarts, the beginning.
            0x00 | 0x01 | 0xd0..=0xd8 => segment,
            // The end, or pixels before any frame.
            0xd9 | 0xda => return None,
            0xc0..=0xcf if !matches!(code, 0xc4 | 0xc8 | 0xcc) => {
                return Some((big(segment, 5)?, big(segment, 3)?));
            }
            _ => segment.get(big(segment, 0)? as usize..)?,
        };
    }
}

/// The first chunk: the extended header, or the picture itself without loss or with it (RFC 9649).
fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    let data = bytes.get(20..)?;
    match bytes.get(12..16)? {
        b"VP8X" => Some((three(data, 4)? + 1, three(data, 7)? + 1)),
        b"VP8L" if data.first() == Some(&0x2f) => {
            let bits = u32::from_le_bytes(at(data, 1)?);
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        b"VP8 " if data.get(3..6) == Some(b"\x9d\x01\x2a") => {
            Some((little(data, 6)? & 0x3fff, little(data, 8)? & 0x3fff))
        }
        _ => None,
    }
}

/// The core header has sides of 16 bits, all later ones have signed ones of 32: below zero is from the top down.
fn bmp(bytes: &[u8]) -> Option<(u32, u32)> {
    if u32::from_le_bytes(at(bytes, 14)?) == 12 {
        return Some((little(bytes, 18)?, little(bytes, 20)?));
    }
    let side = |offset| Some(i32::from_le_bytes(at(bytes, offset)?).unsigned_abs());
    Some((side(18)?, side(22)?))
}

fn at<const N: usize>(bytes: &[u8], offset: usize) -> Option<[u8; N]> {
    bytes.get(offset..)?.first_chunk().copied()
}

fn big(bytes: &[u8], offset: usize) -> Option<u32> {
    Some(u16::from_be_bytes(at(bytes, offset)?).into())
}

fn little(bytes: &[u8], offset: usize) -> Option<u32> {
    Some(u16::from_le_bytes(at(bytes, offset)?).into())
}

fn three(bytes: &[u8], offset: usize) -> Option<u32> {
    let [low, middle, high] = at(bytes, offset)?;
    Some(u32::from_le_bytes([low, middle, high, 0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_of_each_format() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x05\0\0\0\x07";
        assert_eq!(sides(png), Some((5, 7)));
        assert_eq!(sides(b"GIF89a\x05\0\x07\x01"), Some((5, 263)));
        let jpeg = b"\xff\xd8\xff\xe1\0\x06\xff\xc0\x01\x02??\xff\xff\xc2\0\x11\x08\0\x07\0\x05";
        assert_eq!(sides(jpeg), Some((5, 7)));
        assert_eq!(
            sides(b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x04\x80\x01\0"),
            Some((5, 7))
        );
        assert_eq!(
            sides(b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x04\0\0\x06\0\0"),
            Some((5, 7))
        );
        assert_eq!(
            sides(b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x05\0\x07\0"),
            Some((5, 7))
        );
        let mut bmp = [
            &b"BM"[..],
            &[0; 12],
            &[40, 0, 0, 0],
            &[5, 0, 0, 0],
            &[0xf9, 0xff, 0xff, 0xff],
        ]
        .concat();
        assert_eq!(sides(&bmp), Some((5, 7)));
        bmp.splice(14.., [12, 0, 0, 0, 5, 0, 7, 0]);
        assert_eq!(sides(&bmp), Some((5, 7)));
    }

    #[test]
    fn every_beginning_of_a_file_is_survived() {
        let files: [&[u8]; 4] = [
            b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x05\0\0\0\x07",
            b"\xff\xd8\xff\xe1\0\x06\xff\xc0\x01\x02??\xff\xff\xc2\0\x11\x08\0\x07\0\x05",
            b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x04\x80\x01\0",
            b"GIF89a\x05\0\x07\x01",
        ];
        for file in files {
            for end in 0..file.len() {
                assert_eq!(sides(&file[..end]), None, "{file:?} cut at {end}");
                assert!(!is_whole(&file[..end]));
            }
        }
        // A segment of no length at all, and one that reaches beyond the end.
        assert_eq!(sides(b"\xff\xd8\xff\xe1\0\0"), None);
        assert_eq!(sides(b"\xff\xd8\xff\xe1\xff\xff\xff\xc0"), None);
    }

    #[test]
    fn ends() {
        assert!(is_whole(b"\xff\xd8\xff\xd9") && !is_whole(b"\xff\xd8\xff\xd9<script>"));
        assert!(is_whole(b"GIF89a;") && !is_whole(b"GIF89a;?"));
        assert!(is_whole(b"RIFF\x04\0\0\0WEBP") && !is_whole(b"RIFF\x04\0\0\0WEBP?"));
        assert!(is_whole(b"\x89PNG\r\n\x1a\n\0\0\0\0IEND\xae\x42\x60\x82"));
        assert!(!is_whole(b"BM") && !is_whole(b""));
    }
}
