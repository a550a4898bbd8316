//! What callers get back. Answers come from a guest, so every field is looked for and nothing is taken on trust.

use bytes::Bytes;
use wardian_abi::Value;
use wardian_sandbox::Usage;

use super::options::Format;

/// A written picture, where it came from, and what it cost.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The file.
    pub bytes: Bytes,
    /// Its format.
    pub format: Format,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Whether the format keeps pixels exactly. WebP is always written so.
    pub lossless: bool,
    /// Only [`optimize`](super::optimize): the source came back as it is, because no smaller file was found.
    pub unchanged: bool,
    /// Frames of the source, of which the first was taken; 1 for a still picture.
    pub frames: u32,
    /// What the call used.
    pub usage: Usage,
}

/// A format that pictures are read in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceFormat {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    #[serde(rename = "webp")]
    WebP,
    /// GIF.
    Gif,
    /// BMP, which is only read.
    Bmp,
}

impl SourceFormat {
    /// Its name: `jpeg`, `png`, `webp`, `gif`, `bmp`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            SourceFormat::Jpeg => "jpeg",
            SourceFormat::Png => "png",
            SourceFormat::WebP => "webp",
            SourceFormat::Gif => "gif",
            SourceFormat::Bmp => "bmp",
        }
    }

    fn from_name(name: &str) -> Option<SourceFormat> {
        let all = [
            SourceFormat::Jpeg,
            SourceFormat::Png,
            SourceFormat::WebP,
            SourceFormat::Gif,
            SourceFormat::Bmp,
        ];
        all.into_iter().find(|format| format.name() == name)
    }
}

/// What a header says.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Info {
    /// Pixels, as stored: before the orientation is applied.
    pub width: u32,
    /// Pixels, as stored.
    pub height: u32,
    /// Pixels of the upright picture, as results have them.
    pub upright_width: u32,
    /// Pixels of the upright picture.
    pub upright_height: u32,
    /// The format, by its content.
    pub format: SourceFormat,
    /// Whether pixels may be transparent.
    pub has_alpha: bool,
    /// EXIF orientation, 1 (upright) to 8.
    pub orientation: u8,
    /// Frames; more than one is an animation.
    pub frames: u32,
    /// Bytes of the source.
    pub bytes: u64,
    /// What the call used.
    pub usage: Usage,
}

/// A BlurHash.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Blurhash {
    /// The hash: 6 to 166 characters of its own alphabet.
    pub hash: String,
    /// Waves across.
    pub x: u32,
    /// Waves down.
    pub y: u32,
    /// Pixels of the upright picture, for the shape of its place.
    pub width: u32,
    /// Pixels of the upright picture.
    pub height: u32,
    /// What the call used.
    pub usage: Usage,
}

impl Picture {
    pub(crate) fn read(value: &Value<'_>, answer: &Bytes, usage: &Usage) -> Option<Picture> {
        Some(Picture {
            // Shares the answer's memory instead of copying the file once more.
            bytes: answer.slice_ref(value.get("bytes")?.as_bytes()?),
            format: Format::from_name(value.get("format")?.as_str()?)?,
            width: small(value, "width")?,
            height: small(value, "height")?,
            lossless: value.get("lossless").map_or(Some(true), Value::as_bool)?,
            unchanged: value.get("unchanged").map_or(Some(false), Value::as_bool)?,
            frames: value
                .get("frames")
                .map_or(Some(1), |_| small(value, "frames"))?,
            usage: *usage,
        })
    }
}

impl Info {
    pub(crate) fn read(value: &Value<'_>, _: &Bytes, usage: &Usage) -> Option<Info> {
        Some(Info {
            width: small(value, "width")?,
            height: small(value, "height")?,
            upright_width: small(value, "upright_width")?,
            upright_height: small(value, "upright_height")?,
            format: SourceFormat::from_name(value.get("format")?.as_str()?)?,
            has_alpha: value.get("has_alpha")?.as_bool()?,
            orientation: u8::try_from(small(value, "orientation")?)
                .ok()
                .filter(|n| (1..=8).contains(n))?,
            frames: small(value, "frames")?,
            bytes: small(value, "bytes")?.into(),
            usage: *usage,
        })
    }
}

impl Blurhash {
    pub(crate) fn read(value: &Value<'_>, _: &Bytes, usage: &Usage) -> Option<Blurhash> {
        Some(Blurhash {
            hash: value.get("hash")?.as_str()?.to_owned(),
            x: small(value, "x")?,
            y: small(value, "y")?,
            width: small(value, "width")?,
            height: small(value, "height")?,
            usage: *usage,
        })
    }
}

/// A whole number of 32 bits.
fn small(value: &Value<'_>, name: &str) -> Option<u32> {
    value.get(name)?.as_int()?.try_into().ok()
}
