//! Workbooks of any bytes through both functions of the sheet guest, natively: cells that are what the answer says of
//! them, JSON that is JSON, the same in every form, or an error with a name.

use wardian_abi::table::{Head, Token};
use wardian_abi::{Arguments, DecodeLimits, Response, Value};
use wardian_guest_sheet::{FUNCTIONS, call};

/// Cells that are read here. The guest's own limits are a hundred times as high and have tests.
const CELLS_MAX: u32 = 10_000;
/// Bytes of the choices, at the end of the input: so that a workbook is a seed as it is.
const CHOICES: usize = 4;
/// Bytes of an error's message: a dozen problems, each with what was given, cut.
const MESSAGE_BYTES_MAX: usize = 16 << 10;

/// Hands the bytes to a function as they are, then as a workbook with options.
pub fn sheet(data: &[u8]) {
    let choices = Choices::of(data);
    answered(FUNCTIONS[usize::from(choices.0[0]) % 2], data);

    let sealed = sealed(data);
    let data = sealed.as_slice();
    let listed = answered("list", &request(Arguments::new().with("file", data)));
    let asked = choices.arguments().with("file", data);
    let cells = answered("parse", &request(asked.clone().with("output", "cells")));
    if let Some(cells) = &cells {
        assert!(listed.is_some(), "what is read can be listed");
        walked(cells, &choices);
    }
    for output in ["json", "ndjson", "csv"] {
        let text = answered("parse", &request(asked.clone().with("output", output)));
        if let (Some(text), Some(cells)) = (&text, &cells) {
            written(output, text, cells, &choices);
        }
    }
}

/// An archive with the sums of its unpacked parts made right: a fuzzer would never find one, and get no further.
fn sealed(data: &[u8]) -> Vec<u8> {
    let mut out = data.to_vec();
    for at in 0..data.len().saturating_sub(46) {
        if data[at..].starts_with(b"PK\x01\x02")
            && let Some(sum) = sum_of(data, at)
        {
            out[at + 16..at + 20].copy_from_slice(&sum.to_le_bytes());
        }
    }
    out
}

/// The sum that an entry of the directory should name, if its part is not packed.
fn sum_of(data: &[u8], at: usize) -> Option<u32> {
    let number = |at: usize| Some(u32::from_le_bytes(*data.get(at..)?.first_chunk()?) as usize);
    let (len, begins) = (number(at + 20)?, number(at + 42)?);
    let names = number(begins.checked_add(26)?)?;
    let begins = begins + 30 + (names & 0xffff) + (names >> 16);
    let part = data.get(begins..begins.checked_add(len)?)?;
    if number(at + 10)? & 0xffff != 0 || number(at + 24)? != len || len > 1 << 16 {
        return None;
    }
    let step = |sum: u32, byte: &u8| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ ((sum & 1) * 0xedb8_8320)
        })
    };
    Some(!part.iter().fold(u32::MAX, step))
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
            assert!(error.code.starts_with("sheet."), "{error:?}");
            assert!(error.message.len() <= MESSAGE_BYTES_MAX, "{error:?}");
            None
        }
        Err(error) => panic!("`{function}` answered with no response: {error}"),
    }
}

fn body<'v>(answer: &'v Value<'_>) -> &'v [u8] {
    match answer.get("body").and_then(Value::as_bytes) {
        Some(body) => body,
        None => panic!("no body: {answer:?}"),
    }
}

fn whole(value: &Value<'_>, name: &str) -> u64 {
    let number = value.get(name).and_then(Value::as_int);
    match number.and_then(|number| u64::try_from(number).ok()) {
        Some(number) => number,
        None => panic!("`{name}` is missing: {value:?}"),
    }
}

fn sheets<'v, 'a>(answer: &'v Value<'a>) -> &'v [Value<'a>] {
    answer
        .get("sheets")
        .and_then(Value::as_array)
        .unwrap_or_default()
}

/// Every row and cell lies within what is said of its sheet, every text in the block.
fn walked(answer: &Value<'_>, choices: &Choices) {
    let (block, mut rest) = body(answer).split_at(whole(answer, "text") as usize);
    let block = match std::str::from_utf8(block) {
        Ok(block) => block,
        Err(error) => panic!("the text is none: {error}"),
    };
    let mut all = 0;
    for sheet in sheets(answer) {
        let (cells, behind) = rest.split_at(whole(sheet, "bytes") as usize);
        rest = behind;
        let (said, columns) = (whole(sheet, "rows"), whole(sheet, "columns"));
        let header = u64::from(choices.header() && !cells.is_empty());
        all += said * columns;
        assert!(rows(cells, block, columns) <= said + header, "{sheet:?}");
    }
    assert!(rest.is_empty() && all <= u64::from(CELLS_MAX), "{all}");
}

fn rows(mut cells: &[u8], block: &str, columns: u64) -> u64 {
    let mut count = 0;
    while let Some((head, behind)) = Head::read(cells) {
        cells = behind;
        match head {
            Head::Empty(empty) => count += u64::from(empty),
            Head::Row(bytes) => {
                let (row, behind) = cells.split_at(bytes as usize);
                assert!(width(row, block) <= columns);
                (cells, count) = (behind, count + 1);
            }
        }
    }
    assert!(cells.is_empty());
    count
}

fn width(mut row: &[u8], block: &str) -> u64 {
    let mut width = 0;
    while let Some((token, behind)) = Token::read(row) {
        row = behind;
        width += match token {
            Token::Empty(count) => u64::from(count),
            _ => 1,
        };
        match token {
            Token::Text(span) | Token::Error(span) => assert!(span.of(block).is_some()),
            Token::Number(number) => assert!(number.is_finite()),
            Token::Moment(moment) => assert!(moment.is_valid()),
            Token::Elapsed(elapsed) => assert!(elapsed.is_valid()),
            Token::Empty(count) => assert!(count > 0),
            Token::Bool(_) => {}
        }
    }
    assert!(row.is_empty());
    width
}

/// The text is of its form, and of as many rows as the cells have.
fn written(output: &str, answer: &Value<'_>, cells: &Value<'_>, choices: &Choices) {
    let text = match std::str::from_utf8(body(answer)) {
        Ok(text) => text,
        Err(error) => panic!("{output} is no text: {error}"),
    };
    for (said, due) in sheets(answer).iter().zip(sheets(cells)) {
        for name in ["index", "name", "rows", "columns"] {
            assert_eq!(said.get(name), due.get(name), "{output}");
        }
    }
    let due: u64 = sheets(cells).iter().map(|sheet| whole(sheet, "rows")).sum();
    match output {
        "json" => {
            let count = match json(text) {
                serde_json::Value::Array(rows) => rows.len(),
                serde_json::Value::Object(all) => all
                    .values()
                    .filter_map(|rows| Some(rows.as_array()?.len()))
                    .sum(),
                other => panic!("{other} is no table"),
            };
            assert_eq!(count as u64, due);
        }
        "ndjson" => {
            text.lines().for_each(|line| drop(json(line)));
            assert_eq!(text.lines().count() as u64, due);
        }
        // A mark at the beginning of the first cell would be one of the file's.
        _ if text.starts_with('\u{feff}') => {}
        // Read again as what it is, the same rows come out.
        _ => {
            let again = Arguments::new()
                .with("file", text.as_bytes())
                .with("delimiter", ",")
                .with("output", "csv")
                .with("text", true)
                .with("header", choices.header());
            if let Some(again) = answered("parse", &request(again)) {
                assert_eq!(body(&again), text.as_bytes());
            }
        }
    }
}

fn json(text: &str) -> serde_json::Value {
    match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => panic!("this is no JSON: {error}: {text}"),
    }
}

/// What the last bytes choose.
struct Choices([u8; CHOICES]);

impl Choices {
    fn of(data: &[u8]) -> Choices {
        let mut bytes = [0; CHOICES];
        let tail = &data[data.len().saturating_sub(CHOICES)..];
        bytes[..tail.len()].copy_from_slice(tail);
        Choices(bytes)
    }

    fn header(&self) -> bool {
        self.0[1] & 1 != 0
    }

    fn arguments(&self) -> Arguments<'static> {
        let asked = Arguments::new()
            .with("cells_max", CELLS_MAX)
            .with("header", self.header())
            .with("text", self.0[1] & 2 != 0);
        let asked = match self.0[2] % 6 {
            0 => asked.with("all", true),
            1 => asked.with("sheet", u32::from(self.0[3]) % 4),
            2 => asked.with("sheet", "S"),
            _ => asked,
        };
        match self.0[3] % 8 {
            0 => asked.with("range", "B2:D4"),
            1 => asked.with("delimiter", ";"),
            _ => asked,
        }
    }
}
