//! JSON as it is written: members in their order, and twice where they are there twice. What other readers drop in
//! silence could be what another checker decides by.

use alloc::borrow::Cow;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

use crate::problem::{At, Flaw, Gathered};

#[derive(Clone, Debug)]
pub(crate) enum Tree<'t> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'t, str>),
    List(Vec<Tree<'t>>),
    Object(Vec<(Cow<'t, str>, Tree<'t>)>),
}

impl<'t> Tree<'t> {
    /// Parses a text of at most so many bytes; what is there twice anywhere is a problem. The parser goes 127 deep.
    pub(crate) fn read(text: &'t [u8], bytes_max: usize, problems: &mut Gathered) -> Option<Self> {
        if text.len() > bytes_max {
            let (bytes, max) = (text.len(), bytes_max);
            problems.add(&At::Top, Flaw::TooLong { bytes, max });
            return None;
        }
        match serde_json::from_slice::<Tree<'t>>(text) {
            Ok(tree) => {
                tree.look_for_twice(&At::Top, problems);
                Some(tree)
            }
            Err(error) => {
                problems.add(&At::Top, Flaw::NotJson(error.to_string()));
                None
            }
        }
    }

    fn look_for_twice(&self, at: &At<'_>, problems: &mut Gathered) {
        match self {
            Tree::List(entries) => {
                for (number, entry) in entries.iter().enumerate() {
                    entry.look_for_twice(&At::Entry(at, number), problems);
                }
            }
            Tree::Object(members) => {
                let mut keys: Vec<&str> = members.iter().map(|(key, _)| &**key).collect();
                keys.sort_unstable();
                for (key, _) in keys.iter().zip(keys.iter().skip(1)).filter(|(a, b)| a == b) {
                    problems.add(at, Flaw::Twice((*key).into()));
                }
                for (key, member) in members {
                    member.look_for_twice(&At::Member(at, key), problems);
                }
            }
            _ => {}
        }
    }

    /// What it is, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Tree::Null => "null",
            Tree::Bool(_) => "a boolean",
            Tree::Number(_) => "a number",
            Tree::Text(_) => "a text",
            Tree::List(_) => "a list",
            Tree::Object(_) => "an object",
        }
    }

    /// A problem where something else belongs.
    pub(crate) fn is_not(&self, wanted: &'static str, at: &At<'_>, problems: &mut Gathered) {
        let found = self.kind();
        problems.add(at, Flaw::WrongType { found, wanted });
    }

    /// Its members, if it is an object; else a problem. Members by other names than these are problems as well.
    pub(crate) fn members(
        self,
        known: &[&str],
        at: &At<'_>,
        problems: &mut Gathered,
    ) -> Option<Vec<(Cow<'t, str>, Tree<'t>)>> {
        let Tree::Object(members) = self else {
            self.is_not("an object", at, problems);
            return None;
        };
        for (key, _) in &members {
            if !known.contains(&&**key) {
                problems.add(at, Flaw::Unknown(key.clone().into_owned()));
            }
        }
        Some(members)
    }

    /// Its text, if it is one; else a problem.
    pub(crate) fn text(self, at: &At<'_>, problems: &mut Gathered) -> Option<Cow<'t, str>> {
        match self {
            Tree::Text(text) => Some(text),
            other => {
                other.is_not("a text", at, problems);
                None
            }
        }
    }

    /// As an ordinary value.
    pub(crate) fn into_value(self) -> Value {
        match self {
            Tree::Null => Value::Null,
            Tree::Bool(value) => Value::Bool(value),
            Tree::Number(value) => Value::Number(value),
            Tree::Text(value) => Value::String(value.into_owned()),
            Tree::List(entries) => entries.into_iter().map(Tree::into_value).collect(),
            Tree::Object(members) => members
                .into_iter()
                .map(|(key, value)| (key.into_owned(), value.into_value()))
                .collect(),
        }
    }
}

/// Takes a member out, if it is there.
pub(crate) fn take<'t>(
    members: &mut Vec<(Cow<'t, str>, Tree<'t>)>,
    name: &str,
) -> Option<Tree<'t>> {
    let at = members.iter().position(|(key, _)| key == name)?;
    Some(members.remove(at).1)
}

impl<'de: 't, 't> Deserialize<'de> for Tree<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Tree<'t>, D::Error> {
        deserializer.deserialize_any(Visit)
    }
}

struct Visit;

impl<'de> Visitor<'de> for Visit {
    type Value = Tree<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Tree<'de>, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree<'de>, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree<'de>, E> {
        Ok(Tree::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree<'de>, E> {
        Ok(Tree::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Tree<'de>, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("number out of range"))?;
        Ok(Tree::Number(number))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Tree<'de>, E> {
        Ok(Tree::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree<'de>, E> {
        Ok(Tree::Text(Cow::Owned(value.into())))
    }

    fn visit_string<E>(self, value: String) -> Result<Tree<'de>, E> {
        Ok(Tree::Text(Cow::Owned(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Tree<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(entry) = entries.next_element()? {
            list.push(entry);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Tree<'de>, A::Error> {
        let mut object = Vec::new();
        while let Some((Key(key), value)) = members.next_entry()? {
            object.push((key, value));
        }
        Ok(Tree::Object(object))
    }
}

/// A member's name, borrowed where it is written without escapes.
struct Key<'t>(Cow<'t, str>);

impl<'de: 't, 't> Deserialize<'de> for Key<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Key<'t>, D::Error> {
        match deserializer.deserialize_str(Visit)? {
            Tree::Text(text) => Ok(Key(text)),
            _ => Err(D::Error::custom("a name that is no text")),
        }
    }
}
