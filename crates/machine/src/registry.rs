//! Names and what they mean: guards, actions, assigns, services and delays.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::event::Event;
use crate::failure::{Failure, Verdict};
use crate::foreign::Foreign;
use crate::model::Machine;

/// What a guard, an action or a delay is asked with.
#[derive(Debug)]
pub struct Args<'a, C> {
    /// The name it was asked by.
    pub name: &'a str,
    /// What the document adds; null where it adds nothing.
    pub params: &'a Value,
    /// The machine's data.
    pub context: &'a C,
    /// What happened.
    pub event: &'a Event,
}

type GuardFn<C> = Arc<dyn Fn(&Args<'_, C>) -> Verdict + Send + Sync>;
type ActionFn<C> = Arc<dyn Fn(&Args<'_, C>) -> Result<Vec<Value>, Failure> + Send + Sync>;
type AssignFn<C> = Arc<dyn Fn(&mut C, &Event, &Value) -> Result<(), Failure> + Send + Sync>;
type DelayFn<C> = Arc<dyn Fn(&Args<'_, C>) -> Result<Duration, Failure> + Send + Sync>;

/// What a guard's name means.
pub(crate) enum GuardBinding<C> {
    Native(GuardFn<C>),
    Foreign(Arc<dyn Foreign<C>>),
}

/// What an action's name means.
pub(crate) enum ActionBinding<C> {
    /// The host carries it out.
    Effect,
    Native(ActionFn<C>),
    Assign(AssignFn<C>),
    ForeignAction(Arc<dyn Foreign<C>>),
    ForeignAssign(Arc<dyn Foreign<C>>),
}

/// What a service's name means.
pub(crate) enum ServiceBinding<C> {
    /// The host runs it.
    Host,
    Foreign(Arc<dyn Foreign<C>>),
}

impl<C> Clone for GuardBinding<C> {
    fn clone(&self) -> Self {
        match self {
            Self::Native(function) => Self::Native(function.clone()),
            Self::Foreign(foreign) => Self::Foreign(foreign.clone()),
        }
    }
}

impl<C> Clone for ActionBinding<C> {
    fn clone(&self) -> Self {
        match self {
            Self::Effect => Self::Effect,
            Self::Native(function) => Self::Native(function.clone()),
            Self::Assign(function) => Self::Assign(function.clone()),
            Self::ForeignAction(foreign) => Self::ForeignAction(foreign.clone()),
            Self::ForeignAssign(foreign) => Self::ForeignAssign(foreign.clone()),
        }
    }
}

impl<C> Clone for ServiceBinding<C> {
    fn clone(&self) -> Self {
        match self {
            Self::Host => Self::Host,
            Self::Foreign(foreign) => Self::Foreign(foreign.clone()),
        }
    }
}

/// Binds names to what they mean.
///
/// ```
/// use serde_json::{Value, json};
/// use wardian_machine::{Machine, Registry};
///
/// let machine = Machine::from_json(br#"{"initial": "a", "states": {
///     "a": {"on": {"go": {"target": "b", "guard": "enough", "actions": "tell"}}}, "b": {}}}"#)?;
/// let mut registry = Registry::<Value>::new();
/// registry.guard("enough", |args| args.context["total"].as_u64() >= Some(40))?;
/// registry.effect("tell")?;
/// let order = machine.provide(&registry)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Registry<C> {
    guards: HashMap<String, GuardBinding<C>>,
    actions: HashMap<String, ActionBinding<C>>,
    services: HashMap<String, ServiceBinding<C>>,
    delays: HashMap<String, DelayFn<C>>,
}

impl<C> Default for Registry<C> {
    fn default() -> Self {
        Registry {
            guards: HashMap::new(),
            actions: HashMap::new(),
            services: HashMap::new(),
            delays: HashMap::new(),
        }
    }
}

impl<C> fmt::Debug for Registry<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn names<T>(map: &HashMap<String, T>) -> Vec<&String> {
            let mut names: Vec<&String> = map.keys().collect();
            names.sort_unstable();
            names
        }
        f.debug_struct("Registry")
            .field("guards", &names(&self.guards))
            .field("actions", &names(&self.actions))
            .field("services", &names(&self.services))
            .field("delays", &names(&self.delays))
            .finish()
    }
}

/// What can be bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameKind {
    /// Guards.
    Guard,
    /// Actions and assigns: they share their names.
    Action,
    /// Invoked services.
    Service,
    /// Named delays.
    Delay,
}

impl fmt::Display for NameKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NameKind::Guard => "guard",
            NameKind::Action => "action",
            NameKind::Service => "service",
            NameKind::Delay => "delay",
        })
    }
}

/// A name that is bound already; what it meant it still means.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} `{name}` is bound twice")]
pub struct BoundTwice {
    /// Of what kind.
    pub kind: NameKind,
    /// The name.
    pub name: String,
}

/// All names of a machine that a registry does not bind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not bound: {}", .0.iter().map(|(kind, name)| format!("{kind} `{name}`")).collect::<Vec<_>>().join(", "))]
pub struct Unbound(pub Vec<(NameKind, String)>);

impl<C> Registry<C> {
    /// Binds nothing.
    #[must_use]
    pub fn new() -> Registry<C> {
        Registry::default()
    }

    /// A guard in Rust: says a bool, a result of one, or a [`Verdict`].
    ///
    /// # Errors
    /// [`BoundTwice`], for this and all below.
    pub fn guard<V: Into<Verdict>>(
        &mut self,
        name: impl Into<String>,
        guard: impl Fn(&Args<'_, C>) -> V + Send + Sync + 'static,
    ) -> Result<&mut Self, BoundTwice> {
        let guard = Arc::new(move |args: &Args<'_, C>| guard(args).into());
        self.bind_guard(name.into(), GuardBinding::Native(guard))
    }

    /// A guard that somebody else's code decides.
    ///
    /// # Errors
    /// [`BoundTwice`].
    pub fn foreign_guard(
        &mut self,
        name: impl Into<String>,
        guard: Arc<dyn Foreign<C>>,
    ) -> Result<&mut Self, BoundTwice> {
        self.bind_guard(name.into(), GuardBinding::Foreign(guard))
    }

    fn bind_guard(
        &mut self,
        name: String,
        binding: GuardBinding<C>,
    ) -> Result<&mut Self, BoundTwice> {
        bind(&mut self.guards, NameKind::Guard, name, binding)?;
        Ok(self)
    }

    /// An action that the host carries out: it comes out of a step as data.
    ///
    /// # Errors
    /// [`BoundTwice`].
    pub fn effect(&mut self, name: impl Into<String>) -> Result<&mut Self, BoundTwice> {
        self.bind_action(name.into(), ActionBinding::Effect)
    }

    /// An action in Rust: gives effects, values that the host knows, and does nothing by itself.
    ///
    /// # Errors
    /// [`BoundTwice`].
    pub fn action(
        &mut self,
        name: impl Into<String>,
        action: impl Fn(&Args<'_, C>) -> Result<Vec<Value>, Failure> + Send + Sync + 'static,
    ) -> Result<&mut Self, BoundTwice> {
        self.bind_action(name.into(), ActionBinding::Native(Arc::new(action)))
    }

    /// An action in Rust that changes the context, by event and params.
    ///
    /// # Errors
    /// [`BoundTwice`].
    pub fn assign(
        &mut self,
        name: impl Into<String>,
        assign: impl Fn(&mut C, &Event, &Value) -> Result<(), Failure> + Send + Sync + 'static,
    ) -> Result<&mut Self, BoundTwice> {
        self.bind_action(name.into(), ActionBinding::Assign(Arc::new(assign)))
    }

    /// An action of somebody else's, which gives effects.
    ///
    /// # Errors
    /// [`BoundTwice`].
    pub fn foreign_action(
        &mut self,
        name: impl Into<String>,
        action: Arc<dyn Foreign<C>>,
    ) -> Result<&mut Self, BoundTwice> {
        self.bind_action(name.into(), ActionBinding::ForeignAction(action))
    }

    /// An action of somebody else's, which gives a new context.
    ///
    /// # Errors
    /// [`BoundTwice`].
    pub fn foreign_assign(
        &mut self,
        name: impl Into<String>,
        assign: Arc<dyn Foreign<C>>,
    ) -> Result<&mut Self, BoundTwice> {
        self.bind_action(name.into(), ActionBinding::ForeignAssign(assign))
    }

    fn bind_action(
        &mut self,
        name: String,
        binding: ActionBinding<C>,
    ) -> Result<&mut Self, BoundTwice> {
        bind(&mut self.actions, NameKind::Action, name, binding)?;
        Ok(self)
    }

    /// A service that the host runs: its start and its stop come out of steps as data.
    ///
    /// # Errors
    /// [`BoundTwice`].
    pub fn service(&mut self, name: impl Into<String>) -> Result<&mut Self, BoundTwice> {
        let binding = ServiceBinding::Host;
        bind(&mut self.services, NameKind::Service, name.into(), binding)?;
        Ok(self)
    }

    /// A service of somebody else's code, run by [`Provided::serve`](crate::Provided::serve).
    ///
    /// # Errors
    /// [`BoundTwice`].
    pub fn foreign_service(
        &mut self,
        name: impl Into<String>,
        service: Arc<dyn Foreign<C>>,
    ) -> Result<&mut Self, BoundTwice> {
        let binding = ServiceBinding::Foreign(service);
        bind(&mut self.services, NameKind::Service, name.into(), binding)?;
        Ok(self)
    }

    /// A delay: how long, by context and event.
    ///
    /// # Errors
    /// [`BoundTwice`].
    pub fn delay(
        &mut self,
        name: impl Into<String>,
        delay: impl Fn(&Args<'_, C>) -> Result<Duration, Failure> + Send + Sync + 'static,
    ) -> Result<&mut Self, BoundTwice> {
        bind(
            &mut self.delays,
            NameKind::Delay,
            name.into(),
            Arc::new(delay) as DelayFn<C>,
        )?;
        Ok(self)
    }
}

fn bind<T>(
    map: &mut HashMap<String, T>,
    kind: NameKind,
    name: String,
    binding: T,
) -> Result<(), BoundTwice> {
    if map.contains_key(&name) {
        return Err(BoundTwice { kind, name });
    }
    map.insert(name, binding);
    Ok(())
}

/// The bindings of one machine's names, by number.
pub(crate) struct Bindings<C> {
    pub(crate) guards: Vec<GuardBinding<C>>,
    pub(crate) actions: Vec<ActionBinding<C>>,
    pub(crate) services: Vec<ServiceBinding<C>>,
    pub(crate) delays: Vec<DelayFn<C>>,
}

impl Machine {
    /// Resolves every name, those of nested states included.
    ///
    /// # Errors
    /// [`Unbound`] lists all names that the registry does not bind.
    pub fn provide<C>(&self, registry: &Registry<C>) -> Result<crate::Provided<C>, Unbound> {
        let names = &self.0.names;
        let mut missing = Vec::new();
        let bindings = Bindings {
            guards: found(
                &registry.guards,
                NameKind::Guard,
                &names.guards,
                &mut missing,
            ),
            actions: found(
                &registry.actions,
                NameKind::Action,
                &names.actions,
                &mut missing,
            ),
            services: found(
                &registry.services,
                NameKind::Service,
                &names.services,
                &mut missing,
            ),
            delays: found(
                &registry.delays,
                NameKind::Delay,
                &names.delays,
                &mut missing,
            ),
        };
        match missing.is_empty() {
            true => Ok(crate::Provided::new(self.clone(), bindings)),
            false => Err(Unbound(missing)),
        }
    }
}

fn found<T: Clone>(
    bound: &HashMap<String, T>,
    kind: NameKind,
    names: &[String],
    missing: &mut Vec<(NameKind, String)>,
) -> Vec<T> {
    let mut all = Vec::with_capacity(names.len());
    for name in names {
        match bound.get(name) {
            Some(binding) => all.push(binding.clone()),
            None => missing.push((kind, name.clone())),
        }
    }
    all
}
