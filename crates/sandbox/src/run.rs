//! One call: ceilings on, bytes in, the guest runs, bytes out, the ending named.
//!
//! **In**: a job with its input. **Out**: an outcome, and the instance if it may be used again. **Never**: a pointer of
//! the guest's that was not checked, or an ending without a name.

use std::any::Any;
use std::borrow::Cow;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;
use wasmtime::{AsContextMut, Store, StoreContextMut, TypedFunc, Val};

use crate::budget::Reserved;
use crate::call::{Control, Input};
use crate::component;
use crate::engine::Metering;
use crate::error::{CallError, HostError};
use crate::host::check_output;
use crate::limits::{Cpu, Limit, Limits};
use crate::link::{Inner, Isolation, Pre, Shape};
use crate::metered::{Nest, Stop, Watch};
use crate::outcome::{Answer, Outcome, Usage};
use crate::pool::{Handles, Instance, Live, Place, Recycled, put_back, slot};
use crate::state::{Limiter, State, len_i32, region};
use crate::text::clean;
use crate::threads::{Room, room};
use crate::trap::{Trap, TrapKind};
use crate::value::Value;

/// Fuel after which a running guest yields, so that somebody looks at the clock: some tens of microseconds.
const YIELD_FUEL: u64 = 100_000;
/// The same where the guest calls the host: a call may take the host much longer than its fuel says.
const YIELD_FUEL_WITH_IMPORTS: u64 = 20_000;
/// Ticks that a store has which runs no guest yet: more than ever come.
const TICKS_UNWATCHED: u64 = 1 << 40;
/// More bytes than this are not copied on a thread of the caller's runtime.
pub(crate) const INLINE_BYTES_MAX: usize = 256 * 1024;

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
    pub(crate) begun: Instant,
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
    fn into_error(self) -> CallError {
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

    fn watch(&self, limits: &Limits) -> Watch {
        let deadline = after(self.begun, limits.deadline);
        let nest = self.nest.as_ref();
        Watch {
            core: self.inner.module.core.clone(),
            control: self.control.clone(),
            begun: self.begun,
            deadline: nest.map_or(deadline, |n| n.deadline.min(deadline)),
            depth: nest.map_or(0, |n| n.depth.saturating_add(1)),
            held: nest.map_or(0, |n| n.held),
            weight: self.inner.module.core.weight(&self.inner),
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
    fn check(&self, limits: &Limits, watch: &Watch) -> Result<(), CallError> {
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
    fn fuel(&self, limits: &Limits) -> Option<u64> {
        match self.inner.module.cpu {
            Cpu::Time => None,
            Cpu::Fuel(default) => Some(self.fuel.or(limits.fuel).unwrap_or(default)),
        }
    }
}

/// Runs a job to its end.
pub(crate) async fn run(mut job: Job) -> Done {
    let inner = job.inner.clone();
    let limits = job.limits().into_owned();
    let watch = job.watch(&limits);
    let mut usage = Usage {
        bytes_in: job.input.len(),
        fuel: job.fuel(&limits).map(|_| 0),
        ..Usage::default()
    };
    let untold = Untold::new(&inner, &job.function, &watch);
    if let Err(error) = job.check(&limits, &watch) {
        let live = job.live.take();
        return Done {
            outcome: untold.finish(Err(error), usage),
            live,
        };
    }
    let leased = match job.live.take() {
        Some(live) => Ok((live, None)),
        None => lease(&inner, &watch).await,
    };
    let (mut live, permit) = match leased {
        Ok(leased) => leased,
        Err(error) => {
            return Done {
                outcome: untold.finish(Err(error), usage),
                live: None,
            };
        }
    };
    let guest_begun = Instant::now();
    let _ticking =
        (inner.module.code.metering == Metering::Time).then(|| watch.core.ticker.enter());
    live = match begin(live, &mut job, &limits, &watch).await {
        Ok(live) => live,
        Err((live, error)) => {
            if let Some(live) = &live {
                read_usage(live, &mut usage, guest_begun);
            }
            drop(live);
            return Done {
                outcome: untold.finish(Err(error), usage),
                live: None,
            };
        }
    };
    let input = std::mem::replace(&mut job.input, Input::Values(Vec::new()));
    let result = call(&inner, &mut live, &watch, &job.function, input).await;
    let result = result.and_then(|answer| paid(&live, answer));
    if let Ok(Answer::Bytes(bytes)) = &result {
        usage.bytes_out = bytes.len() as u64;
    }
    read_usage(&live, &mut usage, guest_begun);
    let live = hand_back(&inner, live, &result, job.session);
    drop(permit);
    Done {
        outcome: untold.finish(result.map_err(Ended::into_error), usage),
        live,
    }
}

/// A place in the module's own queue, and an instance: a kept one or a slot for a new one.
async fn lease(
    inner: &Arc<Inner>,
    watch: &Watch,
) -> Result<(Box<Live>, Option<OwnedSemaphorePermit>), CallError> {
    let weight = if inner.isolation == Isolation::Pristine {
        inner.module.code.weight
    } else {
        1
    };
    let permit = match inner.gate.try_enter(weight) {
        Some(permit) => permit,
        None => {
            let _waits = watch.core.counts.waits();
            inner.gate.enter(weight, watch, || false).await?
        }
    };
    watch.core.counts.checked_out();
    if let Some(live) = inner.kept.take() {
        return Ok((live, Some(permit)));
    }
    let slot = slot(inner, watch).await?;
    Ok((Box::new(Live::new(inner, slot)), Some(permit)))
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
async fn begin(
    mut live: Box<Live>,
    job: &mut Job,
    limits: &Limits,
    watch: &Watch,
) -> Result<Box<Live>, (Option<Box<Live>>, CallError)> {
    let inner = job.inner.clone();
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
        let error = match instantiate(&inner, &mut live, watch).await {
            Ok(()) => return Ok(live),
            Err(error) => error,
        };
        if !live.store.data().limiter.whole_is_full() {
            return Err((Some(live), error));
        }
        job.state = std::mem::replace(&mut live.store.data_mut().user, Box::new(()));
        live = wait_for_memory(&inner, live, watch, error).await?;
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
    let fuel = if inner.imports {
        YIELD_FUEL_WITH_IMPORTS
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
            .guest(pre.instantiate_async(&mut live.store))
            .await
            .map(|i| i.map(Instance::Core)),
        Pre::Component(pre) => watch
            .guest(pre.instantiate_async(&mut live.store))
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
        store.data_mut().alloc = alloc.and_then(|f| f.typed::<i32, i32>(&*store).ok());
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
    match watch.guest(func.call_async(&mut *store, ())).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(ending(error, &mut store.as_context_mut())),
        Err(stop) => Err(stopped(stop, watch)),
    }
}

async fn call(
    inner: &Inner,
    live: &mut Live,
    watch: &Watch,
    function: &str,
    input: Input,
) -> Result<Answer, Ended> {
    match live.instance {
        Some(Instance::Core(instance)) => {
            call_core(inner, live, instance, watch, function, input).await
        }
        Some(Instance::Component(instance)) => {
            component::call(instance, &mut live.store, watch, function, input).await
        }
        None => Err(Ended::Broken(
            crate::bug::bug!("call without an instance").0,
        )),
    }
}

async fn call_core(
    inner: &Inner,
    live: &mut Live,
    instance: wasmtime::Instance,
    watch: &Watch,
    function: &str,
    input: Input,
) -> Result<Answer, Ended> {
    let (number, found) = inner
        .exports
        .function(function)
        .ok_or_else(|| Ended::Unharmed(CallError::Contract(no_function(function))))?;
    match (input, found.shape) {
        (Input::Bytes(bytes), Shape::Packed) => {
            let func = match &live.handles.packed {
                Some((n, func)) if *n == number => func.clone(),
                _ => {
                    let func = typed(live, instance, found.export)?;
                    live.handles.packed.insert((number, func)).1.clone()
                }
            };
            call_packed(live, watch, func, bytes).await
        }
        (Input::Bytes(_), _) => {
            let shown = clean(function.as_bytes(), 256);
            Err(Ended::Unharmed(CallError::Contract(format!(
                "`{shown}` is not `(i32, i32) -> i64`"
            ))))
        }
        (Input::Values(values), Shape::Empty) if values.is_empty() => {
            let func = match &live.handles.empty {
                Some((n, func)) if *n == number => func.clone(),
                _ => {
                    let func = typed(live, instance, found.export)?;
                    live.handles.empty.insert((number, func)).1.clone()
                }
            };
            match watch.guest(func.call_async(&mut live.store, ())).await {
                Ok(Ok(())) => Ok(Answer::Values(Vec::new())),
                Ok(Err(error)) => Err(ending(error, &mut live.store.as_context_mut()).into()),
                Err(stop) => Err(stopped(stop, watch).into()),
            }
        }
        (Input::Values(values), _) => {
            call_values(live, instance, watch, found, function, &values).await
        }
    }
}

fn typed<P: wasmtime::WasmParams, R: wasmtime::WasmResults>(
    live: &mut Live,
    instance: wasmtime::Instance,
    export: wasmtime::ModuleExport,
) -> Result<TypedFunc<P, R>, CallError> {
    instance
        .get_module_export(&mut live.store, &export)
        .and_then(wasmtime::Extern::into_func)
        .and_then(|f| f.typed(&live.store).ok())
        .ok_or_else(|| crate::bug::bug!("an export changed its type").0)
}

/// The packed contract: the input where `alloc` says, the answer where the result says.
async fn call_packed(
    live: &mut Live,
    watch: &Watch,
    func: TypedFunc<(i32, i32), i64>,
    bytes: Bytes,
) -> Result<Answer, Ended> {
    let memory = live
        .handles
        .memory
        .ok_or_else(|| Ended::Unharmed(CallError::Contract("export `memory` is missing".into())))?;
    let len = len_i32(&bytes).map_err(Ended::Unharmed)?;
    let ptr = write_in(live, watch, memory, &bytes, len).await?;
    drop(bytes);
    let packed = match watch
        .guest(func.call_async(&mut live.store, (ptr, len)))
        .await
    {
        Ok(Ok(packed)) => packed,
        Ok(Err(error)) => return Err(ending(error, &mut live.store.as_context_mut()).into()),
        Err(stop) => return Err(stopped(stop, watch).into()),
    };
    let (at, len) = wardian_abi::unpack(packed.cast_unsigned());
    check_output(u64::from(len), live.store.data().counts.output_bytes_max)?;
    leave_callers_thread(len as usize).await;
    let answer = region(memory.data(&live.store), at, len)?;
    Ok(Answer::Bytes(Bytes::copy_from_slice(answer)))
}

/// Asks the guest for memory and writes the input there.
async fn write_in(
    live: &mut Live,
    watch: &Watch,
    memory: wasmtime::Memory,
    bytes: &Bytes,
    len: i32,
) -> Result<i32, Ended> {
    if bytes.is_empty() {
        return Ok(0);
    }
    let alloc = live.store.data().alloc.clone();
    let alloc = alloc
        .ok_or_else(|| Ended::Unharmed(CallError::Contract("export `alloc` is missing".into())))?;
    live.store.data_mut().in_alloc = true;
    let ptr = match watch.guest(alloc.call_async(&mut live.store, len)).await {
        Ok(Ok(ptr)) => ptr,
        Ok(Err(error)) => return Err(ending(error, &mut live.store.as_context_mut()).into()),
        Err(stop) => return Err(stopped(stop, watch).into()),
    };
    live.store.data_mut().in_alloc = false;
    if ptr == 0 {
        return Err(null_from_alloc(&live.store.data().limiter).into());
    }
    let at = ptr.cast_unsigned();
    let data = memory.data_mut(&mut live.store);
    let size = data.len();
    let target = (at as usize)
        .checked_add(bytes.len())
        .and_then(|end| data.get_mut(at as usize..end));
    let target = target.ok_or_else(|| {
        crate::state::outside("memory that `alloc` gave", at, len.cast_unsigned(), size)
    })?;
    target.copy_from_slice(bytes);
    Ok(ptr)
}

/// Core values in, core values out.
async fn call_values(
    live: &mut Live,
    instance: wasmtime::Instance,
    watch: &Watch,
    found: &crate::link::Function,
    function: &str,
    values: &[Value],
) -> Result<Answer, Ended> {
    let given: Vec<Val> = values.iter().filter_map(Value::to_core).collect();
    let fits = given.len() == values.len()
        && given.len() == found.ty.params().len()
        && found
            .ty
            .params()
            .zip(&given)
            .all(|(ty, val)| val.ty(&live.store).is_ok_and(|v| v.matches(&ty)));
    if !fits {
        let wanted = crate::contract::type_text(&wasmtime::ExternType::Func(found.ty.clone()));
        return Err(argument(
            function,
            &format!("is {wanted}, given {values:?}"),
        ));
    }
    let func = instance
        .get_module_export(&mut live.store, &found.export)
        .and_then(wasmtime::Extern::into_func)
        .ok_or_else(|| crate::bug::bug!("an export is gone").0)?;
    let mut results = vec![Val::I32(0); found.ty.results().len()];
    match watch
        .guest(func.call_async(&mut live.store, &given, &mut results))
        .await
    {
        Ok(Ok(())) => {
            let values = results
                .iter()
                .map(Value::from_core)
                .collect::<Option<Vec<_>>>();
            Ok(Answer::Values(values.ok_or_else(|| {
                CallError::Contract("answered with a reference".into())
            })?))
        }
        Ok(Err(error)) => Err(ending(error, &mut live.store.as_context_mut()).into()),
        Err(stop) => Err(stopped(stop, watch).into()),
    }
}

pub(crate) fn no_function(function: &str) -> String {
    format!(
        "it exports no function `{}`",
        clean(function.as_bytes(), 256)
    )
}

/// The export is not of the type that it is called with: whoever is wrong, host or guest, the instance is as it was.
pub(crate) fn argument(function: &str, what: &str) -> Ended {
    let shown = clean(function.as_bytes(), 256);
    Ended::Unharmed(CallError::Contract(format!("`{shown}` {what}")))
}

/// A large copy must not hold up the caller's runtime: one turn through the guest threads' queue.
async fn leave_callers_thread(bytes: usize) {
    let mut left = bytes <= INLINE_BYTES_MAX || room() != Room::Caller;
    poll_fn(|cx| {
        if std::mem::replace(&mut left, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Tells the metrics of a call that was dropped before it came to an end.
struct Untold {
    inner: Arc<Inner>,
    function: Option<usize>,
    begun: Instant,
    told: bool,
}

impl Untold {
    fn new(inner: &Arc<Inner>, function: &str, watch: &Watch) -> Untold {
        Untold {
            inner: inner.clone(),
            function: inner.function_number(function),
            begun: watch.begun,
            told: false,
        }
    }

    fn finish(mut self, result: Result<Answer, CallError>, mut usage: Usage) -> Outcome {
        usage.wall = self.begun.elapsed();
        let error = result.as_ref().err();
        self.inner.metrics.record(&usage, self.function, error);
        self.told = true;
        Outcome { result, usage }
    }
}

impl Drop for Untold {
    fn drop(&mut self) {
        if !self.told {
            let usage = Usage {
                wall: self.begun.elapsed(),
                ..Usage::default()
            };
            let error = Some(&CallError::Cancelled);
            self.inner.metrics.record(&usage, self.function, error);
        }
    }
}

fn read_usage(live: &Live, usage: &mut Usage, begun: Instant) {
    let state = live.store.data();
    usage.guest = begun.elapsed();
    usage.fuel = live.store.get_fuel().ok().map(|left| {
        narrow(
            state
                .fuel_given
                .saturating_sub(left.saturating_sub(state.fuel_debt).into()),
        )
    });
    usage.memory_peak_bytes = state.limiter.memory_peak;
    usage.refusals = state.limiter.refusals;
    usage.host_calls = state.counts.host_calls;
    usage.log_bytes = state.log.bytes;
}

/// The host's own work is charged where it is done; what the guest ran on after that may have been more than was left.
fn paid(live: &Live, answer: Answer) -> Result<Answer, Ended> {
    let state = live.store.data();
    if state.fuel_debt > 0
        && live
            .store
            .get_fuel()
            .is_ok_and(|left| left < state.fuel_debt)
    {
        let max = narrow(state.fuel_given);
        return Err(CallError::limit(Limit::Fuel, max.saturating_add(1), max).into());
    }
    Ok(answer)
}

/// An instance goes back where it may be used again, and nowhere else.
fn hand_back(
    inner: &Arc<Inner>,
    mut live: Box<Live>,
    result: &Result<Answer, Ended>,
    session: bool,
) -> Option<Box<Live>> {
    if matches!(result, Err(Ended::Broken(_))) {
        return None;
    }
    // The caller's state ends with its call, not with the instance.
    live.store.data_mut().user = Box::new(());
    if session {
        live.place.why = Recycled::Pristine;
        return Some(live);
    }
    put_back(inner, live);
    None
}

fn narrow(fuel: u128) -> u64 {
    u64::try_from(fuel).unwrap_or(u64::MAX)
}

/// A moment so long after another; a century where the clock has no such moment.
pub(crate) fn after(begun: Instant, time: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
    begun.checked_add(time).unwrap_or(begun + CENTURY)
}

pub(crate) fn stopped(stop: Stop, watch: &Watch) -> CallError {
    match stop {
        Stop::Cancelled => CallError::Cancelled,
        Stop::Deadline => late(watch.begun, watch.deadline, Instant::now()),
        Stop::Panicked => {
            CallError::Host(Arc::new(std::io::Error::other("a host function panicked")))
        }
    }
}

/// The deadline as a limit, in milliseconds.
pub(crate) fn late(begun: Instant, deadline: Instant, now: Instant) -> CallError {
    let ms = |d: Duration| u64::try_from(d.as_millis()).unwrap_or(u64::MAX);
    let max = ms(deadline.saturating_duration_since(begun));
    CallError::limit(
        Limit::Deadline,
        ms(now.saturating_duration_since(begun)).max(max),
        max,
    )
}

/// `alloc` answered 0: out of memory if a growth was refused, else a broken promise.
pub(crate) fn null_from_alloc(limiter: &Limiter) -> CallError {
    match limiter.refused {
        Some((which, asked, max)) => CallError::limit(which, asked, max),
        None => CallError::Contract("`alloc` answered 0".into()),
    }
}

/// Names the engine's error.
pub(crate) fn ending(error: wasmtime::Error, store: &mut StoreContextMut<'_, State>) -> CallError {
    let state = store.data();
    let tail = state.log.tail();
    let refused = state.limiter.refused;
    let trap = Trap::read(&error, &tail).map(Box::new);
    if let Some(HostError(host)) = error.downcast_ref::<HostError>() {
        return match host.clone() {
            // A guest that gives up because it was refused memory has run out of memory.
            CallError::Panic { message, .. } => match refused {
                Some((which, asked, max)) => CallError::Limit {
                    which,
                    asked,
                    max,
                    trap,
                },
                None => CallError::Panic { message, trap },
            },
            other => other,
        };
    }
    if error.is::<wasmtime::PoolConcurrencyLimitError>() {
        return CallError::Busy;
    }
    let Some(trap) = trap else {
        return match state.limiter.refused {
            // A refused minimum is an error of the engine's without a type.
            Some((which, asked, max)) => CallError::limit(which, asked, max),
            None => CallError::Contract(plain(&error)),
        };
    };
    let fuel = narrow(state.fuel_given);
    match trap.kind {
        TrapKind::OutOfFuel => limit_trap(Limit::Fuel, fuel.saturating_add(1), fuel, trap),
        TrapKind::StackOverflow => {
            let max = state.stack_bytes_max;
            limit_trap(Limit::Stack, max.saturating_add(1), max, trap)
        }
        _ => match state.limiter.refused {
            Some((which, asked, max)) => limit_trap(which, asked, max, trap),
            None if trap.looks_like_panic() => CallError::Panic {
                message: last_words(&tail),
                trap: Some(trap),
            },
            None if trap.kind == TrapKind::Component && trap.frames.is_empty() => {
                CallError::Contract(plain(&error))
            }
            None => CallError::Trap(trap),
        },
    }
}

/// The engine's words. Never the whole chain: a backtrace in it would demangle names of the guest's, and a short name
/// can be made to take minutes.
pub(crate) fn plain(error: &wasmtime::Error) -> String {
    clean(error.root_cause().to_string().as_bytes(), 512)
}

fn limit_trap(which: Limit, asked: u64, max: u64, trap: Box<Trap>) -> CallError {
    CallError::Limit {
        which,
        asked,
        max,
        trap: Some(trap),
    }
}

/// The line of the log in which a language's runtime says what went wrong.
pub(crate) fn last_words(tail: &str) -> String {
    let signs = ["panicked at", "panic:", "fatal error:"];
    let from = tail
        .lines()
        .position(|l| signs.iter().any(|s| l.contains(s)))
        .unwrap_or(0);
    tail.lines()
        .skip(from)
        .take(4)
        .collect::<Vec<_>>()
        .join("\n")
}
