//! Runs one titled step after another, times each, counts the tests in their output and stops at the first failure.

use std::io::{BufRead as _, BufReader, IsTerminal as _, Read};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use crate::tally::Tally;
use crate::workspace::shown;

/// The steps so far.
#[derive(Debug)]
pub(crate) struct Steps {
    count: usize,
    started: Instant,
    tally: Tally,
    closing_line: Option<String>,
}

impl Steps {
    pub(crate) fn new() -> Self {
        Self {
            count: 0,
            started: Instant::now(),
            tally: Tally::default(),
            closing_line: None,
        }
    }

    /// Runs one step; an error says which step it was.
    pub(crate) fn step(
        &mut self,
        title: &str,
        work: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        self.count += 1;
        println!("\n== {}. {title}", self.count);
        let started = Instant::now();
        let count = self.count;
        work(self).with_context(|| format!("step {count}, {title}"))?;
        println!("-- {title}: {:.1} s", started.elapsed().as_secs_f64());
        Ok(())
    }

    /// Runs a test runner: its output is shown as it comes, and its totals are added up.
    pub(crate) fn tests(&mut self, command: &mut Command) -> Result<()> {
        if std::io::stdout().is_terminal() && std::env::var_os("CARGO_TERM_COLOR").is_none() {
            command.env("CARGO_TERM_COLOR", "always");
        }
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", shown(command)))?;
        let seen = Mutex::new((Tally::default(), None));
        let (out, err) = (child.stdout.take(), child.stderr.take());
        std::thread::scope(|scope| {
            scope.spawn(|| relay(out, &seen, |line| println!("{line}")));
            scope.spawn(|| relay(err, &seen, |line| eprintln!("{line}")));
        });
        let status = child
            .wait()
            .with_context(|| format!("lost {}", shown(command)))?;
        let (found, last) = seen
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        self.tally.passed += found.passed;
        self.tally.failed += found.failed;
        self.closing_line = last.or(self.closing_line.take());
        if !status.success() {
            bail!("{} ended with {status}", shown(command));
        }
        Ok(())
    }

    /// Counts a test that is no runner's.
    pub(crate) fn count_passed(&mut self) {
        self.tally.passed += 1;
    }

    /// Prints the last closing line of a runner and the totals, alone on the last line.
    pub(crate) fn close(&self, failure: Option<&anyhow::Error>) {
        match failure {
            Some(error) => println!(
                "\n== failed after {:.0} s: {error:#}",
                self.started.elapsed().as_secs_f64()
            ),
            None => println!(
                "\n== all {} steps passed in {:.0} s",
                self.count,
                self.started.elapsed().as_secs_f64()
            ),
        }
        if let Some(line) = &self.closing_line {
            println!("{line}");
        }
        println!("{}", self.tally);
    }
}

type Seen = Mutex<(Tally, Option<String>)>;

/// Passes each line on and counts it. Bytes that are no text are replaced, never a reason to stop reading: a runner
/// whose pipe is closed would die of it.
fn relay(stream: Option<impl Read>, seen: &Seen, show: impl Fn(&str)) {
    let Some(stream) = stream else { return };
    let mut lines = BufReader::new(stream);
    let mut bytes = Vec::new();
    while matches!(lines.read_until(b'\n', &mut bytes), Ok(n) if n > 0) {
        let line = String::from_utf8_lossy(&bytes);
        let line = line.trim_end_matches(['\n', '\r']);
        show(line);
        let mut seen = seen
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if seen.0.add_line(line) {
            seen.1 = Some(line.trim().to_owned());
        }
        drop(seen);
        bytes.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn totals_come_from_both_streams() {
        let mut steps = Steps::new();
        let script = "echo 'test result: ok. 2 passed; 0 failed; 0 ignored'; echo 'Summary [ 1s] 3 tests run: 3 passed, 0 skipped' >&2";
        steps.tests(&mut shell(script)).unwrap();
        assert_eq!(
            steps.tally,
            Tally {
                passed: 5,
                failed: 0
            }
        );
    }

    #[test]
    fn a_failing_runner_still_counts_and_fails_its_step() {
        let mut steps = Steps::new();
        let failed = steps.step("tests", |steps| {
            steps.tests(&mut shell(
                "echo 'test result: FAILED. 1 passed; 1 failed; 0 ignored'; exit 101",
            ))
        });
        let said = format!("{:#}", failed.unwrap_err());
        assert!(said.starts_with("step 1, tests: `sh -c"), "{said}");
        assert_eq!(
            steps.tally,
            Tally {
                passed: 1,
                failed: 1
            }
        );
    }

    #[test]
    fn text_that_is_no_utf8_does_not_end_the_relay() {
        let mut steps = Steps::new();
        steps
            .tests(&mut shell(
                r"printf '\377\n'; echo 'test result: ok. 1 passed; 0 failed'",
            ))
            .unwrap();
        assert_eq!(steps.tally.passed, 1);
    }
}
