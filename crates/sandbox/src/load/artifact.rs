//! From an artifact to code that can run: the two places where the engine has to be told that it may.

use crate::disk::{Entry, Kind};
use crate::module::Compiled;

/// Maps an artifact whose descriptor has been authenticated.
#[allow(
    unsafe_code,
    reason = "mapping machine code is what the engine calls unsafe"
)]
pub(super) fn open(
    engine: &wasmtime::Engine,
    kind: Kind,
    entry: Entry,
) -> wasmtime::Result<Compiled> {
    match kind {
        // SAFETY: the descriptor's whole contents were authenticated, and its directory admits nobody who could forge
        // them: it and the file are ours, or root's where they were compiled ahead, and nobody else may write there. So
        // it is an artifact that our compiler made. The cache never rewrites an entry in place; who replaces modules
        // compiled ahead has the duties of one who replaces a shared library, and `AheadConfig` says so.
        // Tests: `disk::tests`, `tests/cache.rs`, `tests/ahead.rs`.
        Kind::Core => unsafe { wasmtime::Module::deserialize_open_file(engine, entry.file) }
            .map(Compiled::Core),
        Kind::Component => {
            let path = entry.descriptor_path();
            // SAFETY: as above; the path names the very descriptor that was authenticated, which is open until after
            // the mapping is made.
            let component =
                unsafe { wasmtime::component::Component::deserialize_file(engine, path) };
            drop(entry);
            component.map(Compiled::Component)
        }
    }
}

/// Loads an artifact that our own compiler, here or in its helper process, has just made.
#[allow(
    unsafe_code,
    reason = "loading machine code is what the engine calls unsafe"
)]
pub(super) fn from_memory(
    engine: &wasmtime::Engine,
    kind: Kind,
    artifact: &[u8],
) -> wasmtime::Result<Compiled> {
    // SAFETY: the bytes come from `Engine::precompile_*` with this engine's settings, in this process or in a child that
    // we started from the operator's path and whose output nobody else can write to. Tests: `tests/load.rs`.
    match kind {
        Kind::Core => {
            unsafe { wasmtime::Module::deserialize(engine, artifact) }.map(Compiled::Core)
        }
        Kind::Component => unsafe { wasmtime::component::Component::deserialize(engine, artifact) }
            .map(Compiled::Component),
    }
}
