//! Guests in the place of the PDF guest that answer with anything but the truth: each tells one lie beside an honest
//! answer, and no lie is believed.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use futures_lite::future::block_on;
use wardian_abi::{GuestError, Response, Value};
use wardian_sandbox::{Blame, Sandbox, SandboxConfig, Source};
use wardian_service::ServiceError;
use wardian_service::pdf::{Pdfs, RenderOptions};

/// The smallest file that can be taken for a PDF from outside.
const PDF: &[u8] = b"%PDF-1.7\nxref\n0 0\ntrailer <<>>\nstartxref\n9\n%%EOF\n";

type Lie = (&'static str, fn(&mut Value<'static>), &'static str);

/// A guest that answers every request with this.
fn answering(sandbox: &Sandbox, answer: Value<'static>) -> Pdfs {
    responding(sandbox, Response::Ok(answer))
}

fn responding(sandbox: &Sandbox, response: Response<'_>) -> Pdfs {
    let answer = response.encode().unwrap();
    let data: String = answer.iter().map(|byte| format!("\\{byte:02x}")).collect();
    let packed = (65_536_u64 << 32) | answer.len() as u64;
    let text = format!(
        "(module (memory (export \"memory\") 8) (data (i32.const 65536) \"{data}\")
           (func (export \"alloc\") (param i32) (result i32) (i32.const 1024))
           (func (export \"render\") (export \"merge\") (export \"info\") (param i32 i32) (result i64) (i64.const {packed})))"
    );
    let source = Source::new("liar", wat::parse_str(text).unwrap());
    block_on(Pdfs::load_from(sandbox, source)).unwrap()
}

fn map(entries: &[(&'static str, Value<'static>)]) -> Value<'static> {
    let entries = entries.iter().cloned();
    Value::Map(entries.map(|(name, value)| (name.into(), value)).collect())
}

fn set(value: &mut Value<'static>, name: &str, to: impl Into<Value<'static>>) {
    let Value::Map(entries) = value else { panic!() };
    let entry = entries.iter_mut().find(|(key, _)| key == name);
    entry.unwrap_or_else(|| panic!("no `{name}`")).1 = to.into();
}

fn remove(value: &mut Value<'static>, name: &str) {
    let Value::Map(entries) = value else { panic!() };
    entries.retain(|(key, _)| key != name);
}

fn rendered() -> Value<'static> {
    map(&[
        ("pdf", Value::Bin(PDF.into())),
        ("pages", 1.into()),
        ("warnings", Value::Array(vec![warning("pdf.image", "x")])),
        ("more_warnings", 0.into()),
    ])
}

fn warning(code: &'static str, message: &'static str) -> Value<'static> {
    map(&[("code", code.into()), ("message", message.into())])
}

fn info() -> Value<'static> {
    map(&[
        ("pages", 1.into()),
        ("width", 595.0.into()),
        ("height", 842.0.into()),
        ("uniform", true.into()),
        ("bytes", (PDF.len() as i64).into()),
        ("version", "1.7".into()),
        ("title", Value::Nil),
    ])
}

fn warnings(value: &mut Value<'static>, all: Vec<Value<'static>>) {
    set(value, "warnings", Value::Array(all));
}

fn refused<T>(name: &str, answer: Result<T, ServiceError>, why: &str) {
    let Err(error) = answer else {
        panic!("{name} was believed")
    };
    assert_eq!(
        (error.code(), error.blame()),
        ("contract", Blame::Guest),
        "{name}: {error}"
    );
    let said = error.to_string();
    assert!(said.contains(why), "{name}: {said}");
}

#[rustfmt::skip]
const OF_RENDERING: [Lie; 15] = [
    ("no file", |a| remove(a, "pdf"), "`pdf` is missing"),
    ("a file that is text", |a| set(a, "pdf", "%PDF-1.7"), "`pdf` is of type str"),
    ("an empty file", |a| set(a, "pdf", Value::Bin((&b""[..]).into())), "does not begin"),
    ("a page of HTML", |a| set(a, "pdf", Value::Bin((&b"<script>"[..]).into())), "does not begin"),
    ("half a file", |a| set(a, "pdf", Value::Bin((&b"%PDF-1.7\n"[..]).into())), "does not end"),
    ("no pages", |a| set(a, "pages", 0), "`pages` is 0"),
    ("too many pages", |a| set(a, "pages", 201), "`pages` is 201"),
    ("pages that are text", |a| set(a, "pages", "1"), "`pages` is of type str"),
    ("no warnings", |a| remove(a, "warnings"), "`warnings` is missing"),
    ("warnings that are one", |a| set(a, "warnings", "x"), "`warnings` is of type str"),
    ("too many warnings", |a| warnings(a, vec![warning("pdf.image", "x"); 51]), "51 entries"),
    ("an unknown warning", |a| warnings(a, vec![warning("pdf.x", "x")]), "names none"),
    ("a warning without words", |a| warnings(a, vec![map(&[("code", "pdf.image".into())])]), "is missing"),
    ("more than can be", |a| set(a, "more_warnings", -1), "`more_warnings` is -1"),
    ("no map", |a| *a = Value::Nil, "is missing"),
];

#[rustfmt::skip]
const OF_INFO: [Lie; 10] = [
    ("no pages", |a| set(a, "pages", 0), "`pages` is 0"),
    ("no width", |a| set(a, "width", 0.0), "`width` is 0"),
    ("a height below none", |a| set(a, "height", -1.0), "`height` is -1"),
    ("a width without end", |a| set(a, "width", f64::INFINITY), "`width` is inf"),
    ("a height that is none", |a| set(a, "height", f64::NAN), "`height` is NaN"),
    ("other bytes", |a| set(a, "bytes", 7), "`bytes` is 7"),
    ("no version", |a| set(a, "version", ""), "`version` is none"),
    ("a version of words", |a| set(a, "version", "\u{1b}[31m"), "`version` is none"),
    ("a title without end", |a| set(a, "title", "x".repeat(70_000)), "`title` has more"),
    ("a title that is a number", |a| set(a, "title", 7), "`title` is of type int"),
];

#[test]
fn what_is_said_of_a_pdf_is_held_against_what_can_be() {
    let sandbox = Sandbox::new(SandboxConfig::default()).unwrap();
    for (name, lie, why) in OF_RENDERING {
        let mut answer = rendered();
        lie(&mut answer);
        let pdfs = answering(&sandbox, answer);
        refused(
            name,
            pdfs.render_blocking("<p>", RenderOptions::default()),
            why,
        );
    }
    for (name, lie, why) in OF_INFO {
        let mut answer = info();
        lie(&mut answer);
        refused(name, answering(&sandbox, answer).info_blocking(PDF), why);
    }
    // The honest ones are believed, so the lies were what was wrong.
    let made = answering(&sandbox, rendered()).render_blocking("<p>", RenderOptions::default());
    assert_eq!(made.unwrap().bytes, PDF);
    assert!(answering(&sandbox, info()).info_blocking(PDF).is_ok());
}

#[test]
fn a_merged_file_has_a_page_of_each() {
    let sandbox = Sandbox::new(SandboxConfig::default()).unwrap();
    let pdfs = answering(&sandbox, rendered());
    assert_eq!(pdfs.merge_blocking([PDF]).unwrap().pages, 1);
    refused(
        "a page too few",
        pdfs.merge_blocking([PDF, PDF]),
        "`pages` is 1",
    );
    let mut answer = rendered();
    set(&mut answer, "pages", 5_001);
    refused(
        "too many pages",
        answering(&sandbox, answer).merge_blocking([PDF]),
        "`pages` is 5001",
    );
}

#[test]
fn words_of_a_warning_are_cleaned_and_cut() {
    let sandbox = Sandbox::new(SandboxConfig::default()).unwrap();
    let mut answer = rendered();
    let long: &'static str =
        Box::leak(format!("\u{1b}[31mred{}", "x".repeat(9_000)).into_boxed_str());
    warnings(&mut answer, vec![warning("pdf.link", long)]);
    let made = answering(&sandbox, answer)
        .render_blocking("<p>", RenderOptions::default())
        .unwrap();
    let said = &made.warnings[0].message;
    assert!(
        !said.contains('\u{1b}') && said.chars().count() < 1_000,
        "{said}"
    );
}

#[test]
fn an_unknown_code_is_a_broken_contract() {
    let sandbox = Sandbox::new(SandboxConfig::default()).unwrap();
    let ask = |code: &str| {
        let error = GuestError {
            code: code.into(),
            message: "\u{1b}[31mx".into(),
        };
        let pdfs = responding(&sandbox, Response::Err(error));
        pdfs.render_blocking("<p>", RenderOptions::default())
    };
    refused("an unknown code", ask("image.options"), "unknown code");
    let error = ask("pdf.write").unwrap_err();
    assert_eq!((error.code(), error.blame()), ("pdf.write", Blame::Caller));
    assert!(!error.to_string().contains('\u{1b}'), "{error:?}");
}
