//! The lint: what must be reported, near misses that must not, and generated machines that are played against what it says.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use serde_json::{Value, json};
use wardian_machine::lint::{Report, report};
use wardian_machine::{Event, Machine, Registry};

#[path = "xstate/generate.rs"]
mod generate;
#[path = "lint/play.rs"]
mod play;

fn linted(document: &Value) -> Report {
    report(&serde_json::to_vec(document).unwrap())
}

/// States `a`, `b`, `c` …, where each is told by what it has.
fn text(states: Value) -> String {
    linted(&json!({"id": "m", "initial": "a", "states": states})).to_text()
}

const NOTHING: &str = "no findings\n";

#[test]
fn what_is_called_impossible_never_happens() {
    let mut counts = play::Counts::default();
    for seed in 0..1500 {
        play::judge(seed, &mut counts);
    }
    println!("{counts:?}");
    assert!(counts.unreachable > 100 && counts.dead > 100, "{counts:?}");
    assert!(counts.dead_ends > 100 && counts.no_way > 20, "{counts:?}");
}

#[test]
fn what_is_called_dead_is_all_that_never_happens() {
    let dead: usize = (0..2000).map(play::judge_list).sum();
    assert!(dead > 500, "{dead}");
}

#[test]
fn two_children_of_a_compound_state_at_once() {
    // As in XState, targets that lie in each other enter both, so nothing follows from what should exclude what.
    let document = json!({"id": "m", "initial": "a", "states": {
        "a": {"on": {"go": {"target": ["o", "o.x"]}}},
        "o": {"initial": "y", "states": {
            "x": {"on": {"out": {"target": "#m.b", "guard": {"type": "stateIn", "state": "o.y"}}}},
            "y": {}
        }},
        "b": {"on": {"back": "a"}}
    }});
    assert_eq!(linted(&document).to_text(), NOTHING);
    let machine = Machine::from_json(&serde_json::to_vec(&document).unwrap()).unwrap();
    let machine = machine.provide(&Registry::<Value>::new()).unwrap();
    let begun = machine.start(json!({})).unwrap().state;
    let inside = machine.step(&begun, &Event::new("go")).unwrap().state;
    let out = machine.step(&inside, &Event::new("out")).unwrap().state;
    assert_eq!(out.value(), json!("b"));
}

#[test]
fn a_state_that_nothing_leads_to() {
    let states = json!({
        "a": {"on": {"go": "b"}},
        "b": {"on": {"back": "a"}},
        "c": {"initial": "d", "states": {"d": {"on": {"go": "#m.a"}}}},
        "h": {"type": "history"}
    });
    let told = "\
warning[unreachable-state] /states/c: state `m.c` can never be active, nor can the state inside
note[unreachable-state] /states/h: nothing asks the history `m.h`
1 warning, 1 note
";
    assert_eq!(text(states), told);
}

#[test]
fn a_state_behind_a_guard_that_never_passes() {
    let states = |state: &str| {
        json!({
            "a": {"on": {"go": {"target": "b", "guard": {"type": "stateIn", "state": state}}}},
            "b": {"on": {"go": "c"}},
            "c": {"on": {"go": "a"}}
        })
    };
    let told = "\
warning[dead-end] /states/a: nothing leads out of state `m.a`, and it is not final
warning[dead-transition] /states/a/on/go: its guard can never pass
warning[unreachable-state] /states/b: state `m.b` can never be active
warning[unreachable-state] /states/c: state `m.c` can never be active
4 warnings
";
    assert_eq!(text(states("c")), told);
    assert_eq!(text(states("a")), NOTHING);
}

#[test]
fn states_that_are_entered_without_a_target_of_their_own() {
    // By a history, by `always`, by a delay, by an end, by a service, by a wildcard, as a region, as one of two targets.
    let states = json!({
        "a": {
            "initial": "x",
            "states": {
                "x": {"on": {"in": "y"}},
                "y": {"always": "z"},
                "z": {"type": "final"},
                "h": {"type": "history", "history": "deep"}
            },
            "onDone": "b"
        },
        "b": {"after": {"100": "c"}},
        "c": {"invoke": {"src": "work", "onDone": "d", "onError": "e"}},
        "d": {"on": {"order.*": "f", "*": "g"}},
        "e": {"on": {"back": "a.h"}},
        "f": {"on": {"back": "a"}},
        "g": {
            "type": "parallel",
            "states": {
                "r": {"initial": "p", "states": {"p": {"on": {"go": "q"}}, "q": {}}},
                "s": {"initial": "p", "states": {"p": {}, "q": {}}}
            },
            "on": {"two": {"target": [".r.q", ".s.q"]}, "back": "a"}
        }
    });
    assert_eq!(text(states), NOTHING);
}

#[test]
fn a_shallow_history_begins_again_what_was_entered_elsewhere() {
    // `p.x` is entered only when the history brings back `p`, which begins at its beginning.
    let states = json!({
        "a": {"on": {"go": "#m.o.p.y"}},
        "o": {
            "initial": "q",
            "states": {
                "q": {},
                "p": {"initial": "x", "states": {"x": {}, "y": {}}},
                "h": {"type": "history"}
            },
            "on": {"out": "a", "again": "#m.b"}
        },
        "b": {"on": {"back": "#m.o.h"}}
    });
    assert_eq!(text(states), NOTHING);
}

/// What is said of two transitions with these guards, from `a` to `b` and from `a` to `c`.
fn two(first: Value, second: Value) -> String {
    text(json!({
        "a": {"on": {"go": [
            {"target": "b", "guard": first},
            {"target": "c", "guard": second}
        ], "other": {"target": "b"}, "more": {"target": "c"}}},
        "b": {"on": {"back": "a"}},
        "c": {"on": {"back": "a"}}
    }))
}

fn compare(op: &str, value: impl Into<Value>) -> Value {
    json!({"type": op, "path": "n", "value": value.into()})
}

fn not(guard: impl Into<Value>) -> Value {
    json!({"type": "not", "guard": guard.into()})
}

fn composed(op: &str, guards: &[Value]) -> Value {
    json!({"type": op, "guards": guards})
}

#[test]
fn a_guard_that_contradicts_itself() {
    let told = "\
warning[dead-transition] /states/a/on/go/0: its guard can never pass
1 warning
";
    let never = [
        composed("and", &["g".into(), not("g")]),
        composed("and", &[compare("lt", 5), compare("ge", 5)]),
        composed("and", &[compare("eq", "x"), compare("gt", 5)]),
        composed("and", &[compare("gt", 5), compare("lt", "x")]),
        composed("and", &[compare("eq", 5), compare("ne", 5.0)]),
        composed("and", &[compare("in", json!([1, 2])), compare("gt", 2)]),
        composed("or", &[]),
        not(composed("or", &["g".into(), not("g")])),
        // Nothing lies between a text and the same with a zero behind.
        composed("and", &[compare("gt", "a"), compare("lt", "a\0")]),
    ];
    for guard in never {
        assert_eq!(two(guard.clone(), "g".into()), told, "{guard}");
    }
    let sometimes = [
        composed(
            "and",
            &[
                json!({"type": "g", "params": 1}),
                not(json!({"type": "g", "params": 2})),
            ],
        ),
        composed("and", &[compare("gt", 4), compare("lt", 5)]),
        composed("and", &[compare("ge", 5), compare("le", 5)]),
        // What is not there, or of another kind.
        composed("and", &[not(compare("lt", 5)), not(compare("ge", 5))]),
        composed("and", &[not(compare("eq", 1)), compare("ne", 1)]),
        // Beyond 2^53 equality is not transitive.
        composed(
            "and",
            &[
                compare("eq", 9_007_199_254_740_993_u64),
                compare("eq", 9_007_199_254_740_992.0),
            ],
        ),
    ];
    for guard in sometimes {
        let said = two(guard.clone(), not(guard.clone()));
        assert_eq!(said, NOTHING, "{guard}");
    }
}

#[test]
fn a_transition_that_others_leave_nothing() {
    let states = |third: Value| {
        json!({"a": {"on": {"go": [
            {"target": "b", "guard": "g"},
            {"target": "c", "guard": not("g")},
            {"target": "b", "guard": third}
        ]}}, "b": {"on": {"back": "a"}}, "c": {"on": {"back": "a"}}})
    };
    let told = "\
warning[dead-transition] /states/a/on/go/2: never taken: of those tried before it, one passes whenever it would
1 warning
";
    assert_eq!(text(states("h".into())), told);

    let behind = "\
warning[dead-transition] /states/a/on/go/1: never taken: `/states/a/on/go/0`, which is tried before it, passes whenever it would
1 warning
";
    assert_eq!(two(Value::Null, "g".into()), behind);
    assert_eq!(two("g".into(), "g".into()), behind);
    assert_eq!(two(compare("lt", 10), compare("lt", 5)), behind);
    assert_eq!(two(compare("ne", 10), compare("eq", 5)), behind);
    // A wildcard is for other events as well, and an otherwise is not behind what may block.
    let states = json!({
        "a": {"on": {"go": "b", "*": "c"}},
        "b": {"on": {"back": [{"target": "a", "guard": "g"}, {"target": "c"}]}},
        "c": {"on": {"back": "a"}}
    });
    assert_eq!(text(states), NOTHING);
    // Not complete: a value of another kind passes neither.
    let states = json!({
        "a": {"on": {"go": [
            {"target": "b", "guard": compare("lt", 5)},
            {"target": "c", "guard": compare("ge", 5)},
            {"target": "d"}
        ]}},
        "b": {"on": {"back": "a"}}, "c": {"on": {"back": "a"}}, "d": {"on": {"back": "a"}}
    });
    assert_eq!(text(states), NOTHING);
}

#[test]
fn guards_that_pass_together() {
    let told = |severity: &str, message: &str| {
        format!("{severity}[nondeterminism] /states/a/on/go/1: {message}\n1 {severity}\n")
    };
    let certain =
        "can pass together with `/states/a/on/go/0`, which is taken because it comes first";
    let certain = told("warning", certain);
    assert_eq!(two(compare("lt", 5), compare("gt", 2)), certain);
    let unknown =
        "may pass together with `/states/a/on/go/0`, which is then taken because it comes first";
    assert_eq!(two("g".into(), "h".into()), told("note", unknown));
    let narrower =
        "passes whenever `/states/a/on/go/0` does, which is taken because it comes first";
    assert_eq!(
        two(compare("lt", 5), compare("lt", 9)),
        told("note", narrower)
    );

    assert_eq!(two(compare("lt", 5), compare("ge", 5)), NOTHING);
    assert_eq!(two("g".into(), not("g")), NOTHING);
    assert_eq!(two("g".into(), Value::Null), NOTHING);
    // The same whichever is taken.
    let states = json!({
        "a": {"on": {"go": [{"target": "b", "guard": "g"}, {"target": "b", "guard": "h"}]}},
        "b": {"on": {"back": "a"}}
    });
    assert_eq!(text(states), NOTHING);
    // Both pass only where the first one is taken.
    let states = json!({
        "a": {"on": {"go": [
            {"target": "b", "guard": composed("and", &["g".into(), "h".into()])},
            {"target": "c", "guard": composed("and", &["g".into(), not("h")])},
            {"target": "d", "guard": composed("and", &["h".into(), not("g")])}
        ]}},
        "b": {"on": {"back": "a"}}, "c": {"on": {"back": "a"}}, "d": {"on": {"back": "a"}}
    });
    assert_eq!(text(states), NOTHING);
}

/// A parallel state whose regions answer `go` so.
fn regions(first: Value, second: Value) -> String {
    text(json!({
        "a": {
            "type": "parallel",
            "states": {
                "r": {"initial": "p", "states": {
                    "p": {"on": {"go": first, "on": "q"}}, "q": {"on": {"on": "p"}}}},
                "s": {"initial": "p", "states": {
                    "p": {"on": {"go": second, "on": "q"}}, "q": {"on": {"on": "p"}}}}
            }
        },
        "b": {"on": {"back": "a"}},
        "c": {"on": {"back": "a"}}
    }))
    .replace(
        "warning[unreachable-state] /states/b: state `m.b` can never be active\n",
        "",
    )
}

#[test]
fn regions_that_leave_each_other() {
    let told = |severity: &str, can: &str| {
        format!(
            "{severity}[nondeterminism] /states/a/states/s/states/p/on/go: {can} answer the same event as \
             `/states/a/states/r/states/p/on/go` in another region of `m.a`; one leaves the other's region, so only one is taken\n\
             1 {severity}\n"
        )
    };
    assert_eq!(
        regions("#m.b".into(), "#m.c".into()),
        told("warning", "can")
    );
    let guarded = json!({"target": "#m.c", "guard": "g"});
    assert_eq!(regions("#m.b".into(), guarded.clone()), told("note", "may"));

    let other = json!({"target": "#m.b", "guard": not("g")});
    assert_eq!(regions(other, guarded), NOTHING);
    assert_eq!(
        regions("#m.b".into(), json!({"target": "#m.b"})),
        "warning[unreachable-state] /states/c: state `m.c` can never be active\n1 warning\n"
    );
    // Each in its own region, or nowhere.
    let two = json!({"target": "#m.b", "guard": {"type": "stateIn", "state": "a.r.q"}});
    assert!(!regions("q".into(), "q".into()).contains("nondeterminism"));
    assert!(!regions("#m.b".into(), json!({"actions": "tell"})).contains("nondeterminism"));
    assert!(!regions("q".into(), two).contains("nondeterminism"));
}

#[test]
fn a_state_that_nothing_leads_out_of() {
    let states = json!({
        "a": {"on": {"go": "b", "stop": "c"}},
        "b": {"on": {"go": {"target": "a", "guard": composed("and", &["g".into(), not("g")])}}},
        "c": {"type": "final"}
    });
    let told = "\
warning[dead-end] /states/b: nothing leads out of state `m.b`, and it is not final
warning[dead-transition] /states/b/on/go: its guard can never pass
2 warnings
";
    assert_eq!(text(states), told);
    // What lies around has a way out, or another region has, or it goes on without going anywhere.
    let states = json!({
        "a": {"initial": "x", "states": {"x": {}}, "on": {"go": "b"}},
        "b": {"type": "parallel", "states": {
            "r": {"initial": "x", "states": {"x": {}}},
            "s": {"on": {"go": "#m.c"}}
        }},
        "c": {"on": {"count": {"actions": "count"}}}
    });
    assert_eq!(text(states), NOTHING);
    // A region that only moves within itself frees nobody.
    let states = json!({
        "a": {"type": "parallel", "states": {
            "r": {},
            "s": {"initial": "x", "states": {"x": {"on": {"go": "y"}}, "y": {"on": {"go": "x"}}}}
        }}
    });
    let told = "\
warning[dead-end] /states/a/states/r: nothing leads out of state `m.a.r`, and it is not final
1 warning
";
    assert_eq!(text(states), told);
}

#[test]
fn a_state_from_which_no_end_is_reached() {
    let states = |back: Value| {
        json!({
            "a": {"on": {"go": "b", "stop": "e"}},
            "b": {"initial": "x", "states": {
                "x": {"on": {"go": "y"}}, "y": {"on": back}
            }, "on": {"go": "c"}},
            "c": {"on": {"go": "b"}},
            "e": {"type": "final"}
        })
    };
    let told = "\
warning[no-way-to-final] /states/b: from state `m.b` no final state of the machine can be reached
warning[no-way-to-final] /states/c: from state `m.c` no final state of the machine can be reached
2 warnings
";
    assert_eq!(text(states(json!({"go": "x"}))), told);
    assert_eq!(text(states(json!({"stop": "#m.e"}))), NOTHING);
    // Another region leads to the end.
    let states = json!({
        "a": {"type": "parallel", "states": {
            "r": {"initial": "x", "states": {"x": {"on": {"go": "y"}}, "y": {"on": {"go": "x"}}}},
            "s": {"on": {"stop": "#m.e"}}
        }},
        "e": {"type": "final"}
    });
    assert_eq!(text(states), NOTHING);
    // A machine without an end is none that fails to reach it, and an end inside is another's.
    let states = json!({
        "a": {"initial": "x", "states": {
            "x": {"on": {"go": "y"}}, "y": {"type": "final"}
        }, "onDone": "b"},
        "b": {"on": {"go": "a"}}
    });
    assert_eq!(text(states), NOTHING);
}

#[test]
fn what_is_no_machine() {
    let document = json!({"id": "m", "initial": "a", "states": {
        "a": {"on": {"go": "nowhere", "`\u{202e}[x](http://evil) {0}": {"target": "b", "cond": "g"}}},
        "b": {"on": {"go": "gone"}}
    }});
    let report = linted(&document);
    let told = "\
error[invalid] /states/a/on/'\\u{202e}[x](http:~1~1evil) {0}/cond: unknown key `cond`; write `guard`
error[undefined-target] /states/a/on/go: target `nowhere` is no state
error[undefined-target] /states/b/on/go: target `gone` is no state
3 errors
";
    assert_eq!(report.to_text(), told);
    assert_eq!(
        linted(&json!([])).to_text(),
        "error[invalid] the machine: a list where an object belongs\n1 error\n"
    );
    assert!(
        wardian_machine::lint::report(b"{")
            .to_text()
            .starts_with("error[invalid]")
    );
}

#[test]
fn more_guards_than_can_be_searched_through() {
    let of = |count: usize| {
        let guarded = |number: usize| json!({"target": "a", "guard": format!("g{number}")});
        let list: Vec<Value> = (0..count).map(guarded).collect();
        text(json!({"a": {"on": {"go": list}}}))
    };
    assert_eq!(of(100), NOTHING);
    let told = "\
note[unsearched] the machine: the guards are too many to be searched through; findings may be missing
1 note
";
    assert_eq!(of(10_000), told);
}

#[test]
fn reports_as_json() {
    let report = linted(&json!({"id": "m", "initial": "a", "states": {
        "a": {"on": {"a/b": "nowhere"}}, "b": {}
    }}));
    let told = r#"{"errors":1,"findings":[{"message":"target `nowhere` is no state","pointer":"/states/a/on/a~1b","rule":"undefined-target","severity":"error"}],"notes":0,"warnings":0}"#;
    assert_eq!(report.to_json().to_string(), told);
    assert_eq!(report.worst(), Some(wardian_machine::lint::Severity::Error));
}

#[test]
fn reports_as_sarif() {
    let mut log = linted(&json!({"id": "m", "initial": "a", "states": {
        "a": {"on": {"go": "[x](http://evil){0}"}}
    }}))
    .to_sarif("machines/order.json");
    let result = r#"{"level":"error","locations":[{"logicalLocations":[{"fullyQualifiedName":"/states/a/on/go"}],"physicalLocation":{"artifactLocation":{"uri":"machines/order.json"}}}],"message":{"text":"target `\\[x\\](http://evil){{0}}` is no state"},"ruleId":"undefined-target","ruleIndex":1}"#;
    let run = log["runs"][0].take();
    assert_eq!(run["results"][0].to_string(), result);
    assert_eq!(run["tool"]["driver"]["rules"][1]["id"], "undefined-target");
    let rule = r#"{"defaultConfiguration":{"level":"warning"},"id":"dead-transition","shortDescription":{"text":"a transition can never be taken"}}"#;
    assert_eq!(run["tool"]["driver"]["rules"][3].to_string(), rule);
    let rest = r#"{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","runs":[null],"version":"2.1.0"}"#;
    assert_eq!(log.to_string(), rest);
}
