//! What is wrong with Crucible's documents, or cannot be done here: told with its place, and all at once.

use serde_json::{Value, json};
use wardian_machine::Machine;

use crate::{read, with_state, with_transition};

/// Each problem as a pointer and a message.
fn problems(document: &Value) -> Vec<(String, String)> {
    let problems = Machine::from_crucible(document.to_string().as_bytes()).unwrap_err();
    let problems = problems.0.into_iter();
    problems
        .map(|problem| (problem.pointer, problem.flaw.to_string()))
        .collect()
}

pub fn told(document: &Value, expected: &[(&str, &str)]) {
    let found = problems(document);
    let found: Vec<(&str, &str)> = found.iter().map(|(at, flaw)| (&**at, &**flaw)).collect();
    assert_eq!(found, expected, "{document}");
}

/// Each expression with the place inside it and the message.
fn told_of_guards<const N: usize>(cases: [(Value, &str, &str); N]) {
    for (expression, pointer, flaw) in cases {
        let at = format!("/states/0/transitions/0/guardExpr{pointer}");
        let found = problems(&with_transition(json!({"guardExpr": expression})));
        let expected = (at, flaw.to_owned());
        assert!(
            found.contains(&expected),
            "{expression}: {found:?}, not {flaw}"
        );
    }
}

#[test]
fn guard_expressions_that_cannot_be_read_are_told() {
    let leaf = json!({"op": "leaf", "ref": {"name": "g"}});
    let field = json!({"op": "field", "path": "n"});
    let cases = [
        (json!([]), "", "a list where an object belongs"),
        (json!({}), "", "key `op` is missing"),
        (json!({"op": 1}), "/op", "a number where a text belongs"),
        (
            json!({"op": "xor"}),
            "/op",
            "`xor` is not a condition: one of leaf, stateIn, and, or, not, eq, ne, lt, le, gt, ge, in",
        ),
        (
            field.clone(),
            "/op",
            "`field` is not a condition: one of leaf, stateIn, and, or, not, eq, ne, lt, le, gt, ge, in",
        ),
        (json!({"op": "leaf"}), "", "key `ref` is missing"),
        (
            json!({"op": "leaf", "ref": {}}),
            "/ref",
            "key `name` is missing",
        ),
        (
            json!({"op": "leaf", "ref": {"name": ""}}),
            "/ref/name",
            "`` is not a name",
        ),
        (
            json!({"op": "leaf", "ref": {"name": "g", "params": 1}}),
            "/ref/params",
            "a number where an object belongs",
        ),
        (
            json!({"op": "leaf", "kind": "wasm", "ref": {"name": "g"}}),
            "/kind",
            "`wasm` is not one of core, and rich of a leaf",
        ),
        (
            json!({"op": "not", "kind": "rich", "children": [leaf]}),
            "/kind",
            "`rich` is not one of core, and rich of a leaf",
        ),
        (
            json!({"op": "leaf", "ref": {"name": "g"}, "children": [leaf]}),
            "/children",
            "unknown key `children`; it means nothing with this `op`",
        ),
    ];
    told_of_guards(cases);
}

#[test]
fn compositions_that_cannot_be_read_are_told() {
    let leaf = json!({"op": "leaf", "ref": {"name": "g"}});
    let cases = [
        (json!({"op": "stateIn"}), "", "key `in` is missing"),
        (
            json!({"op": "stateIn", "in": "z"}),
            "/in",
            "target `z` is no state",
        ),
        (
            json!({"op": "and"}),
            "/children",
            "`0` is not the number of guards inside: at least one",
        ),
        (
            json!({"op": "and", "children": {}}),
            "/children",
            "an object where a list belongs",
        ),
        (
            json!({"op": "not", "children": [leaf, leaf]}),
            "/children",
            "`2` is not the number of guards inside: one",
        ),
        (
            json!({"op": "not", "children": [{"op": "leaf"}]}),
            "/children/0",
            "key `ref` is missing",
        ),
    ];
    told_of_guards(cases);
}

#[test]
fn comparisons_that_cannot_be_read_are_told() {
    let leaf = json!({"op": "leaf", "ref": {"name": "g"}});
    let field = json!({"op": "field", "path": "n"});
    let literal = json!({"op": "literal", "literal": {"type": "int", "value": 1}});
    let cases = [
        (
            json!({"op": "eq", "children": [field]}),
            "/children",
            "`1` is not the number of operands inside: two",
        ),
        (
            json!({"op": "eq", "children": [field, leaf]}),
            "/children/1/op",
            "`leaf` is not one of field, literal",
        ),
        (
            json!({"op": "eq", "children": [field, field]}),
            "",
            "`eq` is not a comparison of one field with one literal",
        ),
        (
            json!({"op": "eq", "children": [literal, literal]}),
            "",
            "`eq` is not a comparison of one field with one literal",
        ),
        (
            json!({"op": "in", "children": [literal], "set": [{"type": "int", "value": 1}]}),
            "/children/0/op",
            "`literal` is not a field",
        ),
        (
            json!({"op": "in", "children": [field]}),
            "",
            "key `set` is missing",
        ),
        (
            json!({"op": "in", "children": [field], "set": [{"type": "duration", "value": "1s"}]}),
            "/set/0/type",
            "`duration` is not one of string, enum, int, float, bool",
        ),
        (
            json!({"op": "in", "children": [field], "set": [{"type": "int", "value": 1.5}]}),
            "/set/0/value",
            "a number where a whole number belongs",
        ),
        (
            json!({"op": "lt", "children": [field, {"op": "literal", "literal": {"type": "bool", "value": true}}]}),
            "",
            "`true` is not a number or a text, which alone have an order",
        ),
    ];
    told_of_guards(cases);
}

#[test]
fn deep_guards_are_refused_where_they_are() {
    let nested = |levels: usize| {
        let leaf = json!({"op": "leaf", "ref": {"name": "g"}});
        (1..levels).fold(leaf, |inner, _| json!({"op": "not", "children": [inner]}))
    };
    read(&with_transition(json!({"guardExpr": nested(48)})));
    let flaw = "levels of guards: 49 where at most 48 may be";
    told(
        &with_transition(json!({"guardExpr": nested(49)})),
        &[("/states/0/transitions/0/guardExpr", flaw)],
    );
}

#[test]
fn states_that_cannot_be_are_told() {
    let x = json!({"name": "x"});
    let cases: Vec<(Value, &[(&str, &str)])> = vec![
        (
            json!({"name": ""}),
            &[
                ("/states/0", "key `name` is missing"),
                (
                    "/initial",
                    "target `a` is no state; it must be directly inside",
                ),
            ],
        ),
        (
            json!({"name": true}),
            &[
                (
                    "/states/0/name",
                    "a boolean where a text or a whole number belongs",
                ),
                (
                    "/initial",
                    "target `a` is no state; it must be directly inside",
                ),
            ],
        ),
        (
            json!({"historyType": 3}),
            &[(
                "/states/0/historyType",
                "`3` is not one of 0, 1 and 2: none, shallow, deep",
            )],
        ),
        (
            json!({"historyType": "deep"}),
            &[("/states/0/historyType", "a text where a number belongs")],
        ),
        (
            json!({"isFinal": "yes"}),
            &[("/states/0/isFinal", "a text where a boolean belongs")],
        ),
        (
            json!({"onEntry": {}}),
            &[("/states/0/onEntry", "an object where a list belongs")],
        ),
        (
            json!({"onEntry": ["log"]}),
            &[("/states/0/onEntry/0", "a text where an object belongs")],
        ),
        (
            json!({"onDone": [{"name": "log"}]}),
            &[("/states/0/onDone", "an atomic state cannot have `onDone`")],
        ),
        (
            json!({"isFinal": true, "children": [x], "transitions": [{"from": "a", "to": "b", "on": "go"}]}),
            &[
                (
                    "/states/0/transitions",
                    "a final state cannot have `transitions`",
                ),
                ("/states/0/children", "a final state cannot have `children`"),
            ],
        ),
    ];
    for (members, expected) in cases {
        told(&with_state(members), expected);
    }
}

#[test]
fn states_inside_that_cannot_be_are_told() {
    let x = json!({"name": "x"});
    let region = json!({"name": "r", "initialChild": "x", "states": [x]});
    let cases: Vec<(Value, &[(&str, &str)])> = vec![
        (
            json!({"children": [x]}),
            &[("/states/0", "key `initialChild` is missing")],
        ),
        (
            json!({"children": [x], "initialChild": "b"}),
            &[(
                "/states/0/initialChild",
                "target `b` is no state; it must be directly inside",
            )],
        ),
        (
            json!({"children": [{"name": "y"}], "regions": [region]}),
            &[(
                "/states/0/children",
                "a parallel state cannot have `children`",
            )],
        ),
        (
            json!({"regions": [{"name": "r"}]}),
            &[("/states/0/regions/0", "key `states` is missing")],
        ),
        (
            json!({"regions": [{"name": "r", "states": [x]}]}),
            &[("/states/0/regions/0", "key `initialChild` is missing")],
        ),
        (
            json!({"regions": [region, {"name": "1", "initialChild": "y", "states": [{"name": "y"}]}]}),
            &[(
                "/states/0/regions/1/name",
                "`1` is not a name that keeps its place; whole numbers would stand first",
            )],
        ),
        (
            json!({"children": [{"name": "b"}], "initialChild": "b"}),
            &[("/states/1/name", "id `b` belongs to another as well")],
        ),
        (
            json!({"name": "b"}),
            &[
                (
                    "/initial",
                    "target `a` is no state; it must be directly inside",
                ),
                ("/states/1", "id `m.b` belongs to another as well"),
            ],
        ),
    ];
    for (members, expected) in cases {
        told(&with_state(members), expected);
    }
}

#[test]
fn invocations_that_cannot_be_are_told() {
    let cases: Vec<(Value, &[(&str, &str)])> = vec![
        (
            json!({"invoke": [{}]}),
            &[("/states/0/invoke/0", "key `src` is missing")],
        ),
        (
            json!({"invoke": [{"src": {"name": "s"}, "kind": 2}]}),
            &[(
                "/states/0/invoke/0/kind",
                "`2` is not one of 0 and 1: service, machine",
            )],
        ),
        (
            json!({"invoke": [{"src": {"name": "s", "params": {"n": 1}}, "input": {"n": 2}}]}),
            &[("/states/0/invoke/0/input/n", "key `n` is there twice")],
        ),
        (
            json!({"invoke": [{"src": {"name": "s"}, "input": {"$context": "n"}}]}),
            &[(
                "/states/0/invoke/0/input",
                "`{\"$context\":\"n\"}` is not an input here; `$` would mean a hole",
            )],
        ),
        (
            json!({"invoke": [{"src": {"name": "s"}, "onDone": "*"}]}),
            &[(
                "/states/0/invoke/0/onDone",
                "`*` is not an event here; `*` would mean others",
            )],
        ),
        (
            json!({"invoke": [{"src": {"name": "s"}, "id": "i"}, {"src": {"name": "s"}, "id": "i"}]}),
            &[("/states/0/invoke/1", "id `i` belongs to another as well")],
        ),
    ];
    for (members, expected) in cases {
        told(&with_state(members), expected);
    }
}

/// Each transition's members with the place inside it and the message.
fn told_of_transitions(cases: Vec<(Value, &str, &str)>) {
    for (members, pointer, flaw) in cases {
        let at = format!("/states/0/transitions/0{pointer}");
        told(&with_transition(members), &[(&at, flaw)]);
    }
}

#[test]
fn transitions_that_cannot_be_are_told() {
    let cases: Vec<(Value, &str, &str)> = vec![
        (
            json!({"from": "b"}),
            "/from",
            "`b` is not the name of the state that the transition belongs to",
        ),
        (json!({"to": "z"}), "/to", "target `z` is no state"),
        (
            json!({"to": ["b"]}),
            "/to",
            "a list where a text or a whole number belongs",
        ),
        (json!({"to": ""}), "", "key `to` is missing"),
        (json!({"on": null}), "", "key `on` is missing"),
        (
            json!({"on": 1.5}),
            "/on",
            "a number where a text or a whole number belongs",
        ),
        (
            json!({"on": "a.*"}),
            "/on",
            "`a.*` is not an event here; `*` would mean others",
        ),
        (
            json!({"raise": ["*"]}),
            "/raise/0",
            "`*` is not an event here; `*` would mean others",
        ),
    ];
    told_of_transitions(cases);
}

#[test]
fn transitions_that_say_too_much_are_told() {
    let cases: Vec<(Value, &str, &str)> = vec![
        (
            json!({"wildcard": true, "eventLess": true}),
            "/wildcard",
            "`wildcard` is not possible together with `eventLess`",
        ),
        (
            json!({"after": 1_000_000, "eventLess": true}),
            "/after",
            "`after` is not possible together with `eventLess`",
        ),
        (
            json!({"after": 1_000_000, "wildcard": true}),
            "/after",
            "`after` is not possible together with `wildcard`",
        ),
        (
            json!({"after": 1_500_001}),
            "/after",
            "`1500001` is not nanoseconds that make whole milliseconds",
        ),
        (
            json!({"after": -1_000_000}),
            "/after",
            "`-1000000` is not nanoseconds that make whole milliseconds",
        ),
        (
            json!({"after": "1s"}),
            "/after",
            "a text where a number belongs",
        ),
        (
            json!({"internal": true}),
            "/internal",
            "`internal` is not possible with another state in `to`",
        ),
        (
            json!({"forbidden": true, "effects": [{"name": "x"}]}),
            "/forbidden",
            "`forbidden` is not possible with guards or actions",
        ),
        (
            json!({"waitMode": 3}),
            "/waitMode",
            "`3` is not one of 0, 1 and 2: reply, forget, poll",
        ),
        (
            json!({"effects": [{"name": "x"}], "assigns": [{"name": "x"}]}),
            "/assigns/0/name",
            "`x` is not one kind of thing; an effect and an assign cannot share a name",
        ),
        (
            json!({"effects": [{"name": "crucible.cancel"}]}),
            "/effects/0/params",
            "key `id` is missing",
        ),
    ];
    told_of_transitions(cases);
}

#[test]
fn all_problems_are_told_at_once() {
    let document = json!({
        "schemaVersion": "3.0", "name": "m", "initial": "z", "hasInitial": true, "states": [
            {"name": "a", "transitions": [{"from": "a", "to": "q", "on": "go", "guardExpr": {"op": "nand"}}]},
            {"name": "b", "historyType": 9}
        ]
    });
    let pointers: Vec<String> = problems(&document).into_iter().map(|(at, _)| at).collect();
    let expected = [
        "/schemaVersion",
        "/states/0/transitions/0/guardExpr/op",
        "/states/0/transitions/0/to",
        "/states/1/historyType",
        "/initial",
    ];
    assert_eq!(pointers, expected);
    told(&json!({"name": "m"}), &[("", "key `states` is missing")]);
    let mut no_initial = with_state(json!({}));
    no_initial["hasInitial"] = false.into();
    told(&no_initial, &[("", "key `initial` is missing")]);
    told(
        &json!([]),
        &[
            ("", "a list where an object belongs"),
            ("", "key `states` is missing"),
        ],
    );
}
