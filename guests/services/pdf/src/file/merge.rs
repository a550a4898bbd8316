//! Several PDFs made one: pages in order, with their links, outlines and forms.

use lopdf::{Dictionary, Document, Object, ObjectId, SaveOptions};

use super::catalog::Catalog;
use super::{destinations, inherited, read};
use crate::budget::{MERGE_PAGES_MAX, PDF_BYTES_MAX, PDF_VALUES_MAX};
use crate::error::PdfError;

/// All in one.
#[derive(Debug)]
pub(crate) struct Merged {
    pub(crate) bytes: Vec<u8>,
    pub(crate) pages: usize,
}

/// What pages may have from those above them in their tree, which are gone here.
const INHERITED: [&[u8]; 4] = [b"Resources", b"MediaBox", b"CropBox", b"Rotate"];

/// Makes one PDF of all, in this order.
pub(crate) fn merge(files: &[&[u8]]) -> Result<Merged, PdfError> {
    let mut all = Document::with_version("1.7");
    let mut catalog = Catalog::default();
    let mut pages: Vec<ObjectId> = Vec::new();
    let mut info = None;
    for (at, bytes) in files.iter().enumerate() {
        let name = format!("file {}", at + 1);
        let mut document = read(bytes, &name)?;
        document.renumber_objects_with(all.max_id + 1);
        if document.version.as_str() > all.version.as_str() && document.version.len() <= 3 {
            all.version.clone_from(&document.version);
        }
        let own: Vec<ObjectId> = document.page_iter().collect();
        if own.is_empty() {
            return Err(PdfError::new(
                "pdf.malformed",
                format!("{name} cannot be read: it has no pages"),
            ));
        }
        if pages.len() + own.len() > MERGE_PAGES_MAX {
            return Err(PdfError::new(
                "pdf.too_many_pages",
                format!("the files have more than {MERGE_PAGES_MAX} pages together"),
            ));
        }
        flatten(&mut document, &own);
        let places = destinations::named(&document);
        destinations::resolve(&mut document, &places);
        destinations::disarm(&mut document);
        catalog.add(&mut document, &places);
        if info.is_none() {
            info = document
                .trailer
                .get(b"Info")
                .and_then(Object::as_reference)
                .ok();
        }
        pages.extend(own);
        all.max_id = document.max_id.max(all.max_id);
        all.objects.append(&mut document.objects);
        if all.objects.len() > PDF_VALUES_MAX {
            return Err(PdfError::new(
                "pdf.too_many_bytes",
                format!("the files have more than {PDF_VALUES_MAX} objects together"),
            ));
        }
    }
    finish(all, catalog, &pages, info)
}

/// Gives pages what they inherit, since they get another parent.
fn flatten(document: &mut Document, pages: &[ObjectId]) {
    for page in pages {
        let inherited: Vec<(&[u8], Object)> = INHERITED
            .iter()
            .filter_map(|key| inherited(document, *page, key).map(|value| (*key, value)))
            .collect();
        let Ok(dictionary) = document.get_dictionary_mut(*page) else {
            continue;
        };
        for (key, value) in inherited {
            if !dictionary.has(key) {
                dictionary.set(key, value);
            }
        }
        // The tree of the text's structure is not kept.
        dictionary.remove(b"StructParents");
    }
}

fn finish(
    mut all: Document,
    catalog: Catalog,
    pages: &[ObjectId],
    info: Option<ObjectId>,
) -> Result<Merged, PdfError> {
    let mut tree = Dictionary::new();
    tree.set("Type", Object::Name(b"Pages".to_vec()));
    tree.set(
        "Count",
        Object::Integer(i64::try_from(pages.len()).unwrap_or(i64::MAX)),
    );
    tree.set(
        "Kids",
        Object::Array(pages.iter().map(|page| Object::Reference(*page)).collect()),
    );
    let tree = all.add_object(tree);
    for page in pages {
        if let Ok(dictionary) = all.get_dictionary_mut(*page) {
            dictionary.set("Parent", Object::Reference(tree));
        }
    }
    let root = catalog.finish(&mut all, tree);
    all.trailer = Dictionary::new();
    all.trailer.set("Root", Object::Reference(root));
    if let Some(info) = info.filter(|info| all.get_dictionary(*info).is_ok()) {
        all.trailer.set("Info", Object::Reference(info));
    }
    all.prune_objects();
    all.renumber_objects();
    let options = SaveOptions::builder()
        .use_object_streams(true)
        .use_xref_streams(true)
        .build();
    let mut bytes = Vec::new();
    all.save_with_options(&mut bytes, options)
        .map_err(|error| {
            PdfError::new("pdf.write", format!("the PDF cannot be written: {error}"))
        })?;
    if bytes.len() > PDF_BYTES_MAX + PDF_BYTES_MAX / 4 {
        return Err(PdfError::new(
            "pdf.too_many_bytes",
            format!(
                "the result has {} bytes, allowed {}",
                bytes.len(),
                PDF_BYTES_MAX + PDF_BYTES_MAX / 4
            ),
        ));
    }
    // What is damaged in a file may be written, and yet not read again.
    let again = read(&bytes, "what the files become together")?;
    if again.page_iter().count() != pages.len() {
        return Err(PdfError::new(
            "pdf.malformed",
            "the files cannot be merged: pages would be lost",
        ));
    }
    Ok(Merged {
        bytes,
        pages: pages.len(),
    })
}
