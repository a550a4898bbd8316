//! The real binary, driven as a shell would.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what it expected"
)]

mod call;
mod compiling;
mod demo;
mod exit_codes;
mod files;
mod help;
mod image;
mod interrupt;
mod module;
mod place;
mod warm;
