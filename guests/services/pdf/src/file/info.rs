//! What is in a PDF.

use lopdf::{Document, ObjectId};

use super::{get, inherited, read, text};
use crate::error::PdfError;

/// What can be said of a PDF.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Info {
    pub(crate) pages: usize,
    /// Points of the first page, turned as it is shown.
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// Whether every page is as large as the first.
    pub(crate) is_uniform: bool,
    pub(crate) title: Option<String>,
    /// Such as `1.7`.
    pub(crate) version: String,
}

/// A4, which a page is that says nothing.
const UNSAID: (f64, f64) = (595.276, 841.89);

pub(crate) fn info(bytes: &[u8]) -> Result<Info, PdfError> {
    let document = read(bytes, "the PDF")?;
    let pages: Vec<ObjectId> = document.page_iter().collect();
    let Some(first) = pages.first() else {
        return Err(PdfError::new(
            "pdf.malformed",
            "the PDF cannot be read: it has no pages",
        ));
    };
    let (width, height) = size(&document, *first);
    let is_uniform = pages.iter().all(|page| {
        let (own_width, own_height) = size(&document, *page);
        (own_width - width).abs() < 0.5 && (own_height - height).abs() < 0.5
    });
    let title = document
        .trailer
        .get(b"Info")
        .ok()
        .and_then(|info| document.dereference(info).ok())
        .and_then(|(_, info)| info.as_dict().ok())
        .and_then(|info| get(&document, info, b"Title"))
        .and_then(text)
        .filter(|title| !title.trim().is_empty());
    let version: String = document
        .version
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == '.')
        .take(8)
        .collect();
    Ok(Info {
        pages: pages.len(),
        width,
        height,
        is_uniform,
        title,
        version,
    })
}

/// Points of a page.
fn size(document: &Document, page: ObjectId) -> (f64, f64) {
    let of_box = |key: &[u8]| {
        let object = inherited(document, page, key)?;
        let sides: Vec<f64> = object
            .as_array()
            .ok()?
            .iter()
            .filter_map(|side| document.dereference(side).ok())
            .filter_map(|(_, side)| side.as_float().ok())
            .map(f64::from)
            .filter(|side| side.is_finite())
            .collect();
        let [left, bottom, right, top] = sides[..] else {
            return None;
        };
        let size = ((right - left).abs(), (top - bottom).abs());
        (size.0 > 0.0 && size.1 > 0.0).then_some(size)
    };
    let (width, height) = of_box(b"CropBox")
        .or_else(|| of_box(b"MediaBox"))
        .unwrap_or(UNSAID);
    let unit = inherited(document, page, b"UserUnit")
        .and_then(|unit| unit.as_float().ok())
        .map_or(1.0, f64::from);
    let unit = if unit.is_finite() && unit > 0.0 {
        unit
    } else {
        1.0
    };
    let turn = inherited(document, page, b"Rotate")
        .as_ref()
        .and_then(|turn| turn.as_i64().ok())
        .unwrap_or(0);
    let (width, height) = (width * unit, height * unit);
    if turn.rem_euclid(180) == 90 {
        (height, width)
    } else {
        (width, height)
    }
}
