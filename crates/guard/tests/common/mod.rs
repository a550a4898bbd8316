//! Modules that answer as they are told, and machines that ask them.
#![allow(dead_code)] // Each test binary uses its own part.

use std::time::Duration;

use serde_json::{Value, json};
use wardian_guard::{GuardModule, bind};
use wardian_machine::{Event, Machine, Outcome, Provided, Registry, Step};
use wardian_sandbox::{Sandbox, SandboxConfig};

pub fn sandbox() -> Sandbox {
    Sandbox::new(SandboxConfig::default()).unwrap()
}

/// A module with this body of `eval`, and bytes at address 0.
pub fn evaluating(data: &str, body: &str) -> Vec<u8> {
    let data: String = data.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    wat::parse_str(format!(
        r#"(module (memory (export "memory") 1) (data (i32.const 0) "{data}") (global $calls (mut i32) (i32.const 0))
            (func (export "alloc") (param i32) (result i32) i32.const 32768)
            (func (export "eval") (param i32 i32) (result i64) {body}))"#
    ))
    .unwrap()
}

/// A module that always answers with this text.
pub fn answering(text: &str) -> Vec<u8> {
    evaluating(text, &format!("i64.const {}", text.len()))
}

pub fn pass() -> Vec<u8> {
    answering(r#"{"ok":true}"#)
}

pub fn block() -> Vec<u8> {
    answering(r#"{"ok":false,"reason":"not today"}"#)
}

/// Never ends by itself.
pub fn looping() -> Vec<u8> {
    evaluating("", "(loop $again br $again) i64.const 0")
}

pub fn trapping() -> Vec<u8> {
    evaluating("", "unreachable")
}

/// Asks for four gigabytes, and traps without them.
pub fn greedy() -> Vec<u8> {
    evaluating(
        r#"{"ok":true}"#,
        "(if (i32.lt_s (memory.grow (i32.const 65535)) (i32.const 0)) (then unreachable)) i64.const 11",
    )
}

/// Passes at its first evaluation only.
pub fn once() -> Vec<u8> {
    evaluating(
        r#"{"ok":true}"#,
        "(if (global.get $calls) (then unreachable))
         (global.set $calls (i32.const 1)) i64.const 11",
    )
}

pub fn load(sandbox: &Sandbox, module: Vec<u8>) -> GuardModule {
    GuardModule::load_blocking(sandbox, module).unwrap()
}

/// Time enough for a busy machine: what the tests hold is who answers, not how fast.
pub fn patient(module: GuardModule) -> GuardModule {
    let limits = module
        .limits()
        .clone()
        .with_deadline(Duration::from_secs(5));
    module.with_limits(limits)
}

/// A machine with one transition from `a` to `b` that this guard decides.
pub fn deciding(guard: &Value, registry: &Registry<Value>) -> Provided<Value> {
    let document = json!({"id": "m", "initial": "a", "states": {
        "a": {"on": {"go": {"target": "b", "guard": guard}}}, "b": {}
    }});
    let machine = Machine::from_json(&serde_json::to_vec(&document).unwrap()).unwrap();
    let machine = machine.provide(registry).unwrap();
    let mut limits = *machine.limits();
    limits.foreign_time_max = Duration::from_secs(20);
    machine.with_limits(limits)
}

pub fn go(machine: &Provided<Value>) -> Step<Value> {
    let state = machine.start_blocking(json!({})).unwrap().state;
    machine.step_blocking(&state, &Event::new("go")).unwrap()
}

/// What comes of the transition under a guard that is this module.
pub fn decided(sandbox: &Sandbox, module: Vec<u8>) -> Outcome {
    let mut registry = Registry::new();
    bind(&mut registry, "g", patient(load(sandbox, module))).unwrap();
    go(&deciding(&json!("g"), &registry)).outcome
}
