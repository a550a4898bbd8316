//! What a call may use: plain fields, units last, no "unlimited".

use std::time::Duration;

/// Bytes in a page of linear memory.
pub(crate) const PAGE_BYTES: u64 = 64 * 1024;
const MIB: u64 = 1024 * 1024;

/// Limits of one call. Defaults suit a service; guards and policies have smaller ones ([`Limits::small`]).
///
/// ```
/// use wardian_sandbox::Limits;
/// let limits = Limits { memory_bytes_max: 8 << 20, ..Limits::default() };
/// assert_eq!(limits.fuel, None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Limits {
    /// Bytes of linear memory, all memories of the call summed. Beyond it `memory.grow` answers −1.
    pub memory_bytes_max: u64,
    /// Table elements, all tables of the call summed. Beyond it `table.grow` answers −1.
    pub table_elements_max: u64,
    /// Fuel for the call; `None` is what the module was loaded with. A module metered by time refuses `Some`.
    pub fuel: Option<u64>,
    /// From the moment the call begins, queueing and initialisation included; then the guest is ended.
    pub deadline: Duration,
    /// When the caller gets its answer although the guest sits in something that cannot be interrupted.
    pub deadline_hard: Duration,
    /// Bytes passed in.
    pub input_bytes_max: u64,
    /// Bytes passed out, of one answer.
    pub output_bytes_max: u64,
    /// Calls from the guest to the host.
    pub host_calls_max: u64,
    /// Bytes the guest may write to the log; what is beyond is dropped and counted.
    pub log_bytes_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            memory_bytes_max: 64 * MIB,
            table_elements_max: 20_000,
            fuel: None,
            deadline: Duration::from_secs(10),
            deadline_hard: Duration::from_secs(12),
            input_bytes_max: 64 * MIB,
            output_bytes_max: 64 * MIB,
            host_calls_max: 100_000,
            log_bytes_max: 64 * 1024,
        }
    }
}

impl Limits {
    /// The limits of guards and policies: 8 MiB, 50 million fuel, no host calls, and the given deadline.
    pub fn small(deadline: Duration) -> Limits {
        Limits {
            memory_bytes_max: 8 * MIB,
            table_elements_max: 10_000,
            fuel: Some(50_000_000),
            deadline,
            deadline_hard: deadline.saturating_mul(2).max(Duration::from_millis(20)),
            input_bytes_max: MIB,
            output_bytes_max: MIB,
            host_calls_max: 0,
            log_bytes_max: 4 * 1024,
        }
    }

    /// Sets the soft deadline and keeps the distance of the hard one.
    pub fn with_deadline(mut self, deadline: Duration) -> Limits {
        let grace = self.deadline_hard.saturating_sub(self.deadline);
        self.deadline = deadline;
        self.deadline_hard = deadline.saturating_add(grace);
        self
    }
}

/// How a module's use of the processor is limited; chosen when it is loaded, because the two are compiled differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Cpu {
    /// Deterministic, counted, reported: this many units a call unless the call says otherwise.
    Fuel(u64),
    /// The deadline alone, checked by epochs; usage then has no fuel.
    Time,
}

impl Default for Cpu {
    fn default() -> Self {
        Cpu::Fuel(1_000_000_000)
    }
}

/// A limit by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Linear memory of a call.
    Memory,
    /// Linear memory of all live and kept instances of a sandbox.
    MemoryTotal,
    /// Table elements of a call.
    Table,
    /// Fuel of a call.
    Fuel,
    /// A call's deadline.
    Deadline,
    /// A guest's stack.
    Stack,
    /// Bytes passed in.
    Input,
    /// Bytes passed out.
    Output,
    /// Calls to host functions.
    HostCalls,
    /// Nesting of calls made by host functions.
    Depth,
    /// Size of a module.
    ModuleBytes,
    /// Functions in a module.
    Functions,
    /// Size of one function body.
    BodyBytes,
    /// Any other count of a module's parts: types, imports, exports, segments, nesting.
    Parts,
    /// Time a compilation takes.
    CompileTime,
    /// Memory a compilation takes.
    CompileMemory,
}

impl Limit {
    /// The stable code, such as `limit.memory`.
    pub fn code(self) -> &'static str {
        match self {
            Limit::Memory => "limit.memory",
            Limit::MemoryTotal => "limit.memory_total",
            Limit::Table => "limit.table",
            Limit::Fuel => "limit.fuel",
            Limit::Deadline => "limit.deadline",
            Limit::Stack => "limit.stack",
            Limit::Input => "limit.input",
            Limit::Output => "limit.output",
            Limit::HostCalls => "limit.host_calls",
            Limit::Depth => "limit.depth",
            Limit::ModuleBytes => "limit.module_bytes",
            Limit::Functions => "limit.functions",
            Limit::BodyBytes => "limit.body_bytes",
            Limit::Parts => "limit.parts",
            Limit::CompileTime => "limit.compile_time",
            Limit::CompileMemory => "limit.compile_memory",
        }
    }

    /// The words for a message: `memory`, `fuel`, `deadline`.
    pub fn noun(self) -> &'static str {
        match self {
            Limit::Memory => "memory",
            Limit::MemoryTotal => "total memory",
            Limit::Table => "table",
            Limit::Fuel => "fuel",
            Limit::Deadline => "deadline",
            Limit::Stack => "stack",
            Limit::Input => "input",
            Limit::Output => "output",
            Limit::HostCalls => "host call",
            Limit::Depth => "nesting",
            Limit::ModuleBytes => "module size",
            Limit::Functions => "function count",
            Limit::BodyBytes => "function body",
            Limit::Parts => "part count",
            Limit::CompileTime => "compile time",
            Limit::CompileMemory => "compile memory",
        }
    }

    /// The field to raise, for a hint.
    pub fn field(self) -> &'static str {
        match self {
            Limit::Memory => "memory_bytes_max",
            Limit::MemoryTotal => "memory_total_bytes_max",
            Limit::Table => "table_elements_max",
            Limit::Fuel => "fuel",
            Limit::Deadline => "deadline",
            Limit::Stack => "stack_bytes_max",
            Limit::Input => "input_bytes_max",
            Limit::Output => "output_bytes_max",
            Limit::HostCalls => "host_calls_max",
            Limit::Depth => "depth_max",
            Limit::ModuleBytes => "module_bytes_max",
            Limit::Functions => "functions_max",
            Limit::BodyBytes => "body_bytes_max",
            Limit::Parts => "parts_max",
            Limit::CompileTime => "compile_time_max",
            Limit::CompileMemory => "compile_memory_bytes_max",
        }
    }

    /// A number of this limit's unit, for people: `72 MiB`, `1.5 s`, `20001 elements`.
    pub fn show(self, n: u64) -> String {
        match self {
            Limit::Memory
            | Limit::MemoryTotal
            | Limit::Stack
            | Limit::Input
            | Limit::Output
            | Limit::ModuleBytes
            | Limit::BodyBytes
            | Limit::CompileMemory => bytes_text(n),
            Limit::Deadline | Limit::CompileTime => format!("{n} ms"),
            Limit::Table => format!("{n} elements"),
            Limit::Fuel => format!("{n} units"),
            Limit::HostCalls | Limit::Depth => format!("{n} calls"),
            Limit::Functions => format!("{n} functions"),
            Limit::Parts => format!("{n} parts"),
        }
    }
}

/// `n` bytes in the largest binary unit that divides it without a rest, so that one byte too many shows.
fn bytes_text(n: u64) -> String {
    match n {
        0 => "0 B".into(),
        n if n.is_multiple_of(1 << 30) => format!("{} GiB", n >> 30),
        n if n.is_multiple_of(1 << 20) => format!("{} MiB", n >> 20),
        n if n.is_multiple_of(1 << 10) => format!("{} KiB", n >> 10),
        n => format!("{n} B"),
    }
}
