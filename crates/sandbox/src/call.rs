//! What a caller says: one function, its input, its limits, its state; and the handle by which a call is reached
//! while it runs.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use atomic_waker::AtomicWaker;
use bytes::Bytes;

use crate::limits::Limits;
use crate::value::Value;

/// One call, not yet made.
///
/// ```
/// use std::time::Duration;
/// use wardian_sandbox::{Call, CallHandle};
/// let handle = CallHandle::new();
/// let call = Call::bytes("eval", "{}").deadline(Duration::from_millis(10)).handle(&handle);
/// # drop(call);
/// ```
#[derive(Debug)]
pub struct Call<S> {
    pub(crate) function: Cow<'static, str>,
    pub(crate) input: Input,
    pub(crate) state: S,
    pub(crate) limits: Option<Box<Limits>>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) fuel: Option<u64>,
    pub(crate) handle: Option<CallHandle>,
}

/// What goes in.
#[derive(Debug)]
pub(crate) enum Input {
    /// Regions that the guest's `alloc` gives; each becomes a pointer and a length.
    Bytes(Bytes),
    Values(Vec<Value>),
}

impl Input {
    pub(crate) fn len(&self) -> u64 {
        match self {
            Input::Bytes(bytes) => bytes.len() as u64,
            Input::Values(values) => values.iter().map(size_of_value).sum(),
        }
    }
}

pub(crate) fn size_of_value(value: &Value) -> u64 {
    match value {
        Value::String(v) | Value::Enum(v) => v.len() as u64,
        Value::Bytes(v) => v.len() as u64,
        Value::List(v) | Value::Tuple(v) => v.iter().map(size_of_value).sum(),
        Value::Record(v) => v
            .iter()
            .map(|(k, v)| k.len() as u64 + size_of_value(v))
            .sum(),
        Value::Flags(v) => v.iter().map(|k| k.len() as u64).sum(),
        Value::Variant(_, Some(v))
        | Value::Option(Some(v))
        | Value::Result(Ok(Some(v)) | Err(Some(v))) => size_of_value(v),
        _ => 8,
    }
}

impl Call<()> {
    /// Calls `function(ptr, len) -> packed`: the input is written where the guest's `alloc` says, the answer is read
    /// from where the packed result says. On a component: `function(list<u8>) -> list<u8>`.
    pub fn bytes(function: impl Into<Cow<'static, str>>, input: impl Into<Bytes>) -> Call<()> {
        Call::new(function.into(), Input::Bytes(input.into()))
    }

    /// Calls `function` with values as they are.
    pub fn values(
        function: impl Into<Cow<'static, str>>,
        values: impl Into<Vec<Value>>,
    ) -> Call<()> {
        Call::new(function.into(), Input::Values(values.into()))
    }

    fn new(function: Cow<'static, str>, input: Input) -> Call<()> {
        Call {
            function,
            input,
            state: (),
            limits: None,
            deadline: None,
            fuel: None,
            handle: None,
        }
    }
}

impl<S> Call<S> {
    /// What the host functions see in this call.
    pub fn state<T>(self, state: T) -> Call<T> {
        let Call {
            function,
            input,
            limits,
            deadline,
            fuel,
            handle,
            ..
        } = self;
        Call {
            function,
            input,
            state,
            limits,
            deadline,
            fuel,
            handle,
        }
    }

    /// Limits of this call instead of the binding's.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = Some(Box::new(limits));
        self
    }

    /// The deadline of this call; the hard one moves along.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// The fuel of this call. A module metered by time refuses it.
    pub fn fuel(mut self, fuel: u64) -> Self {
        self.fuel = Some(fuel);
        self
    }

    /// Reaches the call while it runs.
    pub fn handle(mut self, handle: &CallHandle) -> Self {
        self.handle = Some(handle.clone());
        self
    }
}

/// Reaches a call while it runs, from any thread. For one call; a handle that was cancelled stays so.
#[derive(Clone, Debug, Default)]
pub struct CallHandle {
    pub(crate) control: Arc<Control>,
}

impl CallHandle {
    /// A handle to give to [`Call::handle`].
    pub fn new() -> CallHandle {
        CallHandle::default()
    }

    /// Ends the call, wherever it is: running, waiting in a host function, or queueing.
    pub fn cancel(&self) {
        self.control.cancel();
    }

    /// Adds fuel to the running call; it is collected when the guest next calls the host.
    pub fn add_fuel(&self, fuel: u64) {
        let add = |old: u64| Some(old.saturating_add(fuel));
        let _ = self
            .control
            .more_fuel
            .fetch_update(Ordering::AcqRel, Ordering::Relaxed, add);
    }
}

/// Shared by a running call and whoever may reach it.
#[derive(Debug, Default)]
pub(crate) struct Control {
    cancelled: AtomicBool,
    pub(crate) more_fuel: AtomicU64,
    /// The guest waits in a host function: not busy, so nobody looks at its clock until it is woken.
    pub(crate) in_host: AtomicBool,
    pub(crate) waker: AtomicWaker,
    /// The call from whose host function this one was made: what ends it ends this one.
    parent: OnceLock<Arc<Control>>,
}

impl Control {
    pub(crate) fn cancel(&self) {
        self.cancelled.store(true, Ordering::Release);
        self.waker.wake();
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
            || self
                .parent
                .get()
                .is_some_and(|parent| parent.is_cancelled())
    }

    /// Says within which call this one is made.
    pub(crate) fn nest_in(&self, parent: &Arc<Control>) {
        // A handle that is used for two calls must not make a circle.
        if !parent.is_within(self) {
            let _ = self.parent.set(parent.clone());
        }
    }

    fn is_within(&self, other: &Control) -> bool {
        std::ptr::eq(self, other) || self.parent.get().is_some_and(|p| p.is_within(other))
    }

    pub(crate) fn parent(&self) -> Option<&Arc<Control>> {
        self.parent.get()
    }

    /// Fuel added from outside since the last look.
    pub(crate) fn take_fuel(&self) -> u64 {
        if self.more_fuel.load(Ordering::Relaxed) == 0 {
            return 0;
        }
        self.more_fuel.swap(0, Ordering::AcqRel)
    }
}
