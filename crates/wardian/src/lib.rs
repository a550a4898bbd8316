//! Wardian runs untrusted WebAssembly inside a host program: safe by default, fast enough to use on every request,
//! observable when it fails. One crate to add, one feature per binding.

pub use wardian_sandbox as sandbox;
