//! The two forms in which nearly all of a workbook is written, read in one go: `<c r="B7" s="1" t="s"><v>12</v></c>`
//! and `<si><t>text</t></si>`.
//!
//! They take most of the bytes, and as events each of them is five. What differs from these forms in any way (a space, a
//! comment, a reference, a prefix) is none of them and is read as events, with the same result.

use super::cells::{Cell, Kind};
use super::place;

/// A cell without anything in it but a value.
pub(super) struct Swift<'a> {
    pub(super) cell: Cell,
    pub(super) value: Option<&'a str>,
    /// Bytes that it takes.
    pub(super) len: usize,
}

/// The cell that `bytes` begin with, if it has this form; `due` is its place where it does not say.
pub(super) fn cell(bytes: &[u8], due: (u32, u32)) -> Option<Swift<'_>> {
    let mut rest = bytes.strip_prefix(b"<c")?;
    let mut cell = Cell::at(due);
    loop {
        match rest {
            [b'>', behind @ ..] => {
                rest = behind;
                break;
            }
            [b'/', b'>', behind @ ..] => {
                return Some(Swift {
                    cell,
                    value: None,
                    len: bytes.len() - behind.len(),
                });
            }
            [b' ', name, b'=', b'"', behind @ ..] => {
                let (value, behind) = until(behind, b'"')?;
                attribute(&mut cell, *name, value)?;
                rest = behind;
            }
            _ => return None,
        }
    }
    let (value, behind) = until(rest.strip_prefix(b"<v>")?, b'<')?;
    let behind = behind.strip_prefix(b"/v></c>")?;
    Some(Swift {
        cell,
        value: Some(plain(value)?),
        len: bytes.len() - behind.len(),
    })
}

fn attribute(cell: &mut Cell, name: u8, value: &[u8]) -> Option<()> {
    let value = std::str::from_utf8(value).ok()?;
    match name {
        b'r' => match place(value)? {
            (Some(row), Some(column)) => (cell.row, cell.column) = (row, column),
            _ => return None,
        },
        b's' => cell.style = value.parse().ok()?,
        b't' => {
            cell.kind = Kind::of(value);
            if cell.kind == Kind::Inline {
                return None;
            }
        }
        _ => return None,
    }
    Some(())
}

/// The shared string that `bytes` begin with, if it has this form, and the bytes that it takes.
pub(super) fn string(bytes: &[u8]) -> Option<(&str, usize)> {
    let rest = bytes.strip_prefix(b"<si><t")?;
    let rest = rest
        .strip_prefix(b" xml:space=\"preserve\"")
        .unwrap_or(rest);
    let (text, behind) = until(rest.strip_prefix(b">")?, b'<')?;
    let behind = behind.strip_prefix(b"/t></si>")?;
    Some((plain(text)?, bytes.len() - behind.len()))
}

/// What stands before a sign, and what behind it.
fn until(bytes: &[u8], sign: u8) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|byte| *byte == sign)?;
    let (before, from) = bytes.split_at_checked(at)?;
    Some((before, from.get(1..)?))
}

/// Text in which nothing is referred to and no line ends in another way than XML's.
fn plain(text: &[u8]) -> Option<&str> {
    let is_special = |byte: &u8| matches!(byte, b'&' | b'\r');
    if text.iter().any(is_special) {
        return None;
    }
    std::str::from_utf8(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(bytes: &str) -> Option<(u32, u32, usize, Option<&str>, usize)> {
        let swift = cell(bytes.as_bytes(), (4, 5))?;
        let Cell {
            row, column, style, ..
        } = swift.cell;
        Some((row, column, style, swift.value, swift.len))
    }

    #[test]
    fn the_plain_form_is_read_and_nothing_else() {
        let good = [
            (
                "<c r=\"B7\" s=\"3\" t=\"s\"><v>12</v></c><c/>",
                (6, 1, 3, Some("12"), 35),
            ),
            ("<c><v></v></c>", (4, 5, 0, Some(""), 14)),
            ("<c r=\"A1\"/>", (0, 0, 0, None, 11)),
            ("<c/>", (4, 5, 0, None, 4)),
        ];
        for (text, due) in good {
            assert_eq!(seen(text), Some(due), "{text}");
        }
        for text in [
            "",
            "<c",
            "<c ",
            "<col/>",
            "<c r='A1'/>",
            "<c  r=\"A1\"/>",
            "<c r=\"A\"/>",
            "<c vm=\"1\"/>",
            "<c x:r=\"A1\"/>",
            "<c t=\"inlineStr\"><v>1</v></c>",
            "<c><v>1</v> </c>",
            "<c><v>&amp;</v></c>",
            "<c><v>a\rb</v></c>",
            "<c><f>A1</f><v>1</v></c>",
            "<c><v>1</v></c",
            "<c></c>",
            "<c s=\"x\"/>",
        ] {
            assert_eq!(seen(text), None, "{text}");
        }
    }

    #[test]
    fn plain_strings_are_read_and_nothing_else() {
        let one = |text: &'static str| string(text.as_bytes());
        assert_eq!(one("<si><t>a b</t></si><si>"), Some(("a b", 19)));
        assert_eq!(
            one("<si><t xml:space=\"preserve\"> a</t></si>"),
            Some((" a", 39))
        );
        for text in [
            "<si/>",
            "<si><t/></si>",
            "<si><t>&lt;</t></si>",
            "<si><t>a</t><rPh/></si>",
            "<si><t>a</t>",
            "<si><t",
        ] {
            assert_eq!(one(text), None, "{text}");
        }
    }
}
