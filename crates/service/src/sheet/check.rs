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
    if is_first && said.has_header && said.rows > 0 {
        return Err("the names of the columns are missing".into());
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
