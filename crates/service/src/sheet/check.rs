//! Whether cells out of a guest are what they must be: one walk over all of them, after which reading them cannot fail.

use std::collections::BTreeSet;

use wardian_abi::table::{Head, Token};

use crate::fields::Read;

/// What a sheet is said to have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said {
    /// Rows, the one with names among them.
    pub(super) rows: u32,
    pub(super) columns: u32,
    /// The first row holds names, each once.
    pub(super) has_header: bool,
}

/// Holds the rows of a sheet against what is said of it.
pub(super) fn rows(cells: &[u8], text: &str, said: Said) -> Read<()> {
    let (mut rest, mut left) = (cells, said.rows);
    let mut is_first = true;
    while !rest.is_empty() {
        let (head, behind) = Head::read(rest).ok_or("a row's head is cut off")?;
        rest = behind;
        let count = match head {
            Head::Empty(0) => return Err("no empty rows are said to follow".into()),
            Head::Empty(count) => count,
            Head::Row(bytes) => {
                let (tokens, behind) = rest
                    .split_at_checked(bytes as usize)
                    .ok_or("a row is cut off")?;
                rest = behind;
                if is_first && said.has_header {
                    names(tokens, text, said.columns)?;
                } else {
                    row(tokens, text, said.columns)?;
                }
                1
            }
        };
        if is_first && said.has_header && matches!(head, Head::Empty(_)) {
            return Err("the names of the columns are missing".into());
        }
        is_first = false;
        left = left.checked_sub(count).ok_or_else(|| {
            format!(
                "there are more rows than the {} that it is said to have",
                said.rows
            )
        })?;
    }
    if left > 0 {
        return Err(format!("{left} of {} rows are missing", said.rows));
    }
    Ok(())
}

fn row(tokens: &[u8], text: &str, columns: u32) -> Read<()> {
    let (mut rest, mut left) = (tokens, columns);
    while !rest.is_empty() {
        let (token, behind) = Token::read(rest).ok_or("a cell is none or cut off")?;
        rest = behind;
        let count = match token {
            Token::Empty(count) => count,
            _ => 1,
        };
        cell(token, text)?;
        left = left.checked_sub(count).ok_or_else(|| {
            format!("a row has more cells than the {columns} columns of its sheet")
        })?;
    }
    Ok(())
}

fn cell(token: Token, text: &str) -> Read<()> {
    let good = match token {
        Token::Empty(count) => count > 0,
        Token::Text(span) | Token::Error(span) => span.of(text).is_some(),
        Token::Number(number) => number.is_finite(),
        Token::Bool(_) => true,
        Token::Moment(moment) => moment.is_valid(),
        Token::Elapsed(elapsed) => elapsed.is_valid(),
    };
    if good {
        return Ok(());
    }
    Err(match token {
        Token::Empty(_) => "no empty cells are said to follow",
        Token::Text(_) | Token::Error(_) => {
            "a text lies outside of the block or between characters"
        }
        Token::Number(_) | Token::Bool(_) => "a number is not finite",
        Token::Moment(_) | Token::Elapsed(_) => "a date or a duration is out of range",
    }
    .into())
}

fn names(tokens: &[u8], text: &str, columns: u32) -> Read<()> {
    let (mut rest, mut seen) = (tokens, BTreeSet::new());
    while !rest.is_empty() {
        let (token, behind) = Token::read(rest).ok_or("a name is cut off")?;
        rest = behind;
        let name = match token {
            Token::Text(span) => span.of(text),
            _ => None,
        };
        let name = name.ok_or("the name of a column is no text")?;
        if name.is_empty() || !seen.insert(name) {
            return Err("the name of a column is empty or there twice".into());
        }
    }
    if seen.len() as u64 != u64::from(columns) {
        return Err(format!("{} names stand over {columns} columns", seen.len()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::super::answer::{SheetInfo, Visibility};
    use super::super::cell::{Cell, Sheet};

    fn sheet(cells: &[u8], said: Said) -> Sheet {
        Sheet {
            info: SheetInfo {
                index: 0,
                name: String::new(),
                visibility: Visibility::Visible,
                rows: said.rows - u32::from(said.has_header),
                columns: said.columns,
            },
            has_header: said.has_header,
            text: Bytes::from_static("aéz".as_bytes()),
            cells: Bytes::copy_from_slice(cells),
        }
    }

    proptest! {
        /// Whatever bytes are taken for cells: they are refused, or read as exactly the rows and columns that were said.
        #[test]
        fn what_passes_is_read_as_it_was_said(
            pieces in proptest::collection::vec((0_u8..12, 0_u32..6, any::<u8>()), 0..12),
            rows in 0_u32..5,
            columns in 0_u32..5,
            cut in 0_usize..4,
        ) {
            let mut cells = Vec::new();
            for (tag, number, byte) in pieces {
                match tag {
                    0..4 => Head::Row(number).write(&mut cells),
                    4 => Head::Empty(number).write(&mut cells),
                    5 => Token::Empty(number).write(&mut cells),
                    6 => Token::Text(wardian_abi::table::Span { at: number, len: byte.into() }).write(&mut cells),
                    7 => Token::Bool(true).write(&mut cells),
                    _ => cells.push(byte),
                }
            }
            cells.truncate(cells.len().saturating_sub(cut));
            let said = Said { rows, columns, has_header: false };
            let judged = super::rows(&cells, "aéz", said);
            let read = sheet(&cells, said);
            // Reading is safe whatever was judged.
            let seen: Vec<usize> = read.rows().map(|row| row.cells().count()).collect();
            prop_assert_eq!(&seen, &vec![columns as usize; rows as usize]);
            if judged.is_ok() {
                let texts = read.rows().flat_map(|row| row.cells()).filter(|cell| matches!(cell, Cell::Text(text) if !"aéz".contains(text)));
                prop_assert_eq!(texts.count(), 0);
            }
        }
    }
}
