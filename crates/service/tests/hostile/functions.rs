//! The typed functions, each asked for something small, asynchronously and blocking.

use wardian_sandbox::Usage;
use wardian_service::ServiceError;
use wardian_service::image::{
    BlurhashOptions, BlurhashPicture, ConvertOptions, CropOptions, Format, Images, OptimizeOptions,
    ResizeOptions, ThumbnailOptions,
};

use crate::common::bmp;

/// What is asked of the guest: a picture of 8 × 6 pixels, and results of 4 × 3 where a size is given.
pub const SOURCE: (u32, u32) = (8, 6);
const HASH: &str = "LEHV6nWB2yk8pyo0adR*.7kCMdnj";

pub type Answered = Result<Option<Usage>, ServiceError>;
/// The functions by name, and how each is asked; the flag says whether the caller blocks.
pub type Asked = (&'static str, fn(&Images, bool) -> Answered);

macro_rules! asked {
    ($name:ident / $blocking:ident ($($argument:expr),*), $usage:expr) => {
        (stringify!($name), |images, blocking| {
            let answer = if blocking {
                images.$blocking($($argument),*)
            } else {
                runtime().block_on(images.$name($($argument),*))
            };
            answer.map($usage)
        })
    };
}

pub const ALL: [Asked; 9] = [
    asked!(
        resize / resize_blocking(source(), ResizeOptions::width(4)),
        |p| Some(p.usage)
    ),
    asked!(
        thumbnail / thumbnail_blocking(source(), ThumbnailOptions::new(4)),
        |p| Some(p.usage)
    ),
    asked!(
        crop / crop_blocking(source(), CropOptions::new(1, 1, 4, 3)),
        |p| Some(p.usage)
    ),
    asked!(
        optimize / optimize_blocking(source(), OptimizeOptions::default()),
        |p| Some(p.usage)
    ),
    asked!(
        convert / convert_blocking(source(), ConvertOptions::new(Format::Png)),
        |p| Some(p.usage)
    ),
    asked!(info / info_blocking(source()), |i| Some(i.usage)),
    asked!(
        blurhash / blurhash_blocking(source(), BlurhashOptions::default()),
        |b| Some(b.usage)
    ),
    asked!(
        blurhash_decode / blurhash_decode_blocking(HASH, small()),
        |p| Some(p.usage)
    ),
    asked!(
        blurhash_data_url / blurhash_data_url_blocking(HASH, small()),
        |_| None
    ),
];

fn source() -> Vec<u8> {
    bmp(SOURCE.0, SOURCE.1)
}

fn small() -> BlurhashPicture {
    BlurhashPicture {
        width: 4,
        height: 3,
        punch: 1.0,
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
}
