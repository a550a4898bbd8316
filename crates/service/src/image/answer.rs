//! What callers get back. Answers come from a guest, so every field is looked for and nothing is taken on trust: a
//! picture has to be one by its own header, of the format and the sides that were promised. Its pixels are not looked
//! at, because decoding them here would undo what the sandbox is for.

use bytes::Bytes;
use wardian_abi::Value;
use wardian_sandbox::Usage;

use super::options::{BlurhashOptions, Format};
use super::promise::Promise;
use super::{SIDE_MAX, file};
use crate::fields::{Read, field, flag, text, whole, wrong};

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
    /// The picture in an answer, if it is the one that was promised.
    ///
    /// Names that nobody asks for are passed over: a newer guest may say more.
    pub(super) fn read(
        value: &Value<'_>,
        answer: &Bytes,
        usage: &Usage,
        promise: &Promise,
    ) -> Read<Picture> {
        let bytes = field(value, "bytes")?
            .as_bytes()
            .ok_or_else(|| wrong(value, "bytes", "bin"))?;
        let format = Format::from_name(text(value, "format")?)
            .ok_or("`format` names none that is written")?;
        let picture = Picture {
            // Shares the answer's memory instead of copying the file once more.
            bytes: answer.slice_ref(bytes),
            format,
            width: whole(value, "width", promise.width.clone())?,
            height: whole(value, "height", promise.height.clone())?,
            lossless: flag(value, "lossless", format.is_lossless())?,
            unchanged: flag(value, "unchanged", false)?,
            frames: match value.get("frames") {
                Some(_) => whole(value, "frames", 1..=u32::MAX)?,
                None => 1,
            },
            usage: *usage,
        };
        picture.keeps(promise)?;
        Ok(picture)
    }

    /// Holds the fields against the promise, and the file against the fields.
    fn keeps(&self, promise: &Promise) -> Read<()> {
        let (width, height) = (self.width, self.height);
        let name = self.format.name();
        if promise.format.is_some_and(|due| due != self.format) {
            return Err(format!("`format` is {name}, which was not asked for"));
        }
        if promise.square && width != height {
            return Err(format!("{width} × {height} is no square"));
        }
        if promise
            .like
            .is_some_and(|(w, h)| (width, height) != (w, h) && (width, height) != (h, w))
        {
            return Err(format!("{width} × {height} are not the source's sides"));
        }
        if self.lossless != self.format.is_lossless() {
            return Err(format!("`lossless` is not what {name} is"));
        }
        if self.unchanged && promise.source.as_ref() != Some(&self.bytes) {
            return Err("`unchanged` is said of bytes that are not the source's".into());
        }
        if file::format(&self.bytes).is_none_or(|found| found.name() != name) {
            return Err(format!("`bytes` are no {name}"));
        }
        match file::sides(&self.bytes) {
            Some(sides) if sides == (width, height) => {}
            Some((w, h)) => {
                return Err(format!(
                    "`bytes` have {w} × {h} pixels, said to be {width} × {height}"
                ));
            }
            None => return Err(format!("`bytes` are a {name} without a header")),
        }
        // A source may be followed by whatever its camera put there.
        if !self.unchanged && !file::is_whole(&self.bytes) {
            return Err(format!("`bytes` do not end as a {name} does"));
        }
        Ok(())
    }
}

impl Info {
    pub(super) fn read(value: &Value<'_>, usage: &Usage, source: &[u8]) -> Read<Info> {
        let side = |name| whole(value, name, 1..=SIDE_MAX);
        let orientation = whole(value, "orientation", 1..=8)?;
        let info = Info {
            width: side("width")?,
            height: side("height")?,
            upright_width: side("upright_width")?,
            upright_height: side("upright_height")?,
            format: SourceFormat::from_name(text(value, "format")?)
                .ok_or("`format` names none that is read")?,
            has_alpha: field(value, "has_alpha")?
                .as_bool()
                .ok_or_else(|| wrong(value, "has_alpha", "bool"))?,
            orientation: orientation as u8,
            frames: whole(value, "frames", 1..=u32::MAX)?,
            bytes: whole(value, "bytes", 0..=u32::MAX)?.into(),
            usage: *usage,
        };
        let upright = match info.orientation {
            1..=4 => (info.width, info.height),
            _ => (info.height, info.width),
        };
        if (info.upright_width, info.upright_height) != upright {
            return Err("the upright sides do not follow from `orientation`".into());
        }
        if info.bytes != source.len() as u64 {
            return Err(format!(
                "`bytes` is {}, the source has {}",
                info.bytes,
                source.len()
            ));
        }
        if file::sides(source).is_some_and(|sides| sides != (info.width, info.height)) {
            return Err(format!(
                "{} × {} is not what the source's header says",
                info.width, info.height
            ));
        }
        if file::format(source) != Some(info.format) {
            return Err(format!(
                "`format` is {}, which the source is not",
                info.format.name()
            ));
        }
        Ok(info)
    }
}

/// The digits of a BlurHash, in the order of their values.
const DIGITS: &str =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";

impl Blurhash {
    pub(super) fn read(value: &Value<'_>, usage: &Usage, asked: BlurhashOptions) -> Read<Blurhash> {
        let blurhash = Blurhash {
            hash: text(value, "hash")?.to_owned(),
            x: whole(value, "x", asked.x..=asked.x)?,
            y: whole(value, "y", asked.y..=asked.y)?,
            width: whole(value, "width", 1..=SIDE_MAX)?,
            height: whole(value, "height", 1..=SIDE_MAX)?,
            usage: *usage,
        };
        if !is_hash(&blurhash.hash, asked) {
            return Err("`hash` is no BlurHash of the waves that were asked for".into());
        }
        Ok(blurhash)
    }
}

/// Whether a text is a BlurHash of so many waves: its first digit says how many, each takes two more, and the first
/// six are for strength and mean colour.
fn is_hash(hash: &str, BlurhashOptions { x, y }: BlurhashOptions) -> bool {
    if !(1..=9).contains(&x) || !(1..=9).contains(&y) {
        return false;
    }
    let waves = (x - 1 + (y - 1) * 9) as usize;
    let first = hash.chars().next().and_then(|digit| DIGITS.find(digit));
    let digits = hash.chars().all(|digit| DIGITS.contains(digit));
    first == Some(waves) && digits && hash.len() == 4 + 2 * (x * y) as usize
}
