//! The engine maps an entry's descriptor as it is: our trailer behind the artifact is nothing to it.
#![allow(
    unsafe_code,
    reason = "loading machine code that authenticated is what the cache is for"
)]

use wasmtime::component::Component;
use wasmtime::{Engine, Instance, Module, Store};

use super::*;

fn keep(home: &Home, kind: Kind, engine: &Engine, artifact: &[u8]) -> Entry {
    let compat = compat_of(&engine.precompile_compatibility_hash());
    let key = EntryKey {
        digest: [1; 32],
        kind,
        compat,
    };
    let cache = home.open();
    let meta = StoreMeta {
        name: "answer",
        record: &[1; 777],
    };
    cache.store(&key, meta, artifact).unwrap();
    cache.lookup(&key).unwrap()
}

#[test]
fn a_core_module_runs_from_its_descriptor_even_after_it_was_evicted() {
    let home = Home::new();
    let engine = Engine::default();
    let text = r#"(module (memory 1) (data (i32.const 8) "\2a") (func (export "answer") (result i32)
        i32.const 8 i32.load))"#;
    let artifact = engine
        .precompile_module(&wat::parse_str(text).unwrap())
        .unwrap();
    let entry = keep(&home, Kind::Core, &engine, &artifact);
    assert_eq!(entry.artifact_bytes, artifact.len() as u64);
    home.open().clear();
    // SAFETY: the artifact is this engine's own and authenticated, and nobody else writes to the directory.
    let module = unsafe { Module::deserialize_open_file(&engine, entry.file) }.unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let answer = instance
        .get_typed_func::<(), i32>(&mut store, "answer")
        .unwrap();
    assert_eq!(answer.call(&mut store, ()).unwrap(), 42);
}

#[cfg(target_os = "linux")]
#[test]
fn a_component_loads_through_the_path_of_its_descriptor() {
    let home = Home::new();
    let engine = Engine::default();
    let text = r#"(component (core module $m (func (export "f") (result i32) i32.const 42))
        (core instance $i (instantiate $m)) (func (export "answer") (result u32) (canon lift (core func $i "f"))))"#;
    let artifact = engine
        .precompile_component(&wat::parse_str(text).unwrap())
        .unwrap();
    let entry = keep(&home, Kind::Component, &engine, &artifact);
    home.open().clear();
    // SAFETY: as above.
    let component =
        unsafe { Component::deserialize_file(&engine, entry.descriptor_path()) }.unwrap();
    drop(entry);
    assert!(component.get_export_index(None, "answer").is_some());
}
