//! Counts passed and failed tests out of what the runners print, whichever runner it is.

/// Tests that ran, over all runners of one `cargo xtask test`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Tally {
    /// Adds the line if it is a runner's closing line, and says whether it was one.
    pub(crate) fn add_line(&mut self, line: &str) -> bool {
        let line = without_colour(line);
        let line = line.trim();
        let closes = line.starts_with("test result:")
            || (line.starts_with("Summary [") && line.contains("tests run:"));
        if closes {
            self.passed += number_before(line, "passed");
            self.failed += number_before(line, "failed");
        }
        closes
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

fn number_before(line: &str, word: &str) -> u64 {
    let words: Vec<&str> = line
        .split(|c: char| c.is_whitespace() || c == ',' || c == ';')
        .filter(|w| !w.is_empty())
        .collect();
    words
        .windows(2)
        .filter_map(|pair| {
            if pair[1] == word {
                pair[0].parse::<u64>().ok()
            } else {
                None
            }
        })
        .next()
        .unwrap_or(0)
}

/// The line without terminal colours, which the runners write when we ask them to.
fn without_colour(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut inside = false;
    for c in line.chars() {
        match (inside, c) {
            (false, '\u{1b}') => inside = true,
            (true, 'm') => inside = false,
            (true, _) => {}
            (false, c) => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::Tally;

    fn tally(lines: &[&str]) -> Tally {
        let mut tally = Tally::default();
        for line in lines {
            tally.add_line(line);
        }
        tally
    }

    #[test]
    fn cargo_test_lines_add_up() {
        let found = tally(&[
            "running 12 tests",
            "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: \u{1b}[31mFAILED\u{1b}[m. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
        ]);
        assert_eq!(
            found,
            Tally {
                passed: 15,
                failed: 2
            }
        );
        assert_eq!(found.to_string(), "15 passed, 2 failed");
    }

    #[test]
    fn nextest_summary_counts() {
        let found = tally(&[
            "     Summary [   1.204s] 20 tests run: 19 passed (1 slow), 1 failed, 0 skipped",
        ]);
        assert_eq!(
            found,
            Tally {
                passed: 19,
                failed: 1
            }
        );
    }

    #[test]
    fn other_lines_count_nothing() {
        assert_eq!(
            tally(&["test a::passed ... ok", "3 passed", "Summary of nothing"]),
            Tally::default()
        );
    }
}
