//! The functions: what each takes, and what it gives.

use std::collections::HashMap;
use std::rc::Rc;

use wardian_abi::{Arguments, Value};
use wardian_guest_kit::{Checker, cut, map};

use crate::budget::{
    ASSET_BYTES_MAX, ASSETS_MAX, HTML_BYTES_MAX, MERGE_FILES_MAX, PAGES_MAX, PDF_BYTES_MAX,
    STYLES_MAX,
};
use crate::css::sheet::named_size;
use crate::error::PdfError;
use crate::file;
use crate::pages::{Asked, POINT, Sides};
use crate::render::{Failure, Request, render as make};

type Answer = Result<Value<'static>, PdfError>;

/// Points of a side that may be asked for: as much as readers open.
const SIDE_POINTS: std::ops::RangeInclusive<f64> = 10.0..=14_400.0;
/// Points of a margin.
const MARGIN_POINTS: std::ops::RangeInclusive<f64> = 0.0..=2_000.0;
/// Characters of a title.
const TITLE_MAX: usize = 1_000;
/// Sizes by name.
const SIZES: [&str; 9] = [
    "a3", "a4", "a5", "a6", "b4", "b5", "letter", "legal", "tabloid",
];

/// `html, styles?, fonts?, assets?, size?, width?, height?, orientation?, margin?, title?`.
pub(crate) fn render(arguments: &Arguments<'_>) -> Answer {
    let mut checker = Checker::new(arguments);
    let html = source(&mut checker);
    let styles = texts(&mut checker, "styles", STYLES_MAX);
    let fonts = named_bytes(&mut checker, "fonts");
    let assets = named_bytes(&mut checker, "assets");
    let asked = asked(&mut checker);
    let title = checker.text("title").map(str::to_owned);
    if title
        .as_ref()
        .is_some_and(|title| title.chars().count() > TITLE_MAX)
    {
        checker.problem(format!("`title` must have at most {TITLE_MAX} characters"));
    }
    checker.finish().map_err(PdfError::options)?;
    let size = html.len() + styles.iter().map(String::len).sum::<usize>();
    if size > HTML_BYTES_MAX {
        return Err(PdfError::new(
            "pdf.too_many_bytes",
            format!("HTML and style sheets have {size} bytes, allowed {HTML_BYTES_MAX}"),
        ));
    }
    let size: usize = fonts
        .iter()
        .chain(&assets)
        .map(|(_, bytes)| bytes.len())
        .sum();
    if size > ASSET_BYTES_MAX {
        return Err(PdfError::new(
            "pdf.too_many_bytes",
            format!("fonts and pictures have {size} bytes, allowed {ASSET_BYTES_MAX}"),
        ));
    }
    let request = Request {
        html: html.to_vec(),
        styles,
        fonts: fonts
            .into_iter()
            .map(|(name, bytes)| (name, bytes.to_vec()))
            .collect(),
        assets: assets
            .into_iter()
            .map(|(name, bytes)| (name, Rc::from(bytes)))
            .collect::<HashMap<_, _>>(),
        asked,
        title,
    };
    let made = make(request).map_err(|failure| match failure {
        Failure::TooManyPages => PdfError::new(
            "pdf.too_many_pages",
            format!("the document has more than {PAGES_MAX} pages"),
        ),
        Failure::Write(why) => {
            PdfError::new("pdf.write", format!("the PDF cannot be written: {why}"))
        }
    })?;
    let warnings = made.warnings.list.into_iter().map(|warning| {
        map([
            ("code", Value::Str(warning.code.into())),
            ("message", Value::Str(warning.message.into())),
        ])
    });
    Ok(map([
        ("pdf", Value::Bin(made.bytes.into())),
        ("pages", count(made.pages)),
        ("warnings", Value::Array(warnings.collect())),
        ("more_warnings", count(made.warnings.more)),
    ]))
}

/// `files`.
pub(crate) fn merge(arguments: &Arguments<'_>) -> Answer {
    let mut checker = Checker::new(arguments);
    let mut files: Vec<&[u8]> = Vec::new();
    match checker.given("files") {
        None => checker.problem("`files` is missing".into()),
        Some(Value::Array(all)) => {
            for (at, file) in all.iter().enumerate() {
                match file {
                    Value::Bin(bytes) => files.push(bytes),
                    other => checker.wrong(&format!("files[{at}]"), "bytes", other),
                }
            }
            if all.is_empty() || all.len() > MERGE_FILES_MAX {
                checker.problem(format!(
                    "`files` must have 1 to {MERGE_FILES_MAX} entries, got {}",
                    all.len()
                ));
            }
        }
        Some(other) => checker.wrong("files", "a list of bytes", other),
    }
    checker.finish().map_err(PdfError::options)?;
    let size: usize = files.iter().map(|file| file.len()).sum();
    if size > PDF_BYTES_MAX {
        return Err(PdfError::new(
            "pdf.too_many_bytes",
            format!("the files have {size} bytes together, allowed {PDF_BYTES_MAX}"),
        ));
    }
    let merged = file::merge(&files)?;
    Ok(map([
        ("pdf", Value::Bin(merged.bytes.into())),
        ("pages", count(merged.pages)),
    ]))
}

/// `file`.
pub(crate) fn info(arguments: &Arguments<'_>) -> Answer {
    let mut checker = Checker::new(arguments);
    let bytes = checker.bytes_due("file");
    checker.finish().map_err(PdfError::options)?;
    if bytes.len() > PDF_BYTES_MAX {
        return Err(PdfError::new(
            "pdf.too_many_bytes",
            format!(
                "the file has {} bytes, allowed {PDF_BYTES_MAX}",
                bytes.len()
            ),
        ));
    }
    let info = file::info(bytes)?;
    let title = info
        .title
        .map_or(Value::Nil, |title| Value::Str(title.into()));
    Ok(map([
        ("pages", count(info.pages)),
        ("width", Value::Float(info.width)),
        ("height", Value::Float(info.height)),
        ("uniform", Value::Bool(info.is_uniform)),
        ("bytes", count(bytes.len())),
        ("version", Value::Str(info.version.into())),
        ("title", title),
    ]))
}

fn count(n: usize) -> Value<'static> {
    Value::Int(i128::try_from(n).unwrap_or(i128::MAX))
}

/// The document, as text or as bytes in whatever encoding it names.
fn source<'a>(checker: &mut Checker<'a>) -> &'a [u8] {
    match checker.given("html") {
        Some(Value::Str(text)) => text.as_bytes(),
        Some(Value::Bin(bytes)) => bytes,
        Some(other) => {
            checker.wrong("html", "text or bytes", other);
            &[]
        }
        None => {
            checker.problem("`html` is missing".into());
            &[]
        }
    }
}

fn texts(checker: &mut Checker<'_>, name: &'static str, most: usize) -> Vec<String> {
    let mut out = Vec::new();
    match checker.given(name) {
        None => {}
        Some(Value::Array(all)) => {
            for (at, one) in all.iter().enumerate() {
                match one {
                    Value::Str(text) => out.push(text.to_string()),
                    other => checker.wrong(&format!("{name}[{at}]"), "text", other),
                }
            }
            if all.len() > most {
                checker.problem(format!(
                    "`{name}` must have at most {most} entries, got {}",
                    all.len()
                ));
            }
        }
        Some(other) => checker.wrong(name, "a list of texts", other),
    }
    out
}

/// Bytes by name.
fn named_bytes<'a>(checker: &mut Checker<'a>, name: &'static str) -> Vec<(String, &'a [u8])> {
    let mut out: Vec<(String, &[u8])> = Vec::new();
    match checker.given(name) {
        None => {}
        Some(Value::Map(all)) => {
            for (own, one) in all {
                match one {
                    Value::Bin(bytes) => out.push((own.to_string(), bytes)),
                    other => checker.wrong(&format!("{name}.{}", cut(own)), "bytes", other),
                }
            }
            if all.len() > ASSETS_MAX {
                checker.problem(format!(
                    "`{name}` must have at most {ASSETS_MAX} entries, got {}",
                    all.len()
                ));
            }
        }
        Some(other) => checker.wrong(name, "a map of bytes by name", other),
    }
    out
}

/// What the caller says of pages.
fn asked(checker: &mut Checker<'_>) -> Asked {
    let named = checker.text("size").map(str::to_ascii_lowercase);
    let (width, height) = (
        checker.number("width", SIDE_POINTS),
        checker.number("height", SIDE_POINTS),
    );
    let landscape = checker.choice("orientation", &[("portrait", false), ("landscape", true)]);
    let size = match (&named, width, height) {
        (None, None, None) => None,
        (Some(name), None, None) => {
            let found = named_size(name).filter(|_| SIZES.contains(&name.as_str()));
            if found.is_none() {
                checker.problem(format!(
                    "`size` must be one of {}, got {:?}",
                    SIZES.join(", "),
                    cut(name)
                ));
            }
            found.map(|(width, height)| (width * POINT, height * POINT))
        }
        (None, Some(width), Some(height)) => Some((width as f32 * POINT, height as f32 * POINT)),
        _ => {
            checker.problem("pages have a `size`, or a `width` and a `height`".into());
            None
        }
    };
    Asked {
        size,
        landscape,
        margin: margin(checker),
    }
}

/// Points on all sides, or above, right, below and left.
fn margin(checker: &mut Checker<'_>) -> Option<Sides> {
    let given = checker.given("margin")?;
    let points = |value: &Value<'_>| {
        let number = value
            .as_float()
            .filter(|number| MARGIN_POINTS.contains(number));
        number.map(|number| number as f32 * POINT)
    };
    let sides = match given {
        Value::Array(all) => match all
            .iter()
            .map(points)
            .collect::<Option<Vec<f32>>>()
            .as_deref()
        {
            Some([top, right, bottom, left]) => Some(Sides {
                top: *top,
                right: *right,
                bottom: *bottom,
                left: *left,
            }),
            _ => None,
        },
        one => points(one).map(|side| Sides {
            top: side,
            right: side,
            bottom: side,
            left: side,
        }),
    };
    if sides.is_none() {
        let must = format!(
            "a number of points from {} to {}, or four: above, right, below, left",
            MARGIN_POINTS.start(),
            MARGIN_POINTS.end()
        );
        checker.wrong("margin", &must, given);
    }
    sides
}
