//! One small sandbox for all inputs of an oracle, with a good guest in it that has to be served after each of them.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use wardian_sandbox::{
    Answer, Binding, CacheConfig, Call, CallError, Contract, Cpu, Limits, Linked, LoadError,
    Module, Outcome, Sandbox, SandboxConfig, Source, Value,
};

use super::said;

/// What a call has.
pub(super) const FUEL: u64 = 200_000;
pub(super) const MEMORY_BYTES_MAX: u64 = 4 << 20;
const TABLE_ELEMENTS_MAX: u32 = 10_000;
const DEADLINE: Duration = Duration::from_millis(200);

/// How long a loaded machine may take to give a slot back.
const PATIENCE: Duration = Duration::from_secs(20);
/// Characters of an error's text, the guest's own words in it.
const ERROR_CHARS_MAX: usize = 40_000;
/// Frames that a trap keeps, and characters of a name in one.
const FRAMES_MAX: usize = 64;
const NAME_CHARS_MAX: usize = 256;
/// Everything that a guest without imports may end in.
const CODES: [&str; 9] = [
    "contract",
    "limit.deadline",
    "limit.fuel",
    "limit.memory",
    "limit.output",
    "limit.stack",
    "limit.table",
    "panic",
    "trap",
];

/// Adds two numbers, and only once: what an earlier call left would show.
const GOOD: &str = r#"(module
    (memory 1)
    (func (export "add") (param i32 i32) (result i32)
        (if (i32.load (i32.const 0)) (then (unreachable)))
        (i32.store (i32.const 0) (i32.const 1))
        (i32.add (local.get 0) (local.get 1))))"#;

/// A sandbox and the good guest. Inputs take turns on it.
pub(super) struct Stage {
    sandbox: Sandbox,
    good: Linked<()>,
}

/// The stage for one input.
pub(super) fn enter(stage: &'static Mutex<Stage>) -> MutexGuard<'static, Stage> {
    stage.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Stage {
    pub(super) fn new() -> Mutex<Stage> {
        let Ok(sandbox) = Sandbox::new(config()) else {
            panic!("no sandbox: is there address space for eight instances?");
        };
        let loaded =
            wat::parse_str(GOOD).map(|wasm| sandbox.load_blocking(Source::new("good", wasm)));
        let Ok(Ok(good)) = loaded else {
            panic!("the good guest does not load: {loaded:?}");
        };
        match good.link(&Binding::new(Contract::raw())) {
            Ok(good) => Mutex::new(Stage { sandbox, good }),
            Err(error) => panic!("the good guest does not link: {error}"),
        }
    }

    /// Loads the bytes; a refusal is named and readable.
    pub(super) fn load(&self, wasm: &[u8], cpu: Cpu) -> Result<Module, LoadError> {
        let loaded = self
            .sandbox
            .load_blocking(Source::new("guest", wasm.to_vec()).cpu(cpu));
        if let Err(error) = &loaded {
            let known = error.code() == "load.invalid"
                || error.code() == "load.proposal"
                || error.code().starts_with("limit.");
            assert!(known, "{}: {error}", error.code());
            said::is_fit(&error.to_string(), ERROR_CHARS_MAX);
        }
        loaded
    }

    /// Calls a function: it ends in an answer or in an error that is the guest's own fault, within its limits.
    pub(super) fn call(&self, guest: &Linked<()>, function: &str, values: &[Value]) -> Outcome {
        let outcome = guest.call_blocking(Call::values(function.to_owned(), values));
        let usage = &outcome.usage;
        assert!(usage.memory_peak_bytes <= MEMORY_BYTES_MAX, "{usage:?}");
        assert!(usage.fuel.is_none_or(|fuel| fuel <= FUEL), "{usage:?}");
        if let Err(error) = &outcome.result {
            assert!(CODES.contains(&error.code()), "{}: {error}", error.code());
            readable(error);
        }
        outcome
    }

    /// The good guest is served as ever, and no slot or memory stays taken.
    pub(super) fn is_unharmed(&self) {
        let outcome = self
            .good
            .call_blocking(Call::values("add", [Value::I32(40), Value::I32(2)]));
        let answer = outcome.result.as_ref().map(Answer::values);
        assert!(
            matches!(answer, Ok([Value::I32(42)])),
            "the next good call: {outcome:?}"
        );
        let begun = Instant::now();
        loop {
            let stats = self.sandbox.stats();
            if stats.in_use == 0 && stats.waiting == 0 && stats.memory_bytes == 0 {
                break;
            }
            assert!(begun.elapsed() < PATIENCE, "still taken: {stats:?}");
            std::thread::yield_now();
        }
    }
}

fn config() -> SandboxConfig {
    SandboxConfig {
        instances_max: 8,
        memory_total_bytes_max: MEMORY_BYTES_MAX * 8,
        memory_bytes_ceiling: MEMORY_BYTES_MAX,
        table_elements_ceiling: TABLE_ELEMENTS_MAX,
        guest_threads: 2,
        limits: Limits {
            memory_bytes_max: MEMORY_BYTES_MAX,
            table_elements_max: u64::from(TABLE_ELEMENTS_MAX),
            ..Limits::default().with_deadline(DEADLINE)
        },
        cache: CacheConfig {
            modules_max: 4,
            ..CacheConfig::default()
        },
        ..SandboxConfig::default()
    }
}

/// Nothing in an error's text misleads, however the guest named its functions.
fn readable(error: &CallError) {
    said::is_fit(&error.to_string(), ERROR_CHARS_MAX);
    let Some(trap) = error.trap() else { return };
    assert!(
        trap.frames.len() <= FRAMES_MAX,
        "{} frames",
        trap.frames.len()
    );
    for frame in &trap.frames {
        said::is_fit(&frame.function, NAME_CHARS_MAX);
        said::is_fit(frame.file.as_deref().unwrap_or_default(), NAME_CHARS_MAX);
    }
}
