//! Traps are readable: file and line from line tables, the guest's last words, and nothing of a guest's choosing that
//! could mislead who reads it.
#![allow(clippy::expect_used, clippy::panic, reason = "tests may")]

mod guests;

use std::path::Path;
use std::process::Command;

use guests::{TOOLS, call, guest, guest_with, sandbox};
use wardian_sandbox::{
    Binding, CallError, Contract, Cpu, Frame, Host, Imports, Linked, Sandbox, Source, Trap,
    TrapKind,
};

const RUST: &str = r#"
#[unsafe(no_mangle)]
pub extern "C" fn divide(by: i32) -> i32 {
    inner(by)
}

#[inline(never)]
fn inner(by: i32) -> i32 {
    innermost(std::hint::black_box(1000), by)
}

#[inline(always)]
fn innermost(what: i32, by: i32) -> i32 {
    let numbers = [1, 2, 3];
    if by == 7 {
        panic!("seven is not allowed");
    }
    if by > 2 {
        // The line of this one is 20.
        return numbers[std::hint::black_box(by as usize)];
    }
    what / std::hint::black_box(by)
}
"#;

/// Builds a Rust guest with the installed toolchain, in a directory that vanishes.
fn built(source: &str, arguments: &[&str]) -> Vec<u8> {
    let dir = tempfile::tempdir().expect("a directory");
    let (from, to) = (dir.path().join("guest.rs"), dir.path().join("guest.wasm"));
    std::fs::write(&from, source).expect("writable");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let built = Command::new(rustc)
        .args([
            "--edition",
            "2024",
            "--target",
            "wasm32-unknown-unknown",
            "--crate-type",
            "cdylib",
        ])
        .args(["-C", "opt-level=1", "-C", "panic=abort"])
        .args(arguments)
        .arg("-o")
        .args([&to, &from])
        .output()
        .expect("rustc runs");
    let said = String::from_utf8_lossy(&built.stderr);
    assert!(
        built.status.success(),
        "is the target installed? `rustup target add wasm32-unknown-unknown`\n{said}"
    );
    std::fs::read(Path::new(&to)).expect("it was built")
}

fn linked(sandbox: &Sandbox, wasm: Vec<u8>) -> Linked<()> {
    let module = sandbox
        .load_blocking(Source::new("rust", wasm))
        .expect("loads");
    module.link(&Binding::new(Contract::raw())).expect("links")
}

fn trap(linked: &Linked<()>, function: &'static str, arguments: &[i32]) -> Trap {
    let error = linked
        .call_blocking(call(function, arguments))
        .result
        .expect_err("it traps");
    error
        .trap()
        .unwrap_or_else(|| panic!("no trap: {error:?}"))
        .clone()
}

fn place(frame: &Frame) -> (Option<&str>, Option<u32>) {
    let file = frame.file.as_deref().and_then(|f| f.rsplit('/').next());
    (file, frame.line)
}

#[test]
fn line_tables_say_file_and_line() {
    let sandbox = sandbox();
    let rust = linked(&sandbox, built(RUST, &["-C", "debuginfo=line-tables-only"]));
    let line = |needle: &str| {
        let at = RUST
            .lines()
            .position(|l| l.contains(needle))
            .expect("it is in the source");
        Some(u32::try_from(at).expect("small") + 1)
    };
    let divided = trap(&rust, "divide", &[0]);
    // Rust checks before the processor would: its panic is in the standard library, the place is the author's own.
    let own = divided.place().expect("a place");
    assert_eq!(
        place(own),
        (Some("guest.rs"), line("what / std")),
        "{divided:#?}"
    );
    let files: Vec<_> = divided.frames.iter().map(place).collect();
    assert!(
        files.contains(&(Some("guest.rs"), line("innermost(std::hint"))),
        "inlined frames: {files:?}"
    );
    assert!(
        files.contains(&(Some("guest.rs"), line("    inner(by)"))),
        "{files:?}"
    );
    let indexed = trap(&rust, "divide", &[9]);
    assert_eq!(
        place(indexed.place().expect("a place")),
        (Some("guest.rs"), line("return numbers"))
    );
    // A panic is told from a plain trap by its frames.
    let error = rust
        .call_blocking(call("divide", &[7]))
        .result
        .expect_err("panics");
    assert_eq!(error.code(), "panic", "{error:?}");
    let text = error.trap().expect("a trap").to_string();
    assert!(
        text.starts_with("reached `unreachable` in `") && text.contains("guest.rs:"),
        "{text}"
    );
}

#[test]
fn names_without_line_tables() {
    let sandbox = sandbox();
    let rust = linked(&sandbox, built(RUST, &["-C", "debuginfo=0"]));
    let divided = trap(&rust, "divide", &[0]);
    // The standard library comes with line tables; what was built here has none.
    let own = |f: &&Frame| ["divide", "guest::inner"].contains(&f.function.as_str());
    let own: Vec<_> = divided.frames.iter().filter(own).collect();
    assert!(
        own.iter().all(|f| f.file.is_none() && f.offset.is_some()),
        "{own:#?}"
    );
    let names: Vec<_> = divided.frames.iter().map(|f| f.function.as_str()).collect();
    assert!(names.contains(&"divide"), "{names:?}");
    // A name as its author wrote it.
    assert!(names.contains(&"guest::inner"), "{names:?}");
    // And with no names at all, numbers.
    let bare = linked(
        &sandbox,
        built(RUST, &["-C", "debuginfo=0", "-C", "strip=symbols"]),
    );
    let divided = trap(&bare, "divide", &[0]);
    assert!(
        divided
            .frames
            .iter()
            .any(|f| f.function.starts_with("func ")),
        "{divided:#?}"
    );
}

#[test]
fn every_kind_is_named() {
    let sandbox = sandbox();
    let cases = [
        ("unreachable", TrapKind::Unreachable),
        (
            "(drop (i32.load (i32.const -1)))",
            TrapKind::MemoryOutOfBounds,
        ),
        (
            "(drop (table.get (i32.const 99)))",
            TrapKind::TableOutOfBounds,
        ),
        (
            "(call_indirect (i32.const 0))",
            TrapKind::IndirectCallToNull,
        ),
        (
            "(drop (call_indirect (result i32) (i32.const 1)))",
            TrapKind::BadSignature,
        ),
        (
            "(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))",
            TrapKind::IntegerOverflow,
        ),
        (
            "(drop (i32.div_s (i32.const 1) (i32.const 0)))",
            TrapKind::IntegerDivisionByZero,
        ),
        (
            "(drop (i32.trunc_f32_s (f32.const nan)))",
            TrapKind::BadConversionToInteger,
        ),
    ];
    for (body, kind) in cases {
        let wat = format!(
            r#"(module (memory 1) (table 2 funcref) (func $f) (elem (i32.const 1) func $f) (func (export "run") {body}))"#
        );
        let trap = trap(&guest(&sandbox, &wat), "run", &[]);
        assert_eq!(trap.kind, kind, "{body}");
        assert_eq!(trap.frames.len(), 1);
    }
}

#[test]
fn deep_stacks_are_cut() {
    let sandbox = sandbox();
    let overflow = trap(&guest(&sandbox, TOOLS), "recurse", &[10_000_000]);
    assert_eq!(overflow.kind, TrapKind::StackOverflow);
    assert!(overflow.frames.len() <= 64, "{}", overflow.frames.len());
}

#[test]
fn the_last_words_come_along_cut_and_escaped() {
    let sandbox = sandbox();
    let imports = Imports::<()>::new().define_sync(
        "host",
        "log",
        None,
        |host: &mut Host<'_, ()>, (ptr, len): (i32, i32)| {
            let text = host.read(ptr, len)?.to_vec();
            host.log(2, &text);
            Ok(())
        },
    );
    let wat = r#"(module (import "host" "log" (func $log (param i32 i32))) (memory (export "memory") 1)
        (data (i32.const 0) "first line\n\1b[2Jthread panicked at src/lib.rs:3\nall is lost\e2\80\ae")
        (func (export "says") (param $n i32)
            (loop $l (call $log (i32.const 0) (i32.const 61)) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            unreachable))"#;
    let says = guest_with(&sandbox, wat, Cpu::default(), imports);
    let once = trap(&says, "says", &[1]);
    assert_eq!(
        once.log_tail,
        "first line\n\\u{1b}[2Jthread panicked at src/lib.rs:3\nall is lost\\u{202e}"
    );
    let often = trap(&says, "says", &[500]);
    assert!(
        often.log_tail.chars().count() <= 2048,
        "{}",
        often.log_tail.len()
    );
    // Another call's words are not there.
    assert_eq!(trap(&says, "says", &[1]).log_tail, once.log_tail);
}

#[test]
fn hostile_names_are_cleaned() {
    let sandbox = sandbox();
    let long = "n".repeat(100_000);
    let wat = format!(
        r#"(module
            (func $a (@name "ev\1b[31mil\0a\e2\80\ae") unreachable)
            (func $b (@name "{long}") (call $a))
            (func (export "run") (call $b)))"#
    );
    let trap = trap(&guest(&sandbox, &wat), "run", &[]);
    assert_eq!(trap.frames[0].function, "ev\\u{1b}[31mil\\n\\u{202e}");
    assert_eq!(trap.frames[1].function.chars().count(), 256);
    let shown = trap.to_string();
    assert!(shown.chars().all(|c| !c.is_control()), "{shown}");
}

#[test]
fn a_guests_own_panic_text_is_cleaned() {
    let sandbox = sandbox();
    let imports = Imports::<()>::new().define_sync(
        "host",
        "panic",
        None,
        |host: &mut Host<'_, ()>, (ptr, len): (i32, i32)| {
            let text = host.read(ptr, len)?.to_vec();
            Err::<(), _>(wardian_sandbox::HostError::panic(&text))
        },
    );
    let wat = r#"(module (import "host" "panic" (func $panic (param i32 i32))) (memory (export "memory") 1)
        (data (i32.const 0) "no\1b[0m\ff")
        (func (export "run") (param i32) (call $panic (i32.const 0) (local.get 0))))"#;
    let panics = guest_with(&sandbox, wat, Cpu::default(), imports);
    let message = |n: i32| match panics.call_blocking(call("run", &[n])).result {
        Err(CallError::Panic { message, trap }) => {
            assert!(
                trap.is_some_and(|t| !t.frames.is_empty()),
                "where it panicked"
            );
            message
        }
        other => panic!("no panic: {other:?}"),
    };
    assert_eq!(message(7), "no\\u{1b}[0m\u{fffd}");
    // An escape is never cut in two.
    assert!((4087..=4096).contains(&message(65_536).chars().count()));
}
