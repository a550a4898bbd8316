//! Metrics as Prometheus text: every name and label, a bounded number of labels, and nothing of a guest's choosing
//! that is not cut and escaped.
#![allow(clippy::expect_used, clippy::panic, reason = "tests may")]

mod guests;

use std::time::Duration;

use guests::{
    Door, TOOLS, WAITER, call, ending, guest_on, guest_with, is_quiet, sandbox_with, until,
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use wardian_sandbox::{
    Binding, Call, CallHandle, Contract, Cpu, Host, HostError, Isolation, Limits, Linked, Module,
    Sandbox, Source, Value,
};

/// Runs `f` with a recorder of its own: handles are made when sandboxes are made and modules are loaded and linked,
/// which these tests do on their own thread.
fn recorded(f: impl FnOnce(&PrometheusHandle)) {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    metrics::with_local_recorder(&recorder, || f(&handle));
}

/// The value of one line, its labels in the order in which they are written.
fn value(handle: &PrometheusHandle, name_and_labels: &str) -> Option<f64> {
    let text = handle.render();
    let line = text.lines().find(|l| {
        l.strip_prefix(name_and_labels)
            .is_some_and(|r| r.starts_with(' '))
    })?;
    line.rsplit(' ').next()?.parse().ok()
}

fn named(sandbox: &Sandbox, name: &str, wat: &str, cpu: Cpu) -> Module {
    let loaded = sandbox.load_blocking(Source::new(name, guests::wasm(wat)).cpu(cpu));
    loaded.expect("loads")
}

fn linked(module: &Module) -> Linked<()> {
    module.link(&Binding::new(Contract::raw())).expect("links")
}

#[test]
fn loads_calls_fuel_and_memory() {
    recorded(|handle| {
        let sandbox = sandbox_with(|_| ());
        named(&sandbox, "tools", TOOLS, Cpu::default());
        let tools = linked(&named(&sandbox, "tools", TOOLS, Cpu::default()));
        assert_eq!(
            value(handle, r#"wasm_module_loads_total{module="tools"}"#),
            Some(2.0)
        );
        let mut fuel = 0;
        for _ in 0..3 {
            let outcome = tools.call_blocking(call("count", &[100]));
            fuel += outcome.usage.fuel.expect("counted");
        }
        let grown = tools.call_blocking(call("grow", &[3]));
        fuel += grown.usage.fuel.expect("counted");
        assert_eq!(
            value(handle, r#"wasm_fuel_consumed_total{module="tools"}"#),
            Some(fuel as f64)
        );
        assert_eq!(
            value(handle, r#"wasm_memory_bytes{module="tools"}"#),
            Some(4.0 * 65536.0)
        );
        let counted = r#"wasm_call_duration_seconds_count{module="tools",function="count"}"#;
        assert_eq!(value(handle, counted), Some(3.0));
        let grew = r#"wasm_call_duration_seconds_count{module="tools",function="grow"}"#;
        assert_eq!(value(handle, grew), Some(1.0));
        let text = handle.render();
        for (name, kind) in [
            ("wasm_module_loads_total", "counter"),
            ("wasm_call_duration_seconds", "summary"),
            ("wasm_fuel_consumed_total", "counter"),
            ("wasm_memory_bytes", "gauge"),
            ("wasm_errors_total", "counter"),
            ("wasm_pool_checkouts_total", "counter"),
            ("wasm_pool_waits_total", "counter"),
            ("wasm_pool_recycles_total", "counter"),
            ("wasm_pool_size", "gauge"),
            ("wasm_pool_in_use", "gauge"),
        ] {
            assert!(
                text.contains(&format!("# TYPE {name} {kind}\n")),
                "{name}: {text}"
            );
        }
    });
}

#[test]
fn a_component_has_its_functions_names_too() {
    recorded(|handle| {
        let sandbox = sandbox_with(|_| ());
        let wat = r#"(component
            (core module $m (func (export "seven") (result i32) (i32.const 7)))
            (core instance $i (instantiate $m))
            (func $f (result s32) (canon lift (core func $i "seven")))
            (instance $api (export "seven" (func $f)))
            (export "seven" (func $f))
            (export "test:shop/api" (instance $api)))"#;
        let component = linked(&named(&sandbox, "shop", wat, Cpu::default()));
        for name in ["seven", "test:shop/api#seven", "test:shop/api#seven"] {
            let outcome = component.call_blocking(Call::values(name, []));
            assert_eq!(outcome.result.expect("answers").values(), [Value::S32(7)]);
        }
        let at = |function: &str| {
            value(
                handle,
                &format!(
                    r#"wasm_call_duration_seconds_count{{module="shop",function="{function}"}}"#
                ),
            )
        };
        assert_eq!(
            (at("seven"), at("test:shop/api#seven")),
            (Some(1.0), Some(2.0))
        );
    });
}

#[test]
fn each_error_has_its_type() {
    recorded(|handle| {
        let sandbox = sandbox_with(|c| (c.instances_max, c.waiters_max) = (1, 0));
        let door = Door::new();
        let imports = door.imports::<()>().define_sync(
            "host",
            "fail",
            None,
            |_: &mut Host<'_, ()>, (how,): (i32,)| -> Result<(), HostError> {
                Err(match how {
                    0 => HostError::failed(std::io::Error::other("no")),
                    1 => HostError::refused("money"),
                    2 => HostError::panic(b"I give up"),
                    _ => HostError::contract("odd"),
                })
            },
        );
        let wat = TOOLS.replacen(
            "(module",
            r#"(module (import "host" "wait" (func $wait)) (import "host" "fail" (func $fail (param i32)))
                (func (export "wait") (call $wait))
                (func (export "fail") (param i32) (call $fail (local.get 0)))
                (func (export "grow_or_trap") (if (i32.lt_s (memory.grow (i32.const 9999)) (i32.const 0)) (then unreachable)))"#,
            1,
        );
        let guest = named(&sandbox, "bad", &wat, Cpu::default());
        let guest = guest
            .link(&Binding::with_imports(Contract::raw(), imports))
            .expect("links");
        let ends = |call: Call<()>, code: &str, kind: &str| {
            let line = format!(r#"wasm_errors_total{{module="bad",type="{kind}"}}"#);
            let before = value(handle, &line).expect("it is there from the start");
            assert_eq!(ending(&guest.call_blocking(call)), code);
            assert_eq!(value(handle, &line), Some(before + 1.0), "{code}");
        };
        let ms = Duration::from_millis;
        ends(
            call("spin", &[]).deadline(ms(20)),
            "limit.deadline",
            "timeout",
        );
        ends(call("fail", &[2]), "panic", "panic");
        ends(call("grow_or_trap", &[]), "limit.memory", "oom");
        ends(call("count", &[1000]).fuel(10), "limit.fuel", "fuel");
        ends(call("recurse", &[10_000_000]), "limit.stack", "stack");
        ends(call("boom", &[]), "trap", "trap");
        ends(call("nothing", &[]), "contract", "contract");
        ends(call("fail", &[3]), "contract", "contract");
        ends(call("fail", &[1]), "refused", "refused");
        ends(call("fail", &[0]), "host", "host");
        let cancelled = CallHandle::new();
        cancelled.cancel();
        ends(
            call("noop", &[]).handle(&cancelled),
            "cancelled",
            "cancelled",
        );
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let inside = runtime.spawn(guest.call(call("wait", &[])));
        until("one is inside", || door.arrived() == 1);
        ends(call("noop", &[]), "busy", "busy");
        // One that is dropped has ended too.
        let line = r#"wasm_errors_total{module="bad",type="cancelled"}"#;
        inside.abort();
        until("the dropped call is counted", || {
            value(handle, line) == Some(2.0)
        });
        is_quiet(&sandbox);
    });
}

/// Instances that were given up for this reason.
fn recycled(handle: &PrometheusHandle, reason: &str) -> f64 {
    let name = format!(r#"wasm_pool_recycles_total{{reason="{reason}"}}"#);
    value(handle, &name).unwrap_or(0.0)
}

/// Makes as many calls at once, opens the door once `all_are_in`, and sees each end well.
fn through_the_door(sandbox: &Sandbox, calls: usize, all_are_in: impl FnOnce(&Door)) {
    let door = Door::new();
    let waiter = guest_with(sandbox, WAITER, Cpu::default(), door.imports());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let tasks: Vec<_> = (0..calls)
        .map(|_| runtime.spawn(waiter.call(call("run", &[]))))
        .collect();
    all_are_in(&door);
    door.open();
    for task in tasks {
        assert_eq!(ending(&runtime.block_on(task).expect("no panic")), "ok");
    }
}

#[test]
fn the_pool() {
    recorded(|handle| {
        let sandbox = sandbox_with(|c| c.instances_max = 2);
        let at = |name: &str| value(handle, name);
        assert_eq!(at("wasm_pool_size"), Some(2.0));
        through_the_door(&sandbox, 3, |_| {
            until("one waits", || at("wasm_pool_waits_total") == Some(1.0));
            assert_eq!(at("wasm_pool_in_use"), Some(2.0));
        });
        assert_eq!(
            (
                at("wasm_pool_checkouts_total"),
                recycled(handle, "pristine")
            ),
            (Some(3.0), 3.0)
        );
        // What waited for memory in between is counted, too.
        let small = sandbox_with(|c| c.memory_total_bytes_max = 65536);
        through_the_door(&small, 2, |door| {
            until("one is inside", || door.arrived() == 1);
            until("the other has given its slot back", || {
                small.stats().recycled_failed == 1
            });
        });
        assert_eq!(at("wasm_pool_in_use"), Some(0.0));
    });
}

#[test]
fn every_way_in_which_an_instance_ends_is_counted_once() {
    recorded(|handle| {
        let sandbox = sandbox_with(|c| c.instances_max = 2);
        let in_use = || value(handle, "wasm_pool_in_use");
        let recycled = |reason| recycled(handle, reason);
        let tools = guest_on(&sandbox, TOOLS, Cpu::Fuel(u64::MAX));
        tools.call_blocking(call("boom", &[]));
        assert_eq!(recycled("failed"), 1.0);
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let spinning = runtime.spawn(tools.call(call("spin", &[])));
        until("it spins", || in_use() == Some(1.0));
        spinning.abort();
        until("the dropped one is gone", || in_use() == Some(0.0));
        assert_eq!(recycled("failed"), 2.0);
        let kept = |uses_max, idle_max| {
            let isolation = Isolation::Reused {
                min: 0,
                max: 1,
                uses_max,
                idle_max,
            };
            let binding = Binding {
                isolation,
                ..Binding::new(Contract::raw())
            };
            tools.module().link(&binding).expect("links")
        };
        let hour = Duration::from_secs(3600);
        let worn = kept(2, hour);
        for _ in 0..2 {
            worn.call_blocking(call("noop", &[]));
        }
        assert_eq!(recycled("worn_out"), 1.0);
        let idle = kept(100, Duration::from_millis(1));
        idle.call_blocking(call("noop", &[]));
        until("it idles too long", || recycled("idle") == 1.0);
        let evicted = kept(100, hour);
        evicted.call_blocking(call("noop", &[]));
        drop(evicted);
        assert_eq!(recycled("evicted"), 1.0);
        let mut session = tools.session();
        session.call_blocking(call("noop", &[]));
        assert_eq!(in_use(), Some(1.0));
        drop(session);
        assert_eq!(in_use(), Some(0.0));
    });
}

#[test]
fn labels_are_few_and_clean() {
    recorded(|handle| {
        let sandbox = sandbox_with(|_| ());
        let exports: String = (0..500)
            .map(|n| format!(r#"(func (export "f{n:03}"))"#))
            .collect();
        let many = linked(&named(
            &sandbox,
            "many",
            &format!("(module {exports})"),
            Cpu::default(),
        ));
        for n in 0..500 {
            let name = format!("f{n:03}");
            assert_eq!(ending(&many.call_blocking(Call::values(name, []))), "ok");
        }
        // A function that is not there has no label of its own either.
        for n in 0..100 {
            many.call_blocking(Call::values(format!("nothing{n}"), []));
        }
        let text = handle.render();
        let lines = text
            .lines()
            .filter(|l| l.starts_with("wasm_call_duration_seconds_count"));
        assert_eq!(lines.count(), 65, "64 functions, and the others");
        let others = r#"wasm_call_duration_seconds_count{module="many",function="other"}"#;
        assert_eq!(value(handle, others), Some((500 - 64 + 100) as f64));
        // Names that would break lines, quotes or a terminal, and one that is far too long.
        let long = "x".repeat(10_000);
        let wat = format!(
            r#"(module (func (export "a\"}} 1\nfake_total 7\n\1b[2J\e2\80\ae")) (func (export "{long}")))"#
        );
        let hostile = linked(&named(&sandbox, "hostile", &wat, Cpu::default()));
        hostile.call_blocking(Call::values(long, []));
        hostile.call_blocking(Call::values("a\"} 1\nfake_total 7\n\u{1b}[2J\u{202e}", []));
        let text = handle.render();
        assert!(!text.lines().any(|l| l.starts_with("fake_total")), "{text}");
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'));
        assert!(text.lines().all(|l| l.len() < 600), "a line is too long");
    });
}

#[test]
fn limits_that_are_not_the_guests_doing_are_told_apart() {
    recorded(|handle| {
        let sandbox = sandbox_with(|_| ());
        let tools = linked(&named(&sandbox, "tools", TOOLS, Cpu::Time));
        let limits = Limits {
            input_bytes_max: 1,
            ..Limits::default()
        };
        assert_eq!(
            ending(&tools.call_blocking(Call::bytes("echo", "xx").limits(limits))),
            "limit.input"
        );
        assert_eq!(
            value(
                handle,
                r#"wasm_errors_total{module="tools",type="contract"}"#
            ),
            Some(1.0)
        );
        // Time has no fuel to count.
        assert_eq!(
            value(handle, r#"wasm_fuel_consumed_total{module="tools"}"#),
            Some(0.0)
        );
    });
}
