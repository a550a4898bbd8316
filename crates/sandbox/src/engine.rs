//! The engine's settings: which proposals are on, how code is made, how instances are laid out.
//!
//! Two kinds of metering are two engines, because the checks are compiled in; the second is made on first use.

#[cfg(test)]
mod tests;

use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig,
    WasmBacktraceDetails,
};

use crate::config::{Determinism, EngineSettings, OptLevel, SandboxConfig, Strategy};
use crate::cpu::{Baseline, TargetCpu};
use crate::error::SandboxError;

/// How guest code is metered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metering {
    /// Units counted by the code itself.
    Fuel,
    /// Checks of an epoch that a ticker advances.
    Time,
}

/// Bytes of a slot that stay resident after a call, where the kernel can say which pages were written.
const KEEP_WITH_SCAN: usize = 4 << 20;
/// The same where it cannot: everything kept is zeroed anew, so more costs more.
const KEEP_WITHOUT_SCAN: usize = 64 << 10;
const TABLE_KEEP: usize = 64 << 10;
/// Bytes of a fibre's stack beyond the guest's own, for host functions.
const HOST_STACK: usize = 512 << 10;
/// Fewer slots than this are not worth starting with.
const SLOTS_MIN: u32 = 4;
/// Memories and tables of one core module.
pub(crate) const PARTS_MAX: u32 = 8;
/// Core instances of one component.
const CORE_INSTANCES_MAX: u32 = 32;

/// An engine and how many instances it has room for.
pub(crate) struct Made {
    pub(crate) engine: Engine,
    pub(crate) slots: u32,
}

/// The settings that decide what code is made for `cpu`: host and compile helper use the same.
fn code_config(
    settings: &EngineSettings,
    metering: Metering,
    cpu: TargetCpu,
) -> Result<Config, SandboxError> {
    let mut config = Config::new();
    config
        .strategy(match settings.strategy {
            Strategy::Cranelift => wasmtime::Strategy::Cranelift,
            Strategy::Winch => wasmtime::Strategy::Winch,
        })
        .cranelift_opt_level(match settings.opt {
            OptLevel::None => wasmtime::OptLevel::None,
            OptLevel::Speed => wasmtime::OptLevel::Speed,
            OptLevel::SpeedAndSize => wasmtime::OptLevel::SpeedAndSize,
        })
        .consume_fuel(metering == Metering::Fuel)
        .epoch_interruption(metering == Metering::Time)
        .memory_init_cow(true)
        .table_lazy_init(true)
        .parallel_compilation(true)
        // Its default reads an environment variable.
        .wasm_backtrace_details(WasmBacktraceDetails::Enable)
        .max_wasm_stack(settings.stack_bytes_max)
        .async_stack_size(settings.stack_bytes_max + HOST_STACK);
    if settings.strategy == Strategy::Cranelift {
        config.cranelift_nan_canonicalization(settings.determinism == Determinism::Strict);
    }
    match (cpu, settings.cpu_max) {
        (TargetCpu::Native, None) => {}
        (TargetCpu::Native, Some(max)) => aim(&mut config, this_system()?, max.flags_here())?,
        (TargetCpu::Baseline(baseline), _) => {
            aim(&mut config, system_of(baseline)?, baseline.flags())?;
        }
    }
    proposals(&mut config, settings.strategy);
    Ok(config)
}

/// Aims at a system and at nothing but the first processor of its architecture with these features.
#[allow(
    unsafe_code,
    reason = "the engine calls every flag of its compiler unsafe"
)]
fn aim(
    config: &mut Config,
    system: String,
    flags: impl Iterator<Item = &'static str>,
) -> Result<(), SandboxError> {
    config.target(&system).map_err(engine_error)?;
    for flag in flags {
        // SAFETY: the flags are those of `cpu::Baseline`, each of which lets the compiler use some instructions and
        // changes no other rule of the code. The engine holds each against the processor's features before it maps
        // anything that was compiled with it, so none of them is ever executed where it is not known.
        // Tests: `tests/ahead.rs`.
        unsafe { config.cranelift_flag_enable(flag) };
    }
    Ok(())
}

/// The system that code for a baseline is made for. The engine tells apart architectures and systems when it loads code,
/// and not C libraries; with one name for all of them the code has one key.
fn system_of(baseline: Baseline) -> Result<String, SandboxError> {
    let here = std::env::consts::ARCH;
    if baseline.architecture() != here {
        return Err(SandboxError::Config(format!(
            "this program compiles for {here} alone, not for `{baseline}`"
        )));
    }
    system("gnu")
}

/// The system that this program runs on, as the engine names it: one that it can be made to run code for.
fn this_system() -> Result<String, SandboxError> {
    system(if cfg!(target_env = "musl") {
        "musl"
    } else {
        "gnu"
    })
}

fn system(library: &str) -> Result<String, SandboxError> {
    let architecture = std::env::consts::ARCH;
    match std::env::consts::OS {
        "linux" => Ok(format!("{architecture}-unknown-linux-{library}")),
        "macos" => Ok(format!("{architecture}-apple-darwin")),
        other => Err(SandboxError::Config(format!(
            "baselines are not known on {other}"
        ))),
    }
}

/// The allow-list. What is not named here as on is off, although the engine might have it on.
fn proposals(config: &mut Config, strategy: Strategy) {
    config
        .wasm_bulk_memory(true)
        .wasm_multi_value(true)
        .wasm_features(wasmtime::WasmFeatures::REFERENCE_TYPES, true)
        .wasm_simd(true)
        .wasm_multi_memory(true)
        .wasm_extended_const(true)
        .wasm_component_model(true)
        .wasm_memory64(false)
        .wasm_wide_arithmetic(false)
        .wasm_custom_page_sizes(false);
    // Winch has neither; a module that needs them is refused when it is compiled.
    let optimising = strategy == Strategy::Cranelift;
    config
        .wasm_tail_call(optimising)
        .wasm_relaxed_simd(optimising)
        .relaxed_simd_deterministic(true);
    off(config);
}

fn off(config: &mut Config) {
    use wasmtime::WasmFeatures as F;
    let off = F::THREADS
        | F::SHARED_EVERYTHING_THREADS
        | F::GC
        | F::FUNCTION_REFERENCES
        | F::EXCEPTIONS
        | F::LEGACY_EXCEPTIONS
        | F::STACK_SWITCHING
        | F::CUSTOM_PAGE_SIZES
        | F::WIDE_ARITHMETIC
        | F::MEMORY64
        | F::CM_ASYNC
        | F::CM_ASYNC_STACKFUL
        | F::CM_MORE_ASYNC_BUILTINS
        | F::CM_THREADING
        | F::CM_ERROR_CONTEXT
        | F::CM_FIXED_LENGTH_LISTS
        | F::CM_MAP
        | F::CM_GC;
    config.wasm_features(off, false);
}

/// The settings of an engine that runs code: for whatever processor that was made, this one is what it runs on.
#[allow(
    unsafe_code,
    reason = "the engine believes what it is told of the processor"
)]
fn run_config(settings: &EngineSettings, metering: Metering) -> Result<Config, SandboxError> {
    let mut config = code_config(settings, metering, TargetCpu::Native)?;
    if let Some(max) = settings.cpu_max {
        // SAFETY: the answers never name a feature that the processor lacks, they only leave out some that it has; so
        // code is refused that could run, and none runs that could not.
        // Tests: `cpu::tests::a_ceiling_only_takes_away`, `tests/ahead.rs`.
        unsafe { config.detect_host_feature(max.detector()) };
    }
    Ok(config)
}

/// A host engine with its pool: as many slots as asked, or as many as the address space has.
pub(crate) fn make(config: &SandboxConfig, metering: Metering) -> Result<Made, SandboxError> {
    let mut slots = config.instances_max.max(1);
    loop {
        let mut engine_config = run_config(&config.engine, metering)?;
        engine_config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(config, slots)));
        match Engine::new(&engine_config) {
            Ok(engine) => return Ok(Made { engine, slots }),
            Err(error) if slots <= SLOTS_MIN => return Err(engine_error(error)),
            Err(error) => {
                tracing::warn!(slots, %error, "address space has no room for this many instances, trying half");
                slots = (slots / 2).max(SLOTS_MIN);
            }
        }
    }
}

fn engine_error(error: wasmtime::Error) -> SandboxError {
    SandboxError::Engine(format!("{error:#}"))
}

fn pool(config: &SandboxConfig, slots: u32) -> PoolingAllocationConfig {
    let scan = PoolingAllocationConfig::is_pagemap_scan_available();
    let keep = if scan {
        KEEP_WITH_SCAN
    } else {
        KEEP_WITHOUT_SCAN
    };
    let warm = config.kept_resident_bytes_max / (keep as u64).max(1);
    let mut pool = PoolingAllocationConfig::new();
    pool.linear_memory_keep_resident(keep)
        .table_keep_resident(TABLE_KEEP)
        .pagemap_scan(if scan { Enabled::Yes } else { Enabled::No })
        .max_unused_warm_slots(u32::try_from(warm).unwrap_or(u32::MAX).clamp(1, slots))
        // Smaller reservations would bring explicit bounds checks into all code.
        .max_memory_size(4 << 30)
        // The smallest sandbox has room for one instance with as many parts as a module may have.
        .total_memories(slots.max(PARTS_MAX))
        .total_tables(slots.max(PARTS_MAX))
        .total_core_instances(slots.saturating_mul(CORE_INSTANCES_MAX))
        .total_component_instances(slots)
        .max_core_instances_per_component(CORE_INSTANCES_MAX)
        .max_memories_per_module(PARTS_MAX)
        .max_tables_per_module(PARTS_MAX)
        .max_memories_per_component(PARTS_MAX)
        .max_tables_per_component(PARTS_MAX)
        .table_elements(config.table_elements_ceiling as usize)
        // A host function that calls `alloc` needs a second stack.
        .total_stacks(slots.saturating_mul(2));
    pool
}

/// Compiles for `settings` in this process, without an engine that could run anything.
pub(crate) fn compile(
    settings: &EngineSettings,
    metering: Metering,
    component: bool,
    wasm: &[u8],
) -> Result<Vec<u8>, String> {
    let engine = compiler(settings, metering, settings.target_cpu).map_err(|e| e.to_string())?;
    let wasm = &*crate::dwarf::bounded(wasm);
    let made = if component {
        engine.precompile_component(wasm)
    } else {
        engine.precompile_module(wasm)
    };
    made.map_err(|e| format!("{e:#}"))
}

/// An engine that only compiles.
fn compiler(
    settings: &EngineSettings,
    metering: Metering,
    cpu: TargetCpu,
) -> Result<Engine, SandboxError> {
    Engine::new(&code_config(settings, metering, cpu)?).map_err(engine_error)
}

/// What the version of the engine and the settings decide; artifacts of another one are of no use. `running` is the
/// engine of these settings that runs code, and so one that compiles for this machine too.
pub(crate) fn compatibility(
    running: &Engine,
    settings: &EngineSettings,
    metering: Metering,
    cpu: TargetCpu,
) -> Result<[u8; 32], SandboxError> {
    let of = |engine: &Engine| crate::disk::compat_of(&engine.precompile_compatibility_hash());
    match cpu {
        TargetCpu::Native => Ok(of(running)),
        TargetCpu::Baseline(_) => compiler(settings, metering, cpu).map(|engine| of(&engine)),
    }
}
