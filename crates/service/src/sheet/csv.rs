//! Whether CSV out of a guest is CSV by RFC 4180, with as many records and fields as it is said to have.

use super::answer::SheetInfo;
use crate::fields::Read;

pub(super) fn document(text: &str, sheet: &SheetInfo, header: bool) -> Read<()> {
    let mut rest = text;
    let mut records = 0_u64;
    while !rest.is_empty() {
        rest = record(rest, sheet.columns)?;
        records += 1;
    }
    let named = u64::from(header && sheet.columns > 0);
    if records == u64::from(sheet.rows) + named {
        return Ok(());
    }
    Err(format!(
        "there are {records} records for {} rows and {named} of names",
        sheet.rows
    ))
}

/// Takes a record off the front, if it has so many fields.
fn record(text: &str, columns: u32) -> Read<&str> {
    let (mut rest, mut fields) = (text, 0_u64);
    loop {
        rest = field(rest)?;
        fields += 1;
        rest = match rest.strip_prefix(',') {
            Some(behind) => behind,
            None => break,
        };
    }
    let rest = rest
        .strip_prefix("\r\n")
        .ok_or("a record does not end in CR LF")?;
    if fields == u64::from(columns) {
        return Ok(rest);
    }
    Err(format!(
        "a record has {fields} fields, said to be {columns}"
    ))
}

/// Takes a field off the front: bare up to the next sign, or in quotes with each quote in it doubled.
fn field(text: &str) -> Read<&str> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find([',', '\r', '\n', '"']).unwrap_or(text.len());
        let (_, rest) = text.split_at_checked(end).unwrap_or((text, ""));
        return Ok(rest);
    };
    loop {
        let (_, behind) = rest.split_once('"').ok_or("a quoted field does not end")?;
        match behind.strip_prefix('"') {
            Some(more) => rest = more,
            None => return Ok(behind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::answer::Visibility;
    use super::*;

    fn judged(text: &str, rows: u32, columns: u32, header: bool) -> bool {
        let sheet = SheetInfo {
            index: 0,
            name: String::new(),
            visibility: Visibility::Visible,
            rows,
            columns,
        };
        document(text, &sheet, header).is_ok()
    }

    #[test]
    fn only_what_is_said_is_believed() {
        assert!(judged("a,b\r\n1,\"2\"\"\r\n,\"\r\n", 1, 2, true));
        assert!(judged("", 0, 0, false) && judged("", 0, 0, true));
        assert!(judged("\"\"\r\n", 1, 1, false));
        for (text, rows, columns) in [
            ("a,b\r\n", 2, 2),
            ("a,b\r\n", 0, 2),
            ("a,b\r\n", 1, 3),
            ("a,b\n", 1, 2),
            ("a,b", 1, 2),
            ("a,\"b\r\n", 1, 2),
            ("a,\"b\"c\r\n", 1, 2),
            ("a\"b,c\r\n", 1, 2),
        ] {
            assert!(!judged(text, rows, columns, false), "{text:?}");
        }
    }
}
