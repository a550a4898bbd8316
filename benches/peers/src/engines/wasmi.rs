//! wasmi, an interpreter: fuel on. It has no clock; a deadline would have to be looked at between portions of fuel.

use anyhow::{Context, Result};
use wasmi::{
    Config, Engine, Instance, Linker, Memory, Module, Store, StoreLimits, StoreLimitsBuilder,
    TypedFunc,
};

use super::bare::FUEL;

pub struct Wasmi {
    engine: Engine,
    module: Module,
    linker: Linker<StoreLimits>,
}

pub struct Warm {
    store: Store<StoreLimits>,
    instance: Instance,
    memory: Memory,
    alloc: TypedFunc<i32, i32>,
}

impl Wasmi {
    pub fn new(wasm: &[u8]) -> Result<Wasmi> {
        let mut config = Config::default();
        config.consume_fuel(true);
        let engine = Engine::new(&config);
        let module = Module::new(&engine, wasm)?;
        let linker = Linker::new(&engine);
        Ok(Wasmi {
            engine,
            module,
            linker,
        })
    }

    pub fn warm(&self) -> Result<Warm> {
        let limits = StoreLimitsBuilder::new().memory_size(64 << 20).build();
        let mut store = Store::new(&self.engine, limits);
        store.limiter(|limits| limits);
        store.set_fuel(FUEL)?;
        let instance = self
            .linker
            .instantiate_and_start(&mut store, &self.module)?;
        let memory = instance.get_memory(&store, "memory").context("no memory")?;
        let alloc = instance.get_typed_func(&store, "alloc")?;
        Ok(Warm {
            store,
            instance,
            memory,
            alloc,
        })
    }

    pub fn pristine(&self, function: &str, input: &[u8]) -> Result<Vec<u8>> {
        let mut warm = self.warm()?;
        let function = warm.typed(function)?;
        warm.call(&function, input)
    }
}

impl Warm {
    pub fn typed<P: wasmi::WasmParams, R: wasmi::WasmResults>(
        &self,
        name: &str,
    ) -> Result<TypedFunc<P, R>> {
        Ok(self.instance.get_typed_func(&self.store, name)?)
    }

    pub fn call(&mut self, function: &TypedFunc<(i32, i32), i64>, input: &[u8]) -> Result<Vec<u8>> {
        self.store.set_fuel(FUEL)?;
        let length = i32::try_from(input.len())?;
        let pointer = self.alloc.call(&mut self.store, length)?;
        self.memory
            .write(&mut self.store, pointer as usize, input)?;
        let packed = function.call(&mut self.store, (pointer, length))? as u64;
        let (at, size) = ((packed >> 32) as usize, (packed & 0xffff_ffff) as usize);
        let answer = self.memory.data(&self.store).get(at..at + size);
        Ok(answer.context("answer lies outside of memory")?.to_vec())
    }

    pub fn run<P: wasmi::WasmParams, R: wasmi::WasmResults>(
        &mut self,
        function: &TypedFunc<P, R>,
        params: P,
    ) -> Result<R> {
        self.store.set_fuel(FUEL)?;
        Ok(function.call(&mut self.store, params)?)
    }
}
