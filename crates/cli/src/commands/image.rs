//! `wardian image`: pictures, read and written by a guest that can do nothing else.
//!
//! - **in**: files or standard input, and options as text
//! - **out**: typed options for `wardian_service::image`; then a picture to its file, and what came of it as text or JSON
//! - **never**: a look at the picture's bytes; that is the guest's work

mod line;

use std::path::Path;

use futures_lite::future::block_on;
use serde_json::json;
use wardian_sandbox::{Limits, Usage as Bill};
use wardian_service::ServiceError;
use wardian_service::image::{
    BlurhashOptions, BlurhashPicture, ConvertOptions, CropOptions, Fit, Images, Info,
    OptimizeOptions, Output, Picture, ResizeOptions, SOURCE_BYTES_MAX, ThumbnailOptions,
};

use crate::counted::Counted;
use crate::exit::Usage;
use crate::input;
use crate::interrupt::Interrupt;
use crate::json;
use crate::output::{self, Target};
use crate::settings::Settings;
use crate::show;

pub(crate) use line::ImageArgs;
use line::{
    BlurhashArgs, ConvertArgs, CropArgs, Files, FitChoice, ImageCommand, InfoArgs, ResizeArgs,
    ThumbnailArgs, To,
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
        ImageCommand::Optimize(args) => {
            let options = OptimizeOptions {
                output: args.written.output(&args.files.to),
            };
            room.picture(&args.files, async |images, source| {
                images.optimize(source, options).await
            })
        }
        ImageCommand::Convert(args) => convert(&room, args),
        ImageCommand::Info(args) => info(&room, args),
        ImageCommand::Blurhash(args) => blurhash(&room, args),
    }
}

fn resize(room: &Room<'_>, args: &ResizeArgs) -> anyhow::Result<()> {
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
        output: args.written.output(&args.files.to),
    };
    room.picture(&args.files, async |images, source| {
        images.resize(source, options).await
    })
}

fn thumbnail(room: &Room<'_>, args: &ThumbnailArgs) -> anyhow::Result<()> {
    let options = ThumbnailOptions {
        size: args.size,
        enlarge: args.scaling.enlarge,
        light: args.scaling.light.into(),
        output: args.written.output(&args.files.to),
    };
    room.picture(&args.files, async |images, source| {
        images.thumbnail(source, options).await
    })
}

fn crop(room: &Room<'_>, args: &CropArgs) -> anyhow::Result<()> {
    let options = CropOptions {
        output: args.written.output(&args.files.to),
        ..CropOptions::new(args.x, args.y, args.width, args.height)
    };
    room.picture(&args.files, async |images, source| {
        images.crop(source, options).await
    })
}

fn convert(room: &Room<'_>, args: &ConvertArgs) -> anyhow::Result<()> {
    let Output {
        format,
        quality,
        background,
    } = args.written.output(&args.files.to);
    let format = format.ok_or_else(|| {
        Usage::new("the format to convert to is not known")
            .hint("use `--format`, or an output whose name ends in it")
    })?;
    let options = ConvertOptions {
        format,
        quality,
        background,
    };
    room.picture(&args.files, async |images, source| {
        images.convert(source, options).await
    })
}

fn info(room: &Room<'_>, args: &InfoArgs) -> anyhow::Result<()> {
    let source = input::read(&args.input, SOURCE_BYTES_MAX as u64)?;
    let info = room.call(async |images| images.info(source).await, |info| info.usage)?;
    room.bill(args.usage, &info.usage);
    if args.json {
        let mut value = serde_json::to_value(&info)?;
        value["usage"] = json::usage(&info.usage);
        return output::print_json(&value);
    }
    output::print(&info_text(&info))
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

fn blurhash(room: &Room<'_>, args: &BlurhashArgs) -> anyhow::Result<()> {
    let picture = BlurhashPicture {
        width: args.width,
        height: args.height,
        punch: args.punch,
    };
    match &args.decode {
        Some(hash) if args.data_url => {
            let url = room.call(
                async |images| images.blurhash_data_url(hash, picture).await,
                |_| Bill::default(),
            )?;
            output::print_foreign(&url)
        }
        Some(hash) => {
            let target = room.target(&args.files.to)?;
            let made = room.call(
                async |images| images.blurhash_decode(hash, picture).await,
                |made| made.usage,
            )?;
            room.finish(&args.files.to, &target, &made)
        }
        None => {
            let source = input::read(&args.files.input, SOURCE_BYTES_MAX as u64)?;
            let options = BlurhashOptions {
                x: args.x,
                y: args.y,
            };
            let hash = room.call(
                async |images| images.blurhash(source, options).await,
                |hash| hash.usage,
            )?;
            room.bill(args.files.to.usage, &hash.usage);
            if args.files.to.json {
                let mut value = serde_json::to_value(&hash)?;
                value["usage"] = json::usage(&hash.usage);
                return output::print_json(&value);
            }
            let text = format!("{}\n", hash.hash);
            match &args.files.to.output {
                None => output::print_foreign(&text),
                Some(path) => output::write(
                    &Target::of(path),
                    args.files.to.force,
                    text.as_bytes(),
                    room.interrupt,
                ),
            }
        }
    }
}

impl Room<'_> {
    /// Reads a picture, makes another one of it, and writes that.
    fn picture(
        &self,
        files: &Files,
        make: impl AsyncFnOnce(Images, Vec<u8>) -> Result<Picture, ServiceError>,
    ) -> anyhow::Result<()> {
        let target = self.target(&files.to)?;
        let source = input::read(&files.input, SOURCE_BYTES_MAX as u64)?;
        let picture = self.call(
            async |images| make(images, source).await,
            |picture| picture.usage,
        )?;
        self.finish(&files.to, &target, &picture)
    }

    /// Where the result is to go, refused before any work is done.
    fn target(&self, to: &To) -> anyhow::Result<Target> {
        let target = to.output.as_deref().map_or(Target::Stdout, Target::of);
        if target == Target::Stdout {
            if to.json {
                return Err(
                    Usage::new("picture and JSON cannot both go to standard output")
                        .hint("write the picture to a file with `-o FILE`")
                        .into(),
                );
            }
            if to.output.is_none() && output::is_terminal() {
                return Err(Usage::new("a picture would go to the terminal")
                    .hint("write it to a file with `-o FILE`, or into a pipe")
                    .into());
            }
        }
        output::check(&target, to.force)?;
        Ok(target)
    }

    /// One call of the guest, counted.
    fn call<T>(
        &self,
        call: impl AsyncFnOnce(Images) -> Result<T, ServiceError>,
        usage: impl Fn(&T) -> Bill,
    ) -> anyhow::Result<T> {
        let counted = Counted::open(self.settings, &Limits::default(), self.interrupt)?;
        let result = block_on(async {
            let images = Images::load(&counted.sandbox).await?;
            counted.count_load(MODULE);
            call(images).await
        });
        count(&counted, result.as_ref().map(usage));
        Ok(result?)
    }

    /// Writes the picture and says what came of it.
    fn finish(&self, to: &To, target: &Target, picture: &Picture) -> anyhow::Result<()> {
        output::write(target, to.force, &picture.bytes, self.interrupt)?;
        self.bill(to.usage, &picture.usage);
        let Target::File(path) = target else {
            return Ok(());
        };
        if to.json {
            return output::print_json(&report(path, picture));
        }
        if self.settings.quiet {
            return Ok(());
        }
        output::print(&format!("{}: {}\n", show::path(path), described(picture)))
    }

    fn bill(&self, asked: bool, usage: &Bill) {
        if asked && !self.settings.quiet {
            output::warn(&show::bill(usage));
        }
    }
}

/// Adds a call to the counters, however it ended.
pub(crate) fn count(counted: &Counted, result: Result<Bill, &ServiceError>) {
    match result {
        Ok(usage) => counted.count_call(MODULE, usage.fuel, None),
        Err(ServiceError::Call { source, usage }) => {
            counted.count_call(MODULE, usage.fuel, Some(source))
        }
        Err(error) => {
            if let Some(usage) = error.usage() {
                counted.count_call(MODULE, usage.fuel, None);
            }
        }
    }
}

fn report(path: &Path, picture: &Picture) -> serde_json::Value {
    json!({
        "ok": true,
        "output": path.to_string_lossy(),
        "bytes": picture.bytes.len(),
        "format": picture.format,
        "width": picture.width,
        "height": picture.height,
        "lossless": picture.lossless,
        "unchanged": picture.unchanged,
        "source_frames": picture.frames,
        "usage": json::usage(&picture.usage),
    })
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
