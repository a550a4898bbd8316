//! What this guest reports: a stable code for programs, a sentence for people.

use std::fmt::Display;

/// An error with a code that never changes its meaning.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SheetError {
    /// `sheet.request`, `sheet.options`, `sheet.too_many_bytes`, `sheet.too_large`, `sheet.too_many_cells`,
    /// `sheet.unknown_format`, `sheet.unsupported`, `sheet.encrypted`, `sheet.malformed` or `sheet.no_such_sheet`.
    pub code: &'static str,
    /// For people.
    pub message: String,
}

impl SheetError {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        SheetError {
            code,
            message: message.into(),
        }
    }

    /// The file is damaged or not what it claims to be.
    pub(crate) fn malformed(what: &str, why: impl Display) -> Self {
        let why: String = why.to_string().chars().take(200).collect();
        SheetError::new("sheet.malformed", format!("{what} cannot be read: {why}"))
    }

    /// The file passes a limit.
    pub(crate) fn too_large(message: impl Into<String>) -> Self {
        SheetError::new("sheet.too_large", message)
    }

    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        SheetError::new("sheet.unsupported", message)
    }

    pub(crate) fn encrypted() -> Self {
        SheetError::new(
            "sheet.encrypted",
            "the workbook is encrypted: save it without a password",
        )
    }
}

impl Display for SheetError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for SheetError {}

/// An error on its way through a reader that knows only those of input and output.
impl From<SheetError> for std::io::Error {
    fn from(error: SheetError) -> Self {
        std::io::Error::other(error)
    }
}
