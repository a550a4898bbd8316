//! Golden fixtures: questions whose answers are known. A policy that answers otherwise is not the one that was meant.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::value::RawValue;
use wardian_rules::Input;
use wardian_sandbox::text::clean;

use crate::checker::PolicyChecker;
use crate::regular;
use crate::{Decision, Reason};

/// Fixtures in one folder.
pub const FIXTURES_MAX: usize = 10_000;
/// Bytes of one.
pub const FIXTURE_BYTES_MAX: u64 = 5 << 20;
/// Answers that are named; the rest is counted.
const NAMED_MAX: usize = 20;

/// A question and its answer: `{"input": …, "policy": …, "expected": …}`. The policy, a document, may be left out where the
/// fixture is for one that is there already.
#[derive(Clone, Debug)]
pub struct Fixture {
    /// The name of its file, or of the caller's choice.
    pub name: String,
    /// The question, in JSON.
    pub input: Box<RawValue>,
    /// The document that it is asked of.
    pub policy: Option<Box<RawValue>>,
    /// The answer.
    pub expected: Decision,
}

/// Why a fixture cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FixtureError {
    /// It cannot be read.
    #[error("cannot read {}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is none.
    #[error("not a fixture: {name}: {why}")]
    Malformed {
        /// Which.
        name: String,
        /// Why not.
        why: String,
    },
    /// There are none, where some must be.
    #[error("no fixtures in {}", .0.display())]
    None(PathBuf),
    /// There are too many.
    #[error("too many fixtures: allowed {FIXTURES_MAX}")]
    TooMany,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    input: Box<RawValue>,
    policy: Option<Box<RawValue>>,
    expected: Box<RawValue>,
}

impl Fixture {
    /// Reads a fixture.
    ///
    /// # Errors
    /// [`FixtureError::Malformed`]: members that are missing, unknown or there twice; an answer that is none.
    pub fn from_json(name: &str, text: &[u8]) -> Result<Fixture, FixtureError> {
        let malformed = |why: String| FixtureError::Malformed {
            name: name.into(),
            why: clean(why.as_bytes(), 500),
        };
        let written: Written =
            serde_json::from_slice(text).map_err(|error| malformed(error.to_string()))?;
        let expected = crate::answer::strictly(written.expected.get().as_bytes());
        let expected = expected.ok_or_else(|| malformed("`expected` is no answer".into()))?;
        Ok(Fixture {
            name: name.into(),
            input: written.input,
            policy: written.policy,
            expected,
        })
    }

    /// Reads all `*.json` files of a folder, by name.
    ///
    /// # Errors
    /// [`FixtureError`]: one that cannot be used is an error, and so is none at all.
    pub fn read_folder(folder: &Path) -> Result<Vec<Fixture>, FixtureError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            |source| FixtureError::Io { path, source }
        };
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed(folder))? {
            let path = entry.map_err(failed(folder))?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                paths.push(path);
            }
            if paths.len() > FIXTURES_MAX {
                return Err(FixtureError::TooMany);
            }
        }
        if paths.is_empty() {
            return Err(FixtureError::None(folder.to_owned()));
        }
        paths.sort();
        let read = |path: &PathBuf| {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let text = regular::read(path, FIXTURE_BYTES_MAX)
                .map_err(failed(path))?
                .0;
            Fixture::from_json(&clean(name.as_bytes(), 200), &text)
        };
        paths.iter().map(read).collect()
    }

    /// What a host answers to it that has this checker: what the policy declares safe is not asked there either.
    pub async fn ask(&self, checker: &dyn PolicyChecker) -> Decision {
        match self.question() {
            Ok(input) if is_static(checker, &input) => Decision::Allow,
            Ok(input) => checker.check(&input).await,
            Err(no) => no,
        }
    }

    /// The same on the caller's thread.
    pub fn ask_blocking(&self, checker: &dyn PolicyChecker) -> Decision {
        match self.question() {
            Ok(input) if is_static(checker, &input) => Decision::Allow,
            Ok(input) => checker.check_blocking(&input),
            Err(no) => no,
        }
    }

    /// No checker is asked what is no question.
    fn question(&self) -> Result<Input<'_>, Decision> {
        let read = Input::from_json(self.input.get().as_bytes());
        read.map_err(|_| Decision::Deny(Reason::MALFORMED_INPUT))
    }
}

fn is_static(checker: &dyn PolicyChecker, input: &Input<'_>) -> bool {
    checker.statics().iter().any(|rule| rule.covers(input))
}

/// What a policy answers otherwise than its fixtures say; or there are none that could say that it is the one that was meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("policy is refused: {}", why(*asked, wrong))]
pub struct Refused {
    /// How many were asked.
    pub asked: usize,
    /// Name, expected answer, answer.
    pub wrong: Vec<(String, Decision, Decision)>,
}

fn why(asked: usize, wrong: &[(String, Decision, Decision)]) -> String {
    if asked == 0 {
        return "there are no fixtures to try it by".into();
    }
    let (count, named) = (wrong.len(), named(wrong));
    format!("{count} of {asked} fixtures are answered otherwise: {named}")
}

fn named(wrong: &[(String, Decision, Decision)]) -> String {
    let each = |(name, expected, said): &(String, Decision, Decision)| {
        format!(
            "{name} (expected {}, got {})",
            expected.to_json(),
            said.to_json()
        )
    };
    let mut named: Vec<String> = wrong.iter().take(NAMED_MAX).map(each).collect();
    if wrong.len() > NAMED_MAX {
        named.push(format!("and {} more", wrong.len() - NAMED_MAX));
    }
    named.join("; ")
}

/// Asks a checker all of them.
///
/// # Errors
/// [`Refused`] with all that it answers otherwise, or because there are no fixtures.
pub async fn try_fixtures(
    checker: &dyn PolicyChecker,
    fixtures: &[Fixture],
) -> Result<(), Refused> {
    let mut tried = Tried::default();
    for fixture in fixtures {
        let said = fixture.ask(checker).await;
        tried.note(fixture, said);
    }
    tried.end()
}

/// The same on the caller's thread.
///
/// # Errors
/// As [`try_fixtures`].
pub fn try_fixtures_blocking(
    checker: &dyn PolicyChecker,
    fixtures: &[Fixture],
) -> Result<(), Refused> {
    let mut tried = Tried::default();
    for fixture in fixtures {
        tried.note(fixture, fixture.ask_blocking(checker));
    }
    tried.end()
}

#[derive(Default)]
struct Tried {
    asked: usize,
    wrong: Vec<(String, Decision, Decision)>,
}

impl Tried {
    fn note(&mut self, fixture: &Fixture, said: Decision) {
        self.asked += 1;
        if said != fixture.expected {
            let (name, expected) = (fixture.name.clone(), fixture.expected.clone());
            self.wrong.push((name, expected, said));
        }
    }

    fn end(self) -> Result<(), Refused> {
        let Tried { asked, wrong } = self;
        match asked > 0 && wrong.is_empty() {
            true => Ok(()),
            false => Err(Refused { asked, wrong }),
        }
    }
}
