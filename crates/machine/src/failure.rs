//! Why a guard, an action or a service gave no answer.

use std::borrow::Cow;
use std::sync::Arc;

/// A cause, with a stable code.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// Stable, such as `guard.timeout`.
    pub code: Cow<'static, str>,
    /// For people.
    pub message: String,
    /// What it came from.
    #[source]
    pub source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Failure {
    /// A cause of its own.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Failure {
        Failure {
            code: code.into(),
            message: message.into(),
            source: None,
        }
    }

    /// The same with what it came from.
    #[must_use]
    pub fn from_source(
        mut self,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Failure {
        self.source = Some(Arc::new(source));
        self
    }
}

/// What a guard says.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// The transition may be taken.
    Pass,
    /// It may not, and perhaps why.
    Block {
        /// For people.
        reason: Option<String>,
    },
    /// There is no answer. Blocks whatever surrounds it, a negation too.
    Error(Failure),
}

impl From<bool> for Verdict {
    fn from(passes: bool) -> Verdict {
        match passes {
            true => Verdict::Pass,
            false => Verdict::Block { reason: None },
        }
    }
}

impl From<Result<bool, Failure>> for Verdict {
    fn from(answer: Result<bool, Failure>) -> Verdict {
        answer.map_or_else(Verdict::Error, Verdict::from)
    }
}
