//! Values of Rego as text: JSON, and beside it sets and keys that are no strings.
//!
//! `opa_value_dump` writes `{1,2}` and `set()` for sets, where `opa_json_dump` makes lists of them, so that `sprintf` could
//! not say which it was. Reading stops at a depth, because what is read was written by a guest.

use std::cmp::Ordering;

/// How deep values may be within one another.
const DEPTH_MAX: usize = 64;

/// A value of Rego.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as it was written.
    Number(String),
    /// A text.
    String(String),
    /// A list.
    Array(Vec<Term>),
    /// Keys and values, sorted as Rego sorts.
    Object(Vec<(Term, Term)>),
    /// Members, sorted as Rego sorts.
    Set(Vec<Term>),
}

/// A guest's text is no value, or too deep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("value is not understood at byte {at}")]
pub struct Unreadable {
    /// Where it stopped to be one.
    pub at: usize,
}

impl Term {
    /// Reads a whole text.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn read(text: &[u8]) -> Result<Term, Unreadable> {
        let mut reader = Reader { text, at: 0 };
        let term = reader.term(0)?;
        reader.space();
        match reader.rest() {
            [] => Ok(term),
            _ => Err(reader.stuck()),
        }
    }

    /// Writes it so that the module's parser reads it again: no spaces.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, ",", ":");
        text
    }

    /// As Rego's own printer does it: `{"k": [1, null]}`.
    pub(super) fn to_rego(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, ", ", ": ");
        text
    }

    fn write(&self, to: &mut String, comma: &str, colon: &str) {
        match self {
            Term::Null => to.push_str("null"),
            Term::Bool(word) => to.push_str(if *word { "true" } else { "false" }),
            Term::Number(number) => to.push_str(number),
            Term::String(text) => to.push_str(&serde_json::Value::from(text.as_str()).to_string()),
            Term::Array(items) => list(to, ("[", "]"), comma, items, |item, to| {
                item.write(to, comma, colon);
            }),
            Term::Set(items) if items.is_empty() => to.push_str("set()"),
            Term::Set(items) => list(to, ("{", "}"), comma, items, |item, to| {
                item.write(to, comma, colon);
            }),
            Term::Object(members) => list(to, ("{", "}"), comma, members, |(key, value), to| {
                key.write(to, comma, colon);
                to.push_str(colon);
                value.write(to, comma, colon);
            }),
        }
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Term::String(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number that fits.
    pub(super) fn as_i64(&self) -> Option<i64> {
        match self {
            Term::Number(text) => text.parse().ok().or_else(|| whole(text.parse().ok()?)),
            _ => None,
        }
    }

    /// The members of a list or a set.
    pub(super) fn as_items(&self) -> Option<&[Term]> {
        match self {
            Term::Array(items) | Term::Set(items) => Some(items),
            _ => None,
        }
    }
}

impl From<bool> for Term {
    fn from(word: bool) -> Term {
        Term::Bool(word)
    }
}

impl From<i64> for Term {
    fn from(number: i64) -> Term {
        Term::Number(number.to_string())
    }
}

impl From<String> for Term {
    fn from(text: String) -> Term {
        Term::String(text)
    }
}

impl From<&str> for Term {
    fn from(text: &str) -> Term {
        Term::String(text.to_owned())
    }
}

impl From<serde_json::Value> for Term {
    fn from(value: serde_json::Value) -> Term {
        match value {
            serde_json::Value::Null => Term::Null,
            serde_json::Value::Bool(word) => Term::Bool(word),
            serde_json::Value::Number(number) => Term::Number(number.to_string()),
            serde_json::Value::String(text) => Term::String(text),
            serde_json::Value::Array(items) => {
                Term::Array(items.into_iter().map(Term::from).collect())
            }
            serde_json::Value::Object(members) => Term::Object(
                members
                    .into_iter()
                    .map(|(key, value)| (Term::String(key), Term::from(value)))
                    .collect(),
            ),
        }
    }
}

/// The same number without a point, if it has none.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "compared afterwards"
)]
pub(super) fn whole(number: f64) -> Option<i64> {
    let whole = number as i64;
    (whole as f64 == number && whole != i64::MAX).then_some(whole)
}

/// Null, booleans, numbers, texts, lists, objects, sets.
fn order(a: &Term, b: &Term) -> Ordering {
    let kind = |term: &Term| match term {
        Term::Null => 0,
        Term::Bool(_) => 1,
        Term::Number(_) => 2,
        Term::String(_) => 3,
        Term::Array(_) => 4,
        Term::Object(_) => 5,
        Term::Set(_) => 6,
    };
    match (a, b) {
        (Term::Bool(a), Term::Bool(b)) => a.cmp(b),
        (Term::Number(a), Term::Number(b)) => match (a.parse::<i128>(), b.parse::<i128>()) {
            (Ok(a), Ok(b)) => a.cmp(&b),
            _ => {
                let float = |text: &str| text.parse().unwrap_or(f64::NAN);
                float(a).total_cmp(&float(b))
            }
        },
        (Term::String(a), Term::String(b)) => a.cmp(b),
        (Term::Array(a), Term::Array(b)) | (Term::Set(a), Term::Set(b)) => in_turn(a, b, order),
        (Term::Object(a), Term::Object(b)) => {
            in_turn(a, b, |(a, x), (b, y)| order(a, b).then_with(|| order(x, y)))
        }
        _ => kind(a).cmp(&kind(b)),
    }
}

fn in_turn<T>(a: &[T], b: &[T], order: impl Fn(&T, &T) -> Ordering) -> Ordering {
    let first = a
        .iter()
        .zip(b)
        .map(|(a, b)| order(a, b))
        .find(|order| order.is_ne());
    first.unwrap_or_else(|| a.len().cmp(&b.len()))
}

fn list<T>(
    to: &mut String,
    (open, close): (&str, &str),
    comma: &str,
    items: &[T],
    item: impl Fn(&T, &mut String),
) {
    to.push_str(open);
    for (index, each) in items.iter().enumerate() {
        if index > 0 {
            to.push_str(comma);
        }
        item(each, to);
    }
    to.push_str(close);
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn stuck(&self) -> Unreadable {
        Unreadable { at: self.at }
    }

    fn space(&mut self) {
        let spaces = self.rest().iter().take_while(|b| b.is_ascii_whitespace());
        self.at += spaces.count();
    }

    /// Passes over a word, if it is next.
    fn takes(&mut self, word: &str) -> bool {
        let there = self.rest().starts_with(word.as_bytes());
        if there {
            self.at += word.len();
        }
        there
    }

    fn term(&mut self, depth: usize) -> Result<Term, Unreadable> {
        if depth > DEPTH_MAX {
            return Err(self.stuck());
        }
        self.space();
        match self.rest().first() {
            Some(b'"') => self.string().map(Term::String),
            Some(b'[') => {
                self.at += 1;
                self.items("]", depth).map(Term::Array)
            }
            Some(b'{') => {
                self.at += 1;
                self.braces(depth)
            }
            _ if self.takes("null") => Ok(Term::Null),
            _ if self.takes("true") => Ok(Term::Bool(true)),
            _ if self.takes("false") => Ok(Term::Bool(false)),
            _ if self.takes("set()") => Ok(Term::Set(Vec::new())),
            _ => self.number(),
        }
    }

    /// What is left up to a closing bracket.
    fn items(&mut self, close: &str, depth: usize) -> Result<Vec<Term>, Unreadable> {
        let mut items = Vec::new();
        self.space();
        if self.takes(close) {
            return Ok(items);
        }
        loop {
            items.push(self.term(depth + 1)?);
            self.space();
            if self.takes(close) {
                return Ok(items);
            }
            if !self.takes(",") {
                return Err(self.stuck());
            }
        }
    }

    /// An object or a set: a colon behind the first value tells.
    fn braces(&mut self, depth: usize) -> Result<Term, Unreadable> {
        self.space();
        if self.takes("}") {
            return Ok(Term::Object(Vec::new()));
        }
        let first = self.term(depth + 1)?;
        self.space();
        if !self.takes(":") {
            let mut items = vec![first];
            if self.takes(",") {
                items.append(&mut self.items("}", depth)?);
            } else if !self.takes("}") {
                return Err(self.stuck());
            }
            items.sort_by(order);
            return Ok(Term::Set(items));
        }
        let mut members = vec![(first, self.term(depth + 1)?)];
        loop {
            self.space();
            if self.takes("}") {
                members.sort_by(|(a, _), (b, _)| order(a, b));
                return Ok(Term::Object(members));
            }
            if !self.takes(",") {
                return Err(self.stuck());
            }
            let key = self.term(depth + 1)?;
            self.space();
            if !self.takes(":") {
                return Err(self.stuck());
            }
            members.push((key, self.term(depth + 1)?));
        }
    }

    fn string(&mut self) -> Result<String, Unreadable> {
        let mut escaped = false;
        let rest = self.rest();
        let inside = rest.iter().skip(1).position(|byte| {
            let ends = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            ends
        });
        let end = inside.ok_or_else(|| self.stuck())? + 2;
        let text = rest.get(..end).unwrap_or_default();
        let text = serde_json::from_slice(text).map_err(|_| self.stuck())?;
        self.at += end;
        Ok(text)
    }

    fn number(&mut self) -> Result<Term, Unreadable> {
        let rest = self.rest();
        let of_number = |byte: &&u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
        let end = rest.iter().take_while(of_number).count();
        let text = rest.get(..end).unwrap_or_default();
        let text = str::from_utf8(text).map_err(|_| self.stuck())?;
        // However large: what it is taken for is for who reads it.
        let digits = text.strip_prefix('-').unwrap_or(text);
        if !digits.starts_with(|first: char| first.is_ascii_digit()) || text.parse::<f64>().is_err()
        {
            return Err(self.stuck());
        }
        self.at += end;
        Ok(Term::Number(text.to_owned()))
    }
}
