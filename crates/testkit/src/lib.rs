//! What the tests of several crates share. A dev-dependency only; nothing that ships may depend on it.
//!
//! It knows no other crate of the workspace, so that each of them can use it in its tests.
#![warn(missing_docs)]

pub mod guests;
pub mod hostile;
