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
mod guide;
mod help;
mod image;
mod interrupt;
mod machine;
mod many;
mod many_places;
mod many_reports;
mod module;
mod pdf;
mod place;
mod policy;
mod policy_inspect;
mod policy_killed;
mod policy_pins;
mod policy_test;
mod pty;
mod sheet;
mod shells;
mod terminal;
mod warm;
mod workbook;
