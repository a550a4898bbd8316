//! Why a module is not loaded, in the loader's own terms: caps, the compiler's words, the helper's endings.

use crate::caps::{self, Cap, Caps, CapsError};
use crate::config::LoadLimits;
use crate::error::LoadError;
use crate::helper::HelperError;
use crate::limits::Limit;
use crate::text::clean;

pub(crate) fn static_caps(limits: &LoadLimits) -> Caps {
    Caps {
        module_bytes_max: limits.module_bytes_max,
        functions_max: limits.functions_max,
        body_bytes_max: limits.body_bytes_max,
        ..Caps::default()
    }
}

pub(crate) fn too_large(error: CapsError) -> LoadError {
    match error {
        CapsError::Malformed { .. } => LoadError::Invalid(clean(error.to_string().as_bytes(), 512)),
        CapsError::Exceeded(violations) => {
            let problem = |v: &caps::Violation| {
                let which = match v.cap {
                    Cap::ModuleBytes => Limit::ModuleBytes,
                    Cap::Functions => Limit::Functions,
                    Cap::BodyBytes => Limit::BodyBytes,
                    _ => Limit::Parts,
                };
                (which, v.found, v.max)
            };
            LoadError::Limits {
                problems: violations.iter().map(problem).collect(),
            }
        }
    }
}

/// The compiler's text names the module's own parts, so it is the guest's text.
pub(crate) fn invalid(text: &str) -> LoadError {
    LoadError::Invalid(clean(text.as_bytes(), 1024))
}

/// A module that no slot of the pool can hold: an error of the engine's without a type, but with both numbers.
pub(crate) fn too_many(text: &str) -> LoadError {
    let numbers: Vec<u64> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|n| n.parse().ok())
        .collect();
    match (
        text.contains("exceeds the"),
        numbers.first(),
        numbers.last(),
    ) {
        (true, Some(&asked), Some(&max)) if asked > max => LoadError::Limits {
            problems: vec![(Limit::Parts, asked, max)],
        },
        _ => invalid(text),
    }
}

pub(crate) fn helper_error(error: HelperError) -> LoadError {
    let limit = |which, max: u64| LoadError::Limits {
        problems: vec![(which, max.saturating_add(1), max)],
    };
    match error {
        HelperError::Time { max } => limit(
            Limit::CompileTime,
            u64::try_from(max.as_millis()).unwrap_or(u64::MAX),
        ),
        HelperError::Memory { max } => limit(Limit::CompileMemory, max),
        HelperError::ModuleTooLarge { bytes, max } => LoadError::Limits {
            problems: vec![(Limit::ModuleBytes, bytes, max)],
        },
        HelperError::Cancelled => LoadError::Cancelled,
        HelperError::Compile(text) => invalid(&text),
        other => LoadError::Compiler(clean(format!("{other}").as_bytes(), 1024)),
    }
}
