//! Policies that Open Policy Agent compiled to WebAssembly, as ordinary self-contained policy modules.
//!
//! Such a module (ABI 1.x) imports its memory and calls its host for builtins; a pool wants a module that brings its
//! memory and can be set up before it is copied. So its bytes are rewritten once, and what runs is an ordinary module:
//! `memory`, `alloc`, `policy_load`, `policy_check`, and two questions, `policy_entrypoints` and `policy_builtins`, whose
//! answers only running code knows. The choice is to rewrite bytes instead of to run OPA's ABI by hand, because then
//! limits, pool, snapshot and metrics are those of every other policy.
//!
//! 1. [`adapt`] with the defaults; call `policy_entrypoints` and `policy_builtins` of the result.
//! 2. [`entrypoint`] and [`BuiltinTable::read`] on the two texts.
//! 3. [`adapt`] again with the entrypoint, and [`Options::host_builtins`] unless the table is empty.
//! 4. `policy_load` once with the data document, a snapshot, and `policy_check` on pristine copies of it.
//! 5. [`read_answer`] on what comes out.
//!
//! [`prepare`] does the first three and the snapshot, [`OpaChecker`] the rest.

mod answer;
mod body;
mod builtin;
mod checker;
mod entry;
mod prepare;
mod problem;
mod rewrite;
mod shape;
mod term;

pub use answer::{Answer, REASON_BYTES_MAX, read_answer};
pub use builtin::{ARGS_BYTES_MAX, BuiltinTable, Fault, MissingBuiltin, OUT_BYTES_MAX, Said, call};
pub use checker::{BUILTIN_CALLS_MAX, OpaChecker};
pub use entry::entrypoint;
pub use prepare::{DATA_BYTES_MAX, prepare};
pub use problem::{Misfit, OpaProblem};
pub use term::{Term, Unreadable};

/// The module of the one import that an adapted module may have.
pub const HOST_MODULE: &str = "wardian:opa";
/// The name of that import: `(id: i32, args_ptr: i32, args_len: i32, out_ptr: i32, out_cap: i32) -> i64`.
pub const HOST_BUILTIN: &str = "builtin";

/// What a module is adapted to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The entrypoint that `policy_check` evaluates; 0 is the first that was given to `opa build -e`.
    pub entrypoint: u32,
    /// Pages of 64 KiB that the memory may have at most; a lower maximum of the module's own is kept.
    pub memory_pages_max: u32,
    /// Whether builtins are asked of the host. Otherwise the module imports nothing, and calling one traps.
    pub host_builtins: bool,
}

impl Default for Options {
    /// The first entrypoint, 16 MiB, no builtins.
    fn default() -> Options {
        Options {
            entrypoint: 0,
            memory_pages_max: 256,
            host_builtins: false,
        }
    }
}

/// Rewrites a module that OPA compiled into one that stands for itself.
///
/// The result exports `memory`, `alloc(i32) -> i32`, `policy_load(ptr, len) -> i64`, `policy_check(ptr, len) -> i64`,
/// `policy_entrypoints(ptr, len) -> i64` and `policy_builtins(ptr, len) -> i64` beside what it exported before. Without
/// `policy_load` it evaluates over an empty data document. It costs a validation and a copy of the module.
///
/// # Errors
/// [`OpaProblem`], with all that does not fit at once.
pub fn adapt(module: &[u8], options: &Options) -> Result<Vec<u8>, OpaProblem> {
    let shape = shape::Shape::read(module)?;
    let opa = shape.checked(options)?;
    rewrite::rewrite(module, &opa)
}
