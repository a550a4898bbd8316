//! What the store of an instance carries: the caller's state, the ceilings, the counts.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use bytes::Bytes;
use wasmtime::{Memory, TypedFunc};

use crate::budget::Reserved;
use crate::call::Control;
use crate::error::{CallError, HostError};
use crate::limits::{Limit, Limits};
use crate::text::clean;

/// Bytes of log that are kept for an error's report.
const TAIL_BYTES_MAX: usize = 2048;
/// Bytes of one line in the host's log.
const LINE_CHARS_MAX: usize = 1024;

pub struct State {
    /// The caller's state, as the binding's `S`.
    pub(crate) user: Box<dyn Any + Send>,
    pub(crate) module: Arc<str>,
    pub(crate) limiter: Limiter,
    pub(crate) control: Arc<Control>,
    pub(crate) counts: Counts,
    /// The guest's memory and allocator for host functions, once it is there.
    pub(crate) memory: Option<Memory>,
    pub(crate) alloc: Option<TypedFunc<i32, i32>>,
    /// The guest's `alloc` is running: a host function called from it may not call it again.
    pub(crate) in_alloc: bool,
    /// All the fuel that was ever given to the call under way; the sum of what several functions gave may be more
    /// than the engine can hold.
    pub(crate) fuel_given: u128,
    /// Fuel taken for the host's work, which the engine does not know of.
    pub(crate) fuel_debt: u64,
    /// When the call began, and when it must be over.
    pub(crate) clock: Option<(Instant, Instant)>,
    pub(crate) log: Log,
    /// For the message of a stack overflow.
    pub(crate) stack_bytes_max: u64,
    pub(crate) wasi: crate::wasi::WasiState,
}

/// Counted against the call's limits.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) host_calls: u64,
    pub(crate) host_calls_max: u64,
    pub(crate) output_bytes_max: u64,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State")
            .field("module", &self.module)
            .finish_non_exhaustive()
    }
}

impl State {
    pub(crate) fn new(module: Arc<str>, reserved: Reserved, stack_bytes_max: usize) -> State {
        State {
            user: Box::new(()),
            module,
            limiter: Limiter::new(reserved),
            control: Arc::default(),
            counts: Counts::default(),
            memory: None,
            alloc: None,
            in_alloc: false,
            fuel_given: 0,
            fuel_debt: 0,
            clock: None,
            log: Log::default(),
            stack_bytes_max: stack_bytes_max as u64,
            wasi: crate::wasi::WasiState::new([0; 32]),
        }
    }

    /// Puts a call's state and ceilings on; an instance that is used again starts its counts anew.
    pub(crate) fn begin(&mut self, limits: &Limits, watch: &crate::metered::Watch) {
        self.control = watch.control.clone();
        self.clock = Some((watch.begun, watch.deadline));
        // What an earlier call left when it ended in the middle.
        self.in_alloc = false;
        self.fuel_debt = 0;
        self.control.in_host.store(false, Ordering::Relaxed);
        self.counts = Counts {
            host_calls: 0,
            host_calls_max: limits.host_calls_max,
            output_bytes_max: limits.output_bytes_max,
        };
        self.log.begin(limits.log_bytes_max);
        self.limiter.begin(limits);
    }

    /// Ends a call that is late or cancelled, where no yield of the engine's can be relied on.
    pub(crate) fn check_clock(&self) -> Result<(), HostError> {
        if self.control.is_cancelled() {
            return Err(HostError(CallError::Cancelled));
        }
        let now = Instant::now();
        match self.clock {
            Some((begun, deadline)) if now >= deadline => {
                Err(HostError(crate::ending::late(begun, deadline, now)))
            }
            _ => Ok(()),
        }
    }

    /// Counts one call from the guest to the host.
    pub(crate) fn count_host_call(&mut self) -> Result<(), HostError> {
        self.counts.host_calls += 1;
        let Counts {
            host_calls,
            host_calls_max,
            ..
        } = self.counts;
        if host_calls > host_calls_max {
            return Err(HostError(CallError::limit(
                Limit::HostCalls,
                host_calls,
                host_calls_max,
            )));
        }
        Ok(())
    }
}

/// What a guest says: to the host's log while its allowance lasts, and its last words for an error's report.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) bytes: u64,
    pub(crate) bytes_max: u64,
    tail: Vec<u8>,
}

/// How grave a guest thinks its message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

impl Log {
    fn begin(&mut self, bytes_max: u64) {
        self.bytes = 0;
        self.bytes_max = bytes_max;
        self.tail.clear();
    }

    /// Writes what the allowance leaves; the rest is counted and dropped.
    pub(crate) fn write(&mut self, module: &str, level: Level, text: &[u8]) {
        let left = self.bytes_max.saturating_sub(self.bytes);
        self.bytes = self.bytes.saturating_add(text.len() as u64);
        let allowed = usize::try_from(left).unwrap_or(usize::MAX).min(text.len());
        let Some(text) = text.get(..allowed).filter(|t| !t.is_empty()) else {
            return;
        };
        self.keep(text);
        match level {
            Level::Debug => {
                tracing::debug!(target: "wardian::guest", module, text = %clean(text, LINE_CHARS_MAX))
            }
            Level::Info => {
                tracing::info!(target: "wardian::guest", module, text = %clean(text, LINE_CHARS_MAX))
            }
            Level::Warn => {
                tracing::warn!(target: "wardian::guest", module, text = %clean(text, LINE_CHARS_MAX))
            }
            Level::Error => {
                tracing::error!(target: "wardian::guest", module, text = %clean(text, LINE_CHARS_MAX))
            }
        }
    }

    fn keep(&mut self, text: &[u8]) {
        self.tail.extend_from_slice(
            text.get(text.len().saturating_sub(TAIL_BYTES_MAX)..)
                .unwrap_or(text),
        );
        let over = self.tail.len().saturating_sub(TAIL_BYTES_MAX);
        self.tail.drain(..over);
    }

    /// The last words, escaped.
    pub(crate) fn tail(&self) -> String {
        crate::text::clean_lines(&self.tail, TAIL_BYTES_MAX)
    }
}

/// Ceilings on memory and tables: of the call, and of the whole.
#[derive(Debug)]
pub(crate) struct Limiter {
    reserved: Reserved,
    memory_max: u64,
    memory: u64,
    pub(crate) memory_peak: u64,
    table_max: u64,
    table: u64,
    pub(crate) refusals: u32,
    /// The last refusal: which limit, asked, allowed.
    pub(crate) refused: Option<(Limit, u64, u64)>,
    /// Memory of this instance had the last growth been allowed.
    pub(crate) wanted: u64,
}

impl Limiter {
    fn new(reserved: Reserved) -> Limiter {
        Limiter {
            reserved,
            memory_max: 0,
            memory: 0,
            memory_peak: 0,
            table_max: 0,
            table: 0,
            refusals: 0,
            refused: None,
            wanted: 0,
        }
    }

    fn begin(&mut self, limits: &Limits) {
        self.memory_max = limits.memory_bytes_max;
        self.table_max = limits.table_elements_max;
        self.memory_peak = self.memory;
        self.refusals = 0;
        self.refused = None;
    }

    pub(crate) fn memory(&self) -> u64 {
        self.memory
    }

    fn refuse(&mut self, which: Limit, asked: u64, max: u64) -> wasmtime::Result<bool> {
        self.refusals = self.refusals.saturating_add(1);
        self.refused = Some((which, asked, max));
        Ok(false)
    }

    /// Whether the whole, not the call, was the reason of the last refusal.
    pub(crate) fn whole_is_full(&self) -> bool {
        matches!(self.refused, Some((Limit::MemoryTotal, ..)))
    }
}

/// Growth that was allowed is never taken back: the engine reports `memory_grow_failed` also for growths it never
/// asked about (beyond 4 GiB), so a guest could have an earlier, successful growth forgotten and pass its limit.
/// What is beyond the declared maximum is refused here first, so only the system's own refusals over-count.
impl wasmtime::ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        max: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if max.is_some_and(|max| desired > max) {
            return Ok(false);
        }
        let more = (desired as u64).saturating_sub(current as u64);
        let sum = self.memory.saturating_add(more);
        self.wanted = sum;
        if sum > self.memory_max {
            return self.refuse(Limit::Memory, sum, self.memory_max);
        }
        if !self.reserved.grow_to(sum) {
            let (used, max) = (self.reserved.used(), self.reserved.max());
            return self.refuse(Limit::MemoryTotal, used.saturating_add(more), max);
        }
        self.memory = sum;
        self.memory_peak = self.memory_peak.max(sum);
        Ok(true)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        max: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if max.is_some_and(|max| desired > max) {
            return Ok(false);
        }
        let more = (desired as u64).saturating_sub(current as u64);
        let sum = self.table.saturating_add(more);
        if sum > self.table_max {
            return self.refuse(Limit::Table, sum, self.table_max);
        }
        self.table = sum;
        Ok(true)
    }
}

/// An answer's bytes, taken from a region of the guest's memory.
pub(crate) fn region(memory: &[u8], ptr: u32, len: u32) -> Result<&[u8], CallError> {
    let start = ptr as usize;
    start
        .checked_add(len as usize)
        .and_then(|end| memory.get(start..end))
        .ok_or_else(|| outside("region", ptr, len, memory.len()))
}

pub(crate) fn outside(what: &str, ptr: u32, len: u32, memory: usize) -> CallError {
    CallError::Contract(format!(
        "{what} at {ptr} of {len} B lies outside its memory of {memory} B"
    ))
}

/// The host's answer to give to the guest, checked against the guest's address width.
pub(crate) fn len_i32(bytes: &Bytes) -> Result<i32, CallError> {
    let len = u32::try_from(bytes.len())
        .map_err(|_| CallError::limit(Limit::Input, bytes.len() as u64, u64::from(u32::MAX)))?;
    Ok(len.cast_signed())
}
