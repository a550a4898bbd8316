//! Code for a baseline runs where the processor has it, and the engine itself refuses it where it has not.
#![allow(
    unsafe_code,
    reason = "loading machine code that was just made is what is tested"
)]

use super::*;

fn native() -> EngineSettings {
    EngineSettings::default()
}

fn for_baseline(baseline: Baseline) -> EngineSettings {
    EngineSettings {
        target_cpu: TargetCpu::Baseline(baseline),
        ..native()
    }
}

fn under(max: Baseline) -> EngineSettings {
    EngineSettings {
        cpu_max: Some(max),
        ..native()
    }
}

fn code(settings: &EngineSettings) -> Vec<u8> {
    let text = r#"(module (func (export "f") (param v128 v128) (result v128)
        (i8x16.swizzle (f32x4.mul (local.get 0) (local.get 1)) (local.get 1))))"#;
    let wasm = wat::parse_str(text).unwrap();
    compile(settings, Metering::Fuel, false, &wasm).unwrap()
}

fn running(settings: &EngineSettings) -> Engine {
    Engine::new(&run_config(settings, Metering::Fuel).unwrap()).unwrap()
}

fn loads(engine: &Engine, code: &[u8]) -> Result<(), String> {
    // SAFETY: the bytes are the compiler's own.
    let module = unsafe { wasmtime::Module::deserialize(engine, code) };
    module.map(|_| ()).map_err(|e| format!("{e:#}"))
}

fn compat(settings: &EngineSettings) -> [u8; 32] {
    let cpu = settings.target_cpu;
    compatibility(&running(settings), settings, Metering::Fuel, cpu).unwrap()
}

#[test]
fn code_for_what_this_processor_has_loads() {
    for baseline in Baseline::of_this_architecture() {
        let lacking = baseline.lacking().unwrap();
        let loaded = loads(&running(&native()), &code(&for_baseline(baseline)));
        assert_eq!(loaded.is_ok(), lacking.is_empty(), "{baseline}: {loaded:?}");
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn the_engine_itself_refuses_what_is_hidden_from_it() {
    let [v2, v3] = [Baseline::X86_64V2, Baseline::X86_64V3];
    let old = running(&under(v2));
    loads(&old, &code(&for_baseline(v2))).unwrap();
    loads(&old, &code(&under(v2))).unwrap();
    let refused = loads(&old, &code(&for_baseline(v3))).unwrap_err();
    assert!(
        refused.contains("has_avx") && refused.contains("not available on the host"),
        "{refused}"
    );
    if v3.lacking().is_some_and(|lacking| lacking.is_empty()) {
        assert!(
            loads(&old, &code(&native())).is_err(),
            "made for this processor"
        );
        loads(&running(&under(v3)), &code(&for_baseline(v3))).unwrap();
    }
}

/// A machine with less can compile for one with more.
#[cfg(target_arch = "x86_64")]
#[test]
fn compiling_asks_nothing_of_the_processor() {
    let [v2, v3] = [Baseline::X86_64V2, Baseline::X86_64V3];
    let elsewhere = EngineSettings {
        cpu_max: Some(v2),
        ..for_baseline(v3)
    };
    assert_eq!(code(&elsewhere), code(&for_baseline(v3)));
}

#[test]
fn each_target_has_its_key_and_the_ceiling_is_in_none_but_natives() {
    let keys: Vec<[u8; 32]> = Baseline::of_this_architecture()
        .map(|baseline| compat(&for_baseline(baseline)))
        .collect();
    let richest = Baseline::of_this_architecture().next().unwrap();
    for (n, baseline) in Baseline::of_this_architecture().enumerate() {
        let hidden = EngineSettings {
            cpu_max: Some(richest),
            ..for_baseline(baseline)
        };
        assert_eq!(compat(&hidden), keys[n]);
        assert!(!keys[n + 1..].contains(&keys[n]));
    }
    let faster = EngineSettings {
        opt: OptLevel::None,
        ..for_baseline(richest)
    };
    assert_ne!(compat(&faster), keys[0]);
}

#[test]
fn another_architecture_is_refused_in_words() {
    let other = if cfg!(target_arch = "aarch64") {
        Baseline::X86_64V2
    } else {
        Baseline::Aarch64
    };
    let error = compile(&for_baseline(other), Metering::Fuel, false, b"").unwrap_err();
    assert!(error.contains("this program compiles for"), "{error}");
}
