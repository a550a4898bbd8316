//! The engine's settings: which proposals are on, how code is made, how instances are laid out.
//!
//! Two kinds of metering are two engines, because the checks are compiled in; the second is made on first use.

use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig,
    WasmBacktraceDetails,
};

use crate::config::{Determinism, EngineSettings, OptLevel, SandboxConfig, Strategy};
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

/// The settings that decide what code is made: host and compile helper use the same.
pub(crate) fn code_config(
    settings: &EngineSettings,
    metering: Metering,
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
    if settings.baseline_cpu {
        let triple = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        config.target(&triple).map_err(engine_error)?;
    }
    proposals(&mut config, settings.strategy);
    Ok(config)
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

/// A host engine with its pool: as many slots as asked, or as many as the address space has.
pub(crate) fn make(config: &SandboxConfig, metering: Metering) -> Result<Made, SandboxError> {
    let mut slots = config.instances_max.max(1);
    loop {
        let mut engine_config = code_config(&config.engine, metering)?;
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
    let config = code_config(settings, metering).map_err(|e| e.to_string())?;
    let engine = Engine::new(&config).map_err(|e| format!("{e:#}"))?;
    let wasm = &*crate::dwarf::bounded(wasm);
    let made = if component {
        engine.precompile_component(wasm)
    } else {
        engine.precompile_module(wasm)
    };
    made.map_err(|e| format!("{e:#}"))
}

/// What the version of the engine and the settings decide; artifacts of another one are of no use.
pub(crate) fn compatibility(engine: &Engine) -> [u8; 32] {
    crate::disk::compat_of(&engine.precompile_compatibility_hash())
}
