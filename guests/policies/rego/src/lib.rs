//! A Rego policy as a guest.
//!
//! [`load`] reads a document of Rego modules and compiles them, [`Loaded::decide`] answers one question. The exports around
//! both are in `exports`: a host calls `policy_load` once, keeps the memory as it is then, and begins every `policy_check`
//! with it. What a question costs is therefore what evaluation itself costs: nothing is parsed but the input.
//!
//! The engine is `regorus`. Its virtual machine evaluates what it evaluates rightly; the rest, such as `with`, `walk` and
//! `every`, its interpreter does, several times slower ([`Loaded::evaluator`] tells which).
//!
//! Whatever is not clearly a yes is a no: undefined, an error, and a value that is no decision.
#![deny(missing_docs, clippy::indexing_slicing)]
#![cfg_attr(not(target_arch = "wasm32"), forbid(unsafe_code))]

mod builtins;
mod compile;
mod dates;
mod decision;
mod document;
#[cfg(target_arch = "wasm32")]
mod exports;
mod glob;
mod json;
mod loaded;
mod machine;
#[cfg(target_arch = "wasm32")]
mod memory;
mod patterns;
mod places;
mod problem;

pub use decision::{Answer, REASON_BYTES_MAX};
pub use document::{DOCUMENT_BYTES_MAX, MODULES_MAX};
pub use loaded::{Evaluator, Loaded, load, load_interpreted};
pub use problem::Problems;
