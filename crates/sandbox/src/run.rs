//! One call: ceilings on, bytes in, the guest runs, bytes out, the ending named.
//!
//! **In**: a job with its input. **Out**: an outcome, and the instance if it may be used again. **Never**: a pointer of
//! the guest's that was not checked, or an ending without a name.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use bytes::Bytes;
use wasmtime::{AsContextMut, Store, TypedFunc, Val};

use crate::begin::{begin, lease};
use crate::call::Input;
use crate::component;
use crate::ending::{argument, ending, no_function, null_from_alloc, stopped};
use crate::engine::Metering;
use crate::error::CallError;
use crate::exports::{Function, Shape};
use crate::host::check_output;
use crate::job::{Done, Ended, Job};
use crate::limits::Limit;
use crate::link::Inner;
use crate::metered::Watch;
use crate::outcome::{Answer, Outcome, Usage};
use crate::pool::{Instance, Live, Recycled, put_back};
use crate::state::{State, len_i32, region};
use crate::text::clean;
use crate::threads::{Room, room};
use crate::value::Value;

/// More bytes than this are not copied on a thread of the caller's runtime.
pub(crate) const INLINE_BYTES_MAX: usize = 256 * 1024;

/// Runs a job to its end. What is rare is boxed, so that the future, which an asynchronous call moves to the heap,
/// stays small.
pub(crate) async fn run(mut job: Job, begun: Instant) -> Done {
    let inner = job.inner.clone();
    let limits = job.limits().into_owned();
    let watch = job.watch(&limits, begun);
    let mut usage = Usage {
        bytes_in: job.input.len(),
        fuel: job.fuel(&limits).map(|_| 0),
        ..Usage::default()
    };
    let number = inner.function_number(&job.function);
    let untold = Untold::new(&inner, number, begun);
    if let Err(error) = job.check(&limits, &watch) {
        let live = job.live.take();
        return Done {
            outcome: untold.finish(Err(error), usage),
            live,
        };
    }
    let leased = match job.live.take() {
        Some(live) => Ok((live, None, begun)),
        None => lease(&inner, &watch).await,
    };
    let (mut live, permit, guest_begun) = match leased {
        Ok(leased) => leased,
        Err(error) => {
            return Done {
                outcome: untold.finish(Err(error), usage),
                live: None,
            };
        }
    };
    let _ticking =
        (inner.module.code.metering == Metering::Time).then(|| watch.core.ticker.enter());
    live = match begin(live, &inner, &mut job, &limits, &watch).await {
        Ok(live) => live,
        Err((live, error)) => {
            if let Some(live) = &live {
                usage.guest = guest_begun.elapsed();
                read_usage(live, &mut usage);
            }
            drop(live);
            return Done {
                outcome: untold.finish(Err(error), usage),
                live: None,
            };
        }
    };
    let input = std::mem::replace(&mut job.input, Input::Values(Vec::new()));
    let result = call(&inner, &mut live, &watch, &job.function, number, input).await;
    let result = result.and_then(|answer| paid(&live, answer));
    if let Ok(Answer::Bytes(bytes)) = &result {
        usage.bytes_out = bytes.len() as u64;
    }
    let mut ended = Instant::now();
    usage.guest = ended.saturating_duration_since(guest_begun);
    read_usage(&live, &mut usage);
    let live = hand_back(&inner, live, &result, job.session);
    drop(permit);
    if live.is_none() {
        // Giving an instance back takes longer than looking at the clock again.
        ended = Instant::now();
    }
    let result = result.map_err(Ended::into_error);
    Done {
        outcome: untold.finish_at(result, usage, ended),
        live,
    }
}

async fn call(
    inner: &Inner,
    live: &mut Live,
    watch: &Watch,
    function: &str,
    number: Option<usize>,
    input: Input,
) -> Result<Answer, Ended> {
    match live.instance {
        Some(Instance::Core(instance)) => {
            let found = number.and_then(|n| Some((n, inner.exports.nth(n)?)));
            let found =
                found.ok_or_else(|| Ended::Unharmed(CallError::Contract(no_function(function))))?;
            call_core(live, instance, watch, function, found, input).await
        }
        Some(Instance::Component(instance)) => {
            Box::pin(component::call(
                instance,
                &mut live.store,
                watch,
                function,
                input,
            ))
            .await
        }
        None => Err(Ended::Broken(
            crate::bug::bug!("call without an instance").0,
        )),
    }
}

async fn call_core(
    live: &mut Live,
    instance: wasmtime::Instance,
    watch: &Watch,
    function: &str,
    (number, found): (usize, &Function),
    input: Input,
) -> Result<Answer, Ended> {
    match (input, found.shape) {
        (Input::Bytes(bytes), Shape::Packed) => {
            if live
                .handles
                .packed
                .as_ref()
                .is_none_or(|(n, _)| *n != number)
            {
                live.handles.packed = Some((number, typed(live, instance, found.export)?));
            }
            call_packed(live, watch, bytes).await
        }
        (Input::Bytes(_), _) => {
            let shown = clean(function.as_bytes(), 256);
            Err(Ended::Unharmed(CallError::Contract(format!(
                "`{shown}` is not `(i32, i32) -> i64`"
            ))))
        }
        (Input::Values(values), Shape::Empty) if values.is_empty() => {
            if live
                .handles
                .empty
                .as_ref()
                .is_none_or(|(n, _)| *n != number)
            {
                live.handles.empty = Some((number, typed(live, instance, found.export)?));
            }
            let Live { store, handles, .. } = live;
            let (_, func) = handles.empty.as_ref().ok_or_else(lost)?;
            guest(watch, store, func, ()).await?;
            Ok(Answer::Values(Vec::new()))
        }
        (Input::Values(values), _) => {
            Box::pin(call_values(live, instance, watch, found, function, &values)).await
        }
    }
}

/// Runs a function of the guest's, and names how it ended if it did not end well.
async fn guest<P, R>(
    watch: &Watch,
    store: &mut Store<State>,
    func: &TypedFunc<P, R>,
    params: P,
) -> Result<R, Ended>
where
    P: wasmtime::WasmParams + Sync,
    R: wasmtime::WasmResults + Sync,
{
    let ended = watch
        .guest(pin!(func.call_async(&mut *store, params)))
        .await;
    match ended {
        Ok(Ok(results)) => Ok(results),
        Ok(Err(error)) => Err(ending(error, &mut store.as_context_mut()).into()),
        Err(stop) => Err(stopped(stop, watch).into()),
    }
}

fn lost() -> CallError {
    crate::bug::bug!("a handle is gone").0
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
async fn call_packed(live: &mut Live, watch: &Watch, bytes: Bytes) -> Result<Answer, Ended> {
    let memory = live
        .handles
        .memory
        .ok_or_else(|| Ended::Unharmed(CallError::Contract("export `memory` is missing".into())))?;
    let len = len_i32(&bytes).map_err(Ended::Unharmed)?;
    let ptr = write_in(live, watch, memory, &bytes, len).await?;
    drop(bytes);
    let Live { store, handles, .. } = live;
    let (_, func) = handles.packed.as_ref().ok_or_else(lost)?;
    let packed = guest(watch, store, func, (ptr, len)).await?;
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
    let Live { store, handles, .. } = live;
    let alloc = handles.alloc.as_ref();
    let alloc = alloc
        .ok_or_else(|| Ended::Unharmed(CallError::Contract("export `alloc` is missing".into())))?;
    store.data_mut().in_alloc = true;
    let ptr = guest(watch, store, alloc, len).await?;
    store.data_mut().in_alloc = false;
    if ptr == 0 {
        return Err(null_from_alloc(&store.data().limiter).into());
    }
    let at = ptr.cast_unsigned();
    let data = memory.data_mut(store);
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
    found: &Function,
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
    let ended = watch
        .guest(pin!(func.call_async(&mut live.store, &given, &mut results)))
        .await;
    match ended {
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
struct Untold<'a> {
    inner: &'a Inner,
    function: Option<usize>,
    begun: Instant,
    told: bool,
}

impl Untold<'_> {
    fn new(inner: &Inner, function: Option<usize>, begun: Instant) -> Untold<'_> {
        Untold {
            inner,
            function,
            begun,
            told: false,
        }
    }

    fn finish(self, result: Result<Answer, CallError>, usage: Usage) -> Outcome {
        self.finish_at(result, usage, Instant::now())
    }

    fn finish_at(
        mut self,
        result: Result<Answer, CallError>,
        mut usage: Usage,
        ended: Instant,
    ) -> Outcome {
        usage.wall = ended.saturating_duration_since(self.begun);
        let error = result.as_ref().err();
        self.inner.metrics.record(&usage, self.function, error);
        self.told = true;
        Outcome { result, usage }
    }
}

impl Drop for Untold<'_> {
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

fn read_usage(live: &Live, usage: &mut Usage) {
    let state = live.store.data();
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

pub(crate) fn narrow(fuel: u128) -> u64 {
    u64::try_from(fuel).unwrap_or(u64::MAX)
}

/// A moment so long after another; a century where the clock has no such moment.
pub(crate) fn after(begun: Instant, time: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
    begun.checked_add(time).unwrap_or(begun + CENTURY)
}
