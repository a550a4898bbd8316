//! A guest with a runtime of its own: Go, as a WASI reactor, a new instance for every call.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::path::Path;
use std::sync::OnceLock;

use wardian_sandbox::{
    Binding, Blame, Call, CallError, Contract, Linked, Outcome, Sandbox, SandboxConfig, Source,
    TrapKind,
};
use wardian_testkit::guests::go;

/// MessagePack of `{"x": [1, "two"]}`.
const REQUEST: &[u8] = b"\x81\xa1x\x92\x01\xa3two";

/// Compiled once for all tests of this file: it takes seconds.
fn guest() -> &'static Linked<()> {
    static GUEST: OnceLock<Linked<()>> = OnceLock::new();
    GUEST.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guests/go-echo");
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let wasm = go::build(&source, target).unwrap();
        let config = SandboxConfig {
            instances_max: 8,
            ..SandboxConfig::default()
        };
        let sandbox = Sandbox::new(config).unwrap();
        let module = sandbox.load_blocking(Source::new("go-echo", wasm)).unwrap();
        module
            .link(&Binding::new(Contract::service(&[
                "echo", "boom", "churn", "reach",
            ])))
            .unwrap()
    })
}

fn call(function: &'static str) -> Outcome {
    guest().call_blocking(Call::bytes(function, REQUEST))
}

/// The string in `{"ok": "…"}`, as this guest writes it.
fn text(outcome: Outcome) -> String {
    let answer = outcome.result.unwrap();
    let text = answer.bytes().strip_prefix(b"\x81\xa2ok\xda").unwrap();
    String::from_utf8(text[2..].to_vec()).unwrap()
}

#[test]
fn fifty_calls_find_the_same_memory() {
    let expected = [b"\x81\xa2ok", REQUEST].concat();
    let mut first = None;
    for round in 0..50 {
        let outcome = call("echo");
        assert_eq!(outcome.result.unwrap().bytes(), expected);
        // The memory that a call leaves, read through a session; it too begins with a new instance.
        let mut session = guest().session();
        let outcome = session.call_blocking(Call::bytes("echo", REQUEST));
        let pages = u32::try_from(outcome.usage.memory_peak_bytes).unwrap();
        let memory = session.read_bytes(0, pages).unwrap();
        let found = (outcome.usage.fuel, outcome.usage.host_calls, memory);
        let first = first.get_or_insert_with(|| found.clone());
        assert!(*first == found, "round {round} differs from the first");
        // Neighbours that leave their slot as dirty as they can.
        if round % 10 == 0 {
            assert_eq!(text(call("churn")), "67108864");
            assert!(call("boom").result.is_err());
        }
    }
}

#[test]
fn a_panic_arrives_with_its_text_and_place() {
    let outcome = call("boom");
    let error = outcome.result.unwrap_err();
    assert_eq!((error.code(), error.blame()), ("panic", Blame::Guest));
    let CallError::Panic {
        message,
        trap: Some(trap),
    } = error
    else {
        panic!("{error:?}")
    };
    assert!(
        message.contains("index out of range [12] with length 3"),
        "{message}"
    );
    assert_eq!(trap.kind, TrapKind::Unreachable);
    assert!(
        trap.frames
            .iter()
            .any(|frame| frame.function.contains("main.boom")),
        "{trap:?}"
    );
    assert!(trap.log_tail.contains("main.go:"), "{}", trap.log_tail);
    assert!(call("echo").result.is_ok());
}

#[test]
fn wasi_gives_it_nothing() {
    assert_eq!(
        text(call("reach")),
        "args 0; env 0; read false; write false; list false; slept 1h0m0s; since 2026-01-01T00:00:00Z"
    );
}

#[test]
fn the_collector_keeps_it_small() {
    let outcome = call("churn");
    assert!(
        outcome.usage.memory_peak_bytes < 16 << 20,
        "{:?}",
        outcome.usage
    );
}
