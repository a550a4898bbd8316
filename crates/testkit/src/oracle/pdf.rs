//! Documents, style sheets, pictures, fonts and PDFs of any bytes through the functions of the PDF guest, natively: a PDF
//! that can be read again and has the pages that are said, or an error with a name.

use wardian_abi::{Arguments, DecodeLimits, Response, Value};
use wardian_guest_pdf::{FUNCTIONS, call};

/// Bytes that are read as a document; the guest's own cap has tests.
const DOCUMENT_BYTES_MAX: usize = 8_000;
/// Bytes of an error's message: a dozen problems, each with what was given, cut.
const MESSAGE_BYTES_MAX: usize = 16 << 10;
/// What shows a picture, a font and a style sheet that come along.
const AROUND: &str = "<!doctype html><style>@font-face { font-family: Own; src: url(a) } p { font: 12px Own, serif; \
                      background: url(a) }</style><link rel=stylesheet href=a><p>Text Ωж <img src=a width=40> end";

/// Hands the bytes to a function as they are, then as what the last of them says.
pub fn pdf(data: &[u8]) {
    let choice = data.last().copied().unwrap_or_default();
    answered(FUNCTIONS[usize::from(choice) % FUNCTIONS.len()], data);
    match choice % 4 {
        0 | 1 => document(data, choice),
        2 => along(data),
        _ => files(data),
    }
}

fn document(data: &[u8], choice: u8) {
    let html = data.get(..DOCUMENT_BYTES_MAX).unwrap_or(data);
    let mut asked = Arguments::new().with("html", html);
    if choice & 4 != 0 {
        asked = asked.with("size", "a6").with("orientation", "landscape");
    }
    if choice & 8 != 0 {
        let style = String::from_utf8_lossy(html).into_owned();
        asked = asked.with("styles", Value::Array(vec![style.into()]));
    }
    rendered(asked);
}

fn along(data: &[u8]) {
    let files = || Value::Map(vec![("a".into(), data.into())]);
    let asked = Arguments::new().with("html", AROUND);
    rendered(asked.with("assets", files()).with("fonts", files()));
}

fn files(data: &[u8]) {
    let info = answered("info", &request(Arguments::new().with("file", data)));
    let both = Value::Array(vec![data.into(), data.into()]);
    let merged = answered("merge", &request(Arguments::new().with("files", both)));
    if let (Some(info), Some(merged)) = (&info, &merged) {
        assert_eq!(pages(merged), 2 * pages(info));
        again(merged);
    }
}

fn rendered(asked: Arguments<'_>) {
    let Some(made) = answered("render", &request(asked)) else {
        return;
    };
    assert!((1..=200).contains(&pages(&made)));
    let warnings = made.get("warnings").and_then(Value::as_array);
    assert!(warnings.is_some_and(|all| all.len() <= 50));
    again(&made);
}

/// What was made can be read, and has as many pages as is said.
fn again(made: &Value<'_>) {
    let bytes = made.get("pdf").and_then(Value::as_bytes);
    let bytes = bytes.unwrap_or_default();
    assert!(bytes.starts_with(b"%PDF-1."), "this is no PDF");
    let info = answered("info", &request(Arguments::new().with("file", bytes)));
    assert_eq!(info.as_ref().map(pages), Some(pages(made)));
}

fn pages(answer: &Value<'_>) -> i128 {
    let pages = answer.get("pages").and_then(Value::as_int);
    pages.unwrap_or(-1)
}

fn request(arguments: Arguments<'_>) -> Vec<u8> {
    match arguments.encode() {
        Ok(bytes) => bytes,
        Err(error) => panic!("no request: {error}"),
    }
}

/// The answer, if it is no error; an error has a code of this guest and a message that is not endless.
fn answered(function: &str, request: &[u8]) -> Option<Value<'static>> {
    let bytes = call(function, request);
    match Response::decode(&bytes, &DecodeLimits::default()) {
        Ok(Response::Ok(value)) => Some(value.into_owned()),
        Ok(Response::Err(error)) => {
            assert!(error.code.starts_with("pdf."), "{error:?}");
            assert!(error.message.len() <= MESSAGE_BYTES_MAX, "{error:?}");
            None
        }
        Err(error) => panic!("`{function}` answered with no response: {error}"),
    }
}
