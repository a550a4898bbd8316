//! A module that answers questions of machines: loaded, checked and linked once, evaluated on pristine memory each time.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use wardian_sandbox::{
    Binding, Call, CallHandle, Contract, Limits, Linked, Outcome, Sandbox, Source,
};

use crate::GuardError;
use crate::section::Section;

/// How long an evaluation may take by default.
pub const EVAL_DEADLINE: Duration = Duration::from_millis(10);

/// Calls to WASI, which denies everything, that an evaluation may make by default.
pub const HOST_CALLS_MAX: u64 = 100;

/// A guard, an action, an assign or a service as WebAssembly. Cloning shares it; evaluations run side by side.
///
/// Guard ABI v1: exports `memory`, `alloc(size: i32) -> i32` and `eval(ptr: i32, size: i32) -> i64`, and imports nothing
/// that acts. By default 10 ms, 8 MiB and 50 million units of fuel an evaluation.
#[derive(Clone)]
pub struct GuardModule {
    linked: Linked<()>,
    section: Section,
    limits: Arc<Limits>,
    /// Whether calls must bring their limits, because they are not the binding's.
    brings_limits: bool,
}

/// What an evaluation may use by default.
fn default_limits() -> Limits {
    Limits {
        // Nothing is granted, so all that can be called is WASI that denies: Go's runtime asks it for the time and for
        // random numbers some twenty times before its first line.
        host_calls_max: HOST_CALLS_MAX,
        ..Limits::small(EVAL_DEADLINE)
    }
}

impl std::fmt::Debug for GuardModule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GuardModule")
            .field("name", &self.name())
            .field("section", &self.section)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl GuardModule {
    /// Loads a module under the name `guard`; the sandbox compiles it once.
    ///
    /// # Errors
    /// [`GuardError::Load`], [`GuardError::Link`] with all that is missing or mistyped, [`GuardError::Section`].
    pub async fn load(
        sandbox: &Sandbox,
        module: impl Into<Bytes>,
    ) -> Result<GuardModule, GuardError> {
        GuardModule::load_from(sandbox, "guard", module).await
    }

    /// The same under a name, by which metrics, traces and traps know it.
    ///
    /// # Errors
    /// As [`GuardModule::load`].
    pub async fn load_from(
        sandbox: &Sandbox,
        name: &str,
        module: impl Into<Bytes>,
    ) -> Result<GuardModule, GuardError> {
        let module = module.into();
        let section = Section::of(&module)?;
        let module = sandbox.load(Source::new(name, module)).await?;
        GuardModule::link(&module, section)
    }

    /// The same on the caller's thread; not for async code.
    ///
    /// # Errors
    /// As [`GuardModule::load`].
    pub fn load_blocking(
        sandbox: &Sandbox,
        module: impl Into<Bytes>,
    ) -> Result<GuardModule, GuardError> {
        GuardModule::load_from_blocking(sandbox, "guard", module)
    }

    /// The same under a name, on the caller's thread.
    ///
    /// # Errors
    /// As [`GuardModule::load`].
    pub fn load_from_blocking(
        sandbox: &Sandbox,
        name: &str,
        module: impl Into<Bytes>,
    ) -> Result<GuardModule, GuardError> {
        let module = module.into();
        let section = Section::of(&module)?;
        let module = sandbox.load_blocking(Source::new(name, module))?;
        GuardModule::link(&module, section)
    }

    fn link(module: &wardian_sandbox::Module, section: Section) -> Result<GuardModule, GuardError> {
        let limits = default_limits();
        let mut binding = Binding::new(Contract::guard());
        binding.limits = Some(limits.clone());
        Ok(GuardModule {
            linked: module.link(&binding)?,
            section,
            limits: Arc::new(limits),
            brings_limits: false,
        })
    }

    /// A module that was loaded already, with the bytes that it was loaded from.
    ///
    /// # Errors
    /// [`GuardError::Link`] and [`GuardError::Section`].
    pub fn of(module: &wardian_sandbox::Module, bytes: &[u8]) -> Result<GuardModule, GuardError> {
        GuardModule::link(module, Section::of(bytes)?)
    }

    /// The module with its contract kept, to be called by other means.
    #[must_use]
    pub fn linked(&self) -> &Linked<()> {
        &self.linked
    }

    /// The name it was loaded under.
    #[must_use]
    pub fn name(&self) -> &str {
        self.linked.module().name()
    }

    /// What the module says of itself.
    #[must_use]
    pub fn section(&self) -> &Section {
        &self.section
    }

    /// What an evaluation may use: 10 ms, 8 MiB, 50 million units of fuel, 1 MiB in and out, unless
    /// [changed](GuardModule::with_limits).
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// What an evaluation may use unless it is changed.
    #[must_use]
    pub fn default_limits() -> Limits {
        default_limits()
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> GuardModule {
        GuardModule {
            limits: Arc::new(limits),
            brings_limits: true,
            ..self
        }
    }

    /// Evaluates a request as it is and gives the response as it is, nothing read into either. Dropping the future ends
    /// the guest.
    ///
    /// # Errors
    /// [`GuardError::RequestTooLarge`] before anything runs, and [`GuardError::Call`].
    pub async fn eval(&self, request: &[u8]) -> Result<Vec<u8>, GuardError> {
        self.check(request.len())?;
        let call = self.prepared(Bytes::copy_from_slice(request), None, None);
        let outcome = self.linked.call(call).await;
        Ok(outcome.result?.into_bytes().into())
    }

    /// The same on the caller's thread, reached by the handle from others.
    ///
    /// # Errors
    /// As [`GuardModule::eval`].
    pub fn eval_blocking(
        &self,
        request: &[u8],
        handle: &CallHandle,
    ) -> Result<Vec<u8>, GuardError> {
        let outcome = self.outcome_blocking(request, handle)?;
        Ok(outcome.result?.into_bytes().into())
    }

    /// The same with what it used.
    ///
    /// # Errors
    /// [`GuardError::RequestTooLarge`]; the rest is in the outcome.
    pub fn outcome_blocking(
        &self,
        request: &[u8],
        handle: &CallHandle,
    ) -> Result<Outcome, GuardError> {
        self.check(request.len())?;
        let call = self.prepared(Bytes::copy_from_slice(request), None, Some(handle));
        Ok(self.linked.call_blocking(call))
    }

    /// The request that a question becomes for this module: what it asks for, and no longer than it takes.
    ///
    /// # Errors
    /// [`GuardError::Request`] and [`GuardError::RequestTooLarge`].
    pub fn request<C: serde::Serialize>(
        &self,
        question: &wardian_machine::Question<'_, C>,
    ) -> Result<Vec<u8>, GuardError> {
        let request = crate::request::request(question, &self.section)?;
        self.check(request.len())?;
        Ok(request)
    }

    fn check(&self, bytes: usize) -> Result<(), GuardError> {
        match self.section.request_bytes_max {
            Some(max) if bytes > max => Err(GuardError::RequestTooLarge { bytes, max }),
            _ => Ok(()),
        }
    }

    pub(crate) fn calling(
        &self,
        request: Vec<u8>,
        time_left: Duration,
    ) -> wardian_sandbox::Calling {
        self.linked
            .call(self.prepared(request.into(), Some(time_left), None))
    }

    pub(crate) fn called(&self, request: Vec<u8>, time_left: Duration) -> Outcome {
        self.linked
            .call_blocking(self.prepared(request.into(), Some(time_left), None))
    }

    fn prepared(
        &self,
        request: Bytes,
        time_left: Option<Duration>,
        handle: Option<&CallHandle>,
    ) -> Call<()> {
        let mut call = Call::bytes("eval", request);
        if self.brings_limits {
            call = call.limits(Limits::clone(&self.limits));
        }
        if let Some(left) = time_left.filter(|left| *left < self.limits.deadline) {
            call = call.deadline(left);
        }
        if let Some(handle) = handle {
            call = call.handle(handle);
        }
        call
    }
}
