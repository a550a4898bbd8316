//! What this guest reports: a stable code for programs, a sentence for people.

use std::fmt::Display;

/// An error with a code that never changes its meaning.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ImageError {
    /// `image.request`, `image.options`, `image.too_many_bytes`, `image.too_large`, `image.too_much_memory`,
    /// `image.unknown_format`, `image.unsupported`, `image.malformed` or `image.encode`.
    pub code: &'static str,
    /// For people.
    pub message: String,
}

impl ImageError {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        ImageError {
            code,
            message: message.into(),
        }
    }

    pub(crate) fn malformed(format: &str, why: impl Display) -> Self {
        ImageError::new(
            "image.malformed",
            format!("the {format} cannot be decoded: {why}"),
        )
    }

    pub(crate) fn unsupported(what: impl Into<String>) -> Self {
        ImageError::new("image.unsupported", what)
    }

    pub(crate) fn encode(format: &str, why: impl Display) -> Self {
        ImageError::new(
            "image.encode",
            format!("the {format} cannot be written: {why}"),
        )
    }
}
