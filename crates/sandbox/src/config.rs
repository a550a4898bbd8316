//! What an operator decides before anything runs.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::compiling::CompileObserver;
use crate::cpu::{Baseline, TargetCpu};
use crate::limits::Limits;

const MIB: u64 = 1024 * 1024;

/// Everything a [`crate::Sandbox`] is made from. `Default` is safe and fast; plain fields, units last.
#[derive(Clone, Debug)]
pub struct SandboxConfig {
    /// Compiler and code settings; they are part of the key under which compiled modules are cached.
    pub engine: EngineSettings,
    /// Where compiling happens.
    pub compiler: Compiler,
    /// Live instances in the whole sandbox, kept ones included. Fewer where the address space does not suffice.
    pub instances_max: u32,
    /// Calls waiting for an instance in the whole sandbox; the next one is `Busy`.
    pub waiters_max: u32,
    /// Live instances of one linked module.
    pub module_instances_max: u32,
    /// Calls waiting for an instance of one linked module.
    pub module_waiters_max: u32,
    /// Bytes of linear memory of all live and kept instances; half of the machine or its cgroup by default.
    pub memory_total_bytes_max: u64,
    /// The most that any call's `memory_bytes_max` may be.
    pub memory_bytes_ceiling: u64,
    /// Table elements that a slot of the pool has room for; no call's `table_elements_max` can be more in one table.
    pub table_elements_ceiling: u32,
    /// Bytes of a slot's memory that stay resident after a call instead of being given back.
    pub kept_resident_bytes_max: u64,
    /// Threads on which guests run that did not end in their first slice; one a core by default.
    pub guest_threads: usize,
    /// How deep calls may nest that host functions make.
    pub depth_max: u32,
    /// Limits of calls that do not say their own.
    pub limits: Limits,
    /// Limits of loading and compiling.
    pub load: LoadLimits,
    /// Compiled modules, kept.
    pub cache: CacheConfig,
    /// Told when a module begins to be compiled and when that ends, so that nobody wonders what takes so long.
    pub compiling: Option<CompileObserver>,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        SandboxConfig {
            engine: EngineSettings::default(),
            compiler: Compiler::InProcess,
            instances_max: 1_000,
            waiters_max: 1_000,
            module_instances_max: 1_000,
            module_waiters_max: 1_000,
            memory_total_bytes_max: crate::budget::half_of_memory(),
            memory_bytes_ceiling: 256 * MIB,
            table_elements_ceiling: 100_000,
            kept_resident_bytes_max: 256 * MIB,
            guest_threads: std::thread::available_parallelism().map_or(2, usize::from),
            depth_max: 8,
            limits: Limits::default(),
            load: LoadLimits::default(),
            cache: CacheConfig::default(),
            compiling: None,
        }
    }
}

/// How modules are turned into machine code. Interruption is never off.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct EngineSettings {
    /// Cranelift (fast code) or Winch (fast compiling: 1.3 to 3.4 times slower code, compiled 8 times faster).
    pub strategy: Strategy,
    /// How hard Cranelift tries.
    pub opt: OptLevel,
    /// Bytes of stack for guest code.
    pub stack_bytes_max: usize,
    /// Whether every NaN has the same bits on every machine.
    pub determinism: Determinism,
    /// The processor that code is made for. What is compiled for another one than this machine's is kept, and loaded
    /// where the processor has what it needs.
    pub target_cpu: TargetCpu,
    /// Take this machine's processor for no more than this, whatever it has: code that needs more is neither made for
    /// [`TargetCpu::Native`] nor loaded. For programs that move between machines while they run, and to see here what
    /// an older machine would do.
    pub cpu_max: Option<Baseline>,
}

impl Default for EngineSettings {
    fn default() -> Self {
        EngineSettings {
            strategy: Strategy::Cranelift,
            opt: OptLevel::Speed,
            stack_bytes_max: 512 * 1024,
            determinism: Determinism::Strict,
            target_cpu: TargetCpu::Native,
            cpu_max: None,
        }
    }
}

/// The code generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Optimising.
    Cranelift,
    /// One pass.
    Winch,
}

/// How hard Cranelift tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OptLevel {
    /// Not at all.
    None,
    /// For speed.
    Speed,
    /// For speed and size.
    SpeedAndSize,
}

/// Whether floating-point results are the same to the bit on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Determinism {
    /// NaNs are made canonical after each operation that may produce one.
    Strict,
    /// A NaN's payload is whatever the processor gives.
    Fast,
}

/// Where compiling happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compiler {
    /// In this process: static caps hold, but a compilation that runs on cannot be stopped, only abandoned.
    InProcess,
    /// In a process of its own that is killed at its deadline or beyond its memory.
    Helper {
        /// The program.
        path: PathBuf,
        /// Its arguments, such as `compile-worker`.
        args: Vec<OsString>,
    },
}

/// Limits of loading a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadLimits {
    /// Bytes of the module.
    pub module_bytes_max: u64,
    /// Functions, those of nested modules included.
    pub functions_max: u64,
    /// Bytes of one function body.
    pub body_bytes_max: u64,
    /// Time until the load ends with an error; a helper process is killed then.
    pub compile_time_max: Duration,
    /// Memory of a helper process.
    pub compile_memory_bytes_max: u64,
    /// Compilations at once; more wait.
    pub compiles_max: usize,
}

impl Default for LoadLimits {
    fn default() -> Self {
        LoadLimits {
            module_bytes_max: 64 * MIB,
            functions_max: 200_000,
            body_bytes_max: 8 * MIB,
            compile_time_max: Duration::from_secs(120),
            compile_memory_bytes_max: 2 * 1024 * MIB,
            compiles_max: 2,
        }
    }
}

/// How many compiled modules are kept, and where.
#[derive(Clone, Debug)]
pub struct CacheConfig {
    /// Modules in memory.
    pub modules_max: u64,
    /// Bytes of machine code in memory. A module counts at least as `bytes_max / modules_max`.
    pub bytes_max: u64,
    /// How long a module stays after its last use.
    pub ttl: Duration,
    /// A directory of compiled modules; `None` keeps nothing on disk.
    pub disk: Option<crate::disk::DiskConfig>,
    /// A directory of modules that were compiled ahead, looked at after `disk` and before compiling, and never written
    /// to. What cannot be used of it is one warning, and the module is compiled.
    pub ahead: Option<crate::disk::AheadConfig>,
}

impl Default for CacheConfig {
    fn default() -> Self {
        CacheConfig {
            modules_max: 10,
            bytes_max: 512 * MIB,
            ttl: Duration::from_secs(3600),
            disk: None,
            ahead: None,
        }
    }
}
