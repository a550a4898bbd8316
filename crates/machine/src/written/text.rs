//! JSON with its members in order, into text and out of ordinary values.

use std::fmt::{Display, Formatter, Result};

use serde_json::Value;

use crate::tree::Tree;

impl From<&str> for Tree {
    fn from(text: &str) -> Tree {
        Tree::Text(text.to_owned())
    }
}

impl From<String> for Tree {
    fn from(text: String) -> Tree {
        Tree::Text(text)
    }
}

impl From<&String> for Tree {
    fn from(text: &String) -> Tree {
        Tree::Text(text.clone())
    }
}

impl From<&Value> for Tree {
    fn from(value: &Value) -> Tree {
        match value {
            Value::Null => Tree::Null,
            Value::Bool(value) => Tree::Bool(*value),
            Value::Number(value) => Tree::Number(value.clone()),
            Value::String(value) => Tree::Text(value.clone()),
            Value::Array(elements) => Tree::List(elements.iter().map(Tree::from).collect()),
            Value::Object(members) => {
                let members = members.iter();
                Tree::Object(
                    members
                        .map(|(key, value)| (key.clone(), Tree::from(value)))
                        .collect(),
                )
            }
        }
    }
}

/// As compact JSON.
impl Display for Tree {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Tree::Null => f.write_str("null"),
            Tree::Bool(value) => write!(f, "{value}"),
            Tree::Number(value) => write!(f, "{value}"),
            Tree::Text(value) => quoted(f, value),
            Tree::List(elements) => {
                between(f, ('[', ']'), elements, |f, element| write!(f, "{element}"))
            }
            Tree::Object(members) => between(f, ('{', '}'), members, |f, (key, value)| {
                quoted(f, key)?;
                write!(f, ":{value}")
            }),
        }
    }
}

fn quoted(f: &mut Formatter<'_>, text: &str) -> Result {
    write!(f, "{}", Value::from(text))
}

fn between<T>(
    f: &mut Formatter<'_>,
    (open, close): (char, char),
    all: &[T],
    one: impl Fn(&mut Formatter<'_>, &T) -> Result,
) -> Result {
    write!(f, "{open}")?;
    for (place, element) in all.iter().enumerate() {
        if place > 0 {
            f.write_str(",")?;
        }
        one(f, element)?;
    }
    write!(f, "{close}")
}
