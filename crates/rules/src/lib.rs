//! The built-in policy decision: may this actor do this?
//!
//! One source for the host and for the guest that `wardian policy build` makes, so that a decision does not depend on where
//! it is taken. `no_std` with `alloc`, no `unsafe`, and no I/O.
//!
//! - [`Input`]: what is asked. [`Input::from_json`] is strict: what it does not know it refuses.
//! - [`Policy`]: what a document allows; [`Policy::from_json`] gives every problem with its place.
//! - [`Policy::decide`]: the [`Decision`].
//! - [`Decision::to_json`]: the bytes of the answer, the same from every checker.
//!
//! ```
//! use wardian_rules::{Decision, Input, Policy, Reason};
//!
//! let policy = Policy::from_json(br#"{"hosts": ["api.example.com"], "env": {"allow": ["HOME"]}}"#)?;
//! let ask = |json: &str| Input::from_json(json.as_bytes()).map(|input| policy.decide(&input));
//!
//! let fetch = r#"{"action": "http.outbound", "resource": {"kind": "host", "id": "API.example.com"}}"#;
//! assert_eq!(ask(fetch)?, Decision::Allow);
//!
//! let other = r#"{"action": "env.read", "resource": {"kind": "env_var", "id": "PATH"}}"#;
//! assert_eq!(ask(other)?, Decision::Deny(Reason::NotInAllowlist));
//! assert_eq!(ask(other)?.to_json(), r#"{"kind":"deny","reason":"not_in_allowlist"}"#);
//! # Ok::<(), wardian_rules::Problems>(())
//! ```
#![no_std]
#![deny(missing_docs, clippy::indexing_slicing)]

extern crate alloc;

mod action;
mod decision;
mod document;
mod input;
mod policy;
mod problem;
mod tree;

pub use action::{Action, Kind};
pub use decision::{Decision, Reason};
pub use document::{DOCUMENT_BYTES_MAX, ENTRIES_MAX, ENTRY_BYTES_MAX};
pub use input::{Actor, Env, INPUT_BYTES_MAX, Input, Resource};
pub use policy::Policy;
pub use problem::{Flaw, PROBLEMS_MAX, Problem, Problems};
