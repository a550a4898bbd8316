//! Runs untrusted WebAssembly inside a host program.
#![deny(missing_docs)]
#![deny(clippy::indexing_slicing)]

#[doc(hidden)]
pub mod caps;
#[doc(hidden)]
pub mod disk;
#[doc(hidden)]
pub mod helper;
