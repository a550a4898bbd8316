//! Dropping and cancelling at every stage of a call and of a load: slots, memory and places in the queue come back, and
//! the next call works.
#![allow(clippy::expect_used, clippy::panic, reason = "tests may")]

mod guests;

use std::future::poll_fn;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use guests::{
    Door, PATIENCE, TOOLS, WAITER, call, ending, guest, guest_on, guest_with, int, is_quiet,
    no_deadlock, sandbox, sandbox_with, until, wasm,
};
use wardian_sandbox::{
    CallHandle, Compiler, Cpu, Host, Imports, Linked, LoadError, Sandbox, SandboxConfig, Source,
};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
}

/// How a call is called off.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Off {
    Handle,
    Drop,
}

const WAYS: [Off; 2] = [Off::Handle, Off::Drop];

/// Calls `function`, and calls it off once `reached` says so. Its slots and its place in the queue come back at once.
fn called_off(off: Off, linked: &Linked<()>, function: &'static str, reached: &dyn Fn() -> bool) {
    let runtime = runtime();
    let handle = CallHandle::new();
    let call = call(function, &[]).deadline(PATIENCE).handle(&handle);
    let task = runtime.spawn(linked.call(call));
    until("the stage is reached", reached);
    let begun = Instant::now();
    match off {
        Off::Handle => {
            handle.cancel();
            let outcome = runtime.block_on(task).expect("no panic");
            assert_eq!(ending(&outcome), "cancelled");
        }
        Off::Drop => {
            task.abort();
            assert!(runtime.block_on(task).is_err_and(|e| e.is_cancelled()));
        }
    }
    assert!(begun.elapsed() < PATIENCE / 2, "{:?}", begun.elapsed());
}

#[test]
fn before_the_first_poll() {
    let sandbox = sandbox();
    let tools = guest(&sandbox, TOOLS);
    drop(tools.call(call("spin", &[])));
    let handle = CallHandle::new();
    handle.cancel();
    let calling = tools.call(call("spin", &[]).handle(&handle));
    assert_eq!(ending(&runtime().block_on(calling)), "cancelled");
    assert_eq!(
        ending(&tools.call_blocking(call("spin", &[]).handle(&handle))),
        "cancelled"
    );
    let calling = tools.call(call("spin", &[]));
    calling.handle().cancel();
    assert_eq!(ending(&runtime().block_on(calling)), "cancelled");
    assert_eq!(sandbox.stats().checkouts, 0);
    is_quiet(&sandbox);
}

/// A sandbox whose room for `WAITER` is taken up by one that waits, and the queue for it.
fn in_a_queue(setting: fn(&mut SandboxConfig), is_queued: fn(&Sandbox, u64, u64) -> bool) {
    no_deadlock(move || {
        for off in WAYS {
            let sandbox = sandbox_with(setting);
            let door = Door::new();
            let waiter = guest_with(&sandbox, WAITER, Cpu::default(), door.imports());
            let runtime = runtime();
            let inside = runtime.spawn(waiter.call(call("run", &[]).deadline(PATIENCE)));
            until("one inside", || door.arrived() == 1);
            for _ in 0..3 {
                let before = sandbox.stats();
                called_off(off, &waiter, "seven", &|| {
                    is_queued(&sandbox, before.waits, before.recycled_failed)
                });
                until("nobody waits", || sandbox.stats().waiting == 0);
            }
            // The queue has room for one: the places of those that were called off are free again.
            let last = runtime.spawn(waiter.call(call("seven", &[]).deadline(PATIENCE)));
            door.open();
            assert_eq!(int(runtime.block_on(inside).expect("no panic")), 7);
            assert_eq!(int(runtime.block_on(last).expect("no panic")), 7);
            is_quiet(&sandbox);
        }
    });
}

#[test]
fn queueing_for_a_slot_of_the_sandbox() {
    in_a_queue(
        |c| (c.instances_max, c.waiters_max) = (1, 1),
        |sandbox, waits, _| sandbox.stats().waits > waits,
    );
}

#[test]
fn queueing_for_a_place_of_the_module() {
    in_a_queue(
        |c| (c.module_instances_max, c.module_waiters_max) = (1, 1),
        |sandbox, waits, _| sandbox.stats().waits > waits,
    );
}

#[test]
fn queueing_for_memory() {
    // Who waits for memory has given its slot back.
    in_a_queue(
        |c| c.memory_total_bytes_max = 65536,
        |sandbox, _, failed| sandbox.stats().recycled_failed > failed,
    );
}

#[test]
fn the_guest_runs() {
    no_deadlock(|| {
        for cpu in [Cpu::Fuel(u64::MAX), Cpu::Time] {
            let sandbox = sandbox();
            let tools = guest_on(&sandbox, TOOLS, cpu);
            for off in WAYS {
                called_off(off, &tools, "spin", &|| sandbox.stats().in_use == 1);
                is_quiet(&sandbox);
                assert_eq!(int(tools.call_blocking(call("seven", &[]))), 7);
            }
            // A caller that blocks has the handle only.
            let handle = CallHandle::new();
            let (from, linked) = (handle.clone(), tools.clone());
            let thread = std::thread::spawn(move || {
                let call = call("spin", &[]).deadline(PATIENCE).handle(&from);
                linked.call_blocking(call)
            });
            until("it runs", || sandbox.stats().in_use == 1);
            handle.cancel();
            assert_eq!(ending(&thread.join().expect("no panic")), "cancelled");
            is_quiet(&sandbox);
        }
    });
}

#[test]
fn the_guest_starts() {
    no_deadlock(|| {
        let wats = [
            r#"(module (func $spin (loop $l (br $l))) (start $spin) (func (export "noop")))"#,
            r#"(module (func (export "_initialize") (loop $l (br $l))) (func (export "noop")))"#,
        ];
        for wat in wats {
            let sandbox = sandbox();
            let starts = guest_on(&sandbox, wat, Cpu::Fuel(u64::MAX));
            for off in WAYS {
                called_off(off, &starts, "noop", &|| sandbox.stats().in_use == 1);
                is_quiet(&sandbox);
            }
        }
    });
}

#[test]
fn waiting_in_an_async_host_function() {
    no_deadlock(|| {
        for cpu in [Cpu::default(), Cpu::Time] {
            let sandbox = sandbox();
            let door = Door::new();
            let waiter = guest_with(&sandbox, WAITER, cpu, door.imports());
            for (n, off) in WAYS.into_iter().enumerate() {
                called_off(off, &waiter, "run", &|| door.arrived() == n + 1);
                is_quiet(&sandbox);
            }
            assert_eq!(int(waiter.call_blocking(call("seven", &[]))), 7);
        }
    });
}

#[test]
fn waiting_in_a_blocking_host_function() {
    no_deadlock(|| {
        let sandbox = sandbox();
        let (arrived, release) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let (came, may_go) = (arrived.clone(), release.clone());
        let imports = Imports::<()>::new().define_blocking(
            "host",
            "wait",
            None,
            move |_: &mut Host<'_, ()>, (): ()| {
                let (came, may_go) = (came.clone(), may_go.clone());
                Ok(move || {
                    came.fetch_add(1, Ordering::SeqCst);
                    while may_go.load(Ordering::SeqCst) == 0 {
                        std::thread::sleep(Duration::from_millis(1));
                    }
                })
            },
            |_: Host<'_, ()>, ()| Box::new(async { Ok(()) }),
        );
        let waiter = guest_with(&sandbox, WAITER, Cpu::default(), imports);
        for (n, off) in WAYS.into_iter().enumerate() {
            called_off(off, &waiter, "run", &|| {
                arrived.load(Ordering::SeqCst) == n as u32 + 1
            });
            // The work goes on; the call, its slot and its memory do not wait for it.
            is_quiet(&sandbox);
        }
        release.store(1, Ordering::SeqCst);
        assert_eq!(int(waiter.call_blocking(call("run", &[]))), 7);
    });
}

#[test]
fn a_session_that_is_dropped_in_the_middle_is_closed() {
    no_deadlock(|| {
        let sandbox = sandbox();
        let tools = guest_on(&sandbox, TOOLS, Cpu::Fuel(u64::MAX));
        let runtime = runtime();
        let mut session = tools.session();
        assert_eq!(int(session.call_blocking(call("bump", &[]))), 6);
        let late = runtime.block_on(async {
            let spins = session.call(call("spin", &[]).deadline(PATIENCE));
            tokio::time::timeout(Duration::from_millis(20), spins).await
        });
        assert!(late.is_err() && !session.is_open());
        assert_eq!(
            int(session.call_blocking(call("bump", &[]))),
            6,
            "a new instance"
        );
        drop(session);
        is_quiet(&sandbox);
    });
}

/// Polls a future so many times; `None` if it was not done by then.
async fn polled<F: Future>(mut future: Pin<&mut F>, times: usize) -> Option<F::Output> {
    let mut left = times;
    poll_fn(move |cx| {
        left -= 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

#[test]
fn dropped_after_the_nth_poll() {
    no_deadlock(|| {
        let sandbox = sandbox();
        let tools = guest(&sandbox, TOOLS);
        let runtime = runtime();
        let mut times = 1;
        loop {
            let mut calling = Box::pin(tools.call(call("count", &[300_000])));
            let done = runtime.block_on(polled(calling.as_mut(), times));
            drop(calling);
            is_quiet(&sandbox);
            assert_eq!(int(tools.call_blocking(call("seven", &[]))), 7);
            match done {
                Some(outcome) => break assert_eq!(ending(&outcome), "ok"),
                None => times += 1,
            }
        }
        assert!(times > 1, "it was never dropped in the middle");
    });
}

/// Calls the host `n` times, and the host waits a turn each time.
const STEPS: &str = r#"(module (import "host" "step" (func $step (result i32))) (memory (export "memory") 1)
    (func (export "alloc") (param i32) (result i32) (drop (call $step)) (i32.const 2000))
    (func (export "_initialize") (drop (call $step)))
    (func (export "run") (param i32 i32) (result i64)
        (local $n i32) (local.set $n (i32.const 6))
        (loop $l
            (drop (call $step))
            (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (i64.const 0)))"#;

#[test]
fn cancelled_at_the_nth_step() {
    no_deadlock(|| {
        for (cpu, blocking) in [
            (Cpu::default(), false),
            (Cpu::default(), true),
            (Cpu::Time, false),
        ] {
            let sandbox = sandbox();
            let runtime = runtime();
            // The state: at which step to cancel, and by what.
            type Plan = (u32, CallHandle);
            let imports = Imports::<Plan>::new().define(
                "host",
                "step",
                None,
                |mut host: Host<'_, Plan>, (): ()| {
                    Box::new(async move {
                        let (left, handle) = host.state()?;
                        *left = left.saturating_sub(1);
                        if *left == 0 {
                            handle.cancel();
                        }
                        let mut turns = 2;
                        poll_fn(|cx| {
                            turns -= 1;
                            cx.waker().wake_by_ref();
                            if turns == 0 {
                                Poll::Ready(())
                            } else {
                                Poll::Pending
                            }
                        })
                        .await;
                        Ok(1)
                    })
                },
            );
            let steps = guest_with(&sandbox, STEPS, cpu, imports);
            let mut endings = Vec::new();
            for n in 1..=10 {
                let handle = CallHandle::new();
                let call = wardian_sandbox::Call::bytes("run", "x")
                    .state((n, handle.clone()))
                    .handle(&handle);
                let outcome = if blocking {
                    steps.call_blocking(call)
                } else {
                    runtime.block_on(steps.call(call))
                };
                assert!(outcome.usage.host_calls <= u64::from(n.min(8)));
                endings.push(ending(&outcome));
                is_quiet(&sandbox);
            }
            // `_initialize`, `alloc` and six more.
            assert_eq!(endings[..8], ["cancelled"; 8]);
            assert_eq!(endings[8..], ["ok"; 2]);
        }
    });
}

// ---- Loading.

/// Enough code that compiling takes a while.
fn large() -> Vec<u8> {
    let body =
        "(local.set 0 (i32.add (i32.mul (local.get 0) (local.get 0)) (i32.load (local.get 0))))"
            .repeat(40);
    let function = format!("(func (param i32) (result i32) {body} (local.get 0))");
    wasm(&format!("(module (memory 1) {})", function.repeat(300)))
}

#[test]
fn loading_in_this_process_is_dropped_after_the_nth_poll() {
    no_deadlock(|| {
        let sandbox = sandbox_with(|c| c.load.compiles_max = 1);
        let runtime = runtime();
        let bytes = large();
        let mut times = 1;
        loop {
            let mut loading = Box::pin(sandbox.load(Source::new("large", bytes.clone())));
            let done = runtime.block_on(polled(loading.as_mut(), times));
            drop(loading);
            // The one place for compiling comes back, at the latest when the abandoned compilation is over.
            let small = format!("(module (func (export \"n{times}\")))");
            assert!(
                sandbox
                    .load_blocking(Source::new("small", wasm(&small)))
                    .is_ok()
            );
            match done {
                Some(loaded) => break assert!(loaded.is_ok()),
                None => times += 1,
            }
        }
        assert!(times > 1, "it was never dropped in the middle");
    });
}

fn sleeping_helper(pids: &Path) -> Compiler {
    let script = format!("echo $$ > {}/$$; exec /bin/sleep 1000", pids.display());
    Compiler::Helper {
        path: "/bin/sh".into(),
        args: vec!["-c".into(), script.into()],
    }
}

fn helpers(pids: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(pids).expect("the directory is there");
    let name = |e: std::io::Result<std::fs::DirEntry>| e.expect("an entry").file_name();
    entries
        .map(|e| name(e).to_string_lossy().into_owned())
        .collect()
}

#[test]
fn loading_in_a_helper_process_is_dropped() {
    no_deadlock(|| {
        let pids = tempfile::tempdir().expect("a directory");
        let sandbox = sandbox_with(|c| {
            c.load.compiles_max = 1;
            c.compiler = sleeping_helper(pids.path());
        });
        let runtime = runtime();
        for n in 1..=3 {
            let loader = sandbox.clone();
            let task = runtime.spawn(async move {
                loader
                    .load(Source::new("test", wasm(TOOLS)))
                    .await
                    .map(|_| ())
            });
            // With one place for compiling, the next helper starts only when the one before has gone.
            until("the helper runs", || helpers(pids.path()).len() == n);
            task.abort();
            assert!(runtime.block_on(task).is_err_and(|e| e.is_cancelled()));
            let gone = |pid: &String| !Path::new("/proc").join(pid).exists();
            until("the helper is gone", || {
                helpers(pids.path()).iter().all(gone)
            });
        }
    });
}

#[test]
fn who_shares_a_load_is_not_cancelled_with_the_others() {
    no_deadlock(|| {
        let sandbox = sandbox();
        let runtime = runtime();
        let bytes = large();
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let (loader, bytes) = (sandbox.clone(), bytes.clone());
                runtime.spawn(
                    async move { loader.load(Source::new("large", bytes)).await.map(|_| ()) },
                )
            })
            .collect();
        for (n, task) in tasks.into_iter().enumerate() {
            if n % 2 == 0 {
                task.abort();
                continue;
            }
            assert!(runtime.block_on(task).expect("not aborted").is_ok());
        }
    });
}

#[test]
fn closing_ends_a_load_that_waits_for_its_helper() {
    no_deadlock(|| {
        let pids = tempfile::tempdir().expect("a directory");
        let sandbox = sandbox_with(|c| c.compiler = sleeping_helper(pids.path()));
        let runtime = runtime();
        let loader = sandbox.clone();
        let task = runtime.spawn(async move {
            loader
                .load(Source::new("test", wasm(TOOLS)))
                .await
                .map(|_| ())
        });
        until("the helper runs", || helpers(pids.path()).len() == 1);
        runtime.block_on(sandbox.close());
        let loaded = runtime.block_on(task).expect("no panic");
        assert!(matches!(loaded, Err(LoadError::Cancelled)), "{loaded:?}");
        let gone = |pid: &String| !Path::new("/proc").join(pid).exists();
        until("the helper is gone", || {
            helpers(pids.path()).iter().all(gone)
        });
    });
}
