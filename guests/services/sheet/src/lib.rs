//! Spreadsheets in the sandbox: XLSX, XLS, ODS and CSV become typed cells, JSON or CSV.
//!
//! The library part compiles natively too, so that it is tested and measured without a sandbox; [`call`] is the one way
//! in for both. On `wasm32` the kit gives it the Service ABI.
//!
//! Every byte of input is hostile. All formats are read as streams into a [`grid`], which holds what was read in the form
//! in which it crosses the wall; [limits](budget) are looked at before space is made.

mod archive;
pub mod budget;
mod csv;
mod error;
mod format;
mod functions;
mod grid;
mod numfmt;
mod ods;
mod options;
mod output;
mod serial;
mod text;
mod workbook;
mod xls;
mod xlsx;
mod xml;

use wardian_abi::{Arguments, DecodeLimits};

pub use error::SheetError;

/// The functions of this guest, as they are exported.
pub const FUNCTIONS: [&str; 2] = ["list", "parse"];

#[cfg(target_arch = "wasm32")]
wardian_guest_kit::exports!(crate::call: list, parse);

/// What the arguments of a request may consist of.
const REQUEST: DecodeLimits = DecodeLimits {
    depth_max: 4,
    values_max: 64,
};

/// Answers the request of a function, both in the Service ABI's form.
#[must_use]
pub fn call(function: &str, request: &[u8]) -> Vec<u8> {
    wardian_guest_kit::respond_encoded(request, &REQUEST, "sheet.request", |arguments| {
        answer(function, arguments).map_err(|error| (error.code, error.message))
    })
}

fn answer(function: &str, arguments: &Arguments<'_>) -> Result<Vec<u8>, SheetError> {
    match function {
        "list" => functions::list(arguments),
        "parse" => functions::parse(arguments),
        _ => Err(SheetError::new(
            "sheet.request",
            format!("there is no function {function:?}"),
        )),
    }
}
