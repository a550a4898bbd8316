//! What is likely to be a mistake in a machine that is valid: states nobody reaches, transitions nobody takes, guards that
//! leave it to the order of the document.
//!
//! Sound rather than complete: what is called unreachable or dead is so in every run that begins at the machine's
//! beginning, whatever events come and whatever its guards say, as long as a guard of one name and the same params says
//! the same while one event is answered. What could not be searched through is not reported.
//!
//! in: a checked machine, or a document · out: findings · never: I/O, a changed machine

mod dead;
mod ends;
mod leave;
mod overlap;
mod reach;
mod regions;
mod report;
mod search;
mod values;
mod words;
mod world;

use crate::model::Machine;
use crate::problem::{Flaw, Problem};
use search::Fuel;
use world::World;

/// Something to look at, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of mistake.
    pub rule: Rule,
    /// How sure it is one.
    pub severity: Severity,
    /// JSON pointer (RFC 6901) into the document; empty for the machine itself.
    pub pointer: String,
    /// What was found there. Names of the document in it are cut and escaped.
    pub message: String,
}

/// What kind of mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The document is no machine.
    Invalid,
    /// A target leads to no state.
    UndefinedTarget,
    /// A state is never active, or a history never asked.
    UnreachableState,
    /// A transition is never taken.
    DeadTransition,
    /// More than one transition can pass, and the order of the document decides.
    Nondeterminism,
    /// Nothing leads out of a state that is no end.
    DeadEnd,
    /// No final state at the top can be reached from here.
    NoWayToFinal,
    /// The guards were too many to be searched through, so that findings may be missing.
    Unsearched,
}

/// How sure it is that a finding is a mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Perhaps one.
    Note,
    /// Probably one.
    Warning,
    /// The document is no machine.
    Error,
}

/// What there is to say about a document.
///
/// ```
/// let report = wardian_machine::lint::report(br#"{"id": "m", "initial": "a", "states": {
///     "a": {"on": {"go": {"target": "b", "guard": {"type": "and", "guards": [
///         "ready", {"type": "not", "guard": "ready"}]}}, "stop": "c"}},
///     "b": {}, "c": {"type": "final"}
/// }}"#);
/// assert_eq!(report.to_text(), "\
/// warning[dead-transition] /states/a/on/go: its guard can never pass
/// warning[unreachable-state] /states/b: state `m.b` can never be active
/// 2 warnings
/// ");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// In the order of the document.
    pub findings: Vec<Finding>,
}

/// Findings of a machine, or what keeps the document from being one.
#[must_use]
pub fn report(document: &[u8]) -> Report {
    let findings = match Machine::read(document) {
        Ok(machine) => machine.lint(),
        Err(problems) => problems.0.iter().map(problem).collect(),
    };
    Report { findings }
}

fn problem(problem: &Problem) -> Finding {
    let rule = match problem.flaw {
        Flaw::UndefinedTarget { .. } => Rule::UndefinedTarget,
        _ => Rule::Invalid,
    };
    Finding {
        rule,
        severity: Severity::Error,
        pointer: problem.pointer.clone(),
        message: problem.flaw.to_string(),
    }
}

/// Rounds of "what is dead" and "what is unreachable", each of which may show more of the other.
const ROUNDS_MAX: usize = 4;

impl Machine {
    /// What is likely to be a mistake, in the order of the document. Takes time in proportion to the machine, and for its
    /// guards no more than a fixed budget.
    #[must_use]
    pub fn lint(&self) -> Vec<Finding> {
        let mut world = World::new(&self.0);
        let mut is_complete = true;
        for _ in 0..ROUNDS_MAX {
            world.fuel = Fuel::full();
            world.dead = dead::dead(&world);
            is_complete &= !world.fuel.is_spent();
            let reached = reach::reached(&world);
            if reached == world.reached {
                break;
            }
            world.reached = reached;
        }
        world.fuel = Fuel::full();
        let mut findings = words::Words::new(&world);
        findings.unreachable();
        findings.dead();
        findings.overlaps();
        findings.conflicts();
        findings.ends();
        if !is_complete || world.fuel.is_spent() {
            findings.unsearched();
        }
        findings.in_order()
    }
}
