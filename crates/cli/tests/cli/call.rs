//! `wardian call`.

use crate::place::{Place, wat};
use crate::snapshot;

#[test]
fn core_values_by_the_functions_own_signature() {
    let place = Place::new();
    place.write("adder.wat", wat::ADDER);
    assert_eq!(
        place
            .run(["call", "adder.wat", "add", "2", "40"])
            .well()
            .text(),
        "42\n"
    );
    assert_eq!(
        place
            .run(["call", "adder.wat", "add", "-2", "0xff"])
            .well()
            .text(),
        "253\n"
    );
    let wide = place
        .run(["call", "adder.wat", "wide", "i64:-1", "f32:0.5", "nan"])
        .well();
    assert_eq!(wide.text(), "-1\n0.5\nNaN\n");
}

#[test]
fn a_module_that_was_called_is_known_by_its_name() {
    let place = Place::new();
    place.write("adder.wat", wat::ADDER);
    place.run(["call", "adder.wat", "add", "1", "1"]).well();
    std::fs::remove_file(place.path("adder.wat")).expect("it was there");
    assert_eq!(
        place.run(["call", "adder", "add", "3", "4"]).well().text(),
        "7\n"
    );
    snapshot!(place.run(["call", "nobody", "add"]).whole(), @r#"
    exit: 1
    --- out
    --- err
    error: no module is called `nobody`
    hint: name a `.wasm` or `.wat` file, or one of `image`, `pdf`, `sheet`, `adder`
    "#);
}

#[test]
fn answer_and_bill_as_json() {
    let place = Place::new();
    place.write("adder.wat", wat::ADDER);
    snapshot!(place.run(["call", "adder.wat", "add", "2", "3", "--json"]).well().whole(), @r#"
    exit: 0
    --- out
    {
      "abi": "raw",
      "digest": "[digest]",
      "function": "add",
      "module": "adder",
      "ok": true,
      "result": [
        5
      ],
      "usage": {
        "bytes_in": 16,
        "bytes_out": 0,
        "fuel": 4,
        "guest_us": [time],
        "host_calls": 0,
        "log_bytes": 0,
        "memory_peak_bytes": 65536,
        "refusals": 0,
        "wall_us": [time]
      }
    }
    --- err
    "#);
}

#[test]
fn a_service_takes_named_arguments() {
    let place = Place::new();
    // {"ok": {"n": 7, "text": "hi", "data": bin(00 ff)}}
    let answer = b"\x81\xa2ok\x83\xa1n\x07\xa4text\xa2hi\xa4data\xc4\x02\x00\xff";
    place.write("said.wat", wat::answering(answer));
    place.write("in.bin", [1, 2, 3]);
    let ran = place
        .run([
            "call",
            "said.wat",
            "ask",
            "--arg",
            "a=1",
            "--arg",
            "b=@in.bin",
        ])
        .well();
    snapshot!(ran.whole(), @r#"
    exit: 0
    --- out
    {
      "data": {
        "base64": "AP8=",
        "bytes": 2
      },
      "n": 7,
      "text": "hi"
    }
    --- err
    "#);
    place
        .run(["call", "said.wat", "ask", "-o", "out.bin"])
        .well();
    assert_eq!(
        place.read("out.bin"),
        [0, 0xff],
        "the one member that is bytes"
    );
}

#[test]
fn arguments_arrive_as_written() {
    let place = Place::new();
    place.write("echo.wat", wat::ECHO);
    // What comes back is the request itself: no answer of the service ABI, but bytes when called raw.
    place.write("in.bin", b"raw bytes");
    assert_eq!(
        place
            .run(["call", "echo.wat", "echo", "@in.bin"])
            .well()
            .text(),
        "raw bytes"
    );
    assert_eq!(
        place
            .run_with(["call", "echo.wat", "echo", "@-"], b"piped")
            .well()
            .text(),
        "piped"
    );
    assert_eq!(
        place
            .run([
                "call", "echo.wat", "echo", "--abi", "service", "--arg", "a=1"
            ])
            .exit,
        Some(10)
    );
}

#[test]
fn a_guard_passes_blocks_or_fails() {
    let place = Place::new();
    let verdict = |json: &str| {
        place.write("guard.wat", wat::answering(json.as_bytes()));
        let ran = place.run([
            "call",
            "guard.wat",
            "eval",
            r#"{"amount": 10}"#,
            "--arg",
            "user=ann",
        ]);
        (ran.exit, ran.text())
    };
    assert_eq!(verdict(r#"{"ok":true}"#), (Some(0), "pass\n".into()));
    assert_eq!(verdict(r#"{"ok":false}"#), (Some(0), "block\n".into()));
    assert_eq!(
        verdict(r#"{"ok":null,"reason":"too \u001b[31mmuch","more":1}"#),
        (Some(0), "block: too \\u{1b}[31mmuch\n".into())
    );
    assert_eq!(verdict(r#"{"ok":1}"#), (Some(10), String::new()));
    assert_eq!(verdict(""), (Some(10), String::new()));
}

#[test]
fn a_component_takes_its_own_types() {
    let place = Place::new();
    place.write(
        "double.wat",
        r#"(component
  (core module $m (func (export "double") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))))
  (core instance $i (instantiate $m))
  (func (export "double") (param "n" u32) (result u32) (canon lift (core func $i "double"))))"#,
    );
    assert_eq!(
        place
            .run(["call", "double.wat", "double", "21"])
            .well()
            .text(),
        "42\n"
    );
    snapshot!(place.run(["call", "double.wat", "double", "--", "-1"]).whole(), @r#"
    exit: 2
    --- out
    --- err
    error: `-1` is no u32, which `n` takes
    hint: text stands as it is, everything that is no number, boolean or character as JSON
    "#);
}

#[test]
fn hostile_text_is_clean_wherever_it_is_printed() {
    let place = Place::new();
    let evil = "\u{1b}[2J\u{202e}evil\u{7f}";
    let bytes = evil.as_bytes();
    // {"ok": str}
    let mut answer = vec![0x81, 0xa2, b'o', b'k', 0xa0 | bytes.len() as u8];
    answer.extend(bytes);
    place.write("said.wat", wat::answering(&answer));
    let plain = place.run(["call", "said.wat", "ask"]).well().text();
    assert_eq!(plain, "\\u{1b}[2J\\u{202e}evil\\u{7f}\n");
    let json = place.run(["call", "said.wat", "ask", "--json"]).well();
    assert!(!json.text().contains(['\u{1b}', '\u{202e}', '\u{7f}']));
    assert_eq!(json.json()["result"], evil);
    place
        .run(["call", "said.wat", "ask", "-o", "out.txt"])
        .well();
    assert_eq!(
        place.read("out.txt"),
        bytes,
        "a file gets what the guest said"
    );
    for arguments in [
        ["call", evil, "x"],
        ["module", "inspect", evil],
        ["call", "said.wat", evil],
        [evil, "x", "y"],
    ] {
        let ran = place.run(arguments);
        assert_ne!(ran.exit, Some(0));
        assert!(
            !ran.err.contains(['\u{1b}', '\u{202e}', '\u{7f}']),
            "{:?}",
            ran.err
        );
    }
}

#[test]
fn limits_are_counted_to_the_last_unit() {
    let place = Place::new();
    place.write("adder.wat", wat::ADDER);
    // One page is there already.
    let grow = |pages: &str| {
        place
            .run([
                "call",
                "adder.wat",
                "grow",
                pages,
                "--limit",
                "memory=640KiB",
            ])
            .exit
    };
    assert_eq!(
        (grow("8"), grow("9"), grow("10")),
        (Some(0), Some(0), Some(11))
    );
    let used = place
        .run(["call", "adder.wat", "add", "1", "1", "--json"])
        .json()["usage"]["fuel"]
        .as_u64();
    let enough = format!("fuel={}", used.expect("fuel is counted"));
    place
        .run(["call", "adder.wat", "add", "1", "1", "--limit", &enough])
        .well();
    assert_eq!(
        place
            .run(["call", "adder.wat", "spin", "--limit", "fuel=1000"])
            .exit,
        Some(11)
    );
}
