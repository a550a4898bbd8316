//! Every exit code of `docs/reference/exit-codes.md`, with what a person reads beside it.

use crate::place::{Place, wat};
use crate::snapshot;

#[test]
fn exit_1_is_the_host() {
    let place = Place::new();
    snapshot!(place.run(["call", "missing.wasm", "run"]).whole(), @r#"
    exit: 1
    --- out
    --- err
    error: cannot open `missing.wasm`
      No such file or directory (os error 2)
    "#);
}

#[test]
fn exit_2_is_the_command_line() {
    let place = Place::new();
    place.write("adder.wat", wat::ADDER);
    snapshot!(place.run(["call", "adder.wat", "ad", "1"]).whole(), @r#"
    exit: 2
    --- out
    --- err
    error: the module has no function `ad`
    hint: it exports `add`, `wide`, `divide`, `spin`, `grow`
    "#);
    snapshot!(place.run(["call", "adder.wat", "add", "1"]).whole(), @r#"
    exit: 2
    --- out
    --- err
    error: `add` takes 2 values, given are 1
    hint: its signature is (i32, i32) -> i32
    "#);
    snapshot!(place.run(["call", "adder.wat", "add", "1", "x"]).whole(), @r#"
    exit: 2
    --- out
    --- err
    error: `x` is no i32
    "#);
    snapshot!(place.run(["call", "adder.wat", "add", "1", "2", "--limit", "speed=9"]).whole(), @r#"
    exit: 2
    --- out
    --- err
    error: invalid value 'speed=9' for '--limit <KEY=VALUE,…>': unknown limit; there are fuel=1000000, memory=64MiB, deadline=10s, table=20000, input=64MiB, output=64MiB, host-calls=100000, log=64KiB

    For more information, try '--help'.
    "#);
}

#[test]
fn exit_10_is_the_guest() {
    let place = Place::new();
    place.write("adder.wat", wat::ADDER);
    snapshot!(place.run(["call", "adder.wat", "divide", "1", "0"]).whole(), @r#"
    exit: 10
    --- out
    --- err
    error: `divide` of `adder`: guest trapped: integer division by zero in `divide` at ./adder.wat:5
      in `divide` at ./adder.wat:5
      in `wasm-function[3]` at ./adder.wat:7
    "#);
}

#[test]
fn exit_11_is_a_limit() {
    let place = Place::new();
    place.write("adder.wat", wat::ADDER);
    snapshot!(place.run(["call", "adder.wat", "spin", "--limit", "fuel=1M"]).whole(), @r#"
    exit: 11
    --- out
    --- err
    error: `spin` of `adder`: guest passed its fuel limit: asked 1000001 units, allowed 1000000 units
      in `wasm-function[4]` at ./adder.wat:8
    hint: raise it if this guest needs it, such as `--limit fuel=2000000`
    "#);
    snapshot!(place.run(["call", "adder.wat", "grow", "100", "--limit", "memory=1MiB"]).whole(), @r#"
    exit: 11
    --- out
    --- err
    error: `grow` of `adder`: guest passed its memory limit: asked 6464 KiB, allowed 1 MiB
      in `wasm-function[5]` at ./adder.wat:9
    hint: raise it if this guest needs it, such as `--limit memory=2MiB`
    "#);
    let late = place.run([
        "call",
        "adder.wat",
        "spin",
        "--meter",
        "time",
        "--limit",
        "deadline=50ms",
    ]);
    assert_eq!(late.exit, Some(11), "{}", late.err);
    assert!(
        late.err
            .contains("hint: raise it if this guest needs it, such as `--limit deadline=100ms`"),
        "{}",
        late.err
    );
}

#[test]
fn exit_12_is_a_module_that_does_not_fit() {
    let place = Place::new();
    place.write(
        "needy.wat",
        r#"(module (import "host" "secret" (func)) (func (export "run")))"#,
    );
    snapshot!(place.run(["call", "needy.wat", "run"]).whole(), @r#"
    exit: 12
    --- out
    --- err
    error: module cannot be linked: import `host.secret` of type () -> () is unknown
    hint: `wardian module inspect` shows what the module has and what it lacks
    "#);
    snapshot!(place.run(["call", "needy.wat", "run", "--abi", "service"]).whole(), @r#"
    exit: 12
    --- out
    --- err
    error: module cannot be linked: export `memory` is missing, wanted memory; export `alloc` is missing, wanted (i32) -> i32; export `run` is () -> (), wanted (i32, i32) -> i64; import `host.secret` of type () -> () is unknown
    hint: `wardian module inspect` shows what the module has and what it lacks
    "#);
}

#[test]
fn exit_14_is_no_module() {
    let place = Place::new();
    place.write("text.wasm", "hello");
    snapshot!(place.run(["call", "text.wasm", "run"]).whole(), @r#"
    exit: 14
    --- out
    --- err
    error: not a WebAssembly binary: it does not begin with `\0asm`
    "#);
    place.write("broken.wat", "(module (func (export \"run\") (i32.ad)))");
    snapshot!(place.run(["call", "broken.wat", "run"]).whole(), @r#"
    exit: 14
    --- out
    --- err
    error: `broken.wat` is not a module in the text format
      unknown operator or unexpected token
           --> broken.wat:1:31
            |
          1 | (module (func (export "run") (i32.ad)))
            |                               ^
    "#);
    place.write(
        "threads.wat",
        r#"(module (memory 1 1 shared) (func (export "run")))"#,
    );
    assert_eq!(place.run(["call", "threads.wat", "run"]).exit, Some(14));
}

#[test]
fn exit_15_is_the_guests_own_error() {
    let place = Place::new();
    let answer = b"\x81\xa3err\x82\xa4code\xa3bad\xa7message\xactoo \x1b[31mred";
    place.write("said.wat", wat::answering(answer));
    snapshot!(place.run(["call", "said.wat", "ask"]).whole(), @r#"
    exit: 15
    --- out
    --- err
    error: `ask` of `said`: guest answered with an error: "bad": "too \\u{1b}[31mred"
    "#);
}

#[test]
fn an_error_is_json_where_that_was_asked_for() {
    let place = Place::new();
    place.write("adder.wat", wat::ADDER);
    let ran = place.run(["call", "adder.wat", "divide", "1", "0", "--json"]);
    let json = ran.json();
    assert_eq!(
        (json["ok"].as_bool(), json["error"]["code"].as_str()),
        (Some(false), Some("trap"))
    );
    assert_eq!(json["error"]["exit"], 10);
    assert_eq!(json["error"]["trap"]["frames"][0]["line"], 5);
    assert!(json["usage"]["fuel"].as_u64().is_some_and(|fuel| fuel > 0));
    assert!(ran.err.starts_with("error: "));
}

#[test]
fn a_compile_bomb_costs_its_own_time() {
    let place = Place::new();
    // One function that is large enough to keep the compiler busy for much longer than it is given.
    let body = "(local.set 0 (i64.add (local.get 0) (i64.mul (local.get 0) (i64.const 3))))"
        .repeat(60_000);
    place.write(
        "bomb.wat",
        format!(r#"(module (func (export "run") (param i64) {body}))"#),
    );
    let ran = place.run(["call", "bomb.wat", "run", "1", "--compile-time", "5ms"]);
    snapshot!(ran.whole(), @r#"
    exit: 11
    --- out
    --- err
    error: module `bomb` is not loaded: module passes its compile time limit: asked [time], allowed [time]
    hint: raise `--compile-time` if this module may take that long
    "#);
}
