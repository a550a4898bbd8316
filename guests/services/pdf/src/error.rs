//! What this guest reports: a stable code for programs, a sentence for people.

/// An error with a code that never changes its meaning.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PdfError {
    /// `pdf.request`, `pdf.options`, `pdf.too_many_bytes`, `pdf.too_many_pages`, `pdf.malformed`, `pdf.encrypted` or
    /// `pdf.write`.
    pub code: &'static str,
    /// For people.
    pub message: String,
}

impl PdfError {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        PdfError {
            code,
            message: message.into(),
        }
    }

    pub(crate) fn options(message: String) -> Self {
        PdfError::new("pdf.options", message)
    }
}
