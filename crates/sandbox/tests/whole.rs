//! Memory and slots of the whole: a new call waits for them and then is busy, a growth beyond is refused, and what is
//! kept idle makes room for who waits.
#![allow(clippy::expect_used, clippy::panic, reason = "tests may")]

mod guests;

use std::time::{Duration, Instant};

use guests::{
    Door, call, ending, guest, guest_with, int, is_quiet, load, no_deadlock, sandbox_with, until,
    wasm,
};
use wardian_sandbox::{Binding, Contract, Cpu, Isolation, Sandbox, SandboxConfig, Source};

const PAGE: u64 = 64 * 1024;

const TEN_PAGES: &str = r#"(module (import "host" "wait" (func $wait)) (memory 10)
    (func (export "run") (result i32) (call $wait) (i32.const 7))
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "noop")))"#;

fn whole(pages: u64) -> Sandbox {
    sandbox_with(|c| c.memory_total_bytes_max = pages * PAGE)
}

#[test]
fn a_new_call_waits_for_memory_and_then_is_busy() {
    no_deadlock(|| {
        let sandbox = whole(20);
        let door = Door::new();
        let ten = guest_with(&sandbox, TEN_PAGES, Cpu::default(), door.imports());
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let spawn = || runtime.spawn(ten.call(call("run", &[])));
        let inside = [spawn(), spawn()];
        until("two inside", || door.arrived() == 2);
        assert_eq!(sandbox.stats().memory_bytes, 20 * PAGE);
        let late = ten.call_blocking(call("noop", &[]).deadline(Duration::from_millis(50)));
        assert_eq!(ending(&late), "busy");
        // One that has time gets its turn when the others are done.
        let third = spawn();
        door.open();
        for call in inside.into_iter().chain([third]) {
            assert_eq!(int(runtime.block_on(call).expect("no panic")), 7);
        }
        is_quiet(&sandbox);
    });
}

#[test]
fn what_can_never_fit_does_not_wait() {
    no_deadlock(|| {
        for (pages, code) in [(10, "ok"), (9, "limit.memory_total")] {
            let sandbox = whole(pages);
            let ten = guest_with(&sandbox, TEN_PAGES, Cpu::default(), Door::new().imports());
            let begun = Instant::now();
            assert_eq!(ending(&ten.call_blocking(call("noop", &[]))), code);
            assert!(begun.elapsed() < Duration::from_secs(5));
            is_quiet(&sandbox);
        }
    });
}

#[test]
fn an_instance_that_gets_a_part_of_its_memory_does_not_wake_itself() {
    no_deadlock(|| {
        let sandbox = whole(25);
        let door = Door::new();
        let ten = guest_with(&sandbox, TEN_PAGES, Cpu::default(), door.imports());
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let inside = runtime.spawn(ten.call(call("run", &[])));
        until("one inside", || door.arrived() == 1);
        // 10 of 25 are taken: the first memory of 10 fits, the second does not.
        let wat = r#"(module (memory 10) (memory 10) (func (export "noop")))"#;
        let two = guest(&sandbox, wat);
        let begun = Instant::now();
        let late = two.call_blocking(call("noop", &[]).deadline(Duration::from_millis(50)));
        assert_eq!(ending(&late), "busy");
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "{:?}",
            begun.elapsed()
        );
        let waits = runtime.spawn(two.call(call("noop", &[])));
        door.open();
        assert_eq!(int(runtime.block_on(inside).expect("no panic")), 7);
        assert_eq!(ending(&runtime.block_on(waits).expect("no panic")), "ok");
        is_quiet(&sandbox);
    });
}

#[test]
fn a_growth_beyond_the_whole_is_refused() {
    let sandbox = whole(20);
    let ten = guest_with(&sandbox, TEN_PAGES, Cpu::default(), Door::new().imports());
    for (pages, answer) in [(9, 10), (10, 10), (11, -1)] {
        assert_eq!(int(ten.call_blocking(call("grow", &[pages]))), answer);
    }
    is_quiet(&sandbox);
}

fn reused(max: u32) -> Isolation {
    Isolation::Reused {
        min: 1,
        max,
        uses_max: u64::MAX,
        idle_max: Duration::MAX,
    }
}

#[test]
fn kept_instances_are_evicted_to_make_room() {
    no_deadlock(|| {
        let by_memory: fn(&mut SandboxConfig) = |c| c.memory_total_bytes_max = 10 * PAGE;
        let by_slots: fn(&mut SandboxConfig) = |c| c.instances_max = 1;
        for setting in [by_memory, by_slots] {
            let sandbox = sandbox_with(setting);
            let module = load(&sandbox, TEN_PAGES, Cpu::default());
            let mut binding = Binding::with_imports(Contract::raw(), Door::new().imports::<()>());
            let pristine = module.link(&binding).expect("links");
            binding.isolation = reused(4);
            let keeps = module.link(&binding).expect("links");
            assert_eq!(ending(&keeps.call_blocking(call("noop", &[]))), "ok");
            assert_eq!(sandbox.stats().in_use, 1, "kept");
            assert_eq!(ending(&pristine.call_blocking(call("noop", &[]))), "ok");
            assert_eq!(sandbox.stats().recycled_evicted, 1);
            assert_eq!(sandbox.stats().in_use, 0);
        }
    });
}

#[test]
fn an_instance_is_not_kept_while_others_wait_for_its_room() {
    no_deadlock(|| {
        let by_memory: fn(&mut SandboxConfig) = |c| c.memory_total_bytes_max = 10 * PAGE;
        let by_slots: fn(&mut SandboxConfig) = |c| c.instances_max = 1;
        for setting in [by_memory, by_slots] {
            let sandbox = sandbox_with(setting);
            let door = Door::new();
            let module = load(&sandbox, TEN_PAGES, Cpu::default());
            let mut binding = Binding::with_imports(Contract::raw(), door.imports::<()>());
            let pristine = module.link(&binding).expect("links");
            binding.isolation = reused(4);
            let keeps = module.link(&binding).expect("links");
            let runtime = tokio::runtime::Runtime::new().expect("a runtime");
            let first = runtime.spawn(keeps.call(call("run", &[])));
            until("one inside", || door.arrived() == 1);
            let begun = Instant::now();
            let second = runtime.spawn(pristine.call(call("noop", &[])));
            std::thread::sleep(Duration::from_millis(20));
            door.open();
            assert_eq!(ending(&runtime.block_on(first).expect("no panic")), "ok");
            assert_eq!(ending(&runtime.block_on(second).expect("no panic")), "ok");
            assert!(
                begun.elapsed() < Duration::from_secs(9),
                "before its deadline"
            );
        }
    });
}

#[test]
fn a_module_with_more_parts_than_slots_runs_alone() {
    let sandbox = sandbox_with(|c| c.instances_max = 1);
    let wat = format!(
        r#"(module {} (func (export "noop")))"#,
        "(memory 1)".repeat(8)
    );
    let eight = guest(&sandbox, &wat);
    let outcome = eight.call_blocking(call("noop", &[]).deadline(Duration::from_secs(5)));
    assert_eq!(ending(&outcome), "ok");
    let nine = format!(
        r#"(module {} (func (export "noop")))"#,
        "(memory 1)".repeat(9)
    );
    let refused = sandbox.load_blocking(Source::new("nine", wasm(&nine)));
    assert_eq!(refused.expect_err("too many").code(), "limit.parts");
}
