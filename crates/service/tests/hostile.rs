//! The hostile corpus in the place of the image guest: every typed function answers with a typed error, in time, and
//! the real guest beside it works as before.
//!
//! One line per file in the runner's output; `guests/hostile/README.md` describes the files.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

#[path = "hostile/functions.rs"]
mod functions;
#[path = "hostile/play.rs"]
mod play;

mod common;

fn main() -> std::process::ExitCode {
    wardian_testkit::hostile::stage::run::<play::Service>()
}
