//! The module cache: a hundred concurrent loads compile once, its bounds hold, and what lies on disk is executed only
//! when it is what we wrote. Compilations are counted by the processes that were started for them.
#![allow(clippy::expect_used, clippy::panic, reason = "tests may")]

mod guests;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use guests::warnings::warnings;
use guests::{TOOLS, Worker, call, guest_on, int, load, no_deadlock, sandbox_with, until, wasm};
use wardian_sandbox::disk::{DiskConfig, DiskKey};
use wardian_sandbox::{
    Binding, Call, Compiler, Contract, Cpu, Module, OptLevel, Sandbox, SandboxConfig, Source, Value,
};

fn main() -> ExitCode {
    guests::main_with_worker(&[
        ("a_hundred_loads_compile_once", a_hundred_loads_compile_once),
        (
            "a_failed_load_is_told_to_all_and_not_kept",
            a_failed_load_is_told_to_all_and_not_kept,
        ),
        (
            "the_count_is_bounded_and_the_least_recently_used_goes",
            the_count_is_bounded_and_the_least_recently_used_goes,
        ),
        ("the_bytes_are_bounded", the_bytes_are_bounded),
        ("what_idles_too_long_goes", what_idles_too_long_goes),
        (
            "metering_is_part_of_the_key_and_names_are_not",
            metering_is_part_of_the_key_and_names_are_not,
        ),
        (
            "a_module_outlives_its_place_in_the_cache",
            a_module_outlives_its_place_in_the_cache,
        ),
        (
            "a_second_sandbox_loads_from_disk_without_compiling",
            a_second_sandbox_loads_from_disk_without_compiling,
        ),
        (
            "a_damaged_entry_is_compiled_again_with_a_warning",
            a_damaged_entry_is_compiled_again_with_a_warning,
        ),
        (
            "settings_and_keys_of_others_are_ignored",
            settings_and_keys_of_others_are_ignored,
        ),
        (
            "a_directory_that_others_may_write_to_is_refused",
            a_directory_that_others_may_write_to_is_refused,
        ),
    ])
}

/// The `n`th of many modules: answers `n`, and has some code.
fn nth(n: i32) -> Vec<u8> {
    let filler = "(func (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))".repeat(20);
    wasm(&format!(
        r#"(module {filler} (func (export "n") (result i32) (i32.const {n})))"#
    ))
}

fn answers(module: &Module, n: i32) {
    let linked = module.link(&Binding::new(Contract::raw())).expect("links");
    assert_eq!(int(linked.call_blocking(call("n", &[]))), n);
}

fn loads(sandbox: &Sandbox, n: i32) -> Module {
    let module = sandbox
        .load_blocking(Source::new(format!("m{n}"), nth(n)))
        .expect("loads");
    answers(&module, n);
    module
}

fn a_hundred_loads_compile_once() {
    no_deadlock(|| {
        let worker = Worker::new();
        let sandbox = sandbox_with(|c| c.compiler = worker.compiler());
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let tasks: Vec<_> = (0..100)
            .map(|_| {
                let sandbox = sandbox.clone();
                runtime.spawn(async move { sandbox.load(Source::new("one", nth(1))).await })
            })
            .collect();
        for task in tasks {
            answers(
                &runtime.block_on(task).expect("no panic").expect("loads"),
                1,
            );
        }
        assert_eq!(worker.starts(), 1);
    });
}

fn a_failed_load_is_told_to_all_and_not_kept() {
    no_deadlock(|| {
        let worker = Worker::new();
        let sandbox = sandbox_with(|c| c.compiler = worker.compiler());
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let bad = wasm("(module (func (result i32)))");
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                let (sandbox, bad) = (sandbox.clone(), bad.clone());
                runtime
                    .spawn(async move { sandbox.load(Source::new("bad", bad)).await.map(|_| ()) })
            })
            .collect();
        for task in tasks {
            let error = runtime
                .block_on(task)
                .expect("no panic")
                .expect_err("invalid");
            assert_eq!(error.code(), "load.invalid");
        }
        let before = worker.starts();
        assert!(sandbox.load_blocking(Source::new("bad", bad)).is_err());
        assert_eq!(
            worker.starts(),
            before + 1,
            "asked again, it is tried again"
        );
    });
}

fn the_count_is_bounded_and_the_least_recently_used_goes() {
    no_deadlock(|| {
        let worker = Worker::new();
        let sandbox = sandbox_with(|c| {
            c.compiler = worker.compiler();
            c.cache.modules_max = 3;
        });
        for n in 1..=3 {
            loads(&sandbox, n);
        }
        for n in 1..=3 {
            loads(&sandbox, n);
        }
        assert_eq!(worker.starts(), 3, "three fit");
        loads(&sandbox, 4);
        // The cache looks after itself in passing.
        until("one has gone", || {
            loads(&sandbox, 4);
            sandbox.stats().modules == 3
        });
        for n in 2..=4 {
            loads(&sandbox, n);
        }
        assert_eq!(worker.starts(), 4, "the newest three are there");
        loads(&sandbox, 1);
        assert_eq!(worker.starts(), 5, "the oldest was not");
    });
}

fn the_bytes_are_bounded() {
    no_deadlock(|| {
        let worker = Worker::new();
        let sandbox = sandbox_with(|c| {
            c.compiler = worker.compiler();
            c.cache.modules_max = 1_000;
            // Machine code comes in whole pages, four of them here: room for a few modules, and never for thirty.
            c.cache.bytes_max = 128 << 10;
        });
        for n in 0..30 {
            loads(&sandbox, n);
        }
        until("some have gone", || {
            loads(&sandbox, 29);
            (1..10).contains(&sandbox.stats().modules)
        });
        assert_eq!(worker.starts(), 30);
        // What has gone is compiled again.
        loads(&sandbox, 0);
        assert_eq!(worker.starts(), 31);
        // One that is larger than the cache is loaded, and not kept.
        let tiny = sandbox_with(|c| {
            c.compiler = worker.compiler();
            c.cache.bytes_max = 1;
        });
        loads(&tiny, 1);
        until("it is not kept", || {
            let before = worker.starts();
            loads(&tiny, 1);
            worker.starts() == before + 1
        });
    });
}

fn what_idles_too_long_goes() {
    no_deadlock(|| {
        let worker = Worker::new();
        let ttl = Duration::from_millis(1500);
        let sandbox = sandbox_with(|c| {
            c.compiler = worker.compiler();
            c.cache.ttl = ttl;
        });
        loads(&sandbox, 1);
        let begun = Instant::now();
        loads(&sandbox, 1);
        assert!(
            worker.starts() == 1 || begun.elapsed() > ttl,
            "not before its time"
        );
        let before = worker.starts();
        std::thread::sleep(ttl + Duration::from_millis(200));
        loads(&sandbox, 1);
        assert_eq!(worker.starts(), before + 1);
    });
}

fn metering_is_part_of_the_key_and_names_are_not() {
    let worker = Worker::new();
    let sandbox = sandbox_with(|c| c.compiler = worker.compiler());
    let by = |name: &str, cpu: Cpu| {
        sandbox
            .load_blocking(Source::new(name, nth(1)).cpu(cpu))
            .expect("loads")
    };
    let (a, b) = (by("a", Cpu::Fuel(5)), by("b", Cpu::Fuel(1_000)));
    assert_eq!((a.name(), b.name(), worker.starts()), ("a", "b", 1));
    assert_eq!(a.digest(), b.digest());
    assert_eq!((a.cpu(), b.cpu()), (Cpu::Fuel(5), Cpu::Fuel(1_000)));
    answers(&by("c", Cpu::Time), 1);
    assert_eq!(worker.starts(), 2);
}

fn a_module_outlives_its_place_in_the_cache() {
    let sandbox = sandbox_with(|c| c.cache.modules_max = 1);
    let modules: Vec<_> = (0..5).map(|n| loads(&sandbox, n)).collect();
    for (n, module) in (0..).zip(&modules) {
        answers(module, n);
    }
}

// ---- Disk.

fn disk(dir: &Path) -> DiskConfig {
    DiskConfig {
        dir: dir.join("cache"),
        key: DiskKey::Own,
        bytes_max: 1 << 30,
    }
}

/// A sandbox with the disk cache, and a compiler that is not there.
fn cached_only(dir: &Path) -> Sandbox {
    sandbox_with(|c| {
        c.cache.disk = Some(disk(dir));
        c.compiler = Compiler::Helper {
            path: "/nonexistent/compiler".into(),
            args: vec![],
        };
    })
}

fn compiling(dir: &Path, worker: &Worker, change: impl FnOnce(&mut SandboxConfig)) -> Sandbox {
    sandbox_with(|c| {
        c.cache.disk = Some(disk(dir));
        c.compiler = worker.compiler();
        change(c);
    })
}

const COMPONENT: &str = r#"(component
    (core module $m (func (export "seven") (result i32) (i32.const 7)))
    (core instance $i (instantiate $m))
    (func (export "seven") (result s32) (canon lift (core func $i "seven"))))"#;

fn both_run(sandbox: &Sandbox, cpu: Cpu) {
    let tools = guest_on(sandbox, TOOLS, cpu);
    assert_eq!(int(tools.call_blocking(call("seven", &[]))), 7);
    assert_eq!(int(tools.call_blocking(call("bump", &[]))), 6);
    assert_eq!(int(tools.call_blocking(call("bump", &[]))), 6);
    let component = guest_on(sandbox, COMPONENT, cpu);
    let outcome = component.call_blocking(Call::values("seven", []));
    assert_eq!(outcome.result.expect("answers").values(), [Value::S32(7)]);
}

fn a_second_sandbox_loads_from_disk_without_compiling() {
    let dir = tempfile::tempdir().expect("a directory");
    let worker = Worker::new();
    let first = compiling(dir.path(), &worker, |_| ());
    for cpu in [Cpu::default(), Cpu::Time] {
        both_run(&first, cpu);
    }
    assert_eq!(worker.starts(), 4);
    assert_eq!(first.disk_cache().expect("there is one").list().len(), 4);
    for _ in 0..2 {
        let second = cached_only(dir.path());
        for cpu in [Cpu::default(), Cpu::Time] {
            both_run(&second, cpu);
        }
    }
    // What is not there is compiled, or not at all.
    let error = cached_only(dir.path()).load_blocking(Source::new("other", nth(1)));
    assert_eq!(error.expect_err("no compiler").code(), "load.compiler");
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    let all = fs::read_dir(dir.join("cache")).expect("the directory is there");
    let mut paths: Vec<_> = all
        .map(|e| e.expect("an entry").path())
        .filter(|p| p.extension().is_some_and(|e| e == "artifact"))
        .collect();
    paths.sort();
    paths
}

fn flip(path: &Path, at: impl Fn(usize) -> usize) {
    let mut bytes = fs::read(path).expect("readable");
    let at = at(bytes.len());
    bytes[at] ^= 1;
    fs::write(path, bytes).expect("writable");
}

fn a_damaged_entry_is_compiled_again_with_a_warning() {
    type Damage = fn(&Path, &Path, &Path);
    let damages: [(&str, Damage); 8] = [
        ("a byte in the middle", |entry, _, _| {
            flip(entry, |len| len / 2)
        }),
        ("the first byte", |entry, _, _| flip(entry, |_| 0)),
        ("the last byte", |entry, _, _| flip(entry, |len| len - 1)),
        ("cut short", |entry, _, _| {
            let bytes = fs::read(entry).expect("readable");
            fs::write(entry, &bytes[..bytes.len() / 2]).expect("writable");
        }),
        ("another module's entry", |entry, other, _| {
            fs::copy(other, entry).map(|_| ()).expect("copies");
        }),
        ("a link to a good entry", |entry, other, dir| {
            let aside = dir.join("aside");
            fs::rename(entry, &aside).expect("moves");
            std::os::unix::fs::symlink(&aside, entry).expect("links");
            assert!(other.exists());
        }),
        ("a second name of a good entry", |entry, _, dir| {
            fs::hard_link(entry, dir.join("second")).expect("links");
        }),
        ("a file that others may write to", |entry, _, _| {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(entry, fs::Permissions::from_mode(0o666)).expect("ours");
        }),
    ];
    let warnings = warnings();
    for (name, damage) in damages {
        let dir = tempfile::tempdir().expect("a directory");
        let worker = Worker::new();
        {
            let first = compiling(dir.path(), &worker, |_| ());
            loads(&first, 1);
        }
        let one = entries(dir.path());
        {
            let first = compiling(dir.path(), &worker, |_| ());
            loads(&first, 2);
        }
        let both = entries(dir.path());
        let other = both
            .iter()
            .find(|p| !one.contains(p))
            .expect("a second entry");
        damage(&one[0], other, dir.path());
        let before = warnings
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len();
        let second = compiling(dir.path(), &worker, |_| ());
        loads(&second, 1);
        assert_eq!(worker.starts(), 3, "{name}: compiled again");
        let told = warnings.lock().unwrap_or_else(PoisonError::into_inner)[before..].join("\n");
        assert!(
            told.contains("bad entry in the disk cache"),
            "{name}: {told}"
        );
        // Repaired: the next one finds it.
        loads(&cached_only(dir.path()), 1);
        loads(&cached_only(dir.path()), 2);
    }
}

fn settings_and_keys_of_others_are_ignored() {
    let dir = tempfile::tempdir().expect("a directory");
    let worker = Worker::new();
    loads(&compiling(dir.path(), &worker, |_| ()), 1);
    let other_settings: [fn(&mut SandboxConfig); 3] = [
        |c| c.engine.opt = OptLevel::None,
        |c| c.engine.determinism = wardian_sandbox::Determinism::Fast,
        |c| c.engine.strategy = wardian_sandbox::Strategy::Winch,
    ];
    for (n, settings) in other_settings.into_iter().enumerate() {
        loads(&compiling(dir.path(), &worker, settings), 1);
        assert_eq!(worker.starts(), n + 2, "compiled for its own settings");
        loads(&compiling(dir.path(), &worker, settings), 1);
        assert_eq!(worker.starts(), n + 2, "and found again");
    }
    loads(&cached_only(dir.path()), 1);
    // An operator's key: what another key wrote is not ours.
    let with_key = |c: &mut SandboxConfig| {
        c.cache.disk = Some(DiskConfig {
            key: DiskKey::Given([7; 32]),
            ..disk(dir.path())
        });
    };
    let before = worker.starts();
    loads(&compiling(dir.path(), &worker, with_key), 1);
    assert_eq!(worker.starts(), before + 1);
}

fn a_directory_that_others_may_write_to_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().expect("a directory");
    let cache = dir.path().join("cache");
    fs::create_dir(&cache).expect("made");
    fs::set_permissions(&cache, fs::Permissions::from_mode(0o777)).expect("ours");
    let config = SandboxConfig {
        instances_max: 1,
        cache: wardian_sandbox::CacheConfig {
            disk: Some(disk(dir.path())),
            ..Default::default()
        },
        ..SandboxConfig::default()
    };
    let error = Sandbox::new(config.clone())
        .expect_err("refused")
        .to_string();
    assert!(error.starts_with("disk cache: "), "{error}");
    fs::set_permissions(&cache, fs::Permissions::from_mode(0o700)).expect("ours");
    let sandbox = Sandbox::new(config).expect("accepted");
    load(&sandbox, TOOLS, Cpu::default());
}
