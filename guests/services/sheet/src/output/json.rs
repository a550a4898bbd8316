//! JSON: an array of rows, or a line for each row. With a header rows are objects, without they are arrays.

use std::io::Write as _;

use wardian_abi::table::Token;
use wardian_abi::{Streamed, Value};

use super::header::{self, Unique};
use super::walk::{Cells, Rows};
use super::{described, number};
use crate::budget;
use crate::error::SheetError;
use crate::grid::Sheet;
use crate::options::Ask;
use crate::text::Texts;
use crate::workbook::Read;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    Array,
    Lines,
}

pub(super) fn write(
    body: &mut Streamed,
    read: &Read,
    ask: &Ask<'_>,
    form: Form,
) -> Result<Vec<Value<'static>>, SheetError> {
    let (all, mut unique) = (ask.is_all(), Unique::default());
    let mut sheets = Vec::new();
    if all && form == Form::Array {
        body.body().push(b'{');
    }
    for (number, (place, info, sheet)) in read.sheets.iter().enumerate() {
        let before = body.len();
        let name = unique.name(info.name.clone());
        if all && form == Form::Array {
            if number > 0 {
                body.body().push(b',');
            }
            quoted(&name, body.body());
            body.body().push(b':');
        }
        let mut prefix = Vec::new();
        if all && form == Form::Lines {
            prefix.extend_from_slice(b"{\"sheet\":");
            quoted(&name, &mut prefix);
            prefix.extend_from_slice(b",\"row\":");
        }
        let table = Table {
            sheet,
            texts: &read.texts,
            header: ask.header,
        };
        table.write(body, form, &prefix)?;
        let has_header = ask.header && sheet.rows > 0;
        sheets.push(described(
            *place,
            info,
            sheet,
            has_header,
            body.len() - before,
        ));
    }
    if all && form == Form::Array {
        body.body().push(b'}');
    }
    Ok(sheets)
}

/// One sheet and how it is to be written.
struct Table<'a> {
    sheet: &'a Sheet,
    texts: &'a Texts,
    header: bool,
}

impl Table<'_> {
    fn write(&self, body: &mut Streamed, form: Form, prefix: &[u8]) -> Result<(), SheetError> {
        let mut rows = Rows::of(self.sheet);
        let keys = match self.header.then(|| rows.next()).flatten() {
            Some(first) => self.keys(first),
            None => Vec::new(),
        };
        if form == Form::Array {
            body.body().push(b'[');
        }
        for (number, row) in rows.enumerate() {
            if form == Form::Array && number > 0 {
                body.body().push(b',');
            }
            body.body().extend_from_slice(prefix);
            self.row(row, &keys, body)?;
            if !prefix.is_empty() {
                body.body().push(b'}');
            }
            if form == Form::Lines {
                body.body().push(b'\n');
            }
        }
        if form == Form::Array {
            body.body().push(b']');
        }
        budget::output(body.len())
    }

    /// `"name":` for each column.
    fn keys(&self, first: Cells<'_>) -> Vec<Vec<u8>> {
        let names = header::names(first, self.sheet.columns, self.texts);
        let key = |name: String| {
            let mut key = Vec::new();
            quoted(&name, &mut key);
            key.push(b':');
            key
        };
        names.into_iter().map(key).collect()
    }

    fn row(
        &self,
        mut row: Cells<'_>,
        keys: &[Vec<u8>],
        body: &mut Streamed,
    ) -> Result<(), SheetError> {
        let (open, close) = if self.header {
            (b'{', b'}')
        } else {
            (b'[', b']')
        };
        body.body().push(open);
        for column in 0..self.sheet.columns as usize {
            if column > 0 {
                body.body().push(b',');
            }
            if let Some(key) = keys.get(column) {
                body.body().extend_from_slice(key);
            }
            value(row.next(), self.texts, body.body());
            budget::output(body.len())?;
        }
        body.body().push(close);
        Ok(())
    }
}

fn value(token: Token, texts: &Texts, out: &mut Vec<u8>) {
    match token {
        Token::Empty(_) => out.extend_from_slice(b"null"),
        Token::Text(span) => quoted(texts.get(span), out),
        Token::Number(value) => number(value, out),
        Token::Bool(true) => out.extend_from_slice(b"true"),
        Token::Bool(false) => out.extend_from_slice(b"false"),
        Token::Error(span) => {
            out.extend_from_slice(b"{\"error\":");
            quoted(texts.get(span), out);
            out.push(b'}');
        }
        // Writing into a Vec does not fail.
        Token::Moment(moment) => drop(write!(out, "\"{moment}\"")),
        Token::Elapsed(elapsed) => drop(write!(out, "\"{elapsed}\"")),
    }
}

/// Text in quotes, with what JSON wants escaped.
fn quoted(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = rest
        .iter()
        .position(|byte| matches!(byte, 0..0x20 | b'"' | b'\\'))
    {
        let (before, from) = rest.split_at(at);
        out.extend_from_slice(before);
        let Some((byte, behind)) = from.split_first() else {
            break;
        };
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            other => drop(write!(out, "\\u{other:04x}")),
        }
        rest = behind;
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_quoted() {
        let mut out = Vec::new();
        quoted("a\"b\\c\n\r\t\u{1}é\u{2028}", &mut out);
        assert_eq!(out, "\"a\\\"b\\\\c\\n\\r\\t\\u0001é\u{2028}\"".as_bytes());
    }
}
