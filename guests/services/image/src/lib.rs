//! Pictures in the sandbox: decode, turn upright, resample, encode.
//!
//! The library part compiles natively too, so that it is tested and measured without a sandbox; [`call`] is the one way
//! in for both. `export` is the thin layer that gives it the Service ABI on `wasm32`.
//!
//! Every byte of input is hostile. What a picture will take is worked out from its header and compared with the
//! [limits](budget) before space is made for it.

pub mod budget;
mod decode;
mod encode;
mod error;
#[cfg(target_arch = "wasm32")]
mod export;
mod format;
mod functions;
mod hash;
mod options;
mod orient;
mod picture;
mod resample;

use wardian_abi::{Arguments, DecodeLimits, Response, Value};

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

/// Answers the request of a function, both in the Service ABI's form.
#[must_use]
pub fn call(function: &str, request: &[u8]) -> Vec<u8> {
    let response = match answer(function, request) {
        Ok(value) => Response::Ok(value),
        Err(error) => Response::err(error.code, error.message),
    };
    // What an answer holds always has a form in MessagePack; were it not so, an empty answer is no valid one either.
    response.encode().unwrap_or_default()
}

fn answer(function: &str, request: &[u8]) -> Result<Value<'static>, ImageError> {
    let limits = DecodeLimits {
        depth_max: 4,
        values_max: 64,
    };
    let arguments = Arguments::decode(request, &limits)
        .map_err(|error| ImageError::new("image.request", error.to_string()))?;
    match function {
        "resize" => functions::resize(&arguments),
        "thumbnail" => functions::thumbnail(&arguments),
        "crop" => functions::crop(&arguments),
        "optimize" => functions::optimize(&arguments),
        "convert" => functions::convert(&arguments),
        "info" => functions::info(&arguments),
        "blurhash" => functions::blurhash(&arguments),
        "blurhash_decode" => functions::blurhash_decode(&arguments),
        _ => Err(ImageError::new(
            "image.request",
            format!("there is no function {function:?}"),
        )),
    }
}
