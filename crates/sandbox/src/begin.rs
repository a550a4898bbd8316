//! What comes before the guest's function: a place, a store, the ceilings, an instance brought to life.

use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::OwnedSemaphorePermit;
use wasmtime::{AsContextMut, Store};

use crate::budget::Reserved;
use crate::ending::{ending, stopped};
use crate::engine::Metering;
use crate::error::CallError;
use crate::job::Job;
use crate::limits::Limits;
use crate::link::{Inner, Isolation, Pre};
use crate::metered::{Stop, Watch};
use crate::pool::{Handles, Instance, Live, Place, slot, try_slot};
use crate::state::State;

/// Fuel after which a running guest yields, so that somebody looks at the clock: about 150 µs, of which the yield is one
/// part in a hundred.
const YIELD_FUEL: u64 = 400_000;
/// The same where the host answers the guest: that may take the host much longer than its fuel says.
const YIELD_FUEL_ANSWERED: u64 = 20_000;
/// Ticks that a store has which runs no guest yet: more than ever come.
const TICKS_UNWATCHED: u64 = 1 << 40;

/// A place in the module's own queue, and an instance: a kept one or a slot for a new one; and since when it is there.
pub(crate) async fn lease(
    inner: &Arc<Inner>,
    watch: &Watch,
) -> Result<(Box<Live>, Option<OwnedSemaphorePermit>, Instant), CallError> {
    let weight = if inner.isolation == Isolation::Pristine {
        inner.module.code.weight
    } else {
        1
    };
    let mut since = watch.begun;
    let permit = match inner.gate.try_enter(weight) {
        Some(permit) => permit,
        None => {
            let _waits = watch.core.counts.waits();
            let permit = Box::pin(inner.gate.enter(weight, watch, || false)).await?;
            since = Instant::now();
            permit
        }
    };
    watch.core.counts.checked_out();
    if let Some(live) = inner.kept.take() {
        return Ok((live, Some(permit), since));
    }
    let slot = match try_slot(inner) {
        Some(slot) => slot,
        None => {
            let slot = Box::pin(slot(inner, watch)).await?;
            since = Instant::now();
            slot
        }
    };
    Ok((Box::new(Live::new(inner, slot)), Some(permit), since))
}

impl Live {
    /// A store in a slot, without an instance yet.
    pub(crate) fn new(inner: &Inner, slot: OwnedSemaphorePermit) -> Live {
        let core = &inner.module.core;
        let state = State::new(
            inner.module.name.clone(),
            Reserved::nothing(&core.budget),
            core.config.engine.stack_bytes_max,
        );
        let mut store = match &inner.pre {
            Pre::Core(pre) => Store::new(pre.module().engine(), state),
            Pre::Component(pre) => Store::new(pre.engine(), state),
        };
        store.limiter(|state| &mut state.limiter);
        Live {
            store,
            instance: None,
            handles: Handles::default(),
            uses: 0,
            place: Place::new(core),
            _slot: slot,
        }
    }
}

/// Puts the ceilings on and, for a new instance, brings it to life. On failure the store comes along, for its counts.
pub(crate) async fn begin(
    mut live: Box<Live>,
    inner: &Inner,
    job: &mut Job,
    limits: &Limits,
    watch: &Watch,
) -> Result<Box<Live>, (Option<Box<Live>>, CallError)> {
    let fuel = job.fuel(limits);
    loop {
        live.uses += 1;
        live.store.data_mut().begin(limits, watch);
        live.store.data_mut().user = std::mem::replace(&mut job.state, Box::new(()));
        if let Err(error) = meter(&mut live.store, fuel) {
            return Err((Some(live), error));
        }
        if live.instance.is_some() {
            if fuel.is_none() {
                live.store.set_epoch_deadline(1);
            }
            return Ok(live);
        }
        let error = match instantiate(inner, &mut live, watch).await {
            Ok(()) => return Ok(live),
            Err(error) => error,
        };
        if !live.store.data().limiter.whole_is_full() {
            return Err((Some(live), error));
        }
        job.state = std::mem::replace(&mut live.store.data_mut().user, Box::new(()));
        live = Box::pin(wait_for_memory(inner, live, watch, error)).await?;
    }
}

/// The whole is at its ceiling: make room or wait, with the instance given back meanwhile. A nested call does not
/// wait, for it might be waiting for its own parents.
async fn wait_for_memory(
    inner: &Inner,
    live: Box<Live>,
    watch: &Watch,
    error: CallError,
) -> Result<Box<Live>, (Option<Box<Live>>, CallError)> {
    let budget = &watch.core.budget;
    let wanted = live.store.data().limiter.wanted;
    drop(live);
    if wanted > budget.max() {
        // It does not fit at all.
        return Err((None, error));
    }
    let too_late = |stop| match stop {
        Stop::Cancelled => (None, CallError::Cancelled),
        Stop::Deadline | Stop::Panicked => (None, CallError::Busy),
    };
    if let Some(stop) = watch.stop(Instant::now()) {
        return Err(too_late(stop));
    }
    let waiting = budget.line_up();
    loop {
        // Made before the look, so that what is given back after it is noticed.
        let freed = budget.freed();
        if budget.has_room(wanted) {
            break;
        }
        if watch.core.evict_kept() {
            continue;
        }
        if watch.depth > 0 {
            return Err((None, CallError::Busy));
        }
        let _waits = watch.core.counts.waits();
        watch.wait(freed).await.map_err(too_late)?;
    }
    drop(waiting);
    match slot(inner, watch).await {
        Ok(slot) => Ok(Box::new(Live::new(inner, slot))),
        Err(error) => Err((None, error)),
    }
}

/// Gives the store the call's fuel.
fn meter(store: &mut Store<State>, fuel: Option<u64>) -> Result<(), CallError> {
    let Some(fuel) = fuel else {
        // Until the store is made to yield, a passed deadline is a trap, and instantiating checks it too.
        store.set_epoch_deadline(TICKS_UNWATCHED);
        return Ok(());
    };
    store
        .set_fuel(fuel)
        .map_err(|e| CallError::Host(Arc::new(std::io::Error::other(format!("{e:#}")))))?;
    store.data_mut().fuel_given = fuel.into();
    Ok(())
}

/// From here on the guest yields now and then, and only asynchronous calls are possible.
fn make_interruptible(inner: &Inner, store: &mut Store<State>) -> Result<(), CallError> {
    let fuel = if inner.answered {
        YIELD_FUEL_ANSWERED
    } else {
        YIELD_FUEL
    };
    match inner.module.code.metering {
        Metering::Time => {
            store.epoch_deadline_async_yield_and_update(1);
            store.set_epoch_deadline(1);
            Ok(())
        }
        Metering::Fuel => store
            .fuel_async_yield_interval(Some(fuel))
            .map_err(|e| CallError::Host(Arc::new(std::io::Error::other(format!("{e:#}"))))),
    }
}

async fn instantiate(inner: &Inner, live: &mut Live, watch: &Watch) -> Result<(), CallError> {
    if inner.starts {
        make_interruptible(inner, &mut live.store)?;
    }
    let made = match &inner.pre {
        // No guest code runs: neither a fibre nor a watch is needed.
        Pre::Core(pre) if !inner.starts => Ok(pre.instantiate(&mut live.store).map(Instance::Core)),
        Pre::Core(pre) => watch
            .guest(Box::pin(pre.instantiate_async(&mut live.store)).as_mut())
            .await
            .map(|i| i.map(Instance::Core)),
        Pre::Component(pre) => watch
            .guest(Box::pin(pre.instantiate_async(&mut live.store)).as_mut())
            .await
            .map(|i| i.map(Instance::Component)),
    };
    let instance = match made {
        Ok(Ok(instance)) => instance,
        Ok(Err(error)) => return Err(ending(error, &mut live.store.as_context_mut())),
        Err(stop) => return Err(stopped(stop, watch)),
    };
    live.instance = Some(instance);
    if !inner.starts {
        make_interruptible(inner, &mut live.store)?;
    }
    match instance {
        Instance::Core(instance) => initialize(inner, live, instance, watch).await,
        Instance::Component(_) => Ok(()),
    }
}

/// Fetches what host functions need, and runs `_initialize`.
async fn initialize(
    inner: &Inner,
    live: &mut Live,
    instance: wasmtime::Instance,
    watch: &Watch,
) -> Result<(), CallError> {
    let Live { store, handles, .. } = live;
    if let Some(export) = &inner.exports.memory {
        handles.memory = instance
            .get_module_export(&mut *store, export)
            .and_then(wasmtime::Extern::into_memory);
        store.data_mut().memory = handles.memory;
    }
    if let Some(export) = &inner.exports.alloc {
        let alloc = instance
            .get_module_export(&mut *store, export)
            .and_then(wasmtime::Extern::into_func);
        handles.alloc = alloc.and_then(|f| f.typed::<i32, i32>(&*store).ok());
        if inner.imports {
            store.data_mut().alloc = handles.alloc.clone();
        }
    }
    let Some(export) = &inner.exports.initialize else {
        return Ok(());
    };
    let func = instance
        .get_module_export(&mut *store, export)
        .and_then(wasmtime::Extern::into_func);
    let Some(func) = func.and_then(|f| f.typed::<(), ()>(&*store).ok()) else {
        return Ok(());
    };
    let ended = watch.guest(pin!(func.call_async(&mut *store, ()))).await;
    match ended {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(ending(error, &mut store.as_context_mut())),
        Err(stop) => Err(stopped(stop, watch)),
    }
}
