//! The guest reaches out: which host functions there are, and what each needs.
//!
//! **In**: a guest's call with core values. **Out**: a host function's answer, counted and granted. **Never**: a
//! function that the module was not linked against, or memory outside the guest's own.

use std::collections::BTreeSet;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use wasmtime::{Caller, Linker, WasmRet, WasmTy, WasmTyList};

use crate::error::HostError;
use crate::host::Host;
use crate::state::State;
use crate::value::Value;

/// A host function's arguments: a tuple of up to eight core values.
pub trait Params: WasmTyList + sealed::Define {}
impl<T: WasmTyList + sealed::Define> Params for T {}

/// A host function's results: nothing, a core value, or a tuple of them.
pub trait Results: WasmRet {}
impl<T: WasmRet> Results for T {}

/// What a host function answers later.
pub type Answering<'a, R> = Box<dyn Future<Output = Result<R, HostError>> + Send + 'a>;

/// Capabilities by name: what the operator allows a module to ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants(BTreeSet<String>);

impl Grants {
    /// Nothing.
    pub fn none() -> Grants {
        Grants::default()
    }

    /// These, and one more.
    pub fn grant(mut self, capability: impl Into<String>) -> Grants {
        self.0.insert(capability.into());
        self
    }

    /// Whether `capability` is among them.
    pub fn has(&self, capability: &str) -> bool {
        self.0.contains(capability)
    }
}

/// The host functions of a binding, over the state `S` of each call.
///
/// ```
/// use wardian_sandbox::{Host, Imports};
/// struct Shop { discount: i32 }
/// let imports = Imports::<Shop>::new()
///     .define_sync("shop", "discount", None, |host: &mut Host<'_, Shop>, ()| Ok(host.state()?.discount))
///     .define("shop", "wait", Some("time"), |_host, (ms,): (i32,)| Box::new(async move {
///         tokio::time::sleep(std::time::Duration::from_millis(ms.max(0) as u64)).await;
///         Ok(())
///     }));
/// ```
pub struct Imports<S> {
    pub(crate) entries: Vec<Entry>,
    state: PhantomData<fn() -> S>,
}

/// One host function.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) module: String,
    pub(crate) name: String,
    pub(crate) needs: Option<String>,
    pub(crate) kind: EntryKind,
    pub(crate) define: Definition,
}

/// What a host function does to the guest that calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryKind {
    /// Answers, maybe after waiting.
    Waits,
    /// Answers at once.
    Answers,
    /// Ends the call.
    Ends,
}

type DefineCore = dyn Fn(&mut Linker<State>, &str, &str) -> wasmtime::Result<()> + Send + Sync;
type DefineComponent = dyn Fn(&mut wasmtime::component::LinkerInstance<'_, State>, &str) -> wasmtime::Result<()>
    + Send
    + Sync;

#[derive(Clone)]
pub(crate) enum Definition {
    Core(Arc<DefineCore>),
    Component(Arc<DefineComponent>),
}

impl<S> Clone for Imports<S> {
    fn clone(&self) -> Self {
        Imports {
            entries: self.entries.clone(),
            state: PhantomData,
        }
    }
}

impl<S> Default for Imports<S> {
    fn default() -> Self {
        Imports {
            entries: Vec::new(),
            state: PhantomData,
        }
    }
}

impl<S> std::fmt::Debug for Imports<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self
            .entries
            .iter()
            .map(|e| format!("{}.{}", e.module, e.name));
        f.debug_set().entries(names).finish()
    }
}

impl<S: Send + 'static> Imports<S> {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn add(
        mut self,
        module: &str,
        name: &str,
        needs: Option<&str>,
        kind: EntryKind,
        define: Definition,
    ) -> Self {
        // A later definition of the same name takes the place of an earlier one.
        self.entries
            .retain(|e| e.module != module || e.name != name);
        let (module, name, needs) = (module.to_owned(), name.to_owned(), needs.map(str::to_owned));
        self.entries.push(Entry {
            module,
            name,
            needs,
            kind,
            define,
        });
        self
    }

    /// A host function that may wait. `needs` is the capability without which a module that imports it is not linked.
    /// The call's deadline reaches it: the future is dropped then. It runs on the caller's thread or on a guest
    /// thread, with the caller's tokio runtime entered if there is one.
    pub fn define<P, R, F>(self, module: &str, name: &str, needs: Option<&str>, f: F) -> Self
    where
        P: Params + Send + 'static,
        R: Results + Send + 'static,
        F: for<'a> Fn(Host<'a, S>, P) -> Answering<'a, R> + Send + Sync + 'static,
    {
        let f = Arc::new(f);
        let define = move |linker: &mut Linker<State>, module: &str, name: &str| {
            let f = f.clone();
            linker.func_wrap_async(module, name, move |caller: Caller<'_, State>, params: P| {
                let f = f.clone();
                Box::new(async move {
                    let mut host = Host::<S>::core(caller);
                    host.enter().map_err(wasmtime::Error::new)?;
                    host.waiting(true);
                    let control = host.store_mut().data().control.clone();
                    let answer = std::pin::Pin::from(f(host, params)).await;
                    control
                        .in_host
                        .store(false, std::sync::atomic::Ordering::Relaxed);
                    answer.map_err(wasmtime::Error::new)
                })
            })?;
            Ok(())
        };
        self.add(
            module,
            name,
            needs,
            EntryKind::Waits,
            Definition::Core(Arc::new(define)),
        )
    }

    /// A host function that answers at once; what it takes cannot be interrupted, so it must be short.
    pub fn define_sync<P, R, F>(self, module: &str, name: &str, needs: Option<&str>, f: F) -> Self
    where
        P: Params + 'static,
        R: Results + 'static,
        F: Fn(&mut Host<'_, S>, P) -> Result<R, HostError> + Send + Sync + 'static,
    {
        self.add_sync(module, name, needs, EntryKind::Answers, f)
    }

    /// A host function that ends the call, such as the report of a panic: the guest never gets an answer. A module that
    /// imports nothing else is looked at less often while it runs, which makes it about a tenth faster, because no host
    /// function can use up its time unseen.
    ///
    /// ```
    /// use wardian_sandbox::{Host, HostError, Imports};
    /// let imports = Imports::<()>::new().define_final("app", "give_up", None, |host: &mut Host<'_, ()>, (ptr, len): (i32, i32)| {
    ///     match host.read(ptr, len) {
    ///         Ok(words) => HostError::panic(words),
    ///         Err(outside) => outside,
    ///     }
    /// });
    /// ```
    pub fn define_final<P, F>(self, module: &str, name: &str, needs: Option<&str>, f: F) -> Self
    where
        P: Params + 'static,
        F: Fn(&mut Host<'_, S>, P) -> HostError + Send + Sync + 'static,
    {
        let f = move |host: &mut Host<'_, S>, params: P| Err::<(), _>(f(host, params));
        self.add_sync(module, name, needs, EntryKind::Ends, f)
    }

    fn add_sync<P, R, F>(
        self,
        module: &str,
        name: &str,
        needs: Option<&str>,
        kind: EntryKind,
        f: F,
    ) -> Self
    where
        P: Params + 'static,
        R: Results + 'static,
        F: Fn(&mut Host<'_, S>, P) -> Result<R, HostError> + Send + Sync + 'static,
    {
        let f = Arc::new(f);
        let define = move |linker: &mut Linker<State>, module: &str, name: &str| {
            P::define(linker, module, name, f.clone())
        };
        self.add(
            module,
            name,
            needs,
            kind,
            Definition::Core(Arc::new(define)),
        )
    }

    /// A host function whose work must leave the guest's thread: `prepare` copies what it needs out of the guest,
    /// the work runs on a thread for blocking, `finish` gives its answer back. The deadline ends the waiting, not the
    /// work.
    pub fn define_blocking<P, R, J, T, A, B>(
        self,
        module: &str,
        name: &str,
        needs: Option<&str>,
        prepare: A,
        finish: B,
    ) -> Self
    where
        P: Params + Send + 'static,
        R: Results + Send + 'static,
        J: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
        A: Fn(&mut Host<'_, S>, P) -> Result<J, HostError> + Send + Sync + 'static,
        B: for<'a> Fn(Host<'a, S>, T) -> Answering<'a, R> + Send + Sync + 'static,
    {
        let both = Arc::new((prepare, finish));
        self.define(
            module,
            name,
            needs,
            move |mut host: Host<'_, S>, params: P| {
                let both = both.clone();
                Box::new(async move {
                    let work = both.0(&mut host, params)?;
                    let done = blocking::unblock(work).await;
                    let answer = both.1(host, done);
                    std::pin::Pin::from(answer).await
                })
            },
        )
    }

    /// A function of an interface that components import, such as `shop:api/prices`, over component values.
    pub fn define_component<F>(self, interface: &str, name: &str, needs: Option<&str>, f: F) -> Self
    where
        F: for<'a> Fn(Host<'a, S>, Vec<Value>) -> Answering<'a, Vec<Value>> + Send + Sync + 'static,
    {
        let f = Arc::new(f);
        let define = move |linker: &mut wasmtime::component::LinkerInstance<'_, State>,
                           name: &str| {
            let f = f.clone();
            linker.func_new_async(name, move |store, ty, params, results| {
                Box::new(crate::component::serve::<S, F>(
                    f.clone(),
                    store,
                    ty,
                    params,
                    results,
                ))
            })
        };
        self.add(
            interface,
            name,
            needs,
            EntryKind::Waits,
            Definition::Component(Arc::new(define)),
        )
    }
}

mod sealed {
    use super::*;

    /// Defines a function that takes this tuple's members one by one.
    pub trait Define: Sized {
        fn define<S, R, F>(
            linker: &mut Linker<State>,
            module: &str,
            name: &str,
            f: Arc<F>,
        ) -> wasmtime::Result<()>
        where
            S: Send + 'static,
            R: WasmRet + 'static,
            F: Fn(&mut Host<'_, S>, Self) -> Result<R, HostError> + Send + Sync + 'static;
    }

    macro_rules! define {
        ($($name:ident)*) => {
            impl<$($name: WasmTy + 'static),*> Define for ($($name,)*) {
                #[allow(non_snake_case, reason = "the type's name is the value's name")]
                fn define<S, R, F>(
                    linker: &mut Linker<State>,
                    module: &str,
                    name: &str,
                    f: Arc<F>,
                ) -> wasmtime::Result<()>
                where
                    S: Send + 'static,
                    R: WasmRet + 'static,
                    F: Fn(&mut Host<'_, S>, Self) -> Result<R, HostError> + Send + Sync + 'static,
                {
                    linker.func_wrap(
                        module,
                        name,
                        move |caller: Caller<'_, State>, $($name: $name),*| -> wasmtime::Result<R> {
                            let mut host = Host::<S>::core(caller);
                            host.enter().map_err(wasmtime::Error::new)?;
                            f(&mut host, ($($name,)*)).map_err(wasmtime::Error::new)
                        },
                    )?;
                    Ok(())
                }
            }
        };
    }
    define!();
    define!(A);
    define!(A B);
    define!(A B C);
    define!(A B C D);
    define!(A B C D E);
    define!(A B C D E G);
    define!(A B C D E G H);
    define!(A B C D E G H I);
}
