//! What is wrong with a document: every problem that can be told at once.

use serde::Serialize;

/// Problems that are told of one document; those behind them are not.
const PROBLEMS_MAX: usize = 100;

/// Bytes of one problem that are told.
const PROBLEM_BYTES_MAX: usize = 1000;

/// Everything that is wrong, in words; never empty where it is an error. A problem in a source begins with its place:
/// `x.rego:3:7: …`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Problems {
    problems: Vec<String>,
}

impl Problems {
    pub(crate) fn one(problem: String) -> Problems {
        let mut problems = Problems::default();
        problems.add(problem);
        problems
    }

    pub(crate) fn add(&mut self, mut problem: String) {
        if self.problems.len() < PROBLEMS_MAX {
            problem.truncate(problem.floor_char_boundary(PROBLEM_BYTES_MAX));
            self.problems.push(problem);
        }
    }

    /// Adds what the engine says.
    pub(crate) fn add_engine(&mut self, error: &impl std::fmt::Display) {
        self.add(placed(&error.to_string()));
    }

    pub(crate) fn none_or<T>(self, made: T) -> Result<T, Problems> {
        match self.problems.is_empty() {
            true => Ok(made),
            false => Err(self),
        }
    }

    /// One text for each.
    #[must_use]
    pub fn texts(&self) -> &[String] {
        &self.problems
    }

    /// `{"problems":["…"]}`
    #[must_use]
    pub fn to_json(&self) -> String {
        // Texts always have a form in JSON.
        serde_json::to_string(self)
            .unwrap_or_else(|_| r#"{"problems":["problems that are no texts"]}"#.to_owned())
    }
}

/// The engine shows the place, the line, a mark below it and then the message; here it is place and message.
fn placed(shown: &str) -> String {
    let Some((head, rest)) = shown.split_once("--> ") else {
        return shown.trim().to_owned();
    };
    let place = rest.lines().next().unwrap_or_default().trim();
    let said = rest.split_once("\nerror: ").map_or(head, |(_, said)| said);
    format!(
        "{place}: {}",
        said.split_whitespace().collect::<Vec<_>>().join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::placed;

    #[test]
    fn place_and_message_are_what_is_left() {
        let shown = "\n--> x.rego:3:7\n  |\n3 | allow if {\n  |       ^\nerror: expecting `}`";
        assert_eq!(placed(shown), "x.rego:3:7: expecting `}`");
        assert_eq!(placed("no place\n"), "no place");
    }
}
