//! Guests in the place of the sheet guest that answer with anything but the truth: each tells one lie beside an honest
//! answer, and no lie is believed. The corpus in `guests/hostile` does the rest for all services: what the sandbox itself
//! must bear.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use std::borrow::Cow;

use wardian_abi::{Arguments, Response, Value};
use wardian_service::ServiceError;
use wardian_service::sheet::{Area, Document, ParseOptions, Which};

#[path = "common/liar.rs"]
mod liar;
use liar::{FILE, answering, field, first_sheet, honest, refused, sandbox, set};

type Lie = (&'static str, fn(&mut Value<'static>), &'static str);

/// One lie each about the sheets, and what is said of it.
const LIES: [Lie; 17] = [
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

#[test]
fn what_is_said_of_sheets_is_held_against_what_was_asked() {
    let sandbox = sandbox();
    for (name, lie, why) in LIES {
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
}

#[test]
fn an_answer_is_believed_only_where_it_was_asked_for() {
    let sandbox = sandbox();
    let bytes = Response::Ok(honest("parse", Arguments::new()))
        .encode()
        .unwrap();
    let sheets = answering(&sandbox, &bytes);
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

/// The document of this form with this text in it, as callers would get it.
fn told(form: &'static str, header: bool, text: &str) -> Result<Document, ServiceError> {
    let asked = Arguments::new().with("output", form).with("header", header);
    let mut answer = honest("parse", asked);
    let text = text.as_bytes().to_vec();
    set(&mut answer, "body", Value::Bin(Cow::Owned(text)));
    let sheets = answering(&sandbox(), &Response::Ok(answer).encode().unwrap());
    let options = ParseOptions {
        header,
        ..ParseOptions::default()
    };
    match form {
        "json" => sheets.json_blocking(FILE, options),
        "ndjson" => sheets.ndjson_blocking(FILE, options),
        _ => sheets.csv_blocking(FILE, options),
    }
}

#[test]
fn documents_are_of_their_form() {
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
}

#[test]
fn json_is_of_its_rows() {
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
}

#[test]
fn lines_and_records_are_counted() {
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
