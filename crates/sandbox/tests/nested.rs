//! Host functions that call guests: the remaining deadline is inherited, depth has a limit, cancelling reaches the
//! innermost, and a pool full of parents that wait for children ends in `Busy`, never in a deadlock.
#![allow(clippy::expect_used, clippy::panic, reason = "tests may")]

mod guests;

use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use guests::{
    Door, PATIENCE, TOOLS, WAITER, call, ending, guest, guest_on, guest_with, int, is_quiet,
    no_deadlock, sandbox_with, until,
};
use wardian_sandbox::{CallHandle, Cpu, Host, Imports, Limits, Linked, Outcome, Sandbox};

/// Calls the host with what it was called with.
const PARENT: &str = r#"(module (import "host" "child" (func $child (param i32) (result i32)))
    (func (export "run") (param i32) (result i32) (call $child (local.get 0))))"#;

/// How a host function calls the child.
#[derive(Clone, Copy, Debug, PartialEq)]
enum By {
    Await,
    Block,
}

const WAYS: [By; 2] = [By::Await, By::Block];

/// The child, and how its calls ended.
#[derive(Clone, Default)]
struct Child {
    linked: Arc<OnceLock<(Linked<()>, &'static str)>>,
    endings: Arc<Mutex<Vec<&'static str>>>,
}

impl Child {
    fn set(&self, linked: Linked<()>, function: &'static str) {
        assert!(self.linked.set((linked, function)).is_ok(), "set once");
    }

    fn ended(&self, outcome: &Outcome) -> i32 {
        self.endings.lock().expect("no panic").push(ending(outcome));
        i32::from(outcome.result.is_ok())
    }

    fn endings(&self) -> Vec<&'static str> {
        let mut endings = self.endings.lock().expect("no panic").clone();
        endings.sort_unstable();
        endings
    }

    /// `host.child(n)`: calls the child with `n` arguments' worth of `n`, or none where `n` is negative.
    fn imports(&self, by: By, before: impl Fn() + Send + Sync + 'static) -> Imports<()> {
        let (child, before) = (self.clone(), Arc::new(before));
        let request = |n: i32| if n < 0 { vec![] } else { vec![n - 1] };
        match by {
            By::Await => Imports::new().define(
                "host",
                "child",
                None,
                move |_: Host<'_, ()>, (n,): (i32,)| {
                    let (child, before) = (child.clone(), before.clone());
                    Box::new(async move {
                        before();
                        let Some((linked, function)) = child.linked.get() else {
                            return Ok(0);
                        };
                        if n == 0 {
                            return Ok(1);
                        }
                        let outcome = linked.call(call(function, &request(n))).await;
                        Ok(child.ended(&outcome))
                    })
                },
            ),
            By::Block => Imports::new().define_sync(
                "host",
                "child",
                None,
                move |_: &mut Host<'_, ()>, (n,): (i32,)| {
                    before();
                    let Some((linked, function)) = child.linked.get() else {
                        return Ok(0);
                    };
                    if n == 0 {
                        return Ok(1);
                    }
                    let outcome = linked.call_blocking(call(function, &request(n)));
                    Ok(child.ended(&outcome))
                },
            ),
        }
    }
}

/// A parent that calls `function` of `child`.
fn parent(
    sandbox: &Sandbox,
    by: By,
    child: Option<(Linked<()>, &'static str)>,
) -> (Linked<()>, Child) {
    let inner = Child::default();
    let parent = guest_with(
        sandbox,
        PARENT,
        Cpu::Fuel(u64::MAX),
        inner.imports(by, || ()),
    );
    let (linked, function) = child.unwrap_or((parent.clone(), "run"));
    inner.set(linked, function);
    (parent, inner)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().expect("a runtime")
}

#[test]
fn depth_on_both_sides() {
    no_deadlock(|| {
        for by in WAYS {
            let sandbox = sandbox_with(|c| c.depth_max = 3);
            let (parent, child) = parent(&sandbox, by, None);
            assert_eq!(int(parent.call_blocking(call("run", &[3]))), 1);
            assert_eq!(child.endings(), ["ok"; 3]);
            // The fourth is refused; those above it only see that.
            assert_eq!(int(parent.call_blocking(call("run", &[4]))), 1);
            assert_eq!(
                child.endings(),
                ["limit.depth", "ok", "ok", "ok", "ok", "ok", "ok"]
            );
            assert_eq!(int(runtime().block_on(parent.call(call("run", &[3])))), 1);
            is_quiet(&sandbox);
        }
    });
}

#[test]
fn the_remaining_deadline_is_inherited() {
    no_deadlock(|| {
        for by in WAYS {
            let sandbox = sandbox_with(|_| ());
            let spin = guest_on(&sandbox, TOOLS, Cpu::Fuel(u64::MAX));
            let (parent, child) = parent(&sandbox, by, Some((spin, "spin")));
            let begun = Instant::now();
            let late = call("run", &[-1]).deadline(Duration::from_millis(80));
            let outcome = parent.call_blocking(late);
            assert!(begun.elapsed() >= Duration::from_millis(80));
            assert!(
                begun.elapsed() < Duration::from_secs(9),
                "the child's own deadline is 10 s"
            );
            // On one thread the child's end comes to the parent's host function first, which copes with it.
            match ending(&outcome) {
                "ok" => assert_eq!(child.endings(), ["limit.deadline"]),
                other => assert_eq!(other, "limit.deadline"),
            }
            is_quiet(&sandbox);
        }
    });
}

#[test]
fn cancelling_a_parent_ends_its_child() {
    no_deadlock(|| {
        let runtime = runtime();
        for by in WAYS {
            let sandbox = sandbox_with(|_| ());
            let door = Door::new();
            let waiter = guest_with(&sandbox, WAITER, Cpu::Fuel(u64::MAX), door.imports());
            for (function, waits) in [("spin", false), ("run", true)] {
                let (parent, child) = parent(&sandbox, by, Some((waiter.clone(), function)));
                for _ in 0..2 {
                    let handle = CallHandle::new();
                    let arrived = door.arrived();
                    let long = call("run", &[-1]).deadline(PATIENCE).handle(&handle);
                    let task = runtime.spawn(parent.call(long));
                    until("the child runs", || sandbox.stats().in_use == 2);
                    until("the child waits", || {
                        !waits || door.arrived() == arrived + 1
                    });
                    let begun = Instant::now();
                    handle.cancel();
                    let outcome = runtime.block_on(task).expect("no panic");
                    // A parent that copes with its child's end may still come to its own.
                    assert!(matches!(ending(&outcome), "cancelled" | "ok"));
                    assert!(child.endings().iter().all(|e| *e == "cancelled"));
                    assert!(begun.elapsed() < Duration::from_secs(20));
                    is_quiet(&sandbox);
                }
            }
        }
    });
}

#[test]
fn a_pool_full_of_waiting_parents_is_busy_and_not_a_deadlock() {
    no_deadlock(|| {
        for by in WAYS {
            const N: usize = 4;
            let sandbox = sandbox_with(|c| c.instances_max = N as u32);
            let child = Child::default();
            let inside = Arc::new(std::sync::Barrier::new(N));
            let gate = inside.clone();
            let imports = child.imports(by, move || {
                gate.wait();
            });
            let parent = guest_with(&sandbox, PARENT, Cpu::default(), imports);
            child.set(guest(&sandbox, TOOLS), "seven");
            let begun = Instant::now();
            let threads: Vec<_> = (0..N)
                .map(|_| {
                    let parent = parent.clone();
                    std::thread::spawn(move || parent.call_blocking(call("run", &[-1])))
                })
                .collect();
            for thread in threads {
                assert_eq!(ending(&thread.join().expect("no panic")), "ok");
            }
            assert!(
                begun.elapsed() < Duration::from_secs(9),
                "not by its deadline"
            );
            let endings = child.endings();
            assert!(endings.contains(&"busy"), "{endings:?}");
            assert!(
                endings.iter().all(|e| matches!(*e, "busy" | "ok")),
                "{endings:?}"
            );
            is_quiet(&sandbox);
        }
    });
}

#[test]
fn heavy_parents_count_with_their_weight() {
    no_deadlock(|| {
        // Two parents of 8 slots each fill the sandbox, and each wants a child.
        let sandbox = sandbox_with(|c| c.instances_max = 16);
        let child = Child::default();
        let inside = Arc::new(std::sync::Barrier::new(2));
        let gate = inside.clone();
        let imports = child.imports(By::Block, move || {
            gate.wait();
        });
        let memories = "(memory 1)".repeat(8);
        let heavy = PARENT.replacen("(func (export", &format!("{memories} (func (export"), 1);
        let parent = guest_with(&sandbox, &heavy, Cpu::default(), imports);
        let light = format!(r#"(module {memories} (func (export "noop")))"#);
        child.set(guest(&sandbox, &light), "noop");
        let begun = Instant::now();
        let threads = [0, 1].map(|_| {
            let parent = parent.clone();
            std::thread::spawn(move || parent.call_blocking(call("run", &[-1])))
        });
        for thread in threads {
            assert_eq!(ending(&thread.join().expect("no panic")), "ok");
        }
        assert!(
            begun.elapsed() < Duration::from_secs(9),
            "not by its deadline"
        );
        assert!(child.endings().contains(&"busy"));
        is_quiet(&sandbox);
    });
}

#[test]
fn a_module_with_one_place_cannot_wait_for_itself() {
    no_deadlock(|| {
        for by in WAYS {
            let sandbox = sandbox_with(|c| c.module_instances_max = 1);
            let (parent, child) = parent(&sandbox, by, None);
            let begun = Instant::now();
            assert_eq!(int(parent.call_blocking(call("run", &[1]))), 0);
            assert_eq!(child.endings(), ["busy"]);
            assert!(begun.elapsed() < Duration::from_secs(5), "at once");
            is_quiet(&sandbox);
        }
    });
}

#[test]
fn a_child_does_not_wait_for_memory_that_its_parent_holds() {
    no_deadlock(|| {
        for by in WAYS {
            let sandbox = sandbox_with(|c| c.memory_total_bytes_max = 10 * 65536);
            let inner = Child::default();
            let ten = PARENT.replacen("(func (export", "(memory 10) (func (export", 1);
            let parent = guest_with(&sandbox, &ten, Cpu::default(), inner.imports(by, || ()));
            inner.set(guest(&sandbox, TOOLS), "seven");
            let begun = Instant::now();
            assert_eq!(int(parent.call_blocking(call("run", &[-1]))), 0);
            assert_eq!(inner.endings(), ["busy"]);
            assert!(begun.elapsed() < Duration::from_secs(5), "at once");
            is_quiet(&sandbox);
        }
    });
}

#[test]
fn one_guest_thread_is_enough_for_calls_within_calls() {
    no_deadlock(|| {
        let sandbox = sandbox_with(|c| c.guest_threads = 1);
        // Moves to the guest thread, blocks it with a child, whose own child needs more than a slice.
        let busy = guest_on(&sandbox, TOOLS, Cpu::Fuel(u64::MAX));
        let count = Imports::new().define("host", "child", None, {
            let busy = busy.clone();
            move |_: Host<'_, ()>, (n,): (i32,)| {
                let busy = busy.clone();
                Box::new(async move {
                    let outcome = busy.call(call("count", &[n])).await;
                    Ok(i32::from(outcome.result.is_ok()))
                })
            }
        });
        let middle = guest_with(&sandbox, PARENT, Cpu::Fuel(u64::MAX), count);
        let block = Imports::new().define_sync("host", "child", None, {
            move |_: &mut Host<'_, ()>, (n,): (i32,)| {
                let outcome = middle.call_blocking(call("run", &[n]));
                Ok(i32::from(outcome.result.is_ok()))
            }
        });
        let slow = PARENT.replace(
            "(call $child (local.get 0))",
            "(local $i i32) (local.set $i (i32.const 1000000))
             (loop $l (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
             (call $child (local.get 0))",
        );
        let parent = guest_with(&sandbox, &slow, Cpu::Fuel(u64::MAX), block);
        let limits = Limits {
            deadline: PATIENCE,
            deadline_hard: PATIENCE,
            ..Limits::default()
        };
        let begun = Instant::now();
        let outcome = runtime().block_on(parent.call(call("run", &[3_000_000]).limits(limits)));
        assert_eq!(int(outcome), 1);
        assert!(begun.elapsed() < PATIENCE / 2);
        is_quiet(&sandbox);
    });
}

#[test]
fn only_alloc_may_be_entered_again_and_not_from_itself() {
    let sandbox = sandbox_with(|_| ());
    let give = || {
        Imports::<()>::new().define("host", "give", None, |mut host: Host<'_, ()>, (): ()| {
            Box::new(async move { host.give(&"hello".into()).await })
        })
    };
    let module = |alloc: &str, run: &str| {
        format!(
            r#"(module (import "host" "give" (func $give (result i64))) (memory (export "memory") 1)
            (func (export "alloc") (param i32) (result i32) {alloc})
            (func (export "run") (param i32 i32) (result i64) {run}))"#
        )
    };
    let ask = |wat: &str| {
        let linked = guest_with(&sandbox, wat, Cpu::default(), give());
        linked.call_blocking(wardian_sandbox::Call::bytes("run", "x"))
    };
    let good = ask(&module("(i32.const 2000)", "(call $give)"));
    assert_eq!(good.result.expect("answers").bytes(), b"hello");
    let again = ask(&module(
        "(drop (call $give)) (i32.const 2000)",
        "(call $give)",
    ));
    assert_eq!(again.result.expect_err("refused").code(), "contract");
    let null = ask(&module(
        "(select (i32.const 0) (i32.const 2000) (i32.eq (local.get 0) (i32.const 5)))",
        "(call $give)",
    ));
    assert_eq!(null.result.expect_err("null").code(), "contract");
    let wild = ask(&module(
        "(select (i32.const -3) (i32.const 2000) (i32.eq (local.get 0) (i32.const 5)))",
        "(call $give)",
    ));
    assert_eq!(wild.result.expect_err("outside").code(), "contract");
    let trap = ask(&module(
        "(if (i32.eq (local.get 0) (i32.const 5)) (then unreachable)) (i32.const 2000)",
        "(call $give)",
    ));
    assert_eq!(trap.result.expect_err("trap").code(), "trap");
    is_quiet(&sandbox);
}
