//! Crucible's documents: what they become, what is kept of them, and what is refused.
#![recursion_limit = "256"]
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use std::time::Duration;

use serde_json::{Value, json};
use wardian_machine::{Effect, Event, Machine, Provided, Registry, State};

fn read(document: &Value) -> Machine {
    let text = document.to_string();
    Machine::from_crucible(text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn written(document: &Value) -> Value {
    let machine = read(document);
    let text = machine.to_json_text();
    let again = Machine::read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(again.to_json_text(), text);
    assert!(again.state_ids().eq(machine.state_ids()));
    serde_json::from_str(&text).unwrap()
}

/// Each problem as a pointer and a message.
fn problems(document: &Value) -> Vec<(String, String)> {
    let problems = Machine::from_crucible(document.to_string().as_bytes()).unwrap_err();
    let problems = problems.0.into_iter();
    problems
        .map(|problem| (problem.pointer, problem.flaw.to_string()))
        .collect()
}

/// A machine of two states, the first with these members.
fn with_state(members: Value) -> Value {
    let mut first = json!({"name": "a"});
    first.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    json!({"schemaVersion": "1.0", "name": "m", "initial": "a", "hasInitial": true,
        "states": [first, {"name": "b"}]})
}

/// The same with a transition in the first state.
fn with_transition(members: Value) -> Value {
    let mut transition = json!({"from": "a", "to": "b", "on": "go"});
    transition.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    with_state(json!({"transitions": [transition]}))
}

fn told(document: &Value, expected: &[(&str, &str)]) {
    let found = problems(document);
    let found: Vec<(&str, &str)> = found.iter().map(|(at, flaw)| (&**at, &**flaw)).collect();
    assert_eq!(found, expected, "{document}");
}

/// Of the shape of what `crucible` ships to test its own command line.
fn composite() -> Value {
    json!({
        "schemaVersion": "1.0", "name": "composite", "initial": "active", "hasInitial": true,
        "states": [
            {
                "name": "active", "ownedBy": "ops",
                "onEntry": [{"name": "logEntry"}], "onExit": [{"name": "logExit", "params": {"at": 1}}],
                "onDone": [{"name": "logDone"}],
                "onEntryAssign": [{"name": "seed"}], "onExitAssign": [{"name": "clear"}],
                "initialChild": "working",
                "children": [
                    {
                        "name": "working",
                        "transitions": [{
                            "from": "working", "to": "review", "on": "submit", "srcLine": 4,
                            "guards": [{"name": "mayGo", "params": {"n": 2}}],
                            "effects": [{"name": "notify"}], "assigns": [{"name": "stamp"}],
                            "raise": ["noted"],
                            "guardExpr": {"op": "and", "children": [
                                {"op": "leaf", "ref": {"name": "first"}},
                                {"op": "leaf", "kind": "rich", "ref": {"name": "second", "meta": {"src": "x"}}}
                            ]}
                        }],
                        "invoke": [{
                            "src": {"name": "fetch", "params": {"a": 1}}, "input": {"b": 2},
                            "onDone": "submit", "onError": "fail"
                        }]
                    },
                    {"name": "review", "isFinal": true}
                ]
            },
            {
                "name": "both",
                "regions": [
                    {"name": "left", "initialChild": "l1", "states": [
                        {"name": "l1", "transitions": [{"from": "l1", "to": "l2", "on": "tick"}]},
                        {"name": "l2", "isFinal": true}
                    ]},
                    {"name": "right", "initialChild": "r1", "states": [{"name": "r1"}]}
                ]
            },
            {"name": "done", "isFinal": true}
        ]
    })
}

#[test]
fn a_whole_document_becomes_a_machine() {
    let fetched = |event: &str, result: &str| {
        json!({"actions": {"type": "raise", "event": {"type": event, "$event": result}}})
    };
    let expected = json!({
        "id": "composite", "initial": "active",
        "states": {
            "active": {
                "entry": ["logEntry", "seed"],
                "exit": [{"type": "logExit", "params": {"at": 1}}, "clear"],
                "onDone": {"actions": "logDone"},
                "initial": "working",
                "states": {
                    "working": {
                        "on": {"submit": {
                            "target": "review",
                            "guard": {"type": "and", "guards": [
                                {"type": "mayGo", "params": {"n": 2}},
                                {"type": "and", "guards": ["first", "second"]}
                            ]},
                            "actions": ["notify", "stamp", {"type": "raise", "event": "noted"}]
                        }},
                        "invoke": {
                            "id": "composite:working:invoke:0", "src": "fetch", "input": {"a": 1, "b": 2},
                            "onDone": fetched("submit", "output"), "onError": fetched("fail", "error")
                        }
                    },
                    "review": {"type": "final"}
                }
            },
            "both": {"type": "parallel", "states": {
                "left": {"initial": "l1", "states": {
                    "l1": {"on": {"tick": "l2"}}, "l2": {"type": "final"}
                }},
                "right": {"initial": "r1", "states": {"r1": {}}}
            }},
            "done": {"type": "final"}
        }
    });
    assert_eq!(written(&composite()), expected);
}

#[test]
fn what_has_no_place_is_kept() {
    let mut document = composite();
    document["newer"] = json!({"x": [1, 2.5, "é"]});
    document["states"][0]["children"][0]["transitions"][0]["guardExpr"]["note"] = json!(null);
    document["states"][1]["regions"][0]["layout"] = json!([]);
    document["context"] = json!({"fields": [{"name": "n", "kind": "int"}]});
    let machine = read(&document);
    let transition = "/states/0/children/0/transitions/0";
    let expected = json!({
        "/newer": {"x": [1, 2.5, "é"]}, "/schemaVersion": "1.0", "/states/0/ownedBy": "ops",
        "/context": {"fields": [{"name": "n", "kind": "int"}]},
        (format!("{transition}/srcLine")): 4, (format!("{transition}/guardExpr/note")): null,
        (format!("{transition}/guardExpr/children/1/ref/meta")): {"src": "x"},
        "/states/1/regions/0/layout": []
    });
    assert_eq!(serde_json::to_value(machine.extra()).unwrap(), expected);
    // Every one is the document's own.
    for (pointer, value) in machine.extra() {
        assert_eq!(document.pointer(pointer), Some(value), "{pointer}");
    }
}

#[test]
fn either_form_is_known_by_its_schema_version() {
    let crucible = composite().to_string();
    assert_eq!(Machine::read(crucible.as_bytes()).unwrap().id(), "composite");
    let native = r#"{"id": "n", "states": {"a": {}}, "initial": "a"}"#;
    assert_eq!(Machine::read(native.as_bytes()).unwrap().id(), "n");
    assert!(Machine::from_json(crucible.as_bytes()).is_err());
    assert!(Machine::from_crucible(native.as_bytes()).is_err());
    let problems = Machine::read(b"[").unwrap_err();
    assert!(problems.to_string().starts_with("the machine: no JSON: "), "{problems}");
}

#[test]
fn schema_versions_are_1() {
    for version in ["1", "1.0", "1.27", ""] {
        let mut document = with_state(json!({}));
        document["schemaVersion"] = version.into();
        read(&document);
    }
    // From before there were any, as Crucible's own loader takes it.
    let mut document = with_state(json!({}));
    document.as_object_mut().unwrap().remove("schemaVersion");
    read(&document);
    for version in ["2", "2.0", "0.9", "10.0", "v1"] {
        document["schemaVersion"] = version.into();
        let flaw = format!("`{version}` is not a version of the form 1.x");
        told(&document, &[("/schemaVersion", &flaw)]);
    }
    document["schemaVersion"] = 1.into();
    told(&document, &[("/schemaVersion", "a number where a text belongs")]);
}

#[test]
fn go_constants_are_names() {
    let document = json!({
        "name": "job", "initial": 0, "hasInitial": true,
        "states": [
            {"name": 0, "transitions": [{"from": 0, "to": 10, "on": 0}]},
            {"name": 10, "initialChild": 2, "children": [{"name": 8, "historyType": 2}, {"name": 2}],
                "transitions": [{"from": 10, "to": 8, "on": 3}]},
            {"name": 5, "isFinal": true}
        ]
    });
    // As members of an object, whole numbers stand by their size.
    let ids: Vec<String> = read(&document).state_ids().map(str::to_owned).collect();
    assert_eq!(ids, ["job", "job.0", "job.5", "job.10", "job.10.2", "job.10.8"]);
    assert_eq!(written(&document)["states"]["0"]["on"]["0"], "10");
    assert_eq!(written(&document)["states"]["10"]["on"]["3"], ".8");
}

#[test]
fn histories_lead_where_they_say() {
    let state = json!({
        "initialChild": "x",
        "children": [
            {"name": "x"}, {"name": "y"},
            {"name": "h", "historyType": 1, "historyDefault": "y"}, {"name": "d", "historyType": 2}
        ]
    });
    let states = &written(&with_state(state))["states"]["a"]["states"];
    assert_eq!(states["h"], json!({"type": "history", "history": "shallow", "target": "y"}));
    assert_eq!(states["d"], json!({"type": "history", "history": "deep"}));
}

#[test]
fn transitions_wait_for_what_they_say() {
    let on = |members: Value| written(&with_transition(members))["states"]["a"].clone();
    assert_eq!(on(json!({})), json!({"on": {"go": "b"}}));
    assert_eq!(on(json!({"on": 0, "wildcard": true})), json!({"on": {"*": "b"}}));
    assert_eq!(on(json!({"on": "", "eventLess": true})), json!({"always": "b"}));
    assert_eq!(on(json!({"to": "", "forbidden": true})), json!({"on": {"go": {}}}));
    assert_eq!(on(json!({"to": "a"})), json!({"on": {"go": {}}}));
    assert_eq!(on(json!({"to": "a", "reenter": true})), json!({"on": {"go": {"target": "a", "reenter": true}}}));
    assert_eq!(on(json!({"reenter": true})), json!({"on": {"go": "b"}}));
    assert_eq!(on(json!({"to": 0, "internal": true})), json!({"on": {"go": {}}}));
    assert_eq!(on(json!({"meta": {"x": 1}})), json!({"on": {"go": {"target": "b", "meta": {"x": 1}}}}));
    assert_eq!(on(json!({"on": "", "after": 1_500_000_000_u64})), json!({"after": {"1500": "b"}}));
    assert_eq!(on(json!({"after": 20_000_000})), json!({
        "entry": {"type": "raise", "event": "go", "delay": 20, "id": "m:a:after:0"},
        "exit": {"type": "cancel", "id": "m:a:after:0"},
        "on": {"go": "b"}
    }));
    let cancel = json!({"effects": [{"name": "crucible.cancel", "params": {"id": "m:a:after:0"}}]});
    let canceled = json!({"type": "cancel", "id": "m:a:after:0"});
    assert_eq!(on(cancel)["on"]["go"]["actions"], canceled);
}

#[test]
fn a_transition_to_a_state_around_goes_nowhere_unless_it_reenters() {
    let around = |reenter: bool| {
        let transition = json!({"from": "x", "to": "a", "on": "up", "reenter": reenter});
        written(&with_state(json!({
            "initialChild": "x", "children": [{"name": "x", "transitions": [transition]}]
        })))["states"]["a"]["states"]["x"]["on"]["up"]
            .clone()
    };
    assert_eq!(around(false), json!({}));
    assert_eq!(around(true), json!({"target": "#m.a", "reenter": true}));
}

#[test]
fn guard_expressions_become_guards() {
    let guard = |expression: Value| {
        written(&with_transition(json!({"guardExpr": expression})))["states"]["a"]["on"]["go"]["guard"].clone()
    };
    let field = json!({"op": "field", "kind": "core", "path": "order.total"});
    let literal = |kind: &str, value: Value| json!({"op": "literal", "literal": {"type": kind, "value": value}});
    let compare = |op: &str, left: &Value, right: &Value| json!({"op": op, "kind": "core", "children": [left, right]});
    assert_eq!(guard(json!({"op": "leaf", "ref": {"name": "g"}})), json!("g"));
    assert_eq!(guard(json!({"op": "stateIn", "in": "b"})), json!({"type": "stateIn", "state": "#m.b"}));
    let not = json!({"op": "not", "children": [{"op": "or", "children": [{"op": "leaf", "ref": {"name": "g"}}]}]});
    assert_eq!(guard(not), json!({"type": "not", "guard": {"type": "or", "guards": ["g"]}}));
    for (op, turned) in [("eq", "eq"), ("ne", "ne"), ("lt", "gt"), ("le", "ge"), ("gt", "lt"), ("ge", "le")] {
        let forty = literal("int", json!(40));
        let expected = |op: &str| json!({"type": op, "path": "order.total", "value": 40});
        assert_eq!(guard(compare(op, &field, &forty)), expected(op));
        assert_eq!(guard(compare(op, &forty, &field)), expected(turned));
    }
    let flag = literal("bool", json!(true));
    assert_eq!(guard(compare("eq", &field, &flag))["value"], json!(true));
    let set = json!([{"type": "enum", "value": "paid"}, {"type": "float", "value": 1.5}]);
    let member = json!({"op": "in", "kind": "core", "set": set, "children": [field]});
    assert_eq!(guard(member), json!({"type": "in", "path": "order.total", "value": ["paid", 1.5]}));
}

#[test]
fn guard_expressions_that_cannot_be_read_are_told() {
    let at = |rest: &str| format!("/states/0/transitions/0/guardExpr{rest}");
    let leaf = json!({"op": "leaf", "ref": {"name": "g"}});
    let field = json!({"op": "field", "path": "n"});
    let literal = json!({"op": "literal", "literal": {"type": "int", "value": 1}});
    let conditions = "a condition: one of leaf, stateIn, and, or, not, eq, ne, lt, le, gt, ge, in";
    let cases = [
        (json!([]), "", "a list where an object belongs".to_owned()),
        (json!({}), "", "key `op` is missing".into()),
        (json!({"op": 1}), "/op", "a number where a text belongs".into()),
        (json!({"op": "xor"}), "/op", format!("`xor` is not {conditions}")),
        (field.clone(), "/op", format!("`field` is not {conditions}")),
        (json!({"op": "leaf"}), "", "key `ref` is missing".into()),
        (json!({"op": "leaf", "ref": {}}), "/ref", "key `name` is missing".into()),
        (json!({"op": "leaf", "ref": {"name": ""}}), "/ref/name", "`` is not a name".into()),
        (json!({"op": "leaf", "ref": {"name": "g", "params": 1}}), "/ref/params", "a number where an object belongs".into()),
        (json!({"op": "leaf", "kind": "wasm", "ref": {"name": "g"}}), "/kind", "`wasm` is not one of core, and rich of a leaf".into()),
        (json!({"op": "not", "kind": "rich", "children": [leaf]}), "/kind", "`rich` is not one of core, and rich of a leaf".into()),
        (json!({"op": "leaf", "ref": {"name": "g"}, "children": [leaf]}), "/children", "unknown key `children`; it means nothing with this `op`".into()),
        (json!({"op": "stateIn"}), "", "key `in` is missing".into()),
        (json!({"op": "stateIn", "in": "z"}), "/in", "target `z` is no state".into()),
        (json!({"op": "and"}), "/children", "`0` is not the number of guards inside: at least one".into()),
        (json!({"op": "and", "children": {}}), "/children", "an object where a list belongs".into()),
        (json!({"op": "not", "children": [leaf, leaf]}), "/children", "`2` is not the number of guards inside: one".into()),
        (json!({"op": "not", "children": [{"op": "leaf"}]}), "/children/0", "key `ref` is missing".into()),
        (json!({"op": "eq", "children": [field]}), "/children", "`1` is not the number of operands inside: two".into()),
        (json!({"op": "eq", "children": [field, leaf]}), "/children/1/op", "`leaf` is not one of field, literal".into()),
        (json!({"op": "eq", "children": [field, field]}), "", "`eq` is not a comparison of one field with one literal".into()),
        (json!({"op": "eq", "children": [literal, literal]}), "", "`eq` is not a comparison of one field with one literal".into()),
        (json!({"op": "in", "children": [literal], "set": [{"type": "int", "value": 1}]}), "/children/0/op", "`literal` is not a field".into()),
        (json!({"op": "in", "children": [field]}), "", "key `set` is missing".into()),
        (json!({"op": "in", "children": [field], "set": [{"type": "duration", "value": "1s"}]}), "/set/0/type", "`duration` is not one of string, enum, int, float, bool".into()),
        (json!({"op": "in", "children": [field], "set": [{"type": "int", "value": 1.5}]}), "/set/0/value", "a number where a whole number belongs".into()),
        (json!({"op": "lt", "children": [field, {"op": "literal", "literal": {"type": "bool", "value": true}}]}), "", "`true` is not a number or a text, which alone have an order".into()),
    ];
    for (expression, pointer, flaw) in cases {
        let found = problems(&with_transition(json!({"guardExpr": expression})));
        assert!(found.contains(&(at(pointer), flaw.clone())), "{expression}: {found:?}, not {flaw}");
    }
}

#[test]
fn deep_guards_are_refused_where_they_are() {
    let nested = |levels: usize| {
        let leaf = json!({"op": "leaf", "ref": {"name": "g"}});
        (1..levels).fold(leaf, |inner, _| json!({"op": "not", "children": [inner]}))
    };
    read(&with_transition(json!({"guardExpr": nested(48)})));
    let flaw = "levels of guards: 49 where at most 48 may be";
    told(&with_transition(json!({"guardExpr": nested(49)})), &[("/states/0/transitions/0/guardExpr", flaw)]);
}

#[test]
fn states_that_cannot_be_are_told() {
    let x = json!({"name": "x"});
    let region = json!({"name": "r", "initialChild": "x", "states": [x]});
    let cases: Vec<(Value, &[(&str, &str)])> = vec![
        (json!({"name": ""}), &[("/states/0", "key `name` is missing"), ("/initial", "target `a` is no state; it must be directly inside")]),
        (json!({"name": true}), &[("/states/0/name", "a boolean where a text or a whole number belongs"), ("/initial", "target `a` is no state; it must be directly inside")]),
        (json!({"historyType": 3}), &[("/states/0/historyType", "`3` is not one of 0, 1 and 2: none, shallow, deep")]),
        (json!({"historyType": "deep"}), &[("/states/0/historyType", "a text where a number belongs")]),
        (json!({"isFinal": "yes"}), &[("/states/0/isFinal", "a text where a boolean belongs")]),
        (json!({"onEntry": {}}), &[("/states/0/onEntry", "an object where a list belongs")]),
        (json!({"onEntry": ["log"]}), &[("/states/0/onEntry/0", "a text where an object belongs")]),
        (json!({"onDone": [{"name": "log"}]}), &[("/states/0/onDone", "an atomic state cannot have `onDone`")]),
        (json!({"isFinal": true, "children": [x], "transitions": [{"from": "a", "to": "b", "on": "go"}]}), &[
            ("/states/0/transitions", "a final state cannot have `transitions`"),
            ("/states/0/children", "a final state cannot have `children`"),
        ]),
        (json!({"children": [x]}), &[("/states/0", "key `initialChild` is missing")]),
        (json!({"children": [x], "initialChild": "b"}), &[("/states/0/initialChild", "target `b` is no state; it must be directly inside")]),
        (json!({"children": [{"name": "y"}], "regions": [region]}), &[("/states/0/children", "a parallel state cannot have `children`")]),
        (json!({"regions": [{"name": "r"}]}), &[("/states/0/regions/0", "key `states` is missing")]),
        (json!({"regions": [{"name": "r", "states": [x]}]}), &[("/states/0/regions/0", "key `initialChild` is missing")]),
        (json!({"regions": [region, {"name": "1", "initialChild": "y", "states": [{"name": "y"}]}]}), &[("/states/0/regions/1/name", "`1` is not a name that keeps its place; whole numbers would stand first")]),
        (json!({"children": [{"name": "b"}], "initialChild": "b"}), &[("/states/1/name", "id `b` belongs to another as well")]),
        (json!({"name": "b"}), &[("/initial", "target `a` is no state; it must be directly inside"), ("/states/1", "id `m.b` belongs to another as well")]),
        (json!({"invoke": [{}]}), &[("/states/0/invoke/0", "key `src` is missing")]),
        (json!({"invoke": [{"src": {"name": "s"}, "kind": 2}]}), &[("/states/0/invoke/0/kind", "`2` is not one of 0 and 1: service, machine")]),
        (json!({"invoke": [{"src": {"name": "s", "params": {"n": 1}}, "input": {"n": 2}}]}), &[("/states/0/invoke/0/input/n", "key `n` is there twice")]),
        (json!({"invoke": [{"src": {"name": "s"}, "input": {"$context": "n"}}]}), &[("/states/0/invoke/0/input", "`{\"$context\":\"n\"}` is not an input here; `$` would mean a hole")]),
        (json!({"invoke": [{"src": {"name": "s"}, "onDone": "*"}]}), &[("/states/0/invoke/0/onDone", "`*` is not an event here; `*` would mean others")]),
        (json!({"invoke": [{"src": {"name": "s"}, "id": "i"}, {"src": {"name": "s"}, "id": "i"}]}), &[("/states/0/invoke/1", "id `i` belongs to another as well")]),
    ];
    for (members, expected) in cases {
        told(&with_state(members), expected);
    }
}

#[test]
fn transitions_that_cannot_be_are_told() {
    let cases: Vec<(Value, &str, &str)> = vec![
        (json!({"from": "b"}), "/from", "`b` is not the name of the state that the transition belongs to"),
        (json!({"to": "z"}), "/to", "target `z` is no state"),
        (json!({"to": ["b"]}), "/to", "a list where a text or a whole number belongs"),
        (json!({"to": ""}), "", "key `to` is missing"),
        (json!({"on": null}), "", "key `on` is missing"),
        (json!({"on": 1.5}), "/on", "a number where a text or a whole number belongs"),
        (json!({"on": "a.*"}), "/on", "`a.*` is not an event here; `*` would mean others"),
        (json!({"raise": ["*"]}), "/raise/0", "`*` is not an event here; `*` would mean others"),
        (json!({"wildcard": true, "eventLess": true}), "/wildcard", "`wildcard` is not possible together with `eventLess`"),
        (json!({"after": 1_000_000, "eventLess": true}), "/after", "`after` is not possible together with `eventLess`"),
        (json!({"after": 1_000_000, "wildcard": true}), "/after", "`after` is not possible together with `wildcard`"),
        (json!({"after": 1_500_001}), "/after", "`1500001` is not nanoseconds that make whole milliseconds"),
        (json!({"after": -1_000_000}), "/after", "`-1000000` is not nanoseconds that make whole milliseconds"),
        (json!({"after": "1s"}), "/after", "a text where a number belongs"),
        (json!({"internal": true}), "/internal", "`internal` is not possible with another state in `to`"),
        (json!({"forbidden": true, "effects": [{"name": "x"}]}), "/forbidden", "`forbidden` is not possible with guards or actions"),
        (json!({"waitMode": 3}), "/waitMode", "`3` is not one of 0, 1 and 2: reply, forget, poll"),
        (json!({"effects": [{"name": "x"}], "assigns": [{"name": "x"}]}), "/assigns/0/name", "`x` is not one kind of thing; an effect and an assign cannot share a name"),
        (json!({"effects": [{"name": "crucible.cancel"}]}), "/effects/0/params", "key `id` is missing"),
    ];
    for (members, pointer, flaw) in cases {
        let at = format!("/states/0/transitions/0{pointer}");
        told(&with_transition(members), &[(&at, flaw)]);
    }
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
    told(&json!([]), &[("", "a list where an object belongs"), ("", "key `states` is missing")]);
}

#[test]
fn twice_the_same_key_is_told_wherever_it_is() {
    let text = br#"{"schemaVersion": "1.0", "name": "m", "initial": "a", "x": {"y": 1, "y": 2},
        "states": [{"name": "a", "name": "b", "onEntry": [{"name": "e", "params": {"k": 1, "k": 1}}]}]}"#;
    let problems = Machine::read(text).unwrap_err();
    let pointers: Vec<&str> = problems.0.iter().map(|problem| &*problem.pointer).collect();
    assert_eq!(pointers, ["/x/y", "/states/0/name", "/states/0/onEntry/0/params/k"]);
}

fn provided(document: &Value) -> Provided<Value> {
    let mut registry = Registry::<Value>::new();
    for name in ["enter", "leave", "note"] {
        registry.effect(name).unwrap();
    }
    registry.service("fetch").unwrap();
    registry
        .assign("store", |context: &mut Value, event, _| {
            context["got"] = event.data().clone();
            Ok(())
        })
        .unwrap();
    read(document).provide(&registry).unwrap()
}

fn step(machine: &Provided<Value>, state: &State<Value>, event: &Event) -> (State<Value>, Vec<Effect>) {
    let step = machine.step(state, event).unwrap();
    (step.state, step.effects)
}

#[test]
fn a_delay_sends_its_event_and_leaving_cancels_it() {
    let machine = provided(&with_state(json!({
        "onEntry": [{"name": "enter"}],
        "onExit": [{"name": "leave"}],
        "transitions": [
            {"from": "a", "to": "b", "on": "late", "after": 30_000_000},
            {"from": "a", "to": "b", "on": "go"}
        ]
    })));
    let begun = machine.start(json!({})).unwrap();
    let id = Some("m:a:after:0".to_owned());
    let delay = Duration::from_millis(30);
    let scheduled = Effect::Schedule { id, event: Event::new("late"), delay };
    let entered = Effect::Action { name: "enter".into(), params: Value::Null };
    assert_eq!(begun.effects, [entered, scheduled]);
    let left = Effect::Action { name: "leave".into(), params: Value::Null };
    for event in ["late", "go"] {
        let (state, effects) = step(&machine, &begun.state, &Event::new(event));
        assert_eq!(state.value(), json!("b"));
        assert_eq!(effects, [left.clone(), Effect::Cancel { id: "m:a:after:0".into() }]);
    }
}

#[test]
fn the_result_of_a_service_comes_with_its_event() {
    let machine = provided(&with_state(json!({
        "invoke": [{"src": {"name": "fetch"}, "onDone": "fetched", "onError": "failed"}],
        "transitions": [
            {"from": "a", "to": "b", "on": "fetched", "assigns": [{"name": "store"}]},
            {"from": "a", "to": "b", "on": "failed", "assigns": [{"name": "store"}]}
        ]
    })));
    let begun = machine.start(json!({})).unwrap();
    let id = "m:a:invoke:0";
    for (name, data) in [("done", json!({"output": [1, 2]})), ("error", json!({"error": [1, 2]}))] {
        let event = Event::new(format!("xstate.{name}.actor.{id}")).with(data);
        let (state, _) = step(&machine, &begun.state, &event);
        assert_eq!(state.value(), json!("b"), "{name}");
        assert_eq!(state.context(), &json!({"got": [1, 2]}));
    }
}
