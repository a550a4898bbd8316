//! Steps of state machines without guards, flat and hierarchical, beside npm's XState on the same machines.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use wardian_machine::{Ending, Event, Machine, Provided, Registry};

use crate::method::{Case, Plan, compare};
use crate::report::{Section, figure, time};

const FLAT: &str = r#"{"id":"flat","initial":"a","context":{},"states":{
    "a":{"on":{"next":"b"}},"b":{"on":{"next":"c"}},"c":{"on":{"next":"a"}}}}"#;
const NESTED: &str = r##"{"id":"nested","initial":"x","context":{},"states":{
    "x":{"initial":"p","states":{
        "p":{"initial":"a","states":{"a":{"on":{"next":"b"}},"b":{}},"on":{"next":"q"}},
        "q":{"initial":"c","states":{"c":{}}}},
        "on":{"next":"y"}},
    "y":{"initial":"d","states":{"d":{"on":{"next":"#nested.x"}}}}}}"##;

/// Steps a second of XState's actor on one machine, printed as nanoseconds a step.
const SCRIPT: &str = r#"
const { createMachine, createActor } = require('xstate');
for (const text of process.argv.slice(1)) {
  const actor = createActor(createMachine(JSON.parse(text))).start();
  const event = { type: 'next' };
  for (let i = 0; i < 200000; i++) actor.send(event);
  let best = Infinity;
  for (let round = 0; round < 5; round++) {
    const begun = process.hrtime.bigint();
    for (let i = 0; i < 100000; i++) actor.send(event);
    best = Math.min(best, Number(process.hrtime.bigint() - begun) / 100000);
  }
  console.log(best);
}"#;

fn provided(document: &str) -> Result<Provided<Value>> {
    let machine = Machine::from_json(document.as_bytes())?;
    Ok(machine.provide(&Registry::<Value>::new())?)
}

pub fn steps(plan: Plan) -> Result<Vec<Section>> {
    let next = Event::new("next");
    let (flat, nested) = (provided(FLAT)?, provided(NESTED)?);
    let mut states = [flat.start(json!({}))?.state, nested.start(json!({}))?.state];
    let [one, other] = &mut states;
    let walk = |machine: &Provided<Value>, state: &mut _| {
        let step = machine.step(state, &next).expect("a pure step");
        let entered = usize::from(step.outcome.ending == Ending::Taken);
        *state = step.state;
        entered
    };
    for _ in 0..12 {
        ensure!(
            walk(&flat, one) == 1 && walk(&nested, other) == 1,
            "each event is taken"
        );
    }
    let next = &next;
    let step = move |machine: &Provided<Value>, state: &mut wardian_machine::State<Value>| {
        let step = machine.step(state, next).expect("a pure step");
        *state = step.state;
        1
    };
    let cases = vec![
        Case::new("flat, three states", || step(&flat, one)),
        Case::new("three levels", || step(&nested, other)),
    ];
    let measured = compare(cases, plan);
    let node = xstate()?;
    let note = format!(
        "One event that is taken, state, effects and trace given; medians over all transitions of the machine. npm's XState 5 in Node on the same machines, best of five: {} and {} a step.",
        time(node[0]),
        time(node[1]),
    );
    let mut section = Section::timed("A step of a state machine", &note, &measured);
    let (one, other) = (
        figure(&measured, "flat, three states"),
        figure(&measured, "three levels"),
    );
    section.at_most("flat", one, 1e3);
    section.at_most("hierarchical", other, 3e3);
    section.ratio_at_least("XState, flat, against Wardian", node[0] / one, 1.0);
    section.ratio_at_least(
        "XState, hierarchical, against Wardian",
        node[1] / other,
        1.0,
    );
    Ok(vec![section])
}

/// Nanoseconds a step, flat and nested.
fn xstate() -> Result<Vec<f64>> {
    let folder = std::env::temp_dir().join(format!("wardian-bench-xstate-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let install = Command::new("npm")
        .args([
            "install",
            "--silent",
            "--no-audit",
            "--no-fund",
            "xstate@5.33.3",
        ])
        .current_dir(&folder)
        .status()
        .context("this row needs Node with npm")?;
    ensure!(install.success(), "npm cannot install xstate");
    let told = Command::new("node")
        .args(["-e", SCRIPT, "--", FLAT, NESTED])
        .current_dir(&folder)
        .output();
    let _ = std::fs::remove_dir_all(&folder);
    let told = told.context("this row needs Node")?;
    ensure!(
        told.status.success(),
        "{}",
        String::from_utf8_lossy(&told.stderr)
    );
    let told = String::from_utf8(told.stdout)?;
    Ok(told.lines().map(str::parse).collect::<Result<_, _>>()?)
}
