//! The hostile corpus, file by file: each guest ends as its first line says, and harms nobody after it.
//!
//! One line per file in the runner's output; `guests/hostile/README.md` describes the files.

#[path = "hostile/check.rs"]
mod check;
#[path = "hostile/host.rs"]
mod host;
#[path = "hostile/play.rs"]
mod play;

use std::collections::VecDeque;
use std::process::ExitCode;
use std::sync::Mutex;

use libtest_mimic::{Arguments, Failed, Trial};
use wardian_testkit::hostile::{Case, cases};

use crate::play::Stage;

/// Cases that are played at the same time on one sandbox.
const NEIGHBOURS: usize = 4;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let cases = match cases() {
        Ok(cases) => cases,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    let all = cases.clone();
    let mut trials: Vec<Trial> = cases.into_iter().map(alone).collect();
    trials.push(Trial::test("all_as_neighbours_in_one_sandbox", move || {
        as_neighbours(all)
    }));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The case in a sandbox of its own.
fn alone(case: Case) -> Trial {
    Trial::test(case.name.clone(), move || {
        let stage = Stage::new()?;
        stage.play(&case)?;
        stage.is_unharmed()?;
        Ok(stage.slots_are_back()?)
    })
}

/// All cases in one sandbox, several at a time, with good calls in between; all failures are told at once.
fn as_neighbours(cases: Vec<Case>) -> Result<(), Failed> {
    let stage = Stage::new()?;
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
