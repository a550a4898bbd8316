//! One call as the sandbox sees it: what was asked for, under which limits, and how it may end.

use std::any::Any;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::call::{Control, Input};
use crate::error::CallError;
use crate::limits::{Cpu, Limit, Limits};
use crate::link::Inner;
use crate::metered::{Nest, Watch};
use crate::outcome::Outcome;
use crate::pool::Live;
use crate::run::after;

/// All that one call needs.
pub(crate) struct Job {
    pub(crate) inner: Arc<Inner>,
    pub(crate) function: Cow<'static, str>,
    pub(crate) input: Input,
    pub(crate) state: Box<dyn Any + Send>,
    pub(crate) limits: Option<Box<Limits>>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) fuel: Option<u64>,
    pub(crate) control: Arc<Control>,
    pub(crate) nest: Option<Nest>,
    /// The caller's runtime, where host functions may need it on another thread.
    pub(crate) runtime: Option<tokio::runtime::Handle>,
    /// An instance that a session keeps.
    pub(crate) live: Option<Box<Live>>,
    /// Give the instance back to the session instead of to the pool.
    pub(crate) session: bool,
}

/// How a job ended, and its instance where a session wants it back.
pub(crate) struct Done {
    pub(crate) outcome: Outcome,
    pub(crate) live: Option<Box<Live>>,
}

/// How a call failed, and whether its instance is as good as before.
pub(crate) enum Ended {
    Unharmed(CallError),
    Broken(CallError),
}

impl From<CallError> for Ended {
    fn from(error: CallError) -> Self {
        Ended::Broken(error)
    }
}

impl Ended {
    pub(crate) fn into_error(self) -> CallError {
        match self {
            Ended::Unharmed(error) | Ended::Broken(error) => error,
        }
    }
}

impl Job {
    /// The limits in force: the call's own or the binding's, under the operator's ceilings.
    pub(crate) fn limits(&self) -> Cow<'_, Limits> {
        let limits = self.limits.as_deref().unwrap_or(&self.inner.limits);
        let config = &self.inner.module.core.config;
        let (memory, table) = (
            config.memory_bytes_ceiling,
            u64::from(config.table_elements_ceiling),
        );
        let fits = limits.memory_bytes_max <= memory && limits.table_elements_max <= table;
        if self.deadline.is_none() && fits {
            return Cow::Borrowed(limits);
        }
        let mut limits = limits.clone();
        limits.memory_bytes_max = limits.memory_bytes_max.min(memory);
        limits.table_elements_max = limits.table_elements_max.min(table);
        Cow::Owned(match self.deadline {
            Some(deadline) => limits.with_deadline(deadline),
            None => limits,
        })
    }

    pub(crate) fn watch(&self, limits: &Limits, begun: Instant) -> Watch {
        let deadline = after(begun, limits.deadline);
        let nest = self.nest.as_ref();
        Watch {
            core: self.inner.module.core.clone(),
            control: self.control.clone(),
            begun,
            deadline: nest.map_or(deadline, |n| n.deadline.min(deadline)),
            depth: nest.map_or(0, |n| n.depth.saturating_add(1)),
            held: nest.map_or(0, |n| n.held),
            weight: self.inner.module.core.weight(&self.inner),
            hosts: self.inner.imports,
            runtime: self.runtime.clone(),
        }
    }

    /// Remembers the runtime that this thread is in, for host functions that wait.
    pub(crate) fn find_runtime(&mut self) {
        if self.inner.waits {
            self.runtime = tokio::runtime::Handle::try_current().ok();
        }
    }

    /// Refuses what no instance is needed for to know.
    pub(crate) fn check(&self, limits: &Limits, watch: &Watch) -> Result<(), CallError> {
        let config = &self.inner.module.core.config;
        let input = self.input.len();
        if input > limits.input_bytes_max {
            return Err(CallError::limit(
                Limit::Input,
                input,
                limits.input_bytes_max,
            ));
        }
        if watch.depth > config.depth_max {
            return Err(CallError::limit(
                Limit::Depth,
                watch.depth.into(),
                config.depth_max.into(),
            ));
        }
        if self.inner.module.cpu == Cpu::Time && (self.fuel.is_some() || limits.fuel.is_some()) {
            let text = "fuel was asked for, the module was loaded with `Cpu::Time`";
            return Err(CallError::Host(Arc::new(std::io::Error::other(text))));
        }
        if watch.core.is_closed() || watch.control.is_cancelled() {
            return Err(CallError::Cancelled);
        }
        Ok(())
    }

    /// Fuel for the call; none where time is the meter.
    pub(crate) fn fuel(&self, limits: &Limits) -> Option<u64> {
        match self.inner.module.cpu {
            Cpu::Time => None,
            Cpu::Fuel(default) => Some(self.fuel.or(limits.fuel).unwrap_or(default)),
        }
    }
}
