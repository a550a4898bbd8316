//! What the tests of several crates share. A dev-dependency only; nothing that ships may depend on it.
//!
//! Without features it knows no other crate of the workspace, so that each of them can use it in its tests. With
//! `sandbox` it plays the hostile corpus on a binding; with `oracle` it judges what any bytes lead to.
#![warn(missing_docs)]

pub mod guests;
pub mod hostile;
#[cfg(feature = "oracle")]
pub mod oracle;
pub mod policy;
pub mod random;
pub mod swaps;
