//! Compiling without loading, who is told of compilations, and targets that cannot be.

use std::sync::{Arc, Mutex};

use wardian_sandbox::disk::{DiskConfig, DiskKey};
use wardian_sandbox::{
    Baseline, Binding, CompileEvent, CompileObserver, Contract, Cpu, EngineSettings, LoadError,
    Sandbox, SandboxConfig, SandboxError, Source, Strategy, TargetCpu,
};

use crate::guests::{TOOLS, Worker, load, sandbox_with, wasm};
use crate::{COMPONENT, OLDER, ahead, runnable, without_compiler};

pub fn warming_compiles_once_and_loads_nothing() {
    let dir = tempfile::tempdir().expect("a directory");
    let worker = Worker::new();
    let disk = DiskConfig {
        dir: dir.path().join("cache"),
        key: DiskKey::Own,
        bytes_max: 1 << 30,
    };
    let warm = |sandbox: &Sandbox| {
        let source = Source::new("test", wasm(TOOLS));
        sandbox.warm_blocking(source).expect("it compiles")
    };
    let warming = sandbox_with(|c| {
        c.cache.disk = Some(disk.clone());
        c.compiler = worker.compiler();
    });
    let [first, second] = [warm(&warming), warm(&warming)];
    assert_eq!((first.was_there, second.was_there), (false, true));
    assert_eq!(first.artifact_bytes, second.artifact_bytes);
    assert_eq!((worker.starts(), warming.stats().modules), (1, 0));
    load(
        &without_compiler(dir.path(), |c| c.cache.disk = Some(disk.clone())),
        TOOLS,
        Cpu::default(),
    );
    let nowhere = sandbox_with(|_| ()).warm_blocking(Source::new("test", wasm(TOOLS)));
    assert_eq!(nowhere.expect_err("no cache").code(), "load.not_kept");
    let bad = warming.warm_blocking(Source::new("bad", wasm("(module (func (result i32)))")));
    assert_eq!(bad.expect_err("invalid").code(), "load.invalid");
    let full = sandbox_with(|c| {
        c.cache.disk = Some(DiskConfig {
            bytes_max: 1_000,
            ..disk
        });
    });
    let other = full.warm_blocking(Source::new("test", wasm(COMPONENT)));
    assert!(matches!(other, Err(LoadError::NotKept(_))), "{other:?}");
}

pub fn compilations_are_told_from_beginning_to_end() {
    type Seen = (u64, String, u64, String, bool, Option<bool>);
    let seen = Arc::new(Mutex::new(Vec::<Seen>::new()));
    let theirs = seen.clone();
    let observer = CompileObserver::new(move |event| {
        let (of, ended) = match event {
            CompileEvent::Begun(of) => (of, None),
            CompileEvent::Ended {
                compilation,
                compiled,
                ..
            } => (compilation, Some(*compiled)),
        };
        let one = (
            of.id,
            of.module.to_owned(),
            of.bytes,
            of.cpu.to_string(),
            of.kept,
            ended,
        );
        theirs.lock().expect("no panic").push(one);
    });
    let dir = tempfile::tempdir().expect("a directory");
    let sandbox = sandbox_with(|c| {
        c.compiling = Some(observer);
        c.engine.target_cpu = TargetCpu::Baseline(runnable()[0]);
    });
    let take = || std::mem::take(&mut *seen.lock().expect("no panic"));
    let (bytes, cpu) = (wasm(TOOLS).len() as u64, runnable()[0].to_string());
    let one = |id: u64, kept: bool, ended: Option<bool>| {
        (id, "test".to_owned(), bytes, cpu.clone(), kept, ended)
    };
    load(&sandbox, TOOLS, Cpu::default());
    load(&sandbox, TOOLS, Cpu::default());
    assert_eq!(take(), [one(0, false, None), one(0, false, Some(true))]);
    let writer = sandbox.ahead_writer(&ahead(dir.path())).expect("ours");
    for _ in 0..2 {
        let source = Source::new("test", wasm(TOOLS));
        sandbox
            .compile_ahead_blocking(source, &writer)
            .expect("compiles");
    }
    assert_eq!(take(), [one(1, true, None), one(1, true, Some(true))]);
    let bad = sandbox.load_blocking(Source::new("bad", wasm("(module (func (result i32)))")));
    assert!(bad.is_err());
    let ends: Vec<_> = take().into_iter().map(|seen| (seen.0, seen.5)).collect();
    assert_eq!(ends, [(2, None), (2, Some(false))]);
    assert!(format!("{:?}", sandbox.config()).contains("CompileObserver"));
}

pub fn targets_that_make_no_sense_are_refused() {
    let elsewhere = if cfg!(target_arch = "aarch64") {
        Baseline::X86_64V3
    } else {
        Baseline::Aarch64
    };
    let made = |engine: EngineSettings| {
        Sandbox::new(SandboxConfig {
            engine,
            instances_max: 1,
            ..SandboxConfig::default()
        })
    };
    let target = EngineSettings {
        target_cpu: TargetCpu::Baseline(elsewhere),
        ..EngineSettings::default()
    };
    let ceiling = EngineSettings {
        cpu_max: Some(elsewhere),
        ..EngineSettings::default()
    };
    for engine in [target, ceiling] {
        assert!(
            matches!(made(engine), Err(SandboxError::Config(text)) if text.contains("architecture"))
        );
    }
    let Some(older) = OLDER else { return };
    let beyond = made(EngineSettings {
        target_cpu: TargetCpu::Baseline(Baseline::X86_64V3),
        cpu_max: Some(older),
        ..EngineSettings::default()
    });
    let beyond = beyond.expect("it can compile for others");
    let error = beyond
        .load_blocking(Source::new("test", wasm(TOOLS)))
        .expect_err("not here");
    assert_eq!(
        error.to_string(),
        "compiler failed: code is to be made for `x86-64-v3`, and this processor lacks avx, avx2, bmi1, bmi2, fma, lzcnt"
    );
    // As the documentation of `Baseline` says: Winch makes no vectors without AVX.
    let winch = |target: Baseline| {
        sandbox_with(|c| {
            c.engine.strategy = Strategy::Winch;
            c.engine.target_cpu = TargetCpu::Baseline(target);
        })
    };
    let vectors = r#"(module (func (export "f") (param i32) (result i32)
        (i8x16.extract_lane_s 3 (i8x16.add (i8x16.splat (local.get 0)) (i8x16.splat (local.get 0))))))"#;
    for baseline in runnable() {
        let loaded = winch(baseline).load_blocking(Source::new("vectors", wasm(vectors)));
        assert_eq!(loaded.is_ok(), baseline != older, "{baseline}: {loaded:?}");
    }
    let plain = load(&winch(older), TOOLS, Cpu::default());
    plain
        .link(&Binding::<()>::new(Contract::raw()))
        .expect("links");
}
