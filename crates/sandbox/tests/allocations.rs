//! How often a call allocates on the host, beside the engine alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on says where.

use allocation_counter::measure;
use futures_lite::future::block_on;
use wardian_sandbox::{Binding, Call, Contract, Limits, Sandbox, SandboxConfig, Source};
use wasmtime::{
    Config, Engine, Instance, InstanceAllocationStrategy, InstancePre, Linker, Module,
    PoolingAllocationConfig, Store,
};

const GUEST: &str = r#"(module (memory (export "memory") 1)
    (data (i32.const 0) "{\"kind\":\"allow\"}")
    (func (export "alloc") (param i32) (result i32) i32.const 4096)
    (func (export "policy_check") (param i32 i32) (result i64) i64.const 16))"#;
const QUESTION: &[u8] = br#"{"action":"env.read"}"#;

fn allocations(mut work: impl FnMut()) -> u64 {
    // Once before: what is made for good is not a call's.
    work();
    measure(work).count_total
}

/// What the engine does by itself for the same: a store, an instance, and two calls, each on a stack of its own, so that it
/// could be ended.
async fn engine_alone(pre: &InstancePre<()>) -> Vec<u8> {
    let mut store = Store::new(pre.module().engine(), ());
    store.set_fuel(1_000_000).unwrap();
    let instance: Instance = pre.instantiate_async(&mut store).await.unwrap();
    let memory = instance.get_memory(&mut store, "memory").unwrap();
    let alloc = instance
        .get_typed_func::<i32, i32>(&mut store, "alloc")
        .unwrap();
    let check = instance
        .get_typed_func::<(i32, i32), i64>(&mut store, "policy_check")
        .unwrap();
    let len = QUESTION.len() as i32;
    let at = alloc.call_async(&mut store, len).await.unwrap();
    memory.write(&mut store, at as usize, QUESTION).unwrap();
    let packed = check.call_async(&mut store, (at, len)).await.unwrap();
    let (at, len) = ((packed >> 32) as usize, packed as u32 as usize);
    memory.data(&store)[at..at + len].to_vec()
}

fn pre(wasm: &[u8]) -> InstancePre<()> {
    let mut config = Config::new();
    config.consume_fuel(true);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_core_instances(4)
        .total_memories(4)
        .total_tables(4)
        .total_stacks(4);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    let engine = Engine::new(&config).unwrap();
    let module = Module::new(&engine, wasm).unwrap();
    Linker::new(&engine).instantiate_pre(&module).unwrap()
}

#[test]
fn a_call_allocates_little_beside_the_engine() {
    let wasm = wat::parse_str(GUEST).unwrap();
    let pre = pre(&wasm);
    let engine = allocations(|| assert_eq!(block_on(engine_alone(&pre)).len(), 16));

    let sandbox = Sandbox::new(SandboxConfig::default()).unwrap();
    let module = sandbox.load_blocking(Source::new("guest", wasm)).unwrap();
    let mut binding = Binding::new(Contract::policy());
    binding.limits = Some(Limits::small(std::time::Duration::from_secs(10)));
    let linked = module.link(&binding).unwrap();
    let call = || Call::bytes("policy_check", QUESTION);
    let called = allocations(|| assert!(linked.call_blocking(call()).result.is_ok()));
    let waited = allocations(|| {
        let outcome = block_on(linked.call(call()));
        assert!(outcome.result.is_ok());
    });
    // As `docs/reference/policies.md` has it.
    assert!(engine <= 17, "the engine allocates {engine} times");
    assert!(called <= engine + 3, "{engine} and {called}");
    assert!(waited <= engine + 4, "{engine} and {waited}");
}
