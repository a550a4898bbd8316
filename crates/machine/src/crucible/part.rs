//! One value of a Crucible document with its place, and what is read in the same way wherever it is.

use serde_json::Value;

use super::Crucible;
use crate::native::At;
use crate::problem::Flaw;
use crate::tree::Tree;

#[derive(Clone, Debug)]
pub(super) struct Part<'t> {
    pub(super) at: At,
    pub(super) tree: &'t Tree,
}

impl<'t> Part<'t> {
    /// A member; null is as good as none, as Go reads it.
    pub(super) fn get(&self, key: &str) -> Option<Part<'t>> {
        let tree = self.tree.member(key)?;
        let at = self.at.key(key);
        (!matches!(tree, Tree::Null)).then_some(Part { at, tree })
    }

    pub(super) fn elements(&self) -> Vec<Part<'t>> {
        let Tree::List(elements) = self.tree else {
            return Vec::new();
        };
        let elements = elements.iter().enumerate();
        elements
            .map(|(index, tree)| Part {
                at: self.at.index(index),
                tree,
            })
            .collect()
    }

    /// A name of a state or of an event: a text, or a whole number.
    pub(super) fn scalar(&self) -> Option<String> {
        match self.tree {
            Tree::Text(text) => Some(text.clone()),
            Tree::Number(number) if !number.is_f64() => Some(number.to_string()),
            _ => None,
        }
    }

    /// Whether it says more than Go's zero value would.
    pub(super) fn says_something(&self) -> bool {
        match self.tree {
            Tree::Null | Tree::Bool(false) => false,
            Tree::List(elements) => !elements.is_empty(),
            _ => true,
        }
    }
}

/// A name with params, that a registry binds.
#[derive(Debug)]
pub(super) struct Ref {
    pub(super) at: At,
    pub(super) name: String,
    pub(super) params: Value,
}

impl Crucible {
    pub(super) fn flaw(&mut self, at: &At, flaw: Flaw) {
        self.reader.flaw(at, flaw);
    }

    pub(super) fn keep(&mut self, part: &Part<'_>) {
        let value = self.reader.value(&part.at, part.tree);
        self.extra.insert(part.at.pointer(), value);
    }

    /// Keeps the members that are not known, and those that nothing here depends on.
    pub(super) fn others(&mut self, part: &Part<'_>, known: &[&str]) {
        for (key, tree) in self.reader.members(&part.at, part.tree) {
            if !known.contains(&&**key) {
                let at = part.at.key(key);
                self.keep(&Part { at, tree });
            }
        }
    }

    /// None where it is empty, too.
    pub(super) fn text(&mut self, part: &Part<'_>, key: &str) -> Option<String> {
        let text = part.get(key)?;
        let text = self.reader.text(&text.at, text.tree);
        text.filter(|text| !text.is_empty())
    }

    pub(super) fn value(&mut self, part: &Part<'_>, key: &str) -> Value {
        let value = part.get(key);
        let value = value.map(|value| self.reader.value(&value.at, value.tree));
        value.unwrap_or_default()
    }

    pub(super) fn flag(&mut self, part: &Part<'_>, key: &str) -> bool {
        match part.get(key).map(|flag| (flag.at, flag.tree)) {
            Some((_, Tree::Bool(flag))) => *flag,
            Some((at, other)) => {
                self.reader.wrong_type(&at, other, "a boolean");
                false
            }
            None => false,
        }
    }

    /// A number of those that mean something, and what it means.
    pub(super) fn choice<T: Copy>(
        &mut self,
        part: &Part<'_>,
        key: &str,
        wanted: &'static str,
        of: &[T],
    ) -> Option<T> {
        let choice = part.get(key)?;
        let Tree::Number(number) = choice.tree else {
            self.reader.wrong_type(&choice.at, choice.tree, "a number");
            return None;
        };
        let place = number
            .as_u64()
            .and_then(|place| usize::try_from(place).ok());
        let found = place.and_then(|place| of.get(place));
        if found.is_none() {
            let found = number.to_string();
            self.flaw(&choice.at, Flaw::NotAllowed { found, wanted });
        }
        found.copied()
    }

    /// None where it is not there; empty is as good as not there.
    pub(super) fn scalar(&mut self, part: &Part<'_>, key: &str) -> Option<String> {
        self.named(&part.get(key)?)
    }

    fn named(&mut self, part: &Part<'_>) -> Option<String> {
        let scalar = part.scalar();
        if scalar.is_none() {
            self.reader
                .wrong_type(&part.at, part.tree, "a text or a whole number");
        }
        scalar.filter(|scalar| !scalar.is_empty())
    }

    /// The name of an event, which must not mean others here.
    pub(super) fn event(&mut self, part: &Part<'_>) -> Option<String> {
        let event = self.named(part)?;
        if event.split('.').any(|token| token == "*") {
            let (found, wanted) = (event.clone(), "an event here; `*` would mean others");
            self.flaw(&part.at, Flaw::NotAllowed { found, wanted });
        }
        Some(event)
    }

    /// The elements of a list.
    pub(super) fn list<'t>(&mut self, list: Option<Part<'t>>) -> Vec<Part<'t>> {
        let Some(list) = list else {
            return Vec::new();
        };
        if !matches!(list.tree, Tree::List(_)) {
            self.reader.wrong_type(&list.at, list.tree, "a list");
        }
        list.elements()
    }

    pub(super) fn refs(&mut self, list: Option<Part<'_>>) -> Vec<Ref> {
        let elements = self.list(list);
        let refs = elements
            .iter()
            .filter_map(|element| self.reference(element));
        refs.collect()
    }

    pub(super) fn reference(&mut self, part: &Part<'_>) -> Option<Ref> {
        self.others(part, &["name", "params"]);
        let Tree::Object(_) = part.tree else {
            return None;
        };
        let params = self.object(part, "params");
        let Some(name) = part.get("name") else {
            self.flaw(&part.at, Flaw::MissingKey { key: "name" });
            return None;
        };
        let (at, name) = (part.at.clone(), self.reader.name(&name.at, name.tree)?);
        Some(Ref { at, name, params })
    }

    /// An object, or null where there is none.
    pub(super) fn object(&mut self, part: &Part<'_>, key: &str) -> Value {
        match part.get(key) {
            Some(Part { at, tree }) if !matches!(tree, Tree::Object(_)) => {
                self.reader.wrong_type(&at, tree, "an object");
                Value::Null
            }
            _ => self.value(part, key),
        }
    }
}
