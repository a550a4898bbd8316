//! Actions, assigns and services of anybody's: what they give, and that a failed one undoes the step.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

mod common;

use std::time::Duration;

use common::{answering, load, looping, patient, sandbox, trapping};
use serde_json::{Value, json};
use wardian_guard::{bind_action, bind_assign, bind_service};
use wardian_machine::{Effect, Event, Machine, Provided, Registry, StepError};

const MACHINE: &[u8] = br#"{"id": "m", "initial": "a", "states": {
    "a": {"exit": "told", "on": {"go": {"target": "b", "actions": ["count", "send"]}}},
    "b": {"invoke": {"src": "ship", "id": "s", "input": {"to": {"$context": "town"}},
        "onDone": {"target": "c", "actions": {"type": "assign", "assignment": {"number": {"$event": "output"}}}},
        "onError": {"target": "d", "actions": {"type": "assign", "assignment": {"why": {"$event": "error"}}}}}},
    "c": {}, "d": {}}}"#;

/// The machine with these modules as `count`, an assign, `send`, an action, and `ship`, a service.
fn machine(count: &[u8], send: &[u8], ship: &[u8]) -> Provided<Value> {
    let sandbox = sandbox();
    let load = |module: &[u8]| patient(load(&sandbox, module.to_vec()));
    let mut registry = Registry::<Value>::new();
    registry.effect("told").unwrap();
    bind_assign(&mut registry, "count", load(count)).unwrap();
    bind_action(&mut registry, "send", load(send)).unwrap();
    bind_service(&mut registry, "ship", load(ship)).unwrap();
    let machine = Machine::from_json(MACHINE).unwrap();
    let machine = machine.provide(&registry).unwrap();
    let mut limits = *machine.limits();
    limits.foreign_time_max = Duration::from_secs(20);
    machine.with_limits(limits)
}

fn counted() -> Vec<u8> {
    answering(r#"{"context":{"n":1,"town":"Kew"}}"#)
}

fn sent() -> Vec<u8> {
    answering(r#"{"effects":[{"mail":"ann"},7]}"#)
}

fn shipped() -> Vec<u8> {
    answering(r#"{"result":"W-1"}"#)
}

#[test]
fn they_give_effects_contexts_and_results() {
    let machine = machine(&counted(), &sent(), &shipped());
    let state = machine.start_blocking(json!({"n": 0})).unwrap().state;
    let step = machine.step_blocking(&state, &Event::new("go")).unwrap();
    let asked = |effect: Value| Effect::Asked {
        by: "send".into(),
        effect,
    };
    let start = Effect::Start {
        id: "s".into(),
        service: "ship".into(),
        input: json!({"to": "Kew"}),
    };
    let told = Effect::Action {
        name: "told".into(),
        params: Value::Null,
    };
    let wanted = [told, asked(json!({"mail": "ann"})), asked(json!(7)), start];
    assert_eq!(step.effects, wanted);
    assert_eq!(step.state.context(), &json!({"n": 1, "town": "Kew"}));
    let time = Duration::from_secs(5);
    let context = step.state.context();
    let ended = machine
        .serve_blocking(context, &step.effects[3], time)
        .unwrap();
    let step = machine.step_blocking(&step.state, &ended).unwrap();
    assert_eq!(step.state.value(), json!("c"));
    assert_eq!(step.state.context()["number"], "W-1");
}

#[test]
fn a_failed_one_undoes_the_step() {
    let failing = [
        (trapping(), "trap"),
        (looping(), "limit.fuel"),
        (answering("{}"), "guard.answer"),
        (answering(r#"{"error":"no ink"}"#), "guard.failed"),
        (answering("garbage"), "guard.answer"),
    ];
    for (module, code) in failing {
        for (count, send) in [(&module, &sent()), (&counted(), &module)] {
            let machine = machine(count, send, &shipped());
            let state = machine.start_blocking(json!({"n": 0})).unwrap().state;
            let before = state.to_json().unwrap();
            let error = machine.step_blocking(&state, &Event::new("go"));
            let Err(StepError::Action { failure, .. }) = error else {
                panic!("{code}: {error:?}");
            };
            assert_eq!(failure.code, code);
            assert_eq!(state.to_json().unwrap(), before);
        }
    }
}

#[test]
fn a_failed_service_is_an_event() {
    for (module, code) in [
        (trapping(), "trap"),
        (answering(r#"{"error":"no ship"}"#), "guard.failed"),
        (answering("{}"), "guard.answer"),
    ] {
        let machine = machine(&counted(), &sent(), &module);
        let state = machine.start_blocking(json!({})).unwrap().state;
        let step = machine.step_blocking(&state, &Event::new("go")).unwrap();
        let (context, time) = (step.state.context(), Duration::from_secs(5));
        let ended = machine
            .serve_blocking(context, &step.effects[3], time)
            .unwrap();
        let step = machine.step_blocking(&step.state, &ended).unwrap();
        assert_eq!(step.state.value(), json!("d"));
        assert_eq!(step.state.context()["why"]["code"], code);
    }
}

#[test]
fn a_pure_step_refuses_to_ask() {
    let machine = machine(&counted(), &sent(), &shipped());
    let state = machine.start(json!({})).unwrap().state;
    let error = machine.step(&state, &Event::new("go")).unwrap_err();
    assert!(matches!(error, StepError::Foreign { name } if name == "count"));
}
