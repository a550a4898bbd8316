//! Modules compiled ahead for a baseline: mapped and not compiled where the processor has it; everywhere else one
//! notice, the compiler, and the right answer. Compilations are counted by the processes that were started for them.
#![allow(clippy::expect_used, clippy::panic, reason = "tests may")]

#[path = "ahead/user.rs"]
mod another_user;
mod guests;
#[path = "ahead/making.rs"]
mod making;
#[path = "ahead/vectors.rs"]
mod vectors;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use guests::warnings::told;
use guests::{TOOLS, Worker, call, guest_on, int, load, no_deadlock, sandbox_with, values, wasm};
use wardian_sandbox::disk::{AheadConfig, DiskConfig, DiskKey};
use wardian_sandbox::{
    Baseline, Call, Compiler, Cpu, EngineSettings, OptLevel, Sandbox, SandboxConfig, Source,
    TargetCpu, Value,
};

fn main() -> ExitCode {
    if let Some(code) = another_user::as_asked() {
        return code;
    }
    guests::main_with_worker(&[
        (
            "every_baseline_answers_as_plain_code_does",
            every_baseline_answers_as_plain_code_does,
        ),
        (
            "what_was_compiled_ahead_is_mapped_and_not_compiled",
            what_was_compiled_ahead_is_mapped_and_not_compiled,
        ),
        (
            "the_richest_baseline_that_is_there_is_taken",
            the_richest_baseline_that_is_there_is_taken,
        ),
        (
            "the_disk_cache_comes_first_and_nothing_is_copied",
            the_disk_cache_comes_first_and_nothing_is_copied,
        ),
        (
            "a_processor_without_the_baseline_compiles_after_one_notice",
            a_processor_without_the_baseline_compiles_after_one_notice,
        ),
        (
            "whatever_is_missing_is_one_notice_and_no_error",
            whatever_is_missing_is_one_notice_and_no_error,
        ),
        (
            "bad_entries_are_warnings_and_are_compiled",
            bad_entries_are_warnings_and_are_compiled,
        ),
        (
            "another_users_directory_of_roots_is_used",
            another_user::roots_directory_is_used,
        ),
        (
            "warming_compiles_once_and_loads_nothing",
            making::warming_compiles_once_and_loads_nothing,
        ),
        (
            "compilations_are_told_from_beginning_to_end",
            making::compilations_are_told_from_beginning_to_end,
        ),
        (
            "targets_that_make_no_sense_are_refused",
            making::targets_that_make_no_sense_are_refused,
        ),
    ])
}

/// A processor of this architecture that has less than this one; where there is none, nothing below can be hidden.
const OLDER: Option<Baseline> = if cfg!(target_arch = "x86_64") {
    Some(Baseline::X86_64V2)
} else {
    None
};

fn runnable() -> Vec<Baseline> {
    let has_all = |b: &Baseline| b.lacking().is_some_and(|lacking| lacking.is_empty());
    let found: Vec<_> = Baseline::of_this_architecture().filter(has_all).collect();
    assert!(
        !found.is_empty(),
        "every processor has the poorest baseline"
    );
    found
}

fn ahead(dir: &Path) -> AheadConfig {
    AheadConfig {
        dir: dir.join("ahead"),
        key: DiskKey::Own,
    }
}

/// A sandbox of a deployer's, which compiles for `baseline`.
fn deployer(baseline: Baseline) -> Sandbox {
    sandbox_with(|c| c.engine.target_cpu = TargetCpu::Baseline(baseline))
}

/// Compiles these for a baseline, as a deployer would.
fn compile_ahead(dir: &Path, baseline: Baseline, modules: &[&str]) {
    let sandbox = deployer(baseline);
    let writer = sandbox
        .ahead_writer(&ahead(dir))
        .expect("a directory of ours");
    for wat in modules {
        for cpu in [Cpu::default(), Cpu::Time] {
            let source = Source::new("test", wasm(wat)).cpu(cpu);
            let made = sandbox.compile_ahead_blocking(source, &writer);
            assert!(made.expect("it compiles").artifact_bytes > 0);
        }
    }
}

/// A sandbox that looks there, and has no compiler.
fn without_compiler(dir: &Path, change: impl FnOnce(&mut SandboxConfig)) -> Sandbox {
    sandbox_with(|c| {
        c.cache.ahead = Some(ahead(dir));
        c.compiler = Compiler::Helper {
            path: "/nonexistent/compiler".into(),
            args: vec![],
        };
        change(c);
    })
}

fn with_compiler(dir: &Path, worker: &Worker, change: impl FnOnce(&mut SandboxConfig)) -> Sandbox {
    without_compiler(dir, |c| {
        c.compiler = worker.compiler();
        change(c);
    })
}

const COMPONENT: &str = r#"(component
    (core module $m (func (export "seven") (result i32) (i32.const 7)))
    (core instance $i (instantiate $m))
    (func (export "seven") (result s32) (canon lift (core func $i "seven"))))"#;

fn all_run(sandbox: &Sandbox, cpu: Cpu) {
    let tools = guest_on(sandbox, TOOLS, cpu);
    assert_eq!(int(tools.call_blocking(call("seven", &[]))), 7);
    assert_eq!(int(tools.call_blocking(call("bump", &[]))), 6);
    let component = guest_on(sandbox, COMPONENT, cpu);
    let outcome = component.call_blocking(Call::values("seven", []));
    assert_eq!(outcome.result.expect("answers").values(), [Value::S32(7)]);
    mixes(sandbox, cpu);
}

fn mixes(sandbox: &Sandbox, cpu: Cpu) {
    let vectors = guest_on(sandbox, vectors::GUEST, cpu);
    for rounds in [1, 64, 1_000] {
        let outcome = vectors.call_blocking(call("mix", &[rounds]));
        let expected = vectors::expected(rounds.cast_unsigned());
        assert_eq!(values(outcome), [Value::I64(expected)], "{rounds} rounds");
    }
}

const ALL: [&str; 3] = [TOOLS, COMPONENT, vectors::GUEST];

fn every_baseline_answers_as_plain_code_does() {
    let mixed = |change: &dyn Fn(&mut EngineSettings)| {
        for cpu in [Cpu::default(), Cpu::Time] {
            mixes(&sandbox_with(|c| change(&mut c.engine)), cpu);
        }
    };
    mixed(&|_| ());
    for baseline in runnable() {
        mixed(&|engine| engine.target_cpu = TargetCpu::Baseline(baseline));
        mixed(&|engine| engine.cpu_max = Some(baseline));
        mixed(&|engine| {
            engine.target_cpu = TargetCpu::Baseline(baseline);
            engine.cpu_max = Some(baseline);
        });
    }
}

fn what_was_compiled_ahead_is_mapped_and_not_compiled() {
    no_deadlock(|| {
        for baseline in runnable() {
            let dir = tempfile::tempdir().expect("a directory");
            compile_ahead(dir.path(), baseline, &ALL);
            let mine = dir.path().to_str().expect("plain").to_owned();
            let ((), told) = told(&mine, || {
                for cpu in [Cpu::default(), Cpu::Time] {
                    all_run(&without_compiler(dir.path(), |_| ()), cpu);
                    // A processor that has no more than this has it too.
                    let just = without_compiler(dir.path(), |c| c.engine.cpu_max = Some(baseline));
                    all_run(&just, cpu);
                }
            });
            assert!(told.is_empty(), "{told:?}");
        }
    });
}

fn the_richest_baseline_that_is_there_is_taken() {
    let dir = tempfile::tempdir().expect("a directory");
    for baseline in runnable() {
        compile_ahead(dir.path(), baseline, &[TOOLS]);
    }
    // Of each two entries, with fuel and with time, those of the richest baseline are left.
    let before = entries(dir.path());
    assert_eq!(before.len(), 2 * runnable().len());
    let poorer = tempfile::tempdir().expect("a directory");
    for baseline in runnable().into_iter().skip(1) {
        compile_ahead(poorer.path(), baseline, &[TOOLS]);
    }
    let names = |paths: &[PathBuf]| -> Vec<_> {
        let name = |p: &PathBuf| p.file_name().expect("a name").to_owned();
        paths.iter().map(name).collect()
    };
    for path in entries(poorer.path()) {
        let same = dir
            .path()
            .join("ahead")
            .join(path.file_name().expect("a name"));
        assert!(names(&before).contains(&path.file_name().expect("a name").to_owned()));
        fs::write(same, "not even looked at").expect("ours");
    }
    let mine = dir.path().to_str().expect("plain").to_owned();
    let (_, told) = told(&mine, || {
        load(&without_compiler(dir.path(), |_| ()), TOOLS, Cpu::default())
    });
    assert!(told.is_empty(), "{told:?}");
}

fn the_disk_cache_comes_first_and_nothing_is_copied() {
    let dir = tempfile::tempdir().expect("a directory");
    let baseline = runnable()[0];
    let disk = |c: &mut SandboxConfig| {
        c.cache.disk = Some(DiskConfig {
            dir: dir.path().join("cache"),
            key: DiskKey::Own,
            bytes_max: 1 << 30,
        });
    };
    compile_ahead(dir.path(), baseline, &[TOOLS]);
    let sandbox = without_compiler(dir.path(), disk);
    load(&sandbox, TOOLS, Cpu::default());
    assert!(
        sandbox
            .disk_cache()
            .expect("there is one")
            .list()
            .is_empty()
    );
    // What this machine compiled for itself is found although the directory is gone, and nobody is told.
    let worker = Worker::new();
    let second = r#"(module (func (export "seven") (result i32) (i32.const 7)))"#;
    load(
        &with_compiler(dir.path(), &worker, disk),
        second,
        Cpu::default(),
    );
    fs::remove_dir_all(dir.path().join("ahead")).expect("ours");
    let mine = dir.path().to_str().expect("plain").to_owned();
    let (_, told) = told(&mine, || {
        load(&without_compiler(dir.path(), disk), second, Cpu::default())
    });
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(worker.starts(), 1);
}

/// The processor is hidden in part: what it lacks then is really not used, or the engine would refuse the code.
fn a_processor_without_the_baseline_compiles_after_one_notice() {
    no_deadlock(|| {
        let Some(older) = OLDER else { return };
        let newer = Baseline::X86_64V3;
        let dir = tempfile::tempdir().expect("a directory");
        let cache = |c: &mut SandboxConfig| {
            c.engine.cpu_max = Some(older);
            c.cache.disk = Some(DiskConfig {
                dir: dir.path().join("cache"),
                key: DiskKey::Own,
                bytes_max: 1 << 30,
            });
        };
        compile_ahead(dir.path(), newer, &ALL);
        let mine = dir.path().to_str().expect("plain").to_owned();
        let worker = Worker::new();
        let ((), first) = told(&mine, || {
            all_run(&with_compiler(dir.path(), &worker, cache), Cpu::default());
        });
        let [notice] = first.as_slice() else {
            panic!("one notice for three modules: {first:?}");
        };
        for words in [
            "nothing compiled ahead is used",
            "it is for `x86-64-v3`, and this processor lacks avx, avx2, bmi1, bmi2, fma, lzcnt",
            "hint=\"compile ahead for the oldest processor",
        ] {
            assert!(notice.contains(words), "{words}: {notice}");
        }
        assert_eq!(worker.starts(), 3, "each was compiled, once");
        let ((), second) = told(&mine, || {
            all_run(&without_compiler(dir.path(), cache), Cpu::default());
        });
        assert!(second.is_empty(), "found in the disk cache: {second:?}");
        // With the older baseline beside it nothing is compiled, and nothing told.
        let both = tempfile::tempdir().expect("a directory");
        compile_ahead(both.path(), newer, &ALL);
        compile_ahead(both.path(), older, &ALL);
        let mine = both.path().to_str().expect("plain").to_owned();
        let ((), third) = told(&mine, || {
            let old = without_compiler(both.path(), |c| c.engine.cpu_max = Some(older));
            all_run(&old, Cpu::default());
        });
        assert!(third.is_empty(), "{third:?}");
    });
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    let all = fs::read_dir(dir.join("ahead")).expect("the directory is there");
    let mut paths: Vec<_> = all
        .map(|e| e.expect("an entry").path())
        .filter(|p| p.extension().is_some_and(|e| e == "artifact"))
        .collect();
    paths.sort();
    paths
}

/// Loads two modules from a directory that `spoil` has changed: both run, and what is said about the directory is said
/// once.
fn falls_back(words: &str, spoil: impl FnOnce(&Path), change: impl FnOnce(&mut SandboxConfig)) {
    let dir = tempfile::tempdir().expect("a directory");
    compile_ahead(dir.path(), runnable()[0], &[TOOLS, COMPONENT]);
    spoil(&dir.path().join("ahead"));
    let mine = dir.path().to_str().expect("plain").to_owned();
    let worker = Worker::new();
    let sandbox = with_compiler(dir.path(), &worker, change);
    let ((), told) = told(&mine, || {
        let tools = guest_on(&sandbox, TOOLS, Cpu::default());
        assert_eq!(int(tools.call_blocking(call("seven", &[]))), 7);
        guest_on(&sandbox, COMPONENT, Cpu::default());
        guest_on(&sandbox, TOOLS, Cpu::default());
    });
    assert_eq!(told.len(), 1, "{words}: {told:?}");
    assert!(told[0].contains(words), "{words}: {told:?}");
    assert_eq!(worker.starts(), 2, "{words}");
}

fn whatever_is_missing_is_one_notice_and_no_error() {
    let nothing = |_: &mut SandboxConfig| ();
    let remove = |dir: &Path| fs::remove_dir_all(dir).expect("ours");
    falls_back("No such file or directory", remove, nothing);
    let mode = |mode: u32| {
        move |dir: &Path| {
            fs::set_permissions(dir, fs::Permissions::from_mode(mode)).expect("ours");
        }
    };
    falls_back("others may write to it: mode 777", mode(0o777), nothing);
    let aside = |dir: &Path| {
        let aside = dir.with_extension("aside");
        fs::rename(dir, &aside).expect("ours");
        std::os::unix::fs::symlink(aside, dir).expect("links");
    };
    falls_back("it is a link", aside, nothing);
    let keyless = |dir: &Path| fs::remove_file(dir.join("key")).expect("ours");
    falls_back(
        "key\" cannot be used: it is not there, or no key",
        keyless,
        nothing,
    );
    let empty = |dir: &Path| {
        for path in entries(dir.parent().expect("a parent")) {
            fs::remove_file(path).expect("ours");
        }
    };
    falls_back("the module is not there", empty, nothing);
    let older = |dir: &Path| {
        for path in entries(dir.parent().expect("a parent")) {
            let name = path.to_str().expect("plain").replace("/48-1.", "/47-1.");
            fs::rename(path, name).expect("ours");
        }
    };
    falls_back("another engine version or other settings", older, nothing);
    falls_back(
        "another engine version or other settings",
        |_| (),
        |c| c.engine.opt = OptLevel::None,
    );
}

fn bad_entries_are_warnings_and_are_compiled() {
    let dir = tempfile::tempdir().expect("a directory");
    compile_ahead(dir.path(), runnable()[0], &[TOOLS]);
    for path in entries(dir.path()) {
        let mut bytes = fs::read(&path).expect("readable");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).expect("ours");
    }
    let before: Vec<_> = entries(dir.path())
        .iter()
        .map(fs::read)
        .map(Result::ok)
        .collect();
    let mine = dir.path().to_str().expect("plain").to_owned();
    let worker = Worker::new();
    let sandbox = with_compiler(dir.path(), &worker, |_| ());
    let (tools, told) = told(&mine, || guest_on(&sandbox, TOOLS, Cpu::default()));
    assert_eq!(int(tools.call_blocking(call("seven", &[]))), 7);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("bad entry among the modules compiled ahead"),
        "{told:?}"
    );
    assert!(told[0].contains("it does not authenticate"), "{told:?}");
    assert_eq!(worker.starts(), 1);
    let after: Vec<_> = entries(dir.path())
        .iter()
        .map(fs::read)
        .map(Result::ok)
        .collect();
    assert_eq!(before, after, "nothing is repaired or removed");
}
