//! Draft → machine: everything is resolved, everything that is wrong is found, all at once.

mod flat;
mod names;
mod resolve;

pub(crate) use resolve::{by_id, matches};

use crate::draft::Draft;
use crate::model::Machine;
use crate::problem::{Flaw, Problem, Problems};

/// States that a machine may have.
pub const STATES_MAX: usize = 10_000;
/// Transitions that a machine may have.
pub const TRANSITIONS_MAX: usize = 50_000;
/// Levels of states inside states.
pub const DEPTH_MAX: usize = 48;
/// Levels of guards inside guards.
pub const GUARD_DEPTH_MAX: usize = 48;
/// Problems that are told one by one; the rest is counted.
pub const PROBLEMS_MAX: usize = 1_000;

pub(crate) fn check(draft: Draft) -> Result<Machine, Problems> {
    let Draft {
        root,
        context,
        version,
        mut problems,
    } = draft;
    // What cannot be read at all says nothing about targets.
    let is_readable = !problems
        .iter()
        .any(|problem| matches!(problem.flaw, Flaw::Syntax(_)) || is_too_large(problem));
    let made = is_readable.then(|| {
        let mut flat = flat::Flat::new(&mut problems);
        flat.add(&root);
        let mut model = flat.finish();
        resolve::resolve(&mut model, &root, &mut problems);
        model.context = context;
        model.version = version;
        model
    });
    match made {
        Some(model) if problems.is_empty() => Ok(Machine(std::sync::Arc::new(model))),
        _ => Err(Problems(told(problems))),
    }
}

fn is_too_large(problem: &Problem) -> bool {
    matches!(problem.flaw, Flaw::TooMany { what: "bytes", .. })
}

/// At most so many, and how many more there are.
fn told(mut problems: Vec<Problem>) -> Vec<Problem> {
    let more = problems.len().saturating_sub(PROBLEMS_MAX);
    problems.truncate(PROBLEMS_MAX);
    if more > 0 {
        problems.push(Problem {
            pointer: String::new(),
            flaw: Flaw::More(more),
        });
    }
    problems
}
