//! What a host function sees of the call it was made from: the caller's state, checked slices of the guest's memory,
//! the fuel, and nothing else.

use std::marker::PhantomData;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use wasmtime::{AsContext, AsContextMut, Caller, Memory, StoreContext, StoreContextMut};

use crate::bug::bug;
use crate::error::{CallError, HostError};
use crate::limits::Limit;
use crate::state::{Level, State, len_i32, outside, region};

/// The guest's call, as a host function sees it.
pub struct Host<'a, S> {
    from: From<'a>,
    state: PhantomData<fn() -> S>,
}

enum From<'a> {
    Core(Caller<'a, State>),
    Component(StoreContextMut<'a, State>),
}

impl<S> std::fmt::Debug for Host<'_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host").finish_non_exhaustive()
    }
}

impl<'a, S: Send + 'static> Host<'a, S> {
    pub(crate) fn core(caller: Caller<'a, State>) -> Self {
        Host {
            from: From::Core(caller),
            state: PhantomData,
        }
    }

    pub(crate) fn component(store: StoreContextMut<'a, State>) -> Self {
        Host {
            from: From::Component(store),
            state: PhantomData,
        }
    }

    fn store(&self) -> StoreContext<'_, State> {
        match &self.from {
            From::Core(caller) => caller.as_context(),
            From::Component(store) => store.as_context(),
        }
    }

    pub(crate) fn store_mut(&mut self) -> StoreContextMut<'_, State> {
        match &mut self.from {
            From::Core(caller) => caller.as_context_mut(),
            From::Component(store) => store.as_context_mut(),
        }
    }

    /// The state that the caller gave to this call.
    pub fn state(&mut self) -> Result<&mut S, HostError> {
        let state = match &mut self.from {
            From::Core(caller) => caller.data_mut(),
            From::Component(store) => store.data_mut(),
        };
        // An instance is linked for one `S`, and only calls with that `S` reach it.
        state
            .user
            .downcast_mut::<S>()
            .ok_or_else(|| bug!("state of another type"))
    }

    fn memory(&mut self) -> Result<Memory, HostError> {
        if let Some(memory) = self.store().data().memory {
            return Ok(memory);
        }
        // A start function runs before the instance's exports are known.
        let found = match &mut self.from {
            From::Core(caller) => caller
                .get_export("memory")
                .and_then(wasmtime::Extern::into_memory),
            From::Component(_) => None,
        };
        found.ok_or_else(|| {
            HostError::contract("export `memory` is missing, and a host function needs it")
        })
    }

    /// A region of the guest's memory. Costs a bounds check.
    pub fn read(&mut self, ptr: i32, len: i32) -> Result<&[u8], HostError> {
        let memory = self.memory()?;
        let data = memory.data(self.store());
        Ok(region(data, ptr.cast_unsigned(), len.cast_unsigned())?)
    }

    /// All of the guest's memory.
    pub(crate) fn all(&mut self) -> Result<&[u8], HostError> {
        let memory = self.memory()?;
        Ok(memory.data(self.store()))
    }

    /// Writes into the guest's memory, all of it or nothing.
    pub fn write(&mut self, ptr: i32, bytes: &[u8]) -> Result<(), HostError> {
        let memory = self.memory()?;
        let at = ptr.cast_unsigned();
        let mut store = self.store_mut();
        let data = memory.data_mut(&mut store);
        let size = data.len();
        let target = (at as usize)
            .checked_add(bytes.len())
            .and_then(|end| data.get_mut(at as usize..end));
        match target {
            Some(target) => target.copy_from_slice(bytes),
            None => {
                let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
                return Err(HostError(outside("region", at, len, size)));
            }
        }
        Ok(())
    }

    /// Writes into memory that the guest's own `alloc` gives, and answers the packed region. Only `alloc` may be
    /// re-entered, and not from itself.
    pub async fn give(&mut self, bytes: &Bytes) -> Result<i64, HostError> {
        let len = len_i32(bytes)?;
        let alloc = self.alloc()?;
        let mut store = self.store_mut();
        if std::mem::replace(&mut store.data_mut().in_alloc, true) {
            return Err(HostError::contract(
                "`alloc` was called from a host function that `alloc` had called",
            ));
        }
        let was_in_host = store.data().control.in_host.swap(false, Ordering::Relaxed);
        let called = alloc.call_async(&mut store, len).await;
        store
            .data()
            .control
            .in_host
            .store(was_in_host, Ordering::Relaxed);
        store.data_mut().in_alloc = false;
        let ptr = called.map_err(|error| HostError(crate::ending::ending(error, &mut store)))?;
        if ptr == 0 && len != 0 {
            return Err(HostError(crate::ending::null_from_alloc(
                &store.data().limiter,
            )));
        }
        self.write(ptr, bytes)?;
        Ok(wardian_abi::packed(ptr.cast_unsigned(), len.cast_unsigned()).cast_signed())
    }

    fn alloc(&mut self) -> Result<wasmtime::TypedFunc<i32, i32>, HostError> {
        if let Some(alloc) = self.store().data().alloc.clone() {
            return Ok(alloc);
        }
        let found = match &mut self.from {
            From::Core(caller) => caller
                .get_export("alloc")
                .and_then(wasmtime::Extern::into_func)
                .and_then(|f| f.typed::<i32, i32>(&*caller).ok()),
            From::Component(_) => None,
        };
        found.ok_or_else(|| {
            HostError::contract("export `alloc` is missing, and a host function needs it")
        })
    }

    /// Fuel left; `None` where the module is metered by time.
    pub fn fuel_remaining(&self) -> Option<u64> {
        let store = self.store();
        let debt = store.data().fuel_debt;
        store.get_fuel().ok().map(|left| left.saturating_sub(debt))
    }

    /// Adds fuel to the call. Refused where the module is metered by time.
    pub fn add_fuel(&mut self, fuel: u64) -> Result<(), HostError> {
        add_fuel(&mut self.store_mut(), fuel)
    }

    /// Bytes of linear memory in use.
    pub fn memory_used(&self) -> u64 {
        self.store().data().limiter.memory()
    }

    /// Writes guest text to the log, within the call's allowance. Levels: 0 debug, 1 info, 2 warn, 3 and beyond error.
    pub fn log(&mut self, level: i32, text: &[u8]) {
        let level = match level {
            i32::MIN..=0 => Level::Debug,
            1 => Level::Info,
            2 => Level::Warn,
            3.. => Level::Error,
        };
        let mut store = self.store_mut();
        let state = store.data_mut();
        state.log.write(&state.module, level, text);
    }

    /// Counts the call and collects fuel that was added from outside.
    pub(crate) fn enter(&mut self) -> Result<(), HostError> {
        let mut store = self.store_mut();
        store.data_mut().count_host_call()?;
        let more = store.data().control.take_fuel();
        if more > 0 {
            add_fuel(&mut store, more)
        } else {
            Ok(())
        }
    }

    /// Marks the guest as waiting for the host, or as running again.
    pub(crate) fn waiting(&self, waits: bool) {
        self.store()
            .data()
            .control
            .in_host
            .store(waits, Ordering::Relaxed);
    }
}

pub(crate) fn add_fuel(store: &mut StoreContextMut<'_, State>, fuel: u64) -> Result<(), HostError> {
    let no_fuel = |_| HostError::contract("this module is metered by time and has no fuel");
    let left = store.get_fuel().map_err(no_fuel)?;
    let sum = left.saturating_add(fuel);
    let given = store.data().fuel_given + u128::from(sum - left);
    store.set_fuel(sum).map_err(no_fuel)?;
    store.data_mut().fuel_given = given;
    Ok(())
}

/// The output limit, for answers whose size the guest decides.
pub(crate) fn check_output(len: u64, max: u64) -> Result<(), CallError> {
    if len > max {
        Err(CallError::limit(Limit::Output, len, max))
    } else {
        Ok(())
    }
}
