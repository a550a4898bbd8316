//! Components: the same call, with the component model's values instead of a packed region.

use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use wasmtime::StoreContextMut;
use wasmtime::component::{Func, Instance, Type, Val};

use crate::call::{Input, size_of_value};
use crate::ending::{argument, ending, no_function, stopped};
use crate::error::{CallError, HostError};
use crate::host::{Host, check_output};
use crate::imports::Answering;
use crate::job::Ended;
use crate::metered::Watch;
use crate::outcome::Answer;
use crate::state::State;
use crate::value::Value;

/// Answers a component's call to a host function.
pub(crate) async fn serve<S, F>(
    f: Arc<F>,
    store: StoreContextMut<'_, State>,
    ty: wasmtime::component::types::ComponentFunc,
    params: &[Val],
    results: &mut [Val],
) -> wasmtime::Result<()>
where
    S: Send + 'static,
    F: for<'a> Fn(Host<'a, S>, Vec<Value>) -> Answering<'a, Vec<Value>> + Send + Sync + 'static,
{
    let mut host = Host::<S>::component(store);
    host.enter().map_err(wasmtime::Error::new)?;
    let params = params
        .iter()
        .cloned()
        .map(Value::from_component)
        .collect::<Option<Vec<_>>>();
    let params = params.ok_or_else(|| {
        wasmtime::Error::new(HostError::contract(
            "a resource, future or stream was passed where values are due",
        ))
    })?;
    host.waiting(true);
    let control = host.store_mut().data().control.clone();
    let answer = std::pin::Pin::from(f(host, params)).await;
    control
        .in_host
        .store(false, std::sync::atomic::Ordering::Relaxed);
    let answer = answer.map_err(wasmtime::Error::new)?;
    let answer: Vec<Val> = answer.iter().map(Value::to_component).collect();
    // The component chose the type that it imports; the host function has no other type than its answers'.
    if answer.len() != results.len() || !ty.results().zip(&answer).all(|(ty, val)| fits(&ty, val)) {
        let text = "it imports a host function with results of another type";
        return Err(wasmtime::Error::new(HostError::contract(text)));
    }
    for (to, from) in results.iter_mut().zip(answer) {
        *to = from;
    }
    Ok(())
}

/// Finds `name` among the component's functions: at the root, or `interface#function`.
fn find(instance: &Instance, store: &mut wasmtime::Store<State>, name: &str) -> Option<Func> {
    if let Some(func) = instance.get_func(&mut *store, name) {
        return Some(func);
    }
    let (interface, function) = name.rsplit_once('#')?;
    let outer = instance.get_export_index(&mut *store, None, interface)?;
    let inner = instance.get_export_index(&mut *store, Some(&outer), function)?;
    instance.get_func(&mut *store, inner)
}

/// The first functions that a component exports: at its root, and in interfaces as `interface#function`.
pub(crate) fn functions(compiled: &wasmtime::component::Component) -> Vec<String> {
    use wasmtime::component::types::ComponentItem as Item;
    let engine = compiled.engine();
    let mut names = Vec::new();
    let ty = compiled.component_type();
    for (name, item) in ty.exports(engine) {
        match item.ty {
            Item::ComponentFunc(_) => names.push(name.to_owned()),
            Item::ComponentInstance(instance) => {
                let functions = instance
                    .exports(engine)
                    .filter(|(_, item)| matches!(item.ty, Item::ComponentFunc(_)));
                names.extend(
                    functions
                        .map(|(function, _)| format!("{name}#{function}"))
                        .take(crate::metrics::FUNCTIONS_MAX),
                );
            }
            _ => {}
        }
        if names.len() >= crate::metrics::FUNCTIONS_MAX {
            break;
        }
    }
    names.truncate(crate::metrics::FUNCTIONS_MAX);
    names
}

/// Runs one function of a component.
pub(crate) async fn call(
    instance: Instance,
    store: &mut wasmtime::Store<State>,
    watch: &Watch,
    function: &str,
    input: Input,
) -> Result<Answer, Ended> {
    let func = find(&instance, store, function)
        .ok_or_else(|| Ended::Unharmed(CallError::Contract(no_function(function))))?;
    let output_max = store.data().counts.output_bytes_max;
    // The engine counts what it copies out of the guest against this, before it allocates.
    store.set_hostcall_fuel(
        usize::try_from(output_max)
            .unwrap_or(usize::MAX)
            .saturating_add(HOSTCALL_SLACK),
    );
    match input {
        Input::Bytes(bytes) => call_bytes(func, store, watch, function, bytes, output_max).await,
        Input::Values(values) => call_values(func, store, watch, function, &values).await,
    }
}

/// What small answers cost beside their bytes in the engine's count.
const HOSTCALL_SLACK: usize = 64 * 1024;

async fn call_bytes(
    func: Func,
    store: &mut wasmtime::Store<State>,
    watch: &Watch,
    function: &str,
    bytes: Bytes,
    output_max: u64,
) -> Result<Answer, Ended> {
    let typed = func.typed::<(&[u8],), (Vec<u8>,)>(&*store).map_err(|_| {
        Ended::Unharmed(CallError::Contract(format!(
            "`{}` is not a function of `list<u8>` to `list<u8>`",
            crate::text::clean(function.as_bytes(), 256)
        )))
    })?;
    let ended = watch
        .guest(pin!(typed.call_async(&mut *store, (&bytes[..],))))
        .await;
    match ended {
        Ok(Ok((answer,))) => {
            check_output(answer.len() as u64, output_max)?;
            Ok(Answer::Bytes(answer.into()))
        }
        Ok(Err(error)) => Err(failed(error, store)),
        Err(stop) => Err(stopped(stop, watch).into()),
    }
}

async fn call_values(
    func: Func,
    store: &mut wasmtime::Store<State>,
    watch: &Watch,
    function: &str,
    values: &[Value],
) -> Result<Answer, Ended> {
    let ty = func.ty(&*store);
    let wanted: Vec<Type> = ty.params().map(|(_, t)| t).collect();
    if wanted.len() != values.len() {
        return Err(argument(
            function,
            &format!("takes {} arguments, given {}", wanted.len(), values.len()),
        ));
    }
    let params: Vec<Val> = values.iter().map(Value::to_component).collect();
    let mut results = vec![Val::Bool(false); ty.results().len()];
    if let Some(at) = wanted.iter().zip(&params).position(|(t, v)| !fits(t, v)) {
        return Err(argument(
            function,
            &format!("argument {} has another type", at + 1),
        ));
    }
    let ended = watch
        .guest(pin!(func.call_async(&mut *store, &params, &mut results)))
        .await;
    match ended {
        Ok(Ok(())) => {
            let values = results
                .into_iter()
                .map(Value::from_component)
                .collect::<Option<Vec<_>>>();
            let no_value =
                || CallError::Contract("answered with a resource, future or stream".into());
            let values = values.ok_or_else(no_value)?;
            check_output(
                values.iter().map(size_of_value).sum(),
                store.data().counts.output_bytes_max,
            )?;
            Ok(Answer::Values(values))
        }
        Ok(Err(error)) => Err(failed(error, store)),
        Err(stop) => Err(stopped(stop, watch).into()),
    }
}

/// An error of the engine that is no trap is the component's answer that could not be lifted.
fn failed(error: wasmtime::Error, store: &mut wasmtime::Store<State>) -> Ended {
    // The engine has no type for it that is public.
    if error
        .root_cause()
        .to_string()
        .contains("too much data is being copied")
    {
        let max = store.data().counts.output_bytes_max;
        return CallError::limit(crate::limits::Limit::Output, max.saturating_add(1), max).into();
    }
    ending(error, &mut wasmtime::AsContextMut::as_context_mut(store)).into()
}

/// Whether a value is of a type, so that a caller's mistake is not blamed on the guest.
fn fits(ty: &Type, val: &Val) -> bool {
    let opt = |ty: Option<Type>, v: &Option<Box<Val>>| match (ty, v) {
        (None, None) => true,
        (Some(t), Some(v)) => fits(&t, v),
        _ => false,
    };
    match (ty, val) {
        (Type::Bool, Val::Bool(_))
        | (Type::S8, Val::S8(_))
        | (Type::U8, Val::U8(_))
        | (Type::S16, Val::S16(_))
        | (Type::U16, Val::U16(_))
        | (Type::S32, Val::S32(_))
        | (Type::U32, Val::U32(_))
        | (Type::S64, Val::S64(_))
        | (Type::U64, Val::U64(_))
        | (Type::Float32, Val::Float32(_))
        | (Type::Float64, Val::Float64(_))
        | (Type::Char, Val::Char(_))
        | (Type::String, Val::String(_)) => true,
        (Type::List(t), Val::List(v)) => v.iter().all(|v| fits(&t.ty(), v)),
        (Type::Tuple(t), Val::Tuple(v)) => {
            t.types().len() == v.len() && t.types().zip(v).all(|(t, v)| fits(&t, v))
        }
        (Type::Record(t), Val::Record(v)) => {
            t.fields().len() == v.len()
                && t.fields()
                    .zip(v)
                    .all(|(f, (k, v))| f.name == k && fits(&f.ty, v))
        }
        (Type::Variant(t), Val::Variant(name, v)) => t
            .cases()
            .find(|c| c.name == name)
            .is_some_and(|c| opt(c.ty.clone(), v)),
        (Type::Enum(t), Val::Enum(name)) => t.names().any(|n| n == name),
        (Type::Option(t), Val::Option(v)) => v.as_ref().is_none_or(|v| fits(&t.ty(), v)),
        (Type::Result(t), Val::Result(Ok(v))) => opt(t.ok(), v),
        (Type::Result(t), Val::Result(Err(v))) => opt(t.err(), v),
        (Type::Flags(t), Val::Flags(v)) => v.iter().all(|k| t.names().any(|n| n == k)),
        _ => false,
    }
}
