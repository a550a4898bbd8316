//! The functions: what each takes, in which order its steps go, and what it gives.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wardian_abi::{Arguments, Value};
use wardian_guest_kit::{Checker, map};

use crate::budget::SIDE_MAX;
use crate::decode::{self, Header};
use crate::encode::{self, Effort, Target};
use crate::error::ImageError;
use crate::format::Format;
use crate::hash;
use crate::options::{Fit, Light, Options as _, Output};
use crate::orient::{stored_rectangle, swaps, turned, upright};
use crate::picture::Picture;
use crate::resample::{Crop, resample};

type Answer = Result<Value<'static>, ImageError>;

/// `image, width?, height?, fit?, enlarge?, light?` and the output's options.
pub(crate) fn resize(arguments: &Arguments<'_>) -> Answer {
    let mut checker = Checker::new(arguments);
    let source = checker.image();
    let (width, height) = (checker.side("width"), checker.side("height"));
    let given = |name| {
        arguments
            .get(name)
            .is_some_and(|value| *value != Value::Nil)
    };
    if !given("width") && !given("height") {
        checker.problem("`width` or `height` must be given".into());
    }
    let (fit, enlarge, light, output) = (
        checker.fit(),
        checker.flag("enlarge"),
        checker.light(),
        checker.output(),
    );
    checker.finish().map_err(options)?;

    let header = decode::header(source)?;
    let plan = Plan::resize(
        turned(header.orientation, header.width, header.height),
        (width, height),
        fit,
        enlarge,
    );
    scale(source, &header, &plan, light, &output)
}

/// `image, size, enlarge?, light?` and the output's options: a square out of the middle.
pub(crate) fn thumbnail(arguments: &Arguments<'_>) -> Answer {
    let mut checker = Checker::new(arguments);
    let source = checker.image();
    let size = checker.whole_due("size", 1..=SIDE_MAX);
    let (enlarge, light, output) = (checker.flag("enlarge"), checker.light(), checker.output());
    checker.finish().map_err(options)?;

    let header = decode::header(source)?;
    let sides = turned(header.orientation, header.width, header.height);
    let plan = Plan::resize(sides, (Some(size), Some(size)), Fit::Cover, enlarge);
    scale(source, &header, &plan, light, &output)
}

/// `image, x, y, width, height` and the output's options, in pixels of the upright picture.
pub(crate) fn crop(arguments: &Arguments<'_>) -> Answer {
    let mut checker = Checker::new(arguments);
    let source = checker.image();
    let x = checker.whole("x", 0..=SIDE_MAX - 1).unwrap_or(0);
    let y = checker.whole("y", 0..=SIDE_MAX - 1).unwrap_or(0);
    let width = checker.whole_due("width", 1..=SIDE_MAX);
    let height = checker.whole_due("height", 1..=SIDE_MAX);
    let output = checker.output();
    checker.finish().map_err(options)?;

    let header = decode::header(source)?;
    let (all_width, all_height) = turned(header.orientation, header.width, header.height);
    if x + width > all_width || y + height > all_height {
        let message = format!(
            "{width} × {height} at ({x}, {y}) reaches outside the picture, which is {all_width} × {all_height} upright"
        );
        return Err(ImageError::new("image.options", message));
    }
    let decoded = decode::pixels(source, &header)?;
    let stored = (header.width, header.height);
    let (x, y, width, height) = stored_rectangle(header.orientation, stored, (x, y, width, height));
    let picture = if (width, height) == stored {
        decoded.picture
    } else {
        decoded.picture.cut(x, y, width, height)
    };
    write(picture, &header, decoded.profile, &output, Effort::Normal)
}

/// `image, format` and the output's other options.
pub(crate) fn convert(arguments: &Arguments<'_>) -> Answer {
    let mut checker = Checker::new(arguments);
    let source = checker.image();
    if matches!(arguments.get("format"), None | Some(Value::Nil)) {
        checker.problem("`format` is missing".into());
    }
    let output = checker.output();
    checker.finish().map_err(options)?;

    let header = decode::header(source)?;
    let decoded = decode::pixels(source, &header)?;
    write(
        decoded.picture,
        &header,
        decoded.profile,
        &output,
        Effort::Normal,
    )
}

/// `image` and the output's options: the same picture in fewer bytes, and the source itself where there are none.
pub(crate) fn optimize(arguments: &Arguments<'_>) -> Answer {
    let mut checker = Checker::new(arguments);
    let source = checker.image();
    let output = checker.output();
    checker.finish().map_err(options)?;

    let header = decode::header(source)?;
    let decoded = decode::pixels(source, &header)?;
    let format = output.format.unwrap_or(header.format.written_as());
    let target = target(format, &output, decoded.profile, Effort::Smallest);
    let picture = upright(decoded.picture, header.orientation);
    let (width, height) = (picture.width, picture.height);
    let bytes = encode::encode(picture, &target)?;
    // Turning or another format is worth bytes, otherwise nothing is won by more of them.
    let keep = bytes.len() >= source.len()
        && format == header.format
        && (width, height) == (header.width, header.height);
    let keep = keep
        && header.orientation == image::metadata::Orientation::NoTransforms
        && header.frames == 1;
    let bytes = if keep { source.to_vec() } else { bytes };
    let mut answer = described(&header, format, width, height, bytes);
    answer.push(("unchanged".into(), keep.into()));
    Ok(Value::Map(answer))
}

/// `image`: what its header says.
pub(crate) fn info(arguments: &Arguments<'_>) -> Answer {
    let mut checker = Checker::new(arguments);
    let source = checker.image();
    checker.finish().map_err(options)?;

    let header = decode::header(source)?;
    let (width, height) = turned(header.orientation, header.width, header.height);
    Ok(map([
        ("width", header.width.into()),
        ("height", header.height.into()),
        ("upright_width", width.into()),
        ("upright_height", height.into()),
        ("format", header.format.name().into()),
        ("has_alpha", header.has_alpha.into()),
        ("orientation", header.orientation.to_exif().into()),
        ("frames", header.frames.into()),
        ("animated", (header.frames > 1).into()),
        ("bytes", (source.len() as u64).into()),
    ]))
}

/// `image, x?, y?`: the BlurHash of the upright picture.
pub(crate) fn blurhash(arguments: &Arguments<'_>) -> Answer {
    let mut checker = Checker::new(arguments);
    let source = checker.image();
    let x = checker.whole("x", 1..=9).unwrap_or(4);
    let y = checker.whole("y", 1..=9).unwrap_or(3);
    checker.finish().map_err(options)?;

    let header = decode::header(source)?;
    let decoded = decode::pixels(source, &header)?.picture;
    let small = Plan::resize(
        (header.width, header.height),
        (Some(256), Some(256)),
        Fit::Contain,
        false,
    );
    let picture = if small.changes(&decoded) {
        resample(
            &decoded,
            small.crop,
            small.width,
            small.height,
            Light::Linear,
        )?
    } else {
        decoded
    };
    let picture = upright(picture, header.orientation);
    let (width, height) = turned(header.orientation, header.width, header.height);
    Ok(map([
        ("hash", hash::encode(picture, x, y)?.into()),
        ("x", x.into()),
        ("y", y.into()),
        ("width", width.into()),
        ("height", height.into()),
    ]))
}

/// `hash, width?, height?, punch?, as?`: the picture of a BlurHash as PNG, or as a `data:` URL of one.
pub(crate) fn blurhash_decode(arguments: &Arguments<'_>) -> Answer {
    let mut checker = Checker::new(arguments);
    let text = checker.text_due("hash");
    let width = checker.whole("width", 1..=512).unwrap_or(32);
    let height = checker.whole("height", 1..=512).unwrap_or(32);
    let punch = checker.number("punch", 0.0..=10.0).unwrap_or(1.0);
    let as_url = checker
        .choice("as", &[("png", false), ("data_url", true)])
        .unwrap_or(false);
    checker.finish().map_err(options)?;

    let picture = hash::decode(text, width, height, punch)?;
    let output = Output {
        format: Some(Format::Png),
        quality: 85,
        background: [255; 3],
    };
    let bytes = encode::encode(
        picture,
        &target(Format::Png, &output, None, Effort::Smallest),
    )?;
    let result = if as_url {
        (
            "data_url",
            format!("data:image/png;base64,{}", STANDARD.encode(&bytes)).into(),
        )
    } else {
        ("bytes", bytes.into())
    };
    Ok(map([
        result,
        ("format", "png".into()),
        ("width", width.into()),
        ("height", height.into()),
    ]))
}

fn options(problems: String) -> ImageError {
    ImageError::new("image.options", problems)
}

/// Decodes, resamples and writes.
fn scale(source: &[u8], header: &Header, plan: &Plan, light: Light, output: &Output) -> Answer {
    let decoded = decode::pixels(source, header)?;
    let plan = plan.stored(header);
    let picture = if plan.changes(&decoded.picture) {
        resample(&decoded.picture, plan.crop, plan.width, plan.height, light)?
    } else {
        decoded.picture
    };
    write(picture, header, decoded.profile, output, Effort::Normal)
}

/// Turns upright, encodes and describes.
fn write(
    picture: Picture,
    header: &Header,
    profile: Option<Vec<u8>>,
    output: &Output,
    effort: Effort,
) -> Answer {
    let format = output.format.unwrap_or(header.format.written_as());
    if swaps(header.orientation) {
        crate::budget::memory("turn the picture", 2 * picture.pixels.len() as u64)?;
    }
    let picture = upright(picture, header.orientation);
    let (width, height) = (picture.width, picture.height);
    let bytes = encode::encode(picture, &target(format, output, profile, effort))?;
    Ok(Value::Map(described(header, format, width, height, bytes)))
}

fn target(format: Format, output: &Output, profile: Option<Vec<u8>>, effort: Effort) -> Target {
    Target {
        format,
        quality: output.quality,
        background: output.background,
        profile,
        effort,
    }
}

type Entries = Vec<(std::borrow::Cow<'static, str>, Value<'static>)>;

fn described(header: &Header, format: Format, width: u32, height: u32, bytes: Vec<u8>) -> Entries {
    let lossless = matches!(format, Format::Png | Format::WebP);
    [
        ("bytes", bytes.into()),
        ("format", format.name().into()),
        ("width", width.into()),
        ("height", height.into()),
        ("lossless", lossless.into()),
        ("source_format", header.format.name().into()),
        ("source_width", header.width.into()),
        ("source_height", header.height.into()),
        ("frames", header.frames.into()),
        ("animated", (header.frames > 1).into()),
    ]
    .map(|(name, value): (&str, Value<'static>)| (name.into(), value))
    .into()
}

/// Which part of a picture becomes how many pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Plan {
    crop: Crop,
    width: u32,
    height: u32,
}

impl Plan {
    /// For the upright picture of `(width, height)`.
    fn resize(
        (width, height): (u32, u32),
        asked: (Option<u32>, Option<u32>),
        fit: Fit,
        enlarge: bool,
    ) -> Plan {
        let (w, h) = (f64::from(width), f64::from(height));
        let (wide, high) = (
            asked.0.map(|side| f64::from(side) / w),
            asked.1.map(|side| f64::from(side) / h),
        );
        let limit = |scale: f64| if enlarge { scale } else { scale.min(1.0) };
        let side = |pixels: f64| (pixels.round() as u32).clamp(1, SIDE_MAX);
        let all = Crop {
            left: 0.0,
            top: 0.0,
            width: w,
            height: h,
        };
        match (wide, high, fit) {
            (Some(wide), Some(high), Fit::Fill) => Plan {
                crop: all,
                width: side(w * limit(wide)),
                height: side(h * limit(high)),
            },
            (Some(wide), Some(high), Fit::Cover) => {
                // The box in source pixels at the scale that covers it; without enlarging, the box shrinks instead,
                // and keeps its shape.
                let scale = wide.max(high);
                let (box_w, box_h) = (w * wide, h * high);
                let shrink = limit(scale) / scale;
                let (cut_w, cut_h) = ((box_w / scale).min(w), (box_h / scale).min(h));
                let crop = Crop {
                    left: (w - cut_w) / 2.0,
                    top: (h - cut_h) / 2.0,
                    width: cut_w,
                    height: cut_h,
                };
                Plan {
                    crop,
                    width: side(box_w * shrink),
                    height: side(box_h * shrink),
                }
            }
            _ => {
                // One side may be given, and the other must not pass the cap for it.
                let most = f64::from(SIDE_MAX) / w.max(h);
                let scale = limit(wide.unwrap_or(f64::MAX).min(high.unwrap_or(f64::MAX))).min(most);
                Plan {
                    crop: all,
                    width: side(w * scale),
                    height: side(h * scale),
                }
            }
        }
    }

    /// The same for the picture as it is stored, lying or upside down.
    fn stored(&self, header: &Header) -> Plan {
        let Crop {
            left,
            top,
            width,
            height,
        } = self.crop;
        // Crops are centred, so mirroring changes nothing and only the sides may change places.
        if swaps(header.orientation) {
            let crop = Crop {
                left: top,
                top: left,
                width: height,
                height: width,
            };
            Plan {
                crop,
                width: self.height,
                height: self.width,
            }
        } else {
            *self
        }
    }

    fn changes(&self, picture: &Picture) -> bool {
        self.crop != Crop::all(picture)
            || (self.width, self.height) != (picture.width, picture.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sides(asked: (Option<u32>, Option<u32>), fit: Fit, enlarge: bool) -> (u32, u32) {
        let plan = Plan::resize((400, 300), asked, fit, enlarge);
        (plan.width, plan.height)
    }

    #[test]
    fn sides_follow_the_box() {
        let both = (Some(200), Some(200));
        assert_eq!(sides((Some(200), None), Fit::Contain, false), (200, 150));
        assert_eq!(sides((None, Some(30)), Fit::Cover, false), (40, 30));
        assert_eq!(sides(both, Fit::Contain, false), (200, 150));
        assert_eq!(sides(both, Fit::Cover, false), (200, 200));
        assert_eq!(sides(both, Fit::Fill, false), (200, 200));
        assert_eq!(sides((Some(1), None), Fit::Contain, false), (1, 1));
    }

    #[test]
    fn nothing_is_enlarged_unless_asked() {
        let both = (Some(800), Some(800));
        assert_eq!(sides((Some(800), None), Fit::Contain, false), (400, 300));
        assert_eq!(sides((Some(800), None), Fit::Contain, true), (800, 600));
        assert_eq!(sides(both, Fit::Contain, false), (400, 300));
        assert_eq!(sides(both, Fit::Cover, false), (300, 300));
        assert_eq!(sides(both, Fit::Cover, true), (800, 800));
        assert_eq!(sides(both, Fit::Fill, false), (400, 300));
        assert_eq!(sides((Some(200), Some(800)), Fit::Fill, false), (200, 300));
        assert_eq!(
            sides((Some(8_000), None), Fit::Contain, true),
            (8_000, 6_000)
        );
        assert_eq!(
            sides((None, Some(8_000)), Fit::Contain, true),
            (8_000, 6_000)
        );
    }

    #[test]
    fn covering_cuts_evenly() {
        let plan = Plan::resize((400, 300), (Some(100), Some(100)), Fit::Cover, false);
        assert_eq!(
            plan.crop,
            Crop {
                left: 50.0,
                top: 0.0,
                width: 300.0,
                height: 300.0
            }
        );
    }
}
