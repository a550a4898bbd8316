//! `wardian image`: pictures, read and written by a guest that can do nothing else.
//!
//! - **in**: files or standard input, and options as text
//! - **out**: typed options for `wardian_service::image`; then a picture to its file, and what came of it as text or JSON
//! - **never**: a look at the picture's bytes; that is the guest's work

mod line;

use std::ffi::OsString;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_lite::future::block_on;
use serde_json::{Value as Json, json};
use wardian_sandbox::{Limits, Sandbox};
use wardian_service::ServiceError;
use wardian_service::image::{
    BlurhashOptions, BlurhashPicture, ConvertOptions, CropOptions, Fit, Images, Info,
    OptimizeOptions, Output, Picture, ResizeOptions, SOURCE_BYTES_MAX, ThumbnailOptions,
};

use crate::batch::{Batch, Inputs, Made, Results, To};
use crate::exit::Usage;
use crate::interrupt::Interrupt;
use crate::settings::Settings;
use crate::show;

pub(crate) use line::ImageArgs;
use line::{
    BlurhashArgs, ConvertArgs, CropArgs, Files, FitChoice, ImageCommand, InfoArgs, OptimizeArgs,
    ResizeArgs, ThumbnailArgs, Written,
};

/// The name that calls are counted under.
pub(crate) const MODULE: &str = "image";

/// What every image command works with.
struct Room<'a> {
    settings: &'a Settings,
    interrupt: &'a Interrupt,
}

pub(crate) fn run(
    args: &ImageArgs,
    settings: &Settings,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let room = Room {
        settings,
        interrupt,
    };
    match &args.command {
        ImageCommand::Resize(args) => resize(&room, args),
        ImageCommand::Thumbnail(args) => thumbnail(&room, args),
        ImageCommand::Crop(args) => crop(&room, args),
        ImageCommand::Optimize(args) => optimize(&room, args),
        ImageCommand::Convert(args) => convert(&room, args),
        ImageCommand::Info(args) => info(&room, args),
        ImageCommand::Blurhash(args) => blurhash(&room, args),
    }
}

fn resize(room: &Room<'_>, args: &ResizeArgs) -> anyhow::Result<()> {
    room.pictures(&args.files, &args.written, |images, source, output| {
        let options = ResizeOptions {
            width: args.width,
            height: args.height,
            fit: match args.fit {
                FitChoice::Contain => Fit::Contain,
                FitChoice::Cover => Fit::Cover,
                FitChoice::Fill => Fit::Fill,
            },
            enlarge: args.scaling.enlarge,
            light: args.scaling.light.into(),
            output,
        };
        images.resize_blocking(source, options)
    })
}

fn thumbnail(room: &Room<'_>, args: &ThumbnailArgs) -> anyhow::Result<()> {
    room.pictures(&args.files, &args.written, |images, source, output| {
        let options = ThumbnailOptions {
            size: args.size,
            enlarge: args.scaling.enlarge,
            light: args.scaling.light.into(),
            output,
        };
        images.thumbnail_blocking(source, options)
    })
}

fn crop(room: &Room<'_>, args: &CropArgs) -> anyhow::Result<()> {
    room.pictures(&args.files, &args.written, |images, source, output| {
        let options = CropOptions {
            output,
            ..CropOptions::new(args.x, args.y, args.width, args.height)
        };
        images.crop_blocking(source, options)
    })
}

fn optimize(room: &Room<'_>, args: &OptimizeArgs) -> anyhow::Result<()> {
    room.pictures(&args.files, &args.written, |images, source, output| {
        images.optimize_blocking(source, OptimizeOptions { output })
    })
}

fn convert(room: &Room<'_>, args: &ConvertArgs) -> anyhow::Result<()> {
    let format = args.written.format(args.files.to.output.as_deref());
    let format = format.ok_or_else(|| {
        Usage::new("the format to convert to is not known")
            .hint("use `--format`, or an output whose name ends in it")
    })?;
    room.pictures(&args.files, &args.written, |images, source, output| {
        let options = ConvertOptions {
            format,
            quality: output.quality,
            background: output.background,
        };
        images.convert_blocking(source, options)
    })
}

fn info(room: &Room<'_>, args: &InfoArgs) -> anyhow::Result<()> {
    let nowhere = To::default();
    room.batch(&args.from, &nowhere, Results::Text).run(
        |_| None,
        load,
        |images, _, source| {
            let info = images.info_blocking(source)?;
            Ok(Made {
                result: info_text(&info).into(),
                words: info_line(&info),
                report: object(&info),
                usage: info.usage,
            })
        },
    )
}

/// All that it says, as a JSON object.
fn object(value: &impl serde::Serialize) -> Json {
    // Plain structures of names and numbers cannot fail.
    serde_json::to_value(value).unwrap_or_else(|_| json!({}))
}

fn info_text(info: &Info) -> String {
    let upright = if (info.width, info.height) == (info.upright_width, info.upright_height) {
        String::new()
    } else {
        format!(", upright {} × {}", info.upright_width, info.upright_height)
    };
    let yes = |is: bool| if is { "yes" } else { "no" };
    format!(
        "format       {}\nsize         {} × {} pixels{upright}\nbytes        {}\nalpha        {}\norientation  {}\n\
         frames       {}\n",
        info.format.name(),
        info.width,
        info.height,
        show::count(info.bytes),
        yes(info.has_alpha),
        info.orientation,
        info.frames
    )
}

/// `jpeg 4000 × 3000, 3.3 MiB`
fn info_line(info: &Info) -> String {
    let turned = if info.orientation == 1 {
        ""
    } else {
        ", stored turned"
    };
    let frames = match info.frames {
        0 | 1 => String::new(),
        more => format!(", {more} frames"),
    };
    format!(
        "{} × {} {}, {}{turned}{frames}",
        info.width,
        info.height,
        info.format.name(),
        show::bytes(info.bytes)
    )
}

fn blurhash(room: &Room<'_>, args: &BlurhashArgs) -> anyhow::Result<()> {
    if let Some(hash) = &args.decode {
        return decode(room, args, hash);
    }
    let options = BlurhashOptions {
        x: args.x,
        y: args.y,
    };
    let ending = |_: &Path| Some(OsString::from("txt"));
    room.batch(&args.files.from, &args.files.to, Results::Text)
        .run(ending, load, |images, _, source| {
            let hash = images.blurhash_blocking(source, options)?;
            Ok(Made {
                report: object(&hash),
                result: format!("{}\n", hash.hash).into(),
                usage: hash.usage,
                words: hash.hash,
            })
        })
}

/// A picture of a hash, from the command line instead of a file.
fn decode(room: &Room<'_>, args: &BlurhashArgs, hash: &str) -> anyhow::Result<()> {
    let options = BlurhashPicture {
        width: args.width,
        height: args.height,
        punch: args.punch,
    };
    let results = if args.data_url {
        Results::Text
    } else {
        Results::Files
    };
    let batch = room.batch(&args.files.from, &args.files.to, results);
    batch.run_without_input(load, |images| {
        let mut made = made(images.blurhash_decode_blocking(hash, options)?);
        if args.data_url {
            made.result = format!("data:image/png;base64,{}", STANDARD.encode(&made.result)).into();
        }
        Ok(made)
    })
}

fn load(sandbox: &Sandbox) -> anyhow::Result<Images> {
    Ok(block_on(Images::load(sandbox))?)
}

impl Room<'_> {
    /// Makes a picture of each file; `make` is told how that one is written.
    fn pictures(
        &self,
        files: &Files,
        written: &Written,
        make: impl Fn(&Images, Vec<u8>, Output) -> Result<Picture, ServiceError> + Sync,
    ) -> anyhow::Result<()> {
        self.batch(&files.from, &files.to, Results::Files).run(
            |input| written.ending(input),
            load,
            |images, item, source| Ok(made(make(images, source, written.output(item.file()))?)),
        )
    }

    fn batch<'a>(&'a self, from: &'a Inputs, to: &'a To, results: Results) -> Batch<'a> {
        Batch {
            settings: self.settings,
            interrupt: self.interrupt,
            from,
            to,
            results,
            noun: match results {
                Results::Files => "picture",
                Results::Documents | Results::Text => "text",
            },
            module: MODULE,
            bytes_max: SOURCE_BYTES_MAX as u64,
            limits: Limits::default(),
        }
    }
}

fn made(picture: Picture) -> Made {
    Made {
        words: described(&picture),
        report: json!({
            "bytes": picture.bytes.len(),
            "format": picture.format,
            "width": picture.width,
            "height": picture.height,
            "lossless": picture.lossless,
            "unchanged": picture.unchanged,
            "source_frames": picture.frames,
        }),
        usage: picture.usage,
        result: picture.bytes.into(),
    }
}

/// `800 × 600 jpeg, 84.2 KiB`, and what a person should know beside it.
pub(crate) fn described(picture: &Picture) -> String {
    let Picture {
        width,
        height,
        format,
        ..
    } = picture;
    let mut text = format!(
        "{width} × {height} {}, {}",
        format.name(),
        show::bytes(picture.bytes.len() as u64)
    );
    if picture.frames > 1 {
        text += &format!(", the first of {} frames", picture.frames);
    }
    if picture.unchanged {
        text += ", unchanged: no smaller file was found";
    }
    text
}
