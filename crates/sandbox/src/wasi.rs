//! WASI preview 1, denied: a module built for `wasip1` links, runs and learns nothing.
//!
//! No arguments, environment, files or network. File descriptor 0 is at its end, 1 and 2 go to the host's log, every
//! other one is `badf`. Randomness is seeded by the host. The clock is the host's too: it starts at a fixed time and
//! moves **only** when the guest sleeps in `poll_oneoff`, by exactly the time asked for; the sleep itself returns at
//! once. So a guest that sleeps gets on with its work, two runs read the same times, and a guest that spins until the
//! clock moves is ended by its fuel or deadline like any other spinning guest.
//!
//! `wasi_unstable` is not offered: its records have other layouts.

mod abi;
mod denied;
mod descriptors;
mod poll;
mod process;
mod state;
#[cfg(test)]
mod tests;

use wasmtime::{Error, Linker, Result};

pub use state::WasiState;

/// The module name under which a guest imports these functions.
pub const MODULE: &str = "wasi_snapshot_preview1";

/// Where a guest's output comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// File descriptor 1.
    Out,
    /// File descriptor 2.
    Err,
}

/// What the store's data has to offer for [`link`].
///
/// An error that one of these methods returns ends the call and comes out of it unchanged.
pub trait WasiHost {
    /// The state of this call.
    fn wasi(&mut self) -> &mut WasiState;

    /// Takes what the guest wrote: a slice of its memory, at most 64 KiB at a time.
    ///
    /// # Errors
    /// Whatever should end the call, a log limit for one.
    fn output(&mut self, stream: Stream, bytes: &[u8]) -> Result<()>;

    /// Counts one host call; comes before anything else is done.
    ///
    /// # Errors
    /// The limit on host calls, where it is passed.
    fn count_call(&mut self) -> Result<()>;

    /// Takes `fuel` for the host's work out of what the engine has `left`. Not by setting the engine's fuel: that would
    /// begin the engine's interval between yields anew each time, and a guest that does nothing but call would never
    /// come to its deadline.
    ///
    /// # Errors
    /// When the fuel is used up.
    fn charge(&mut self, fuel: u64, left: u64) -> Result<()>;

    /// The error with which `proc_exit(code)` ends the call, for 0 too.
    fn exit(&mut self, code: u32) -> Error;
}

/// Defines every function of `wasi_snapshot_preview1` in `linker`.
///
/// # Errors
/// When a name is defined there already.
pub fn link<T: WasiHost + Send + 'static>(linker: &mut Linker<T>) -> Result<()> {
    process::link(linker)?;
    descriptors::link(linker)?;
    poll::link(linker)?;
    denied::link(linker)
}
