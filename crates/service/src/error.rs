//! How a service can fail: one enum, with a stable code, somebody to blame and what the call used.

use wardian_sandbox::{Blame, CallError, LinkError, LoadError, Usage};

/// Why a service gave no result.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ServiceError {
    /// The embedded guest could not be loaded.
    #[error("the service's guest cannot be loaded")]
    Load(#[from] LoadError),
    /// The embedded guest could not be linked.
    #[error("the service's guest cannot be linked")]
    Link(#[from] LinkError),
    /// The call did not end well: a limit, a trap, a cancellation.
    #[error("the call failed")]
    Call {
        /// How it ended.
        source: CallError,
        /// What it used until then.
        usage: Box<Usage>,
    },
    /// The guest refused what it was given: options out of range, a source that is too large or damaged.
    #[error("{message}")]
    Refused {
        /// Stable, such as `image.options` or `image.malformed`.
        code: &'static str,
        /// What is wrong with the input; all problems at once.
        message: String,
        /// What the call used until then.
        usage: Box<Usage>,
    },
    /// The guest's answer is not what its contract says.
    #[error("the service's guest broke its contract: {what}")]
    Answer {
        /// What is wrong with it.
        what: String,
        /// What the call used.
        usage: Box<Usage>,
    },
}

impl ServiceError {
    /// The stable code: the sandbox's own, the service's, or `contract`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            ServiceError::Load(error) => error.code(),
            ServiceError::Link(error) => error.code(),
            ServiceError::Call { source, .. } => source.code(),
            ServiceError::Refused { code, .. } => code,
            ServiceError::Answer { .. } => "contract",
        }
    }

    /// Who has to do something about it.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            ServiceError::Load(error) => error.blame(),
            ServiceError::Link(error) => error.blame(),
            ServiceError::Call { source, .. } => source.blame(),
            ServiceError::Refused { .. } => Blame::Caller,
            ServiceError::Answer { .. } => Blame::Guest,
        }
    }

    /// What the call used, where there was a call.
    #[must_use]
    pub fn usage(&self) -> Option<&Usage> {
        match self {
            ServiceError::Load(_) | ServiceError::Link(_) => None,
            ServiceError::Call { usage, .. }
            | ServiceError::Refused { usage, .. }
            | ServiceError::Answer { usage, .. } => Some(usage),
        }
    }
}
