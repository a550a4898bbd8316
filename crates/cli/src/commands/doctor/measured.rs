//! What is tried out: a sandbox, the compiler process, the cache, and the price of a fresh instance.

use std::path::Path;
use std::time::{Duration, Instant};

use wardian_sandbox::disk::Counters;
use wardian_sandbox::{
    Binding, CacheConfig, Call, Compiler, Contract, Limits, Linked, Sandbox, SandboxConfig,
    SandboxError, Source, Value,
};

use super::{Check, State};
use crate::counted;
use crate::interrupt::Interrupt;
use crate::paths;
use crate::settings::Settings;
use crate::show;

const GROUP: &str = "sandbox";
/// What a library's sandbox has room for unless it says otherwise.
const INSTANCES: u32 = 1_000;
/// Calls that are timed.
const CALLS: usize = 300;
/// A fresh instance takes 3 to 5 µs on an idle machine; what takes much longer has a reason.
const FRESH_SLOW: Duration = Duration::from_micros(25);
/// Starting the compiler process and compiling next to nothing.
const COMPILE_SLOW: Duration = Duration::from_millis(500);
const TINY: &str = r#"(module (memory 1) (func (export "one") (result i32) (i32.const 1)))"#;

/// Adds what was found; an error means that nothing can run here.
pub(super) fn checks(
    settings: &Settings,
    interrupt: &Interrupt,
    checks: &mut Vec<Check>,
) -> anyhow::Result<()> {
    let config = SandboxConfig {
        instances_max: INSTANCES,
        cache: CacheConfig {
            disk: None,
            ..CacheConfig::default()
        },
        ..counted::config(settings, &Limits::default())?
    };
    let helper = matches!(config.compiler, Compiler::Helper { .. });
    let sandbox = Sandbox::new(config).inspect_err(|error| checks.push(broken(error)))?;
    interrupt.guard(&sandbox);
    checks.push(slots(&sandbox));
    let begun = Instant::now();
    let tiny = tiny(&sandbox).inspect_err(|error| {
        checks.push(
            Check::ok(GROUP, "compiling", "failed").but(State::Missing, format!("{error:#}")),
        );
    })?;
    checks.push(compiling(begun.elapsed(), helper));
    checks.push(fresh(&tiny));
    checks.push(cache(settings));
    checks.extend(settings.ahead_dir.as_deref().map(ahead));
    interrupt.release();
    Ok(())
}

fn broken(error: &SandboxError) -> Check {
    Check::ok(GROUP, "instances", "none").but(State::Missing, error.to_string())
}

fn slots(sandbox: &Sandbox) -> Check {
    let size = sandbox.stats().size;
    let check = Check::ok(
        GROUP,
        "instances",
        format!("{} at once", show::count(size.into())),
    );
    if size < INSTANCES {
        return check.but(
            State::Limited,
            "the address space has no room for more: see `ulimit -v`",
        );
    }
    check
}

fn tiny(sandbox: &Sandbox) -> anyhow::Result<Linked<()>> {
    let wasm = wat::parse_str(TINY)?;
    let module = sandbox.load_blocking(Source::new("tiny", wasm))?;
    Ok(module.link(&Binding::new(Contract::raw()))?)
}

fn compiling(took: Duration, helper: bool) -> Check {
    let place = if helper {
        "in a process of its own that can be killed"
    } else {
        "in this process"
    };
    let check = Check::ok(
        GROUP,
        "compiling",
        format!("{place}: {} for a tiny module", show::duration(took)),
    );
    match (helper, took > COMPILE_SLOW) {
        (true, false) => check,
        (true, true) => check.but(
            State::Slow,
            "starting a process takes long here, or the machine is busy",
        ),
        (false, _) => check.but(
            State::Limited,
            "a module that takes long to compile cannot be stopped, only abandoned",
        ),
    }
}

fn fresh(tiny: &Linked<()>) -> Check {
    let mut walls: Vec<Duration> = (0..CALLS)
        .map(|_| {
            let begun = Instant::now();
            let outcome = tiny.call_blocking(Call::values("one", []));
            debug_assert!(
                outcome
                    .result
                    .is_ok_and(|answer| answer.values() == [Value::I32(1)])
            );
            begun.elapsed()
        })
        .collect();
    walls.sort();
    let median = walls.get(CALLS / 2).copied().unwrap_or_default();
    let check = Check::ok(
        GROUP,
        "fresh instance",
        format!("{} a call, median of {CALLS}", show::duration(median)),
    );
    if median > FRESH_SLOW {
        return check.but(
            State::Slow,
            "usually 3 to 5 µs: the lines above may say why",
        );
    }
    check
}

fn cache(settings: &Settings) -> Check {
    let Some(cache) = paths::cache(settings) else {
        return Check::ok(GROUP, "disk cache", "none").but(
            State::Slow,
            "every module is compiled again: set HOME or XDG_CACHE_HOME, or `--cache-dir`",
        );
    };
    let place = show::path(&cache.root);
    if !cache.compiled().is_dir() {
        return Check::ok(GROUP, "disk cache", format!("{place}, not made yet"));
    }
    match Counters::open(&cache.compiled()) {
        Ok(counters) => {
            let modules = counters.all().len() as u64;
            Check::ok(
                GROUP,
                "disk cache",
                format!("{place}, {} modules counted", show::count(modules)),
            )
        }
        Err(error) => {
            let why = format!("{error}; {}", error.hint());
            Check::ok(GROUP, "disk cache", place).but(State::Slow, why)
        }
    }
}

fn ahead(dir: &Path) -> Check {
    let check = Check::ok(GROUP, "compiled ahead", show::path(dir));
    match counted::ahead_config(dir).check() {
        Ok(()) => check,
        Err(error) => check.but(State::Slow, format!("{error}; {}", error.hint())),
    }
}
