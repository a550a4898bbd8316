//! Judged by the real thing: npm's XState plays the same machines and events, and states, contexts and actions must agree.
//!
//! Machines come from a seeded generator and from `xstate/written.json`. What differs on purpose is in
//! `docs/reference/machines.md`, and the generator keeps clear of it.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use wardian_machine::{Effect, Event, Machine, Provided, Registry, State, Status, Step, StepError};

#[path = "xstate/generate.rs"]
mod generate;

/// Delayed events as XState's simulated clock has them: what is due fires after the whole tick has passed; a second event
/// of one id leaves the first to fire as well, and then nobody can cancel the second.
#[derive(Default)]
struct Clock {
    now: Duration,
    count: u64,
    waiting: BTreeMap<(Duration, u64), (Option<String>, Event)>,
    by_id: BTreeMap<String, (Duration, u64)>,
}

impl Clock {
    fn cancel(&mut self, id: &str) {
        let last = self.by_id.remove(id);
        last.and_then(|last| self.waiting.remove(&last));
    }

    fn schedule(&mut self, id: Option<String>, event: Event, delay: Duration) {
        self.count += 1;
        let due = (self.now + delay, self.count);
        if let Some(id) = &id {
            self.by_id.insert(id.clone(), due);
        }
        self.waiting.insert(due, (id, event));
    }

    fn next(&mut self) -> Option<Event> {
        let (due, _) = self.waiting.first_key_value()?;
        if due.0 > self.now {
            return None;
        }
        let (_, (id, event)) = self.waiting.pop_first()?;
        id.and_then(|id| self.by_id.remove(&id));
        Some(event)
    }
}

fn provided(document: &Value) -> Provided<Value> {
    let text = serde_json::to_vec(document).unwrap();
    let machine = Machine::from_json(&text).unwrap_or_else(|error| panic!("{error}\n{document}"));
    let mut registry = Registry::<Value>::new();
    registry
        .guard("even", |args| args.context["n"].as_u64().unwrap() % 2 == 0)
        .unwrap()
        .guard("big", |args| args.context["n"].as_u64().unwrap() > 3)
        .unwrap()
        .guard("least", |args| {
            args.context["n"].as_u64() >= args.params["n"].as_u64()
        })
        .unwrap()
        .guard("one", |args| args.event.data()["v"] == 1)
        .unwrap()
        .guard("never", |_| false)
        .unwrap()
        .assign("inc", |context: &mut Value, _, _| {
            context["n"] = (context["n"].as_u64().unwrap() + 1).into();
            Ok(())
        })
        .unwrap()
        .service("work")
        .unwrap()
        .delay("soon", |_| Ok(Duration::from_millis(50)))
        .unwrap();
    for number in 0..12 {
        registry.effect(format!("a{number}")).unwrap();
    }
    let limits = wardian_machine::StepLimits {
        microsteps_max: 300,
        ..wardian_machine::StepLimits::default()
    };
    machine.provide(&registry).unwrap().with_limits(limits)
}

struct Player {
    machine: Provided<Value>,
    clock: Clock,
    state: Option<State<Value>>,
    log: Vec<String>,
    results: Vec<Value>,
}

impl Player {
    /// Whether it goes on.
    fn take(&mut self, step: Result<Step<Value>, StepError>) -> bool {
        let step = match step {
            Ok(step) => step,
            Err(StepError::TooManyMicrosteps { .. } | StepError::TooManyEffects { .. }) => {
                self.results.push(json!({"status": "loop"}));
                return false;
            }
            Err(error) => panic!("{error:?}"),
        };
        for effect in step.effects {
            match effect {
                Effect::Action { name, params } if params.is_null() => self.log.push(name),
                Effect::Action { name, params } => self.log.push(format!("{name} {params}")),
                Effect::Schedule { id, event, delay } => self.clock.schedule(id, event, delay),
                Effect::Cancel { id } => self.clock.cancel(&id),
                Effect::Start { .. } | Effect::Stop { .. } => {}
                Effect::Asked { .. } => panic!("nobody asks"),
            }
        }
        self.state = Some(step.state);
        true
    }

    fn note(&mut self) {
        let state = self.state.as_ref().unwrap();
        let (status, output) = match state.status() {
            Status::Active => ("active", Value::Null),
            Status::Done { output } => ("done", output.clone()),
            Status::Failed { .. } => ("error", Value::Null),
        };
        self.results.push(json!({
            "value": state.value(), "status": status, "context": state.context(),
            "output": output, "log": std::mem::take(&mut self.log),
        }));
    }

    fn send(&mut self, event: &Event) -> bool {
        let step = self.machine.step(self.state.as_ref().unwrap(), event);
        self.take(step)
    }

    fn event(&mut self, event: &Value) -> bool {
        let Some(tick) = event.get("tick") else {
            return self.send(&Event::from_json(event.clone()).unwrap());
        };
        self.clock.now += Duration::from_millis(tick.as_u64().unwrap());
        while let Some(event) = self.clock.next() {
            if !self.send(&event) {
                return false;
            }
        }
        true
    }
}

fn play(case: &Value) -> Vec<Value> {
    let machine = provided(&case["machine"]);
    let mut player = Player {
        machine,
        clock: Clock::default(),
        state: None,
        log: Vec::new(),
        results: Vec::new(),
    };
    let begun = player.machine.start(case["machine"]["context"].clone());
    let mut going = player.take(begun);
    if going {
        player.note();
    }
    for event in case["events"].as_array().unwrap() {
        if !going {
            break;
        }
        going = player.event(event);
        if going {
            player.note();
        }
    }
    player.results
}

/// Node's modules below cargo's target directory, fetched by the first test that asks.
fn modules() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/xstate");
    let wanted = std::fs::read_to_string(here.join("package.json")).unwrap();
    let fetch = |folder: &Path| {
        std::fs::write(folder.join("package.json"), &wanted).unwrap();
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--silent"])
            .current_dir(folder);
        run(
            &mut npm,
            "hint: this needs Node with npm, and the network once",
        );
        Ok(())
    };
    let below = Path::new(env!("CARGO_TARGET_TMPDIR"));
    wardian_testkit::guests::once(below, "xstate", wanted.as_bytes(), fetch).unwrap()
}

fn run(command: &mut Command, hint: &str) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?} cannot be run: {error}\n{hint}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}\n{hint}");
}

fn judged(cases: &[Value]) -> Vec<Vec<Value>> {
    let modules = modules();
    let folder = tempfile::tempdir().unwrap();
    let (asked, told) = (folder.path().join("cases"), folder.path().join("results"));
    std::fs::write(&asked, serde_json::to_vec(cases).unwrap()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/xstate/judge.cjs");
    let mut node = Command::new("node");
    node.env("NODE_PATH", modules.join("node_modules"));
    node.arg(script).arg(&asked).arg(&told);
    run(&mut node, "hint: this needs Node 18 or later");
    serde_json::from_slice(&std::fs::read(told).unwrap()).unwrap()
}

fn agree(cases: &[Value]) {
    let judged = judged(cases);
    assert_eq!(judged.len(), cases.len());
    let mut problems = Vec::new();
    for (place, (case, theirs)) in cases.iter().zip(&judged).enumerate() {
        let ours = play(case);
        let differs = (0..ours.len().max(theirs.len())).find(|at| ours.get(*at) != theirs.get(*at));
        if let Some(at) = differs {
            let event = at.checked_sub(1).map(|at| &case["events"][at]);
            problems.push(format!(
                "case {place} {} after {event:?}:\nours   {:?}\ntheirs {:?}\nmachine {}\nevents {}",
                case["name"],
                ours.get(at).map(Value::to_string),
                theirs.get(at).map(Value::to_string),
                case["machine"],
                case["events"]
            ));
        }
    }
    let number = problems.len();
    problems.sort_by_key(String::len);
    problems.truncate(5);
    assert!(
        number == 0,
        "{number} of {} differ:\n{}",
        cases.len(),
        problems.join("\n\n")
    );
}

#[test]
fn generated_machines_agree_with_xstate() {
    let cases: Vec<Value> = (0..800).map(generate::case).collect();
    agree(&cases);
}

#[test]
fn written_machines_agree_with_xstate() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("xstate/written.json")).unwrap();
    agree(&cases);
}
