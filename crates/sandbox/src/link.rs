//! A binding is four answers: contract, grants, lifetime, and what an error means; linking checks the first two.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use wasmtime::{ExternType, Linker, Store};

use crate::contract::{Contract, Problem, type_text};
use crate::error::LinkError;
use crate::exports::Exports;
use crate::imports::{Definition, Entry, EntryKind, Grants, Imports};
use crate::limits::{Cpu, Limit, Limits};
use crate::module::{Compiled, Module};
use crate::pool::{Gate, Kept};
use crate::state::State;
use crate::text::clean;

/// Problems that are named; the rest is counted.
const PROBLEMS_MAX: usize = 100;

/// How a module is to be used.
#[derive(Clone, Debug)]
pub struct Binding<S> {
    /// What it must export.
    pub contract: Contract,
    /// What it may import.
    pub imports: Imports<S>,
    /// Which of the imports' capabilities it has.
    pub grants: Grants,
    /// Limits of its calls; `None` takes the sandbox's.
    pub limits: Option<Limits>,
    /// How long an instance lives.
    pub isolation: Isolation,
}

impl Binding<()> {
    /// No imports, no grants, the sandbox's limits, a pristine instance for every call.
    pub fn new(contract: Contract) -> Binding<()> {
        Binding::with_imports(contract, Imports::new())
    }
}

impl<S: Send + 'static> Binding<S> {
    /// The same with host functions.
    pub fn with_imports(contract: Contract, imports: Imports<S>) -> Binding<S> {
        Binding {
            contract,
            imports,
            grants: Grants::none(),
            limits: None,
            isolation: Isolation::Pristine,
        }
    }
}

/// How long an instance lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// A call: memory is exactly as after initialisation, every time.
    Pristine,
    /// Many calls, one after the other; what one leaves in memory the next one sees. An instance whose call did not
    /// end well is never used again.
    Reused {
        /// Instances that stay however long they idle.
        min: u32,
        /// Instances at once, of this link.
        max: u32,
        /// Calls until an instance is replaced.
        uses_max: u64,
        /// How long one beyond `min` may idle.
        idle_max: Duration,
    },
}

/// A module linked for calls with the state `S`. Cloning shares it.
pub struct Linked<S> {
    pub(crate) inner: Arc<Inner>,
    state: PhantomData<fn(S)>,
}

impl<S> Clone for Linked<S> {
    fn clone(&self) -> Self {
        Linked {
            inner: self.inner.clone(),
            state: PhantomData,
        }
    }
}

impl<S> std::fmt::Debug for Linked<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Linked")
            .field("module", &self.inner.module)
            .finish_non_exhaustive()
    }
}

impl<S> Linked<S> {
    /// The module.
    pub fn module(&self) -> &Module {
        &self.inner.module
    }
}

/// What all calls of a link share.
pub(crate) struct Inner {
    pub(crate) module: Module,
    pub(crate) limits: Limits,
    pub(crate) isolation: Isolation,
    pub(crate) pre: Pre,
    /// Instantiating runs guest code or needs a fibre for another reason.
    pub(crate) starts: bool,
    /// Some host function may wait, and so may need the caller's runtime.
    pub(crate) waits: bool,
    /// Some host function answers, so that the guest may call it again and again.
    pub(crate) answered: bool,
    /// It calls the host at all.
    pub(crate) imports: bool,
    pub(crate) exports: Exports,
    /// A component's first functions, as calls name them.
    names: Vec<String>,
    pub(crate) gate: Gate,
    pub(crate) kept: Kept,
    pub(crate) metrics: crate::metrics::ModuleMetrics,
}

impl Inner {
    fn new<S>(
        module: &Module,
        binding: &Binding<S>,
        limits: Limits,
        pre: Pre,
        reach: Reach,
    ) -> Inner {
        let (exports, names, imports) = match &module.code.compiled {
            Compiled::Core(compiled) => (
                Exports::of(compiled, &binding.contract),
                Vec::new(),
                compiled.imports().len() > 0,
            ),
            Compiled::Component(compiled) => (
                Exports::default(),
                crate::component::functions(compiled),
                true,
            ),
        };
        let instances_max = module.core.config.module_instances_max;
        let instances = match binding.isolation {
            Isolation::Pristine => instances_max,
            Isolation::Reused { max, .. } => max.min(instances_max),
        };
        Inner {
            limits,
            isolation: binding.isolation,
            starts: module.code.has_start || reach.waits || matches!(pre, Pre::Component(_)),
            pre,
            waits: reach.waits,
            answered: reach.answered,
            imports,
            gate: Gate::new(
                instances.max(1).max(module.code.weight),
                module.core.config.module_waiters_max,
            ),
            kept: Kept::new(binding.isolation),
            metrics: crate::metrics::ModuleMetrics::new(
                &module.name,
                exports.names().chain(names.iter().map(String::as_str)),
            ),
            names,
            exports,
            module: module.clone(),
        }
    }

    /// Where a function stands among those that have metrics of their own.
    pub(crate) fn function_number(&self, name: &str) -> Option<usize> {
        match self.pre {
            Pre::Core(_) => self.exports.number(name),
            Pre::Component(_) => self.names.iter().position(|n| n == name),
        }
    }
}

pub(crate) enum Pre {
    Core(wasmtime::InstancePre<State>),
    Component(wasmtime::component::InstancePre<State>),
}

/// Links `module` for `binding`, or says everything that is in the way.
pub(crate) fn link<S: Send + 'static>(
    module: &Module,
    binding: &Binding<S>,
) -> Result<Linked<S>, LinkError> {
    let limits = binding
        .limits
        .clone()
        .unwrap_or_else(|| module.core.config.limits.clone());
    let mut problems = limit_problems(module, &limits);
    let mut reach = Reach::default();
    let pre = match &module.code.compiled {
        Compiled::Core(compiled) => {
            problems.extend(binding.contract.problems(compiled));
            link_core(module, compiled, binding, &mut problems, &mut reach).map(Pre::Core)
        }
        Compiled::Component(compiled) => {
            link_component(module, compiled, binding, &mut problems, &mut reach).map(Pre::Component)
        }
    };
    let pre = match pre {
        Some(pre) if problems.is_empty() => pre,
        _ => {
            return Err(LinkError {
                problems: bounded(problems),
            });
        }
    };
    let inner = Arc::new(Inner::new(module, binding, limits, pre, reach));
    if binding.isolation != Isolation::Pristine {
        module.core.remember(&inner);
    }
    Ok(Linked {
        inner,
        state: PhantomData,
    })
}

/// As many problems as somebody would read: a module may import ten thousand functions that are not there.
fn bounded(mut problems: Vec<Problem>) -> Vec<Problem> {
    let more = problems.len().saturating_sub(PROBLEMS_MAX);
    if more > 0 {
        problems.truncate(PROBLEMS_MAX);
        problems.push(Problem::Other(format!("and {more} more")));
    }
    problems
}

/// The binding's limits against the module's metering and the operator's ceilings.
fn limit_problems(module: &Module, limits: &Limits) -> Vec<Problem> {
    let mut problems = Vec::new();
    if limits.fuel.is_some() && module.cpu == Cpu::Time {
        problems.push(Problem::Limits(
            "limits ask for fuel, the module was loaded with `Cpu::Time`".into(),
        ));
    }
    let config = &module.core.config;
    let mut over = |which: Limit, asked: u64, max: u64| {
        if asked > max {
            let text = format!(
                "limits ask for {} of {}, the sandbox's ceiling is {}",
                which.show(asked),
                which.noun(),
                which.show(max)
            );
            problems.push(Problem::Limits(text));
        }
    };
    over(
        Limit::Memory,
        limits.memory_bytes_max,
        config.memory_bytes_ceiling,
    );
    over(
        Limit::Table,
        limits.table_elements_max,
        u64::from(config.table_elements_ceiling),
    );
    problems
}

/// The problem of an import whose capability was not granted.
fn ungranted<S>(entry: &Entry, binding: &Binding<S>, shown: &str) -> Option<Problem> {
    let capability = entry.needs.as_ref()?;
    (!binding.grants.has(capability)).then(|| Problem::Ungranted {
        name: shown.to_owned(),
        capability: capability.clone(),
    })
}

fn unknown_in_interface(name: String) -> Problem {
    Problem::UnknownImport {
        name,
        wanted: "a function of that interface".into(),
    }
}

/// What the host functions may do that a module imports.
#[derive(Clone, Copy, Default)]
struct Reach {
    waits: bool,
    answered: bool,
}

fn link_core<S: Send + 'static>(
    module: &Module,
    compiled: &wasmtime::Module,
    binding: &Binding<S>,
    problems: &mut Vec<Problem>,
    reach: &mut Reach,
) -> Option<wasmtime::InstancePre<State>> {
    let engine = compiled.engine();
    let mut linker = Linker::<State>::new(engine);
    let mut scratch = Store::new(engine, module.core.scratch_state());
    crate::offered::offer(&mut linker, compiled)
        .map_err(|e| problems.push(Problem::Other(format!("{e:#}"))))
        .ok()?;
    for import in compiled.imports() {
        let (from, name) = (import.module(), import.name());
        let shown = format!(
            "{}.{}",
            clean(from.as_bytes(), 128),
            clean(name.as_bytes(), 128)
        );
        let wanted = type_text(&import.ty());
        let entry = binding
            .imports
            .entries
            .iter()
            .find(|e| e.module == from && e.name == name);
        if let Some(entry) = entry {
            if let Some(problem) = ungranted(entry, binding, &shown) {
                problems.push(problem);
                continue;
            }
            reach.waits |= entry.kind == EntryKind::Waits;
            reach.answered |= entry.kind != EntryKind::Ends;
            // A module may import one function twice.
            if let Definition::Core(define) = &entry.define
                && linker.get(&mut scratch, from, name).is_err()
                && define(&mut linker, from, name).is_err()
            {
                let text = format!("import `{shown}` could not be defined");
                problems.push(Problem::Other(text));
            }
        }
        reach.answered |= entry.is_none() && !crate::offered::is_final(from, name);
        match linker
            .get(&mut scratch, from, name)
            .map(|found| found.ty(&scratch))
        {
            Err(_) => problems.push(Problem::UnknownImport {
                name: shown,
                wanted,
            }),
            Ok(found) if type_text(&found) != wanted || !matches!(found, ExternType::Func(_)) => {
                problems.push(Problem::MistypedImport {
                    name: shown,
                    found: type_text(&found),
                    wanted,
                });
            }
            Ok(_) => {}
        }
    }
    if !problems.is_empty() {
        return None;
    }
    linker
        .instantiate_pre(compiled)
        .map_err(|e| problems.push(Problem::Other(format!("{e:#}"))))
        .ok()
}

fn link_component<S: Send + 'static>(
    module: &Module,
    compiled: &wasmtime::component::Component,
    binding: &Binding<S>,
    problems: &mut Vec<Problem>,
    reach: &mut Reach,
) -> Option<wasmtime::component::InstancePre<State>> {
    let engine = compiled.engine();
    let mut linker = wasmtime::component::Linker::<State>::new(engine);
    let ty = compiled.component_type();
    for (interface, item) in ty.imports(engine) {
        let functions: Vec<String> = match item.ty {
            wasmtime::component::types::ComponentItem::ComponentInstance(instance) => instance
                .exports(engine)
                .map(|(name, _)| name.to_owned())
                .collect(),
            _ => vec![String::new()],
        };
        for function in functions {
            let shown = format!(
                "{}#{}",
                clean(interface.as_bytes(), 128),
                clean(function.as_bytes(), 128)
            );
            let entry = binding
                .imports
                .entries
                .iter()
                .find(|e| e.module == interface && e.name == function);
            let Some(entry) = entry else {
                problems.push(unknown_in_interface(shown));
                continue;
            };
            let Definition::Component(define) = &entry.define else {
                problems.push(unknown_in_interface(shown));
                continue;
            };
            if let Some(problem) = ungranted(entry, binding, &shown) {
                problems.push(problem);
                continue;
            }
            *reach = Reach {
                waits: true,
                answered: true,
            };
            let defined = linker
                .instance(interface)
                .and_then(|mut i| define(&mut i, &function));
            if let Err(error) = defined {
                problems.push(Problem::Other(format!("import `{shown}`: {error:#}")));
            }
        }
    }
    if !problems.is_empty() {
        return None;
    }
    let _ = module;
    linker
        .instantiate_pre(compiled)
        .map_err(|e| problems.push(Problem::Other(format!("{e:#}"))))
        .ok()
}
