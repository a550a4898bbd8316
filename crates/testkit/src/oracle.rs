//! Oracles: functions that take any bytes, do something with them, and panic where a promise is broken.
//!
//! A fuzz target is one line over one of them, and the tests of this crate run the same functions over the seeds and
//! over random bytes. They know the crates that they judge, which the rest of the testkit does not: hence the feature.
#![expect(
    clippy::panic,
    reason = "an oracle answers by panicking, as an assertion does"
)]

mod abi;
mod debug;
mod image;
mod inspect;
mod load_and_call;
mod machine;
mod pdf;
mod policy;
mod said;
mod sheet;
mod stage;
mod text;

pub use abi::abi;
pub use debug::debug;
pub use image::image;
pub use inspect::inspect;
pub use load_and_call::load_and_call;
pub use machine::machine;
pub use pdf::pdf;
pub use policy::policy;
pub use sheet::sheet;
pub use text::text;

/// An oracle: any bytes in, a panic where a promise is broken.
pub type Oracle = fn(&[u8]);

/// All of them, by the names of their fuzz targets.
pub const ALL: [(&str, Oracle); 10] = [
    ("abi", abi),
    ("debug", debug),
    ("image", image),
    ("inspect", inspect),
    ("load_and_call", load_and_call),
    ("machine", machine),
    ("pdf", pdf),
    ("policy", policy),
    ("sheet", sheet),
    ("text", text),
];
