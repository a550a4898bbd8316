//! Components have what core modules have: limits, fuel, deadlines, cancelling, traps, host functions, errors.
#![allow(clippy::expect_used, clippy::panic, reason = "tests may")]

mod guests;

use std::sync::Arc;
use std::time::Duration;

use guests::{Door, PATIENCE, ending, is_quiet, load, no_deadlock, sandbox, sandbox_with, until};
use wardian_sandbox::{
    Binding, Call, CallError, CallHandle, Contract, Cpu, Grants, Host, HostError, Imports, Limit,
    Limits, Linked, ModuleKind, Outcome, Sandbox, TrapKind, Value,
};

const SHOP: &str = r#"(component
    (import "test:host/api" (instance $api
        (export "wait" (func))
        (export "add" (func (param "a" s32) (param "b" s32) (result s32)))
        (export "say" (func (param "text" string)))))
    (core module $libc
        (memory (export "memory") 1)
        (global $next (mut i32) (i32.const 4096))
        (func (export "realloc") (param i32 i32 i32 i32) (result i32)
            (local $at i32)
            (local.set $at (global.get $next))
            (global.set $next (i32.add (global.get $next) (local.get 3)))
            (block $fits
                (br_if $fits (i32.le_u (global.get $next) (i32.mul (memory.size) (i32.const 65536))))
                (br_if $fits (i32.ge_s (memory.grow (i32.add (i32.div_u (local.get 3) (i32.const 65536)) (i32.const 1))) (i32.const 0)))
                unreachable)
            (local.get $at)))
    (core instance $libc (instantiate $libc))
    (core func $wait (canon lower (func $api "wait")))
    (core func $add (canon lower (func $api "add")))
    (core func $say (canon lower (func $api "say") (memory (core memory $libc "memory"))))
    (core module $m
        (import "libc" "memory" (memory 1))
        (import "host" "wait" (func $wait))
        (import "host" "add" (func $add (param i32 i32) (result i32)))
        (import "host" "say" (func $say (param i32 i32)))
        (table $t 2 funcref)
        (global $g (mut i32) (i32.const 5))
        (data (i32.const 64) "hello\ff\fe")
        (func $pair (param i32 i32) (result i32)
            (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1)) (i32.const 16))
        (func (export "echo") (param i32 i32) (result i32) (call $pair (local.get 0) (local.get 1)))
        (func (export "give") (param i32 i32) (result i32) (call $pair (local.get 0) (local.get 1)))
        (func (export "text") (param i32 i32) (result i32) (call $pair (local.get 0) (local.get 1)))
        (func (export "bump") (result i32) (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g))
        (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
        (func (export "grow-table") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0)))
        (func (export "count") (param $n i32)
            (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
        (func (export "spin") (loop $l (br $l)))
        (func (export "boom") unreachable)
        (func (export "divide") (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
        (func $recurse (export "recurse") (param i32) (result i32) (i32.add (i32.const 1) (call $recurse (local.get 0))))
        (func (export "wait") (call $wait))
        (func (export "sum") (param i32 i32) (result i32) (call $add (local.get 0) (local.get 1)))
        (func (export "calls") (param $n i32)
            (loop $l (drop (call $add (i32.const 1) (i32.const 2)))
                (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
        (func (export "say") (param i32 i32) (call $say (local.get 0) (local.get 1))))
    (core instance $i (instantiate $m (with "libc" (instance $libc))
        (with "host" (instance (export "wait" (func $wait)) (export "add" (func $add)) (export "say" (func $say))))))
    (func (export "echo") (param "bytes" (list u8)) (result (list u8))
        (canon lift (core func $i "echo") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
    (func (export "give") (param "at" u32) (param "len" u32) (result (list u8))
        (canon lift (core func $i "give") (memory (core memory $libc "memory"))))
    (func (export "text") (param "at" u32) (param "len" u32) (result string)
        (canon lift (core func $i "text") (memory (core memory $libc "memory"))))
    (func (export "bump") (result s32) (canon lift (core func $i "bump")))
    (func (export "grow") (param "n" s32) (result s32) (canon lift (core func $i "grow")))
    (func (export "grow-table") (param "n" s32) (result s32) (canon lift (core func $i "grow-table")))
    (func (export "count") (param "n" s32) (canon lift (core func $i "count")))
    (func (export "spin") (canon lift (core func $i "spin")))
    (func (export "boom") (canon lift (core func $i "boom")))
    (func (export "divide") (param "n" s32) (result s32) (canon lift (core func $i "divide")))
    (func (export "recurse") (param "n" s32) (result s32) (canon lift (core func $i "recurse")))
    (func (export "wait") (canon lift (core func $i "wait")))
    (func (export "sum") (param "a" s32) (param "b" s32) (result s32) (canon lift (core func $i "sum")))
    (func (export "calls") (param "n" s32) (canon lift (core func $i "calls")))
    (func (export "say") (param "at" u32) (param "len" u32) (canon lift (core func $i "say"))))"#;

const API: &str = "test:host/api";

fn imports(door: &Arc<Door>) -> Imports<()> {
    let door = door.clone();
    Imports::new()
        .define_component(API, "wait", None, move |_: Host<'_, ()>, _| {
            let door = door.clone();
            Box::new(async move {
                door.pass().await;
                Ok(vec![])
            })
        })
        .define_component(API, "add", Some("sums"), |_, values| {
            Box::new(async move {
                match values.as_slice() {
                    [Value::S32(-1), _] => Err(HostError::failed(std::io::Error::other("no"))),
                    [Value::S32(-2), _] => Err(HostError::refused("money")),
                    [Value::S32(-3), _] => Ok(vec![]),
                    [Value::S32(a), Value::S32(b)] => Ok(vec![Value::S32(a.wrapping_add(*b))]),
                    other => panic!("not two numbers: {other:?}"),
                }
            })
        })
        .define_component(API, "say", None, |mut host, values| {
            Box::new(async move {
                if let [Value::String(text)] = values.as_slice() {
                    host.log(1, text.as_bytes());
                }
                Ok(vec![])
            })
        })
}

fn shop_on(sandbox: &Sandbox, cpu: Cpu, door: &Arc<Door>) -> Linked<()> {
    let binding = Binding {
        grants: Grants::none().grant("sums"),
        ..Binding::with_imports(Contract::raw(), imports(door))
    };
    load(sandbox, SHOP, cpu).link(&binding).expect("links")
}

fn shop(sandbox: &Sandbox) -> Linked<()> {
    shop_on(sandbox, Cpu::default(), &Door::new())
}

fn call(function: &'static str, numbers: &[i32]) -> Call<()> {
    let values: Vec<Value> = numbers.iter().map(|n| Value::S32(*n)).collect();
    Call::values(function, values)
}

fn region(function: &'static str, at: u32, len: u32) -> Call<()> {
    Call::values(function, [Value::U32(at), Value::U32(len)])
}

fn number(outcome: Outcome) -> i32 {
    match outcome.result.expect("ends well").values() {
        [Value::S32(n)] => *n,
        other => panic!("not a number: {other:?}"),
    }
}

fn limits(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits);
    limits
}

#[test]
fn answers_in_values_and_bytes() {
    let sandbox = sandbox();
    let shop = shop(&sandbox);
    assert_eq!(shop.module().kind(), ModuleKind::Component);
    for bytes in [0, 1, 1024, 300_000] {
        let sent = vec![7u8; bytes];
        let outcome = shop.call_blocking(Call::bytes("echo", sent.clone()));
        assert_eq!(
            (outcome.usage.bytes_in, outcome.usage.bytes_out),
            (bytes as u64, bytes as u64)
        );
        assert_eq!(outcome.result.expect("answers").bytes(), sent);
    }
    let values = shop.call_blocking(Call::values("echo", [Value::Bytes(vec![1, 2, 3].into())]));
    assert_eq!(
        values.result.expect("answers").values(),
        [Value::Bytes(vec![1, 2, 3].into())]
    );
    let text = shop.call_blocking(region("text", 64, 5));
    assert_eq!(
        text.result.expect("answers").values(),
        [Value::String("hello".into())]
    );
    assert_eq!(number(shop.call_blocking(call("sum", &[20, 22]))), 42);
    // Pristine: each call begins anew.
    assert_eq!(number(shop.call_blocking(call("bump", &[]))), 6);
    assert_eq!(number(shop.call_blocking(call("bump", &[]))), 6);
    let mut session = shop.session();
    assert_eq!(number(session.call_blocking(call("bump", &[]))), 6);
    assert_eq!(number(session.call_blocking(call("bump", &[]))), 7);
    drop(session);
    is_quiet(&sandbox);
}

#[test]
fn each_ending_has_its_name_and_the_next_call_works() {
    let sandbox = sandbox();
    for cpu in [Cpu::Fuel(20_000_000), Cpu::Time] {
        let shop = shop_on(&sandbox, cpu, &Door::new());
        let ends = |call: Call<()>| {
            let outcome = shop.call_blocking(call);
            assert_eq!(outcome.usage.fuel.is_some(), cpu != Cpu::Time);
            assert_eq!(number(shop.call_blocking(call_seven())), 7);
            assert_eq!(sandbox.stats().in_use, 0);
            ending(&outcome)
        };
        fn call_seven() -> Call<()> {
            call("sum", &[3, 4])
        }
        assert_eq!(ends(call("boom", &[])), "trap");
        assert_eq!(ends(call("divide", &[0])), "trap");
        assert_eq!(ends(call("recurse", &[1])), "limit.stack");
        let mut late = call("spin", &[]).deadline(Duration::from_millis(20));
        if cpu != Cpu::Time {
            late = late.fuel(u64::MAX);
        }
        assert_eq!(ends(late), "limit.deadline");
        if cpu != Cpu::Time {
            assert_eq!(ends(call("spin", &[])), "limit.fuel");
        }
        assert_eq!(ends(call("nothing", &[])), "contract");
        assert_eq!(ends(Call::bytes("bump", "x")), "contract");
        // What the caller gets wrong is the caller's.
        assert_eq!(ends(call("sum", &[1])), "contract");
        assert_eq!(
            ends(Call::values("sum", [Value::U32(1), Value::U32(2)])),
            "contract"
        );
        // The host function's endings.
        assert_eq!(ends(call("sum", &[-1, 0])), "host");
        assert_eq!(ends(call("sum", &[-2, 0])), "refused");
        // Results of another type than the component imports: it is the component that chose the type.
        assert_eq!(ends(call("sum", &[-3, 0])), "contract");
        // What breaks the component model's rules is the guest's.
        for bad in [
            region("text", 64, 7),
            region("text", 65530, 100),
            region("give", u32::MAX, 8),
        ] {
            assert!(matches!(ends(bad), "contract" | "trap"));
        }
    }
    is_quiet(&sandbox);
}

#[test]
fn a_trap_says_where() {
    let sandbox = sandbox();
    let shop = shop(&sandbox);
    match shop.call_blocking(call("divide", &[0])).result {
        Err(CallError::Trap(trap)) => {
            assert_eq!(trap.kind, TrapKind::IntegerDivisionByZero);
            assert!(!trap.frames.is_empty());
        }
        other => panic!("not a trap: {other:?}"),
    }
}

#[test]
fn limits_on_both_sides() {
    let sandbox = sandbox();
    let shop = shop(&sandbox);
    let ends = |call: Call<()>, change: fn(&mut Limits)| {
        ending(&shop.call_blocking(call.limits(limits(change))))
    };
    let grow = |pages: i32| {
        let ten = limits(|l| l.memory_bytes_max = 10 * 65536);
        number(shop.call_blocking(call("grow", &[pages]).limits(ten)))
    };
    assert_eq!((grow(8), grow(9), grow(10)), (1, 1, -1));
    let grow_table = |elements: i32| {
        let limits = limits(|l| l.table_elements_max = 20);
        number(shop.call_blocking(call("grow-table", &[elements]).limits(limits)))
    };
    assert_eq!((grow_table(17), grow_table(18), grow_table(19)), (2, 2, -1));
    let none = ends(call("bump", &[]), |l| l.memory_bytes_max = 65535);
    assert_eq!(none, "limit.memory");
    for (n, code) in [(999, "ok"), (1000, "ok"), (1001, "limit.input")] {
        assert_eq!(
            ends(Call::bytes("echo", vec![1; n]), |l| l.input_bytes_max =
                1000),
            code
        );
    }
    for (n, code) in [(999, "ok"), (1000, "ok"), (1001, "limit.output")] {
        assert_eq!(
            ends(Call::bytes("echo", vec![1; n]), |l| l.output_bytes_max =
                1000),
            code
        );
    }
    for (n, code) in [(9, "ok"), (10, "ok"), (11, "limit.host_calls")] {
        assert_eq!(ends(call("calls", &[n]), |l| l.host_calls_max = 10), code);
    }
    let said = |n: u32| {
        let limits = limits(|l| l.log_bytes_max = 3);
        shop.call_blocking(region("say", 64, n).limits(limits))
            .usage
            .log_bytes
    };
    assert_eq!((said(2), said(3), said(4)), (2, 3, 4));
    let over = shop.call_blocking(call("grow", &[0]).limits(limits(|l| l.table_elements_max = 1)));
    assert!(
        matches!(
            over.result,
            Err(CallError::Limit {
                which: Limit::Table,
                asked: 2,
                max: 1,
                ..
            })
        ),
        "{over:?}"
    );
    is_quiet(&sandbox);
}

#[test]
fn an_answer_in_values_is_bounded_before_the_host_allocates_for_it() {
    let sandbox = sandbox();
    let shop = shop(&sandbox);
    // A list of bytes costs the host many times its size as values: 60 KiB of guest memory are more than 1 MiB.
    let give = |n: u32| {
        let limits = limits(|l| l.output_bytes_max = 64 << 10);
        ending(&shop.call_blocking(region("give", 0, n).limits(limits)))
    };
    assert_eq!(give(1_000), "ok");
    assert_eq!(give(60_000), "limit.output");
    assert_eq!(give(65_536), "limit.output");
    assert!(matches!(
        give(u32::MAX),
        "limit.output" | "contract" | "trap"
    ));
    // What a guest passes to a host function, too.
    let say = shop
        .call_blocking(region("say", 1_000, 60_000).limits(limits(|l| l.output_bytes_max = 100)));
    assert_eq!(ending(&say), "ok", "within the slack");
    is_quiet(&sandbox);
}

#[test]
fn fuel_is_counted_added_and_equal() {
    let (one, other) = (sandbox(), sandbox());
    let work = || call("count", &[100_000]);
    let fuel = |outcome: Outcome| outcome.usage.fuel.expect("counted");
    let (a, b) = (shop(&one), shop(&other));
    let used = fuel(a.call_blocking(work()));
    assert!(used > 100_000);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for linked in [&a, &b] {
        assert_eq!(fuel(linked.call_blocking(work())), used);
        assert_eq!(fuel(runtime.block_on(linked.call(work()))), used);
    }
    assert_eq!(ending(&a.call_blocking(work().fuel(used))), "ok");
    assert_eq!(
        ending(&a.call_blocking(work().fuel(used / 2))),
        "limit.fuel"
    );
    let mut session = a.session();
    session.add_fuel(used);
    assert_eq!(ending(&session.call_blocking(work().fuel(1_000))), "ok");
    assert_eq!(
        ending(&session.call_blocking(work().fuel(1_000))),
        "limit.fuel"
    );
    // Through the handle, collected at the next call to the host.
    let handle = CallHandle::new();
    handle.add_fuel(1_000_000);
    let calls = call("calls", &[1_000]).fuel(2_000).handle(&handle);
    assert_eq!(ending(&a.call_blocking(calls)), "ok");
    assert_eq!(
        ending(&a.call_blocking(call("calls", &[1_000]).fuel(2_000))),
        "limit.fuel"
    );
}

#[test]
fn cancelling_and_deadlines_reach_everything() {
    no_deadlock(|| {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        for cpu in [Cpu::Fuel(u64::MAX), Cpu::Time] {
            let sandbox = sandbox();
            let door = Door::new();
            let shop = shop_on(&sandbox, cpu, &door);
            for function in ["spin", "wait"] {
                for by_drop in [false, true] {
                    let (handle, arrived) = (CallHandle::new(), door.arrived());
                    let call = call(function, &[]).deadline(PATIENCE).handle(&handle);
                    let task = runtime.spawn(shop.call(call));
                    until("it runs", || sandbox.stats().in_use == 1);
                    until("it waits", || {
                        function == "spin" || door.arrived() > arrived
                    });
                    if by_drop {
                        task.abort();
                        assert!(runtime.block_on(task).is_err());
                    } else {
                        handle.cancel();
                        assert_eq!(
                            ending(&runtime.block_on(task).expect("no panic")),
                            "cancelled"
                        );
                    }
                    is_quiet(&sandbox);
                }
                let late = call(function, &[]).deadline(Duration::from_millis(30));
                assert_eq!(ending(&runtime.block_on(shop.call(late))), "limit.deadline");
            }
            is_quiet(&sandbox);
        }
    });
}

#[test]
fn what_is_missing_or_not_granted_is_told_at_once() {
    let sandbox = sandbox_with(|_| ());
    let module = load(&sandbox, SHOP, Cpu::default());
    let error = module
        .link(&Binding::new(Contract::raw()))
        .expect_err("three are missing");
    assert_eq!((error.code(), error.problems.len()), ("link.contract", 3));
    let door = Door::new();
    let error = module
        .link(&Binding::with_imports(Contract::raw(), imports(&door)))
        .expect_err("no grant");
    assert_eq!(error.code(), "link.refused");
    assert_eq!(
        error.problems[0].to_string(),
        "import `test:host/api#add` needs the capability `sums`, which is not granted"
    );
}
