//! The forms of a result. Cells are copied as they were collected; JSON and CSV are written into the answer itself.

mod cells;
mod csv;
mod header;
mod json;
mod walk;

use std::io::Write as _;

use wardian_abi::table::Token;
use wardian_abi::{Streamed, Value};
use wardian_guest_kit::map;

use crate::error::SheetError;
use crate::functions::unwritable;
use crate::grid::Sheet;
use crate::options::{Ask, Output};
use crate::text::Texts;
use crate::workbook::{Info, Read};

/// The answer to `parse`.
pub(crate) fn write(ask: &Ask<'_>, mut read: Read) -> Result<Vec<u8>, SheetError> {
    let mut body = Streamed::new("body").map_err(unwritable)?;
    let (sheets, text_bytes) = match ask.output {
        Output::Cells => cells::write(&mut body, &mut read, ask.header)?,
        Output::Json => (json::write(&mut body, &read, ask, json::Form::Array)?, 0),
        Output::Ndjson => (json::write(&mut body, &read, ask, json::Form::Lines)?, 0),
        Output::Csv => (csv::write(&mut body, &read, ask)?, 0),
    };
    crate::functions::finish(body, &read, sheets, text_bytes)
}

/// What an answer says of a sheet; `rows` are those behind the header.
fn described(
    place: usize,
    info: &Info,
    sheet: &Sheet,
    header: bool,
    bytes: usize,
) -> Value<'static> {
    map([
        ("index", (place as u64).into()),
        ("name", info.name.clone().into()),
        ("kind", info.kind.name().into()),
        ("visibility", info.visibility.name().into()),
        ("rows", sheet.rows.saturating_sub(header.into()).into()),
        ("columns", sheet.columns.into()),
        ("bytes", (bytes as u64).into()),
    ])
}

/// A number by its shortest digits: a whole one without a point, a very large or small one with an exponent.
pub(crate) fn number(value: f64, out: &mut Vec<u8>) {
    const WHOLE: f64 = 1e15;
    if value == 0.0 {
        return out.push(b'0');
    }
    if value.trunc() == value && value.abs() < WHOLE {
        // Writing into a Vec does not fail.
        let _ = write!(out, "{}", value as i64);
        return;
    }
    let mut buffer = zmij::Buffer::new();
    let digits = buffer.format(value);
    let digits = digits.strip_suffix(".0").unwrap_or(digits);
    out.extend_from_slice(digits.as_bytes());
}

/// What a cell looks like as plain text: in CSV, and as the name of a column.
fn plain(token: Token, texts: &Texts, out: &mut Vec<u8>) {
    let written = match token {
        Token::Empty(_) => Ok(()),
        Token::Text(span) | Token::Error(span) => out.write_all(texts.get(span).as_bytes()),
        Token::Number(value) => {
            number(value, out);
            Ok(())
        }
        Token::Bool(true) => out.write_all(b"TRUE"),
        Token::Bool(false) => out.write_all(b"FALSE"),
        Token::Moment(moment) => write!(out, "{moment}"),
        Token::Elapsed(elapsed) => write!(out, "{elapsed}"),
    };
    debug_assert!(written.is_ok());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_short_as_they_are_and_come_back() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-1.5, "-1.5"),
            (0.1, "0.1"),
            (1e15, "1000000000000000"),
            (123_456_789_012_345.0, "123456789012345"),
            (9_007_199_254_740_993.0, "9007199254740992"),
            (1e21, "1e+21"),
            (1e-7, "1e-7"),
            (1.797_693_134_862_315_7e308, "1.7976931348623157e+308"),
            (5e-324, "5e-324"),
        ];
        for (value, text) in cases {
            let mut out = Vec::new();
            number(value, &mut out);
            let out = String::from_utf8(out).unwrap();
            assert_eq!(out, text);
            assert_eq!(out.parse::<f64>().unwrap(), value);
        }
    }
}
