//! Named arguments, checked. All that is wrong is said at once, by name, with what is allowed.

use std::fmt::Write as _;
use std::ops::RangeInclusive;

use wardian_abi::{Arguments, Value};

/// Reads named arguments and notes what is wrong with them.
#[derive(Debug)]
pub struct Checker<'a> {
    arguments: &'a Arguments<'a>,
    known: Vec<&'static str>,
    problems: Vec<String>,
}

impl<'a> Checker<'a> {
    /// Over the arguments of one request.
    #[must_use]
    pub fn new(arguments: &'a Arguments<'a>) -> Self {
        Checker {
            arguments,
            known: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// The argument, if it was given; nil counts as not given.
    pub fn given(&mut self, name: &'static str) -> Option<&'a Value<'a>> {
        self.known.push(name);
        self.arguments
            .get(name)
            .filter(|value| **value != Value::Nil)
    }

    /// Notes a problem.
    pub fn problem(&mut self, problem: String) {
        self.problems.push(problem);
    }

    /// Notes that an argument is not what it must be.
    pub fn wrong(&mut self, name: &str, must: &str, got: &Value<'_>) {
        self.problem(format!("`{name}` must be {must}, got {}", shown(got)));
    }

    /// Bytes that must be given. Empty when they are not, which is noted.
    pub fn bytes_due(&mut self, name: &'static str) -> &'a [u8] {
        match self.given(name) {
            Some(Value::Bin(bytes)) => bytes,
            Some(other) => {
                self.problem(format!("`{name}` must be bytes, got {}", other.kind()));
                &[]
            }
            None => {
                self.problem(format!("`{name}` is missing"));
                &[]
            }
        }
    }

    /// Text that must be given. Empty when it is not, which is noted.
    pub fn text_due(&mut self, name: &'static str) -> &'a str {
        if !self.has(name) {
            self.problem(format!("`{name}` is missing"));
        }
        self.text(name).unwrap_or_default()
    }

    /// Text that may be given.
    pub fn text(&mut self, name: &'static str) -> Option<&'a str> {
        match self.given(name)? {
            Value::Str(text) => Some(text),
            other => {
                self.problem(format!("`{name}` must be text, got {}", other.kind()));
                None
            }
        }
    }

    /// A whole number within a range.
    pub fn whole(&mut self, name: &'static str, range: RangeInclusive<u32>) -> Option<u32> {
        let (min, max) = (*range.start(), *range.end());
        let got = match self.given(name)? {
            Value::Int(value) => match u32::try_from(*value) {
                Ok(value) if range.contains(&value) => return Some(value),
                _ => value.to_string(),
            },
            other => other.kind().to_owned(),
        };
        self.problem(format!(
            "`{name}` must be a whole number from {min} to {max}, got {got}"
        ));
        None
    }

    /// A whole number that must be given; noted and the range's least when it is not.
    pub fn whole_due(&mut self, name: &'static str, range: RangeInclusive<u32>) -> u32 {
        let min = *range.start();
        if !self.has(name) {
            self.problem(format!("`{name}` is missing"));
        }
        self.whole(name, range).unwrap_or(min)
    }

    /// A number within a range.
    pub fn number(&mut self, name: &'static str, range: RangeInclusive<f64>) -> Option<f64> {
        let value = self.given(name)?;
        match value.as_float() {
            Some(number) if range.contains(&number) => Some(number),
            _ => {
                let must = format!("a number from {} to {}", range.start(), range.end());
                self.wrong(name, &must, value);
                None
            }
        }
    }

    /// True or false; false when it is not given.
    pub fn flag(&mut self, name: &'static str) -> bool {
        match self.given(name) {
            None => false,
            Some(Value::Bool(value)) => *value,
            Some(other) => {
                self.wrong(name, "true or false", other);
                false
            }
        }
    }

    /// One of several words.
    pub fn choice<T: Copy>(
        &mut self,
        name: &'static str,
        choices: &[(&'static str, T)],
    ) -> Option<T> {
        let value = self.given(name)?;
        if let Some((_, choice)) = choices
            .iter()
            .find(|(label, _)| value.as_str() == Some(label))
        {
            return Some(*choice);
        }
        let labels: Vec<_> = choices.iter().map(|(label, _)| *label).collect();
        self.wrong(name, &format!("one of {}", labels.join(", ")), value);
        None
    }

    /// Ends the reading: everything that was wrong, arguments that nobody asked for among it.
    ///
    /// # Errors
    /// The problems in one sentence.
    pub fn finish(mut self) -> Result<(), String> {
        for (name, _) in self.arguments.iter() {
            if !self.known.contains(&name) {
                self.problems.push(format!(
                    "`{}` is not an argument of this function",
                    cut(name)
                ));
            }
        }
        if self.problems.is_empty() {
            return Ok(());
        }
        Err(self.problems.join("; "))
    }

    fn has(&self, name: &str) -> bool {
        !matches!(self.arguments.get(name), None | Some(Value::Nil))
    }
}

/// A value as a message shows it: short, and its kind where it is long.
fn shown(value: &Value<'_>) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::Str(text) => format!("{:?}", cut(text)),
        other => other.kind().to_owned(),
    }
}

/// The first forty characters of a text, for a message.
#[must_use]
pub fn cut(text: &str) -> String {
    let mut out: String = text.chars().take(40).collect();
    if out.len() < text.len() {
        // Writing into a String does not fail.
        let _ = write!(out, "…");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_problems_are_said_at_once() {
        let arguments = Arguments::new()
            .with("file", "no")
            .with("size", 0)
            .with("as", "tiff")
            .with("share", 1.5)
            .with("force", "yes")
            .with("name", 7)
            .with("widht", 3);
        let mut checker = Checker::new(&arguments);
        checker.bytes_due("file");
        checker.whole("size", 1..=100);
        checker.choice("as", &[("png", 1), ("gif", 2)]);
        checker.number("share", 0.0..=1.0);
        checker.flag("force");
        checker.text_due("name");
        checker.whole_due("width", 1..=9);
        assert_eq!(
            checker.finish().unwrap_err(),
            "`file` must be bytes, got str; `size` must be a whole number from 1 to 100, got 0; \
             `as` must be one of png, gif, got \"tiff\"; `share` must be a number from 0 to 1, got 1.5; \
             `force` must be true or false, got \"yes\"; `name` must be text, got int; `width` is missing; \
             `widht` is not an argument of this function"
        );
    }

    #[test]
    fn numbers_hold_on_both_sides() {
        let size = |value: i64| {
            let arguments = Arguments::new().with("size", value);
            let mut checker = Checker::new(&arguments);
            let size = checker.whole("size", 1..=100);
            checker.finish().ok().and(size)
        };
        assert_eq!(
            [0, 1, 100, 101, -1, 1 << 40].map(size),
            [None, Some(1), Some(100), None, None, None]
        );
    }

    #[test]
    fn messages_are_short() {
        let long = "é".repeat(41);
        assert_eq!(cut(&long), format!("{}…", "é".repeat(40)));
        assert_eq!(cut("short"), "short");
    }
}
