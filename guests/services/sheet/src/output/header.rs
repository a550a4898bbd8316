//! Names of columns out of the first row: each once, none empty, always the same for the same row.
//!
//! A name is the cell as plain text. An empty one becomes `column_3`, after its place counted from 1. One that is there
//! already gets `_2`, `_3` and so on, the first that is free from left to right.

use std::collections::BTreeMap;

use super::plain;
use super::walk::Cells;
use crate::text::Texts;

pub(super) fn names(mut first: Cells<'_>, columns: u32, texts: &Texts) -> Vec<String> {
    let mut unique = Unique::default();
    let mut out = Vec::new();
    for column in 1..=columns {
        let mut name = Vec::new();
        plain(first.next(), texts, &mut name);
        let name = match name.is_empty() {
            true => format!("column_{column}"),
            false => String::from_utf8_lossy(&name).into_owned(),
        };
        out.push(unique.name(name));
    }
    out
}

/// Gives every name once. Each taken name keeps the number that was tried last, so many equal ones cost no more.
#[derive(Default)]
pub(super) struct Unique {
    taken: BTreeMap<String, u32>,
}

impl Unique {
    pub(super) fn name(&mut self, name: String) -> String {
        let Some(tried) = self.taken.get(&name) else {
            self.taken.insert(name.clone(), 1);
            return name;
        };
        let mut number = *tried;
        let free = loop {
            number += 1;
            let candidate = format!("{name}_{number}");
            if !self.taken.contains_key(&candidate) {
                break candidate;
            }
        };
        self.taken.insert(name, number);
        self.taken.insert(free.clone(), 1);
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_there_once() {
        let mut unique = Unique::default();
        let names =
            ["a", "a", "a_2", "a", "b", "a_2", "A"].map(|name| unique.name(name.to_owned()));
        assert_eq!(names, ["a", "a_2", "a_2_2", "a_3", "b", "a_2_3", "A"]);
    }
}
