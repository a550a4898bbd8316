#![doc = "Runs untrusted WebAssembly inside a host program."]
pub mod assemblyscript;
pub mod inspect;
pub mod text;
pub mod wasi;
