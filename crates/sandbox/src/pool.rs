//! Waits for a slot, leases an instance, takes it back or throws it away.
//!
//! **In**: a linked module and a watch. **Out**: an instance to run one call on. **Never**: an instance whose last
//! call did not end well, or a call that waits for itself.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Wake, Waker};
use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::{Memory, Store, TypedFunc};

use crate::error::CallError;
use crate::link::{Inner, Isolation};
use crate::metered::{Stop, Watch};
use crate::sandbox::Core;
use crate::state::State;
use crate::timer::Armed;

/// Counts places and those who wait for one, first come, first served.
#[derive(Debug)]
pub(crate) struct Gate {
    slots: Arc<Semaphore>,
    capacity: u32,
    waiting: AtomicU32,
    waiters_max: u32,
    /// Slots that may be held by calls which wait for a nested call that waits here.
    blocked: AtomicU32,
}

impl Gate {
    pub(crate) fn new(capacity: u32, waiters_max: u32) -> Gate {
        Gate {
            slots: Arc::new(Semaphore::new(capacity as usize)),
            capacity,
            waiting: AtomicU32::new(0),
            waiters_max,
            blocked: AtomicU32::new(0),
        }
    }

    pub(crate) fn capacity(&self) -> u32 {
        self.capacity
    }

    pub(crate) fn in_use(&self) -> u32 {
        self.capacity
            - u32::try_from(self.slots.available_permits())
                .unwrap_or(0)
                .min(self.capacity)
    }

    pub(crate) fn waiting(&self) -> u32 {
        self.waiting.load(Ordering::Acquire)
    }

    pub(crate) fn try_enter(&self, weight: u32) -> Option<OwnedSemaphorePermit> {
        self.slots.clone().try_acquire_many_owned(weight).ok()
    }

    /// Waits for a place until the watch's deadline. A nested call that could only be waiting for its own parents is
    /// `Busy` at once. `make_room` gives up what idles, while there is any: it is asked after the call is counted as
    /// waiting, so that an instance which becomes idle later finds somebody waiting and is not kept.
    pub(crate) async fn enter(
        &self,
        weight: u32,
        watch: &Watch,
        make_room: impl Fn() -> bool,
    ) -> Result<OwnedSemaphorePermit, CallError> {
        let _waiter = Counted::add(&self.waiting, 1, self.waiters_max).ok_or(CallError::Busy)?;
        while make_room() {
            if let Some(permit) = self.try_enter(weight) {
                return Ok(permit);
            }
        }
        let room = self.capacity.saturating_sub(weight);
        let _blocked = Counted::add(&self.blocked, watch.held, room).ok_or(CallError::Busy)?;
        match watch
            .wait(self.slots.clone().acquire_many_owned(weight))
            .await
        {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(Stop::Cancelled) => Err(CallError::Cancelled),
            Err(Stop::Deadline | Stop::Panicked) => Err(CallError::Busy),
        }
    }

    /// Resolves when every place is free.
    pub(crate) async fn empty(&self) {
        drop(self.slots.acquire_many(self.capacity).await);
    }
}

/// A number that goes down again when dropped.
struct Counted<'a>(&'a AtomicU32, u32);

impl<'a> Counted<'a> {
    /// `None` if the sum would be above `max`.
    fn add(count: &'a AtomicU32, n: u32, max: u32) -> Option<Self> {
        let before = count.fetch_add(n, Ordering::AcqRel);
        let guard = Counted(count, n);
        (before.saturating_add(n) <= max).then_some(guard)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(self.1, Ordering::AcqRel);
    }
}

/// An instance and all that belongs to it. The store goes first when it is dropped: its slot in the engine's pool must
/// be free before the permit says so.
pub(crate) struct Live {
    pub(crate) store: Store<State>,
    pub(crate) instance: Option<Instance>,
    pub(crate) handles: Handles,
    pub(crate) uses: u64,
    pub(crate) place: Place,
    pub(crate) _slot: OwnedSemaphorePermit,
}

/// Counts an instance from when it has a slot until it is gone, however it goes: a call may be dropped at any moment.
pub(crate) struct Place {
    core: Arc<Core>,
    /// What it will have been recycled for.
    pub(crate) why: Recycled,
}

impl Place {
    pub(crate) fn new(core: &Arc<Core>) -> Place {
        core.counts.slot_taken();
        Place {
            core: core.clone(),
            why: Recycled::Failed,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.core.counts.recycled(self.why);
    }
}

#[derive(Clone, Copy)]
pub(crate) enum Instance {
    Core(wasmtime::Instance),
    Component(wasmtime::component::Instance),
}

/// A function of the packed contract: a region in, a packed region out.
type Packed = TypedFunc<(i32, i32), i64>;

/// Handles that were fetched already; a kept instance fetches each once.
#[derive(Default)]
pub(crate) struct Handles {
    pub(crate) memory: Option<Memory>,
    pub(crate) alloc: Option<TypedFunc<i32, i32>>,
    pub(crate) packed: Option<(usize, Packed)>,
    pub(crate) empty: Option<(usize, TypedFunc<(), ()>)>,
}

/// Why an instance was not used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recycled {
    Pristine,
    Failed,
    WornOut,
    Idle,
    Evicted,
}

impl Recycled {
    pub(crate) const ALL: [&'static str; 5] = ["pristine", "failed", "worn_out", "idle", "evicted"];
}

/// Counts of a sandbox's life, here and in the metrics.
pub(crate) struct PoolCounts {
    checkouts: AtomicU64,
    waits: AtomicU64,
    waiting: AtomicU32,
    recycles: [AtomicU64; 5],
    metrics: crate::metrics::PoolMetrics,
}

impl PoolCounts {
    pub(crate) fn new(size: u32) -> PoolCounts {
        let metrics = crate::metrics::PoolMetrics::new(Recycled::ALL);
        metrics.size.set(size);
        PoolCounts {
            checkouts: AtomicU64::new(0),
            waits: AtomicU64::new(0),
            waiting: AtomicU32::new(0),
            recycles: Default::default(),
            metrics,
        }
    }

    pub(crate) fn checked_out(&self) {
        self.checkouts.fetch_add(1, Ordering::Relaxed);
        self.metrics.checkouts.increment(1);
    }

    /// Counts a call that has to wait, and that it waits until what comes back is dropped.
    pub(crate) fn waits(&self) -> impl Drop + '_ {
        self.waiting.fetch_add(1, Ordering::AcqRel);
        self.waits.fetch_add(1, Ordering::Relaxed);
        self.metrics.waits.increment(1);
        Counted(&self.waiting, 1)
    }

    /// Calls that wait: for a place of their module, for a slot, for memory.
    pub(crate) fn waiting(&self) -> u32 {
        self.waiting.load(Ordering::Acquire)
    }

    fn slot_taken(&self) {
        self.metrics.in_use.increment(1);
    }

    fn recycled(&self, why: Recycled) {
        let at = why as usize;
        self.recycles.get(at).into_iter().for_each(|c| {
            c.fetch_add(1, Ordering::Relaxed);
        });
        self.metrics
            .recycles
            .get(at)
            .into_iter()
            .for_each(|c| c.increment(1));
        self.metrics.in_use.decrement(1);
    }

    /// Checkouts, waits, and recycles by reason.
    pub(crate) fn read(&self) -> (u64, u64, [u64; 5]) {
        let load = |c: &AtomicU64| c.load(Ordering::Relaxed);
        (
            load(&self.checkouts),
            load(&self.waits),
            self.recycles.each_ref().map(load),
        )
    }
}

/// The instances of one link that wait for their next call.
pub(crate) struct Kept {
    isolation: Isolation,
    idle: Mutex<Idle>,
}

#[derive(Default)]
struct Idle {
    /// Oldest first.
    lives: Vec<(Instant, Box<Live>)>,
    /// The next look at who idles too long.
    look: Option<Armed>,
}

impl Kept {
    pub(crate) fn new(isolation: Isolation) -> Kept {
        Kept {
            isolation,
            idle: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The one that was used last: its pages are the warmest.
    pub(crate) fn take(&self) -> Option<Box<Live>> {
        if self.isolation == Isolation::Pristine {
            return None;
        }
        let mut live = self.lock().lives.pop().map(|(_, live)| live)?;
        live.place.why = Recycled::Failed;
        Some(live)
    }

    /// Drops the one that idles longest.
    pub(crate) fn evict(&self) -> bool {
        let mut idle = self.lock();
        let oldest = if idle.lives.is_empty() {
            None
        } else {
            Some(idle.lives.remove(0))
        };
        drop(idle);
        oldest.is_some()
    }

    pub(crate) fn clear(&self) {
        let all = std::mem::take(&mut *self.lock());
        drop(all);
    }
}

/// Takes an instance back whose call ended well, or drops it.
pub(crate) fn put_back(inner: &Arc<Inner>, mut live: Box<Live>) {
    let core = &inner.module.core;
    let Isolation::Reused {
        uses_max, idle_max, ..
    } = inner.isolation
    else {
        live.place.why = Recycled::Pristine;
        return;
    };
    if live.uses >= uses_max {
        live.place.why = Recycled::WornOut;
        return;
    }
    live.place.why = Recycled::Evicted;
    let now = Instant::now();
    let mut idle = inner.kept.lock();
    idle.lives.push((now, live));
    if idle.look.is_none()
        && let Some(when) = now.checked_add(idle_max)
    {
        let waker = Waker::from(Arc::new(Look(Arc::downgrade(inner))));
        idle.look = Some(core.timer.arm(when, waker));
    }
    drop(idle);
    // Looked at after it lies there: whoever began to wait before has not seen it.
    if core.gate.waiting() > 0 || core.budget.is_awaited() || core.is_closed() {
        inner.kept.evict();
    }
}

/// Looks for instances that idle too long; woken by the timer.
struct Look(Weak<Inner>);

impl Wake for Look {
    fn wake(self: Arc<Self>) {
        let Some(inner) = self.0.upgrade() else {
            return;
        };
        let Isolation::Reused { min, idle_max, .. } = inner.isolation else {
            return;
        };
        let now = Instant::now();
        let mut idle = inner.kept.lock();
        idle.look = None;
        let beyond = idle.lives.len().saturating_sub(min as usize);
        let tired = idle
            .lives
            .iter()
            .take(beyond)
            .take_while(|(since, _)| now.saturating_duration_since(*since) >= idle_max)
            .count();
        let mut gone: Vec<_> = idle.lives.drain(..tired).collect();
        let next = if idle.lives.len() > min as usize {
            idle.lives
                .first()
                .and_then(|(since, _)| since.checked_add(idle_max))
        } else {
            None
        };
        if let Some(when) = next {
            idle.look = Some(
                inner
                    .module
                    .core
                    .timer
                    .arm(when.max(now), Waker::from(self.clone())),
            );
        }
        drop(idle);
        gone.iter_mut()
            .for_each(|(_, live)| live.place.why = Recycled::Idle);
    }
}

/// A slot of the whole sandbox, if one is free.
pub(crate) fn try_slot(inner: &Inner) -> Option<OwnedSemaphorePermit> {
    let core = &inner.module.core;
    core.gate.try_enter(core.weight(inner))
}

/// A slot of the whole sandbox; kept instances of others make room before anybody waits.
pub(crate) async fn slot(inner: &Inner, watch: &Watch) -> Result<OwnedSemaphorePermit, CallError> {
    let core = &inner.module.core;
    let weight = core.weight(inner);
    loop {
        if let Some(permit) = try_slot(inner) {
            return Ok(permit);
        }
        if !core.evict_kept() {
            let _waits = core.counts.waits();
            return core.gate.enter(weight, watch, || core.evict_kept()).await;
        }
    }
}
