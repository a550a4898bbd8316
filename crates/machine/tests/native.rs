//! The native form's reader: every flaw with its place, both sides of every limit, and texts that mean harm.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use serde_json::{Value, json};
use wardian_machine::{Flaw, Machine, Problem, Problems};

#[path = "native/flaws.rs"]
mod flaws;
#[path = "native/limits.rs"]
mod limits;

fn read(text: &str) -> Result<Machine, Problems> {
    Machine::from_json(text.as_bytes())
}

fn good(text: &str) -> Machine {
    read(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Each problem as a pointer and a message.
fn told(text: &str, expected: &[(&str, &str)]) {
    let problems = read(text)
        .err()
        .unwrap_or_else(|| panic!("nothing wrong with {text}"));
    let found: Vec<(String, String)> = problems
        .0
        .into_iter()
        .map(|problem| (problem.pointer, problem.flaw.to_string()))
        .collect();
    let found: Vec<(&str, &str)> = found.iter().map(|(at, flaw)| (&**at, &**flaw)).collect();
    assert_eq!(found, expected, "{text}");
}

/// A machine whose one state has these members, as text.
fn state(members: &str) -> String {
    format!(r#"{{"id": "m", "initial": "a", "states": {{"a": {{{members}}}, "b": {{}}}}}}"#)
}

/// Of the state `a`.
fn told_of(members: &str, pointer: &str, flaw: &str) {
    told(&state(members), &[(&format!("/states/a{pointer}"), flaw)]);
}

fn flaw(text: &str) -> Problem {
    let problems = read(text).unwrap_err().0;
    let [one] = &*problems else {
        panic!("{problems:?}")
    };
    one.clone()
}

fn ids(machine: &Machine) -> Vec<&str> {
    machine.state_ids().collect()
}

#[test]
fn what_is_no_json_is_told() {
    told(
        "",
        &[("", "no JSON: EOF while parsing a value at line 1 column 0")],
    );
    told(
        "{} {}",
        &[("", "no JSON: trailing characters at line 1 column 4")],
    );
    told("[]", &[("", "a list where an object belongs")]);
    let deep = "[".repeat(200);
    told(
        &deep,
        &[("", "no JSON: recursion limit exceeded at line 1 column 128")],
    );
    assert!(matches!(
        flaw("{\"id\": \"\\ud800\"}").flaw,
        Flaw::Syntax(_)
    ));
    let bytes = Machine::from_json(b"{\"id\": \"\xff\"}").unwrap_err();
    assert!(matches!(bytes.0[0].flaw, Flaw::Syntax(_)));
}

#[test]
fn targets_that_lead_nowhere_are_told() {
    told_of(r#""on": {"e": "z"}"#, "/on/e", "target `z` is no state");
    told_of(
        r##""on": {"e": ["b", "#z"]}"##,
        "/on/e/1",
        "target `#z` is no state",
    );
    told_of(r#""on": {"e": ".b"}"#, "/on/e", "target `.b` is no state");
    told_of(
        r#""always": {"target": "b.c"}"#,
        "/always",
        "target `b.c` is no state",
    );
    told_of(
        r#""after": {"1": "z"}"#,
        "/after/1",
        "target `z` is no state",
    );
    told_of(
        r#""invoke": {"src": "s", "onDone": "z"}"#,
        "/invoke/onDone",
        "target `z` is no state",
    );
    let hint = "`stateIn` takes `#id`, or keys from the top";
    told_of(
        r#""on": {"e": {"guard": {"type": "stateIn", "state": "z"}}}"#,
        "/on/e/guard",
        &format!("target `z` is no state; {hint}"),
    );
    told(
        r#"{"initial": "z", "states": {"a": {}}, "on": {"e": "a"}}"#,
        &[
            (
                "/initial",
                "target `z` is no state; `initial` is the key of a state inside this one",
            ),
            (
                "/on/e",
                "target `a` is no state; from the top, a target begins with `.` or `#`",
            ),
        ],
    );
    told_of(
        r#""initial": "x", "states": {"x": {}, "h": {"type": "history", "target": "z"}}"#,
        "/states/h/target",
        "target `z` is no state",
    );
}

#[test]
fn targets_must_fit_together() {
    let regions = r#""type": "parallel", "states": {"p": {"initial": "x", "states": {"x": {}, "y": {}}}, "q": {}}"#;
    let to = |targets: &str| {
        format!(
            r##"{{"id": "m", "initial": "a", "states": {{"a": {{{regions}}}, "b": {{}}}}, "on": {{"e": {{"target": [{targets}]}}}}}}"##
        )
    };
    for targets in [
        r#"".a.p.x", ".a.q""#,
        r#"".a.p", ".a.p.y""#,
        r#"".a.q", ".a", ".a.p.x""#,
        r#"".b", ".b""#,
    ] {
        good(&to(targets));
    }
    for (targets, first, second) in [
        (r#"".a", ".b""#, "#m.a", "#m.b"),
        (r#"".a.p.x", ".a.q", ".a.p.y""#, "#m.a.p.x", "#m.a.p.y"),
        (r#"".a.q", ".a.p", ".b""#, "#m.a.q", "#m.b"),
    ] {
        let flaw = format!("targets `{first}` and `{second}` cannot be active together");
        told(&to(targets), &[("/on/e", &flaw)]);
    }
}

#[test]
fn ids_belong_to_one() {
    told_of(r#""id": "m""#, "", "id `m` belongs to another as well");
    told(
        &state(r#""id": "m.b""#),
        &[("/states/b", "id `m.b` belongs to another as well")],
    );
    told_of(
        r#""invoke": [{"src": "s", "id": "i"}, {"src": "t", "id": "i"}]"#,
        "/invoke/1",
        "id `i` belongs to another as well",
    );
}

#[test]
fn kinds_bar_what_they_cannot_have() {
    told_of(
        r#""onDone": "b""#,
        "/onDone",
        "an atomic state cannot have `onDone`",
    );
    told_of(
        r#""initial": "x""#,
        "/initial",
        "an atomic state cannot have `initial`",
    );
    told_of(
        r#""output": 1"#,
        "/output",
        "an atomic state cannot have `output`",
    );
    told_of(
        r#""target": "b""#,
        "/target",
        "an atomic state cannot have `target`",
    );
    told_of(
        r#""type": "atomic", "states": {"x": {}}"#,
        "/states",
        "an atomic state cannot have `states`",
    );
    told_of(
        r#""type": "final", "history": "deep""#,
        "/history",
        "a final state cannot have `history`",
    );
    for (key, value) in [
        ("on", r#"{"e": "b"}"#),
        ("always", r#""b""#),
        ("after", r#"{"1": "b"}"#),
        ("invoke", r#"{"src": "s"}"#),
    ] {
        let members = format!(r#""type": "final", "{key}": {value}"#);
        told_of(
            &members,
            &format!("/{key}"),
            &format!("a final state cannot have `{key}`"),
        );
    }
    for key in ["entry", "exit"] {
        let inner = format!(
            r#""initial": "x", "states": {{"x": {{}}, "h": {{"type": "history", "{key}": "act"}}}}"#
        );
        told_of(
            &inner,
            &format!("/states/h/{key}"),
            &format!("a history state cannot have `{key}`"),
        );
    }
}

#[test]
fn machines_and_compound_states_begin_somewhere() {
    told(
        r#"{"type": "parallel", "initial": "a", "states": {"a": {}}}"#,
        &[("/initial", "a parallel state cannot have `initial`")],
    );
    told(
        r#"{"states": {"a": {}}}"#,
        &[("", "a compound state needs `initial`")],
    );
    told(
        &state(r#""type": "compound""#),
        &[
            ("/states/a", "a compound state needs `initial`"),
            (
                "/states/a/states",
                "`none` is not at least one state inside",
            ),
        ],
    );
}

#[test]
fn histories_do_not_lead_to_themselves() {
    let with = |histories: &str| {
        format!(
            r#"{{"id": "m", "initial": "a", "states": {{"a": {{"initial": "x", "states": {{"x": {{}}, {histories}}}}}}}}}"#
        )
    };
    good(&with(
        r#""h": {"history": true}, "g": {"type": "history", "history": "deep", "target": "x"}"#,
    ));
    let flaw = "the default of this history leads back to it";
    told(
        &with(r#""h": {"history": "deep", "target": "h"}"#),
        &[("/states/a/states/h", flaw)],
    );
    told(
        &with(r#""h": {"history": true, "target": "g"}, "g": {"history": true, "target": "h"}"#),
        &[("/states/a/states/h", flaw), ("/states/a/states/g", flaw)],
    );
}

#[test]
fn whole_numbers_stand_first_and_by_their_size() {
    let machine = good(
        r#"{"id": "m", "initial": "z", "states":
            {"z": {}, "10": {}, "a": {}, "9": {}, "01": {}, "-1": {}, "0": {}, "4294967295": {}, "4294967294": {}}}"#,
    );
    let expected = [
        "m",
        "m.0",
        "m.9",
        "m.10",
        "m.4294967294",
        "m.z",
        "m.a",
        "m.01",
        "m.-1",
        "m.4294967295",
    ];
    assert_eq!(ids(&machine), expected);
    let machine = good(&state(r#""after": {"soon": "b", "20": "b", "3": "b"}"#));
    assert!(
        machine
            .to_json_text()
            .contains(r#""after":{"3":"b","20":"b","soon":"b"}"#)
    );
}

#[test]
fn all_problems_are_told_at_once() {
    told(
        r##"{"id": 1, "what": 2, "initial": "q", "states": {
            "a": {"on": {"e": {"target": "z", "guard": {"type": "and", "guards": [3, {"type": ""}]}}}, "entry": [{}]},
            "b": {"type": "final", "on": {"e": "a"}}}}"##,
        &[
            ("/id", "a number where a text belongs"),
            ("/what", "unknown key `what`"),
            (
                "/states/a/on/e/guard/guards/0",
                "a number where an object belongs",
            ),
            ("/states/a/on/e/guard/guards/1/type", "`` is not a name"),
            ("/states/a/entry/0", "key `type` is missing"),
            ("/states/b/on", "a final state cannot have `on`"),
            (
                "/initial",
                "target `q` is no state; `initial` is the key of a state inside this one",
            ),
            ("/states/a/on/e", "target `z` is no state"),
        ],
    );
}

#[test]
fn hostile_text_does_not_get_into_messages() {
    let message = |key: &str| {
        let document = json!({key: 1}).to_string();
        read(&document).unwrap_err().to_string()
    };
    assert_eq!(message("a`b"), "/a'b: unknown key `a'b`");
    let escaped = "a\\u{1b}[31m\\u{a}b";
    assert_eq!(
        message("a\u{1b}[31m\nb"),
        format!("/{escaped}: unknown key `{escaped}`")
    );
    let turned = "\\u{202e}\\u{200b}\\u{feff}x";
    assert_eq!(
        message("\u{202e}\u{200b}\u{feff}x"),
        format!("/{turned}: unknown key `{turned}`")
    );
    let (shown, all) = ("é".repeat(200), "é".repeat(201));
    let expected = format!("/{}…: unknown key `{shown}…`", "é".repeat(199));
    assert_eq!(message(&all), expected);
    assert_eq!(
        message(&shown),
        format!("/{}…: unknown key `{shown}`", "é".repeat(199))
    );
}

#[test]
fn what_xstate_writes_reads_as_what_it_means() {
    let same = |left: &str, right: &str| {
        assert_eq!(
            good(&state(left)).to_json_text(),
            good(&state(right)).to_json_text()
        );
    };
    same(
        r#""on": {"e": {"guard": {"type": "xstate.and", "guards": ["g", "h"]}}}"#,
        r#""on": {"e": {"guard": {"type": "and", "guards": ["g", "h"]}}}"#,
    );
    same(
        r#""on": {"e": {"guard": {"type": "xstate.not", "guards": ["g"]}}}"#,
        r#""on": {"e": {"guard": {"type": "not", "guard": "g"}}}"#,
    );
    same(
        r##""on": {"e": {"guard": {"type": "xstate.stateIn", "stateValue": "#m.b"}}}"##,
        r##""on": {"e": {"guard": {"type": "stateIn", "state": "#m.b"}}}"##,
    );
    same(
        r#""entry": {"type": "xstate.raise", "event": {"type": "e"}}"#,
        r#""entry": [{"type": "raise", "event": "e"}]"#,
    );
    same(
        r#""on": {"e": {"target": "", "guard": null}}"#,
        r#""on": {"e": [{}]}"#,
    );
    // By their shape: an action of somebody's own may have any name.
    assert_eq!(
        good(&state(
            r#""entry": [{"type": "raise"}, "assign", {"type": "cancel", "params": 1}]"#
        ))
        .action_names(),
        ["raise", "assign", "cancel"]
    );
    assert_eq!(
        good(&state(
            r#""on": {"e": {"guard": {"type": "and", "params": [1]}}, "f": {"guard": "eq"}}"#
        ))
        .guard_names(),
        ["and", "eq"]
    );
}

#[test]
fn values_come_through() {
    let context = json!({"n": 1.5, "big": u64::MAX, "text": "\u{0}\"\\é", "list": [null, {}]});
    let machine = good(&json!({"id": "m", "version": "3", "context": context}).to_string());
    assert_eq!(machine.context(), &context);
    assert_eq!(machine.version(), Some("3"));
    assert_eq!(good("{}").context(), &json!({}));
    assert_eq!(good(r#"{"context": null}"#).context(), &Value::Null);
    assert_eq!(good("{}").id(), "(machine)");
}

#[test]
fn names_come_in_the_order_of_the_document() {
    let guard = r#"{"type": "or", "guards": [{"type": "and", "guards": ["g", "h"]}, {"type": "not", "guard": "i"}, "g"]}"#;
    let members = format!(
        r#""entry": ["x", "y"], "on": {{"e": {{"guard": {guard}, "actions": ["z", "x"]}}}}"#
    );
    let machine = good(&state(&members));
    assert_eq!(machine.guard_names(), ["g", "h", "i"]);
    assert_eq!(machine.action_names(), ["x", "y", "z"]);
}
