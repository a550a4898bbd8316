//! Every row of the table of limits: countable ones at max − 1, max and max + 1, time and stack on both sides with a
//! margin, and the operator's ceilings.
#![allow(clippy::expect_used, clippy::panic, reason = "tests may")]

mod guests;

use std::time::{Duration, Instant};

use guests::{
    Door, TOOLS, WAITER, call, ending, guest, guest_on, guest_with, int, is_quiet, load, sandbox,
    sandbox_with, until, wasm,
};
use wardian_sandbox::{
    Binding, Call, CallError, Contract, Cpu, Host, Imports, Limit, Limits, LoadError, Outcome,
    Sandbox, SandboxConfig, Source,
};

const PAGE: u64 = 64 * 1024;

fn limits(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits);
    limits
}

fn is_limit(outcome: &Outcome, which: Limit, asked: u64, max: u64) {
    match &outcome.result {
        Err(CallError::Limit {
            which: w,
            asked: a,
            max: m,
            ..
        }) => assert_eq!((*w, *a, *m), (which, asked, max)),
        other => panic!("not {which:?}: {other:?}"),
    }
}

#[test]
fn memory_is_summed_over_all_memories() {
    let sandbox = sandbox();
    let two = guest(
        &sandbox,
        r#"(module (memory $a 1) (memory $b 1)
            (func (export "grow") (param i32) (result i32) (memory.grow $b (local.get 0))))"#,
    );
    let grow = |pages: i32| {
        let limits = limits(|l| l.memory_bytes_max = 10 * PAGE);
        let outcome = two.call_blocking(call("grow", &[pages]).limits(limits));
        let (peak, refusals) = (
            outcome.usage.memory_peak_bytes / PAGE,
            outcome.usage.refusals,
        );
        (int(outcome), peak, refusals)
    };
    assert_eq!(grow(7), (1, 9, 0));
    assert_eq!(grow(8), (1, 10, 0));
    assert_eq!(grow(9), (-1, 2, 1));
    is_quiet(&sandbox);
}

#[test]
fn memory_that_is_declared_counts_too() {
    let sandbox = sandbox();
    for (pages, fits) in [(9, true), (10, true), (11, false)] {
        let wat = format!(r#"(module (memory {pages}) (func (export "noop")))"#);
        let limits = limits(|l| l.memory_bytes_max = 10 * PAGE);
        let outcome = guest(&sandbox, &wat).call_blocking(call("noop", &[]).limits(limits));
        if fits {
            assert_eq!(ending(&outcome), "ok");
        } else {
            is_limit(&outcome, Limit::Memory, 11 * PAGE, 10 * PAGE);
        }
    }
    is_quiet(&sandbox);
}

#[test]
fn table_elements_grown_and_declared() {
    let sandbox = sandbox();
    let tools = guest(&sandbox, TOOLS);
    let with = |f: &'static str, n: i32| {
        let limits = limits(|l| l.table_elements_max = 100);
        tools.call_blocking(call(f, &[n]).limits(limits))
    };
    assert_eq!(int(with("grow_table", 97)), 2);
    assert_eq!(int(with("grow_table", 98)), 2);
    let refused = with("grow_table", 99);
    assert_eq!(refused.usage.refusals, 1);
    assert_eq!(int(refused), -1);
    for (elements, fits) in [(99, true), (100, true), (101, false)] {
        let wat = format!(r#"(module (table {elements} funcref) (func (export "noop")))"#);
        let limits = limits(|l| l.table_elements_max = 100);
        let outcome = guest(&sandbox, &wat).call_blocking(call("noop", &[]).limits(limits));
        if fits {
            assert_eq!(ending(&outcome), "ok");
        } else {
            is_limit(&outcome, Limit::Table, 101, 100);
        }
    }
}

#[test]
fn input_bytes() {
    let sandbox = sandbox();
    let tools = guest(&sandbox, TOOLS);
    let send = |n: usize| {
        let limits = limits(|l| l.input_bytes_max = 1000);
        tools.call_blocking(Call::bytes("echo", vec![1; n]).limits(limits))
    };
    assert_eq!((ending(&send(999)), ending(&send(1000))), ("ok", "ok"));
    let refused = send(1001);
    is_limit(&refused, Limit::Input, 1001, 1000);
    assert_eq!(refused.usage.fuel, Some(0), "the guest did not run");
    assert_eq!(refused.usage.bytes_in, 1001);
}

#[test]
fn output_bytes() {
    let sandbox = sandbox();
    let tools = guest(&sandbox, TOOLS);
    let take = |n: u32| {
        let limits = limits(|l| l.output_bytes_max = 1000);
        tools.call_blocking(Call::bytes("give", n.to_le_bytes().to_vec()).limits(limits))
    };
    assert_eq!((ending(&take(999)), ending(&take(1000))), ("ok", "ok"));
    is_limit(&take(1001), Limit::Output, 1001, 1000);
    is_limit(&take(u32::MAX), Limit::Output, u32::MAX.into(), 1000);
}

fn callbacks() -> Imports<()> {
    Imports::new()
        .define_sync("host", "f", None, |_: &mut Host<'_, ()>, (): ()| Ok(()))
        .define_sync(
            "host",
            "log",
            None,
            |host: &mut Host<'_, ()>, (ptr, len): (i32, i32)| {
                let text = host.read(ptr, len)?.to_vec();
                host.log(1, &text);
                Ok(())
            },
        )
}

const CALLER: &str = r#"(module (import "host" "f" (func $f)) (import "host" "log" (func $log (param i32 i32)))
    (memory (export "memory") 1) (data (i32.const 0) "0123456789abcdef")
    (func (export "calls") (param $n i32)
        (loop $l (call $f) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (func (export "says") (param i32) (call $log (i32.const 0) (local.get 0)) unreachable))"#;

#[test]
fn host_calls() {
    let sandbox = sandbox();
    let caller = guest_with(&sandbox, CALLER, Cpu::default(), callbacks());
    let calls = |n: i32| {
        let limits = limits(|l| l.host_calls_max = 10);
        caller.call_blocking(call("calls", &[n]).limits(limits))
    };
    assert_eq!((ending(&calls(9)), ending(&calls(10))), ("ok", "ok"));
    let refused = calls(11);
    is_limit(&refused, Limit::HostCalls, 11, 10);
    assert_eq!(refused.usage.host_calls, 11);
}

#[test]
fn log_bytes_beyond_the_limit_are_dropped_and_counted() {
    let sandbox = sandbox();
    let caller = guest_with(&sandbox, CALLER, Cpu::default(), callbacks());
    for (n, kept) in [(9, "012345678"), (10, "0123456789"), (11, "0123456789")] {
        let limits = limits(|l| l.log_bytes_max = 10);
        let outcome = caller.call_blocking(call("says", &[n]).limits(limits));
        assert_eq!(outcome.usage.log_bytes, n as u64);
        let error = outcome.result.expect_err("it traps afterwards");
        assert_eq!(error.trap().expect("a trap").log_tail, kept);
    }
}

#[test]
fn fuel_of_the_limits_of_the_call_and_of_the_module() {
    let sandbox = sandbox();
    let tools = guest(&sandbox, TOOLS);
    let count = || call("count", &[1000]);
    let used = tools.call_blocking(count()).usage.fuel.expect("counted");
    let enough = limits(|l| l.fuel = Some(used));
    let little = limits(|l| l.fuel = Some(used / 2));
    assert_eq!(
        ending(&tools.call_blocking(count().limits(enough.clone()))),
        "ok"
    );
    let short = tools.call_blocking(count().limits(little.clone()));
    is_limit(&short, Limit::Fuel, used / 2 + 1, used / 2);
    assert!(short.usage.fuel.is_some_and(|f| f <= used / 2));
    // The call's own fuel goes before its limits.
    let own = tools.call_blocking(count().limits(little).fuel(used));
    assert_eq!(ending(&own), "ok");
    let poor = guest_on(&sandbox, TOOLS, Cpu::Fuel(used / 2));
    assert_eq!(ending(&poor.call_blocking(count())), "limit.fuel");
    assert_eq!(ending(&poor.call_blocking(count().limits(enough))), "ok");
}

#[test]
fn deadlines_on_both_sides() {
    let sandbox = sandbox();
    for cpu in [Cpu::Fuel(u64::MAX), Cpu::Time] {
        let tools = guest_on(&sandbox, TOOLS, cpu);
        let short = call("count", &[1000]).deadline(Duration::from_secs(30));
        assert_eq!(ending(&tools.call_blocking(short)), "ok");
        let begun = Instant::now();
        let late = tools.call_blocking(call("spin", &[]).deadline(Duration::from_millis(60)));
        assert_eq!(ending(&late), "limit.deadline");
        assert!(begun.elapsed() >= Duration::from_millis(60), "never early");
        assert!(begun.elapsed() < Duration::from_secs(10));
        // No deadline at all is a century.
        let endless = call("count", &[1000]).deadline(Duration::MAX);
        assert_eq!(ending(&tools.call_blocking(endless)), "ok");
        let endless = call("count", &[300_000]).deadline(Duration::MAX);
        let outcome = futures_lite_block_on(tools.call(endless));
        assert_eq!(ending(&outcome), "ok", "nor a hard one");
    }
}

fn futures_lite_block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}

#[test]
fn stack_on_both_sides() {
    let deep = |bytes: usize, frames: i32| {
        let sandbox = sandbox_with(|c| c.engine.stack_bytes_max = bytes);
        let tools = guest(&sandbox, TOOLS);
        let outcome = tools.call_blocking(call("recurse", &[frames]));
        let after = ending(&tools.call_blocking(call("seven", &[])));
        (ending(&outcome), after)
    };
    // A frame of this function is 32 to 64 bytes.
    assert_eq!(deep(64 << 10, 500), ("ok", "ok"));
    assert_eq!(deep(64 << 10, 5_000), ("limit.stack", "ok"));
    assert_eq!(deep(512 << 10, 5_000), ("ok", "ok"));
    assert_eq!(deep(512 << 10, 50_000), ("limit.stack", "ok"));
    assert_eq!(deep(8 << 20, 50_000), ("ok", "ok"));
}

fn load_code(change: impl FnOnce(&mut SandboxConfig), bytes: &[u8]) -> Result<(), LoadError> {
    let sandbox = sandbox_with(change);
    let loaded = sandbox.load_blocking(Source::new("test", bytes.to_vec()));
    loaded.map(|_| ())
}

/// At one less than `n`, at `n` and at one more: too little, enough, enough.
fn both_sides(n: u64, bytes: &[u8], which: Limit, set: fn(&mut SandboxConfig, u64)) {
    for max in [n - 1, n, n + 1] {
        match load_code(|c| set(c, max), bytes) {
            Ok(()) => assert!(max >= n, "{which:?} {max}"),
            Err(LoadError::Limits { problems }) => {
                assert_eq!(problems, [(which, n, n - 1)]);
                assert_eq!(max, n - 1);
            }
            Err(other) => panic!("{which:?} {max}: {other}"),
        }
    }
}

#[test]
fn what_may_be_loaded() {
    let bytes = wasm(TOOLS);
    let size = bytes.len() as u64;
    both_sides(size, &bytes, Limit::ModuleBytes, |c, n| {
        c.load.module_bytes_max = n
    });
    let functions = format!("(module {})", "(func)".repeat(50));
    both_sides(50, &wasm(&functions), Limit::Functions, |c, n| {
        c.load.functions_max = n
    });
    // Count of locals, 100 × `nop`, `end`.
    let body = format!("(module (func {}))", "nop ".repeat(100));
    both_sides(102, &wasm(&body), Limit::BodyBytes, |c, n| {
        c.load.body_bytes_max = n
    });
}

#[test]
fn compile_time_in_process() {
    let none = load_code(|c| c.load.compile_time_max = Duration::ZERO, &wasm(TOOLS));
    assert_eq!(
        none.expect_err("no time at all").code(),
        "limit.compile_time"
    );
    let endless = load_code(|c| c.load.compile_time_max = Duration::MAX, &wasm(TOOLS));
    assert_eq!(endless.map_err(|e| e.code()), Ok(()));
}

#[test]
fn instances_waiters_and_the_wait() {
    let settings: [fn(&mut SandboxConfig); 2] = [
        |c| (c.instances_max, c.waiters_max) = (4, 2),
        |c| (c.module_instances_max, c.module_waiters_max) = (4, 2),
    ];
    for setting in settings {
        let sandbox = sandbox_with(setting);
        let door = Door::new();
        let waiter = guest_with(&sandbox, WAITER, Cpu::default(), door.imports());
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let spawn = || runtime.spawn(waiter.call(call("run", &[])));
        let inside: Vec<_> = (0..4).map(|_| spawn()).collect();
        until("four inside", || door.arrived() == 4);
        assert_eq!(sandbox.stats().in_use, 4);
        let begun_to_wait = sandbox.stats().waits;
        let queued: Vec<_> = (0..2).map(|_| spawn()).collect();
        until("two waiting", || sandbox.stats().waits == begun_to_wait + 2);
        // A third is one too many, at once.
        until("the queue is full", || {
            let late = call("run", &[]).deadline(Duration::from_millis(1));
            ending(&waiter.call_blocking(late)) == "busy"
        });
        let begun = Instant::now();
        assert_eq!(ending(&waiter.call_blocking(call("run", &[]))), "busy");
        assert!(
            begun.elapsed() < Duration::from_secs(5),
            "not after its deadline of 10 s"
        );
        door.open();
        for call in inside.into_iter().chain(queued) {
            assert_eq!(int(runtime.block_on(call).expect("no panic")), 7);
        }
        is_quiet(&sandbox);
    }
}

#[test]
fn who_waits_longer_than_the_deadline_is_busy() {
    let sandbox = sandbox_with(|c| c.instances_max = 4);
    let door = Door::new();
    let waiter = guest_with(&sandbox, WAITER, Cpu::default(), door.imports());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let inside: Vec<_> = (0..4)
        .map(|_| runtime.spawn(waiter.call(call("run", &[]))))
        .collect();
    until("four inside", || door.arrived() == 4);
    let begun = Instant::now();
    let late = waiter.call_blocking(call("run", &[]).deadline(Duration::from_millis(50)));
    assert_eq!(ending(&late), "busy");
    assert!(begun.elapsed() >= Duration::from_millis(50));
    assert_eq!(late.usage.fuel, Some(0));
    door.open();
    for call in inside {
        assert_eq!(int(runtime.block_on(call).expect("no panic")), 7);
    }
    is_quiet(&sandbox);
}

#[test]
fn ceilings() {
    let sandbox = sandbox_with(|c| {
        c.memory_bytes_ceiling = 100 * PAGE;
        c.limits.memory_bytes_max = 50 * PAGE;
        c.limits.table_elements_max = 50;
        c.table_elements_ceiling = 100;
    });
    let module = load(&sandbox, TOOLS, Cpu::default());
    let link = |memory: u64, table: u64| {
        let binding = Binding {
            limits: Some(limits(|l| {
                l.memory_bytes_max = memory;
                l.table_elements_max = table;
            })),
            ..Binding::new(Contract::raw())
        };
        module
            .link(&binding)
            .map(|_| ())
            .map_err(|e| (e.code(), e.problems.len()))
    };
    assert_eq!(link(100 * PAGE, 100), Ok(()));
    assert_eq!(link(100 * PAGE + 1, 100), Err(("link.limits", 1)));
    assert_eq!(link(100 * PAGE + 1, 101), Err(("link.limits", 2)));
    // A call's own limits are cut down to the ceilings.
    let tools = module.link(&Binding::new(Contract::raw())).expect("links");
    let huge = || limits(|l| (l.memory_bytes_max, l.table_elements_max) = (u64::MAX, u64::MAX));
    assert_eq!(
        int(tools.call_blocking(call("grow", &[99]).limits(huge()))),
        1
    );
    assert_eq!(
        int(tools.call_blocking(call("grow", &[100]).limits(huge()))),
        -1
    );
    assert_eq!(
        int(tools.call_blocking(call("grow_table", &[98]).limits(huge()))),
        2
    );
    assert_eq!(
        int(tools.call_blocking(call("grow_table", &[99]).limits(huge()))),
        -1
    );
    // What declares more than the ceiling is not loaded.
    for (wat, code) in [
        ("(module (memory 100))", "ok"),
        ("(module (memory 101))", "limit.memory"),
        ("(module (table 100 funcref))", "ok"),
        ("(module (table 101 funcref))", "limit.table"),
    ] {
        let loaded = sandbox.load_blocking(Source::new("test", wasm(wat)));
        assert_eq!(loaded.map_or_else(|e| e.code(), |_| "ok"), code, "{wat}");
    }
}

#[test]
fn contradictions_in_the_configuration_are_told_at_once() {
    let config = SandboxConfig {
        instances_max: 0,
        memory_bytes_ceiling: (4 << 30) + 1,
        limits: limits(|l| l.table_elements_max = u64::MAX),
        ..SandboxConfig::default()
    };
    let error = Sandbox::new(config)
        .expect_err("it contradicts itself")
        .to_string();
    for part in [
        "`instances_max`",
        "`memory_bytes_ceiling`",
        "`table_elements_ceiling`",
    ] {
        assert!(error.contains(part), "{error}");
    }
    for (bytes, fits) in [
        ((64 << 10) - 1, false),
        (64 << 10, true),
        (8 << 20, true),
        ((8 << 20) + 1, false),
    ] {
        let mut config = SandboxConfig {
            instances_max: 1,
            ..SandboxConfig::default()
        };
        config.engine.stack_bytes_max = bytes;
        assert_eq!(Sandbox::new(config).is_ok(), fits, "{bytes}");
    }
}
