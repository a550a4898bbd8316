//! A module: compiled once, with a name, shared by whoever calls it.

use std::sync::Arc;

use bytes::Bytes;

use crate::engine::Metering;
use crate::error::{LinkError, LoadError};
use crate::limits::Cpu;
use crate::link::{Binding, Linked};
use crate::sandbox::Core;

/// What to load: bytes of a core module or a component, and how it is to be metered.
#[derive(Clone, Debug)]
pub struct Source {
    pub(crate) name: String,
    pub(crate) bytes: Bytes,
    pub(crate) cpu: Cpu,
}

impl Source {
    /// Bytes in the binary format, under a name for logs and metrics. The name is the operator's, not the guest's.
    pub fn new(name: impl Into<String>, bytes: impl Into<Bytes>) -> Source {
        Source {
            name: name.into(),
            bytes: bytes.into(),
            cpu: Cpu::default(),
        }
    }

    /// How the module's use of the processor is limited.
    pub fn cpu(mut self, cpu: Cpu) -> Source {
        self.cpu = cpu;
        self
    }
}

/// What kind of WebAssembly it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModuleKind {
    /// A core module.
    Core,
    /// A component.
    Component,
}

/// A loaded module. Cloning shares it.
#[derive(Clone)]
pub struct Module {
    pub(crate) core: Arc<Core>,
    pub(crate) name: Arc<str>,
    pub(crate) cpu: Cpu,
    pub(crate) code: Arc<Code>,
}

impl std::fmt::Debug for Module {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Module")
            .field("name", &self.name)
            .field("digest", &self.digest())
            .finish_non_exhaustive()
    }
}

/// Machine code and what is known of it without running it; this is what the cache holds.
pub(crate) struct Code {
    pub(crate) digest: blake3::Hash,
    pub(crate) metering: Metering,
    pub(crate) compiled: Compiled,
    /// A core module with a start function: instantiating runs the guest.
    pub(crate) has_start: bool,
    /// Memories, tables: how many of the pool's slots an instance takes.
    pub(crate) weight: u32,
    pub(crate) bytes: u64,
}

pub(crate) enum Compiled {
    Core(wasmtime::Module),
    Component(wasmtime::component::Component),
}

impl Code {
    pub(crate) fn kind(&self) -> ModuleKind {
        match self.compiled {
            Compiled::Core(_) => ModuleKind::Core,
            Compiled::Component(_) => ModuleKind::Component,
        }
    }
}

impl Module {
    /// The name it was loaded under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// BLAKE3 of its bytes, in hex.
    pub fn digest(&self) -> String {
        self.code.digest.to_hex().to_string()
    }

    /// Core module or component.
    pub fn kind(&self) -> ModuleKind {
        self.code.kind()
    }

    /// How its use of the processor is limited.
    pub fn cpu(&self) -> Cpu {
        self.cpu
    }

    /// Links it with what a binding offers. Done once, not for each call; all problems are reported at once.
    pub fn link<S: Send + 'static>(&self, binding: &Binding<S>) -> Result<Linked<S>, LinkError> {
        crate::link::link(self, binding)
    }
}

/// What the smallest instance of a module takes must lie within the operator's ceilings.
pub(crate) fn check_declared(
    required: &wasmtime::ResourcesRequired,
    memory_ceiling: u64,
    table_ceiling: u64,
) -> Result<u32, LoadError> {
    use crate::limits::{Limit, PAGE_BYTES};
    let memory = required
        .max_initial_memory_size
        .unwrap_or(0)
        .saturating_mul(PAGE_BYTES);
    if memory > memory_ceiling {
        return Err(LoadError::Declared {
            which: Limit::Memory,
            asked: memory,
            max: memory_ceiling,
        });
    }
    let table = required.max_initial_table_size.unwrap_or(0);
    if table > table_ceiling {
        return Err(LoadError::Declared {
            which: Limit::Table,
            asked: table,
            max: table_ceiling,
        });
    }
    Ok(required.num_memories.max(required.num_tables).max(1))
}
