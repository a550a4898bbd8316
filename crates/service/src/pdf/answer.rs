//! What callers get back. Answers come from a guest, so every field is looked for and nothing is taken on trust.
//!
//! That a file begins and ends as a PDF, and that its end points to a table within it, is looked at; what its pages say is
//! not, for that would be the parser of hostile bytes that the guest exists to keep away. Readers of PDFs that came out of
//! the sandbox have as much reason for care as those of any other.

use bytes::Bytes;
use wardian_abi::Value;
use wardian_sandbox::Usage;
use wardian_sandbox::text::clean;

use super::{MERGE_PAGES_MAX, PAGES_MAX};
use crate::fields::{Read, field, flag, text, whole, wrong};

/// Warnings that are handed on.
const WARNINGS_MAX: usize = 50;
/// Characters of a warning that are shown.
const MESSAGE_CHARS_MAX: usize = 500;
/// Bytes of a title that are handed on.
const TITLE_BYTES_MAX: usize = 64 << 10;
/// Bytes at the end of a file within which it says where its table is.
const END_BYTES: usize = 64;

/// A PDF that was made of a document.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The file.
    pub bytes: Bytes,
    /// Its pages.
    pub pages: u32,
    /// What is not as it was meant, each once, at most 50.
    pub warnings: Vec<Warning>,
    /// How many warnings there were beyond those.
    pub more_warnings: u32,
    /// What the call used.
    pub usage: Usage,
}

/// Several PDFs made one.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The file.
    pub bytes: Bytes,
    /// Its pages.
    pub pages: u32,
    /// What the call used.
    pub usage: Usage,
}

/// What is in a PDF, as it says itself.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct PdfInfo {
    /// Its pages.
    pub pages: u32,
    /// Points from left to right of the first page, turned as it is shown.
    pub width: f64,
    /// Points from top to bottom of the first page.
    pub height: f64,
    /// Whether all pages are as large as the first.
    pub uniform: bool,
    /// Bytes of the file.
    pub bytes: u64,
    /// The version of the format, such as `1.7`.
    pub version: String,
    /// Its title. It is the file's own text, and may be any.
    pub title: Option<String>,
    /// What the call used.
    pub usage: Usage,
}

/// What could not be shown as it was meant, while the rest could.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Warning {
    /// What it is about.
    pub kind: WarningKind,
    /// For people: which one, and why. Without control characters; names in it are the document's own.
    pub message: String,
}

/// What a warning is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
pub enum WarningKind {
    /// A picture that cannot be read, is not there, or is too large.
    #[serde(rename = "pdf.image")]
    Image,
    /// A font that cannot be read or is not there.
    #[serde(rename = "pdf.font")]
    Font,
    /// A style sheet that is not there, or more style than is looked at.
    #[serde(rename = "pdf.style")]
    Style,
    /// A link that leads nowhere, or where no link should.
    #[serde(rename = "pdf.link")]
    Link,
    /// A letter that no font has; what the font has for that stands in its place, mostly a box.
    #[serde(rename = "pdf.letter")]
    Letter,
    /// Content that is wider than its page, and hangs over.
    #[serde(rename = "pdf.width")]
    Width,
    /// Elements or boxes that are nested deeper than is looked at.
    #[serde(rename = "pdf.depth")]
    Depth,
}

impl WarningKind {
    const ALL: [WarningKind; 7] = [
        WarningKind::Image,
        WarningKind::Font,
        WarningKind::Style,
        WarningKind::Link,
        WarningKind::Letter,
        WarningKind::Width,
        WarningKind::Depth,
    ];

    /// The stable code: `pdf.image`, `pdf.font` and so on.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            WarningKind::Image => "pdf.image",
            WarningKind::Font => "pdf.font",
            WarningKind::Style => "pdf.style",
            WarningKind::Link => "pdf.link",
            WarningKind::Letter => "pdf.letter",
            WarningKind::Width => "pdf.width",
            WarningKind::Depth => "pdf.depth",
        }
    }

    fn from_code(code: &str) -> Option<WarningKind> {
        WarningKind::ALL
            .into_iter()
            .find(|kind| kind.code() == code)
    }
}

impl Rendered {
    pub(super) fn read(value: &Value<'_>, answer: &Bytes, usage: &Usage) -> Read<Rendered> {
        let warnings = field(value, "warnings")?
            .as_array()
            .ok_or_else(|| wrong(value, "warnings", "array"))?;
        if warnings.len() > WARNINGS_MAX {
            return Err(format!(
                "`warnings` has {} entries, allowed {WARNINGS_MAX}",
                warnings.len()
            ));
        }
        Ok(Rendered {
            bytes: pdf(value, answer)?,
            pages: whole(value, "pages", 1..=PAGES_MAX)?,
            warnings: warnings.iter().map(Warning::read).collect::<Read<_>>()?,
            more_warnings: whole(value, "more_warnings", 0..=u32::MAX)?,
            usage: *usage,
        })
    }
}

impl Merged {
    /// Each of `least` files has a page at least.
    pub(super) fn read(
        value: &Value<'_>,
        answer: &Bytes,
        usage: &Usage,
        least: usize,
    ) -> Read<Merged> {
        let least = u32::try_from(least).unwrap_or(u32::MAX);
        Ok(Merged {
            bytes: pdf(value, answer)?,
            pages: whole(value, "pages", least..=MERGE_PAGES_MAX)?,
            usage: *usage,
        })
    }
}

impl PdfInfo {
    pub(super) fn read(value: &Value<'_>, usage: &Usage, file: &[u8]) -> Read<PdfInfo> {
        let bytes = u32::try_from(file.len()).unwrap_or(u32::MAX);
        let title = match value.get("title") {
            None | Some(Value::Nil) => None,
            Some(Value::Str(title)) if title.len() <= TITLE_BYTES_MAX => Some(title.to_string()),
            Some(Value::Str(_)) => {
                return Err(format!("`title` has more than {TITLE_BYTES_MAX} bytes"));
            }
            Some(_) => return Err(wrong(value, "title", "str")),
        };
        let version = text(value, "version")?;
        let digits = |c: char| c.is_ascii_digit() || c == '.';
        if version.is_empty() || version.len() > 8 || !version.chars().all(digits) {
            return Err("`version` is none".into());
        }
        Ok(PdfInfo {
            pages: whole(value, "pages", 1..=u32::MAX)?,
            width: side(value, "width")?,
            height: side(value, "height")?,
            uniform: flag(value, "uniform", false)?,
            bytes: whole(value, "bytes", bytes..=bytes)?.into(),
            version: version.to_owned(),
            title,
            usage: *usage,
        })
    }
}

impl Warning {
    fn read(value: &Value<'_>) -> Read<Warning> {
        let code = text(value, "code")?;
        let kind = WarningKind::from_code(code)
            .ok_or_else(|| "the `code` of a warning names none".to_owned())?;
        let message = clean(text(value, "message")?.as_bytes(), MESSAGE_CHARS_MAX);
        Ok(Warning { kind, message })
    }
}

/// Points, which a file may say as it likes, but not that there are none.
fn side(value: &Value<'_>, name: &str) -> Read<f64> {
    let found = field(value, name)?.as_float();
    let found = found.ok_or_else(|| wrong(value, name, "float"))?;
    if found.is_finite() && found > 0.0 {
        return Ok(found);
    }
    Err(format!("`{name}` is {found}, which no page has"))
}

/// The file of an answer, sharing its bytes.
fn pdf(value: &Value<'_>, answer: &Bytes) -> Read<Bytes> {
    let bytes = field(value, "pdf")?.as_bytes();
    let bytes = bytes.ok_or_else(|| wrong(value, "pdf", "bin"))?;
    if !bytes.starts_with(b"%PDF-") {
        return Err("`pdf` does not begin like one".into());
    }
    if !has_table(bytes) {
        return Err("`pdf` does not end like one".into());
    }
    Ok(answer.slice_ref(bytes))
}

/// Whether it ends with `startxref`, a place within the file, and `%%EOF`; and whether something stands at that place
/// that can be a table of its objects.
fn has_table(bytes: &[u8]) -> bool {
    let end = bytes
        .get(bytes.len().saturating_sub(END_BYTES)..)
        .unwrap_or_default();
    let Some(at) = end.windows(9).rposition(|nine| nine == b"startxref") else {
        return false;
    };
    let rest = String::from_utf8_lossy(end.get(at + 9..).unwrap_or_default()).into_owned();
    let mut words = rest.split_ascii_whitespace();
    let place = words.next().and_then(|word| word.parse::<usize>().ok());
    let table = place
        .and_then(|place| bytes.get(place..))
        .unwrap_or_default();
    let is_table = table.starts_with(b"xref") || table.first().is_some_and(u8::is_ascii_digit);
    is_table && words.next() == Some("%%EOF") && words.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_ends_with_the_place_of_its_table() {
        let good = b"%PDF-1.7\nxref\n0 0\ntrailer <<>>\nstartxref\n9\n%%EOF\n";
        assert!(has_table(good));
        let text = String::from_utf8(good.to_vec()).unwrap_or_default();
        for (from, to) in [
            ("startxref\n9", "startxref\n10"),
            ("startxref\n9", "startxref\n999"),
            ("startxref\n9", "startxref\n-9"),
            ("startxref", "startref"),
            ("%%EOF", "%%EO"),
            ("%%EOF", "%%EOF more"),
        ] {
            assert!(!has_table(text.replace(from, to).as_bytes()), "{to}");
        }
        assert!(!has_table(b""));
    }
}
