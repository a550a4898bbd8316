//! Modules of OPA's shape that do what they must not: a no with the right code, and the next check works.

use std::time::Duration;

use wardian_policy::artifact::Artifact;
use wardian_policy::opa::{BUILTIN_CALLS_MAX, prepare};
use wardian_policy::{Decision, Input, OpaChecker, PolicyChecker, Prepared, Reason};
use wardian_sandbox::{Cpu, Limits, Sandbox, SandboxConfig};

/// What a module of OPA's shape does; what is not said is harmless.
#[derive(Clone, Copy)]
struct Shape<'s> {
    eval: &'s str,
    malloc: &'s str,
    parse: &'s str,
    dump: &'s str,
    builtins: &'s str,
}

const HONEST: Shape<'_> = Shape {
    eval: "i32.const 1056",
    malloc: "i32.const 8192",
    parse: "i32.const 16",
    dump: "local.get 0",
    builtins: "{}",
};

const LOOPS: &str = "(loop br 0) unreachable";
const GROWS: &str = "(loop i32.const 16 memory.grow i32.const -1 i32.ne br_if 0) unreachable";
const RECURSES: &str = "local.get 0 local.get 1 local.get 2 local.get 3 local.get 4 local.get 5 local.get 6 call $eval";

impl Shape<'_> {
    fn module(&self) -> Vec<u8> {
        let Shape {
            eval,
            malloc,
            parse,
            dump,
            builtins,
        } = self;
        let builtins = builtins.replace('"', "\\\"");
        let wat = format!(
            r#"(module
                (import "env" "memory" (memory 3))
                (import "env" "opa_abort" (func $abort (param i32)))
                (import "env" "opa_builtin0" (func $builtin (param i32 i32) (result i32)))
                (global (export "opa_wasm_abi_version") i32 (i32.const 1))
                (global (export "opa_wasm_abi_minor_version") i32 (i32.const 3))
                (data (i32.const 1024) "{{\"a\":0}}\00")
                (data (i32.const 1056) "[{{\"result\":true}}]\00")
                (data (i32.const 1088) "perhaps\00")
                (data (i32.const 1120) "[{{\"result\":{{\"allow\":false,\"reason\":\"no code\"}}}}]\00")
                (data (i32.const 1280) "{builtins}\00")
                (func (export "opa_malloc") (param i32) (result i32) {malloc})
                (func (export "opa_json_parse") (param i32 i32) (result i32) {parse})
                (func (export "opa_json_dump") (param i32) (result i32) {dump})
                (func (export "builtins") (result i32) i32.const 1280)
                (func (export "entrypoints") (result i32) i32.const 1024)
                (func (export "opa_heap_ptr_get") (result i32) i32.const 16384)
                (func $eval (export "opa_eval")
                    (param i32 i32 i32 i32 i32 i32 i32) (result i32) {eval}))"#
        );
        wat::parse_str(wat).unwrap()
    }
}

fn sandbox() -> Sandbox {
    Sandbox::new(SandboxConfig::default()).unwrap()
}

fn loaded(sandbox: &Sandbox, shape: Shape<'_>) -> OpaChecker {
    let module = prepare(sandbox, &shape.module(), None, None).unwrap();
    let artifact = Artifact::from_bytes(module.into()).unwrap();
    let prepared = Prepared::of(&artifact).with_deadline(Duration::from_secs(10));
    // Fuel ends it, not the clock: a machine that is busy otherwise is not what is tested.
    let limits = Limits {
        fuel: Some(5_000_000),
        ..prepared.limits
    };
    OpaChecker::load_blocking(sandbox, &artifact, Prepared { limits, ..prepared }).unwrap()
}

fn home() -> Input<'static> {
    Input::new("env.read", "env_var", "HOME")
}

#[track_caller]
fn denied(sandbox: &Sandbox, honest: &OpaChecker, shape: Shape<'_>, reason: &Reason) {
    let hostile = loaded(sandbox, shape);
    for _ in 0..2 {
        let said = hostile.check_blocking(&home());
        let later = futures_lite::future::block_on(hostile.check(&home()));
        assert_eq!(said, Decision::Deny(reason.clone()), "{}", shape.eval);
        assert_eq!(later, said, "{}, asynchronously", shape.eval);
        assert_eq!(honest.check_blocking(&home()), Decision::Allow);
    }
}

#[test]
fn each_hostile_evaluation_is_denied_with_its_code_and_harms_nobody() {
    let sandbox = sandbox();
    let honest = loaded(&sandbox, HONEST);
    for (eval, reason) in [
        ("unreachable", Reason::TRAP),
        ("i32.const 1088 call $abort i32.const 1056", Reason::TRAP),
        (RECURSES, Reason::TRAP),
        (LOOPS, Reason::OUT_OF_FUEL),
        (GROWS, Reason::OUT_OF_MEMORY),
        // Outside of the memory, and at its end, where no text ends.
        ("i32.const -16", Reason::TRAP),
        (
            "(memory.fill (i32.const 65536) (i32.const 32) (i32.const 131072)) i32.const 65536",
            Reason::TRAP,
        ),
        ("i32.const 1088", Reason::MALFORMED_RESULT),
        ("i32.const 1063", Reason::MALFORMED_RESULT),
        ("i32.const 1120", Reason::MALFORMED_RESULT),
        // Undefined is no answer, and no yes.
        ("i32.const 0", Reason::MALFORMED_RESULT),
        (
            "(memory.fill (i32.const 65536) (i32.const 32) (i32.const 131071)) i32.const 65536",
            Reason::MALFORMED_RESULT,
        ),
    ] {
        denied(&sandbox, &honest, Shape { eval, ..HONEST }, &reason);
    }
}

#[test]
fn an_evaluation_that_does_not_end_is_ended_by_the_clock() {
    let sandbox = sandbox();
    let module = Shape {
        eval: LOOPS,
        ..HONEST
    };
    let module = prepare(&sandbox, &module.module(), None, None).unwrap();
    let artifact = Artifact::from_bytes(module.into()).unwrap();
    let prepared = Prepared {
        cpu: Cpu::Time,
        ..Prepared::of(&artifact)
    };
    let spins = OpaChecker::load_blocking(&sandbox, &artifact, prepared).unwrap();
    for _ in 0..2 {
        let said = spins.check_blocking(&home());
        assert_eq!(said, Decision::Deny(Reason::TIMEOUT));
    }
}

#[test]
fn builtins_that_are_called_without_end_or_without_being_listed_are_a_trap() {
    let sandbox = sandbox();
    let honest = loaded(&sandbox, HONEST);
    let calls = |n: u64| {
        format!(
            "(local $n i32) (loop
                (drop (call $builtin (i32.const 0) (i32.const 0)))
                (local.tee $n (i32.add (local.get $n) (i32.const 1)))
                i32.const {n} i32.lt_u br_if 0)
            i32.const 1056"
        )
    };
    let clock = Shape {
        builtins: r#"{"time.now_ns":0}"#,
        ..HONEST
    };
    let (most, more) = (calls(BUILTIN_CALLS_MAX), calls(BUILTIN_CALLS_MAX + 1));
    let allows = loaded(
        &sandbox,
        Shape {
            eval: &most,
            ..clock
        },
    );
    assert_eq!(allows.check_blocking(&home()), Decision::Allow);
    denied(
        &sandbox,
        &honest,
        Shape {
            eval: &more,
            ..clock
        },
        &Reason::TRAP,
    );
    let unlisted = "(drop (call $builtin (i32.const 7) (i32.const 0))) i32.const 1056";
    let unlisted = Shape {
        eval: unlisted,
        ..clock
    };
    denied(&sandbox, &honest, unlisted, &Reason::TRAP);
    let none = Shape {
        builtins: "{}",
        ..unlisted
    };
    denied(&sandbox, &honest, none, &Reason::TRAP);
}

#[test]
fn what_is_hostile_from_the_start_is_refused_when_it_is_made() {
    let sandbox = sandbox();
    for (shape, code) in [
        (
            Shape {
                malloc: "i32.const -8",
                ..HONEST
            },
            "contract",
        ),
        (
            Shape {
                parse: "unreachable",
                ..HONEST
            },
            "trap",
        ),
        (
            Shape {
                parse: "i32.const 0",
                ..HONEST
            },
            "trap",
        ),
        (
            Shape {
                dump: LOOPS,
                ..HONEST
            },
            "limit.fuel",
        ),
        (
            Shape {
                dump: "i32.const 1088",
                ..HONEST
            },
            "make.opa",
        ),
        (
            Shape {
                builtins: "[]",
                ..HONEST
            },
            "make.opa",
        ),
        (
            Shape {
                builtins: r#"{"http.send":0}"#,
                ..HONEST
            },
            "make.opa",
        ),
    ] {
        let error = prepare(&sandbox, &shape.module(), None, None).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
}
