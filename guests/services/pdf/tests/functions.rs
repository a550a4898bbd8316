//! The functions through the one way in: what they give, and what they refuse.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use wardian_abi::{Arguments, DecodeLimits, Response, Value};
use wardian_guest_pdf::call;

/// What a function answers: a field of its value, or the code of its refusal.
fn answer(function: &str, arguments: Arguments<'_>, field: &str) -> Result<Value<'static>, String> {
    let bytes = call(function, &arguments.encode().unwrap());
    match Response::decode(&bytes, &DecodeLimits::default()).unwrap() {
        Response::Ok(value) => Ok(value.get(field).unwrap().clone().into_owned()),
        Response::Err(error) => Err(error.code.to_string()),
    }
}

fn rendered(html: &str) -> Vec<u8> {
    match answer("render", Arguments::new().with("html", html), "pdf") {
        Ok(Value::Bin(bytes)) => bytes.into_owned(),
        other => panic!("{other:?}"),
    }
}

fn of_file(bytes: &[u8], field: &str) -> Result<Value<'static>, String> {
    answer("info", Arguments::new().with("file", bytes), field)
}

const TWO: &str = "<title>Two  pages</title><p>a<p style='break-before: page'>b";

#[test]
fn what_is_rendered_can_be_read() {
    let pdf = rendered(TWO);
    assert_eq!(of_file(&pdf, "pages"), Ok(Value::Int(2)));
    assert_eq!(of_file(&pdf, "title"), Ok(Value::Str("Two pages".into())));
    assert_eq!(pdf, rendered(TWO), "the same again is the same");
}

#[test]
fn merged_files_have_all_pages() {
    let (one, two) = (rendered("<p>a"), rendered(TWO));
    let files = [&one, &two, &one].map(|file| Value::Bin(file.as_slice().into()));
    let arguments = Arguments::new().with("files", Value::Array(files.to_vec()));
    let merged = match answer("merge", arguments, "pdf") {
        Ok(Value::Bin(bytes)) => bytes.into_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(of_file(&merged, "pages"), Ok(Value::Int(4)));
}

#[test]
fn what_makes_no_sense_is_refused() {
    let none = Arguments::new();
    let refused =
        |function: &str, arguments: Arguments<'_>| answer(function, arguments, "pdf").unwrap_err();
    assert_eq!(refused("render", none.clone()), "pdf.options");
    assert_eq!(refused("merge", none.clone()), "pdf.options");
    assert_eq!(refused("erase", none), "pdf.request");
    let arguments = Arguments::new().with("html", "a").with("size", "a99");
    assert_eq!(refused("render", arguments), "pdf.options");
    assert_eq!(of_file(b"no pdf", "pages"), Err("pdf.malformed".into()));
    let pdf = rendered("<p>a");
    let half = &pdf[..pdf.len() / 2];
    assert_eq!(of_file(half, "pages"), Err("pdf.malformed".into()));
}

#[test]
fn nothing_that_nests_or_grows_breaks_it() {
    for html in [
        "<div>".repeat(20_000),
        "<table><tr><td>".repeat(500),
        "<svg>".repeat(2_000),
        format!("<style>{}</style><p>a", "a{".repeat(10_000)),
        format!("<p style='width: {}1px'>a", "calc(".repeat(5_000)),
        "<style>p { columns: 100000; column-width: 0.001px }</style><p>a b c".into(),
        "<table><tr><td colspan=99999999 rowspan=99999999>a".into(),
        "<p style='font-size: 1e30px; margin: -1e30px; width: 1e38px'>a".into(),
    ] {
        assert!(rendered(&html).starts_with(b"%PDF-"));
    }
}
