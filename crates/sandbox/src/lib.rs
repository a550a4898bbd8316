//! Runs untrusted WebAssembly inside a host program.
//!
//! One sandbox, shared by cloning: it owns the engines, the guest threads, the module cache and the budgets.
//! A [`Module`] is compiled once and linked with a [`Binding`]: the contract it must satisfy, the host functions it may
//! see, the grants it has, and how long an instance lives. A [`Call`] runs one function and ends in an [`Outcome`],
//! which always says what the call used.
//!
//! ```
//! use wardian_sandbox::{Binding, Call, Contract, Sandbox, SandboxConfig, Source, Value};
//!
//! let sandbox = Sandbox::new(SandboxConfig::default())?;
//! let wasm = wat::parse_str(r#"(module (func (export "add") (param i32 i32) (result i32)
//!     local.get 0 local.get 1 i32.add))"#)?;
//! let module = sandbox.load_blocking(Source::new("adder", wasm))?;
//! let adder = module.link(&Binding::new(Contract::raw()))?;
//! let outcome = adder.call_blocking(Call::values("add", [Value::I32(2), Value::I32(40)]));
//! assert_eq!(outcome.result?.values(), [Value::I32(42)]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![deny(missing_docs)]
#![deny(clippy::indexing_slicing)]

mod assemblyscript;
mod begin;
mod budget;
mod bug;
mod call;
mod caps;
mod compiling;
mod component;
mod config;
mod contract;
mod cpu;
pub mod disk;
mod drive;
mod dwarf;
mod ending;
mod engine;
mod error;
mod exports;
pub mod helper;
mod host;
mod imports;
pub mod inspect;
mod job;
mod limits;
mod link;
mod load;
mod metered;
mod metrics;
mod module;
mod offered;
mod outcome;
pub mod platform;
mod pool;
mod proposals;
mod refusal;
mod run;
mod sandbox;
mod session;
mod snapshot;
mod state;
pub mod text;
mod threads;
mod timer;
mod trap;
mod value;
mod wasi;

pub use call::{Call, CallHandle};
pub use compiling::{Compilation, CompileEvent, CompileObserver};
pub use config::{
    CacheConfig, Compiler, Determinism, EngineSettings, LoadLimits, OptLevel, SandboxConfig,
    Strategy,
};
pub use contract::{Contract, Export, ExportKind, Problem};
pub use cpu::{Baseline, TargetCpu, UnknownCpu};
pub use drive::Calling;
pub use engine::Metering;
pub use error::{Blame, CallError, HostError, LinkError, LoadError, SandboxError};
pub use host::Host;
pub use imports::{Answering, Grants, Imports, Params, Results};
pub use limits::{Cpu, Limit, Limits};
pub use link::{Binding, Isolation, Linked};
pub use load::{Warmed, compile_worker};
pub use module::{Module, ModuleKind, Source};
pub use outcome::{Answer, Outcome, Usage};
pub use sandbox::{Sandbox, Stats};
pub use session::Session;
pub use snapshot::{Snapshot, SnapshotError};
pub use trap::{Frame, Trap, TrapKind};
pub use value::Value;
