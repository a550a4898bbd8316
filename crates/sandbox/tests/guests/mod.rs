//! What the tests beside it share: small sandboxes, small guests, a door to wait at, and patience with an end.
#![allow(dead_code, reason = "each test binary uses its part")]

pub mod warnings;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use wardian_sandbox::{
    Binding, Call, Contract, Cpu, Host, Imports, Linked, Module, Outcome, Sandbox, SandboxConfig,
    Source, Value,
};

/// Longer than anything here takes on a busy machine; it only ends what hangs.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A sandbox of 16 instances and 2 guest threads, changed as the test wants.
pub fn sandbox_with(change: impl FnOnce(&mut SandboxConfig)) -> Sandbox {
    let mut config = SandboxConfig {
        instances_max: 16,
        guest_threads: 2,
        memory_total_bytes_max: 1 << 30,
        ..SandboxConfig::default()
    };
    change(&mut config);
    Sandbox::new(config).expect("the sandbox can be made")
}

pub fn sandbox() -> Sandbox {
    sandbox_with(|_| ())
}

pub fn wasm(wat: &str) -> Vec<u8> {
    wat::parse_str(wat).expect("the test's own module is valid")
}

pub fn load(sandbox: &Sandbox, wat: &str, cpu: Cpu) -> Module {
    let loaded = sandbox.load_blocking(Source::new("test", wasm(wat)).cpu(cpu));
    loaded.expect("the module loads")
}

pub fn guest(sandbox: &Sandbox, wat: &str) -> Linked<()> {
    guest_on(sandbox, wat, Cpu::default())
}

pub fn guest_on(sandbox: &Sandbox, wat: &str, cpu: Cpu) -> Linked<()> {
    let linked = load(sandbox, wat, cpu).link(&Binding::new(Contract::raw()));
    linked.expect("the module links")
}

pub fn guest_with<S: Send + 'static>(
    sandbox: &Sandbox,
    wat: &str,
    cpu: Cpu,
    imports: Imports<S>,
) -> Linked<S> {
    let linked = load(sandbox, wat, cpu).link(&Binding::with_imports(Contract::raw(), imports));
    linked.expect("the module links")
}

/// The code of an error, or `ok`.
pub fn ending(outcome: &Outcome) -> &'static str {
    outcome.result.as_ref().map_or_else(|e| e.code(), |_| "ok")
}

pub fn values(outcome: Outcome) -> Vec<Value> {
    let answer = outcome.result.expect("the call ends well");
    answer.values().to_vec()
}

pub fn int(outcome: Outcome) -> i32 {
    match values(outcome).as_slice() {
        [Value::I32(n)] => *n,
        other => panic!("not one i32: {other:?}"),
    }
}

pub fn call(function: &'static str, arguments: &[i32]) -> Call<()> {
    let values: Vec<Value> = arguments.iter().map(|n| Value::I32(*n)).collect();
    Call::values(function, values)
}

/// Waits until something is so that another thread brings about, and fails when it never is.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "never came about: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// All slots are back, nobody waits, no memory is held.
pub fn is_quiet(sandbox: &Sandbox) {
    until("a quiet sandbox", || {
        let stats = sandbox.stats();
        stats.in_use == 0 && stats.waiting == 0 && stats.memory_bytes == 0
    });
}

/// Runs `f` on a thread of its own; a deadlock fails the test instead of hanging it.
pub fn no_deadlock<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        let _ = sender.send(f());
    });
    match receiver.recv_timeout(PATIENCE) {
        Ok(value) => value,
        Err(RecvTimeoutError::Disconnected) => match thread.join() {
            Err(panic) => std::panic::resume_unwind(panic),
            Ok(()) => unreachable!("it has sent nothing, so it has panicked"),
        },
        Err(RecvTimeoutError::Timeout) => panic!("a deadlock: not done after {PATIENCE:?}"),
    }
}

/// Where guests wait in a host function until they are let through.
#[derive(Debug)]
pub struct Door {
    inside: AtomicUsize,
    passes: Semaphore,
}

impl Door {
    pub fn new() -> Arc<Door> {
        Arc::new(Door {
            inside: AtomicUsize::new(0),
            passes: Semaphore::new(0),
        })
    }

    /// How many have come to the door so far.
    pub fn arrived(&self) -> usize {
        self.inside.load(Ordering::SeqCst)
    }

    /// Lets everybody through from now on.
    pub fn open(&self) {
        self.passes.add_permits(1 << 20);
    }

    pub async fn pass(&self) {
        self.inside.fetch_add(1, Ordering::SeqCst);
        if let Ok(permit) = self.passes.acquire().await {
            permit.forget();
        }
    }

    /// `host.wait`, which waits here.
    pub fn imports<S: Send + 'static>(self: &Arc<Self>) -> Imports<S> {
        let door = self.clone();
        Imports::new().define("host", "wait", None, move |_: Host<'_, S>, (): ()| {
            let door = door.clone();
            Box::new(async move {
                door.pass().await;
                Ok(())
            })
        })
    }
}

/// Waits at the door, then answers 7.
pub const WAITER: &str = r#"(module (import "host" "wait" (func $wait))
    (memory (export "memory") 1)
    (func (export "run") (result i32) (call $wait) (i32.const 7))
    (func (export "spin") (loop $l (br $l)))
    (func (export "seven") (result i32) (i32.const 7)))"#;

/// Memory, tables, numbers and every bad ending.
pub const TOOLS: &str = r#"(module
    (memory (export "memory") 1)
    (table $t 2 funcref)
    (global $next (mut i32) (i32.const 1024))
    (global $g (mut i32) (i32.const 5))
    (func (export "alloc") (param $n i32) (result i32)
        (local $at i32)
        (local.set $at (global.get $next))
        (global.set $next (i32.add (global.get $next) (local.get $n)))
        (local.get $at))
    (func (export "echo") (param i32 i32) (result i64)
        (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1))))
    (func (export "give") (param $ptr i32) (param $len i32) (result i64)
        (i64.extend_i32_u (i32.load (local.get $ptr))))
    (func (export "noop"))
    (func (export "seven") (result i32) (i32.const 7))
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "spin") (loop $l (br $l)))
    (func (export "count") (param $n i32)
        (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (func (export "boom") unreachable)
    (func $recurse (export "recurse") (param i32) (result i32)
        (if (result i32) (local.get 0)
            (then (i32.add (i32.const 1) (call $recurse (i32.sub (local.get 0) (i32.const 1)))))
            (else (i32.const 0))))
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "grow_table") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0)))
    (func (export "poke") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
    (func (export "peek") (param i32) (result i32) (i32.load8_u (local.get 0)))
    (func (export "bump") (result i32)
        (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g))
)"#;

/// What this test binary is called with when it is to be the process that compiles.
const WORKER: &str = "compile-worker";

/// The main function of a test binary that is its own compile worker: runs the tests, or compiles.
pub fn main_with_worker(tests: &[(&'static str, fn())]) -> std::process::ExitCode {
    if std::env::args().nth(1).is_some_and(|a| a == WORKER) {
        return wardian_sandbox::compile_worker();
    }
    let trial = |(name, test): &(&'static str, fn())| {
        let test = *test;
        libtest_mimic::Trial::test(*name, move || {
            test();
            Ok(())
        })
    };
    let arguments = libtest_mimic::Arguments::from_args();
    libtest_mimic::run(&arguments, tests.iter().map(trial).collect()).exit_code()
}

/// The worker in a process of its own, and a directory that says how often it was started.
pub struct Worker {
    starts: tempfile::TempDir,
}

impl Worker {
    pub fn new() -> Worker {
        Worker {
            starts: tempfile::tempdir().expect("a directory"),
        }
    }

    pub fn compiler(&self) -> wardian_sandbox::Compiler {
        let program = std::env::current_exe().expect("this program has a path");
        let script = format!(
            r#": > "{}/$$"; exec "$0" {WORKER}"#,
            self.starts.path().display()
        );
        wardian_sandbox::Compiler::Helper {
            path: "/bin/sh".into(),
            args: vec!["-c".into(), script.into(), program.into()],
        }
    }

    /// Compilations so far.
    pub fn starts(&self) -> usize {
        std::fs::read_dir(self.starts.path())
            .expect("the directory is there")
            .count()
    }
}
