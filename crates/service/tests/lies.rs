//! Guests in the place of the sheet guest that answer with anything but the truth: each tells one lie beside an honest
//! answer, and no lie is believed. The corpus in `guests/hostile` does the rest for all services: what the sandbox itself
//! must bear.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use std::borrow::Cow;

use futures_lite::future::block_on;
use wardian_abi::table::{Head, Span, Token};
use wardian_abi::{Arguments, DecodeLimits, Elapsed, Moment, Response, Value};
use wardian_sandbox::{Blame, Sandbox, SandboxConfig, Source};
use wardian_service::ServiceError;
use wardian_service::sheet::{Area, ParseOptions, Sheets, Which};

/// Two columns, three rows.
const FILE: &[u8] = b"name,value\nfirst,1.5\nsecond,2024-02-29\n";

/// A guest that answers every request with these bytes.
fn answering(sandbox: &Sandbox, answer: &[u8]) -> Sheets {
    let data: String = answer.iter().map(|byte| format!("\\{byte:02x}")).collect();
    let packed = (65_536_u64 << 32) | answer.len() as u64;
    let text = format!(
        "(module (memory (export \"memory\") 4) (data (i32.const 65536) \"{data}\")
           (func (export \"alloc\") (param i32) (result i32) (i32.const 1024))
           (func (export \"list\") (export \"parse\") (param i32 i32) (result i64) (i64.const {packed})))"
    );
    let source = Source::new("liar", wat::parse_str(text).unwrap());
    block_on(Sheets::load_from(sandbox, source)).unwrap()
}

fn sandbox() -> Sandbox {
    Sandbox::new(SandboxConfig::default()).unwrap()
}

/// What the real guest answers.
fn honest(function: &str, arguments: Arguments<'_>) -> Value<'static> {
    let request = arguments.with("file", FILE).encode().unwrap();
    let answer = wardian_guest_sheet::call(function, &request);
    match Response::decode(&answer, &DecodeLimits::default()).unwrap() {
        Response::Ok(value) => value.into_owned(),
        Response::Err(error) => panic!("{error:?}"),
    }
}

fn field<'v>(value: &'v mut Value<'static>, name: &str) -> &'v mut Value<'static> {
    let Value::Map(entries) = value else { panic!() };
    let entry = entries.iter_mut().find(|(key, _)| key == name);
    &mut entry.unwrap_or_else(|| panic!("no `{name}`")).1
}

fn first_sheet<'v>(value: &'v mut Value<'static>) -> &'v mut Value<'static> {
    let Value::Array(sheets) = field(value, "sheets") else {
        panic!()
    };
    &mut sheets[0]
}

fn set(value: &mut Value<'static>, name: &str, to: impl Into<Value<'static>>) {
    *field(value, name) = to.into();
}

fn body<'v>(value: &'v mut Value<'static>) -> &'v mut Vec<u8> {
    match field(value, "body") {
        Value::Bin(bytes) => bytes.to_mut(),
        _ => panic!(),
    }
}

/// The answer is refused as a broken contract of the guest, and says why.
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

type Lie = (&'static str, fn(&mut Value<'static>), &'static str);

#[test]
fn what_is_said_of_sheets_is_held_against_what_was_asked() {
    let sandbox = sandbox();
    let lies: [Lie; 17] = [
        (
            "another format",
            |a| set(a, "format", "xlsx"),
            "`format` is xlsx",
        ),
        (
            "an unknown format",
            |a| set(a, "format", "pdf"),
            "`format` names none",
        ),
        (
            "a format that is a number",
            |a| set(a, "format", 7),
            "`format` is of type int",
        ),
        (
            "another delimiter",
            |a| set(a, "delimiter", "x"),
            "`delimiter` is none",
        ),
        (
            "two delimiters",
            |a| set(a, "delimiter", ",,"),
            "`delimiter` is not one",
        ),
        (
            "an unknown encoding",
            |a| set(a, "encoding", "ebcdic"),
            "`encoding` names none",
        ),
        (
            "no sheets",
            |a| set(a, "sheets", Value::Array(vec![])),
            "not asked for",
        ),
        (
            "sheets that are none",
            |a| set(a, "sheets", Value::Array(vec![Value::Nil])),
            "is missing",
        ),
        ("a sheet twice", |a| twice(a), "not in their order"),
        (
            "another kind",
            |a| set(first_sheet(a), "kind", "chart"),
            "without cells",
        ),
        (
            "an unknown kind",
            |a| set(first_sheet(a), "kind", "x"),
            "`kind` names no",
        ),
        (
            "an unknown visibility",
            |a| set(first_sheet(a), "visibility", "x"),
            "`visibility` names none",
        ),
        (
            "more rows than asked for",
            |a| set(first_sheet(a), "rows", 2_000_000),
            "cells, asked for",
        ),
        (
            "too many columns",
            |a| set(first_sheet(a), "columns", 16_385),
            "`columns` is 16385",
        ),
        (
            "a negative place",
            |a| set(first_sheet(a), "index", -1),
            "`index` is -1",
        ),
        (
            "text without end",
            |a| set(a, "text", 1_000),
            "`text` is longer",
        ),
        (
            "a body that is text",
            |a| set(a, "body", "x"),
            "`body` is of type str",
        ),
    ];
    for (name, lie, why) in lies {
        let mut answer = honest("parse", Arguments::new());
        lie(&mut answer);
        let bytes = Response::Ok(answer).encode().unwrap();
        let sheets = answering(&sandbox, &bytes);
        refused(
            name,
            sheets.parse_blocking(FILE, ParseOptions::default()),
            why,
        );
    }
    // The honest one is believed, so the lies were what was wrong.
    let bytes = Response::Ok(honest("parse", Arguments::new()))
        .encode()
        .unwrap();
    let sheets = answering(&sandbox, &bytes);
    assert!(sheets.parse_blocking(FILE, ParseOptions::default()).is_ok());
    // And only as an answer to what it answers.
    let ask = |options: ParseOptions| sheets.parse_blocking(FILE, options);
    let which = |which| ParseOptions {
        which,
        ..ParseOptions::default()
    };
    refused(
        "another place",
        ask(which(Which::Index(3))),
        "not asked for",
    );
    refused(
        "another name",
        ask(which(Which::Name("x".into()))),
        "not asked for",
    );
    let range = Some(Area {
        rows: (0, 0),
        columns: (0, 0),
    });
    let options = ParseOptions {
        range,
        ..ParseOptions::default()
    };
    refused("a larger range", ask(options), "larger than the range");
    let options = ParseOptions {
        cells_max: 5,
        ..ParseOptions::default()
    };
    refused("more cells", ask(options), "6 cells, asked for 5");
    refused(
        "a row too few",
        ask(ParseOptions::header()),
        "1 of 4 rows are missing",
    );
}

fn twice(answer: &mut Value<'static>) {
    let Value::Array(sheets) = field(answer, "sheets") else {
        panic!()
    };
    sheets.push(sheets[0].clone());
}

/// One sheet whose cells are these tokens, in rows; the block of text is `aéz`.
fn with_rows(rows: &[&[Token]], columns: u32) -> Vec<u8> {
    let mut cells = Vec::new();
    for row in rows {
        let mut tokens = Vec::new();
        row.iter().for_each(|token| token.write(&mut tokens));
        Head::Row(tokens.len() as u32).write(&mut cells);
        cells.extend(tokens);
    }
    with_cells(cells, rows.len() as u32, columns)
}

fn with_cells(cells: Vec<u8>, rows: u32, columns: u32) -> Vec<u8> {
    let mut answer = honest("parse", Arguments::new());
    let sheet = first_sheet(&mut answer);
    set(sheet, "rows", rows);
    set(sheet, "columns", columns);
    set(sheet, "bytes", cells.len() as u32);
    set(&mut answer, "text", 4);
    *body(&mut answer) = ["aéz".as_bytes(), &cells].concat();
    Response::Ok(answer).encode().unwrap()
}

fn told(sandbox: &Sandbox, answer: &[u8], options: ParseOptions) -> Result<usize, ServiceError> {
    let workbook = answering(sandbox, answer).parse_blocking(FILE, options)?;
    Ok(workbook.sheets[0]
        .rows()
        .map(|row| row.cells().count())
        .sum())
}

#[test]
fn cells_are_checked_one_by_one() {
    let sandbox = sandbox();
    let one = |token: Token| {
        told(
            &sandbox,
            &with_rows(&[&[token]], 1),
            ParseOptions::default(),
        )
    };
    let text = |at, len| Token::Text(Span { at, len });
    for good in [
        text(0, 4),
        text(1, 2),
        text(4, 0),
        Token::Number(-0.0),
        Token::Moment(Moment::Time(0)),
    ] {
        assert_eq!(one(good).unwrap(), 1, "{good:?}");
    }
    let lies = [
        (text(0, 5), "outside of the block"),
        (text(5, 0), "outside of the block"),
        (text(u32::MAX, u32::MAX), "outside of the block"),
        (text(1, 1), "between characters"),
        (text(2, 1), "between characters"),
        (Token::Error(Span { at: 2, len: 2 }), "between characters"),
        (Token::Number(f64::NAN), "not finite"),
        (Token::Number(f64::NEG_INFINITY), "not finite"),
        (Token::Empty(0), "no empty cells"),
        (Token::Empty(2), "more cells"),
        (Token::Empty(u32::MAX), "more cells"),
        (Token::Moment(Moment::Date(1)), "out of range"),
        (Token::Moment(Moment::Time(-1)), "out of range"),
        (Token::Moment(Moment::DateTime(i64::MAX)), "out of range"),
        (Token::Elapsed(Elapsed(i64::MIN)), "out of range"),
    ];
    for (token, why) in lies {
        refused(&format!("{token:?}"), one(token), why);
    }
}

#[test]
fn rows_are_counted() {
    let sandbox = sandbox();
    let told = |answer: Vec<u8>| told(&sandbox, &answer, ParseOptions::default());
    let cells = |bytes: &[u8], rows: u32| told(with_cells(bytes.to_vec(), rows, 2));
    let number = Token::Number(1.0);
    assert_eq!(cells(&Head::Empty(3).encoded(), 3).unwrap(), 6);
    refused(
        "too wide",
        told(with_rows(&[&[number; 3]], 2)),
        "more cells",
    );
    refused(
        "too many rows",
        told(with_cells(Head::Row(0).encoded().repeat(3), 2, 2)),
        "more rows",
    );
    refused(
        "too many empty rows",
        cells(&Head::Empty(4).encoded(), 3),
        "more rows",
    );
    refused(
        "none at all",
        cells(&Head::Empty(0).encoded(), 3),
        "no empty rows",
    );
    refused("a head cut off", cells(&[1, 0, 0], 1), "head is cut off");
    refused(
        "a row cut off",
        cells(&Head::Row(9).encoded(), 1),
        "row is cut off",
    );
    let half = [&Head::Row(3).encoded()[..], &[2, 0, 0]].concat();
    refused("a cell cut off", cells(&half, 1), "none or cut off");
    let unknown = [&Head::Row(1).encoded()[..], &[0xff]].concat();
    refused("no such cell", cells(&unknown, 1), "none or cut off");
    let mut answer = honest("parse", Arguments::new());
    body(&mut answer).push(0);
    refused(
        "bytes of no sheet",
        told(Response::Ok(answer).encode().unwrap()),
        "belong to no sheet",
    );
    let mut answer = honest("parse", Arguments::new());
    set(first_sheet(&mut answer), "bytes", u32::MAX);
    refused(
        "bytes without end",
        told(Response::Ok(answer).encode().unwrap()),
        "outside of the body",
    );
    let mut answer = honest("parse", Arguments::new());
    body(&mut answer)[0] = 0xff;
    refused(
        "text that is none",
        told(Response::Ok(answer).encode().unwrap()),
        "not UTF-8",
    );
}

#[test]
fn names_of_columns_are_there_once() {
    let sandbox = sandbox();
    let name = |at, len| Token::Text(Span { at, len });
    // One row of names; what is said of rows does not count it.
    let told = |names: &[Token]| {
        let answer = with_rows(&[names], 2);
        let Response::Ok(value) = Response::decode(&answer, &DecodeLimits::default()).unwrap()
        else {
            panic!()
        };
        let mut value = value.into_owned();
        set(first_sheet(&mut value), "rows", 0);
        let answer = Response::Ok(value).encode().unwrap();
        told(&sandbox, &answer, ParseOptions::header())
    };
    assert_eq!(told(&[name(0, 1), name(1, 2)]).unwrap(), 0);
    refused("twice", told(&[name(0, 1), name(0, 1)]), "there twice");
    refused(
        "empty",
        told(&[name(0, 1), name(1, 0)]),
        "empty or there twice",
    );
    refused(
        "a number",
        told(&[name(0, 1), Token::Number(1.0)]),
        "no text",
    );
    refused(
        "too few",
        told(&[name(0, 1)]),
        "1 names stand over 2 columns",
    );
}

#[test]
fn documents_are_of_their_form() {
    let sandbox = sandbox();
    let told = |form: &'static str, header: bool, text: &str| {
        let mut answer = honest(
            "parse",
            Arguments::new().with("output", form).with("header", header),
        );
        set(
            &mut answer,
            "body",
            Value::Bin(Cow::Owned(text.as_bytes().to_vec())),
        );
        let sheets = answering(&sandbox, &Response::Ok(answer).encode().unwrap());
        let options = ParseOptions {
            header,
            ..ParseOptions::default()
        };
        match form {
            "json" => sheets.json_blocking(FILE, options),
            "ndjson" => sheets.ndjson_blocking(FILE, options),
            _ => sheets.csv_blocking(FILE, options),
        }
    };
    assert!(
        told(
            "json",
            false,
            "[[1,2],[null,true],[\"x\",{\"error\":\"#N/A\"}]]"
        )
        .is_ok()
    );
    assert!(told("json", true, "[{\"a\":1,\"b\":2},{\"a\":1,\"b\":2}]").is_ok());
    assert!(told("ndjson", false, "[1,2]\n[1,2]\n[1,2]\n").is_ok());
    assert!(told("csv", false, "1,2\r\n1,2\r\n1,2\r\n").is_ok());
    let json = [
        "",
        "<script>",
        "[[1,2],[1,2],[1,2]",
        "[[1,2],[1,2]]",
        "[[1,2],[1,2],[1]]",
        "[[1,2],[1,2],[1,[2]]]",
        "[[1,2],[1,2],[1,2]] x",
        "[[1,2],[1,2],[1,{\"x\":1}]]",
        "[[1,2],[1,2],[1,{\"error\":1}]]",
        "[[1,2],[1,2],[1,{\"error\":\"\",\"x\":1}]]",
        "{\"S\":[]}",
        "[[1,2],[1,2],{\"a\":1}]",
        "[[1,2],[1,2],[1,NaN]]",
    ];
    for text in json {
        refused(text, told("json", false, text), "");
    }
    let objects = [
        "[{\"a\":1,\"a\":2},{\"a\":1,\"a\":2}]",
        "[{\"a\":1,\"b\":2},{\"a\":1,\"c\":2}]",
        "[{\"a\":1,\"b\":2},{\"b\":1,\"a\":2}]",
        "[{\"a\":1,\"b\":2},{\"a\":1}]",
        "[[1,2],[1,2]]",
        "[{\"a\":1,\"b\":2},{\"a\":1,\"b\":2,\"c\":3}]",
    ];
    for text in objects {
        refused(text, told("json", true, text), "not the JSON");
    }
    for text in [
        "[1,2]\n[1,2]\n",
        "[1,2]\n[1,2]\n[1,2]",
        "[1,2]\n[1,2]\n[1,2]\n\n",
        "[1,2][1,2]\n[1,2]\n[1,2]\n",
        "{}\n{}\n{}\n",
    ] {
        refused(text, told("ndjson", false, text), "");
    }
    for text in [
        "",
        "1,2\n1,2\n1,2\n",
        "1,2\r\n1,2\r\n1\r\n",
        "1,2\r\n1,2\r\n",
        "1,\"2\r\n1,2\r\n1,2\r\n",
    ] {
        refused(text, told("csv", false, text), "");
    }
}

#[test]
fn listings_and_errors_are_checked_too() {
    let sandbox = sandbox();
    let list =
        |answer: Response<'_>| answering(&sandbox, &answer.encode().unwrap()).list_blocking(FILE);
    assert!(list(Response::Ok(honest("list", Arguments::new()))).is_ok());
    let mut answer = honest("list", Arguments::new());
    set(&mut answer, "format", "xls");
    refused(
        "another format",
        list(Response::Ok(answer)),
        "`format` is xls",
    );
    let many = vec![honest("list", Arguments::new()); 1_001];
    let mut answer = honest("list", Arguments::new());
    set(&mut answer, "sheets", Value::Array(many));
    refused(
        "too many sheets",
        list(Response::Ok(answer)),
        "1001 sheets, allowed 1000",
    );
    refused(
        "an unknown code",
        list(Response::err("image.options", "x")),
        "unknown code",
    );
    let error = list(Response::err("sheet.malformed", "\u{1b}[31m bad")).unwrap_err();
    assert_eq!(error.code(), "sheet.malformed");
    assert!(!error.to_string().contains('\u{1b}'), "{error}");
}
