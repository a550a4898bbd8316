//! Guests of the tests, and what they are asked.

use std::time::Duration;

use wardian_policy::artifact::{Artifact, ArtifactMeta, write_section};
use wardian_policy::{Input, Prepared, WasmChecker, make};
use wardian_sandbox::{Limits, Sandbox};

/// Loads a policy.
pub(crate) fn loaded(sandbox: &Sandbox, wasm: Vec<u8>) -> WasmChecker {
    let artifact = Artifact::from_bytes(wasm).unwrap();
    WasmChecker::load_blocking(sandbox, &artifact, patient(&artifact)).unwrap()
}

/// Limits that fuel ends, not the clock: a machine that is busy otherwise is not what is tested.
pub(crate) fn patient(artifact: &Artifact) -> Prepared {
    let prepared = Prepared::of(artifact).with_deadline(Duration::from_secs(10));
    let limits = Limits {
        fuel: Some(5_000_000),
        ..prepared.limits
    };
    Prepared { limits, ..prepared }
}

/// What all guests are asked that do not look at it.
pub(crate) fn home() -> Input<'static> {
    Input::new("env.read", "env_var", "HOME")
}

/// A core module with a body of `policy_check`.
pub(crate) fn checks_by(body: &str) -> Vec<u8> {
    let wat = format!(
        r#"(module (memory (export "memory") 1)
            (data (i32.const 0) "{{\"kind\":\"allow\"}}")
            (func (export "alloc") (param i32) (result i32) i32.const 4096)
            (func (export "policy_check") (param i32 i32) (result i64) {body}))"#
    );
    wat::parse_str(wat).unwrap()
}

/// A core module that says this whatever it is asked.
pub(crate) fn says(text: &str) -> Vec<u8> {
    let escaped: String = text.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    let wat = format!(
        r#"(module (memory (export "memory") 1) (data (i32.const 0) "{escaped}")
            (func (export "alloc") (param i32) (result i32) i32.const 4096)
            (func (export "policy_check") (param i32 i32) (result i64) i64.const {}))"#,
        text.len()
    );
    wat::parse_str(wat).unwrap()
}

/// The same with what it says of itself.
pub(crate) fn with_meta(wasm: &[u8], pure: bool, statics: &[&str]) -> Vec<u8> {
    let meta = ArtifactMeta {
        version: Some("1.0.0".parse().unwrap()),
        pure,
        source: None,
        static_actions: statics.iter().map(ToString::to_string).collect(),
    };
    write_section(wasm, &meta).unwrap()
}

/// A component with a body of `check`: 16 is `allow`, 64 a case that is none, 128 a reason that is no code.
pub(crate) fn component_by(body: &str) -> Vec<u8> {
    let wat = format!(
        r#"(module (memory (export "memory") 1)
            (data (i32.const 64) "\07")
            (data (i32.const 128) "\01\00\00\00\c8\00\00\00\03\00\00\00")
            (data (i32.const 200) "a b")
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 4096)
            (func $check (export "wardian:policy/checker@1.0.0#check") (param i32) (result i32) {body}))"#
    );
    make::componentize(&wat::parse_str(wat).unwrap()).unwrap()
}
