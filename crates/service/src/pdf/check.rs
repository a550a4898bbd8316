//! What the guest would refuse too, but only after millions of bytes were copied to it; and what a request cannot say.

use std::collections::BTreeSet;

use bytes::Bytes;

use super::options::RenderOptions;
use super::{
    ASSET_BYTES_MAX, ASSETS_MAX, HTML_BYTES_MAX, MERGE_FILES_MAX, PDF_BYTES_MAX, STYLES_MAX,
};
use crate::ServiceError;

pub(super) fn document(html: &Bytes, options: &RenderOptions) -> Result<(), ServiceError> {
    let mut problems = Vec::new();
    let counts = [
        ("style sheets", options.styles.len(), STYLES_MAX),
        ("fonts", options.fonts.len(), ASSETS_MAX),
        ("assets", options.assets.len(), ASSETS_MAX),
    ];
    for (what, count, most) in counts {
        if count > most {
            problems.push(format!("there are {count} {what}, allowed {most}"));
        }
    }
    for (what, files) in [("fonts", &options.fonts), ("assets", &options.assets)] {
        let mut names = BTreeSet::new();
        if let Some((name, _)) = files.iter().find(|(name, _)| !names.insert(name.as_str())) {
            problems.push(format!("two {what} are called {:?}", short(name)));
        }
    }
    if !problems.is_empty() {
        return Err(refused("pdf.options", problems.join("; ")));
    }
    let text = html.len() + options.styles.iter().map(String::len).sum::<usize>();
    at_most("HTML and style sheets have", text, HTML_BYTES_MAX)?;
    let files = options.fonts.iter().chain(&options.assets);
    let files = files.map(|(name, file)| name.len() + file.len()).sum();
    at_most("fonts and assets have", files, ASSET_BYTES_MAX)
}

pub(super) fn files(files: &[Bytes]) -> Result<(), ServiceError> {
    if files.is_empty() || files.len() > MERGE_FILES_MAX {
        let found = match files.len() {
            0 => "none".to_owned(),
            _ => format!("more than {MERGE_FILES_MAX}"),
        };
        return Err(refused(
            "pdf.options",
            format!("1 to {MERGE_FILES_MAX} files can be merged, got {found}"),
        ));
    }
    let bytes = files.iter().map(Bytes::len).sum();
    at_most("there are", bytes, PDF_BYTES_MAX)
}

fn at_most(what: &str, bytes: usize, most: usize) -> Result<(), ServiceError> {
    if bytes <= most {
        return Ok(());
    }
    Err(refused(
        "pdf.too_many_bytes",
        format!("{what} {bytes} bytes, allowed {most}"),
    ))
}

/// A name as a message shows it.
fn short(name: &str) -> String {
    name.chars().take(80).collect()
}

fn refused(code: &'static str, message: String) -> ServiceError {
    ServiceError::Refused {
        code,
        message,
        usage: Box::default(),
    }
}
