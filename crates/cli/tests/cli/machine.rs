//! `wardian guard` and `wardian machine`: verdicts as exit codes, machines linted, played and compared.

use crate::place::Place;
use crate::snapshot;

const ORDER: &str = r#"{"id": "order", "initial": "open", "context": {"total": 0}, "states": {
    "open": {
        "on": {"pay": {
            "target": "paid",
            "guard": {"type": "and", "guards": ["approved", {"type": "ge", "path": "total", "value": 40}]},
            "actions": ["receipt", {"type": "mail", "params": {"to": "ann"}}]
        }},
        "after": {"1000": "expired"}
    },
    "paid": {"invoke": {"src": "ship", "id": "s"}, "on": {"xstate.done.actor.s": "sent"}},
    "sent": {"type": "final"}, "expired": {"type": "final"}
}}"#;

fn evaluating(data: &str, body: &str) -> String {
    let data: String = data.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    format!(
        r#"(module (memory (export "memory") 1) (data (i32.const 0) "{data}")
    (func (export "alloc") (param i32) (result i32) i32.const 4096)
    (func $eval (export "eval") (param i32 i32) (result i64)
        {body}))"#
    )
}

fn place() -> Place {
    let place = Place::new();
    place.write("order.json", ORDER);
    place.write("yes.wat", evaluating(r#"{"ok":true}"#, "i64.const 11"));
    let no = r#"{"ok":false,"reason":"not \u001b[2J today"}"#;
    place.write("no.wat", evaluating(no, &format!("i64.const {}", no.len())));
    place.write("trap.wat", evaluating("", "unreachable"));
    place.write(
        "spin.wat",
        evaluating("", "(loop $again br $again) i64.const 0"),
    );
    place.write("garbage.wat", evaluating("yes", "i64.const 3"));
    place
}

/// 0 passes, 1 blocks, 3 is no verdict, 2 a mistake of the command line; nothing else is 0.
#[test]
fn a_verdict_is_an_exit_code() {
    let place = place();
    let cases: [(&[&str], i32); 9] = [
        (&["yes.wat", "--context", r#"{"total": 50}"#], 0),
        (&["no.wat"], 1),
        (&["no.wat", "--json"], 1),
        (&["trap.wat"], 3),
        (&["spin.wat", "--limit", "fuel=1000"], 3),
        (&["garbage.wat"], 3),
        (&["missing.wat"], 3),
        (&["yes.wat", "--context", "{"], 2),
        (&["yes.wat", "--event", r#"{"kind": 1}"#], 2),
    ];
    for (arguments, exit) in cases {
        let line = [&["guard", "eval"], arguments].concat();
        assert_eq!(place.run(line).exit, Some(exit), "{arguments:?}");
    }
}

#[test]
fn what_a_guard_says_is_shown_with_its_cost() {
    let place = place();
    let ran = place.run(["guard", "eval", "no.wat", "--context", "@order.json"]);
    snapshot!(ran.whole(), @r#"
    exit: 1
    --- out
    block: not \u{1b}[2J today
    response: {"ok":false,"reason":"not \u001b[2J today"}
    cost: [time], 4 fuel, 64.0 KiB peak, 417 B in, 43 B out
    --- err
    "#);
    let ran = place.run(["guard", "eval", "garbage.wat"]);
    snapshot!(ran.whole(), @r#"
    exit: 3
    --- out
    error
    response: yes
    cost: [time], 4 fuel, 64.0 KiB peak, 14 B in, 3 B out
    --- err
    error: no verdict
      guard broke its contract: the answer is no JSON object
    "#);
    let ran = place.run(["guard", "eval", "trap.wat", "--json"]);
    snapshot!(ran.whole(), @r#"
    exit: 3
    --- out
    {
      "error": {
        "blame": "guest",
        "causes": [
          "`eval` of `trap`: guest trapped: reached `unreachable` in `eval` at ./trap.wat:4"
        ],
        "code": "trap",
        "exit": 3,
        "hint": null,
        "message": "no verdict",
        "trap": {
          "frames": [
            {
              "column": 9,
              "file": "./trap.wat",
              "function": "eval",
              "line": 4,
              "offset": 70
            }
          ],
          "kind": "unreachable",
          "log_tail": ""
        }
      },
      "ok": false,
      "usage": {
        "bytes_in": 14,
        "bytes_out": 0,
        "fuel": 3,
        "guest_us": [time],
        "host_calls": 0,
        "log_bytes": 0,
        "memory_peak_bytes": 65536,
        "refusals": 0,
        "wall_us": [time]
      }
    }
    --- err
    error: no verdict
      `eval` of `trap`: guest trapped: reached `unreachable` in `eval` at ./trap.wat:4
      in `eval` at ./trap.wat:4
    "#);
}

#[test]
fn events_are_played() {
    let place = place();
    let line = [
        "machine",
        "simulate",
        "order.json",
        "--context",
        r#"{"total": 50}"#,
    ];
    let guarded = [
        "--guard",
        "approved=yes.wat",
        "-e",
        "pay",
        "-e",
        "xstate.done.actor.s",
    ];
    let ran = place.run([&line[..], &guarded].concat());
    snapshot!(ran.whole(), @r#"
    exit: 0
    --- out
    (start): taken, now "open"
      entered order, order.open
      send xstate.after.1000.order.open in [time]
    pay: taken, now "paid"
      left order.open; entered order.paid
      cancel xstate.after.1000.order.open
      do receipt
      do mail {"to":"ann"}
      start ship as s
    xstate.done.actor.s: taken, now "sent"
      left order.paid; entered order.sent
      stop s
      done, output null
    --- err
    "#);
    let guarded = [
        "--guard",
        "approved=trap.wat",
        "-e",
        "pay",
        "-e",
        "+999",
        "-e",
        "+1",
    ];
    let ran = place.run([&line[..], &guarded].concat());
    snapshot!(ran.whole(), @r#"
    exit: 0
    --- out
    (start): taken, now "open"
      entered order, order.open
      send xstate.after.1000.order.open in [time]
    pay: broken, now "open"
      approved at /states/open/on/pay: guest trapped: reached `unreachable` in `eval` at ./trap.wat:4 (trap)
    xstate.after.1000.order.open: taken, now "expired"
      left order.open; entered order.expired
      cancel xstate.after.1000.order.open
      done, output null
    --- err
    "#);
}

#[test]
fn a_file_of_events_is_played_line_by_line() {
    let place = place();
    let line = [
        "machine",
        "simulate",
        "order.json",
        "--context",
        r#"{"total": 50}"#,
    ];
    place.write("events", "pay\n\n{\"type\": \"sing\"}\n");
    let stubbed = ["--stub", "block", "--events", "events", "--format", "json"];
    let ran = place.run([&line[..], &stubbed].concat());
    snapshot!(ran.whole(), @r#"
    exit: 0
    --- out
    {"context":{"total":50},"effects":[{"delay_ms":1000,"id":"xstate.after.1000.order.open","schedule":{"type":"xstate.after.1000.order.open"}}],"event":"(start)","outcome":"taken","output":null,"refusals":[],"status":"active","trace":[{"entered":["order","order.open"],"event":"xstate.init","exited":[],"transitions":[]}],"value":"open"}
    {"context":{"total":50},"effects":[],"event":"pay","outcome":"blocked","output":null,"refusals":[{"error":null,"guard":"approved","reason":null,"transition":"/states/open/on/pay"}],"status":"active","trace":[],"value":"open"}
    {"context":{"total":50},"effects":[],"event":"sing","outcome":"ignored","output":null,"refusals":[],"status":"active","trace":[],"value":"open"}
    --- err
    "#);
}

#[test]
fn what_is_not_bound_and_what_is_no_machine_is_told_at_once() {
    let place = place();
    snapshot!(place.run(["machine", "simulate", "order.json"]).whole(), @r#"
    exit: 2
    --- out
    --- err
    error: not bound: guard `approved`
    hint: bind guards by `--guard name=module.wasm` or `--stub block`, delays by `--delay name=ms`
    "#);
    place.write(
        "bad.json",
        r#"{"initial": "a", "states": {"a": {"on": {"x": "q", "y": {"cond": "g"}}}}}"#,
    );
    snapshot!(place.run(["machine", "simulate", "bad.json"]).whole(), @r#"
    exit: 14
    --- out
    --- err
    error: `bad.json` is no machine
      2 problems
      /states/a/on/y/cond: unknown key `cond`; write `guard`
      /states/a/on/x: target `q` is no state
    "#);
    snapshot!(place.run(["machine", "lint", "bad.json"]).whole(), @r#"
    exit: 1
    --- out
    error[invalid] /states/a/on/y/cond: unknown key `cond`; write `guard`
    error[undefined-target] /states/a/on/x: target `q` is no state
    2 errors
    --- err
    "#);
}

#[test]
fn machines_are_linted_and_compared() {
    let place = place();
    place.write(
        "dead.json",
        ORDER
            .replace("\"expired\"", "\"expired2\"")
            .replace("\"after\": {\"1000\": \"expired2\"}", "\"after\": {}"),
    );
    snapshot!(place.run(["machine", "lint", "dead.json"]).whole(), @r#"
    exit: 0
    --- out
    warning[unreachable-state] /states/expired2: state `order.expired2` can never be active
    1 warning
    --- err
    "#);
    let strict = place.run([
        "machine",
        "lint",
        "dead.json",
        "--deny",
        "warning",
        "--format",
        "sarif",
    ]);
    assert_eq!(strict.exit, Some(1));
    assert!(String::from_utf8_lossy(&strict.out).contains("unreachable-state"));
    let same = place.run(["machine", "diff", "order.json", "order.json"]);
    assert_eq!(same.exit, Some(0));
    place.write("new.json", ORDER.replace("1000", "500"));
    snapshot!(place.run(["machine", "diff", "order.json", "new.json"]).whole(), @r#"
    exit: 1
    --- out
    state `order.open`: delays changed from [1000] to [500] (breaks kept states)
    transition `after 500` 0 of `order.open` added
    transition `after 1000` 0 of `order.open` removed
    3 changes, 1 of them breaks kept states
    --- err
    "#);
}

#[test]
fn machines_are_drawn() {
    let place = place();
    let line = ["machine", "render", "order.json", "--active", "order.paid"];
    place.run([&line[..], &["-o", "order.svg"]].concat()).well();
    let svg = std::fs::read_to_string(place.path("order.svg")).expect("it was written");
    assert!(svg.starts_with("<svg") && svg.contains("approved"), "{svg}");
    let again = place.run([&line[..], &["-o", "order.svg"]].concat());
    assert_eq!(again.exit, Some(1), "not without --force");
    for (format, word) in [("mermaid", "stateDiagram-v2"), ("dot", "digraph")] {
        let ran = place.run([&line[..], &["--format", format]].concat());
        assert!(String::from_utf8_lossy(&ran.out).contains(word));
    }
    let unknown = ["machine", "render", "order.json", "--active", "nowhere"];
    assert_eq!(place.run(unknown).exit, Some(2));
}
