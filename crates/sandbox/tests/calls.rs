//! Calls end as they should: answers, traps, limits, cancelling; and after each of them the next call works.
#![expect(
    clippy::expect_used,
    reason = "in a test's helper functions as in the tests"
)]

use std::time::{Duration, Instant};

use wardian_sandbox::{
    Binding, Call, CallError, CallHandle, Contract, Cpu, Grants, Host, HostError, Imports,
    Isolation, Limit, Limits, Linked, Sandbox, SandboxConfig, Source, TrapKind, Value,
};

fn small() -> SandboxConfig {
    SandboxConfig {
        instances_max: 16,
        ..SandboxConfig::default()
    }
}

fn sandbox() -> Sandbox {
    Sandbox::new(small()).expect("a sandbox of 16 instances can be made")
}

fn linked(sandbox: &Sandbox, wat: &str, cpu: Cpu) -> Linked<()> {
    let wasm = wat::parse_str(wat).expect("the test's own module is valid");
    let module = sandbox
        .load_blocking(Source::new("test", wasm).cpu(cpu))
        .expect("module loads");
    module
        .link(&Binding::new(Contract::raw()))
        .expect("module links")
}

const ECHO: &str = r#"(module
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    (func (export "alloc") (param $n i32) (result i32)
        (local $at i32)
        (local.set $at (global.get $next))
        (global.set $next (i32.add (global.get $next) (local.get $n)))
        (local.get $at))
    (func (export "echo") (param i32 i32) (result i64)
        (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1))))
    (func (export "noop"))
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "spin") (loop $l (br $l)))
    (func (export "count") (param $n i32)
        (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (func (export "boom") unreachable)
    (func $deep (export "recurse") (call $deep))
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "grow_or_trap") (param i32) (if (i32.lt_s (memory.grow (local.get 0)) (i32.const 0)) (then unreachable)))
    (func (export "poke") (result i32) (i32.store8 (i32.const 77) (i32.const 9)) (i32.load8_u (i32.const 78)))
    (func (export "peek") (result i32) (i32.load8_u (i32.const 77)))
)"#;

fn ints(outcome: wardian_sandbox::Outcome) -> Vec<Value> {
    outcome
        .result
        .expect("the call ends well")
        .values()
        .to_vec()
}

#[test]
fn bytes_go_in_and_come_out() {
    for cpu in [Cpu::default(), Cpu::Time] {
        let sandbox = sandbox();
        let echo = linked(&sandbox, ECHO, cpu);
        let outcome = echo.call_blocking(Call::bytes("echo", "hello"));
        assert_eq!(outcome.result.expect("echo answers").bytes(), b"hello");
        assert_eq!((outcome.usage.bytes_in, outcome.usage.bytes_out), (5, 5));
        assert_eq!(outcome.usage.memory_peak_bytes, 65536);
        assert_eq!(outcome.usage.fuel.is_some(), cpu != Cpu::Time);
        assert_eq!(
            echo.call_blocking(Call::bytes("echo", ""))
                .result
                .expect("empty")
                .bytes(),
            b""
        );
        assert_eq!(
            ints(echo.call_blocking(Call::values("add", [Value::I32(2), Value::I32(3)]))),
            [Value::I32(5)]
        );
        assert_eq!(sandbox.stats().in_use, 0);
    }
}

#[test]
fn every_call_sees_pristine_memory() {
    let sandbox = sandbox();
    let guest = linked(&sandbox, ECHO, Cpu::default());
    for _ in 0..3 {
        assert_eq!(
            ints(guest.call_blocking(Call::values("peek", []))),
            [Value::I32(0)]
        );
        guest
            .call_blocking(Call::values("poke", []))
            .result
            .expect("poke");
    }
}

#[test]
fn each_ending_has_its_own_name_and_the_next_call_works() {
    let sandbox = sandbox();
    for cpu in [Cpu::Fuel(50_000_000), Cpu::Time] {
        let guest = linked(&sandbox, ECHO, cpu);
        let code = |call: Call<()>| {
            let error = guest
                .call_blocking(call)
                .result
                .expect_err("it does not end well");
            assert_eq!(
                ints(guest.call_blocking(Call::values("add", [Value::I32(1), Value::I32(1)]))),
                [Value::I32(2)]
            );
            assert_eq!(sandbox.stats().in_use, 0);
            error.code()
        };
        assert_eq!(code(Call::values("boom", [])), "trap");
        assert_eq!(code(Call::values("recurse", [])), "limit.stack");
        assert_eq!(
            code(Call::values("grow_or_trap", [Value::I32(5000)])),
            "limit.memory"
        );
        assert_eq!(code(Call::values("nothing", [])), "contract");
        assert_eq!(code(Call::values("add", [Value::I64(1)])), "contract");
        assert_eq!(
            code(Call::values("spin", []).deadline(Duration::from_millis(20))),
            "limit.deadline"
        );
        if cpu != Cpu::Time {
            assert_eq!(code(Call::values("spin", [])), "limit.fuel");
        }
    }
}

#[test]
fn a_final_host_function_ends_the_call_and_needs_its_grant() {
    let sandbox = sandbox();
    let wat = r#"(module (import "app" "give_up" (func $up (param i32 i32)))
        (memory (export "memory") 1) (data (i32.const 8) "no more")
        (func (export "up") (call $up (i32.const 8) (i32.const 7)))
        (func (export "outside") (call $up (i32.const -8) (i32.const 7)))
        (func (export "spin") (loop $l (br $l))))"#;
    let imports = Imports::new().define_final(
        "app",
        "give_up",
        Some("app.give_up"),
        |host: &mut Host<'_, ()>, (ptr, len): (i32, i32)| {
            host.read(ptr, len)
                .map_or_else(|outside| outside, HostError::panic)
        },
    );
    let module = sandbox
        .load_blocking(Source::new("final", wat::parse_str(wat).expect("valid")))
        .expect("loads");
    let mut binding = Binding::with_imports(Contract::raw(), imports);
    let error = module.link(&binding).expect_err("not granted");
    assert!(error.to_string().contains("app.give_up"), "{error}");
    binding.grants = Grants::none().grant("app.give_up");
    let linked = module.link(&binding).expect("links");
    for (function, code, text) in [
        ("up", "panic", "no more"),
        ("outside", "contract", "outside"),
        ("spin", "limit.deadline", "30 ms"),
    ] {
        let call = Call::values(function, []).deadline(Duration::from_millis(30));
        let error = linked
            .call_blocking(call.fuel(u64::MAX))
            .result
            .expect_err(function);
        assert_eq!(error.code(), code);
        assert!(error.to_string().contains(text), "{error}");
    }
}

#[test]
fn a_trap_says_where() {
    let sandbox = sandbox();
    let guest = linked(&sandbox, ECHO, Cpu::default());
    match guest.call_blocking(Call::values("boom", [])).result {
        Err(CallError::Trap(trap)) => {
            assert_eq!(trap.kind, TrapKind::Unreachable);
            assert_eq!(trap.frames.len(), 1);
        }
        other => panic!("not a trap: {other:?}"),
    }
}

#[test]
fn both_sides_of_the_memory_limit_in_pages() {
    let sandbox = sandbox();
    let guest = linked(&sandbox, ECHO, Cpu::default());
    let grow = |pages: i32| {
        let limits = Limits {
            memory_bytes_max: 10 * 65536,
            ..Limits::default()
        };
        let outcome = guest.call_blocking(Call::values("grow", [Value::I32(pages)]).limits(limits));
        let usage = outcome.usage;
        (
            ints(outcome)[0].clone(),
            usage.memory_peak_bytes / 65536,
            usage.refusals,
        )
    };
    assert_eq!(grow(8), (Value::I32(1), 9, 0));
    assert_eq!(grow(9), (Value::I32(1), 10, 0));
    assert_eq!(grow(10), (Value::I32(-1), 1, 1));
}

#[test]
fn a_growth_that_the_engine_refuses_does_not_undo_an_earlier_one() {
    let sandbox = sandbox();
    let guest = linked(
        &sandbox,
        r#"(module (memory 1) (func (export "run") (result i32)
            (drop (memory.grow (i32.const 8)))
            (drop (memory.grow (i32.const -1)))
            (drop (memory.grow (i32.const 65536)))
            (memory.grow (i32.const 2))))"#,
        Cpu::default(),
    );
    let limits = Limits {
        memory_bytes_max: 10 * 65536,
        ..Limits::default()
    };
    let outcome = guest.call_blocking(Call::values("run", []).limits(limits));
    assert_eq!(
        ints(outcome),
        [Value::I32(-1)],
        "9 pages are there, 2 more would be 11 of 10"
    );
}

#[test]
fn fuel_is_repeatable_and_both_sides_of_its_limit_hold() {
    let sandbox = sandbox();
    let guest = linked(&sandbox, ECHO, Cpu::default());
    let call = || Call::values("count", [Value::I32(1000)]);
    let used = guest
        .call_blocking(call())
        .usage
        .fuel
        .expect("fuel is counted");
    for _ in 0..10 {
        assert_eq!(guest.call_blocking(call()).usage.fuel, Some(used));
    }
    let ends = |fuel: u64| guest.call_blocking(call().fuel(fuel)).result;
    assert!(ends(used).is_ok() && ends(used + 1).is_ok());
    // The engine looks at the fuel where code loops or is entered, so the limit bites at the last such place.
    let (mut bad, mut good) = (1, used);
    while good - bad > 1 {
        let middle = bad.midpoint(good);
        if ends(middle).is_ok() {
            good = middle
        } else {
            bad = middle
        }
    }
    assert!(used - good < 20, "used {used}, but {good} is enough");
    let error = ends(good - 1).expect_err("one too few");
    assert!(
        matches!(error, CallError::Limit { which: Limit::Fuel, max, .. } if max == good - 1),
        "{error}"
    );
}

#[test]
fn fuel_on_a_module_metered_by_time_is_an_error() {
    let sandbox = sandbox();
    let guest = linked(&sandbox, ECHO, Cpu::Time);
    assert_eq!(
        guest
            .call_blocking(Call::values("noop", []).fuel(1))
            .result
            .expect_err("refused")
            .code(),
        "host"
    );
    let binding = Binding {
        limits: Some(Limits {
            fuel: Some(1),
            ..Limits::default()
        }),
        ..Binding::new(Contract::raw())
    };
    assert_eq!(
        guest.module().link(&binding).expect_err("refused").code(),
        "link.limits"
    );
}

#[test]
fn reused_instances_keep_their_memory_and_broken_ones_are_thrown_away() {
    let sandbox = sandbox();
    let guest = linked(&sandbox, ECHO, Cpu::default());
    let isolation = Isolation::Reused {
        min: 0,
        max: 2,
        uses_max: 3,
        idle_max: Duration::from_secs(60),
    };
    let kept = guest
        .module()
        .link(&Binding {
            isolation,
            ..Binding::new(Contract::raw())
        })
        .expect("links");
    kept.call_blocking(Call::values("poke", []))
        .result
        .expect("poke");
    assert_eq!(
        ints(kept.call_blocking(Call::values("peek", []))),
        [Value::I32(9)]
    );
    assert_eq!(sandbox.stats().in_use, 1, "one is kept");
    kept.call_blocking(Call::values("boom", []))
        .result
        .expect_err("boom");
    assert_eq!(sandbox.stats().in_use, 0, "what trapped is gone");
    assert_eq!(
        ints(kept.call_blocking(Call::values("peek", []))),
        [Value::I32(0)]
    );
}

#[test]
fn a_session_keeps_one_instance() {
    let sandbox = sandbox();
    let guest = linked(&sandbox, ECHO, Cpu::default());
    let mut session = guest.session();
    session
        .call_blocking(Call::values("poke", []))
        .result
        .expect("poke");
    assert_eq!(
        ints(session.call_blocking(Call::values("peek", []))),
        [Value::I32(9)]
    );
    session.write_bytes_at(77, &[42]).expect("in range");
    assert_eq!(
        ints(session.call_blocking(Call::values("peek", []))),
        [Value::I32(42)]
    );
    assert_eq!(
        &session.read_bytes(76, 3).expect("in range")[..],
        [0, 42, 0]
    );
    assert!(session.read_bytes(65535, 1).is_ok());
    assert!(session.read_bytes(65535, 2).is_err());
    assert!(session.write_bytes_at(65535, &[1, 2]).is_err());
    session
        .call_blocking(Call::values("boom", []))
        .result
        .expect_err("boom");
    assert!(!session.is_open());
    assert_eq!(
        ints(session.call_blocking(Call::values("peek", []))),
        [Value::I32(0)]
    );
    drop(session);
    assert_eq!(sandbox.stats().in_use, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_deadlines_of_one_module_end_at_their_own() {
    let sandbox = sandbox();
    for cpu in [Cpu::Fuel(u64::MAX), Cpu::Time] {
        let guest = linked(&sandbox, ECHO, cpu);
        let timed = |ms: u64| {
            let call = guest.call(Call::values("spin", []).deadline(Duration::from_millis(ms)));
            async move {
                let begun = Instant::now();
                let error = call.await.result.expect_err("it spins");
                (error.code(), begun.elapsed())
            }
        };
        let (short, long) = tokio::join!(timed(200), timed(1000));
        assert_eq!((short.0, long.0), ("limit.deadline", "limit.deadline"));
        assert!(
            short.1 >= Duration::from_millis(200) && short.1 < Duration::from_millis(900),
            "{short:?}"
        );
        assert!(long.1 >= Duration::from_millis(1000), "{long:?}");
    }
}

#[tokio::test]
async fn dropping_and_cancelling_give_the_slot_back() {
    let sandbox = sandbox();
    let guest = linked(&sandbox, ECHO, Cpu::Fuel(u64::MAX));
    let spinning = guest.call(Call::values("spin", []));
    assert!(
        tokio::time::timeout(Duration::from_millis(30), spinning)
            .await
            .is_err()
    );
    let handle = CallHandle::new();
    let call = guest.call(Call::values("spin", []).handle(&handle));
    let cancel = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        handle.cancel();
    };
    let (outcome, ()) = tokio::join!(call, cancel);
    assert_eq!(outcome.result.expect_err("cancelled").code(), "cancelled");
    let begun = Instant::now();
    while sandbox.stats().in_use > 0 {
        assert!(
            begun.elapsed() < Duration::from_secs(5),
            "slots did not come back: {:?}",
            sandbox.stats()
        );
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn a_deadline_reaches_an_async_host_function() {
    let sandbox = sandbox();
    let wasm = wat::parse_str(
        r#"(module (import "host" "sleep" (func $s (param i32))) (func (export "run") (call $s (i32.const 5000))))"#,
    )
    .expect("valid");
    let imports =
        Imports::<()>::new().define("host", "sleep", None, |_: Host<'_, ()>, (ms,): (i32,)| {
            Box::new(async move {
                tokio::time::sleep(Duration::from_millis(ms.unsigned_abs().into())).await;
                Ok(())
            })
        });
    let module = sandbox
        .load(Source::new("sleeper", wasm))
        .await
        .expect("loads");
    let guest = module
        .link(&Binding::with_imports(Contract::raw(), imports))
        .expect("links");
    let begun = Instant::now();
    let outcome = guest
        .call(Call::values("run", []).deadline(Duration::from_millis(50)))
        .await;
    assert_eq!(outcome.result.expect_err("late").code(), "limit.deadline");
    assert!(begun.elapsed() < Duration::from_secs(4));
    assert_eq!(outcome.usage.host_calls, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_ends_spinning_guests_within_its_bound() {
    let sandbox = sandbox();
    let guest = linked(&sandbox, ECHO, Cpu::Fuel(u64::MAX));
    let calls: Vec<_> = (0..8)
        .map(|_| tokio::spawn(guest.call(Call::values("spin", []))))
        .collect();
    tokio::time::sleep(Duration::from_millis(50)).await;
    sandbox.close().await;
    for call in calls {
        assert_eq!(
            call.await
                .expect("no panic")
                .result
                .expect_err("closed")
                .code(),
            "cancelled"
        );
    }
    assert_eq!(
        guest
            .call(Call::values("noop", []))
            .await
            .result
            .expect_err("closed")
            .code(),
        "cancelled"
    );
}
