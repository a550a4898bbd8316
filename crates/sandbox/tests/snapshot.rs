//! Modules that begin where a call left off.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on says where.

use std::path::Path;

use wardian_sandbox::{
    Binding, Call, CallError, Contract, Limits, Sandbox, SandboxConfig, Snapshot, SnapshotError,
    Source, Value,
};

fn sandbox() -> Sandbox {
    Sandbox::new(SandboxConfig::default()).unwrap()
}

fn binding() -> Binding<()> {
    Binding::new(Contract::raw())
}

fn taken(sandbox: &Sandbox, wat: &str, call: Call<()>) -> Result<Snapshot, SnapshotError> {
    let source = Source::new("set-up", wat::parse_str(wat).unwrap());
    sandbox.snapshot_blocking(source, &binding(), call)
}

/// What a function of a snapshot gives.
fn gives(sandbox: &Sandbox, snapshot: &Snapshot, function: &'static str) -> Vec<Value> {
    let source = Source::new("kept", snapshot.module.clone());
    let linked = sandbox
        .load_blocking(source)
        .unwrap()
        .link(&binding())
        .unwrap();
    let outcome = linked.call_blocking(Call::values(function, []));
    outcome.result.unwrap().values().to_vec()
}

#[test]
fn memories_and_globals_are_as_the_call_left_them() {
    let sandbox = sandbox();
    let wat = r#"(module (memory (export "memory") 1) (memory $other 1)
        (global $a (mut i32) (i32.const 0)) (global $b (mut i64) (i64.const 0))
        (global $c (mut f32) (f32.const 0)) (global $d (mut f64) (f64.const 0))
        (global $e (mut v128) (v128.const i64x2 0 0))
        (func (export "set_up")
            (global.set $a (i32.const -1)) (global.set $b (i64.const -2))
            (global.set $c (f32.const nan:0x200001)) (global.set $d (f64.const -0.5))
            (global.set $e (v128.const i64x2 5 6))
            (drop (memory.grow (i32.const 2)))
            (i32.store (i32.const 131072) (i32.const 7))
            (i32.store $other (i32.const 4) (i32.const 8)))
        (func (export "look") (result i32 i64 i32 f64 i64 i32 i32 i32)
            global.get $a global.get $b (i32.reinterpret_f32 (global.get $c)) global.get $d
            (i64x2.extract_lane 1 (global.get $e)) (i32.load (i32.const 131072))
            (i32.load $other (i32.const 4)) memory.size))"#;
    let snapshot = taken(&sandbox, wat, Call::values("set_up", [])).unwrap();
    assert_eq!(
        gives(&sandbox, &snapshot, "look"),
        [
            Value::I32(-1),
            Value::I64(-2),
            Value::I32(0x7fa0_0001),
            Value::F64(-0.5),
            Value::I64(6),
            Value::I32(7),
            Value::I32(8),
            Value::I32(3)
        ]
    );
}

#[test]
fn a_start_function_and_initialize_do_not_run_again() {
    let sandbox = sandbox();
    let wat = r#"(module (memory (export "memory") 1) (global $n (mut i32) (i32.const 0))
        (func $more global.get $n i32.const 1 i32.add global.set $n)
        (start $more) (export "_initialize" (func $more)) (export "set_up" (func $more))
        (func (export "look") (result i32) global.get $n))"#;
    let snapshot = taken(&sandbox, wat, Call::values("set_up", [])).unwrap();
    assert_eq!(gives(&sandbox, &snapshot, "look"), [Value::I32(3)]);
    assert_eq!(
        gives(&sandbox, &snapshot, "look"),
        [Value::I32(3)],
        "each call anew"
    );
}

#[test]
fn a_snapshot_of_a_snapshot_is_one() {
    let sandbox = sandbox();
    let wat = r#"(module (global $n (mut i32) (i32.const 0))
        (func $more global.get $n i32.const 1 i32.add global.set $n)
        (export "one" (func $more)) (export "two" (func $more))
        (func (export "look") (result i32) global.get $n))"#;
    let first = taken(&sandbox, wat, Call::values("one", [])).unwrap();
    let source = Source::new("again", first.module);
    let second = sandbox.snapshot_blocking(source, &binding(), Call::values("two", []));
    assert_eq!(gives(&sandbox, &second.unwrap(), "look"), [Value::I32(2)]);
}

#[test]
fn what_a_snapshot_cannot_hold_is_refused() {
    let sandbox = sandbox();
    let call = || Call::values("set_up", []);
    for wat in [
        r#"(module (table 1 funcref) (func (export "set_up")
            (table.set (i32.const 0) (ref.null func))))"#,
        r#"(module (global (mut externref) (ref.null extern)) (func (export "set_up")))"#,
        r#"(module (memory 1) (data $d "x") (func (export "set_up") (data.drop $d)))"#,
        "(component)",
    ] {
        let refused = taken(&sandbox, wat, call()).unwrap_err();
        assert_eq!(refused.code(), "snapshot.unfit", "{wat}: {refused}");
    }
}

#[test]
fn a_call_that_does_not_end_well_gives_no_snapshot() {
    let sandbox = sandbox();
    let trap = taken(
        &sandbox,
        r#"(module (func (export "set_up") unreachable))"#,
        Call::values("set_up", []),
    );
    assert!(matches!(
        trap.unwrap_err(),
        SnapshotError::Call(CallError::Trap(_))
    ));
    let limits = Limits {
        fuel: Some(1_000),
        ..Limits::default()
    };
    let spins = taken(
        &sandbox,
        r#"(module (func (export "set_up") (loop br 0)))"#,
        Call::values("set_up", []).limits(limits),
    );
    assert_eq!(spins.unwrap_err().code(), "limit.fuel");
    let missing = taken(&sandbox, "(module)", Call::values("set_up", []));
    assert_eq!(missing.unwrap_err().code(), "contract");
    let imports = r#"(module (import "env" "now" (func)) (func (export "set_up")))"#;
    let unlinked = taken(&sandbox, imports, Call::values("set_up", []));
    assert!(matches!(unlinked.unwrap_err(), SnapshotError::Link(_)));
}

#[test]
fn no_hostile_module_does_more_than_fail() {
    let sandbox = sandbox();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guests/hostile");
    let limits = Limits {
        fuel: Some(1_000_000),
        ..Limits::default()
    };
    let mut tried = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "wat") {
            continue;
        }
        let Ok(wasm) = wat::parse_file(&path) else {
            continue;
        };
        tried += 1;
        let call = Call::bytes("call", "input").limits(limits.clone());
        let taken = sandbox.snapshot_blocking(Source::new("hostile", wasm), &binding(), call);
        if let Ok(snapshot) = taken {
            // Whatever it has become, it is a module that can be judged.
            let _ = sandbox.load_blocking(Source::new("kept", snapshot.module));
        }
    }
    assert!(tried > 100, "{tried}");
}
