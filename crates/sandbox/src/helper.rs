//! Compiling in a process of its own, which can be killed: a compile bomb costs its own deadline and nothing else.
//!
//! The parent writes one request and reads one reply; the child sets its own limits before it reads a byte of the
//! module. Nothing the child says is trusted beyond what an artifact is trusted with anyway: lengths are capped, the
//! deadline is the parent's, and the child's whole process group is gone when [`run`] returns.

mod parent;
#[cfg(test)]
mod tests;
mod wire;
mod worker;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::disk::Kind;
use crate::engine::Metering;

pub use parent::{CancelFlag, CancelOnDrop, run};
pub use worker::worker_main;

/// The program that compiles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Helper {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
}

/// What to compile, and within what. The module's bytes travel behind it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// The engine's settings, as whoever compiles understands them.
    pub engine: serde_json::Value,
    /// How the code is interrupted.
    pub metering: Metering,
    /// Core module or component.
    pub kind: Kind,
    /// Wall time for everything, from starting the process to the last byte of its reply.
    pub time_max: Duration,
    /// The process's private writable memory.
    pub memory_bytes_max: u64,
    /// The module's bytes.
    pub module_bytes_max: u64,
    /// The artifact's bytes.
    pub artifact_bytes_max: u64,
}

/// Why there is no artifact.
#[derive(Debug, thiserror::Error)]
pub enum HelperError {
    /// The program could not be started.
    #[error("cannot start the compiler process {program:?}")]
    Spawn {
        /// The program.
        program: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// It was killed at its deadline.
    #[error("compiling took longer than allowed: {} ms", .max.as_millis())]
    Time {
        /// The deadline.
        max: Duration,
    },
    /// It ran out of the memory it may have.
    #[error("compiling needed more memory than allowed: {max} bytes")]
    Memory {
        /// The most it may have.
        max: u64,
    },
    /// It was killed because nobody waits any more.
    #[error("compiling was cancelled")]
    Cancelled,
    /// The module is larger than the job allows.
    #[error("the module is too large: {bytes} bytes, allowed {max} bytes")]
    ModuleTooLarge {
        /// Size of the module.
        bytes: u64,
        /// What the job allows.
        max: u64,
    },
    /// The compiler refused the module.
    #[error("{0}")]
    Compile(String),
    /// The process died, or failed before it came to compiling.
    #[error("the compiler process failed: {how}")]
    Failed {
        /// How it ended.
        how: String,
        /// The last it wrote to its standard error.
        stderr: String,
    },
    /// The process did not keep to the protocol.
    #[error("the compiler process gave no valid answer: {problem}")]
    Protocol {
        /// What was wrong.
        problem: String,
        /// The last it wrote to its standard error.
        stderr: String,
    },
}
