//! What callers may ask for. Ranges are checked by the guest, which names everything that is wrong at once; so they
//! are the same for every language and for the command.

use wardian_abi::{Arguments, Value};

/// How a picture meets a box of both sides.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// All of the picture, inside the box.
    #[default]
    Contain,
    /// All of the box; what hangs over is cut evenly.
    Cover,
    /// Exactly the box, stretched.
    Fill,
}

/// The light in which pixels are averaged.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Light {
    /// As light adds up: sRGB values are made linear first. Fine detail keeps its brightness.
    #[default]
    Linear,
    /// The stored values as they are: what Pillow, libvips and browsers do unless asked otherwise. Faster.
    Gamma,
}

/// A format that pictures are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// With loss; `quality` counts.
    Jpeg,
    /// Without loss.
    Png,
    /// Without loss.
    #[serde(rename = "webp")]
    WebP,
    /// At most 256 colours.
    Gif,
}

impl Format {
    /// Its name, as options and files have it: `jpeg`, `png`, `webp`, `gif`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Format::Jpeg => "jpeg",
            Format::Png => "png",
            Format::WebP => "webp",
            Format::Gif => "gif",
        }
    }

    /// Whether it keeps pixels exactly, as it is written here.
    #[must_use]
    pub const fn is_lossless(self) -> bool {
        matches!(self, Format::Png | Format::WebP)
    }

    /// The format of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Format> {
        [Format::Jpeg, Format::Png, Format::WebP, Format::Gif]
            .into_iter()
            .find(|format| format.name() == name)
    }
}

/// How a result is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// `None` keeps the source's format, and makes PNG of BMP.
    pub format: Option<Format>,
    /// 1 to 100, for JPEG.
    pub quality: u8,
    /// What shows through transparent pixels where the format has none: `#rgb` or `#rrggbb`.
    pub background: String,
}

impl Default for Output {
    fn default() -> Self {
        Output {
            format: None,
            quality: 85,
            background: "#ffffff".to_owned(),
        }
    }
}

impl Output {
    fn arguments(self) -> Arguments<'static> {
        Arguments::new()
            .with("format", self.format.map(Format::name))
            .with("quality", self.quality)
            .with("background", self.background)
    }
}

/// What [`resize`](super::resize) takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResizeOptions {
    /// Pixels; one side may be missing and follows the other.
    pub width: Option<u32>,
    /// Pixels; one side may be missing and follows the other.
    pub height: Option<u32>,
    /// How the picture meets the box, where both sides are given.
    pub fit: Fit,
    /// Whether it may become larger than it is.
    pub enlarge: bool,
    /// The light in which pixels are averaged.
    pub light: Light,
    /// How the result is written.
    pub output: Output,
}

impl ResizeOptions {
    /// To this width; the height follows.
    #[must_use]
    pub fn width(width: u32) -> Self {
        ResizeOptions {
            width: Some(width),
            ..ResizeOptions::default()
        }
    }

    /// To this height; the width follows.
    #[must_use]
    pub fn height(height: u32) -> Self {
        ResizeOptions {
            height: Some(height),
            ..ResizeOptions::default()
        }
    }

    /// Into this box.
    #[must_use]
    pub fn sides(width: u32, height: u32, fit: Fit) -> Self {
        ResizeOptions {
            width: Some(width),
            height: Some(height),
            fit,
            ..ResizeOptions::default()
        }
    }

    pub(crate) fn arguments(self) -> Arguments<'static> {
        self.output
            .arguments()
            .with("width", self.width)
            .with("height", self.height)
            .with("fit", fit_name(self.fit))
            .with("enlarge", self.enlarge)
            .with("light", light_name(self.light))
    }
}

/// What [`thumbnail`](super::thumbnail) takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThumbnailOptions {
    /// Pixels of a side.
    pub size: u32,
    /// Whether it may become larger than the picture's shorter side.
    pub enlarge: bool,
    /// The light in which pixels are averaged.
    pub light: Light,
    /// How the result is written.
    pub output: Output,
}

impl ThumbnailOptions {
    /// A square of this side.
    #[must_use]
    pub fn new(size: u32) -> Self {
        ThumbnailOptions {
            size,
            enlarge: false,
            light: Light::default(),
            output: Output::default(),
        }
    }

    pub(crate) fn arguments(self) -> Arguments<'static> {
        self.output
            .arguments()
            .with("size", self.size)
            .with("enlarge", self.enlarge)
            .with("light", light_name(self.light))
    }
}

/// What [`crop`](super::crop) takes: pixels of the upright picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CropOptions {
    /// From the left.
    pub x: u32,
    /// From the top.
    pub y: u32,
    /// How wide; it must lie inside.
    pub width: u32,
    /// How high; it must lie inside.
    pub height: u32,
    /// How the result is written.
    pub output: Output,
}

impl CropOptions {
    /// This rectangle.
    #[must_use]
    pub fn new(x: u32, y: u32, width: u32, height: u32) -> Self {
        CropOptions {
            x,
            y,
            width,
            height,
            output: Output::default(),
        }
    }

    pub(crate) fn arguments(self) -> Arguments<'static> {
        self.output
            .arguments()
            .with("x", self.x)
            .with("y", self.y)
            .with("width", self.width)
            .with("height", self.height)
    }
}

/// What [`optimize`](super::optimize) takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OptimizeOptions {
    /// How the result is written; quality 85 unless said.
    pub output: Output,
}

impl OptimizeOptions {
    /// At this quality, 1 to 100.
    #[must_use]
    pub fn quality(quality: u8) -> Self {
        OptimizeOptions {
            output: Output {
                quality,
                ..Output::default()
            },
        }
    }

    pub(crate) fn arguments(self) -> Arguments<'static> {
        self.output.arguments()
    }
}

/// What [`convert`](super::convert) takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConvertOptions {
    /// The format to write.
    pub format: Format,
    /// 1 to 100, for JPEG.
    pub quality: u8,
    /// What shows through transparent pixels where the format has none: `#rgb` or `#rrggbb`.
    pub background: String,
}

impl ConvertOptions {
    /// To this format, at quality 85, over white.
    #[must_use]
    pub fn new(format: Format) -> Self {
        let Output {
            quality,
            background,
            ..
        } = Output::default();
        ConvertOptions {
            format,
            quality,
            background,
        }
    }

    pub(crate) fn arguments(self) -> Arguments<'static> {
        Output {
            format: Some(self.format),
            quality: self.quality,
            background: self.background,
        }
        .arguments()
    }
}

/// What [`blurhash`](super::blurhash) takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlurhashOptions {
    /// Waves across, 1 to 9.
    pub x: u32,
    /// Waves down, 1 to 9.
    pub y: u32,
}

impl Default for BlurhashOptions {
    fn default() -> Self {
        BlurhashOptions { x: 4, y: 3 }
    }
}

impl BlurhashOptions {
    pub(crate) fn arguments(self) -> Arguments<'static> {
        Arguments::new().with("x", self.x).with("y", self.y)
    }
}

/// What [`blurhash_decode`](super::blurhash_decode) makes of a hash.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BlurhashPicture {
    /// Pixels, 1 to 512.
    pub width: u32,
    /// Pixels, 1 to 512.
    pub height: u32,
    /// Contrast, 0 to 10; 1 is what was hashed.
    pub punch: f64,
}

impl Default for BlurhashPicture {
    fn default() -> Self {
        BlurhashPicture {
            width: 32,
            height: 32,
            punch: 1.0,
        }
    }
}

impl BlurhashPicture {
    pub(crate) fn arguments(self) -> Arguments<'static> {
        Arguments::new()
            .with("width", self.width)
            .with("height", self.height)
            .with("punch", self.punch)
    }
}

fn fit_name(fit: Fit) -> Value<'static> {
    match fit {
        Fit::Contain => "contain",
        Fit::Cover => "cover",
        Fit::Fill => "fill",
    }
    .into()
}

fn light_name(light: Light) -> Value<'static> {
    match light {
        Light::Linear => "linear",
        Light::Gamma => "gamma",
    }
    .into()
}
