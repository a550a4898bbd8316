//! Whether JSON out of a guest is JSON, and of the shape that was asked for: so many rows, so many cells in each, every
//! cell a scalar or an error. It is walked as it is parsed; nothing of it is built.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::answer::SheetInfo;
use crate::fields::Read;

/// An array of rows, or an object of such arrays by the names of the sheets.
pub(super) fn document(text: &str, sheets: &[SheetInfo], header: bool, all: bool) -> Read<()> {
    let mut json = serde_json::Deserializer::from_str(text);
    let walked = match (all, sheets) {
        (true, _) => Sheets { sheets, header }.deserialize(&mut json),
        (false, [sheet]) => Rows { sheet, header }.deserialize(&mut json),
        (false, _) => return Err("JSON of several sheets was not asked for".into()),
    };
    walked.and_then(|()| json.end()).map_err(said)
}

/// A line for each row, which says its sheet where every sheet was asked for.
pub(super) fn lines(text: &str, sheets: &[SheetInfo], header: bool, all: bool) -> Read<()> {
    let mut lines = text.split_inclusive('\n');
    for sheet in sheets {
        let mut keys = Keys::new(sheet.columns);
        for _ in 0..sheet.rows {
            let line = lines.next().ok_or("there are fewer lines than rows")?;
            let line = line
                .strip_suffix('\n')
                .ok_or("the last line does not end")?;
            let mut json = serde_json::Deserializer::from_str(line);
            let row = Row {
                header,
                keys: &mut keys,
            };
            let walked = match all {
                true => OfSheet { row }.deserialize(&mut json),
                false => row.deserialize(&mut json),
            };
            walked.and_then(|()| json.end()).map_err(said)?;
        }
    }
    match lines.next() {
        None => Ok(()),
        Some(_) => Err("there are more lines than rows".into()),
    }
}

fn said(error: serde_json::Error) -> String {
    let cut: String = error.to_string().chars().take(200).collect();
    format!("the document is not the JSON that it must be: {cut}")
}

macro_rules! walk {
    ($name:ident, $any:ident) => {
        impl<'de> DeserializeSeed<'de> for $name<'_> {
            type Value = ();

            fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
                json.$any(self)
            }
        }
    };
}

macro_rules! expecting {
    ($what:literal) => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str($what)
        }
    };
}

/// An object with each sheet's rows under its name.
struct Sheets<'a> {
    sheets: &'a [SheetInfo],
    header: bool,
}

walk!(Sheets, deserialize_map);

impl<'de> Visitor<'de> for Sheets<'_> {
    type Value = ();

    expecting!("an object of sheets by their names");

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (mut seen, mut sheets) = (BTreeSet::new(), self.sheets.iter());
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            let sheet = sheets
                .next()
                .ok_or_else(|| A::Error::custom("more sheets than were read"))?;
            // A name that two sheets have gets a number behind it the second time.
            if !name.starts_with(&sheet.name) || !seen.insert(name) {
                return Err(A::Error::custom("a sheet has another name"));
            }
            map.next_value_seed(Rows {
                sheet,
                header: self.header,
            })?;
        }
        match sheets.next() {
            None => Ok(()),
            Some(_) => Err(A::Error::custom("fewer sheets than were read")),
        }
    }
}

/// An array with every row of a sheet.
struct Rows<'a> {
    sheet: &'a SheetInfo,
    header: bool,
}

walk!(Rows, deserialize_seq);

impl<'de> Visitor<'de> for Rows<'_> {
    type Value = ();

    expecting!("an array of rows");

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut keys = Keys::new(self.sheet.columns);
        let mut count = 0_u64;
        loop {
            let row = Row {
                header: self.header,
                keys: &mut keys,
            };
            if seq.next_element_seed(row)?.is_none() {
                break;
            }
            count += 1;
        }
        if count == u64::from(self.sheet.rows) {
            return Ok(());
        }
        Err(A::Error::custom(format_args!(
            "{count} rows, said to be {}",
            self.sheet.rows
        )))
    }
}

/// `{"sheet": name, "row": row}`.
struct OfSheet<'a> {
    row: Row<'a>,
}

walk!(OfSheet, deserialize_map);

impl<'de> Visitor<'de> for OfSheet<'_> {
    type Value = ();

    expecting!("an object of `sheet` and `row`");

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let due = |found: Option<Cow<'de, str>>, name: &str| match found.as_deref() {
            Some(found) if found == name => Ok(()),
            _ => Err(A::Error::custom(format_args!("`{name}` is due"))),
        };
        due(map.next_key()?, "sheet")?;
        map.next_value::<Cow<'de, str>>()?;
        due(map.next_key()?, "row")?;
        map.next_value_seed(self.row)?;
        match map.next_key::<IgnoredAny>()? {
            None => Ok(()),
            Some(_) => Err(A::Error::custom("more than a sheet and a row")),
        }
    }
}

/// The names of the columns, as the first row has them.
struct Keys {
    columns: u32,
    names: Vec<String>,
}

impl Keys {
    fn new(columns: u32) -> Keys {
        Keys {
            columns,
            names: Vec::new(),
        }
    }
}

/// A row: an object with a header, else an array.
struct Row<'a> {
    header: bool,
    keys: &'a mut Keys,
}

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        match self.header {
            true => json.deserialize_map(self),
            false => json.deserialize_seq(self),
        }
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = ();

    expecting!("a row");

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut count = 0_u32;
        while seq.next_element_seed(Cell)?.is_some() {
            count += 1;
        }
        counted(count, self.keys.columns)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let is_first = self.keys.names.is_empty();
        let (mut seen, mut count) = (BTreeSet::new(), 0_u32);
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            let known = self.keys.names.get(count as usize).map(String::as_str);
            if is_first && seen.insert(key.to_string()) {
                self.keys.names.push(key.into_owned());
            } else if known != Some(&*key) {
                return Err(A::Error::custom(
                    "a column has another name or one that is there twice",
                ));
            }
            map.next_value_seed(Cell)?;
            count += 1;
        }
        counted(count, self.keys.columns)
    }
}

fn counted<E: Error>(count: u32, columns: u32) -> Result<(), E> {
    if count == columns {
        return Ok(());
    }
    Err(E::custom(format_args!(
        "{count} cells, said to be {columns}"
    )))
}

/// A scalar, or an error.
struct Cell;

impl<'de> DeserializeSeed<'de> for Cell {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

macro_rules! scalars {
    ($($visit:ident: $kind:ty),*) => {$(
        fn $visit<E: Error>(self, _: $kind) -> Result<(), E> {
            Ok(())
        }
    )*};
}

impl<'de> Visitor<'de> for Cell {
    type Value = ();

    expecting!("a scalar or an error");

    scalars!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if map.next_key::<Cow<'de, str>>()?.as_deref() != Some("error") {
            return Err(A::Error::custom("an error has a name of its own"));
        }
        map.next_value::<Cow<'de, str>>()?;
        match map.next_key::<IgnoredAny>()? {
            None => Ok(()),
            Some(_) => Err(A::Error::custom("an error says more than it may")),
        }
    }
}
