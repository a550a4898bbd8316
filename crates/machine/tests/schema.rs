//! The JSON Schema against the reader: what one takes the other takes, but for what a schema cannot say.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use jsonschema::Validator;
use serde_json::Value;
use wardian_machine::{Machine, SCHEMA};

#[path = "xstate/generate.rs"]
mod generate;

fn validator() -> Validator {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    assert!(jsonschema::draft202012::meta::is_valid(&schema));
    jsonschema::draft202012::new(&schema).unwrap()
}

/// Whether the schema takes it, and whether the reader does.
fn judged(validator: &Validator, document: &str) -> (bool, bool) {
    let value: Value =
        serde_json::from_str(document).unwrap_or_else(|error| panic!("{error}: {document}"));
    (
        validator.is_valid(&value),
        Machine::from_json(document.as_bytes()).is_ok(),
    )
}

/// Every key in every form.
const WRITTEN: [&str; 6] = [
    r##"{
        "$schema": "https://example.org/machine.schema.json", "x-owner": "ann",
        "id": "order", "version": "2", "initial": {"target": "open", "actions": "begin", "meta": 1, "description": "d"},
        "context": {"total": 0}, "types": {}, "schemas": {}, "output": {"$context": "total"}, "meta": {"a": 1},
        "tags": ["a", "b"], "description": "an order",
        "states": {
            "open": {
                "type": "atomic", "tags": "busy", "entry": null, "exit": [], "history": false, "target": null,
                "on": {
                    "*": "paid", "order.*": [{"target": ["paid"]}, "paid"], "a b.c": {}, "gone": "",
                    "pay": {"target": "#order.paid", "guard": null, "reenter": true, "meta": [], "description": "d", "x-a": 1}
                },
                "always": [{"guard": {"type": "stateIn", "state": "#order.paid"}, "target": "paid"}],
                "after": {"1000": "paid", "7": "paid", "9007199254740991": "paid", "soon": {"target": "paid"}, "5 s": []}
            },
            "paid": {"id": "end", "type": "final", "output": [1, {"$event": ""}], "on": {}, "always": [], "entry": "ring"}
        }
    }"##,
    r##"{
        "type": "parallel", "onDone": {"actions": "cheer"}, "states": {
            "a": {"initial": "one", "onDone": [], "states": {
                "one": {}, "h": {"type": "history"}, "hh": {"history": "deep", "target": "one"}, "ht": {"history": true},
                "hx": {"type": "history", "history": "shallow", "target": ["#(machine).a.one"]}, "end": {"type": "final"}
            }},
            "b": {"type": "compound", "initial": "x", "states": {"x": {"on": {"e": ".missing-is-not-here"}}, "y": {}}}
        }
    }"##,
    r##"{"initial": "a", "states": {"a": {"always": [
        {"guard": "g", "actions": "x"},
        {"guard": {"type": "g", "params": null}, "actions": ["x", {"type": "x", "params": [1]}]},
        {"guard": {"type": "and", "guards": []}},
        {"guard": {"type": "xstate.or", "guards": ["g", {"type": "not", "guard": "g"}, {"type": "xstate.not", "guards": ["g"]}]}},
        {"guard": {"type": "and"}}, {"guard": {"type": "eq", "params": 1}}, {"guard": {"type": "stateIn"}},
        {"guard": {"type": "xstate.stateIn", "stateValue": "a"}}, {"guard": {"type": "stateIn", "state": "a", "stateValue": 7}},
        {"guard": {"type": "eq", "path": "", "value": null}}, {"guard": {"type": "ne", "path": "a\\.b.c", "value": {"k": 1}}},
        {"guard": {"type": "lt", "path": "n", "value": 1.5}}, {"guard": {"type": "xstate.ge", "path": "n", "value": "t"}},
        {"guard": {"type": "in", "path": "n", "value": [1, "a"]}}
    ]}}}"##,
    r##"{"entry": [
        {"type": "raise", "event": "e"}, {"type": "xstate.raise", "event": {"type": "e", "n": 1}, "delay": 0, "id": "r"},
        {"type": "raise", "event": "e", "delay": "15"}, {"type": "raise", "event": "e", "delay": "soon"},
        {"type": "raise", "event": "e", "delay": 9007199254740991},
        {"type": "assign", "assignment": {"n": {"$event": "n"}, "m": [1]}}, {"type": "cancel", "id": "r"},
        {"type": "raise"}, {"type": "assign", "params": {}}, {"type": "cancel", "$a": 1, "x-b": 2}
    ]}"##,
    r##"{"initial": "a", "states": {"a": {"invoke": [
        {"src": "work"},
        {"src": "work", "id": "w", "input": {"$context": "n"}, "onDone": "a", "onError": [{"target": "a"}], "systemId": 1,
         "description": 2, "meta": 3}
    ]}, "b": {"invoke": {"src": "work"}}, "c": {"invoke": null}}}"##,
    "{}",
];

#[test]
fn what_is_a_machine_is_valid() {
    let validator = validator();
    for document in WRITTEN {
        // One of them names a state that is not there, so that this test can fail for a machine too.
        let is_machine = !document.contains("missing-is-not-here");
        assert_eq!(
            judged(&validator, document),
            (true, is_machine),
            "{document}"
        );
    }
    for seed in 0..300 {
        let document = generate::case(seed)["machine"].to_string();
        assert_eq!(
            judged(&validator, &document),
            (true, true),
            "{seed}: {document}"
        );
    }
}

/// A machine with this in its state `a`, beside `b`.
fn with(members: &str) -> String {
    format!(r#"{{"initial": "a", "states": {{"a": {{{members}}}, "b": {{}}}}}}"#)
}

/// Members of a state that neither takes.
const WRONG: [&str; 87] = [
    r#""cond": "g""#,
    r#""onEntry": "x""#,
    r#""activities": []"#,
    r#""context": {}"#,
    r#""version": "1""#,
    r#""id": """#,
    r#""id": 7"#,
    r#""type": "choice""#,
    r#""description": null"#,
    r#""tags": [1]"#,
    r#""on": []"#,
    r#""on": null"#,
    r#""on": {"": "b"}"#,
    r#""on": {"a.*.b": "b"}"#,
    r#""on": {"*.*": "b"}"#,
    r#""on": {"e": 7}"#,
    r#""on": {"e": [null]}"#,
    r#""on": {"e": null}"#,
    r#""after": {"007": "x"}"#,
    r#""on": {"e": {"target": {"id": "b"}}}"#,
    r#""on": {"e": {"target": ["b", ""]}}"#,
    r#""on": {"e": {"target": "b", "cond": "g"}}"#,
    r#""on": {"e": {"target": "b", "in": "c"}}"#,
    r#""on": {"e": {"target": "b", "internal": true}}"#,
    r#""on": {"e": {"target": "b", "reenter": 1}}"#,
    r#""on": {"e": {"target": "b", "description": 1}}"#,
    r#""on": {"e": {"guard": ""}}"#,
    r#""on": {"e": {"guard": ["g"]}}"#,
    r#""on": {"e": {"guard": {"name": "g"}}}"#,
    r#""on": {"e": {"guard": {"type": "g", "param": 1}}}"#,
    r#""on": {"e": {"guard": {"type": "and", "guards": "g"}}}"#,
    r#""on": {"e": {"guard": {"type": "or", "guards": [null]}}}"#,
    r#""on": {"e": {"guard": {"type": "not", "guards": ["g", "h"]}}}"#,
    r#""on": {"e": {"guard": {"type": "not", "guard": "g", "guards": ["g"]}}}"#,
    r#""on": {"e": {"guard": {"type": "eq", "path": "n"}}}"#,
    r#""on": {"e": {"guard": {"type": "eq", "value": 1}}}"#,
    r#""on": {"e": {"guard": {"type": "gt", "path": "n", "value": true}}}"#,
    r#""on": {"e": {"guard": {"type": "in", "path": "n", "value": 1}}}"#,
    r#""on": {"e": {"guard": {"type": "eq", "path": ["n"], "value": 1}}}"#,
    r#""on": {"e": {"guard": {"type": "stateIn", "state": ""}}}"#,
    r#""on": {"e": {"actions": 1}}"#,
    r#""on": {"e": {"actions": [null]}}"#,
    r#""on": {"e": {"actions": {"params": 1}}}"#,
    r#""on": {"e": {"actions": {"type": "raise", "event": {"n": 1}}}}"#,
    r#""on": {"e": {"actions": {"type": "raise", "event": ""}}}"#,
    r#""on": {"e": {"actions": {"type": "raise", "event": "f", "delay": -1}}}"#,
    r#""on": {"e": {"actions": {"type": "raise", "event": "f", "delay": 1.5}}}"#,
    r#""on": {"e": {"actions": {"type": "raise", "event": "f", "delay": null}}}"#,
    r#""on": {"e": {"actions": {"type": "raise", "event": "f", "delay": 9007199254740992}}}"#,
    r#""on": {"e": {"actions": {"type": "assign", "assignment": "n"}}}"#,
    r#""on": {"e": {"actions": {"type": "cancel", "id": ""}}}"#,
    r#""after": {"": "b"}"#,
    r#""after": {"-5": "b"}"#,
    r#""after": {"1.5": "b"}"#,
    r#""after": {"1e3": "b"}"#,
    r#""after": {"Infinity": "b"}"#,
    r#""after": {"9007199254740992": "b"}"#,
    r#""after": {"10000000000000000000000": "b"}"#,
    r#""delay": 5"#,
    r#""invoke": "work""#,
    r#""invoke": {"id": "w"}"#,
    r#""invoke": {"src": ""}"#,
    r#""invoke": {"src": "w", "onSnapshot": "b"}"#,
    r#""invoke": [null]"#,
    r#""initial": "x""#,
    r#""states": {"x": {}}"#,
    r#""states": {"": {}}, "initial": """#,
    r#""initial": {"actions": "x"}, "states": {"x": {}}"#,
    r#""initial": null, "states": {"x": {}}"#,
    r#""initial": "x", "states": {"x": null}"#,
    r#""type": "atomic", "states": {"x": {}}"#,
    r#""type": "compound""#,
    r#""type": "parallel""#,
    r#""type": "parallel", "states": {}"#,
    r#""type": "parallel", "initial": "x", "states": {"x": {}}"#,
    r#""type": "final", "on": {"e": "b"}"#,
    r#""type": "final", "always": "b""#,
    r#""type": "final", "invoke": {"src": "w"}"#,
    r#""type": "history", "on": {"e": "b"}"#,
    r#""type": "history", "entry": "x""#,
    r#""type": "history", "history": "full""#,
    r#""history": "deep", "exit": "x""#,
    r#""history": "deep", "type": "atomic""#,
    r#""history": "deep", "initial": "x", "states": {"x": {}}"#,
    r#""target": "b""#,
    r#""output": 1"#,
    r#""onDone": "b""#,
];

#[test]
fn what_is_wrong_is_refused_by_both() {
    let validator = validator();
    let mut documents: Vec<String> = WRONG.iter().map(|members| with(members)).collect();
    documents.extend(
        [
            "[]",
            "7",
            r#"{"type": "history"}"#,
            r#"{"version": 1}"#,
            r#"{"cond": 1}"#,
        ]
        .map(String::from),
    );
    for document in documents {
        assert_eq!(judged(&validator, &document), (false, false), "{document}");
    }
    assert_eq!(judged(&validator, &with("")), (true, true));
}

/// What only the reader finds.
#[test]
fn what_a_schema_cannot_say() {
    let validator = validator();
    for (what, members) in [
        ("a target that is no state", r#""on": {"e": "c"}"#),
        (
            "an initial state that is none",
            r#""initial": "c", "states": {"x": {}}"#,
        ),
        (
            "a guard's state that is none",
            r#""always": {"guard": {"type": "stateIn", "state": "c"}}"#,
        ),
        (
            "targets that exclude each other",
            r##""on": {"e": {"target": ["b", "#(machine).a"]}}"##,
        ),
        (
            "two states of one id",
            r#""id": "b", "initial": "x", "states": {"x": {"id": "b"}}"#,
        ),
        (
            "two services of one id",
            r#""invoke": [{"src": "w", "id": "w"}, {"src": "w", "id": "w"}]"#,
        ),
        (
            "a member that is there twice",
            r#""entry": "x", "entry": "y""#,
        ),
        (
            "a history that leads to itself",
            r#""initial": "x", "states": {"x": {}, "h": {"type": "history", "target": "h"}}"#,
        ),
        (
            "a whole number with a point",
            r#""entry": {"type": "raise", "event": "e", "delay": 1.0}"#,
        ),
    ] {
        assert_eq!(judged(&validator, &with(members)), (true, false), "{what}");
    }
    let deep = r#"{"initial": "a", "states": {"a": "#.repeat(49) + "{}" + &"}}".repeat(49);
    assert_eq!(judged(&validator, &deep), (true, false), "levels");
}

/// Editors show descriptions beside what is typed.
#[test]
fn every_property_says_what_it_is() {
    fn walk(schema: &Value, at: &str, seen: &mut usize) {
        let Value::Object(members) = schema else {
            return;
        };
        for (key, inner) in members {
            let at = format!("{at}/{key}");
            let is_condition = ["if", "then", "not", "kinds"].contains(&key.as_str());
            if let ("properties" | "patternProperties", Value::Object(properties), false) =
                (key.as_str(), inner, at.contains("/kinds"))
            {
                for (name, property) in properties {
                    *seen += 1;
                    assert!(
                        describes(property) || property["$ref"].is_string(),
                        "{at}/{name}"
                    );
                    walk(property, &format!("{at}/{name}"), seen);
                }
            } else if let (Value::Array(list), false) = (inner, is_condition) {
                list.iter().for_each(|inner| walk(inner, &at, seen));
            } else if !is_condition {
                walk(inner, &at, seen);
            }
        }
    }
    fn describes(schema: &Value) -> bool {
        let description = schema["description"].as_str();
        description.is_some_and(|description| !description.is_empty())
    }
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let mut seen = 0;
    walk(&schema, "", &mut seen);
    for (name, part) in schema["$defs"].as_object().unwrap() {
        assert!(describes(part), "{name}");
    }
    assert!(seen > 60, "{seen}");
}
