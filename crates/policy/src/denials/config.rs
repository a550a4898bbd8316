//! The settings of a denial log, and why there is none.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::Reason;

use crate::denials::spool::SpoolError;

/// The most that a denied caller may be told to wait.
pub const WAIT_MAX: Duration = Duration::from_secs(10);
/// The most actions that `denials_lost` may name.
pub const ACTIONS_MAX: usize = 256;
/// The most reasons that may have a label of their own.
pub const REASONS_MAX: usize = 64;

/// The settings of a denial log.
#[derive(Clone, Debug)]
pub struct DenialLogConfig {
    /// Events that may lie in the queue to the sink: 1,024. The queue to the spool holds as many, and at least 1,024.
    pub capacity: usize,
    /// Bytes that each of the two queues may hold: 8 MiB. One event is always taken.
    pub queue_bytes_max: usize,
    /// How long a denied caller waits for room in the queue: 50 ms, at most [`WAIT_MAX`].
    pub wait: Duration,
    /// Where denials go that the queue does not take. Without one they are lost, and counted.
    pub spool: Option<SpoolConfig>,
    /// One in how many allows is an event; 0, the default, is none.
    pub allow_one_in: u64,
    /// Actions that `denials_lost` names: 100, at most [`ACTIONS_MAX`]. The others share `other`.
    pub actions_max: usize,
    /// Reasons with a label of their own in metrics: those of the contract, at most [`REASONS_MAX`]. The others share `other`.
    pub reasons: Vec<String>,
}

/// A file that takes denials while the sink does not.
#[derive(Clone, Debug)]
pub struct SpoolConfig {
    /// The file; made with mode 0600 where it is missing. Links are refused, and so is a file that another log has open.
    pub path: PathBuf,
    /// What denials may take on the disk: 16 MiB. On top may come one line, at most 128 KiB, in which a log that is closed
    /// says what it lost.
    pub bytes_max: u64,
}

impl SpoolConfig {
    /// A spool of 16 MiB.
    pub fn new(path: impl Into<PathBuf>) -> SpoolConfig {
        SpoolConfig {
            path: path.into(),
            bytes_max: 16 << 20,
        }
    }
}

impl Default for DenialLogConfig {
    fn default() -> DenialLogConfig {
        DenialLogConfig {
            capacity: 1_024,
            queue_bytes_max: 8 << 20,
            wait: Duration::from_millis(50),
            spool: None,
            allow_one_in: 0,
            actions_max: 100,
            reasons: Reason::KNOWN
                .iter()
                .map(|reason| reason.code().to_owned())
                .collect(),
        }
    }
}

impl DenialLogConfig {
    pub(super) fn check(&self) -> Result<(), DenialLogError> {
        let ranged = |name, asked: usize, min: usize, max: usize| {
            let fits = (min..=max).contains(&asked);
            let error = DenialLogError::Range {
                name,
                asked,
                min,
                max,
            };
            if fits { Ok(()) } else { Err(error) }
        };
        let wait_ms = usize::try_from(self.wait.as_millis()).unwrap_or(usize::MAX);
        let wait_ms_max = usize::try_from(WAIT_MAX.as_millis()).unwrap_or(usize::MAX);
        ranged("capacity", self.capacity, 1, 1 << 20)?;
        ranged("wait in ms", wait_ms, 0, wait_ms_max)?;
        ranged("actions_max", self.actions_max, 0, ACTIONS_MAX)?;
        ranged("number of reasons", self.reasons.len(), 0, REASONS_MAX)
    }
}

/// Why there is no denial log.
#[derive(Debug, thiserror::Error)]
pub enum DenialLogError {
    /// A setting is out of its range.
    #[error("`{name}` of the denial log is out of range: asked {asked}, allowed {min} to {max}")]
    Range {
        /// Which.
        name: &'static str,
        /// What it is.
        asked: usize,
        /// The least it may be.
        min: usize,
        /// The most it may be.
        max: usize,
    },
    /// The spool cannot be opened.
    #[error("spool of the denial log is not opened")]
    Spool(#[from] SpoolError),
    /// A thread cannot be started.
    #[error("thread of the denial log is not started")]
    Thread(#[source] io::Error),
}
