//! Why a policy cannot be made.

use wardian_rules::Problems;
use wardian_sandbox::SnapshotError;

/// Why no policy was made.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// The document is none; all that is wrong with it.
    #[error("not a policy document")]
    Document(#[source] Problems),
    /// The source is none; all that is wrong with it.
    #[error("{}", .0.join("\n"))]
    Source(Vec<String>),
    /// The guest that reads the source failed.
    #[error("the policy cannot be set up")]
    Snapshot(#[from] SnapshotError),
    /// What was set up cannot be written.
    #[error("the policy cannot be kept")]
    Trim(#[from] super::trim::TrimError),
    /// No component can be made of it.
    #[error("no component is made")]
    Component(#[from] super::ComponentizeError),
    /// It is no policy of OPA's that runs here.
    #[cfg(feature = "opa")]
    #[error(transparent)]
    Opa(#[from] crate::opa::OpaProblem),
    /// The crate makes no policy.
    #[error("no policy is made of the crate")]
    Crate(#[from] super::CrateError),
}

impl MakeError {
    /// The stable code: `make.document`, `make.source`, `make.keep`, `make.component`, `make.crate`, `make.opa`, or that of the snapshot.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            MakeError::Document(_) => "make.document",
            MakeError::Source(_) => "make.source",
            MakeError::Snapshot(error) => error.code(),
            MakeError::Trim(_) => "make.keep",
            MakeError::Component(_) => "make.component",
            #[cfg(feature = "opa")]
            MakeError::Opa(_) => "make.opa",
            MakeError::Crate(_) => "make.crate",
        }
    }

    /// What to do about it, where that is not plain from the message.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            #[cfg(feature = "opa")]
            MakeError::Opa(error) => error.hint().map(Into::into),
            MakeError::Crate(error) => error.hint(),
            _ => None,
        }
    }
}
