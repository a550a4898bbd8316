//! What a module says of itself in `wardian:guard`, and what it is sent for that.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

mod common;

use common::{deciding, load, patient, sandbox};
use futures_lite::future::block_on;
use serde_json::{Value, json};
use wardian_guard::{GuardModule, SECTION_BYTES_MAX, bind};
use wardian_machine::{Ending, Event, Registry};

/// Answers with the request as its reason; `section` is the content of the custom section.
fn telling(section: &str) -> Vec<u8> {
    let section: String = section
        .bytes()
        .map(|byte| format!("\\{byte:02x}"))
        .collect();
    let text = |bytes: &str| -> String { bytes.bytes().map(|b| format!("\\{b:02x}")).collect() };
    let (begin, end) = (text(r#"{"ok":false,"reason":""#), text(r#""}"#));
    // Copies the request behind the beginning, with apostrophes in place of quotes.
    wat::parse_str(format!(
        r#"(module (@custom "wardian:guard" "{section}") (memory (export "memory") 40)
            (data (i32.const 0) "{begin}") (data $end "{end}")
            (func (export "alloc") (param i32) (result i32) i32.const 1245184)
            (func (export "eval") (param $at i32) (param $len i32) (result i64) (local $i i32) (local $byte i32)
                (loop $next
                    (local.set $byte (i32.load8_u (i32.add (local.get $at) (local.get $i))))
                    (if (i32.eq (local.get $byte) (i32.const 34)) (then (local.set $byte (i32.const 39))))
                    (i32.store8 (i32.add (i32.const 22) (local.get $i)) (local.get $byte))
                    (local.set $i (i32.add (local.get $i) (i32.const 1)))
                    (br_if $next (i32.lt_u (local.get $i) (local.get $len))))
                (memory.init $end (i32.add (i32.const 22) (local.get $len)) (i32.const 0) (i32.const 2))
                (i64.extend_i32_u (i32.add (local.get $len) (i32.const 24)))))"#
    ))
    .unwrap()
}

fn told(section: &str) -> String {
    let sandbox = sandbox();
    let mut registry = Registry::<Value>::new();
    bind(
        &mut registry,
        "g",
        patient(load(&sandbox, telling(section))),
    )
    .unwrap();
    let machine = deciding(&json!({"type": "g", "params": {"least": 40}}), &registry);
    let state = machine.start_blocking(json!({"total": 1})).unwrap().state;
    let event = Event::new("go").with(json!({"by": "ann"}));
    let step = machine.step_blocking(&state, &event).unwrap();
    assert_eq!(step.outcome.ending, Ending::Blocked, "{:?}", step.outcome);
    step.outcome.refusals[0].reason.clone().unwrap()
}

#[test]
fn a_guard_is_sent_what_it_asks_for_and_no_more() {
    assert_eq!(told("{}"), "{'context':{'total':1}}");
    assert_eq!(
        told(r#"{"wants":["guard"]}"#),
        "{'context':{'total':1},'guard':'g'}"
    );
    assert_eq!(
        told(r#"{"wants":["params", "event"], "request_bytes_max": 1000}"#),
        "{'context':{'total':1},'params':{'least':40},'event':{'type':'go','by':'ann'}}"
    );
}

#[test]
fn a_longer_request_than_it_takes_is_not_sent() {
    let sandbox = sandbox();
    let module = patient(load(&sandbox, telling(r#"{"request_bytes_max": 16384}"#)));
    for (bytes, code) in [
        (16_383, None),
        (16_384, None),
        (16_385, Some("guard.request_too_large")),
    ] {
        let ended = block_on(module.eval(&vec![b' '; bytes]));
        assert_eq!(ended.err().map(|error| error.code()), code, "{bytes}");
    }
}

/// A mebibyte is the most that any guard is sent.
#[test]
fn requests_have_a_limit_of_their_own() {
    let sandbox = sandbox();
    let module = patient(load(&sandbox, telling("{}")));
    for (bytes, code) in [((1 << 20) - 30, None), ((1 << 20) + 1, Some("limit.input"))] {
        let ended = block_on(module.eval(&vec![b' '; bytes]));
        assert_eq!(ended.err().map(|error| error.code()), code, "{bytes}");
    }
}

#[test]
fn a_section_that_is_not_understood_is_refused() {
    let sandbox = sandbox();
    let padded = |bytes: usize| format!("{{}}{}", " ".repeat(bytes - 2));
    for (section, is_refused) in [
        ("", true),
        ("[]", true),
        (r#"{"wants":["everything"]}"#, true),
        (r#"{"request_bytes_max":-1}"#, true),
        (r#"{"requests_max":1}"#, true),
        (&padded(SECTION_BYTES_MAX), false),
        (&padded(SECTION_BYTES_MAX + 1), true),
    ] {
        let loaded = GuardModule::load_blocking(&sandbox, telling(section));
        let code = loaded.err().map(|error| error.code());
        assert_eq!(code, is_refused.then_some("guard.section"), "{section}");
    }
    let twice = r#"(module (@custom "wardian:guard" "{}") (@custom "wardian:guard" "{}"))"#;
    let error = GuardModule::load_blocking(&sandbox, wat::parse_str(twice).unwrap());
    assert_eq!(error.unwrap_err().code(), "guard.section");
}

/// Crucible's kind: one buffer of 16 KiB, whatever is asked of `alloc`, and `eval` reads there whatever it is told.
#[test]
fn a_fixed_buffer_that_ignores_where_the_request_lies_works() {
    let sandbox = sandbox();
    let wasm = wat::parse_str(
        r#"(module (memory (export "memory") 1 1) (data (i32.const 60000) "{\"ok\":true}")
            (func (export "alloc") (param i32) (result i32) i32.const 4096)
            (func (export "eval") (param i32 i32) (result i64)
                (if (result i64) (i32.eq (i32.load8_u (i32.const 4096)) (i32.const 123))
                    (then (i64.or (i64.shl (i64.const 60000) (i64.const 32)) (i64.const 11)))
                    (else (unreachable)))))"#,
    )
    .unwrap();
    let module = patient(load(&sandbox, wasm));
    let ok = block_on(module.eval(br#"{"context":{}}"#)).unwrap();
    assert_eq!(ok, br#"{"ok":true}"#);
    // Longer than its buffer: what it overwrites dies with the call, and so may its answer.
    let long = block_on(module.eval(&[&b"{"[..], &vec![b'x'; 58_000]].concat())).unwrap();
    assert_ne!(long, ok);
    // Longer than its memory.
    let error = block_on(module.eval(&vec![b'{'; 62_000])).unwrap_err();
    assert_eq!(error.code(), "contract");
    assert_eq!(block_on(module.eval(br#"{"context":{}}"#)).unwrap(), ok);
}
