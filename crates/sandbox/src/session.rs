//! One instance kept open: raw calls one after the other, with the guest's memory in reach between them.

use std::future::poll_fn;

use bytes::Bytes;

use crate::call::Call;
use crate::drive::{Calling, job, run_blocking};
use crate::error::CallError;
use crate::job::{Done, Job};
use crate::link::Linked;
use crate::outcome::Outcome;
use crate::pool::Live;
use crate::state::region;

/// An instance of its own, for as long as it is kept; the first call makes it. After a call that did not end well the
/// instance is gone and the next call makes a new one, with nothing of the old one in it.
///
/// ```
/// use wardian_sandbox::{Binding, Call, Contract, Sandbox, SandboxConfig, Source, Value};
/// # let sandbox = Sandbox::new(SandboxConfig::default())?;
/// let wasm = wat::parse_str(r#"(module (global $n (mut i32) (i32.const 0))
///     (func (export "next") (result i32)
///         global.get $n i32.const 1 i32.add global.set $n global.get $n))"#)?;
/// let counter = sandbox.load_blocking(Source::new("counter", wasm))?.link(&Binding::new(Contract::raw()))?;
/// let mut session = counter.session();
/// assert_eq!(session.call_blocking(Call::values("next", [])).result?.values(), [Value::I32(1)]);
/// assert_eq!(session.call_blocking(Call::values("next", [])).result?.values(), [Value::I32(2)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Session<S> {
    linked: Linked<S>,
    pub(crate) live: Option<Box<Live>>,
    more_fuel: u64,
}

impl<S> std::fmt::Debug for Session<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("linked", &self.linked)
            .field("open", &self.live.is_some())
            .finish()
    }
}

impl<S: Send + 'static> Linked<S> {
    /// An instance of its own.
    pub fn session(&self) -> Session<S> {
        Session {
            linked: self.clone(),
            live: None,
            more_fuel: 0,
        }
    }
}

impl<S: Send + 'static> Session<S> {
    fn job(&mut self, mut call: Call<S>) -> Job {
        let more = std::mem::take(&mut self.more_fuel);
        if more > 0 {
            let own = self.linked.inner.limits.fuel;
            let base = call
                .fuel
                .or(call.limits.as_ref().and_then(|l| l.fuel))
                .or(own);
            let base = base.or(match self.linked.module().cpu {
                crate::limits::Cpu::Fuel(n) => Some(n),
                crate::limits::Cpu::Time => None,
            });
            call.fuel = base.map(|base| base.saturating_add(more));
        }
        let mut job = job(&self.linked, call);
        job.live = self.live.take();
        job.session = true;
        job
    }

    /// Calls a function of the instance. Dropping the future ends the guest and the instance.
    pub async fn call(&mut self, call: Call<S>) -> Outcome {
        let mut calling = Calling::new(self.job(call));
        let Done { outcome, live } = poll_fn(|cx| calling.poll_done(cx)).await;
        self.live = live;
        outcome
    }

    /// The same on the caller's own thread, which it blocks.
    pub fn call_blocking(&mut self, call: Call<S>) -> Outcome {
        let job = self.job(call);
        let Done { outcome, live } = run_blocking(job);
        self.live = live;
        outcome
    }

    /// Whether there is an instance: a call was made, and the last one ended well.
    pub fn is_open(&self) -> bool {
        self.live.is_some()
    }

    /// Fuel that the last call left; `None` without an instance, or where time is the meter.
    pub fn fuel_remaining(&self) -> Option<u64> {
        let live = self.live.as_ref()?;
        let left = live.store.get_fuel().ok()?;
        Some(left.saturating_sub(live.store.data().fuel_debt))
    }

    /// Adds to the fuel of the next call.
    pub fn add_fuel(&mut self, fuel: u64) {
        self.more_fuel = self.more_fuel.saturating_add(fuel);
    }

    /// Copies a region of the instance's memory out.
    pub fn read_bytes(&self, ptr: u32, len: u32) -> Result<Bytes, CallError> {
        let live = self.live.as_ref().ok_or_else(closed)?;
        let memory = live.handles.memory.ok_or_else(no_memory)?;
        let max = self.linked.inner.limits.output_bytes_max;
        crate::host::check_output(len.into(), max)?;
        region(memory.data(&live.store), ptr, len).map(Bytes::copy_from_slice)
    }

    /// Writes into the instance's memory, all of it or nothing.
    pub fn write_bytes_at(&mut self, ptr: u32, bytes: &[u8]) -> Result<(), CallError> {
        let live = self.live.as_mut().ok_or_else(closed)?;
        let memory = live.handles.memory.ok_or_else(no_memory)?;
        let data = memory.data_mut(&mut live.store);
        let size = data.len();
        let target = (ptr as usize)
            .checked_add(bytes.len())
            .and_then(|end| data.get_mut(ptr as usize..end));
        let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        target
            .ok_or_else(|| crate::state::outside("region", ptr, len, size))?
            .copy_from_slice(bytes);
        Ok(())
    }
}

fn closed() -> CallError {
    CallError::Contract(
        "the session has no instance: no call was made, or the last one failed".into(),
    )
}

fn no_memory() -> CallError {
    CallError::Contract("export `memory` is missing".into())
}
