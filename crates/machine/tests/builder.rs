//! Machines in Rust, and machines as text: what is built and what is written reads back as the same.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use std::time::Duration;

use serde_json::{Value, json};
use wardian_machine::{
    Action, Compare, Delay, Event, Guard, Invoke, Machine, MachineBuilder, Registry, StateBuilder,
    Transition,
};

#[path = "xstate/generate.rs"]
mod generate;

fn read(text: &str) -> Machine {
    Machine::from_json(text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Reads back as the same, states and names in the same order.
fn returns(machine: &Machine) {
    let text = machine.to_json_text();
    let again = read(&text);
    assert_eq!(again.to_json_text(), text);
    let ids = |machine: &Machine| machine.state_ids().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(ids(&again), ids(machine));
    assert_eq!(again.transition_count(), machine.transition_count());
    assert_eq!(again.context(), machine.context());
    assert_eq!(again.version(), machine.version());
    // Where transitions stand in other places, names come in another order.
    let sorted = |names: &[String]| {
        let mut names = names.to_vec();
        names.sort();
        names
    };
    assert_eq!(sorted(again.guard_names()), sorted(machine.guard_names()));
    assert_eq!(sorted(again.action_names()), sorted(machine.action_names()));
    assert_eq!(
        sorted(again.service_names()),
        sorted(machine.service_names())
    );
    assert_eq!(sorted(again.delay_names()), sorted(machine.delay_names()));
}

/// A state with all that a state can say.
fn work() -> StateBuilder {
    let inner = StateBuilder::compound("inner", "one")
        .initial_action("begin")
        .state(
            StateBuilder::atomic("one").always(Transition::to("two").guard(Guard::compare(
                Compare::In,
                "a.b\\.c",
                json!([1, "x"]),
            ))),
        )
        .state(
            StateBuilder::final_state("two")
                .entry("enter")
                .output(json!({"n": {"$event": ""}})),
        )
        .state(StateBuilder::history("h").default_target("two"))
        .state(StateBuilder::deep_history("hd"))
        .on_done(Transition::stay().action(Action::assign("done", true)));
    StateBuilder::parallel("work")
        .id("busy")
        .tag("slow")
        .tag("kind")
        .meta(json!({"x": [1, null]}))
        .description("at work")
        .exit(Action::Cancel { id: "l".into() })
        .invoke(
            Invoke::new("fetch")
                .id("f")
                .input(json!({"url": {"$context": "url"}}))
                .on_done(Transition::to("#order.end"))
                .on_error(Transition::to("#order.end").guard("first"))
                .on_error("#open"),
        )
        .invoke("watch")
        .state(inner)
        .state(StateBuilder::atomic("other.with~odd/key").on("a.*", Transition::stay()))
        .state(
            StateBuilder::parallel("third")
                .state(StateBuilder::atomic("leaf"))
                .on("*", ".leaf"),
        )
}

/// A transition with all that one can say.
fn pay() -> Transition {
    let raise = Action::raise(&Event::new("later").with(json!({"n": {"$context": "n"}})));
    let Action::Raise { event, data, .. } = raise else {
        panic!("raised")
    };
    let delayed = Action::Raise {
        event,
        data,
        delay: Some(Delay::Named("soon".into())),
        id: Some("l".into()),
    };
    Transition::to("#busy")
        .guard(
            (Guard::named("first") & !Guard::with_params("second", json!({"n": 1})))
                | Guard::state_in("#busy"),
        )
        .action("send")
        .action(Action::with_params("note", json!([1])))
        .action(delayed)
        .reenter()
        .meta(json!(1))
        .description("pays")
}

/// Everything that a machine can say.
fn everything() -> MachineBuilder {
    let open = StateBuilder::atomic("open")
        .id("open")
        .on("pay", pay())
        .on(
            "pay",
            Transition::to_all(["#busy.inner.two", "#busy.third.leaf"]),
        )
        .on("none", Transition::to_all(Vec::<String>::new()))
        .after(Duration::from_millis(1500), "end")
        .after("soon", Transition::stay().action("hurry"))
        .after(Duration::from_millis(20), "end");
    Machine::builder("order")
        .version("1.2")
        .context(json!({"n": 0, "a": 1.5}))
        .initial("open")
        .state(open)
        .state(work())
        .state(StateBuilder::final_state("end"))
        .on("reset", ".open")
        .entry("begin")
        .output(json!({"total": {"$context": "n"}}))
        .tag("orders")
}

const EVERYTHING: &str = r##"{"id":"order","version":"1.2","context":{"a":1.5,"n":0},"initial":"open","tags":["orders"],"entry":"begin","on":{"reset":".open"},"output":{"total":{"$context":"n"}},"states":{"open":{"id":"open","on":{"pay":[{"target":"work","guard":{"type":"or","guards":[{"type":"and","guards":["first",{"type":"not","guard":{"type":"second","params":{"n":1}}}]},{"type":"stateIn","state":"#busy"}]},"actions":["send",{"type":"note","params":[1]},{"type":"raise","event":{"n":{"$context":"n"},"type":"later"},"delay":"soon","id":"l"}],"reenter":true,"meta":1,"description":"pays"},{"target":["work.inner.two","work.third.leaf"]}],"none":{"target":[]}},"after":{"20":"end","1500":"end","soon":{"actions":"hurry"}}},"work":{"id":"busy","description":"at work","type":"parallel","tags":["slow","kind"],"meta":{"x":[1,null]},"exit":{"type":"cancel","id":"l"},"invoke":[{"src":"fetch","id":"f","input":{"url":{"$context":"url"}},"onDone":"end","onError":[{"target":"end","guard":"first"},"open"]},{"src":"watch"}],"states":{"inner":{"initial":{"target":"one","actions":"begin"},"onDone":{"actions":{"type":"assign","assignment":{"done":true}}},"states":{"one":{"always":{"target":"two","guard":{"type":"in","path":"a.b\\.c","value":[1,"x"]}}},"two":{"type":"final","entry":"enter","output":{"n":{"$event":""}}},"h":{"type":"history","history":"shallow","target":"two"},"hd":{"type":"history","history":"deep"}}},"other.with~odd/key":{"on":{"a.*":{}}},"third":{"type":"parallel","on":{"*":".leaf"},"states":{"leaf":{}}}}},"end":{"type":"final"}}}"##;

#[test]
fn everything_is_built_and_written() {
    let machine = everything()
        .build()
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(machine.to_json_text(), EVERYTHING);
    returns(&machine);
    returns(&read(EVERYTHING));
}

#[test]
fn generated_machines_read_back_as_the_same() {
    for seed in 0..600 {
        let case = generate::case(seed);
        returns(&read(&case["machine"].to_string()));
    }
}

/// Keys that targets have to write in another way.
#[test]
fn odd_keys_read_back_as_the_same() {
    let keys = [
        "#a", ".b", "c.d", "e\\f", "\\", "g/h~i", " ", "\u{0}\"", "10", "2",
    ];
    let mut builder = Machine::builder("#odd.id").initial("#a");
    for key in keys {
        let escaped = key.replace('\\', "\\\\").replace('.', "\\.");
        let inside = StateBuilder::atomic(key).on("up", format!("#\\#odd\\.id.{escaped}"));
        let on = format!("e.{key}");
        let state = StateBuilder::compound(key, key)
            .state(inside)
            .on(on, format!(".{escaped}"));
        builder = builder
            .state(state)
            .on("all", format!(".{escaped}.{escaped}"));
    }
    let machine = builder.build().unwrap_or_else(|error| panic!("{error}"));
    returns(&machine);
    let first: Vec<&str> = machine.state_ids().skip(1).step_by(2).take(3).collect();
    assert_eq!(first, ["#odd.id.2", "#odd.id.10", "#odd.id.#a"]);
}

/// Each problem as a pointer and a message.
fn told(machine: MachineBuilder, expected: &[(&str, &str)]) {
    let found: Vec<(String, String)> = machine
        .build()
        .unwrap_err()
        .0
        .into_iter()
        .map(|problem| (problem.pointer, problem.flaw.to_string()))
        .collect();
    let found: Vec<(&str, &str)> = found.iter().map(|(at, flaw)| (&**at, &**flaw)).collect();
    assert_eq!(found, expected);
}

#[test]
fn problems_stand_where_they_would_stand_in_json() {
    let builder = || {
        Machine::builder("m")
            .initial("a")
            .state(StateBuilder::atomic("b"))
    };
    told(
        builder().state(
            StateBuilder::atomic("a")
                .on("e/f", "z")
                .on("g", Transition::stay().guard(""))
                .on(
                    "g",
                    Transition::to("b").guard(Guard::compare(Compare::Lt, "n", true)),
                )
                .entry("x")
                .entry(Action::named("")),
        ),
        &[
            ("/states/a/entry/1", "`` is not a name"),
            ("/states/a/on/g/0/guard", "`` is not a name"),
            (
                "/states/a/on/g/1/guard/value",
                "a boolean where a number or a text belongs",
            ),
            ("/states/a/on/e~1f", "target `z` is no state"),
        ],
    );
    told(
        builder()
            .state(StateBuilder::atomic("a"))
            .state(StateBuilder::final_state("b").on("e", "a")),
        &[
            ("/states/b", "key `b` is there twice"),
            ("/states/b/on", "a final state cannot have `on`"),
            ("/states/b", "id `m.b` belongs to another as well"),
        ],
    );
    told(
        builder().state(StateBuilder::atomic("a").state(StateBuilder::history("h").entry("x"))),
        &[
            ("/states/a/states", "an atomic state cannot have `states`"),
            (
                "/states/a/states/h/entry",
                "a history state cannot have `entry`",
            ),
        ],
    );
}

#[test]
fn delays_and_ids_stand_where_they_would_stand_in_json() {
    let builder = || {
        Machine::builder("m")
            .initial("a")
            .state(StateBuilder::atomic("b"))
    };
    let later = Transition::stay();
    told(
        builder().state(
            StateBuilder::atomic("a")
                .after(Duration::MAX, later.clone())
                .after("1.5", later),
        ),
        &[
            (
                "/states/a/after/18446744073709551615",
                "`18446744073709551615` is not a delay in whole milliseconds below 2^53, or a name",
            ),
            (
                "/states/a/after/1.5",
                "`1.5` is not a delay in whole milliseconds below 2^53, or a name",
            ),
        ],
    );
    told(
        Machine::builder("").parallel(),
        &[
            ("/id", "`` is not a name"),
            ("/states", "`none` is not at least one state inside"),
        ],
    );
}

#[test]
fn durations_are_rounded_up() {
    for (nanos, millis) in [(0, 0), (1, 1), (1_000_000, 1), (1_000_001, 2)] {
        assert_eq!(
            Delay::from(Duration::from_nanos(nanos)),
            Delay::Millis(millis)
        );
    }
}

#[test]
fn raised_data_is_as_a_document_would_say_it() {
    let raise = |data: Value| {
        let action = Action::raise(&Event::new("e").with(data));
        let machine = Machine::builder("m").entry(action).build().unwrap();
        returns(&machine);
        let written: Value = serde_json::from_str(&machine.to_json_text()).unwrap();
        written["entry"]["event"].clone()
    };
    assert_eq!(raise(Value::Null), json!("e"));
    assert_eq!(raise(json!({})), json!("e"));
    assert_eq!(raise(json!([1])), json!({"type": "e", "data": [1]}));
    assert_eq!(
        raise(json!({"n": 1, "type": "no"})),
        json!({"type": "e", "n": 1})
    );
}

#[test]
fn what_is_built_runs() {
    let machine = Machine::builder("order")
        .context(json!({"total": 0}))
        .initial("open")
        .state(StateBuilder::atomic("open").on(
            "pay",
            Transition::to("paid").guard("approved").action("send"),
        ))
        .state(StateBuilder::final_state("paid"))
        .build()
        .unwrap();
    let mut registry = Registry::<Value>::new();
    registry
        .guard("approved", |args| args.context["total"] == 40)
        .unwrap()
        .effect("send")
        .unwrap();
    let order = machine.provide(&registry).unwrap();
    for (total, value) in [(0, "open"), (40, "paid")] {
        let open = order.start(json!({"total": total})).unwrap().state;
        assert_eq!(
            order.step(&open, &Event::new("pay")).unwrap().state.value(),
            json!(value)
        );
    }
}
