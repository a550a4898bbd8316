//! Modules that are not OPA's, or break its ABI: errors that say all that is wrong.

use wardian_policy::opa::{Misfit, OpaProblem, Options, adapt};

fn refused(wat: &str) -> OpaProblem {
    let module = wat::parse_str(wat).unwrap();
    adapt(&module, &Options::default()).unwrap_err()
}

const GLOBALS: &str = r#"(global (export "opa_wasm_abi_version") i32 (i32.const 1))
    (global (export "opa_wasm_abi_minor_version") i32 (i32.const 3))"#;

const EXPORTS: &str = r#"
    (func (export "opa_malloc") (param i32) (result i32) (i32.const 1024))
    (func (export "opa_json_parse") (param i32 i32) (result i32) (i32.const 1))
    (func (export "opa_json_dump") (param i32) (result i32) (i32.const 2048))
    (func (export "builtins") (result i32) (i32.const 1))
    (func (export "entrypoints") (result i32) (i32.const 1))
    (func (export "opa_heap_ptr_get") (result i32) (i32.const 4096))
    (func (export "opa_eval") (param i32 i32 i32 i32 i32 i32 i32) (result i32) (i32.const 2048))"#;

#[test]
fn bytes_that_are_no_module() {
    for bytes in [
        &b""[..],
        b"\0asm",
        b"\0asm\x01\0\0\0\xff",
        b"\0asm\x0d\0\x01\0",
        b"not wasm",
    ] {
        let problem = adapt(bytes, &Options::default()).unwrap_err();
        assert!(matches!(problem, OpaProblem::Invalid(_)), "{problem}");
    }
}

#[test]
fn every_cut_of_a_module() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/opa/fixtures/allow.wasm");
    let module = std::fs::read(path).unwrap();
    for at in (0..2048).chain((2048..module.len()).step_by(4999)) {
        // A module may end between sections; what it then lacks is said.
        adapt(&module[..at], &Options::default()).unwrap_err();
    }
}

#[test]
fn flipped_bytes_never_panic_and_never_give_an_invalid_module() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/opa/fixtures/allow.wasm");
    let module = std::fs::read(path).unwrap();
    let mut adapted = 0;
    for at in (8..1900).chain((1900..module.len()).step_by(997)) {
        for flip in [0x01, 0x80] {
            let mut module = module.clone();
            module[at] ^= flip;
            if let Ok(module) = adapt(&module, &Options::default()) {
                let features = wasmparser::WasmFeatures::WASM2
                    | wasmparser::WasmFeatures::TAIL_CALL
                    | wasmparser::WasmFeatures::EXTENDED_CONST;
                wasmparser::Validator::new_with_features(features)
                    .validate_all(&module)
                    .unwrap_or_else(|error| panic!("byte {at}: {error}"));
                adapted += 1;
            }
        }
    }
    assert!(adapted > 10);
}

#[test]
fn modules_of_others() {
    assert!(matches!(refused("(module)"), OpaProblem::NotOpa));
    let mutable = r#"(module (global (export "opa_wasm_abi_version") (mut i32) (i32.const 1)))"#;
    assert!(matches!(refused(mutable), OpaProblem::NotOpa));
    let function = r#"(module (func (export "opa_wasm_abi_version")))"#;
    assert!(matches!(refused(function), OpaProblem::NotOpa));
    let next = r#"(module (global (export "opa_wasm_abi_version") i32 (i32.const 2)))"#;
    assert_eq!(
        refused(next).to_string(),
        "module has OPA's ABI 2, supported is 1"
    );
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let problem = refused(&format!(
        r#"(module
            (import "env" "opa_abort" (func (param i64)))
            (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
            (import "env" "opa_builtin5" (func))
            (import "env" "table" (table 1 funcref))
            {GLOBALS}
            (func (export "opa_malloc") (param i64) (result i32) (i32.const 0))
            (func (export "policy_check"))
            (global (export "builtins") i32 (i32.const 0))
            (memory 300))"#
    ));
    let lines: Vec<String> = problem.to_string().split("; ").map(str::to_owned).collect();
    assert_eq!(
        lines,
        [
            "module does not keep OPA's ABI: import `env`.`opa_abort` is `(i64) -> ()`, not `(i32) -> ()`",
            "import `wasi_snapshot_preview1`.`fd_write` is none of OPA's",
            "import `env`.`opa_builtin5` is none of OPA's",
            "import `env`.`table` is none of OPA's",
            "its memory passes the limit: asked 300 pages, allowed 256 pages",
            "export `policy_check` takes a name that the adapted module needs",
            "export `opa_malloc` is `(i64) -> (i32)`, not `(i32) -> i32`",
            "export `opa_json_parse: (i32, i32) -> i32` is missing",
            "export `opa_json_dump: (i32) -> i32` is missing",
            "export `builtins` is `global`, not `() -> i32`",
            "export `entrypoints: () -> i32` is missing",
            "export `opa_eval: (i32, i32, i32, i32, i32, i32, i32) -> i32` is missing",
            "export `opa_heap_ptr_get: () -> i32` is missing",
        ]
    );
}

#[test]
fn memories() {
    let with = |memory: &str| format!("(module {memory} {GLOBALS} {EXPORTS})");
    let adapted = |memory: &str| {
        let module = wat::parse_str(with(memory)).unwrap();
        adapt(&module, &Options::default())
    };
    let none = refused(&with(""));
    assert!(
        matches!(&none, OpaProblem::Misfits(all) if *all == [Misfit::NoMemory]),
        "{none}"
    );
    for invalid in [
        r#"(import "env" "memory" (memory 1)) (memory 1)"#,
        "(memory i64 1)",
        r#"(import "env" "memory" (memory 1 2 shared))"#,
    ] {
        assert!(
            matches!(adapted(invalid), Err(OpaProblem::Invalid(_))),
            "{invalid}"
        );
    }
    for (memory, expected) in [
        (r#"(import "env" "memory" (memory 1))"#, (1, 256)),
        (r#"(import "env" "memory" (memory 1 7))"#, (1, 7)),
        (r#"(import "env" "memory" (memory 256 65536))"#, (256, 256)),
        ("(memory 3)", (3, 256)),
    ] {
        let module = adapted(memory).unwrap();
        let found = wasmparser::Parser::new(0)
            .parse_all(&module)
            .find_map(|payload| match payload.unwrap() {
                wasmparser::Payload::MemorySection(memories) => {
                    let memory = memories.into_iter().next().unwrap().unwrap();
                    Some((memory.initial, memory.maximum.unwrap()))
                }
                _ => None,
            });
        assert_eq!(found, Some(expected));
    }
}

/// Every way of naming a function: calls, tables, references, the start, exports; before and behind the imports.
#[test]
fn every_way_to_name_a_function_is_moved() {
    let module = wat::parse_str(format!(
        r#"(module
            (import "env" "opa_println" (func $println (param i32)))
            (import "env" "memory" (memory 1))
            (import "env" "opa_abort" (func $abort (param i32)))
            {GLOBALS} {EXPORTS}
            (table 4 funcref)
            (global $one funcref (ref.func $one))
            (func $one (export "one") (result i32) (i32.const 1))
            (func $two (result i32) (i32.const 2))
            (elem (i32.const 0) func $one $two)
            (elem (i32.const 2) funcref (ref.func $two) (ref.null func))
            (elem declare func $println)
            (data $text "passive")
            (func $start (call $println (i32.const 0))
                (if (i32.ne (call_indirect (result i32) (i32.const 1)) (i32.const 2)) (then unreachable))
                (if (i32.ne (call_indirect (result i32) (i32.const 2)) (i32.const 2)) (then unreachable))
                (if (ref.is_null (ref.func $println)) (then unreachable))
                (memory.init $text (i32.const 2048) (i32.const 0) (i32.const 7)))
            (start $start))"#
    ))
    .unwrap();
    for host_builtins in [false, true] {
        let options = Options {
            host_builtins,
            ..Options::default()
        };
        let module = adapt(&module, &options).unwrap();
        let engine = wasmi::Engine::default();
        let module = wasmi::Module::new(&engine, &module).unwrap();
        let mut store = wasmi::Store::new(&engine, ());
        let mut linker = wasmi::Linker::new(&engine);
        linker
            .func_wrap(
                "wardian:opa",
                "builtin",
                |_: i32, _: i32, _: i32, _: i32, _: i32| -1_i64,
            )
            .unwrap();
        let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
        let one = instance.get_typed_func::<(), i32>(&store, "one").unwrap();
        assert_eq!(one.call(&mut store, ()).unwrap(), 1);
        let check = instance
            .get_typed_func::<(i32, i32), i64>(&store, "policy_check")
            .unwrap();
        let packed = check.call(&mut store, (0, 0)).unwrap();
        assert_eq!(packed, (2048 << 32) | 7);
    }
}
