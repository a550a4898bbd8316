//! The formats, by the bytes they begin with and by name.

use crate::error::ImageError;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Format {
    Jpeg,
    Png,
    Gif,
    WebP,
    Bmp,
}

impl Format {
    /// Names as arguments and results have them. BMP is read only.
    pub(crate) const WRITABLE: [(&'static str, Format); 4] = [
        ("jpeg", Format::Jpeg),
        ("png", Format::Png),
        ("webp", Format::WebP),
        ("gif", Format::Gif),
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Format::Jpeg => "jpeg",
            Format::Png => "png",
            Format::Gif => "gif",
            Format::WebP => "webp",
            Format::Bmp => "bmp",
        }
    }

    /// The format a source is in. Its name or declared type is never asked: they lie.
    pub(crate) fn of(bytes: &[u8]) -> Result<Format, ImageError> {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Ok(Format::Jpeg),
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Ok(Format::Png),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Ok(Format::Gif),
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
            ] => Ok(Format::WebP),
            [b'B', b'M', ..] => Ok(Format::Bmp),
            _ => Err(ImageError::new(
                "image.unknown_format",
                "the source is no JPEG, PNG, GIF, WebP or BMP",
            )),
        }
    }

    /// What a result is written as when nobody says: the source's format where we write it.
    pub(crate) fn written_as(self) -> Format {
        match self {
            Format::Bmp => Format::Png,
            other => other,
        }
    }
}
