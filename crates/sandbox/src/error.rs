//! How a load, a link and a call can fail: one enum each, with a stable code and somebody to blame.

use std::error::Error;
use std::sync::Arc;

use crate::limits::Limit;
use crate::trap::Trap;

/// Who has to do something about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Blame {
    /// Whoever made the call: its input, its deadline, its cancelling.
    Caller,
    /// Whoever wrote the module.
    Guest,
    /// Whoever runs the host: limits, grants, capacity.
    Operator,
    /// The host program or the sandbox itself.
    Host,
}

/// Why a call did not end well. Not `non_exhaustive`: a new variant must fail to compile wherever its meaning is decided.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CallError {
    /// The guest did what WebAssembly forbids.
    #[error("guest trapped: {0}")]
    Trap(Box<Trap>),
    /// The guest gave up and, where it could, said why.
    #[error("guest panicked: {message:?}")]
    Panic {
        /// The guest's words, cut and escaped; empty if it left none.
        message: String,
        /// Where, if the panic ended in a trap.
        trap: Option<Box<Trap>>,
    },
    /// A limit was passed.
    #[error("guest passed its {} limit: asked {}, allowed {}", which.noun(), which.show(*asked), which.show(*max))]
    Limit {
        /// Which one.
        which: Limit,
        /// What was wanted, in the limit's unit; at least `max + 1` where the exact figure is not known.
        asked: u64,
        /// What was allowed.
        max: u64,
        /// Where, if it ended in a trap.
        trap: Option<Box<Trap>>,
    },
    /// The caller dropped or cancelled the call, or the sandbox was closed.
    #[error("call was cancelled")]
    Cancelled,
    /// The guest asked for something it was not granted.
    #[error("capability `{0}` is not granted")]
    Refused(String),
    /// The guest did not keep to the contract's shapes.
    #[error("guest broke its contract: {0}")]
    Contract(String),
    /// The guest's own answer is an error.
    #[error("guest answered with an error: {code:?}: {message:?}")]
    Guest {
        /// The guest's code, cut and escaped.
        code: String,
        /// The guest's words, cut and escaped.
        message: String,
    },
    /// No instance or memory was to be had in time.
    #[error("sandbox is busy")]
    Busy,
    /// A host function, or the sandbox, failed.
    #[error("host failed")]
    Host(#[source] Arc<dyn Error + Send + Sync>),
}

impl CallError {
    /// The stable code: `trap`, `panic`, `limit.memory`, `cancelled`, `refused`, `contract`, `guest`, `busy`, `host`.
    pub fn code(&self) -> &'static str {
        match self {
            CallError::Trap(_) => "trap",
            CallError::Panic { .. } => "panic",
            CallError::Limit { which, .. } => which.code(),
            CallError::Cancelled => "cancelled",
            CallError::Refused(_) => "refused",
            CallError::Contract(_) => "contract",
            CallError::Guest { .. } => "guest",
            CallError::Busy => "busy",
            CallError::Host(_) => "host",
        }
    }

    /// The `type` label of `wasm_errors_total`.
    pub fn metric_type(&self) -> &'static str {
        match self {
            CallError::Trap(_) => "trap",
            CallError::Panic { .. } => "panic",
            CallError::Limit { which, .. } => match which {
                Limit::Deadline | Limit::CompileTime => "timeout",
                Limit::Memory | Limit::MemoryTotal | Limit::Table | Limit::CompileMemory => "oom",
                Limit::Fuel => "fuel",
                Limit::Stack => "stack",
                _ => "contract",
            },
            CallError::Cancelled => "cancelled",
            CallError::Refused(_) => "refused",
            CallError::Contract(_) | CallError::Guest { .. } => "contract",
            CallError::Busy => "busy",
            CallError::Host(_) => "host",
        }
    }

    /// Who has to do something about it.
    pub fn blame(&self) -> Blame {
        match self {
            CallError::Trap(_) | CallError::Panic { .. } | CallError::Contract(_) => Blame::Guest,
            CallError::Limit {
                which: Limit::Input,
                ..
            } => Blame::Caller,
            CallError::Limit {
                which: Limit::MemoryTotal,
                ..
            } => Blame::Operator,
            CallError::Limit {
                which: Limit::Depth,
                ..
            } => Blame::Host,
            CallError::Limit { .. } => Blame::Guest,
            CallError::Cancelled => Blame::Caller,
            CallError::Refused(_) | CallError::Busy => Blame::Operator,
            CallError::Guest { .. } => Blame::Caller,
            CallError::Host(_) => Blame::Host,
        }
    }

    /// What to do about it, where there is something to do.
    pub fn hint(&self) -> Option<String> {
        match self {
            CallError::Limit { which, .. } => {
                Some(format!("raise `{}` if this guest needs it", which.field()))
            }
            CallError::Busy => {
                Some("raise `instances_max` or `waiters_max`, or call again later".into())
            }
            CallError::Refused(name) => Some(format!("grant `{name}` if this guest may use it")),
            _ => None,
        }
    }

    /// The trap behind it, if there was one.
    pub fn trap(&self) -> Option<&Trap> {
        match self {
            CallError::Trap(trap) => Some(trap),
            CallError::Panic { trap, .. } | CallError::Limit { trap, .. } => trap.as_deref(),
            _ => None,
        }
    }

    pub(crate) fn limit(which: Limit, asked: u64, max: u64) -> CallError {
        CallError::Limit {
            which,
            asked,
            max,
            trap: None,
        }
    }
}

/// What a host function ends a call with.
#[derive(Clone, Debug, thiserror::Error)]
#[error(transparent)]
pub struct HostError(pub(crate) CallError);

impl HostError {
    /// The host function's own failure: the call ends in [`CallError::Host`].
    pub fn failed(source: impl Error + Send + Sync + 'static) -> HostError {
        HostError(CallError::Host(Arc::new(source)))
    }

    /// The guest asked for what it may not have: [`CallError::Refused`].
    pub fn refused(capability: impl Into<String>) -> HostError {
        HostError(CallError::Refused(capability.into()))
    }

    /// The guest gave something the contract does not allow: [`CallError::Contract`].
    pub fn contract(what: impl Into<String>) -> HostError {
        HostError(CallError::Contract(what.into()))
    }

    /// The guest gave up with these words: [`CallError::Panic`]. They are cut and escaped.
    pub fn panic(message: &[u8]) -> HostError {
        HostError(CallError::Panic {
            message: crate::text::clean(message, crate::trap::MESSAGE_CHARS_MAX),
            trap: None,
        })
    }

    /// What the call will end in.
    pub fn call_error(&self) -> &CallError {
        &self.0
    }
}

impl From<CallError> for HostError {
    fn from(error: CallError) -> Self {
        HostError(error)
    }
}

/// Why a module was not loaded.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LoadError {
    /// It is larger than what may be loaded, in one or more respects.
    #[error("module passes {}", list(problems))]
    Limits {
        /// Each limit that is passed: which, asked, allowed.
        problems: Vec<(Limit, u64, u64)>,
    },
    /// It is not WebAssembly, or uses a proposal that is off.
    #[error("not a module that may run here: {0}")]
    Invalid(String),
    /// It needs proposals of WebAssembly that are off; their authors' names for them.
    #[error("module needs proposals that are off: {}", _0.join(", "))]
    Proposals(Vec<&'static str>),
    /// The load was dropped, or the sandbox closed.
    #[error("loading was cancelled")]
    Cancelled,
    /// The compiler failed.
    #[error("compiler failed: {0}")]
    Compiler(String),
    /// It was compiled to be kept, and could not be.
    #[error("module is compiled and not kept: {0}")]
    NotKept(String),
    /// The operator's ceilings do not allow what the module asks for at the least.
    #[error("module declares {} of {}, allowed {}", which.show(*asked), which.noun(), which.show(*max))]
    Declared {
        /// Which limit.
        which: Limit,
        /// What the module declares.
        asked: u64,
        /// The ceiling.
        max: u64,
    },
}

fn list(problems: &[(Limit, u64, u64)]) -> String {
    let each = |&(which, asked, max): &(Limit, u64, u64)| {
        format!(
            "its {} limit: asked {}, allowed {}",
            which.noun(),
            which.show(asked),
            which.show(max)
        )
    };
    problems.iter().map(each).collect::<Vec<_>>().join("; ")
}

impl LoadError {
    /// The stable code: `limit.…`, `load.invalid`, `load.proposal`, `cancelled`, `load.compiler`, `load.not_kept`.
    pub fn code(&self) -> &'static str {
        match self {
            LoadError::Limits { problems } => {
                problems.first().map_or("load.limits", |p| p.0.code())
            }
            LoadError::Declared { which, .. } => which.code(),
            LoadError::Invalid(_) => "load.invalid",
            LoadError::Proposals(_) => "load.proposal",
            LoadError::Cancelled => "cancelled",
            LoadError::Compiler(_) => "load.compiler",
            LoadError::NotKept(_) => "load.not_kept",
        }
    }

    /// Who has to do something about it.
    pub fn blame(&self) -> Blame {
        match self {
            LoadError::Limits { .. }
            | LoadError::Declared { .. }
            | LoadError::Invalid(_)
            | LoadError::Proposals(_) => Blame::Guest,
            LoadError::Cancelled => Blame::Caller,
            LoadError::Compiler(_) => Blame::Host,
            LoadError::NotKept(_) => Blame::Operator,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let raise =
            |which: Limit| format!("raise `{}` if this module may be that large", which.field());
        match self {
            LoadError::Limits { problems } => problems.first().map(|p| raise(p.0)),
            LoadError::Declared { which, .. } => Some(raise(*which)),
            _ => None,
        }
    }
}

/// Why a module was not linked; everything that is missing at once.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("module cannot be linked: {}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct LinkError {
    /// Each problem, in the module's order.
    pub problems: Vec<crate::contract::Problem>,
}

impl LinkError {
    /// The stable code: `link.refused` if only grants are missing, `link.limits` for limits that do not fit, else
    /// `link.contract`.
    pub fn code(&self) -> &'static str {
        use crate::contract::Problem;
        if self
            .problems
            .iter()
            .all(|p| matches!(p, Problem::Ungranted { .. }))
        {
            "link.refused"
        } else if self
            .problems
            .iter()
            .all(|p| matches!(p, Problem::Limits(_)))
        {
            "link.limits"
        } else {
            "link.contract"
        }
    }

    /// Who has to do something about it.
    pub fn blame(&self) -> Blame {
        match self.code() {
            "link.refused" | "link.limits" => Blame::Operator,
            _ => Blame::Guest,
        }
    }
}

/// Why a sandbox could not be made.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SandboxError {
    /// The configuration contradicts itself.
    #[error("configuration: {0}")]
    Config(String),
    /// The engine refused.
    #[error("engine: {0}")]
    Engine(String),
    /// The disk cache's directory cannot be used.
    #[error("disk cache: {0}")]
    Disk(String),
    /// A thread could not be started.
    #[error("threads: {0}")]
    Threads(String),
}
