//! Programs of Rust's std for `wasip1`, through the sandbox: they run, and learn nothing.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use wardian_sandbox::{
    Binding, Call, CallError, Contract, Limits, Linked, Outcome, Sandbox, SandboxConfig, Source,
};
use wardian_testkit::guests::rust;

fn linked(source: &str) -> Linked<()> {
    let dir = tempfile::tempdir().unwrap();
    let wasm = rust::compile(dir.path(), "wasm32-wasip1", &["-C", "opt-level=s"], source).unwrap();
    let config = SandboxConfig {
        instances_max: 4,
        ..SandboxConfig::default()
    };
    let module = Sandbox::new(config)
        .unwrap()
        .load_blocking(Source::new("program", wasm))
        .unwrap();
    module.link(&Binding::new(Contract::raw())).unwrap()
}

fn start(program: &Linked<()>) -> Outcome {
    program.call_blocking(Call::values("_start", []))
}

#[test]
fn a_program_runs_the_same_every_time() {
    let program = linked(
        r#"
        use std::collections::HashMap;
        fn main() {
            // The order of a HashMap comes from randomness.
            let map: HashMap<_, _> = (0..100).map(|i| (i, std::time::SystemTime::now())).collect();
            assert!(std::env::args().next().is_none() && std::env::vars().next().is_none());
            assert!(std::fs::read("/etc/passwd").is_err());
            std::thread::sleep(std::time::Duration::from_secs(3600));
            println!("{map:?}");
        }"#,
    );
    let first = start(&program);
    first.result.as_ref().unwrap();
    assert!(
        first.usage.log_bytes > 1000 && first.usage.host_calls > 100,
        "{:?}",
        first.usage
    );
    let second = start(&program);
    assert_eq!(second.usage.fuel, first.usage.fuel);
    assert_eq!(second.usage.log_bytes, first.usage.log_bytes);
}

#[test]
fn a_panic_and_an_exit_are_told() {
    let program = linked("fn main() { panic!(\"out of \\u{1b}[31mcheese\") }");
    let CallError::Panic { message, trap } = start(&program).result.unwrap_err() else {
        panic!()
    };
    assert!(message.contains(r"out of \u{1b}[31mcheese"), "{message}");
    assert!(trap.is_some());
    let program = linked("fn main() { eprintln!(\"no such file\"); std::process::exit(3) }");
    let CallError::Panic { message, .. } = start(&program).result.unwrap_err() else {
        panic!()
    };
    assert_eq!(message, "exited with code 3: no such file");
}

#[test]
fn calls_of_wasi_are_host_calls() {
    let program = linked("fn main() { loop { std::thread::yield_now() } }");
    let limits = Limits {
        host_calls_max: 1000,
        ..Limits::default()
    };
    let outcome = program.call_blocking(Call::values("_start", []).limits(limits));
    assert_eq!(outcome.result.unwrap_err().code(), "limit.host_calls");
}
