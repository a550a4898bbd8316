//! Why a module is no guard, or an evaluation no answer.

use wardian_machine::Failure;
use wardian_sandbox::{CallError, LinkError, LoadError};

/// Why there is no module, or no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum GuardError {
    /// It is no module, or larger than allowed.
    #[error("guard is not loaded")]
    Load(#[source] std::sync::Arc<LoadError>),
    /// It does not export what a guard has to, or imports what nobody defines.
    #[error("guard does not fit")]
    Link(#[source] std::sync::Arc<LinkError>),
    /// Its custom section `wardian:guard` is not understood.
    #[error("custom section `wardian:guard`: {0}")]
    Section(String),
    /// The request is longer than the module takes.
    #[error("request passes the guard's limit: asked {bytes} bytes, allowed {max} bytes")]
    RequestTooLarge {
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        max: usize,
    },
    /// The context cannot be written as JSON.
    #[error("request cannot be written: {0}")]
    Request(String),
    /// It trapped, passed a limit, was cancelled.
    #[error(transparent)]
    Call(#[from] CallError),
    /// It answered, and not as the contract says.
    #[error("guard broke its contract: {0}")]
    Answer(String),
    /// It says that it failed.
    #[error("guest failed: {0}")]
    Failed(String),
}

impl GuardError {
    /// Stable: `guard.load`, `guard.link`, `guard.section`, `guard.request`, `guard.request_too_large`, `guard.answer`,
    /// `guard.failed`, or the code of the call's ending, such as `trap` and `limit.deadline`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            GuardError::Load(_) => "guard.load",
            GuardError::Link(_) => "guard.link",
            GuardError::Section(_) => "guard.section",
            GuardError::RequestTooLarge { .. } => "guard.request_too_large",
            GuardError::Request(_) => "guard.request",
            GuardError::Call(error) => error.code(),
            GuardError::Answer(_) => "guard.answer",
            GuardError::Failed(_) => "guard.failed",
        }
    }
}

impl From<LoadError> for GuardError {
    fn from(error: LoadError) -> GuardError {
        GuardError::Load(std::sync::Arc::new(error))
    }
}

impl From<LinkError> for GuardError {
    fn from(error: LinkError) -> GuardError {
        GuardError::Link(std::sync::Arc::new(error))
    }
}

impl From<GuardError> for Failure {
    fn from(error: GuardError) -> Failure {
        Failure::new(error.code(), error.to_string()).from_source(error)
    }
}
