//! A policy in the box: loaded, checked and linked once; each question meets pristine memory, within a deadline.
//!
//! in: a question; out: a decision; never: a yes that the guest did not say.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use wardian_rules::Input;
use wardian_sandbox::{
    Binding, Call, CallError, Calling, Contract, Cpu, Imports, Limits, Linked, Module, ModuleKind,
    Outcome, Sandbox, Source,
};

use crate::artifact::Artifact;
use crate::checker::PolicyId;
use crate::error::PolicyError;
use crate::statics::StaticRule;
use crate::{Decision, answer, input};

/// How long a check may take by default, waiting for its turn included.
pub const CHECK_DEADLINE: Duration = Duration::from_millis(5);
/// What a component exports.
const COMPONENT_CHECK: &str = "wardian:policy/checker@1.0.0#check";
/// What a core module exports.
const CORE_CHECK: &str = "policy_check";

/// What is known of a policy beside its bytes, and what its checks may use.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Which policy it is.
    pub id: PolicyId,
    /// Whether it says of itself that time makes no difference to it: it is then given 0 as the time.
    pub pure: bool,
    /// What whoever built it declares safe: it is not asked.
    pub statics: Vec<StaticRule>,
    /// What a check may use.
    pub limits: Limits,
    /// How its use of the processor is limited. By fuel a check is ended at the same place each time; by time alone it is
    /// faster, and ends as `timeout` where it would be `out_of_fuel`.
    pub cpu: Cpu,
}

/// What a check may use by default: 5 ms, 8 MiB, 50 million units of fuel, no host calls.
#[must_use]
pub fn default_limits() -> Limits {
    Limits {
        deadline_hard: CHECK_DEADLINE * 2,
        ..Limits::small(CHECK_DEADLINE)
    }
}

/// How a question goes in and what comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Core,
    Component,
}

/// Reads what a guest answered within this time.
pub(crate) type Read = fn(&Outcome, Duration) -> Decision;

/// A policy with what its host functions see of a check.
#[derive(Debug)]
pub(crate) struct Guest<S> {
    linked: Linked<S>,
    form: Form,
    /// Of the moment of the question.
    state: fn(u64) -> S,
    read: Read,
    prepared: Prepared,
}

/// What an answer means, and what host functions there are.
#[derive(Debug)]
pub(crate) struct Dialect<S> {
    pub(crate) imports: Imports<S>,
    pub(crate) state: fn(u64) -> S,
    /// Another reader than the form's own.
    pub(crate) read: Option<Read>,
}

impl Dialect<()> {
    /// No host functions, and the answers of the contract.
    pub(crate) fn standard() -> Dialect<()> {
        Dialect {
            imports: Imports::new(),
            state: |_| (),
            read: None,
        }
    }
}

impl<S: Send + 'static> Guest<S> {
    pub(crate) fn load_blocking(
        sandbox: &Sandbox,
        artifact: &Artifact,
        prepared: Prepared,
        dialect: Dialect<S>,
    ) -> Result<Guest<S>, PolicyError> {
        futures_lite::future::block_on(Guest::load(sandbox, artifact, prepared, dialect))
    }

    pub(crate) async fn load(
        sandbox: &Sandbox,
        artifact: &Artifact,
        prepared: Prepared,
        dialect: Dialect<S>,
    ) -> Result<Guest<S>, PolicyError> {
        let module = sandbox.load(source(artifact, prepared.cpu)).await?;
        let guest = Guest::link(&module, prepared, dialect)?;
        let tried = guest.linked.call(guest.call(&trial())).await;
        guest.tried(tried)
    }

    fn link(
        module: &Module,
        prepared: Prepared,
        dialect: Dialect<S>,
    ) -> Result<Guest<S>, PolicyError> {
        let (form, contract, standard): (Form, Contract, Read) = match module.kind() {
            ModuleKind::Core => (Form::Core, Contract::policy(), read_bytes),
            ModuleKind::Component => (Form::Component, Contract::raw(), read_values),
        };
        let mut binding = Binding::with_imports(contract, dialect.imports);
        binding.limits = Some(for_cpu(prepared.limits.clone(), prepared.cpu));
        Ok(Guest {
            linked: module.link(&binding)?,
            form,
            state: dialect.state,
            read: dialect.read.unwrap_or(standard),
            prepared,
        })
    }

    /// A component's function is looked at when it is called: one that is not there must not wait for the first check.
    /// Whatever else the trial brings is the policy's own affair.
    fn tried(self, outcome: Outcome) -> Result<Guest<S>, PolicyError> {
        match (self.form, outcome.result) {
            (Form::Component, Err(CallError::Contract(what))) => Err(PolicyError::Unfit(what)),
            _ => Ok(self),
        }
    }

    pub(crate) fn id(&self) -> &PolicyId {
        &self.prepared.id
    }

    pub(crate) fn statics(&self) -> &[StaticRule] {
        &self.prepared.statics
    }

    pub(crate) fn is_pure(&self) -> bool {
        self.prepared.pure
    }

    fn call(&self, input: &Input<'_>) -> Call<S> {
        let moment = match self.prepared.pure {
            true => 0,
            false => input.timestamp_ns,
        };
        let call = match self.form {
            Form::Component => Call::values(COMPONENT_CHECK, vec![input::to_value(input, moment)]),
            // Writing to memory does not fail; if it did, the guest would be asked an empty text, which none of them takes
            // for a question.
            Form::Core => Call::bytes(
                CORE_CHECK,
                input::to_json(input, moment).unwrap_or_default(),
            ),
        };
        call.state((self.state)(moment))
    }

    pub(crate) fn ask(&self, input: &Input<'_>) -> Asked {
        Asked {
            calling: self.linked.call(self.call(input)),
            read: self.read,
            deadline: self.prepared.limits.deadline,
        }
    }

    pub(crate) fn ask_blocking(&self, input: &Input<'_>) -> Decision {
        let outcome = self.linked.call_blocking(self.call(input));
        (self.read)(&outcome, self.prepared.limits.deadline)
    }

    /// The outcome itself, for whoever wants to know what a check used.
    pub(crate) fn outcome_blocking(&self, input: &Input<'_>) -> (Decision, Outcome) {
        let outcome = self.linked.call_blocking(self.call(input));
        let decision = (self.read)(&outcome, self.prepared.limits.deadline);
        (decision, outcome)
    }
}

pub(crate) fn source(artifact: &Artifact, cpu: Cpu) -> Source {
    Source::new("policy", Bytes::copy_from_slice(artifact.bytes())).cpu(cpu)
}

/// Fuel is nothing to a guest whose use of the processor is limited by time alone.
pub(crate) fn for_cpu(limits: Limits, cpu: Cpu) -> Limits {
    let fuel = limits.fuel.filter(|_| cpu != Cpu::Time);
    Limits { fuel, ..limits }
}

/// A harmless question.
fn trial() -> Input<'static> {
    Input::new("env.read", "env_var", "WARDIAN_TRIAL")
}

fn read_bytes(outcome: &Outcome, deadline: Duration) -> Decision {
    match &outcome.result {
        Ok(said) => answer::read(said.bytes()),
        Err(error) => Decision::Deny(answer::reason(error, outcome, deadline)),
    }
}

fn read_values(outcome: &Outcome, deadline: Duration) -> Decision {
    match &outcome.result {
        Ok(said) => answer::read_values(said.values()),
        Err(error) => Decision::Deny(answer::reason(error, outcome, deadline)),
    }
}

/// A guest that was asked.
pub(crate) struct Asked {
    calling: Calling,
    read: Read,
    deadline: Duration,
}

impl std::fmt::Debug for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asked").finish_non_exhaustive()
    }
}

impl Future for Asked {
    type Output = Decision;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Decision> {
        let (read, deadline) = (self.read, self.deadline);
        Pin::new(&mut self.calling)
            .poll(cx)
            .map(|outcome| read(&outcome, deadline))
    }
}

impl Prepared {
    /// What an artifact says of itself, with the default limits.
    #[must_use]
    pub fn of(artifact: &Artifact) -> Prepared {
        let meta = artifact.meta();
        let id = PolicyId {
            version: artifact.version().to_string().into(),
            digest: artifact.digest().to_string().into(),
        };
        Prepared {
            pure: meta.pure,
            statics: meta
                .static_actions
                .iter()
                .map(|action| StaticRule::action(action))
                .collect(),
            ..Prepared::new(id)
        }
    }

    /// The same with another time for a check, waiting included.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Prepared {
        self.limits.deadline = deadline;
        self.limits.deadline_hard = deadline.saturating_mul(2);
        self
    }

    /// A policy of this identity, with the default limits.
    #[must_use]
    pub fn new(id: PolicyId) -> Prepared {
        Prepared {
            id,
            pure: false,
            statics: Vec::new(),
            limits: default_limits(),
            cpu: Cpu::default(),
        }
    }
}
