//! What differs between two machines: every kind of change, its near miss, and what kept states make of it.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use serde_json::{Value, json};
use wardian_machine::diff::{Diff, diff};
use wardian_machine::{Machine, Registry, State};

fn machine(document: &Value) -> Machine {
    Machine::from_json(&serde_json::to_vec(document).unwrap()).unwrap()
}

fn between(old: &Value, new: &Value) -> Diff {
    diff(&machine(old), &machine(new))
}

/// The same machine but for one state.
fn state(old: Value, new: Value) -> String {
    let document =
        |state: Value| json!({"id": "m", "initial": "a", "states": {"a": state, "b": {}}});
    between(&document(old), &document(new)).to_text()
}

#[test]
fn a_machine_and_itself() {
    let one = json!({
        "id": "m", "initial": "a", "context": {"n": 1},
        "states": {
            "a": {"on": {"go": [{"target": "b", "guard": "g"}, {"target": "a", "reenter": true}]}, "after": {"5": "b"}},
            "b": {"invoke": {"src": "work", "onDone": "a"}, "entry": "tell"}
        }
    });
    assert_eq!(between(&one, &one).to_text(), "no changes\n");
    // The same with another id of the machine: names that are made of it do not differ.
    let mut other = one.clone();
    other["id"] = "n".into();
    let told = "state `n`: id changed from \"m\" to \"n\"\n1 change\n";
    assert_eq!(between(&one, &other).to_text(), told);
}

#[test]
fn states_that_come_and_go() {
    let old = json!({"id": "m", "initial": "a", "states": {
        "a": {"on": {"go": "b"}}, "b": {"initial": "c", "states": {"c": {}, "h": {"type": "history"}}}
    }});
    let new = json!({"id": "m", "initial": "a", "states": {
        "a": {"on": {"go": "d"}}, "d": {"type": "final"}
    }});
    let told = "\
transition `go` 0 of `m.a` changed from {\"target\":[\"#m.b\"]} to {\"target\":[\"#m.d\"]}
state `m.d` added
state `m.b` removed (breaks kept states)
state `m.b.c` removed (breaks kept states)
state `m.b.h` removed (breaks kept states)
5 changes, 3 of them break kept states
";
    assert_eq!(between(&old, &new).to_text(), told);
}

#[test]
fn a_region_more() {
    let document = |regions: &[&str], kind: &str| {
        let regions: Value = regions
            .iter()
            .map(|key| {
                (
                    (*key).to_owned(),
                    json!({"initial": "x", "states": {"x": {}}}),
                )
            })
            .collect::<serde_json::Map<String, Value>>()
            .into();
        let mut machine = json!({"id": "m", "type": kind, "states": regions});
        if kind == "compound" {
            machine["initial"] = "r".into();
        }
        machine
    };
    let told = "\
state `m.s` added (breaks kept states)
state `m.s.x` added
2 changes, 1 of them breaks kept states
";
    let parallel = between(
        &document(&["r"], "parallel"),
        &document(&["r", "s"], "parallel"),
    );
    assert_eq!(parallel.to_text(), told);
    let compound = between(
        &document(&["r"], "compound"),
        &document(&["r", "s"], "compound"),
    );
    assert!(!compound.breaks_kept());
    let kind = between(&document(&["r"], "compound"), &document(&["r"], "parallel"));
    let told = "state `m`: kind changed from \"compound\" to \"parallel\" (breaks kept states)\n1 change, which breaks kept states\n";
    assert_eq!(kind.to_text(), told);
}

#[test]
fn a_state_elsewhere() {
    let old = json!({"id": "m", "initial": "a", "states": {
        "a": {"id": "first"}, "b": {"initial": "c", "states": {"c": {}, "h": {"type": "history"}}}
    }});
    let mut new = old.clone();
    new["states"] = json!({
        "x": {"id": "first"}, "b": {"initial": "c", "states": {"c": {"id": "second"}, "h": {"history": "deep"}}}
    });
    new["initial"] = "x".into();
    let told = "\
state `m`: initial changed from {\"actions\":[],\"target\":\"a\"} to {\"actions\":[],\"target\":\"x\"}
state `second`: id changed from \"m.b.c\" to \"second\" (breaks kept states)
state `m.b.h`: kind changed from \"history\" to \"deep history\"
state `first` moved from \"/states/a\" to \"/states/x\" (breaks kept states)
4 changes, 2 of them break kept states
";
    assert_eq!(between(&old, &new).to_text(), told);
}

#[test]
fn what_a_state_does() {
    let told = "\
state `m.a`: entry changed from [] to [\"tell\"]
state `m.a`: exit changed from [{\"params\":1,\"type\":\"tell\"}] to [{\"params\":2,\"type\":\"tell\"}]
2 changes
";
    let exit = |params: u32| json!([{"type": "tell", "params": params}]);
    assert_eq!(
        state(
            json!({"exit": exit(1)}),
            json!({"entry": "tell", "exit": exit(2)})
        ),
        told
    );

    let told = "\
state `m.a`: delays changed from [5] to [5,9] (breaks kept states)
transition `after 9` 0 of `m.a` added
2 changes, 1 of them breaks kept states
";
    let after = json!({"after": {"5": "b"}});
    let more = json!({"after": {"5": "b", "9": "b"}});
    assert_eq!(state(after.clone(), more.clone()), told);
    let less = "\
state `m.a`: delays changed from [5,9] to [5]
transition `after 9` 0 of `m.a` removed
2 changes
";
    assert_eq!(state(more, after), less);

    let invoke =
        |input: u32, id: &str| json!({"invoke": {"src": "work", "input": input, "id": id}});
    assert!(
        state(invoke(1, "i"), invoke(1, "j")).ends_with("1 change, which breaks kept states\n")
    );
    let told = "state `m.a`: invokes changed from [{\"id\":\"i\",\"input\":1,\"src\":\"work\"}] to [{\"id\":\"i\",\"input\":2,\"src\":\"work\"}]\n1 change\n";
    assert_eq!(state(invoke(1, "i"), invoke(2, "i")), told);
}

#[test]
fn transitions_by_their_position() {
    let on = |transitions: Value| json!({"on": {"go": transitions}});
    let told = "\
transition `go` 0 of `m.a` changed from {\"guard\":\"g\",\"reenter\":false} to {\"guard\":\"g and n lt 5\",\"reenter\":true}
transition `go` 1 of `m.a` added
guard `h` added
3 changes
";
    let less = json!({"type": "lt", "path": "n", "value": 5});
    let guard = json!({"type": "and", "guards": ["g", less]});
    let said = state(
        on(json!([{"target": "b", "guard": "g"}])),
        on(
            json!([{"target": "b", "guard": guard, "reenter": true}, {"target": "a", "guard": "h"}]),
        ),
    );
    assert_eq!(said, told.replace("n lt 5", "(n lt 5)"));
    // Written in another way, it is the same.
    assert_eq!(
        state(on("b".into()), on(json!({"target": "#m.b", "meta": 1}))),
        "no changes\n"
    );
    let told = "transition `always` 0 of `m.a` changed from {\"actions\":[]} to {\"actions\":[{\"assignment\":{\"n\":1},\"type\":\"assign\"}]}\n1 change\n";
    let assign = json!({"type": "assign", "assignment": {"n": 1}});
    let always = |actions: Value| json!({"always": {"target": "b", "actions": actions}});
    assert_eq!(state(always(json!([])), always(assign)), told);
}

#[test]
fn context_and_names() {
    let document = |context: Value, action: &str, guard: &str| {
        json!({"id": "m", "context": context, "initial": "a", "states": {
            "a": {"on": {"go": {"target": "a", "guard": guard, "actions": action}}}
        }})
    };
    let old = document(json!({"n": 1, "o": 1, "p": 1}), "tell", "g");
    let new = document(json!({"n": 1, "o": 2, "q/r": 1}), "say", "g");
    let told = "\
transition `go` 0 of `m.a` changed from {\"actions\":[\"tell\"]} to {\"actions\":[\"say\"]}
context `o` changed from 1 to 2
context `q/r` added (breaks kept states)
context `p` removed
action `say` added
action `tell` removed
6 changes, 1 of them breaks kept states
";
    let diff = between(&old, &new);
    assert_eq!(diff.to_text(), told);
    let json = r#"{"breaksKept":true,"new":1,"old":null,"pointer":"/context/q~1r","subject":"q/r","what":"context-added"}"#;
    assert_eq!(diff.to_json()["changes"][2].to_string(), json);
    let json = r#"{"breaksKept":false,"event":"go","new":{"actions":["say"]},"old":{"actions":["tell"]},"pointer":"/states/a/on/go","position":0,"subject":"m.a","what":"transition-changed"}"#;
    assert_eq!(diff.to_json()["changes"][0].to_string(), json);
    assert_eq!(diff.to_json()["breaksKept"], true);
}

/// A state that the old machine kept, taken up by the new one.
fn is_taken_up(old: &Value, new: &Value) -> bool {
    let begun = machine(old).provide(&Registry::<Value>::new()).unwrap();
    let mut state = begun.start(json!({})).unwrap().state;
    for name in ["in", "out"] {
        state = begun
            .step(&state, &wardian_machine::Event::new(name))
            .unwrap()
            .state;
    }
    let kept = state.to_json().unwrap();
    State::<Value>::from_json(&machine(new), &kept).is_ok()
}

#[test]
fn what_a_kept_state_makes_of_it() {
    let old = json!({"id": "m", "type": "parallel", "states": {
        "r": {"initial": "a", "states": {
            "a": {"on": {"in": "b"}},
            "b": {"initial": "x", "states": {"x": {}, "h": {"type": "history"}}, "on": {"out": "a"}}
        }},
        "s": {}
    }});
    let same = |change: fn(&mut Value)| {
        let mut new = old.clone();
        change(&mut new);
        (is_taken_up(&old, &new), between(&old, &new).breaks_kept())
    };
    let fine = (true, false);
    let broken = (false, true);
    assert_eq!(same(|_| {}), fine);
    assert_eq!(
        same(|new| new["states"]["r"]["states"]["c"] = json!({})),
        fine
    );
    assert_eq!(same(|new| new["states"]["r"]["initial"] = "b".into()), fine);
    assert_eq!(same(|new| new["states"]["t"] = json!({})), broken);
    assert_eq!(
        same(|new| new["states"]["s"] = json!({"initial": "x", "states": {"x": {}}})),
        broken
    );
    assert_eq!(same(|new| new["id"] = "n".into()), broken);
    assert_eq!(
        same(|new| new["states"]["r"]["states"]["b"]["states"] = json!({"x": {}})),
        broken
    );
}
