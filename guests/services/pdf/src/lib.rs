//! PDFs in the sandbox: HTML and CSS laid out on pages; PDFs merged and looked into.
//!
//! The library part compiles natively too, so that it is tested and measured without a sandbox; [`call`] is the one way
//! in for both. On `wasm32` the kit gives it the Service ABI.
//!
//! The way of a document: bytes become a tree (`dom`) as a browser makes one; style sheets become rules (`css`) and
//! rules styles (`style`); the tree becomes boxes (`boxes`), which are laid out on one page without an end
//! (`layout`), cut into pages (`pages`) and painted (`paint`). `render` leads through.
//!
//! Every byte of input is hostile: the document, its style sheets, and the fonts and pictures that come with it. Nothing
//! is fetched and nothing opened; what a document refers to is in it or was passed along. [Limits](budget) are looked at
//! before space is made.

mod boxes;
pub mod budget;
mod css;
mod dom;
mod error;
mod file;
mod fonts;
mod functions;
mod layout;
mod pages;
mod paint;
mod picture;
mod render;
mod style;
mod warning;

use wardian_abi::{Arguments, DecodeLimits, Value};

pub use error::PdfError;

/// The functions of this guest, as they are exported.
pub const FUNCTIONS: [&str; 3] = ["render", "merge", "info"];

#[cfg(target_arch = "wasm32")]
wardian_guest_kit::exports!(crate::call: render, merge, info);

/// What the arguments of a request may consist of.
const REQUEST: DecodeLimits = DecodeLimits {
    depth_max: 4,
    values_max: 2_048,
};

/// Answers the request of a function, both in the Service ABI's form.
#[must_use]
pub fn call(function: &str, request: &[u8]) -> Vec<u8> {
    wardian_guest_kit::respond(request, &REQUEST, "pdf.request", |arguments| {
        answer(function, arguments).map_err(|error| (error.code, error.message))
    })
}

fn answer(function: &str, arguments: &Arguments<'_>) -> Result<Value<'static>, PdfError> {
    match function {
        "render" => functions::render(arguments),
        "merge" => functions::merge(arguments),
        "info" => functions::info(arguments),
        _ => Err(PdfError::new(
            "pdf.request",
            format!("there is no function {function:?}"),
        )),
    }
}
