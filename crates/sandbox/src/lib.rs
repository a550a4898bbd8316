//! Runs untrusted WebAssembly inside a host program.

#[doc(hidden)]
pub mod caps;
#[doc(hidden)]
pub mod disk;
#[doc(hidden)]
pub mod helper;
