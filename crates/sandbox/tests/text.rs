//! Whatever a guest puts into names, panics and logs: what comes out of the sandbox is short and shows as itself.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::error::Error;

use wardian_sandbox::{
    Binding, Call, CallError, Contract, Limits, LinkError, Linked, Sandbox, SandboxConfig, Source,
};

/// Longer than any message may be.
const FLOOD: usize = 100_000;

fn link(wat: &str) -> Result<Linked<()>, LinkError> {
    let config = SandboxConfig {
        instances_max: 2,
        ..SandboxConfig::default()
    };
    let wasm = wat::parse_str(wat).unwrap();
    let module = Sandbox::new(config)
        .unwrap()
        .load_blocking(Source::new("test", wasm))
        .unwrap();
    module.link(&Binding::new(Contract::raw()))
}

fn failure(wat: &str) -> CallError {
    let limits = Limits {
        log_bytes_max: 10 * FLOOD as u64,
        ..Limits::default()
    };
    link(wat)
        .unwrap()
        .call_blocking(Call::values("boom", []).limits(limits))
        .result
        .unwrap_err()
}

/// Everything that the error says, through its sources and in its fields.
fn said(error: &dyn Error) -> String {
    let own = format!("{error}\n{error:?}\n");
    own + &error.source().map(said).unwrap_or_default()
}

fn is_clean(text: &str) -> bool {
    let hides = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{200b}' | '\u{202e}');
    !text.contains(hides) && text.len() < FLOOD
}

/// A text section in WebAssembly's escapes: an ANSI escape, a bidirectional override, a zero-width space, a bell.
const HOSTILE: &str = r"\1b[2J\e2\80\ae\e2\80\8b\07";

#[test]
fn names_of_functions_in_a_trap() {
    let error = failure(&format!(
        "(module (func (@name \"{HOSTILE}\") (export \"boom\") unreachable))"
    ));
    let frame = &error.trap().unwrap().frames[0];
    assert_eq!(frame.function, r"\u{1b}[2J\u{202e}\u{200b}\u{7}");
    assert!(is_clean(&said(&error)), "{:?}", said(&error));

    let long = "n".repeat(FLOOD);
    let error = failure(&format!(
        "(module (func (@name \"{long}\") (export \"boom\") unreachable))"
    ));
    assert!(error.trap().unwrap().frames[0].function.ends_with('…'));
    assert!(is_clean(&said(&error)));
}

#[test]
fn names_in_a_link_error() {
    for name in [HOSTILE, &"n".repeat(FLOOD)] {
        let error = link(&format!("(module (import \"{name}\" \"{name}\" (func)))")).unwrap_err();
        assert!(is_clean(&said(&error)), "{:?}", said(&error));
    }
}

#[test]
fn the_message_of_an_abort() {
    let utf16: String = "\x1b[31m\u{202e}"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .map(|b| format!("\\{b:02x}"))
        .collect();
    // A string of six UTF-16 units, and one that fills the memory with ESC.
    for (bytes, data) in [(12, utf16), (2 * FLOOD, r"\1b\00".repeat(FLOOD))] {
        let error = failure(&format!(
            r#"(module (import "env" "abort" (func $abort (param i32 i32 i32 i32)))
                (memory (export "memory") 16) (data (i32.const 8) "{data}")
                (func (export "boom")
                    (i32.store (i32.const 4) (i32.const {bytes}))
                    (call $abort (i32.const 8) (i32.const 8) (i32.const 1) (i32.const 2))))"#
        ));
        assert_eq!(error.code(), "panic");
        let said = said(&error);
        assert!(is_clean(&said) && said.contains(r"\u{1b}"), "{said:?}");
    }
}

#[test]
fn the_last_lines_of_a_log() {
    for data in [
        HOSTILE.to_owned(),
        r"\1b".repeat(FLOOD),
        r"\0a".repeat(FLOOD),
        "\\ff".repeat(FLOOD),
    ] {
        let error = failure(&format!(
            r#"(module (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
                (memory (export "memory") 16) (data (i32.const 64) "panic: {data}")
                (func (export "boom")
                    (i32.store (i32.const 0) (i32.const 64))
                    (i32.store (i32.const 4) (i32.const {}))
                    (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))
                    unreachable))"#,
            7 + data.len() / 3
        ));
        let said = said(&error);
        assert!(
            is_clean(&said),
            "{} bytes: {:?}",
            said.len(),
            said.get(..2000)
        );
    }
}
