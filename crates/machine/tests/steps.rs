//! Steps and what is around them: bindings, limits, transactions, questions, kept states.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wardian_machine::{
    Answer, Asking, Context, Effect, Ending, Event, Failure, Foreign, Machine, NameKind, Progress,
    Provided, Question, Registry, RestoreError, Said, State, Status, StepError, StepLimits,
    Verdict,
};

#[path = "xstate/generate.rs"]
mod generate;

fn machine(document: &Value) -> Machine {
    Machine::from_json(&serde_json::to_vec(document).unwrap()).unwrap()
}

/// All names mean something harmless.
fn provided(document: &Value) -> Provided<Value> {
    let machine = machine(document);
    let mut registry = Registry::<Value>::new();
    for name in machine.guard_names() {
        registry.guard(name.clone(), |_| true).unwrap();
    }
    for name in machine.action_names() {
        registry.effect(name.clone()).unwrap();
    }
    for name in machine.service_names() {
        registry.service(name.clone()).unwrap();
    }
    for name in machine.delay_names() {
        registry
            .delay(name.clone(), |_| Ok(Duration::from_millis(5)))
            .unwrap();
    }
    machine.provide(&registry).unwrap()
}

#[test]
fn all_that_is_not_bound_is_listed_once() {
    let machine = machine(&json!({"initial": "a", "entry": "x", "states": {
        "a": {"initial": "b", "after": {"soon": "a"}, "states": {"b": {
            "invoke": {"src": "s"},
            "on": {"e": {"guard": {"type": "not", "guard": "deep"}, "actions": ["x", "y"]}}
        }}}
    }}));
    let unbound = machine.provide(&Registry::<Value>::new()).unwrap_err();
    let names: Vec<(NameKind, &str)> = unbound
        .0
        .iter()
        .map(|(kind, name)| (*kind, name.as_str()))
        .collect();
    assert_eq!(
        names,
        [
            (NameKind::Guard, "deep"),
            (NameKind::Action, "x"),
            (NameKind::Action, "y"),
            (NameKind::Service, "s"),
            (NameKind::Delay, "soon"),
        ]
    );
    assert_eq!(
        unbound.to_string(),
        "not bound: guard `deep`, action `x`, action `y`, service `s`, delay `soon`"
    );
}

#[test]
fn a_name_is_bound_once_and_keeps_its_meaning() {
    let mut registry = Registry::<Value>::new();
    registry.guard("g", |_| true).unwrap();
    let error = registry.guard("g", |_| false).unwrap_err();
    assert_eq!(error.to_string(), "guard `g` is bound twice");
    // Actions and assigns share their names.
    registry.effect("a").unwrap();
    assert!(registry.assign("a", |_: &mut Value, _, _| Ok(())).is_err());
    let document = json!({"initial": "a", "states": {"a": {"on": {"e": {"target": "b", "guard": "g"}}}, "b": {}}});
    let provided = machine(&document).provide(&registry).unwrap();
    let state = provided.start(json!({})).unwrap().state;
    let step = provided.step(&state, &Event::new("e")).unwrap();
    assert_eq!(step.outcome.ending, Ending::Taken);
}

/// A chain of so many transitions without an event.
fn chain(length: usize) -> Value {
    let states: serde_json::Map<String, Value> = (0..=length)
        .map(|number| {
            let state = match number {
                0 => json!({"on": {"go": "s1"}}),
                number if number < length => json!({"always": format!("s{}", number + 1)}),
                _ => json!({}),
            };
            (format!("s{number}"), state)
        })
        .collect();
    json!({"initial": "s0", "states": states})
}

#[test]
fn microsteps_have_a_limit() {
    for (length, max, passes) in [(9, 10, true), (10, 10, true), (11, 10, false)] {
        let limits = StepLimits {
            microsteps_max: max,
            ..StepLimits::default()
        };
        let provided = provided(&chain(length)).with_limits(limits);
        let state = provided.start(json!({})).unwrap().state;
        let step = provided.step(&state, &Event::new("go"));
        match passes {
            true => assert_eq!(step.unwrap().state.value(), json!(format!("s{length}"))),
            false => {
                assert!(matches!(
                    step,
                    Err(StepError::TooManyMicrosteps { max: 10 })
                ));
                assert_eq!(state.value(), json!("s0"));
            }
        }
    }
    // What raises itself for ever ends there, too.
    let endless = json!({"initial": "a", "states": {"a": {"on": {
        "go": {"actions": {"type": "raise", "event": "go"}}
    }}}});
    let provided = provided(&endless);
    let state = provided.start(json!({})).unwrap().state;
    let step = provided.step(&state, &Event::new("go"));
    assert!(matches!(
        step,
        Err(StepError::TooManyMicrosteps { max: 1_000 })
    ));
}

#[test]
fn effects_have_a_limit() {
    for (count, passes) in [(9, true), (10, true), (11, false)] {
        let actions: Vec<&str> = std::iter::repeat_n("act", count).collect();
        let document =
            json!({"initial": "a", "states": {"a": {"on": {"go": {"actions": actions}}}}});
        let limits = StepLimits {
            effects_max: 10,
            ..StepLimits::default()
        };
        let provided = provided(&document).with_limits(limits);
        let state = provided.start(json!({})).unwrap().state;
        let step = provided.step(&state, &Event::new("go"));
        assert_eq!(step.is_ok(), passes, "{count}");
        if let Err(error) = step {
            assert!(matches!(error, StepError::TooManyEffects { max: 10 }));
        }
    }
}

/// Assigns before the one that fails change nothing either.
#[test]
fn a_failed_action_undoes_the_step() {
    let document = json!({"initial": "a", "states": {
        "a": {"exit": "count", "on": {"go": {"target": "b", "actions": ["count", "tell"]}}},
        "b": {"entry": "fail"}
    }});
    let mut registry = Registry::<Value>::new();
    registry
        .assign("count", |context: &mut Value, _, _| {
            context["n"] = (context["n"].as_u64().unwrap_or(0) + 1).into();
            Ok(())
        })
        .unwrap()
        .effect("tell")
        .unwrap()
        .action("fail", |args| {
            assert_eq!(args.context["n"], 2);
            Err(Failure::new("mine", "no"))
        })
        .unwrap();
    let provided = machine(&document).provide(&registry).unwrap();
    let state = provided.start(json!({"n": 0})).unwrap().state;
    let error = provided.step(&state, &Event::new("go")).unwrap_err();
    let StepError::Action { name, failure } = error else {
        panic!("{error}");
    };
    assert_eq!((&*name, &*failure.code), ("fail", "mine"));
    assert_eq!(state.context(), &json!({"n": 0}));
    assert_eq!(state.value(), json!("a"));
}

#[test]
fn assignments_and_events_take_parts_of_context_and_event() {
    let document = json!({"initial": "a", "context": {"town": {"name": "Kew"}}, "states": {"a": {"on": {
        "go": {"actions": [
            {"type": "assign", "assignment": {
                "at": {"$context": "town.name"}, "by": [{"$event": "user"}, {"$event": "type"}], "none": {"$event": "x.y"}
            }},
            {"type": "raise", "event": {"type": "then", "was": {"$context": "at"}}}
        ]},
        "then": {"actions": {"type": "assign", "assignment": {"then": {"$event": "was"}}}}
    }}}});
    let provided = provided(&document);
    let state = provided
        .start(provided.machine().context().clone())
        .unwrap()
        .state;
    let go = Event::new("go").with(json!({"user": "ann"}));
    let step = provided.step(&state, &go).unwrap();
    let wanted = json!({
        "town": {"name": "Kew"}, "at": "Kew", "by": ["ann", "go"], "none": null, "then": "Kew"
    });
    assert_eq!(step.state.context(), &wanted);
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Order {
    total: u32,
}

impl Context for Order {}

#[test]
fn a_context_may_be_a_type_of_the_hosts() {
    let document = json!({"initial": "a", "states": {
        "a": {"on": {
            "pay": {"target": "b", "guard": {"type": "ge", "path": "total", "value": 40}},
            "add": {"actions": {"type": "assign", "assignment": {"total": {"$event": "total"}}}}
        }},
        "b": {}
    }});
    let provided = machine(&document)
        .provide(&Registry::<Order>::new())
        .unwrap();
    let state = provided.start(Order { total: 39 }).unwrap().state;
    let blocked = provided.step(&state, &Event::new("pay")).unwrap();
    assert_eq!(blocked.outcome.ending, Ending::Blocked);
    assert_eq!(blocked.outcome.refusals[0].guard, "total ge 40");
    let add = |total: Value| Event::new("add").with(json!({ "total": total }));
    let more = provided.step(&state, &add(json!(40))).unwrap().state;
    assert_eq!(more.context(), &Order { total: 40 });
    let paid = provided.step(&more, &Event::new("pay")).unwrap();
    assert_eq!(paid.state.value(), json!("b"));
    // What does not fit the type is an error, not another type.
    let wrong = provided.step(&state, &add(json!("many"))).unwrap_err();
    assert!(matches!(wrong, StepError::Context(failure) if failure.code == "context.wrong_shape"));
}

struct Says(fn() -> Said);

impl<C: Context> Foreign<C> for Says {
    fn ask<'a>(&'a self, question: Question<'a, C>) -> Asking<'a> {
        let answer = self.ask_blocking(question);
        Box::pin(async move { answer })
    }

    fn ask_blocking(&self, _: Question<'_, C>) -> Answer {
        Answer {
            said: (self.0)(),
            spent: Duration::from_millis(20),
        }
    }
}

fn asking(says: fn() -> Said) -> Provided<Value> {
    let mut registry = Registry::<Value>::new();
    let says = std::sync::Arc::new(Says(says));
    registry.foreign_guard("g", says).unwrap();
    let document = json!({"initial": "a", "states": {
        "a": {"on": {"go": {"target": "b", "guard": {"type": "and", "guards": ["g", {"type": "g", "params": 2}, "g", "g"]}}}},
        "b": {}
    }});
    machine(&document).provide(&registry).unwrap()
}

/// By hand: each question has its params and what is left of the time.
#[test]
fn a_step_stops_at_each_question() {
    let provided = asking(|| Said::Verdict(Verdict::Pass));
    let state = provided.start(json!({})).unwrap().state;
    let go = Event::new("go");
    let mut stepping = provided.stepping(&state, &go);
    let mut asked = Vec::new();
    let step = loop {
        match stepping.advance() {
            Progress::Done(step) => break step.unwrap(),
            Progress::Ask(question) => asked.push((question.params.clone(), question.time_left)),
        }
        stepping.answer(Answer {
            said: Said::Verdict(Verdict::Pass),
            spent: Duration::from_millis(20),
        });
    };
    let left = |millis| Duration::from_millis(millis);
    let wanted = [
        (Value::Null, left(50)),
        (json!(2), left(30)),
        (Value::Null, left(10)),
        (Value::Null, left(0)),
    ];
    assert_eq!(asked, wanted);
    assert_eq!(step.state.value(), json!("b"));
}

#[test]
fn drivers_keep_the_time_of_a_step() {
    let provided = asking(|| Said::Verdict(Verdict::Pass));
    let state = provided.start(json!({})).unwrap().state;
    let go = Event::new("go");
    let blocking = provided.step_blocking(&state, &go).unwrap();
    let awaited = futures_lite::future::block_on(provided.step_async(&state, &go)).unwrap();
    for step in [blocking, awaited] {
        assert_eq!(step.outcome.ending, Ending::Broken);
        let failure = step.outcome.refusals[0].failure.as_ref().unwrap();
        assert_eq!(failure.code, "step.timeout");
    }
}

#[test]
fn an_answer_of_another_kind_is_no_answer() {
    let provided = asking(|| Said::Context(Ok(json!({}))));
    let state = provided.start(json!({})).unwrap().state;
    let step = provided.step_blocking(&state, &Event::new("go")).unwrap();
    assert_eq!(step.outcome.ending, Ending::Broken);
    let failure = step.outcome.refusals[0].failure.as_ref().unwrap();
    assert_eq!(failure.code, "guard.bad_answer");
}

#[test]
fn states_of_other_machines_are_refused() {
    let document = json!({"initial": "a", "states": {"a": {}}});
    let (one, other) = (provided(&document), provided(&document));
    let state = one.start(json!({})).unwrap().state;
    let step = other.step(&state, &Event::new("e"));
    assert!(matches!(step, Err(StepError::OtherMachine)));
}

#[test]
fn a_machine_that_ended_ignores_events() {
    let document = json!({"initial": "a", "output": {"n": 1}, "states": {
        "a": {"invoke": {"src": "s", "id": "s"}, "on": {"go": "b"}}, "b": {"type": "final"}
    }});
    let provided = provided(&document);
    let state = provided.start(json!({})).unwrap().state;
    let done = provided.step(&state, &Event::new("go")).unwrap().state;
    assert_eq!(
        done.status(),
        &Status::Done {
            output: json!({"n": 1})
        }
    );
    let after = provided.step(&done, &Event::new("go")).unwrap();
    assert_eq!(after.outcome.ending, Ending::Ignored);
    // A failed service that nobody waits for ends the machine.
    let failed = provided
        .step(&state, &Event::error("s", json!("why")))
        .unwrap();
    assert_eq!(
        failed.state.status(),
        &Status::Failed {
            error: json!("why")
        }
    );
    assert_eq!(failed.effects, [Effect::Stop { id: "s".into() }]);
}

/// Kept as JSON after every event and taken up again, a machine goes the same way.
#[test]
fn kept_states_go_on_as_they_would_have() {
    for seed in 0..300 {
        let case = generate::case(seed);
        let provided = provided(&case["machine"]);
        let Ok(begun) = provided.start(case["machine"]["context"].clone()) else {
            continue;
        };
        let mut state = begun.state;
        for event in case["events"].as_array().unwrap() {
            let Ok(event) = Event::from_json(event.clone()) else {
                continue;
            };
            let kept = state.to_json().unwrap();
            let again = State::<Value>::from_json(provided.machine(), &kept).unwrap();
            assert_eq!(again.to_json().unwrap(), kept, "seed {seed}");
            match (provided.step(&state, &event), provided.step(&again, &event)) {
                (Ok(one), Ok(other)) => {
                    let (one_kept, other_kept) = (one.state.to_json(), other.state.to_json());
                    assert_eq!(one_kept.unwrap(), other_kept.unwrap(), "seed {seed}");
                    assert_eq!(one.effects, other.effects, "seed {seed}");
                    state = one.state;
                }
                (Err(_), Err(_)) => break,
                (one, other) => panic!("seed {seed}: {one:?} and {other:?}"),
            }
        }
    }
}

#[test]
fn what_is_no_kept_state_of_this_machine_is_refused() {
    let machine = machine(&json!({"id": "m", "initial": "a", "states": {
        "a": {"initial": "b", "states": {"b": {}, "c": {}, "h": {"type": "history"}, "d": {"type": "history", "history": "deep"}}},
        "p": {"type": "parallel", "states": {"x": {}, "y": {}}}
    }}));
    let kept = |value: Value, histories: Value| json!({"value": value, "status": "active", "context": {}, "historyValue": histories});
    let read = |kept: &Value| State::<Value>::from_json(&machine, kept);
    for fine in [
        kept(json!({"a": "b"}), json!({})),
        kept(
            json!({"p": {"x": {}, "y": {}}}),
            json!({"m.a.h": ["m.a.c"], "m.a.d": ["m.a.b"]}),
        ),
    ] {
        assert_eq!(read(&fine).unwrap().to_json().unwrap(), fine);
    }
    for wrong in [
        json!(null),
        json!({"value": {"a": "b"}, "context": {}}),
        kept(json!("a"), json!({})),
        kept(json!({"a": "h"}), json!({})),
        kept(json!({"a": "z"}), json!({})),
        kept(json!({"a": "b", "p": {"x": {}, "y": {}}}), json!({})),
        kept(json!({"p": {"x": {}}}), json!({})),
        kept(json!({"a": {"b": {"more": {}}}}), json!({})),
        // Two children of one compound state cannot be remembered together.
        kept(json!({"a": "b"}), json!({"m.a.h": ["m.a.b", "m.a.c"]})),
        kept(json!({"a": "b"}), json!({"m.a.d": ["m.a.b", "m.a.c"]})),
        kept(json!({"a": "b"}), json!({"m.a.h": []})),
        kept(json!({"a": "b"}), json!({"m.a.h": ["m.p.x"]})),
        kept(json!({"a": "b"}), json!({"m.a.h": ["m.a.h"]})),
        kept(json!({"a": "b"}), json!({"m.a": ["m.a.b"]})),
        kept(json!({"a": "b"}), json!({"m.a.h": "m.a.b"})),
    ] {
        let refused = read(&wrong);
        assert!(
            matches!(
                refused,
                Err(RestoreError::Wrong { .. } | RestoreError::NoState { .. })
            ),
            "{wrong}: {refused:?}"
        );
    }
}
