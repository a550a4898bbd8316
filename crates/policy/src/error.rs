//! Why there is no policy to ask.

use wardian_sandbox::{LinkError, LoadError};

/// Why a policy cannot be asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PolicyError {
    /// It is no module, or larger than allowed.
    #[error("policy is not loaded")]
    Load(#[source] std::sync::Arc<LoadError>),
    /// It does not export what a policy has to, or imports something.
    #[error("policy does not fit")]
    Link(#[source] std::sync::Arc<LinkError>),
    /// A component that does not export `check` of the world `wardian:policy/checker@1.0.0`.
    #[error("policy does not fit: {0}")]
    Unfit(String),
}

impl PolicyError {
    /// The stable code: `policy.load`, `policy.link`, `policy.unfit`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            PolicyError::Load(_) => "policy.load",
            PolicyError::Link(_) => "policy.link",
            PolicyError::Unfit(_) => "policy.unfit",
        }
    }
}

impl From<LoadError> for PolicyError {
    fn from(error: LoadError) -> PolicyError {
        PolicyError::Load(std::sync::Arc::new(error))
    }
}

impl From<LinkError> for PolicyError {
    fn from(error: LinkError) -> PolicyError {
        PolicyError::Link(std::sync::Arc::new(error))
    }
}
