//! Where guests run: a caller's runtime is not held up by guests that spin, an idle sandbox uses no processor, closing
//! takes bounded time, and the hard deadline holds where nothing can be interrupted.
//!
//! The numbers that are promised belong to the benches; here they are printed, and generous bounds tell a sandbox that
//! works on a busy machine from one that does not work at all. One test at a time: they measure threads of this process.
#![allow(clippy::expect_used, clippy::panic, reason = "tests may")]

mod guests;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use guests::{
    PATIENCE, TOOLS, WAITER, call, ending, guest, guest_on, guest_with, int, is_quiet, no_deadlock,
    sandbox, sandbox_with, until,
};
use tokio::runtime::Runtime;
use wardian_sandbox::{Call, CallHandle, Cpu, Host, HostError, Imports, Limits};

fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
}

/// How late a timer of 5 ms is, the worst but one in a hundred.
fn lateness_p99(runtime: &Runtime) -> Duration {
    let sampled = runtime.spawn(async {
        let mut late = Vec::new();
        for _ in 0..200 {
            let wanted = Instant::now() + Duration::from_millis(5);
            tokio::time::sleep_until(wanted.into()).await;
            late.push(wanted.elapsed());
        }
        late.sort_unstable();
        late[late.len() * 99 / 100]
    });
    runtime.block_on(sampled).expect("no panic")
}

#[test]
fn spinning_guests_hold_up_neither_timers_nor_neighbours_nor_closing() {
    let _alone = alone();
    for cpu in [Cpu::Fuel(u64::MAX), Cpu::Time] {
        let runtime = runtime();
        let sandbox = sandbox_with(|c| c.instances_max = 64);
        let tools = guest_on(&sandbox, TOOLS, cpu);
        let idle = lateness_p99(&runtime);
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let spinning: Vec<_> = (0..4 * cores)
            .map(|_| runtime.spawn(tools.call(call("spin", &[]).deadline(PATIENCE))))
            .collect();
        until("all spin", || sandbox.stats().in_use as usize == 4 * cores);
        let loaded = lateness_p99(&runtime);
        let begun = Instant::now();
        for _ in 0..20 {
            let bytes = runtime.spawn(tools.call(Call::bytes("echo", vec![7; 1024])));
            let outcome = runtime.block_on(bytes).expect("no panic");
            assert_eq!(outcome.result.expect("ends well").bytes(), [7; 1024]);
        }
        let neighbour = begun.elapsed() / 20;
        let begun = Instant::now();
        runtime.block_on(sandbox.close());
        let closing = begun.elapsed();
        for task in spinning {
            assert_eq!(
                ending(&runtime.block_on(task).expect("no panic")),
                "cancelled"
            );
        }
        println!(
            "{cpu:?}: a 5 ms timer is late by {idle:?} idle and {loaded:?} loaded (p99), a neighbour's call takes \
             {neighbour:?}, closing {closing:?}"
        );
        // The threads of the sandbox compete with the runtime's for the cores; what must not happen is a runtime
        // thread that runs a guest, which costs 61 polls of a slice each.
        assert!(
            loaded < idle + Duration::from_millis(60),
            "{idle:?} {loaded:?}"
        );
        assert!(neighbour < Duration::from_millis(500), "{neighbour:?}");
        assert!(closing < Duration::from_secs(1), "{closing:?}");
    }
}

/// Time on a processor of all threads of sandboxes in this process.
fn processor_time() -> Duration {
    let tasks = std::fs::read_dir("/proc/self/task").expect("Linux");
    let mut sum = 0;
    for task in tasks.flatten() {
        let read = |file: &str| std::fs::read_to_string(task.path().join(file)).unwrap_or_default();
        if read("comm").starts_with("wardian-") {
            let nanos = read("schedstat");
            sum += nanos
                .split(' ')
                .next()
                .and_then(|n| n.parse().ok())
                .unwrap_or(0);
        }
    }
    Duration::from_nanos(sum)
}

#[test]
fn an_idle_sandbox_uses_no_processor() {
    let _alone = alone();
    let sandbox = sandbox();
    for cpu in [Cpu::default(), Cpu::Time] {
        let tools = guest_on(&sandbox, TOOLS, cpu);
        let long = call("count", &[2_000_000]);
        assert_eq!(ending(&runtime().block_on(tools.call(long))), "ok");
        let handle = CallHandle::new();
        let waits = guest_with(
            &sandbox,
            WAITER,
            Cpu::default(),
            Imports::<()>::new().define("host", "wait", None, |_: Host<'_, ()>, (): ()| {
                Box::new(async {
                    std::future::pending::<()>().await;
                    Ok(())
                })
            }),
        );
        let runtime = runtime();
        let waiting = runtime.spawn(waits.call(call("run", &[]).handle(&handle)));
        until("one waits", || sandbox.stats().in_use == 1);
        let before = processor_time();
        assert!(before > Duration::ZERO, "the threads are found");
        std::thread::sleep(Duration::from_millis(300));
        let used = processor_time() - before;
        println!("{cpu:?}: {used:?} of processor time in 300 ms");
        assert!(used < Duration::from_millis(10), "{used:?}");
        handle.cancel();
        assert_eq!(
            ending(&runtime.block_on(waiting).expect("no panic")),
            "cancelled"
        );
    }
    is_quiet(&sandbox);
}

/// Spends more than a slice, so that it has left its caller's thread, then calls the host.
const SLOWLY: &str = r#"(module (import "host" "wait" (func $wait)) (memory (export "memory") 1)
    (func (export "alloc") (param i32) (result i32) (i32.const 1024))
    (func (export "take") (param i32 i32) (result i64) (call $wait) (i64.const 0))
    (func (export "run") (result i32)
        (local $i i32) (local.set $i (i32.const 1000000))
        (loop $l (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
        (call $wait) (i32.const 7)))"#;

/// A host function that sits on its thread until it is let go.
fn stuck(go: &Arc<AtomicBool>, inside: &Arc<AtomicBool>) -> Imports<()> {
    let (go, inside) = (go.clone(), inside.clone());
    Imports::new().define_sync("host", "wait", None, move |_: &mut Host<'_, ()>, (): ()| {
        inside.store(true, Ordering::SeqCst);
        while !go.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    })
}

#[test]
fn the_hard_deadline_answers_for_a_guest_that_cannot_be_interrupted() {
    let _alone = alone();
    no_deadlock(|| {
        let sandbox = sandbox();
        let (go, inside) = (Arc::new(AtomicBool::new(false)), Arc::default());
        let linked = guest_with(&sandbox, SLOWLY, Cpu::default(), stuck(&go, &inside));
        let limits = Limits {
            deadline: Duration::from_millis(100),
            deadline_hard: Duration::from_millis(300),
            ..Limits::default()
        };
        let runtime = runtime();
        let begun = Instant::now();
        let outcome = runtime.block_on(linked.call(call("run", &[]).limits(limits)));
        let took = begun.elapsed();
        println!("answered after {took:?} of 300 ms");
        assert_eq!(ending(&outcome), "limit.deadline");
        assert!(
            took >= Duration::from_millis(300) && took < PATIENCE / 2,
            "{took:?}"
        );
        assert!(!go.load(Ordering::SeqCst), "it is still stuck");
        // The other guest thread works, and the slot comes back with the stuck one.
        assert_eq!(
            sandbox.stats().in_use,
            u32::from(inside.load(Ordering::SeqCst))
        );
        let tools = guest(&sandbox, TOOLS);
        assert_eq!(
            ending(&runtime.block_on(tools.call(call("count", &[500_000])))),
            "ok"
        );
        go.store(true, Ordering::SeqCst);
        is_quiet(&sandbox);
    });
}

#[test]
fn closing_answers_for_a_guest_that_cannot_be_interrupted() {
    let _alone = alone();
    no_deadlock(|| {
        let sandbox = sandbox();
        let (go, inside) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicBool::new(false)),
        );
        let linked = guest_with(&sandbox, SLOWLY, Cpu::default(), stuck(&go, &inside));
        let runtime = runtime();
        let limits = Limits {
            deadline: PATIENCE * 2,
            deadline_hard: PATIENCE * 2,
            ..Limits::default()
        };
        let call = runtime.spawn(linked.call(call("run", &[]).limits(limits)));
        until("it is stuck", || inside.load(Ordering::SeqCst));
        let begun = Instant::now();
        runtime.block_on(sandbox.close());
        println!("closing took {:?}", begun.elapsed());
        assert!(begun.elapsed() < Duration::from_secs(5));
        assert_eq!(
            ending(&runtime.block_on(call).expect("no panic")),
            "cancelled"
        );
        assert!(!go.load(Ordering::SeqCst), "it is still stuck");
        go.store(true, Ordering::SeqCst);
    });
}

#[test]
fn a_large_input_finds_its_callers_runtime() {
    let _alone = alone();
    let sandbox = sandbox();
    let imports = Imports::<()>::new().define("host", "wait", None, |_: Host<'_, ()>, (): ()| {
        Box::new(async {
            tokio::time::sleep(Duration::from_millis(2)).await;
            Ok(())
        })
    });
    let wat = SLOWLY.replace(
        "(memory (export \"memory\") 1)",
        "(memory (export \"memory\") 20)",
    );
    let linked = guest_with(&sandbox, &wat, Cpu::default(), imports);
    let runtime = runtime();
    // Below and above what is copied on the caller's thread.
    for bytes in [100, 256 << 10, (256 << 10) + 1, 1 << 20] {
        let outcome = runtime.block_on(linked.call(Call::bytes("take", vec![1; bytes])));
        assert_eq!(ending(&outcome), "ok", "{bytes}: {:?}", outcome.result);
    }
    assert_eq!(int(runtime.block_on(linked.call(call("run", &[])))), 7);
}

/// Panics when it is dropped on a thread of the sandbox.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        let thread = std::thread::current();
        assert!(
            !thread
                .name()
                .is_some_and(|n| n.starts_with("wardian-guest")),
            "on purpose"
        );
    }
}

#[test]
fn what_panics_in_the_host_ends_its_call_and_no_thread() {
    let _alone = alone();
    no_deadlock(|| {
        let sandbox = sandbox();
        let imports = Imports::<Bomb>::new().define_sync(
            "host",
            "wait",
            None,
            |_: &mut Host<'_, Bomb>, (): ()| -> Result<(), HostError> { panic!("on purpose") },
        );
        let panics = guest_with(&sandbox, SLOWLY, Cpu::default(), imports);
        let runtime = runtime();
        // More of them than there are guest threads.
        for _ in 0..4 {
            let outcome = runtime.block_on(panics.call(Call::values("run", []).state(Bomb)));
            assert!(
                matches!(ending(&outcome), "host" | "cancelled"),
                "{outcome:?}"
            );
        }
        let blocking = panics.call_blocking(Call::values("run", []).state(Bomb));
        assert_eq!(ending(&blocking), "host");
        let tools = guest(&sandbox, TOOLS);
        let work = (0..4).map(|_| runtime.spawn(tools.call(call("count", &[500_000]))));
        for task in work.collect::<Vec<_>>() {
            assert_eq!(ending(&runtime.block_on(task).expect("no panic")), "ok");
        }
        is_quiet(&sandbox);
    });
}
