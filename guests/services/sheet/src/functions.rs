//! The two functions: what sheets there are, and what is in them.

use wardian_abi::{Arguments, EncodeError, Response, Value};
use wardian_guest_kit::{Checker, map};

use crate::error::SheetError;
use crate::format::{self, Source};
use crate::options::Ask;
use crate::workbook::{Info, Read};
use crate::{budget, csv, ods, output, xls, xlsx};

type Answer = Result<Vec<u8>, SheetError>;

/// `file`: its format and its sheets; cells are not read.
pub(crate) fn list(arguments: &Arguments<'_>) -> Answer {
    let mut checker = Checker::new(arguments);
    let file = checker.bytes_due("file");
    checker
        .finish()
        .map_err(|problems| SheetError::new("sheet.options", problems))?;
    budget::source(file)?;
    let (format, sheets) = match format::open(file)? {
        Source::Xlsx(archive) => ("xlsx", xlsx::list(&archive)?),
        Source::Ods(archive) => ("ods", ods::list(&archive)?),
        Source::Xls(container) => ("xls", xls::list(&container)?),
        Source::Csv(_) => ("csv", csv::list()),
    };
    let sheets = sheets.into_iter().map(described).collect();
    let answer = map([("format", format.into()), ("sheets", Value::Array(sheets))]);
    Response::Ok(answer).encode().map_err(unwritable)
}

fn described(info: Info) -> Value<'static> {
    map([
        ("name", info.name.into()),
        ("kind", info.kind.name().into()),
        ("visibility", info.visibility.name().into()),
    ])
}

/// `file, sheet? | all?, header?, output?, range?, cells_max?, delimiter?, text?`: cells, JSON or CSV.
pub(crate) fn parse(arguments: &Arguments<'_>) -> Answer {
    let ask = Ask::read(arguments)?;
    budget::source(ask.file)?;
    let read = match format::open(ask.file)? {
        Source::Xlsx(archive) => xlsx::read(&archive, &ask.choice, ask.bounds),
        Source::Ods(archive) => ods::read(&archive, &ask.choice, ask.bounds),
        Source::Xls(container) => xls::read(&container, &ask.choice, ask.bounds),
        Source::Csv(source) => csv::read(source, &ask.choice, ask.bounds, ask.wishes),
    }?;
    output::write(&ask, read)
}

/// Ends an answer with what is said beside its body.
pub(crate) fn finish(
    body: wardian_abi::Streamed,
    read: &Read,
    sheets: Vec<Value<'static>>,
    text_bytes: usize,
) -> Answer {
    let (encoding, delimiter) = match read.dialect {
        Some((encoding, delimiter)) => (Some(encoding), Some(delimiter.to_string())),
        None => (None, None),
    };
    let fields = [
        ("format", read.format.name().into()),
        ("encoding", encoding.into()),
        ("delimiter", delimiter.into()),
        ("text", (text_bytes as u64).into()),
        ("sheets", Value::Array(sheets)),
    ];
    body.finish(fields).map_err(unwritable)
}

pub(crate) fn unwritable(error: EncodeError) -> SheetError {
    SheetError::too_large(error.to_string())
}
