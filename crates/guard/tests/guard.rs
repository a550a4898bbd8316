//! Guards that keep the contract, and those that do not: whatever they do, the worst is no.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

mod common;

use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{
    answering, block, decided, deciding, evaluating, go, greedy, load, looping, once, pass,
    patient, sandbox, trapping,
};
use futures_lite::future::block_on;
use serde_json::{Value, json};
use wardian_guard::{GuardError, GuardModule, GuardSlot, bind};
use wardian_machine::{Ending, Event, Registry};
use wardian_sandbox::CallHandle;

#[test]
fn a_clean_no_carries_its_reason() {
    let outcome = decided(&sandbox(), block());
    assert_eq!(outcome.ending, Ending::Blocked);
    let [refusal] = &*outcome.refusals else {
        panic!("{outcome:?}");
    };
    assert_eq!(refusal.guard, "g");
    assert_eq!(refusal.transition, "/states/a/on/go");
    assert_eq!(refusal.reason.as_deref(), Some("not today"));
    assert!(refusal.failure.is_none());
}

/// What a guard does, and the code of what comes of it.
#[test]
fn a_broken_guard_blocks_and_says_why() {
    let sandbox = sandbox();
    let broken: [(&str, Vec<u8>, &str); 14] = [
        ("traps", trapping(), "trap"),
        ("loops", looping(), "limit.fuel"),
        ("wants 4 GiB", greedy(), "limit.memory"),
        ("says nothing", answering(""), "guard.answer"),
        ("says spaces", answering("  "), "guard.answer"),
        ("no JSON", answering("yes"), "guard.answer"),
        ("a list", answering("[true]"), "guard.answer"),
        ("a text", answering(r#"{"ok":"true"}"#), "guard.answer"),
        ("a number", answering(r#"{"ok":1}"#), "guard.answer"),
        (
            "more after it",
            answering(r#"{"ok":true} x"#),
            "guard.answer",
        ),
        (
            "twice",
            answering(r#"{"ok":false,"ok":true}"#),
            "guard.answer",
        ),
        (
            "no reason",
            answering(r#"{"ok":true,"reason":7}"#),
            "guard.answer",
        ),
        (
            "from outside",
            evaluating("", "i64.const 0x7fffffff00000008"),
            "contract",
        ),
        (
            "two megabytes",
            evaluating("", "(drop (memory.grow (i32.const 64))) i64.const 0x200000"),
            "limit.output",
        ),
    ];
    for (what, module, code) in broken {
        let outcome = decided(&sandbox, module);
        assert_eq!(outcome.ending, Ending::Broken, "{what}");
        let [refusal] = &*outcome.refusals else {
            panic!("{what}: {outcome:?}");
        };
        let failure = refusal.failure.as_ref().unwrap();
        assert_eq!(failure.code, code, "{what}: {failure:?}");
    }
}

#[test]
fn what_the_contract_leaves_out_is_no() {
    let sandbox = sandbox();
    for answer in [
        "{}",
        r#"{"ok":null}"#,
        r#"{"Ok":true}"#,
        r#"{"reason":"x"}"#,
        r#" {"ok" : false , "else":[1,{"ok":true}]} "#,
    ] {
        let outcome = decided(&sandbox, answering(answer));
        assert_eq!(outcome.ending, Ending::Blocked, "{answer}");
    }
    for answer in [
        r#"{"ok":true}"#,
        "\n{\"more\":{},\"ok\":true,\"reason\":null}\n",
    ] {
        let outcome = decided(&sandbox, answering(answer));
        assert_eq!(outcome.ending, Ending::Taken, "{answer}");
    }
}

#[test]
fn a_trap_has_its_place() {
    let outcome = decided(&sandbox(), trapping());
    let failure = outcome.refusals[0].failure.as_ref().unwrap();
    assert!(failure.message.contains("unreachable"), "{failure}");
    let source = failure.source.as_ref().unwrap();
    let source = source.downcast_ref::<GuardError>().unwrap();
    let GuardError::Call(error) = source else {
        panic!("{source:?}");
    };
    assert!(!error.trap().unwrap().frames.is_empty());
}

#[test]
fn a_reason_is_cut_and_escaped() {
    let long = format!(
        r#"{{"ok":false,"reason":"\u001b[2J{}"}}"#,
        "x".repeat(5_000)
    );
    let outcome = decided(&sandbox(), answering(&long));
    let reason = outcome.refusals[0].reason.as_ref().unwrap();
    assert!(reason.chars().count() <= wardian_guard::REASON_CHARS_MAX + 1);
    assert!(!reason.contains('\u{1b}'), "{reason}");
}

/// Pass, block and error under every composition of two, and which guards are asked.
#[test]
fn truth_has_three_values() {
    let sandbox = sandbox();
    let mut registry = Registry::<Value>::new();
    for (name, module) in [("t", pass()), ("f", block()), ("e", trapping())] {
        bind(&mut registry, name, patient(load(&sandbox, module))).unwrap();
    }
    // Rows: the first guard; columns: the second, in the order t, f, e.
    let and = [["t", "f", "e"], ["f", "f", "f"], ["e", "e", "e"]];
    let or = [["t", "t", "t"], ["t", "f", "e"], ["e", "e", "e"]];
    let ending = |value: &str| match value {
        "t" => Ending::Taken,
        "f" => Ending::Blocked,
        _ => Ending::Broken,
    };
    let names = ["t", "f", "e"];
    for (row, first) in names.iter().enumerate() {
        let not = json!({"type": "not", "guard": first});
        let negated = ending(["f", "t", "e"][row]);
        assert_eq!(
            go(&deciding(&not, &registry)).outcome.ending,
            negated,
            "not {first}"
        );
        for (column, second) in names.iter().enumerate() {
            for (kind, table) in [("and", and), ("or", or)] {
                let guard = json!({"type": kind, "guards": [first, second]});
                let wanted = table[row][column];
                let found = go(&deciding(&guard, &registry)).outcome.ending;
                assert_eq!(found, ending(wanted), "{first} {kind} {second}");
                let not = json!({"type": "not", "guard": guard});
                let wanted = ending(match wanted {
                    "t" => "f",
                    "f" => "t",
                    other => other,
                });
                let found = go(&deciding(&not, &registry)).outcome.ending;
                assert_eq!(found, wanted, "not ({first} {kind} {second})");
            }
        }
    }
}

/// "Otherwise" is a negation: what would be tried after a broken guard is not tried.
#[test]
fn a_broken_guard_does_not_fall_through() {
    let sandbox = sandbox();
    let mut registry = Registry::<Value>::new();
    bind(&mut registry, "fraud", patient(load(&sandbox, trapping()))).unwrap();
    let document = br#"{"initial": "a", "on": {"go": ".c"}, "states": {
        "a": {"on": {"go": [{"target": "b", "guard": "fraud"}, "c"]}}, "b": {}, "c": {}}}"#;
    let machine = wardian_machine::Machine::from_json(document).unwrap();
    let machine = machine.provide(&registry).unwrap();
    let state = machine.start_blocking(json!({})).unwrap().state;
    let step = machine.step_blocking(&state, &Event::new("go")).unwrap();
    assert_eq!(step.outcome.ending, Ending::Broken);
    assert_eq!(step.state.value(), json!("a"));
}

#[test]
fn every_evaluation_begins_pristine() {
    let sandbox = sandbox();
    let mut registry = Registry::<Value>::new();
    bind(&mut registry, "g", patient(load(&sandbox, once()))).unwrap();
    let machine = deciding(
        &json!({"type": "and", "guards": ["g", "g", "g"]}),
        &registry,
    );
    for _ in 0..100 {
        assert_eq!(go(&machine).outcome.ending, Ending::Taken);
    }
}

/// Its module serves the next evaluation, and the machine was never in danger.
#[test]
fn a_loop_ends_by_the_deadline_of_the_guard() {
    let sandbox = sandbox();
    let limits = wardian_sandbox::Limits {
        fuel: Some(u64::MAX),
        ..wardian_sandbox::Limits::small(Duration::from_millis(10))
    };
    let module = load(&sandbox, looping()).with_limits(limits);
    let mut registry = Registry::<Value>::new();
    bind(&mut registry, "g", module).unwrap();
    let machine = deciding(&json!("g"), &registry);
    for _ in 0..3 {
        let outcome = go(&machine).outcome;
        assert_eq!(outcome.ending, Ending::Broken);
        let failure = outcome.refusals[0].failure.as_ref().unwrap();
        assert_eq!(failure.code, "limit.deadline");
    }
}

/// A hundred guards of ten milliseconds each would be a second: the step has fifty milliseconds.
#[test]
fn a_step_has_a_time_of_its_own() {
    let sandbox = sandbox();
    let limits = wardian_sandbox::Limits {
        fuel: Some(u64::MAX),
        ..wardian_sandbox::Limits::small(Duration::from_millis(10))
    };
    let module = load(&sandbox, looping()).with_limits(limits);
    let mut registry = Registry::<Value>::new();
    bind(&mut registry, "g", module).unwrap();
    // A hundred regions, each with a transition of its own.
    let regions: serde_json::Map<String, Value> = (0..100)
        .map(|number| {
            let region = json!({"on": {"go": {"actions": [], "guard": "g"}}});
            (format!("r{number}"), region)
        })
        .collect();
    let document = json!({"type": "parallel", "states": regions});
    let document = serde_json::to_vec(&document).unwrap();
    let machine = wardian_machine::Machine::from_json(&document).unwrap();
    let machine = machine.provide(&registry).unwrap();
    let state = machine.start_blocking(json!({})).unwrap().state;
    let step = machine.step_blocking(&state, &Event::new("go")).unwrap();
    let codes: Vec<&str> = step
        .outcome
        .refusals
        .iter()
        .map(|refusal| &*refusal.failure.as_ref().unwrap().code)
        .collect();
    assert_eq!(codes.len(), 100);
    let ran = codes
        .iter()
        .filter(|code| **code == "limit.deadline")
        .count();
    // Five of ten milliseconds, fewer where the machine is late.
    assert!((1..=6).contains(&ran), "{ran} ran");
    assert!(
        codes[ran..].iter().all(|code| *code == "step.timeout"),
        "{codes:?}"
    );
}

#[test]
fn a_thousand_machines_share_one_guard() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let sandbox = sandbox();
    let mut registry = Registry::<Value>::new();
    bind(&mut registry, "g", patient(load(&sandbox, once()))).unwrap();
    let machine = deciding(&json!("g"), &registry);
    runtime.block_on(async {
        let mut tasks = Vec::new();
        for _ in 0..1_000 {
            let machine = machine.clone();
            tasks.push(tokio::spawn(async move {
                let state = machine.start_async(json!({})).await.unwrap().state;
                let step = machine.step_async(&state, &Event::new("go")).await.unwrap();
                step.outcome.ending
            }));
        }
        for task in tasks {
            assert_eq!(task.await.unwrap(), Ending::Taken);
        }
    });
}

#[test]
fn a_replaced_module_answers_from_then_on() {
    let sandbox = sandbox();
    let slot = Arc::new(GuardSlot::new(patient(load(&sandbox, block()))));
    let mut registry = Registry::<Value>::new();
    registry.foreign_guard("g", slot.clone()).unwrap();
    let machine = deciding(&json!("g"), &registry);
    assert_eq!(go(&machine).outcome.ending, Ending::Blocked);
    slot.replace(patient(load(&sandbox, pass())));
    assert_eq!(go(&machine).outcome.ending, Ending::Taken);
}

#[test]
fn evaluations_are_there_as_bytes() {
    let sandbox = sandbox();
    let module = patient(load(&sandbox, pass()));
    let response = block_on(module.eval(b"anything at all")).unwrap();
    assert_eq!(response, br#"{"ok":true}"#);
    let handle = CallHandle::new();
    assert_eq!(module.eval_blocking(b"", &handle).unwrap(), response);
}

#[test]
fn an_evaluation_can_be_cancelled() {
    let sandbox = sandbox();
    let limits = wardian_sandbox::Limits {
        fuel: Some(u64::MAX),
        ..wardian_sandbox::Limits::small(Duration::from_secs(60))
    };
    let module = load(&sandbox, looping()).with_limits(limits);
    let handle = CallHandle::new();
    let begun = Instant::now();
    let ended = std::thread::scope(|scope| {
        let running = scope.spawn(|| module.eval_blocking(b"{}", &handle));
        handle.cancel();
        running.join().unwrap()
    });
    assert!(begun.elapsed() < Duration::from_secs(30));
    assert_eq!(ended.unwrap_err().code(), "cancelled");
}

#[test]
fn what_is_no_guard_is_refused_with_every_problem() {
    let sandbox = sandbox();
    let wasm = wat::parse_str(
        r#"(module (import "env" "open" (func (param i32)))
            (func (export "alloc") (param i64) (result i32) i32.const 0))"#,
    )
    .unwrap();
    let error = GuardModule::load_blocking(&sandbox, wasm).unwrap_err();
    assert_eq!(error.code(), "guard.link");
    let mut text = String::new();
    let mut source: Option<&dyn std::error::Error> = Some(&error);
    while let Some(error) = source {
        text.push_str(&error.to_string());
        source = error.source();
    }
    for part in ["memory", "alloc", "eval", "env.open"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let error = GuardModule::load_blocking(&sandbox, b"nothing".to_vec()).unwrap_err();
    assert_eq!(error.code(), "guard.load");
}
