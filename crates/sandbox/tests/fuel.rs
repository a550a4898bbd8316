//! The fuel API: set, remaining, added (inside a host function, from outside, on a session), consumed in every
//! outcome, and equal for equal work wherever it is done.
#![allow(clippy::expect_used, clippy::panic, reason = "tests may")]

mod guests;

use std::time::Duration;

use guests::{
    Door, TOOLS, WAITER, call, ending, guest, guest_on, guest_with, is_quiet, load, sandbox,
    sandbox_with, until,
};
use wardian_sandbox::{
    Binding, Call, CallError, CallHandle, Contract, Cpu, Host, HostError, Imports, Isolation,
    Limit, Limits, Linked, Outcome, Sandbox, Value,
};

/// Fuel as a host function sees it and gives it.
fn imports() -> Imports<()> {
    Imports::new()
        .define_sync("host", "left", None, |host: &mut Host<'_, ()>, (): ()| {
            Ok(host.fuel_remaining().map_or(-1, u64::cast_signed))
        })
        .define_sync(
            "host",
            "add",
            None,
            |host: &mut Host<'_, ()>, (n,): (i64,)| host.add_fuel(n.cast_unsigned()),
        )
}

const PUMP: &str = r#"(module
    (import "host" "left" (func $left (result i64)))
    (import "host" "add" (func $add (param i64)))
    (func $count (export "count") (param $n i32)
        (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (func (export "look") (result i64 i64) (call $left) (call $count (i32.const 100)) (call $left))
    (func (export "refill") (param i64 i32) (call $add (local.get 0)) (call $count (local.get 1))))"#;

fn pump(sandbox: &Sandbox) -> Linked<()> {
    guest_with(sandbox, PUMP, Cpu::default(), imports())
}

fn used(outcome: &Outcome) -> u64 {
    outcome.usage.fuel.expect("fuel is counted")
}

fn refill(add: i64, count: i32) -> Call<()> {
    Call::values("refill", [Value::I64(add), Value::I32(count)])
}

#[test]
fn a_host_function_sees_what_is_left() {
    let sandbox = sandbox();
    let outcome = pump(&sandbox).call_blocking(call("look", &[]).fuel(10_000));
    let total = used(&outcome);
    let answer = outcome.result.expect("ends well");
    let [Value::I64(before), Value::I64(after)] = answer.values() else {
        panic!("not two numbers: {answer:?}");
    };
    assert!(*before > 9_900 && *before <= 10_000, "{before}");
    assert!(before - after >= 100, "{before} {after}");
    assert!(total >= 10_000 - after.cast_unsigned() && total < 1_000);
}

#[test]
fn a_host_function_adds_fuel() {
    let sandbox = sandbox();
    let pump = pump(&sandbox);
    let needed = used(&pump.call_blocking(refill(0, 1_000)));
    assert_eq!(
        ending(&pump.call_blocking(refill(0, 1_000).fuel(100))),
        "limit.fuel"
    );
    let enough = i64::try_from(needed).expect("small");
    let outcome = pump.call_blocking(refill(enough, 1_000).fuel(100));
    assert_eq!(
        (ending(&outcome), used(&outcome)),
        ("ok", needed),
        "what was added is not consumed"
    );
    let short = pump.call_blocking(refill(50, 1_000).fuel(100));
    assert!(
        matches!(
            short.result,
            Err(CallError::Limit {
                which: Limit::Fuel,
                asked: 151,
                max: 150,
                ..
            })
        ),
        "{short:?}"
    );
    assert!(used(&short) <= 150);
    // More than there is does not wrap around.
    let full = pump.call_blocking(refill(-1, 1_000));
    assert_eq!((ending(&full), used(&full)), ("ok", needed));
}

#[test]
fn fuel_is_added_from_outside_through_the_handle() {
    let sandbox = sandbox();
    let door = Door::new();
    let wat = r#"(module (import "host" "wait" (func $wait)) (import "host" "f" (func $f))
        (func (export "run") (param $n i32) (call $wait) (call $f)
            (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))"#;
    let imports =
        door.imports::<()>()
            .define_sync("host", "f", None, |_: &mut Host<'_, ()>, (): ()| Ok(()));
    let guest = guest_with(&sandbox, wat, Cpu::default(), imports);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let run = |handle: &CallHandle| {
        runtime.spawn(guest.call(call("run", &[1_000]).fuel(500).handle(handle)))
    };
    let (poor, rich) = (CallHandle::new(), CallHandle::new());
    let (poor_call, rich_call) = (run(&poor), run(&rich));
    until("both wait", || door.arrived() == 2);
    rich.add_fuel(3_000);
    rich.add_fuel(3_000);
    door.open();
    assert_eq!(
        ending(&runtime.block_on(poor_call).expect("no panic")),
        "limit.fuel"
    );
    let outcome = runtime.block_on(rich_call).expect("no panic");
    assert_eq!(ending(&outcome), "ok");
    assert!(used(&outcome) > 500);
    // Given before the call begins, it waits for the first call to the host.
    let early = CallHandle::new();
    early.add_fuel(u64::MAX);
    early.add_fuel(1);
    assert_eq!(
        ending(&runtime.block_on(run(&early)).expect("no panic")),
        "ok"
    );
}

#[test]
fn a_session_is_given_fuel_for_its_next_call() {
    let sandbox = sandbox();
    let tools = guest(&sandbox, TOOLS);
    let needed = used(&tools.call_blocking(call("count", &[1_000])));
    let mut session = tools.session();
    assert_eq!(session.fuel_remaining(), None, "no instance yet");
    let with = |fuel: u64| call("count", &[1_000]).fuel(fuel);
    assert_eq!(ending(&session.call_blocking(with(needed + 40))), "ok");
    assert_eq!(session.fuel_remaining(), Some(40));
    session.add_fuel(needed);
    assert_eq!(ending(&session.call_blocking(with(7))), "ok");
    assert_eq!(session.fuel_remaining(), Some(7));
    assert_eq!(
        ending(&session.call_blocking(with(7))),
        "limit.fuel",
        "for one call only"
    );
    assert_eq!(session.fuel_remaining(), None, "the instance is gone");
}

fn reused() -> Isolation {
    Isolation::Reused {
        min: 1,
        max: 2,
        uses_max: u64::MAX,
        idle_max: Duration::from_secs(3600),
    }
}

#[test]
fn equal_work_costs_equal_fuel_everywhere() {
    let one = sandbox();
    let other = sandbox_with(|c| (c.guest_threads, c.instances_max) = (1, 4));
    // Enough to be moved between threads and to yield many times.
    let work = || call("count", &[400_000]);
    let bytes = || Call::bytes("echo", vec![3; 5_000]);
    let first = guest(&one, TOOLS);
    let expected = [
        used(&first.call_blocking(work())),
        used(&first.call_blocking(bytes())),
    ];
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for sandbox in [&one, &other] {
        let pristine = guest(sandbox, TOOLS);
        let module = load(sandbox, TOOLS, Cpu::Fuel(u64::MAX));
        let binding = Binding {
            isolation: reused(),
            ..Binding::new(Contract::raw())
        };
        let kept = module.link(&binding).expect("links");
        let mut session = pristine.session();
        for _ in 0..3 {
            for linked in [&pristine, &kept] {
                let blocking = [
                    used(&linked.call_blocking(work())),
                    used(&linked.call_blocking(bytes())),
                ];
                assert_eq!(blocking, expected);
                let asynchronous = [
                    used(&runtime.block_on(linked.call(work()))),
                    used(&runtime.block_on(linked.call(bytes()))),
                ];
                assert_eq!(asynchronous, expected);
            }
            let in_session = [
                used(&session.call_blocking(work())),
                used(&session.call_blocking(bytes())),
            ];
            assert_eq!(in_session, expected);
        }
        // A neighbour that spins changes nothing.
        let handle = CallHandle::new();
        let spinner = guest_on(sandbox, TOOLS, Cpu::Fuel(u64::MAX));
        let spinning = runtime.spawn(spinner.call(call("spin", &[]).handle(&handle)));
        assert_eq!(used(&runtime.block_on(pristine.call(work()))), expected[0]);
        handle.cancel();
        assert_eq!(
            ending(&runtime.block_on(spinning).expect("no panic")),
            "cancelled"
        );
    }
}

#[test]
fn every_outcome_says_what_was_consumed() {
    let sandbox = sandbox_with(|c| c.instances_max = 1);
    let tools = guest(&sandbox, TOOLS);
    let outcome = |call: Call<()>| {
        let outcome = tools.call_blocking(call);
        (ending(&outcome), used(&outcome))
    };
    let cut = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        limits
    };
    for (call, code) in [
        (call("seven", &[]), "ok"),
        (call("boom", &[]), "trap"),
        (call("recurse", &[1_000_000]), "limit.stack"),
        (call("count", &[1_000]).fuel(500), "limit.fuel"),
        (
            call("spin", &[])
                .deadline(Duration::from_millis(30))
                .fuel(u64::MAX),
            "limit.deadline",
        ),
        (Call::bytes("give", vec![255; 4]), "limit.output"),
        (Call::bytes("echo", vec![1; 70_000]), "contract"),
    ] {
        let (ended, fuel) = outcome(call);
        assert_eq!(ended, code);
        assert!(fuel > 0, "{code} consumed nothing");
    }
    for (call, code) in [
        (call("nothing", &[]), "contract"),
        (call("add", &[1]), "contract"),
        (
            Call::bytes("echo", vec![1; 9]).limits(cut(|l| l.input_bytes_max = 8)),
            "limit.input",
        ),
        (
            call("seven", &[]).limits(cut(|l| l.memory_bytes_max = 0)),
            "limit.memory",
        ),
    ] {
        assert_eq!(outcome(call), (code, 0));
    }
    let cancelled = CallHandle::new();
    cancelled.cancel();
    assert_eq!(
        outcome(call("seven", &[]).handle(&cancelled)),
        ("cancelled", 0)
    );
    // A call that never got an instance.
    let door = Door::new();
    let waiter = guest_with(&sandbox, WAITER, Cpu::default(), door.imports::<()>());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let inside = runtime.spawn(waiter.call(call("run", &[])));
    until("one inside", || door.arrived() == 1);
    assert_eq!(
        outcome(call("seven", &[]).deadline(Duration::from_millis(20))),
        ("busy", 0)
    );
    door.open();
    assert!(used(&runtime.block_on(inside).expect("no panic")) > 0);
    is_quiet(&sandbox);
}

#[test]
fn a_host_functions_own_error_comes_with_the_fuel_until_then() {
    let sandbox = sandbox();
    let imports = Imports::<()>::new()
        .define_sync("host", "left", None, |_: &mut Host<'_, ()>, (): ()| {
            Err::<i64, _>(HostError::failed(std::io::Error::other("no")))
        })
        .define_sync("host", "add", None, |_: &mut Host<'_, ()>, (_,): (i64,)| {
            Err::<(), _>(HostError::refused("fuel"))
        });
    let pump = guest_with(&sandbox, PUMP, Cpu::default(), imports);
    let failed = pump.call_blocking(call("look", &[]));
    assert_eq!(ending(&failed), "host");
    assert!(used(&failed) > 0);
    let refused = pump.call_blocking(refill(1, 1));
    assert_eq!(ending(&refused), "refused");
}

#[test]
fn a_module_metered_by_time_has_no_fuel_to_add() {
    let sandbox = sandbox();
    let pump = guest_with(&sandbox, PUMP, Cpu::Time, imports());
    let look = pump.call_blocking(call("look", &[]));
    assert_eq!(look.usage.fuel, None);
    assert_eq!(
        look.result.expect("ok").values(),
        [Value::I64(-1), Value::I64(-1)]
    );
    let refused = pump.call_blocking(refill(1, 1));
    assert_eq!((ending(&refused), refused.usage.fuel), ("contract", None));
}
