//! What `inspect` says of modules as toolchains make them: Rust, Go, and a component.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::path::Path;

use wardian_sandbox::inspect::{ContractReport, Expected, ItemKind, Kind, ModuleInfo, inspect};
use wardian_testkit::guests::{go, rust};

const SERVICE: &str = r#"
    #[unsafe(no_mangle)]
    pub extern "C" fn alloc(size: u32) -> *mut u8 {
        Vec::leak(vec![0; size as usize]).as_mut_ptr()
    }
    #[unsafe(no_mangle)]
    pub extern "C" fn shout(ptr: u32, len: u32) -> u64 {
        assert!(len > 0, "nothing to shout");
        u64::from(ptr) << 32 | u64::from(len)
    }"#;

fn rust(target: &str, flags: &[&str], source: &str) -> ModuleInfo {
    let dir = tempfile::tempdir().unwrap();
    inspect(&rust::compile(dir.path(), target, flags, source).unwrap()).unwrap()
}

fn report(info: &ModuleInfo, contract: Expected) -> &ContractReport {
    info.contracts
        .iter()
        .find(|report| report.contract == contract)
        .unwrap()
}

#[test]
fn a_rust_service() {
    let flags = ["--crate-type", "cdylib", "-C", "debuginfo=line-tables-only"];
    let info = rust("wasm32-unknown-unknown", &flags, SERVICE);
    assert_eq!((info.kind, info.language), (Kind::Core, Some("Rust")));
    assert!(info.debug.dwarf && info.debug.names, "{:?}", info.debug);
    assert!(info.imports.is_empty());
    assert_eq!(info.producers.processed_by[0].name, "rustc");
    let service = report(&info, Expected::Service);
    assert!(service.satisfied);
    assert_eq!(service.callable.items, ["shout"]);
    assert_eq!(
        report(&info, Expected::Guard).missing,
        ["export `eval` is missing, wanted (i32, i32) -> i64"]
    );

    let flags = [
        "--crate-type",
        "cdylib",
        "-C",
        "strip=symbols",
        "-C",
        "opt-level=s",
    ];
    let stripped = rust("wasm32-unknown-unknown", &flags, SERVICE);
    assert!(!stripped.debug.dwarf && !stripped.debug.names);
    assert!(stripped.bytes < info.bytes && stripped.digest != info.digest);
}

#[test]
fn a_wasi_command() {
    let info = rust(
        "wasm32-wasip1",
        &[],
        "fn main() { println!(\"{:?}\", std::env::args()) }",
    );
    assert!(report(&info, Expected::Command).satisfied);
    assert!(report(&info, Expected::Command).to_grant.is_empty());
    assert!(!report(&info, Expected::Reactor).satisfied);
    assert!(
        info.imports
            .items
            .iter()
            .any(|import| import.item.name == "args_get")
    );
}

#[test]
fn a_component_of_rust() {
    let info = rust(
        "wasm32-wasip2",
        &[],
        "fn main() { println!(\"{:?}\", std::env::args()) }",
    );
    assert_eq!((info.kind, info.language), (Kind::Component, Some("Rust")));
    assert!(info.core_modules >= 2);
    assert!(report(&info, Expected::Cell).satisfied);
    assert!(
        report(&info, Expected::Cell).to_grant.is_empty(),
        "{:?}",
        report(&info, Expected::Cell)
    );
    let run = &info.exports.items[0];
    assert!(run.name.starts_with("wasi:cli/run@0.2.") && run.kind == ItemKind::Interface);
    assert_eq!(run.members.items[0].signature, "func() -> result");
    let streams = info
        .imports
        .items
        .iter()
        .find(|import| import.item.name.starts_with("wasi:io/streams@"))
        .unwrap();
    let write = streams
        .item
        .members
        .items
        .iter()
        .find(|member| member.name == "[method]output-stream.write");
    assert_eq!(
        write.unwrap().signature,
        "func(self: borrow<output-stream>, contents: list<u8>) -> result<_, stream-error>"
    );
    let error = streams
        .item
        .members
        .items
        .iter()
        .find(|member| member.name == "stream-error")
        .unwrap();
    assert_eq!(
        error.signature,
        "variant { last-operation-failed(error), closed }"
    );
}

#[test]
fn a_go_service() {
    let guests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guests/go-echo");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let info = inspect(&go::build(&guests, target).unwrap()).unwrap();
    assert_eq!(info.language, Some("Go"));
    assert_eq!(info.producers.language[0].name, "Go");
    assert!(info.debug.names && !info.debug.dwarf);
    let service = report(&info, Expected::Service);
    assert!(service.satisfied && report(&info, Expected::Reactor).satisfied);
    assert_eq!(service.callable.items, ["echo", "boom", "churn", "reach"]);
    assert!(service.to_grant.is_empty());
}
