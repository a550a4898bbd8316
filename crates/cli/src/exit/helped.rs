//! What a service said, where the command has options that help against it.

use std::error::Error;
use std::fmt;

use wardian_sandbox::CallError;
use wardian_service::ServiceError;

use super::{ANSWER, GUEST, Verdict, hint};

/// An error of a service, with its code in the message and perhaps a hint.
#[derive(Debug)]
pub(crate) struct Helped {
    error: ServiceError,
    hint: Option<String>,
}

impl Helped {
    /// For a command that takes `--limit`. `refused` knows what helps where the guest refused something of this code.
    pub(crate) fn by_options(
        error: ServiceError,
        refused: impl FnOnce(&'static str) -> Option<&'static str>,
    ) -> Helped {
        let hint = match &error {
            ServiceError::Call {
                source: CallError::Limit { which, max, .. },
                ..
            } => hint::limit(*which, *max),
            ServiceError::Refused { code, .. } => refused(code).map(String::from),
            _ => None,
        };
        Helped { error, hint }
    }

    pub(super) fn error(&self) -> &ServiceError {
        &self.error
    }

    pub(super) fn hint(&self) -> Option<String> {
        self.hint.clone()
    }
}

impl fmt::Display for Helped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.error, self.error.code())
    }
}

impl Error for Helped {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

impl Verdict {
    pub(super) fn of_service(error: &ServiceError) -> Verdict {
        match error {
            ServiceError::Load(error) => Verdict::of_load(error),
            ServiceError::Link(error) => Verdict::of_link(error),
            // Its limits are the service's own: there is no option that raises them.
            ServiceError::Call { source, .. } => Verdict {
                hint: None,
                ..Verdict::of_call(source)
            },
            ServiceError::Refused { code, .. } => Verdict::new(ANSWER, *code, error.blame(), None),
            ServiceError::Answer { .. } => Verdict::new(GUEST, error.code(), error.blame(), None),
        }
    }
}

/// The service's error in a cause.
pub(super) fn service<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a ServiceError> {
    match cause.downcast_ref::<Helped>() {
        Some(helped) => Some(&helped.error),
        None => cause.downcast_ref(),
    }
}
