//! Every exit code of `docs/reference/exit-codes.md`, with what a person reads beside it.

use crate::place::{Place, wat};
use crate::snapshot;

#[test]
fn exit_1_is_the_host() {
    let place = Place::new();
    snapshot!(place.run(["call", "missing.wasm", "run"]).whole(), @"");
}

#[test]
fn exit_2_is_the_command_line() {
    let place = Place::new();
    place.write("adder.wat", wat::ADDER);
    snapshot!(place.run(["call", "adder.wat", "ad", "1"]).whole(), @"");
    snapshot!(place.run(["call", "adder.wat", "add", "1"]).whole(), @"");
    snapshot!(place.run(["call", "adder.wat", "add", "1", "x"]).whole(), @"");
    snapshot!(place.run(["call", "adder.wat", "add", "1", "2", "--limit", "speed=9"]).whole(), @"");
}

#[test]
fn exit_10_is_the_guest() {
    let place = Place::new();
    place.write("adder.wat", wat::ADDER);
    snapshot!(place.run(["call", "adder.wat", "divide", "1", "0"]).whole(), @"");
}

#[test]
fn exit_11_is_a_limit() {
    let place = Place::new();
    place.write("adder.wat", wat::ADDER);
    snapshot!(place.run(["call", "adder.wat", "spin", "--limit", "fuel=1M"]).whole(), @"");
    snapshot!(place.run(["call", "adder.wat", "grow", "100", "--limit", "memory=1MiB"]).whole(), @"");
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
    snapshot!(place.run(["call", "needy.wat", "run"]).whole(), @"");
    snapshot!(place.run(["call", "needy.wat", "run", "--abi", "service"]).whole(), @"");
}

#[test]
fn exit_14_is_no_module() {
    let place = Place::new();
    place.write("text.wasm", "hello");
    snapshot!(place.run(["call", "text.wasm", "run"]).whole(), @"");
    place.write("broken.wat", "(module (func (export \"run\") (i32.ad)))");
    snapshot!(place.run(["call", "broken.wat", "run"]).whole(), @"");
    place.write(
        "threads.wat",
        r#"(module (memory 1 1 shared) (func (export "run")))"#,
    );
    assert_eq!(place.run(["call", "threads.wat", "run"]).exit, Some(14));
}

#[test]
fn exit_15_is_the_guests_own_error() {
    let place = Place::new();
    let answer = b"\x81\xa3err\x82\xa4code\xa3bad\xa7message\xabtoo \x1b[31mred";
    place.write("said.wat", wat::answering(answer));
    snapshot!(place.run(["call", "said.wat", "ask"]).whole(), @"");
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
    let begun = std::time::Instant::now();
    let ran = place.run(["call", "bomb.wat", "run", "1", "--compile-time", "50ms"]);
    assert!(begun.elapsed() < std::time::Duration::from_secs(60));
    snapshot!(ran.whole(), @"");
}
