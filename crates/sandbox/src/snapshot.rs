//! A module whose instances begin where a call left off: what is slow to set up is set up once, before anybody waits.

use bytes::Bytes;
use wasmtime::Val;
use wasmtime_wizer::{InstanceState, SnapshotVal, Wizer};

use crate::call::Call;
use crate::caps;
use crate::error::{CallError, LinkError, LoadError};
use crate::link::Binding;
use crate::module::Source;
use crate::outcome::{Answer, Usage};
use crate::pool::{Instance, Live};
use crate::refusal::{static_caps, too_large};
use crate::sandbox::Sandbox;
use crate::text::clean;

/// Characters of a reason that are kept.
const REASON_CHARS_MAX: usize = 500;

/// A module as a call left it.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Bytes of the new module. It lacks the function that was called, and `_initialize`, which has run.
    pub module: Bytes,
    /// What the call answered. Whether that means that all is well is for the caller to say.
    pub answer: Answer,
    /// What the call used.
    pub usage: Usage,
}

/// Why there is no snapshot.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The module is none that may run here.
    #[error("module is not loaded")]
    Load(#[from] LoadError),
    /// It does not fit the binding.
    #[error("module does not fit")]
    Link(#[from] LinkError),
    /// The call did not end well.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The module changes what a snapshot cannot hold, such as a table.
    #[error("no snapshot can be taken of the module: {0}")]
    Unfit(String),
}

impl SnapshotError {
    /// The stable code: of the load, the link or the call, or `snapshot.unfit`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            SnapshotError::Load(error) => error.code(),
            SnapshotError::Link(error) => error.code(),
            SnapshotError::Call(error) => error.code(),
            SnapshotError::Unfit(_) => "snapshot.unfit",
        }
    }
}

impl Sandbox {
    /// Makes `call` on a new instance of a core module and gives the module anew, as that call left it: memories and
    /// globals as they are then, tables as they were at the beginning. It blocks; a module is compiled for it and not kept
    /// for long.
    ///
    /// ```
    /// use wardian_sandbox::{Binding, Call, Contract, Sandbox, SandboxConfig, Source, Value};
    ///
    /// let wasm = wat::parse_str(r#"(module (global $n (mut i32) (i32.const 0))
    ///     (func (export "learn") (param i32) local.get 0 global.set $n)
    ///     (func (export "know") (result i32) global.get $n))"#)?;
    /// let sandbox = Sandbox::new(SandboxConfig::default())?;
    /// let binding = Binding::new(Contract::raw());
    /// let first = Call::values("learn", [Value::I32(42)]);
    /// let snapshot = sandbox.snapshot_blocking(Source::new("learner", wasm), &binding, first)?;
    ///
    /// let learned = sandbox.load_blocking(Source::new("learned", snapshot.module))?.link(&binding)?;
    /// let outcome = learned.call_blocking(Call::values("know", []));
    /// assert_eq!(outcome.result?.values(), [Value::I32(42)]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SnapshotError`]; components and modules that write to tables are [`SnapshotError::Unfit`].
    pub fn snapshot_blocking<S: Send + 'static>(
        &self,
        source: Source,
        binding: &Binding<S>,
        call: Call<S>,
    ) -> Result<Snapshot, SnapshotError> {
        let wasm = source.bytes.clone();
        caps::check(&wasm, &static_caps(&self.core.config.load)).map_err(too_large)?;
        let mut wizer = Wizer::new();
        wizer.init_func(call.function.clone());
        let (context, bytes) = wizer.instrument(&wasm).map_err(|error| unfit(&error))?;
        let module = self.load_blocking(Source {
            bytes: bytes.into(),
            ..source
        })?;
        let mut session = module.link(binding)?.session();
        let outcome = session.call_blocking(call);
        let answer = outcome.result?;
        let Some(live) = session.live.as_deref_mut() else {
            return Err(SnapshotError::Unfit("the instance is gone".into()));
        };
        let mut state = Exported {
            live,
            missing: false,
        };
        let written = futures_lite::future::block_on(wizer.snapshot(&context, &mut state));
        let written = written.map_err(|error| unfit(&error))?;
        if state.missing {
            let text = "a part of its state is out of reach";
            return Err(SnapshotError::Unfit(text.into()));
        }
        Ok(Snapshot {
            module: written.into(),
            answer,
            usage: outcome.usage,
        })
    }
}

fn unfit(error: &wasmtime::Error) -> SnapshotError {
    SnapshotError::Unfit(clean(format!("{error:#}").as_bytes(), REASON_CHARS_MAX))
}

/// The state of an instance, under the names that instrumenting has given to its parts.
struct Exported<'l> {
    live: &'l mut Live,
    /// Something was not there: the snapshot is worth nothing.
    missing: bool,
}

impl Exported<'_> {
    fn instance(&self) -> Option<wasmtime::Instance> {
        match self.live.instance {
            Some(Instance::Core(instance)) => Some(instance),
            Some(Instance::Component(_)) | None => None,
        }
    }
}

impl InstanceState for Exported<'_> {
    async fn global_get(&mut self, name: &str, _hint: wasmparser::ValType) -> SnapshotVal {
        let instance = self.instance();
        let store = &mut self.live.store;
        let found = instance.and_then(|i| i.get_global(&mut *store, name));
        match found.map(|global| global.get(&mut *store)) {
            Some(Val::I32(x)) => SnapshotVal::I32(x),
            Some(Val::I64(x)) => SnapshotVal::I64(x),
            Some(Val::F32(x)) => SnapshotVal::F32(x),
            Some(Val::F64(x)) => SnapshotVal::F64(x),
            Some(Val::V128(x)) => SnapshotVal::V128(x.as_u128()),
            _ => {
                self.missing = true;
                SnapshotVal::I32(0)
            }
        }
    }

    async fn memory_contents(&mut self, name: &str, contents: impl FnOnce(&[u8]) + Send) {
        let instance = self.instance();
        let store = &mut self.live.store;
        match instance.and_then(|i| i.get_memory(&mut *store, name)) {
            Some(memory) => contents(memory.data(&*store)),
            None => {
                self.missing = true;
                contents(&[]);
            }
        }
    }
}
