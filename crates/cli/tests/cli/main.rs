//! The real binary, driven as a shell would.

mod call;
mod demo;
mod exit_codes;
mod files;
mod help;
mod image;
mod interrupt;
mod module;
mod place;
