//! Pictures in the sandbox: decode, turn upright, resample, encode.
//!
//! The library part compiles natively too, so that it is tested and measured without a sandbox; [`call`] is the one way
//! in for both. On `wasm32` the kit gives it the Service ABI.
//!
//! Every byte of input is hostile. What a picture will take is worked out from its header and compared with the
//! [limits](budget) before space is made for it.

pub mod budget;
mod decode;
mod encode;
mod error;
mod format;
mod functions;
mod hash;
mod options;
mod orient;
mod picture;
mod resample;

use wardian_abi::{Arguments, DecodeLimits, Value};

pub use error::ImageError;

/// The functions of this guest, as they are exported.
pub const FUNCTIONS: [&str; 8] = [
    "resize",
    "thumbnail",
    "crop",
    "optimize",
    "convert",
    "info",
    "blurhash",
    "blurhash_decode",
];

#[cfg(target_arch = "wasm32")]
wardian_guest_kit::exports!(crate::call: resize, thumbnail, crop, optimize, convert, info, blurhash, blurhash_decode);

/// What the arguments of a request may consist of.
const REQUEST: DecodeLimits = DecodeLimits {
    depth_max: 4,
    values_max: 64,
};

/// Answers the request of a function, both in the Service ABI's form.
#[must_use]
pub fn call(function: &str, request: &[u8]) -> Vec<u8> {
    wardian_guest_kit::respond(request, &REQUEST, "image.request", |arguments| {
        answer(function, arguments).map_err(|error| (error.code, error.message))
    })
}

fn answer(function: &str, arguments: &Arguments<'_>) -> Result<Value<'static>, ImageError> {
    match function {
        "resize" => functions::resize(arguments),
        "thumbnail" => functions::thumbnail(arguments),
        "crop" => functions::crop(arguments),
        "optimize" => functions::optimize(arguments),
        "convert" => functions::convert(arguments),
        "info" => functions::info(arguments),
        "blurhash" => functions::blurhash(arguments),
        "blurhash_decode" => functions::blurhash_decode(arguments),
        _ => Err(ImageError::new(
            "image.request",
            format!("there is no function {function:?}"),
        )),
    }
}
