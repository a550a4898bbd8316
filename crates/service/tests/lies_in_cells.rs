//! Guests in the place of the sheet guest whose cells are none, do not lie where they should, or are not as many as is
//! said: none of it is believed.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use wardian_abi::table::{Head, Span, Token};
use wardian_abi::{Arguments, DecodeLimits, Elapsed, Moment, Response};
use wardian_sandbox::Sandbox;
use wardian_service::ServiceError;
use wardian_service::sheet::ParseOptions;

#[path = "common/liar.rs"]
mod liar;
use liar::{FILE, answering, body, first_sheet, honest, refused, sandbox, set};

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
