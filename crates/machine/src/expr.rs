//! Guards as expressions: names, compositions, and comparisons on paths in the context.

use std::fmt;
use std::ops::{BitAnd, BitOr, Not};

use serde_json::Value;

/// A condition: a name that a registry binds, a comparison, or a composition of others.
///
/// Composes by `&`, `|` and `!`. An error blocks whatever surrounds it, `!` too.
///
/// ```
/// use wardian_machine::{Compare, Guard};
///
/// let guard = Guard::named("approved") & !Guard::compare(Compare::Lt, "order.total", 40);
/// assert_eq!(guard.to_string(), "approved and not (order.total lt 40)");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Guard {
    /// Bound by a registry, with the parameters it is asked with.
    Named {
        /// As the registry knows it.
        name: String,
        /// What it is told beside context and event; null where nothing is.
        params: Value,
    },
    /// Passes if all do. From left to right, and no further than the first that does not pass.
    And(Vec<Guard>),
    /// Passes if one does. From left to right, and no further than the first that does not block.
    Or(Vec<Guard>),
    /// Passes if the other blocks. An error stays an error.
    Not(Box<Guard>),
    /// Passes in configurations that contain the state: `#id`, or a path of keys from the root such as `a.b`.
    StateIn(String),
    /// Compares what lies at a path in the context with a constant.
    Compare {
        /// How.
        op: Compare,
        /// Keys from the top of the context.
        path: Vec<String>,
        /// With what; a list for [`Compare::In`].
        value: Value,
    },
}

/// A comparison. What is not there equals nothing, and values of different kinds have no order: they block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// Equal, numbers by value.
    Eq,
    /// Not equal; so is what is not there.
    Ne,
    /// Less: numbers, or texts by their characters.
    Lt,
    /// Less or equal.
    Le,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// Equal to an element of the list.
    In,
}

impl Compare {
    /// All, with the names they have in documents.
    pub const ALL: [(&'static str, Compare); 7] = [
        ("eq", Compare::Eq),
        ("ne", Compare::Ne),
        ("lt", Compare::Lt),
        ("le", Compare::Le),
        ("gt", Compare::Gt),
        ("ge", Compare::Ge),
        ("in", Compare::In),
    ];

    /// By its name in documents.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Compare> {
        let found = Compare::ALL.iter().find(|(own, _)| *own == name);
        found.map(|(_, compare)| *compare)
    }

    /// Its name in documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        let found = Compare::ALL.iter().find(|(_, compare)| *compare == self);
        found.map_or("", |(name, _)| name)
    }

    /// Whether it holds between what was found and the constant.
    #[must_use]
    pub fn holds(self, found: Option<&Value>, constant: &Value) -> bool {
        use std::cmp::Ordering::{Equal, Greater, Less};
        let order = || found.and_then(|found| order(found, constant));
        match self {
            Compare::Eq => found.is_some_and(|found| equal(found, constant)),
            Compare::Ne => !found.is_some_and(|found| equal(found, constant)),
            Compare::Lt => order() == Some(Less),
            Compare::Le => matches!(order(), Some(Less | Equal)),
            Compare::Gt => order() == Some(Greater),
            Compare::Ge => matches!(order(), Some(Greater | Equal)),
            Compare::In => match (found, constant) {
                (Some(found), Value::Array(list)) => list.iter().any(|one| equal(found, one)),
                _ => false,
            },
        }
    }
}

fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(_), Value::Number(_)) => {
            order(left, right) == Some(std::cmp::Ordering::Equal)
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(l, r)| equal(l, r))
        }
        (Value::Object(left), Value::Object(right)) => {
            let same = |(key, l): (&String, &Value)| right.get(key).is_some_and(|r| equal(l, r));
            left.len() == right.len() && left.iter().all(same)
        }
        _ => left == right,
    }
}

fn order(left: &Value, right: &Value) -> Option<std::cmp::Ordering> {
    match (left, right) {
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        (Value::Number(left), Value::Number(right)) => {
            // Whole numbers beyond 2^53 are not rounded where both are whole.
            if let (Some(left), Some(right)) = (left.as_i128(), right.as_i128()) {
                return Some(left.cmp(&right));
            }
            left.as_f64()?.partial_cmp(&right.as_f64()?)
        }
        _ => None,
    }
}

impl Guard {
    /// The guard that a registry binds to this name.
    pub fn named(name: impl Into<String>) -> Guard {
        Guard::Named {
            name: name.into(),
            params: Value::Null,
        }
    }

    /// The same, asked with parameters.
    pub fn with_params(name: impl Into<String>, params: impl Into<Value>) -> Guard {
        Guard::Named {
            name: name.into(),
            params: params.into(),
        }
    }

    /// Compares what lies at `path`, keys with dots between, in the context.
    pub fn compare(op: Compare, path: &str, value: impl Into<Value>) -> Guard {
        Guard::Compare {
            op,
            path: split(path),
            value: value.into(),
        }
    }

    /// Passes while the state is active: `#id`, or keys from the root with dots between.
    pub fn state_in(state: impl Into<String>) -> Guard {
        Guard::StateIn(state.into())
    }

    /// This and the other.
    #[must_use]
    pub fn and(self, other: Guard) -> Guard {
        match self {
            Guard::And(mut all) => {
                all.push(other);
                Guard::And(all)
            }
            first => Guard::And(vec![first, other]),
        }
    }

    /// This or the other.
    #[must_use]
    pub fn or(self, other: Guard) -> Guard {
        match self {
            Guard::Or(mut all) => {
                all.push(other);
                Guard::Or(all)
            }
            first => Guard::Or(vec![first, other]),
        }
    }

    /// What is directly inside.
    #[must_use]
    pub fn children(&self) -> &[Guard] {
        match self {
            Guard::And(all) | Guard::Or(all) => all,
            Guard::Not(inner) => std::slice::from_ref(inner),
            Guard::Named { .. } | Guard::StateIn(_) | Guard::Compare { .. } => &[],
        }
    }
}

/// Keys with dots between; a backslash takes the next character as it is.
pub(crate) fn split(path: &str) -> Vec<String> {
    let (mut keys, mut key) = (Vec::new(), String::new());
    let mut characters = path.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => key.extend(characters.next()),
            '.' => keys.push(std::mem::take(&mut key)),
            other => key.push(other),
        }
    }
    keys.push(key);
    keys
}

/// The inverse of [`split`].
pub(crate) fn join(path: &[String]) -> String {
    let escaped = |key: &String| key.replace('\\', "\\\\").replace('.', "\\.");
    path.iter().map(escaped).collect::<Vec<_>>().join(".")
}

impl BitAnd for Guard {
    type Output = Guard;

    fn bitand(self, other: Guard) -> Guard {
        self.and(other)
    }
}

impl BitOr for Guard {
    type Output = Guard;

    fn bitor(self, other: Guard) -> Guard {
        self.or(other)
    }
}

impl Not for Guard {
    type Output = Guard;

    fn not(self) -> Guard {
        Guard::Not(Box::new(self))
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, all: &[Guard], between: &str, none: &str| {
            if all.is_empty() {
                return f.write_str(none);
            }
            for (place, guard) in all.iter().enumerate() {
                if place > 0 {
                    f.write_str(between)?;
                }
                guard.inner(f)?;
            }
            Ok(())
        };
        match self {
            Guard::Named { name, params } if params.is_null() => f.write_str(name),
            Guard::Named { name, params } => write!(f, "{name}({params})"),
            Guard::And(all) => list(f, all, " and ", "always"),
            Guard::Or(all) => list(f, all, " or ", "never"),
            Guard::Not(inner) => {
                f.write_str("not ")?;
                inner.inner(f)
            }
            Guard::StateIn(state) => write!(f, "in {state}"),
            Guard::Compare { op, path, value } => {
                write!(f, "{} {} {value}", join(path), op.name())
            }
        }
    }
}

impl Guard {
    fn inner(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Guard::Named { .. } | Guard::Not(_) => write!(f, "{self}"),
            _ => write!(f, "({self})"),
        }
    }
}
