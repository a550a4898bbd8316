//! PDFs that somebody else wrote: what is in them, and several made one.

mod catalog;
mod destinations;
mod info;
mod merge;

use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId};

use crate::budget::{PDF_STREAM_BYTES_MAX, PDF_VALUES_MAX};
use crate::error::PdfError;

pub(crate) use info::info;
pub(crate) use merge::merge;

/// How deep page trees may be that are followed upwards.
const PARENTS_MAX: usize = 64;

/// Reads a PDF. `name` is what errors call it.
fn read(bytes: &[u8], name: &str) -> Result<Document, PdfError> {
    let malformed =
        |why: &str| PdfError::new("pdf.malformed", format!("{name} cannot be read: {why}"));
    let head = &bytes[..bytes.len().min(1_024)];
    if !head.windows(5).any(|five| five == b"%PDF-") {
        return Err(malformed("it does not begin like a PDF"));
    }
    let options = LoadOptions {
        max_decompressed_size: Some(PDF_STREAM_BYTES_MAX),
        ..LoadOptions::default()
    };
    let loaded = Document::load_mem_with_options(bytes, options);
    let document = match loaded {
        Ok(document) => document,
        Err(lopdf::Error::InvalidPassword | lopdf::Error::Decryption(_)) => {
            return Err(encrypted(name));
        }
        Err(error) => return Err(malformed(&error.to_string())),
    };
    if document.is_encrypted() || document.was_encrypted() || document.trailer.has(b"Encrypt") {
        return Err(encrypted(name));
    }
    if document.objects.len() > PDF_VALUES_MAX {
        let count = document.objects.len();
        return Err(PdfError::new(
            "pdf.too_many_bytes",
            format!("{name} has {count} objects, allowed {PDF_VALUES_MAX}"),
        ));
    }
    if document.catalog().is_err() {
        return Err(malformed("it has no catalogue"));
    }
    Ok(document)
}

fn encrypted(name: &str) -> PdfError {
    PdfError::new(
        "pdf.encrypted",
        format!(
            "{name} is encrypted; what may be done with it is its owner's to say: decrypt it first"
        ),
    )
}

/// What a dictionary says under a name, wherever that is written down.
fn get<'a>(document: &'a Document, dictionary: &'a Dictionary, key: &[u8]) -> Option<&'a Object> {
    let object = dictionary.get(key).ok()?;
    document.dereference(object).ok().map(|(_, object)| object)
}

/// What a page says, or one of those above it that it inherits from.
fn inherited(document: &Document, page: ObjectId, key: &[u8]) -> Option<Object> {
    let mut at = page;
    for _ in 0..PARENTS_MAX {
        let dictionary = document.get_dictionary(at).ok()?;
        if let Some(found) = get(document, dictionary, key) {
            return Some(found.clone());
        }
        at = dictionary
            .get(b"Parent")
            .and_then(Object::as_reference)
            .ok()?;
    }
    None
}

/// The text of a string, which is UTF-16 or one of two tables.
fn text(object: &Object) -> Option<String> {
    let Object::String(bytes, _) = object else {
        return None;
    };
    let text = match bytes.as_slice() {
        [0xfe, 0xff, rest @ ..] => encoding_rs::UTF_16BE
            .decode_without_bom_handling(rest)
            .0
            .into_owned(),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        // What most programs mean by it, and the same below 128.
        plain => encoding_rs::WINDOWS_1252
            .decode_without_bom_handling(plain)
            .0
            .into_owned(),
    };
    let clean: String = text
        .chars()
        .filter(|c| !c.is_control())
        .take(1_000)
        .collect();
    Some(clean)
}
