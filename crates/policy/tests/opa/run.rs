//! Runs modules in wasmi: as OPA's hosts do, and as an adapted module is run.

use wardian_policy::opa::BuiltinTable;
use wasmi::{
    Caller, Engine, Extern, Instance, Linker, Memory, MemoryType, Module, Store, TypedFunc,
};

pub const NOW: u64 = 1_709_210_096_789_000_000;

pub fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/opa/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn bytes(memory: &Memory, store: impl wasmi::AsContext, at: usize, len: usize) -> Vec<u8> {
    let mut read = vec![0; len];
    memory.read(store, at, &mut read).expect("in memory");
    read
}

/// A module as it came, with a host like OPA's own.
pub struct Before {
    store: Store<()>,
    instance: Instance,
    memory: Memory,
}

impl Before {
    pub fn new(module: &[u8]) -> Before {
        let engine = Engine::default();
        let module = Module::new(&engine, module).expect("module");
        let mut store = Store::new(&engine, ());
        let memory = Memory::new(&mut store, MemoryType::new(5, None)).expect("memory");
        let mut linker = Linker::<()>::new(&engine);
        linker.define("env", "memory", memory).unwrap();
        for import in module.imports().filter(|import| import.name() != "memory") {
            let ty = import.ty().func().expect("function").clone();
            linker
                .func_new("env", import.name(), ty, |_, _, _| {
                    Err(wasmi::Error::new("called the host"))
                })
                .unwrap();
        }
        let instance = linker
            .instantiate_and_start(&mut store, &module)
            .expect("start");
        Before {
            store,
            instance,
            memory,
        }
    }

    fn call(&mut self, name: &str, args: &[i32]) -> Result<i32, wasmi::Error> {
        let function = self.instance.get_func(&self.store, name).expect(name);
        let args: Vec<wasmi::Val> = args.iter().map(|arg| wasmi::Val::I32(*arg)).collect();
        let mut results = vec![wasmi::Val::I32(0); function.ty(&self.store).results().len()];
        function.call(&mut self.store, &args, &mut results)?;
        Ok(results.first().and_then(|result| result.i32()).unwrap_or(0))
    }

    fn put(&mut self, text: &str) -> (i32, i32) {
        let len = i32::try_from(text.len()).unwrap();
        let at = self.call("opa_malloc", &[len]).unwrap();
        self.memory
            .write(&mut self.store, at as usize, text.as_bytes())
            .unwrap();
        (at, len)
    }

    pub fn eval(
        &mut self,
        data: &str,
        input: &str,
        entrypoint: i32,
    ) -> Result<String, wasmi::Error> {
        let (at, len) = self.put(data);
        let data = self.call("opa_json_parse", &[at, len])?;
        let (at, len) = self.put(input);
        let heap = self.call("opa_heap_ptr_get", &[])?;
        let text = self.call("opa_eval", &[0, entrypoint, data, at, len, heap, 0])?;
        let all = self.memory.data(&self.store);
        let text = all[text as usize..]
            .split(|byte| *byte == 0)
            .next()
            .unwrap();
        Ok(String::from_utf8(text.to_vec()).unwrap())
    }
}

/// An adapted module.
pub struct After {
    store: Store<BuiltinTable>,
    instance: Instance,
    memory: Memory,
    pub imports: Vec<String>,
}

impl After {
    pub fn new(module: &[u8], builtins: BuiltinTable) -> After {
        let engine = Engine::default();
        let module = Module::new(&engine, module).expect("module");
        let mut store = Store::new(&engine, builtins);
        let mut linker = Linker::new(&engine);
        let imports = module.imports();
        let imports = imports
            .map(|i| format!("{}.{}", i.module(), i.name()))
            .collect();
        linker.func_wrap("wardian:opa", "builtin", builtin).unwrap();
        let instance = linker
            .instantiate_and_start(&mut store, &module)
            .expect("start");
        let memory = instance.get_memory(&store, "memory").expect("memory");
        After {
            store,
            instance,
            memory,
            imports,
        }
    }

    pub fn call(&mut self, name: &str, input: &str) -> Result<String, wasmi::Error> {
        let alloc: TypedFunc<i32, i32> = self.instance.get_typed_func(&self.store, "alloc")?;
        let function: TypedFunc<(i32, i32), i64> =
            self.instance.get_typed_func(&self.store, name)?;
        let len = i32::try_from(input.len()).unwrap();
        let at = alloc.call(&mut self.store, len)?;
        self.memory
            .write(&mut self.store, at as usize, input.as_bytes())
            .unwrap();
        let packed = function.call(&mut self.store, (at, len))?;
        let (at, len) = ((packed >> 32) as u32 as usize, packed as u32 as usize);
        Ok(String::from_utf8(bytes(&self.memory, &self.store, at, len)).unwrap())
    }

    pub fn pages(&self) -> u64 {
        self.memory.size(&self.store)
    }
}

fn builtin(
    mut caller: Caller<'_, BuiltinTable>,
    id: i32,
    args: u32,
    args_len: u32,
    out: u32,
    out_cap: u32,
) -> Result<i64, wasmi::Error> {
    let memory = caller
        .get_export("memory")
        .and_then(Extern::into_memory)
        .unwrap();
    let args = bytes(&memory, &caller, args as usize, args_len as usize);
    let answer = caller.data().call(id, &args, NOW);
    let answer = answer.map_err(|fault| wasmi::Error::new(fault.to_string()))?;
    let Some(answer) = answer else { return Ok(-1) };
    assert!(answer.len() <= out_cap as usize);
    memory
        .write(&mut caller, out as usize, answer.as_bytes())
        .unwrap();
    Ok(i64::try_from(answer.len()).unwrap())
}
