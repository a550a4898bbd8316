//! A walk over the rows of a sheet, each as wide as the rectangle and none of them made before it is needed.

use wardian_abi::table::{Head, Token};

use crate::grid::Sheet;

/// The rows of a sheet.
pub(super) struct Rows<'a> {
    rest: &'a [u8],
    /// Empty rows that are still to come before the rest.
    empty: u32,
    left: u32,
}

impl<'a> Rows<'a> {
    pub(super) fn of(sheet: &'a Sheet) -> Rows<'a> {
        Rows {
            rest: &sheet.cells,
            empty: 0,
            left: sheet.rows,
        }
    }

    /// What is left in the form in which it lies.
    pub(super) fn rest(&self) -> (u32, &'a [u8]) {
        (self.empty, self.rest)
    }
}

impl<'a> Iterator for Rows<'a> {
    type Item = Cells<'a>;

    fn next(&mut self) -> Option<Cells<'a>> {
        self.left = self.left.checked_sub(1)?;
        if self.empty == 0
            && let Some((head, behind)) = Head::read(self.rest)
        {
            self.rest = behind;
            match head {
                Head::Empty(count) => self.empty = count,
                Head::Row(bytes) => {
                    let (row, behind) = behind
                        .split_at_checked(bytes as usize)
                        .unwrap_or((behind, &[]));
                    self.rest = behind;
                    return Some(Cells {
                        rest: row,
                        empty: 0,
                    });
                }
            }
        }
        self.empty = self.empty.saturating_sub(1);
        Some(Cells {
            rest: &[],
            empty: 0,
        })
    }
}

/// The cells of a row, one by one, and empty ones without end behind them.
pub(super) struct Cells<'a> {
    rest: &'a [u8],
    empty: u32,
}

impl Cells<'_> {
    /// The next cell; [`Token::Empty`] stands for one.
    pub(super) fn next(&mut self) -> Token {
        if self.empty == 0
            && let Some((token, behind)) = Token::read(self.rest)
        {
            self.rest = behind;
            match token {
                Token::Empty(count) => self.empty = count,
                other => return other,
            }
        }
        self.empty = self.empty.saturating_sub(1);
        Token::Empty(1)
    }
}
