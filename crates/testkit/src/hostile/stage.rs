//! Plays the corpus on the stage of a binding: a line for each file, and all of them as neighbours.

use std::collections::VecDeque;
use std::process::ExitCode;
use std::sync::Mutex;

use libtest_mimic::{Arguments, Failed, Trial};

use super::check::Complaint;
use super::{Case, cases};

/// Cases that are played at the same time on one sandbox.
const NEIGHBOURS: usize = 4;

/// A binding in a sandbox of its own, with something good beside it.
pub trait Stage: Sync + Sized {
    /// A new sandbox, with nobody in it yet.
    ///
    /// # Errors
    /// When there can be none.
    fn new() -> Result<Self, Complaint>;

    /// Plays a case to the end that it should come to.
    ///
    /// # Errors
    /// When it comes to another.
    fn play(&self, case: &Case) -> Result<(), Complaint>;

    /// What is good is served as ever.
    ///
    /// # Errors
    /// When it is not.
    fn is_unharmed(&self) -> Result<(), Complaint>;

    /// No instance stays taken.
    ///
    /// # Errors
    /// When one does.
    fn slots_are_back(&self) -> Result<(), Complaint>;
}

/// The `main` of a test without a harness.
#[must_use]
pub fn run<S: Stage + 'static>() -> ExitCode {
    let arguments = Arguments::from_args();
    let cases = match cases() {
        Ok(cases) => cases,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    let all = cases.clone();
    let mut trials: Vec<Trial> = cases.into_iter().map(alone::<S>).collect();
    trials.push(Trial::test("all_as_neighbours_in_one_sandbox", move || {
        as_neighbours::<S>(all)
    }));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The case in a sandbox of its own.
fn alone<S: Stage + 'static>(case: Case) -> Trial {
    Trial::test(case.name.clone(), move || {
        let stage = S::new()?;
        stage.play(&case)?;
        stage.is_unharmed()?;
        Ok(stage.slots_are_back()?)
    })
}

/// All cases in one sandbox, several at a time, with good calls in between; all failures are told at once.
fn as_neighbours<S: Stage>(cases: Vec<Case>) -> Result<(), Failed> {
    let stage = S::new()?;
    let queue = Mutex::new(VecDeque::from(cases));
    let failures = Mutex::new(Vec::new());
    let next = || {
        queue
            .lock()
            .unwrap_or_else(|lock| lock.into_inner())
            .pop_front()
    };
    std::thread::scope(|scope| {
        for _ in 0..NEIGHBOURS {
            scope.spawn(|| {
                while let Some(case) = next() {
                    if let Err(error) = stage.play(&case).and_then(|()| stage.is_unharmed()) {
                        let text = format!("{}: {error}", case.name);
                        failures
                            .lock()
                            .unwrap_or_else(|lock| lock.into_inner())
                            .push(text);
                    }
                }
            });
        }
    });
    let mut failures = failures
        .into_inner()
        .unwrap_or_else(|lock| lock.into_inner());
    failures.extend(
        stage
            .slots_are_back()
            .err()
            .map(|complaint| complaint.to_string()),
    );
    if failures.is_empty() {
        Ok(())
    } else {
        Err(failures.join("\n").into())
    }
}
