//! wasmtime without Wardian around it: the same settings, the same limiter, the same sequence of calls.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, InstancePre, Linker, Memory, Module,
    ModuleExport, PoolingAllocationConfig, Store, StoreLimits, StoreLimitsBuilder, TypedFunc,
    UpdateDeadline,
};

/// Enough for every guest here.
pub const FUEL: u64 = 50_000_000_000;
pub const DEADLINE: Duration = Duration::from_secs(10);
/// As in Wardian.
pub const YIELD_FUEL: u64 = 400_000;

/// What stops the guest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Metering {
    None,
    Epoch,
    Fuel,
    Both,
}

impl Metering {
    pub fn has_fuel(self) -> bool {
        matches!(self, Metering::Fuel | Metering::Both)
    }

    fn has_epoch(self) -> bool {
        matches!(self, Metering::Epoch | Metering::Both)
    }
}

/// An engine with one module, linked.
pub struct Bare {
    pre: InstancePre<StoreLimits>,
    metering: Metering,
    yields: u64,
    memory: ModuleExport,
    alloc: ModuleExport,
    stop: Arc<AtomicBool>,
}

/// One instance, kept.
pub struct Warm {
    store: Store<StoreLimits>,
    memory: Memory,
    alloc: TypedFunc<i32, i32>,
    instance: wasmtime::Instance,
    metering: Metering,
}

/// The settings of `wardian-sandbox`.
pub fn config(metering: Metering) -> Config {
    let mut pool = PoolingAllocationConfig::new();
    pool.linear_memory_keep_resident(4 << 20)
        .table_keep_resident(64 << 10)
        .pagemap_scan(if PoolingAllocationConfig::is_pagemap_scan_available() {
            Enabled::Yes
        } else {
            Enabled::No
        })
        .max_unused_warm_slots(64)
        .max_memory_size(4 << 30)
        .total_memories(1000)
        .total_tables(1000)
        .total_core_instances(1000)
        .total_stacks(1000)
        .table_elements(100_000);
    let mut config = Config::new();
    config
        .memory_init_cow(true)
        .table_lazy_init(true)
        .consume_fuel(metering.has_fuel())
        .epoch_interruption(metering.has_epoch())
        .max_wasm_stack(512 << 10)
        .async_stack_size(1 << 20)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config
}

impl Bare {
    pub fn new(wasm: &[u8], metering: Metering, canonical_nan: bool) -> Result<Bare> {
        Bare::tuned(wasm, metering, YIELD_FUEL, |config| {
            config.cranelift_nan_canonicalization(canonical_nan);
        })
    }

    /// With settings of its own.
    pub fn tuned(
        wasm: &[u8],
        metering: Metering,
        yields: u64,
        tune: impl FnOnce(&mut Config),
    ) -> Result<Bare> {
        let mut config = config(metering);
        tune(&mut config);
        let engine = Engine::new(&config).map_err(plain)?;
        let module = Module::new(&engine, wasm).map_err(plain)?;
        let export = |name: &str| {
            module
                .get_export_index(name)
                .with_context(|| format!("no export {name}"))
        };
        let (memory, alloc) = (export("memory")?, export("alloc")?);
        let mut linker = Linker::new(&engine);
        // A service guest imports what it reports a panic to; here that just ends the call.
        linker
            .define_unknown_imports_as_traps(&module)
            .map_err(plain)?;
        let pre = linker.instantiate_pre(&module).map_err(plain)?;
        let stop = Arc::new(AtomicBool::new(false));
        if metering.has_epoch() {
            let stop = stop.clone();
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    std::thread::sleep(Duration::from_millis(1));
                    engine.increment_epoch();
                }
            });
        }
        Ok(Bare {
            pre,
            metering,
            yields,
            memory,
            alloc,
            stop,
        })
    }

    pub fn function(&self, name: &str) -> Result<ModuleExport> {
        self.pre
            .module()
            .get_export_index(name)
            .with_context(|| format!("no export {name}"))
    }

    pub fn warm(&self) -> Result<Warm> {
        let limits = StoreLimitsBuilder::new()
            .memory_size(64 << 20)
            .table_elements(20_000)
            .build();
        let mut store = Store::new(self.pre.module().engine(), limits);
        store.limiter(|limits| limits);
        arm(&mut store, self.metering)?;
        let instance = self.pre.instantiate(&mut store).map_err(plain)?;
        // Only now, for it makes synchronous instantiation impossible.
        if self.metering.has_fuel() {
            store
                .fuel_async_yield_interval(Some(self.yields))
                .map_err(plain)?;
        }
        let memory = instance
            .get_module_export(&mut store, &self.memory)
            .and_then(|e| e.into_memory());
        let alloc = instance
            .get_module_export(&mut store, &self.alloc)
            .and_then(|e| e.into_func());
        let (Some(memory), Some(alloc)) = (memory, alloc) else {
            bail!("mistyped exports")
        };
        let alloc = alloc.typed(&store).map_err(plain)?;
        Ok(Warm {
            store,
            memory,
            alloc,
            instance,
            metering: self.metering,
        })
    }

    /// A new instance, one call, and the instance gone.
    pub fn pristine(&self, function: &ModuleExport, input: &[u8]) -> Result<Vec<u8>> {
        let mut warm = self.warm()?;
        let function = warm.typed(function)?;
        warm.call(&function, input)
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// The engine's own error type is none of the standard library's.
fn plain(error: wasmtime::Error) -> anyhow::Error {
    anyhow::anyhow!("{error:#}")
}

fn arm(store: &mut Store<StoreLimits>, metering: Metering) -> Result<()> {
    if metering.has_fuel() {
        store.set_fuel(FUEL).map_err(plain)?;
    }
    if metering.has_epoch() {
        let deadline = Instant::now() + DEADLINE;
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |_| {
            Ok(if Instant::now() < deadline {
                UpdateDeadline::Continue(1)
            } else {
                UpdateDeadline::Interrupt
            })
        });
    }
    Ok(())
}

impl Warm {
    pub fn typed<P: wasmtime::WasmParams, R: wasmtime::WasmResults>(
        &mut self,
        export: &ModuleExport,
    ) -> Result<TypedFunc<P, R>> {
        let function = self
            .instance
            .get_module_export(&mut self.store, export)
            .and_then(|e| e.into_func());
        function
            .context("not a function")?
            .typed(&self.store)
            .map_err(plain)
    }

    /// Before a call on an instance that was called before.
    pub fn rearm(&mut self) -> Result<()> {
        arm(&mut self.store, self.metering)
    }

    /// Bytes in, bytes out.
    pub fn call(&mut self, function: &TypedFunc<(i32, i32), i64>, input: &[u8]) -> Result<Vec<u8>> {
        let length = i32::try_from(input.len())?;
        let (alloc, memory) = (self.alloc.clone(), self.memory);
        let pointer = self.run(&alloc, length)?;
        memory.write(&mut self.store, pointer as usize, input)?;
        let packed = self.run(function, (pointer, length))? as u64;
        let (at, size) = ((packed >> 32) as usize, (packed & 0xffff_ffff) as usize);
        let answer = memory.data(&self.store).get(at..at + size);
        Ok(answer.context("answer lies outside of memory")?.to_vec())
    }

    /// With fuel the call is asynchronous: somebody must look at the clock when the guest yields.
    pub fn run<P, R>(&mut self, function: &TypedFunc<P, R>, params: P) -> Result<R>
    where
        P: wasmtime::WasmParams + Sync,
        R: wasmtime::WasmResults + Sync,
    {
        if !self.metering.has_fuel() {
            return function.call(&mut self.store, params).map_err(plain);
        }
        let deadline = Instant::now() + DEADLINE;
        let mut call = pin!(function.call_async(&mut self.store, params));
        let mut context = Context::from_waker(Waker::noop());
        loop {
            match call.as_mut().poll(&mut context) {
                Poll::Ready(result) => return result.map_err(plain),
                Poll::Pending if Instant::now() >= deadline => bail!("deadline"),
                Poll::Pending => {}
            }
        }
    }
}
