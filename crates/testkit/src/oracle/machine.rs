//! Documents of machines, events and kept states of any bytes: refused in words, or written and read again as the same,
//! drawn, and played within limits; every state of the play can be kept and taken up again.

use std::time::{Duration, Instant};

use serde_json::Value;
use wardian_machine::{
    Event, Machine, PROBLEMS_MAX, Provided, Registry, State, Step, StepError, StepLimits, diff,
    lint, render::Render,
};

use super::said;

/// Characters of a problem: a pointer and two texts of the document, each cut, each character escaped at the worst.
const PROBLEM_CHARS_MAX: usize = 8_000;
/// What is drawn as SVG: the time of the layout grows by more than the states.
const DRAWN_STATES_MAX: usize = 12;
const DRAWN_TRANSITIONS_MAX: usize = 40;
/// What is played.
const EVENTS_MAX: usize = 20;
const LIMITS: StepLimits = StepLimits {
    microsteps_max: 50,
    effects_max: 200,
    foreign_time_max: Duration::from_millis(50),
};
/// Most inputs take less than a millisecond; the rest is for a loaded machine and for counters in the code.
const PATIENCE: Duration = Duration::from_secs(10);

/// The bytes up to the first zero are a document; what follows, each up to a zero again, is an event or a kept state.
pub fn machine(data: &[u8]) {
    let begun = Instant::now();
    let mut parts = data.split(|byte| *byte == 0);
    let document = parts.next().unwrap_or_default();
    let found = lint::report(document);
    for line in found.to_text().lines() {
        said::is_fit(line, PROBLEM_CHARS_MAX);
    }
    match Machine::read(document) {
        Ok(machine) => {
            again(&machine);
            drawn(&machine);
            let rest = parts.take(EVENTS_MAX);
            played(
                &machine,
                rest.filter_map(|part| serde_json::from_slice(part).ok()),
            );
        }
        Err(problems) => {
            let count = problems.0.len();
            assert!((1..=PROBLEMS_MAX).contains(&count), "{count} problems");
            for problem in &problems.0 {
                said::is_fit(&problem.to_string(), PROBLEM_CHARS_MAX);
            }
        }
    }
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
}

/// What is written is the same machine, and is written the same.
fn again(machine: &Machine) {
    let text = machine.to_json_text();
    let read = Machine::from_json(text.as_bytes())
        .unwrap_or_else(|problems| panic!("{problems}\nwritten: {text}"));
    assert_eq!(read.to_json_text(), text);
    let differs = diff::diff(machine, &read);
    assert!(differs.changes.is_empty(), "{}", differs.to_text());
}

fn drawn(machine: &Machine) {
    let render = Render::new(machine);
    let (mermaid, dot) = (render.mermaid(), render.dot());
    for line in mermaid.lines().chain(dot.lines()) {
        said::is_fit(line, usize::MAX);
    }
    if machine.state_count() > DRAWN_STATES_MAX
        || machine.transition_count() > DRAWN_TRANSITIONS_MAX
    {
        return;
    }
    if let Ok(svg) = render.svg() {
        svg.lines().for_each(|line| said::is_fit(line, usize::MAX));
    }
}

fn played(machine: &Machine, parts: impl Iterator<Item = Value>) {
    let provided = provided(machine);
    let Some(mut state) = went(provided.start(machine.context().clone())) else {
        return;
    };
    kept(machine, &state);
    for part in parts {
        if part.get("value").is_some() {
            if let Ok(taken) = State::from_json(machine, &part) {
                kept(machine, &taken);
                state = taken;
            }
        } else if let Ok(event) = Event::from_json(part) {
            state = went(provided.step(&state, &event)).unwrap_or(state);
            kept(machine, &state);
        }
    }
}

/// The new state of a step that was made; what may refuse one is a limit or a failure, told in words.
fn went(step: Result<Step<Value>, StepError>) -> Option<State<Value>> {
    match step {
        Ok(step) => {
            assert!(step.effects.len() <= LIMITS.effects_max as usize);
            assert!(step.trace.len() <= LIMITS.microsteps_max as usize + 1);
            Some(step.state)
        }
        Err(error) => {
            for line in error.to_string().lines() {
                said::is_fit(line, PROBLEM_CHARS_MAX);
            }
            None
        }
    }
}

fn kept(machine: &Machine, state: &State<Value>) {
    let Ok(kept) = state.to_json() else {
        panic!("a context of JSON is JSON");
    };
    match State::<Value>::from_json(machine, &kept) {
        Ok(taken) => assert_eq!(taken.to_json().ok(), Some(kept)),
        Err(error) => panic!("{error}: {kept}"),
    }
}

/// Guards say yes, no or nothing by their names' length; actions are effects.
fn provided(machine: &Machine) -> Provided<Value> {
    let mut registry = Registry::<Value>::new();
    let twice = |error: wardian_machine::BoundTwice| panic!("{error}");
    for name in machine.guard_names() {
        let len = name.len();
        let guard = move |_: &wardian_machine::Args<'_, Value>| match len % 3 {
            2 => Err(wardian_machine::Failure::new("oracle", "no answer")),
            left => Ok(left == 1),
        };
        registry.guard(name, guard).map_err(twice).ok();
    }
    for name in machine.action_names() {
        registry.effect(name).map_err(twice).ok();
    }
    for name in machine.service_names() {
        registry.service(name).map_err(twice).ok();
    }
    for name in machine.delay_names() {
        let delay = |_: &wardian_machine::Args<'_, Value>| Ok(Duration::from_secs(1));
        registry.delay(name, delay).map_err(twice).ok();
    }
    match machine.provide(&registry) {
        Ok(provided) => provided.with_limits(LIMITS),
        Err(unbound) => panic!("{unbound}"),
    }
}
