//! The command line of `wardian image`: every option, and what it means as a typed one.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::{Args, Subcommand, ValueEnum};
use wardian_service::image::{Format, Light, Output};

use crate::batch::{Inputs, To};

/// Resize, crop, convert and look at pictures.
#[derive(Debug, Args)]
#[command(after_help = "\
Reads JPEG, PNG, GIF, WebP and BMP; writes JPEG, PNG, WebP (without loss) and GIF. At most
20 MB and 8,000 pixels a side. Of an animation the first frame is taken. Pictures are turned
upright by their EXIF orientation.

Examples:
  wardian image resize photo.jpg --width 800 -o small.jpg
  wardian image thumbnail 'photos/**/*.jpg' --size 256 --out-dir squares
  cat photo.jpg | wardian image optimize --quality 80 > smaller.jpg")]
pub(crate) struct ImageArgs {
    #[command(subcommand)]
    pub(crate) command: ImageCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ImageCommand {
    /// Make a picture smaller, or larger with `--enlarge`
    Resize(ResizeArgs),
    /// Cut a square out of the middle
    Thumbnail(ThumbnailArgs),
    /// Cut out a rectangle
    Crop(CropArgs),
    /// Write the same picture in fewer bytes
    Optimize(OptimizeArgs),
    /// Write the same picture in another format
    Convert(ConvertArgs),
    /// Say what the header says
    Info(InfoArgs),
    /// Describe a picture in some thirty characters, or make a picture of such a description
    Blurhash(BlurhashArgs),
}

/// Where pictures come from and where the results go.
#[derive(Debug, Args)]
pub(crate) struct Files {
    #[command(flatten)]
    pub(crate) to: To,
    #[command(flatten)]
    pub(crate) from: Inputs,
}

/// How a picture is written.
#[derive(Debug, Args)]
pub(crate) struct Written {
    /// Format; by the ending of the output's name, else that of the source's name, or of the source
    #[arg(
        long,
        value_enum,
        value_name = "jpeg|png|webp|gif",
        hide_possible_values = true
    )]
    pub(crate) format: Option<FormatChoice>,
    /// 1 to 100, for JPEG
    #[arg(long, default_value_t = 85, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=100))]
    pub(crate) quality: u8,
    /// What shows through transparent pixels where the format has none
    #[arg(long, default_value = "#ffffff", value_name = "#RRGGBB")]
    pub(crate) background: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum FormatChoice {
    #[value(alias = "jpg")]
    Jpeg,
    Png,
    Webp,
    Gif,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum FitChoice {
    Contain,
    Cover,
    Fill,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum LightChoice {
    Linear,
    Gamma,
}

/// How a picture is made smaller.
#[derive(Debug, Args)]
pub(crate) struct Scaling {
    /// Let it become larger than it is
    #[arg(long)]
    pub(crate) enlarge: bool,
    /// Light in which pixels are averaged: `linear` keeps the brightness of fine detail, `gamma` is what others do
    #[arg(
        long,
        value_enum,
        default_value = "linear",
        value_name = "linear|gamma",
        hide_possible_values = true
    )]
    pub(crate) light: LightChoice,
}

/// Make a picture smaller; larger only with `--enlarge`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wardian image resize photo.jpg --width 800 -o small.jpg
  wardian image resize photo.jpg --width 400 --height 400 --fit cover -o tile.webp
  wardian image resize 'photos/**/*.jpg' --width 1600 --out-dir small
  cat photo.jpg | wardian image resize - --height 600 > small.jpg")]
pub(crate) struct ResizeArgs {
    #[command(flatten)]
    pub(crate) files: Files,
    /// Pixels; the other side follows where it is not given
    #[arg(long, value_name = "N", required_unless_present = "height")]
    pub(crate) width: Option<u32>,
    /// Pixels
    #[arg(long, value_name = "N")]
    pub(crate) height: Option<u32>,
    /// How it meets a box of both sides: all of it inside, all of the box, or stretched
    #[arg(
        long,
        value_enum,
        default_value = "contain",
        value_name = "contain|cover|fill",
        hide_possible_values = true
    )]
    pub(crate) fit: FitChoice,
    #[command(flatten)]
    pub(crate) scaling: Scaling,
    #[command(flatten)]
    pub(crate) written: Written,
}

/// Cut a square out of the middle.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wardian image thumbnail photo.jpg --size 256 -o square.jpg
  wardian image thumbnail photo.jpg --size 96 --quality 70 --json -o face.jpg
  wardian image thumbnail *.png --size 128 --format webp --out-dir icons")]
pub(crate) struct ThumbnailArgs {
    #[command(flatten)]
    pub(crate) files: Files,
    /// Pixels of a side
    #[arg(long, value_name = "N")]
    pub(crate) size: u32,
    #[command(flatten)]
    pub(crate) scaling: Scaling,
    #[command(flatten)]
    pub(crate) written: Written,
}

/// Cut out a rectangle, in pixels of the upright picture.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wardian image crop photo.jpg --x 100 --y 50 --width 640 --height 480 -o part.png
  wardian image crop 'scans/*.png' --x 40 --y 40 --width 1200 --height 1600 --out-dir cut")]
pub(crate) struct CropArgs {
    #[command(flatten)]
    pub(crate) files: Files,
    /// From the left
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) x: u32,
    /// From the top
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) y: u32,
    /// How wide
    #[arg(long, value_name = "N")]
    pub(crate) width: u32,
    /// How high
    #[arg(long, value_name = "N")]
    pub(crate) height: u32,
    #[command(flatten)]
    pub(crate) written: Written,
}

/// Write the same picture in fewer bytes; where there is no such file, the source as it is.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wardian image optimize photo.jpg -o smaller.jpg
  wardian image optimize drawing.png --format webp -o drawing.webp
  wardian image optimize 'site/**/*.{jpg,png}' --out-dir dist/img --json | jq .usage")]
pub(crate) struct OptimizeArgs {
    #[command(flatten)]
    pub(crate) files: Files,
    #[command(flatten)]
    pub(crate) written: Written,
}

/// Write the same picture in another format.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wardian image convert drawing.png -o drawing.webp
  wardian image convert *.bmp --format png --out-dir png --jobs 2
  wardian image convert - --format png < photo.bmp > photo.png")]
pub(crate) struct ConvertArgs {
    #[command(flatten)]
    pub(crate) files: Files,
    #[command(flatten)]
    pub(crate) written: Written,
}

/// Say what the header says; nothing is decoded.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wardian image info photo.jpg
  wardian image info photo.jpg --json | jq .width
  wardian image info 'photos/*' --json | jq '.files[] | select(.width > 4000) | .input'")]
pub(crate) struct InfoArgs {
    #[command(flatten)]
    pub(crate) from: Inputs,
}

/// Describe a picture in some thirty characters, or make a picture of such a description.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wardian image blurhash photo.jpg
  wardian image blurhash photo.jpg --x 6 --y 4 --json
  wardian image blurhash 'photos/*.jpg'
  wardian image blurhash --decode 'LEHV6nWB2yk8pyo0adR*.7kCMdnj' --width 64 --height 40 -o blur.png
  wardian image blurhash --decode 'LEHV6nWB2yk8pyo0adR*.7kCMdnj' --data-url")]
pub(crate) struct BlurhashArgs {
    #[command(flatten)]
    pub(crate) files: Files,
    /// Waves across, 1 to 9
    #[arg(long, default_value_t = 4, value_name = "N")]
    pub(crate) x: u32,
    /// Waves down, 1 to 9
    #[arg(long, default_value_t = 3, value_name = "N")]
    pub(crate) y: u32,
    /// Make a small PNG of a hash instead
    #[arg(long, value_name = "HASH", conflicts_with_all = ["inputs", "out_dir", "jobs"])]
    pub(crate) decode: Option<String>,
    /// Print the PNG as a `data:` URL
    #[arg(long, requires = "decode", conflicts_with_all = ["output", "json"])]
    pub(crate) data_url: bool,
    /// Pixels of the PNG, 1 to 512
    #[arg(long, default_value_t = 32, value_name = "N", requires = "decode")]
    pub(crate) width: u32,
    /// Pixels of the PNG, 1 to 512
    #[arg(long, default_value_t = 32, value_name = "N", requires = "decode")]
    pub(crate) height: u32,
    /// Contrast of the PNG, 0 to 10
    #[arg(long, default_value_t = 1.0, value_name = "X", requires = "decode")]
    pub(crate) punch: f64,
}

impl ImageArgs {
    /// Whether errors are wanted as JSON too.
    pub(crate) fn wants_json(&self) -> bool {
        match &self.command {
            ImageCommand::Resize(args) => args.files.from.json,
            ImageCommand::Thumbnail(args) => args.files.from.json,
            ImageCommand::Crop(args) => args.files.from.json,
            ImageCommand::Optimize(args) => args.files.from.json,
            ImageCommand::Convert(args) => args.files.from.json,
            ImageCommand::Info(args) => args.from.json,
            ImageCommand::Blurhash(args) => args.files.from.json,
        }
    }
}

impl Written {
    /// The format that was asked for, or that the file's name ends in.
    pub(crate) fn output(&self, file: Option<&Path>) -> Output {
        Output {
            format: self.format(file),
            quality: self.quality,
            background: self.background.clone(),
        }
    }

    /// Its format alone.
    pub(crate) fn format(&self, file: Option<&Path>) -> Option<Format> {
        self.format.map(Format::from).or_else(|| format_of(file?))
    }

    /// What the name of an input's result ends in. A name that says the format already keeps its ending, and a source
    /// of a format that is not written becomes what the guest would make of it.
    pub(crate) fn ending(&self, input: &Path) -> Option<OsString> {
        let own = input.extension();
        let ending = match (self.format.map(Format::from), format_of(input)) {
            (None, Some(_)) => return own.map(OsStr::to_owned),
            (Some(asked), Some(has)) if asked == has => return own.map(OsStr::to_owned),
            (Some(asked), _) => asked,
            (None, None) if own?.eq_ignore_ascii_case("bmp") => Format::Png,
            (None, None) => return None,
        };
        Some(match ending {
            Format::Jpeg => "jpg".into(),
            other => other.name().into(),
        })
    }
}

/// The format that a file's name ends in.
fn format_of(path: &Path) -> Option<Format> {
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    match ending.as_str() {
        "jpg" => Some(Format::Jpeg),
        other => Format::from_name(other),
    }
}

impl From<FormatChoice> for Format {
    fn from(choice: FormatChoice) -> Format {
        match choice {
            FormatChoice::Jpeg => Format::Jpeg,
            FormatChoice::Png => Format::Png,
            FormatChoice::Webp => Format::WebP,
            FormatChoice::Gif => Format::Gif,
        }
    }
}

impl From<LightChoice> for Light {
    fn from(choice: LightChoice) -> Light {
        match choice {
            LightChoice::Linear => Light::Linear,
            LightChoice::Gamma => Light::Gamma,
        }
    }
}
