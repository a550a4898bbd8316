//! Crucible's documents: what they become, what is kept of them, and what is refused.
#![recursion_limit = "256"]
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use std::time::Duration;

use serde_json::{Value, json};
use wardian_machine::{Effect, Event, Machine, Provided, Registry, State};

#[path = "crucible/refused.rs"]
mod refused;

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

/// A machine of two states, the first with these members.
fn with_state(members: Value) -> Value {
    let mut first = json!({"name": "a"});
    first
        .as_object_mut()
        .unwrap()
        .extend(members.as_object().unwrap().clone());
    json!({"schemaVersion": "1.0", "name": "m", "initial": "a", "hasInitial": true,
        "states": [first, {"name": "b"}]})
}

/// The same with a transition in the first state.
fn with_transition(members: Value) -> Value {
    let mut transition = json!({"from": "a", "to": "b", "on": "go"});
    transition
        .as_object_mut()
        .unwrap()
        .extend(members.as_object().unwrap().clone());
    with_state(json!({"transitions": [transition]}))
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
    let fetched = |event: &str, result: &str| json!({"actions": {"type": "raise", "event": {"type": event, "$event": result}}});
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
    assert_eq!(
        Machine::read(crucible.as_bytes()).unwrap().id(),
        "composite"
    );
    let native = r#"{"id": "n", "states": {"a": {}}, "initial": "a"}"#;
    assert_eq!(Machine::read(native.as_bytes()).unwrap().id(), "n");
    assert!(Machine::from_json(crucible.as_bytes()).is_err());
    assert!(Machine::from_crucible(native.as_bytes()).is_err());
    let problems = Machine::read(b"[").unwrap_err();
    assert!(
        problems.to_string().starts_with("the machine: no JSON: "),
        "{problems}"
    );
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
        refused::told(&document, &[("/schemaVersion", &flaw)]);
    }
    document["schemaVersion"] = 1.into();
    refused::told(
        &document,
        &[("/schemaVersion", "a number where a text belongs")],
    );
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
    assert_eq!(
        ids,
        ["job", "job.0", "job.5", "job.10", "job.10.2", "job.10.8"]
    );
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
    assert_eq!(
        states["h"],
        json!({"type": "history", "history": "shallow", "target": "y"})
    );
    assert_eq!(states["d"], json!({"type": "history", "history": "deep"}));
}

#[test]
fn transitions_wait_for_what_they_say() {
    let on = |members: Value| written(&with_transition(members))["states"]["a"].clone();
    assert_eq!(on(json!({})), json!({"on": {"go": "b"}}));
    assert_eq!(
        on(json!({"on": 0, "wildcard": true})),
        json!({"on": {"*": "b"}})
    );
    assert_eq!(
        on(json!({"on": "", "eventLess": true})),
        json!({"always": "b"})
    );
    assert_eq!(
        on(json!({"to": "", "forbidden": true})),
        json!({"on": {"go": {}}})
    );
    assert_eq!(on(json!({"to": "a"})), json!({"on": {"go": {}}}));
    assert_eq!(
        on(json!({"to": "a", "reenter": true})),
        json!({"on": {"go": {"target": "a", "reenter": true}}})
    );
    assert_eq!(on(json!({"reenter": true})), json!({"on": {"go": "b"}}));
    assert_eq!(
        on(json!({"to": 0, "internal": true})),
        json!({"on": {"go": {}}})
    );
    assert_eq!(
        on(json!({"meta": {"x": 1}})),
        json!({"on": {"go": {"target": "b", "meta": {"x": 1}}}})
    );
    assert_eq!(
        on(json!({"on": "", "after": 1_500_000_000_u64})),
        json!({"after": {"1500": "b"}})
    );
    assert_eq!(
        on(json!({"after": 20_000_000})),
        json!({
            "entry": {"type": "raise", "event": "go", "delay": 20, "id": "m:a:after:0"},
            "exit": {"type": "cancel", "id": "m:a:after:0"},
            "on": {"go": "b"}
        })
    );
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
    assert_eq!(
        guard(json!({"op": "leaf", "ref": {"name": "g"}})),
        json!("g")
    );
    assert_eq!(
        guard(json!({"op": "stateIn", "in": "b"})),
        json!({"type": "stateIn", "state": "#m.b"})
    );
    let not = json!({"op": "not", "children": [{"op": "or", "children": [{"op": "leaf", "ref": {"name": "g"}}]}]});
    assert_eq!(
        guard(not),
        json!({"type": "not", "guard": {"type": "or", "guards": ["g"]}})
    );
    for (op, turned) in [
        ("eq", "eq"),
        ("ne", "ne"),
        ("lt", "gt"),
        ("le", "ge"),
        ("gt", "lt"),
        ("ge", "le"),
    ] {
        let forty = literal("int", json!(40));
        let expected = |op: &str| json!({"type": op, "path": "order.total", "value": 40});
        assert_eq!(guard(compare(op, &field, &forty)), expected(op));
        assert_eq!(guard(compare(op, &forty, &field)), expected(turned));
    }
    let flag = literal("bool", json!(true));
    assert_eq!(guard(compare("eq", &field, &flag))["value"], json!(true));
    let set = json!([{"type": "enum", "value": "paid"}, {"type": "float", "value": 1.5}]);
    let member = json!({"op": "in", "kind": "core", "set": set, "children": [field]});
    assert_eq!(
        guard(member),
        json!({"type": "in", "path": "order.total", "value": ["paid", 1.5]})
    );
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

fn step(
    machine: &Provided<Value>,
    state: &State<Value>,
    event: &Event,
) -> (State<Value>, Vec<Effect>) {
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
    let scheduled = Effect::Schedule {
        id,
        event: Event::new("late"),
        delay,
    };
    let entered = Effect::Action {
        name: "enter".into(),
        params: Value::Null,
    };
    assert_eq!(begun.effects, [entered, scheduled]);
    let left = Effect::Action {
        name: "leave".into(),
        params: Value::Null,
    };
    for event in ["late", "go"] {
        let (state, effects) = step(&machine, &begun.state, &Event::new(event));
        assert_eq!(state.value(), json!("b"));
        assert_eq!(
            effects,
            [
                left.clone(),
                Effect::Cancel {
                    id: "m:a:after:0".into()
                }
            ]
        );
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
    for (name, data) in [
        ("done", json!({"output": [1, 2]})),
        ("error", json!({"error": [1, 2]})),
    ] {
        let event = Event::new(format!("xstate.{name}.actor.{id}")).with(data);
        let (state, _) = step(&machine, &begun.state, &event);
        assert_eq!(state.value(), json!("b"), "{name}");
        assert_eq!(state.context(), &json!({"got": [1, 2]}));
    }
}

#[test]
fn twice_the_same_key_is_told_wherever_it_is() {
    let text = br#"{"schemaVersion": "1.0", "name": "m", "initial": "a", "x": {"y": 1, "y": 2},
        "states": [{"name": "a", "name": "b", "onEntry": [{"name": "e", "params": {"k": 1, "k": 1}}]}]}"#;
    let problems = Machine::read(text).unwrap_err();
    let pointers: Vec<&str> = problems.0.iter().map(|problem| &*problem.pointer).collect();
    assert_eq!(
        pointers,
        ["/x/y", "/states/0/name", "/states/0/onEntry/0/params/k"]
    );
}
