//! Plays generated machines with random events: what the lint says can never happen must not.

use std::time::Duration;

use serde_json::{Value, json};
use wardian_machine::lint::Rule;
use wardian_machine::{
    Event, Failure, Machine, Provided, Registry, State, Status, Step, StepLimits, Verdict,
};

use crate::generate;

struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn pick<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len())]
    }
}

/// Guards that contradict each other more often than those of the generator.
fn guard(random: &mut Random, states: &[String], depth: usize) -> Value {
    let kinds = if depth < 3 { 9 } else { 6 };
    match random.below(kinds) {
        0 => "even".into(),
        1 => "one".into(),
        2 => json!({"type": "least", "params": {"n": random.below(2)}}),
        3 => {
            let values = [json!(1), json!(2), json!("b"), json!("d"), json!(2.5)];
            let op = *random.pick(&["eq", "ne", "lt", "le", "gt", "ge"]);
            json!({"type": op, "path": "n", "value": random.pick(&values)})
        }
        4 => json!({"type": "in", "path": "n", "value": [1, "b", null]}),
        5 => json!({"type": "stateIn", "state": format!("#{}", random.pick(states))}),
        6 | 7 => json!({"type": "not", "guard": guard(random, states, depth + 1)}),
        _ => {
            let op = *random.pick(&["and", "or"]);
            let guards = [
                guard(random, states, depth + 1),
                guard(random, states, depth + 1),
            ];
            json!({"type": op, "guards": guards})
        }
    }
}

fn with_other_guards(value: &mut Value, random: &mut Random, states: &[String]) {
    match value {
        Value::Array(elements) => {
            for element in elements {
                with_other_guards(element, random, states);
            }
        }
        Value::Object(members) => {
            if members.contains_key("target")
                && random.below(3) > 0
                && !members.contains_key("type")
            {
                members.insert("guard".into(), guard(random, states, 0));
            }
            for (key, member) in members {
                if !matches!(
                    key.as_str(),
                    "guard" | "actions" | "entry" | "exit" | "initial"
                ) {
                    with_other_guards(member, random, states);
                }
            }
        }
        _ => {}
    }
}

/// A guard of comparisons with one path, and of two names.
fn small_guard(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth < 3 { 10 } else { 7 }) {
        0 => "p".into(),
        1 => "q".into(),
        2..6 => {
            let op = *random.pick(&["eq", "ne", "lt", "le", "gt", "ge"]);
            let values = [json!(1), json!(2), json!("b")];
            json!({"type": op, "path": "n", "value": random.pick(&values)})
        }
        6 => json!({"type": "in", "path": "n", "value": [2, "b", null, [1]]}),
        7 | 8 => json!({"type": "not", "guard": small_guard(random, depth + 1)}),
        _ => {
            let op = *random.pick(&["and", "or"]);
            let guards = [
                small_guard(random, depth + 1),
                small_guard(random, depth + 1),
            ];
            json!({"type": op, "guards": guards})
        }
    }
}

/// Everything that these guards can tell apart.
fn small_contexts() -> Vec<Value> {
    let values = [
        json!(0),
        json!(1),
        json!(1.5),
        json!(2),
        json!(3),
        json!("a"),
        json!("b"),
        json!("c"),
        json!(null),
        json!(true),
        json!([1.0]),
        json!({}),
    ];
    let there = values.iter().map(|value| json!({"n": value}));
    there.chain([json!({})]).collect()
}

/// Holds what is called dead in a list of guarded transitions against all that can happen. Gives how many were dead.
pub fn judge_list(seed: u64) -> usize {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9) + 7);
    let count = 2 + random.below(4);
    let mut transition = || json!({"target": "a", "guard": small_guard(&mut random, 0)});
    let list: Vec<Value> = (0..count).map(|_| transition()).collect();
    let document = json!({"initial": "a", "states": {"a": {"on": {"go": list}}}});
    let machine = Machine::from_json(&serde_json::to_vec(&document).unwrap()).unwrap();
    let mut registry = Registry::<Value>::new();
    for name in machine.guard_names() {
        let key = name.clone();
        let guard = move |args: &wardian_machine::Args<'_, Value>| args.event.data()[&key] == true;
        registry.guard(name, guard).unwrap();
    }
    let provided = machine.provide(&registry).unwrap();
    let mut taken = std::collections::BTreeSet::new();
    for context in small_contexts() {
        let state = provided.start(context).unwrap().state;
        for bits in 0..4 {
            let data = json!({"p": bits & 1 == 1, "q": bits & 2 == 2});
            let step = provided.step(&state, &Event::new("go").with(data)).unwrap();
            for micro in &step.trace {
                taken.extend(micro.transitions(&machine).map(str::to_owned));
            }
        }
    }
    let findings = machine.lint();
    let dead = findings
        .iter()
        .filter(|one| one.rule == Rule::DeadTransition);
    let dead: Vec<&str> = dead.map(|one| one.pointer.as_str()).collect();
    let places = (0..count).map(|place| format!("/states/a/on/go/{place}"));
    let never: Vec<String> = places.filter(|place| !taken.contains(place)).collect();
    assert_eq!(dead, never, "{document}");
    dead.len()
}

/// Fewer ways, so that some lead nowhere.
fn thin(value: &mut Value, random: &mut Random) {
    let Value::Object(state) = value else { return };
    for key in ["always", "after", "onDone", "on", "invoke"] {
        if random.below(3) > 0 {
            state.remove(key);
        }
    }
    if let Some(Value::Object(states)) = state.get_mut("states") {
        states.values_mut().for_each(|inner| thin(inner, random));
    }
}

fn provided(machine: &Machine) -> Provided<Value> {
    let number = |context: &Value| context["n"].as_u64().unwrap_or_default();
    let mut registry = Registry::<Value>::new();
    registry
        .guard("even", move |args| number(args.context) % 2 == 0)
        .unwrap()
        .guard("big", move |args| number(args.context) > 3)
        .unwrap()
        .guard("least", move |args| {
            number(args.context) >= args.params["n"].as_u64().unwrap()
        })
        .unwrap()
        .guard("one", |args| args.event.data()["v"] == 1)
        .unwrap()
        // Sometimes there is no answer.
        .guard("never", |args| match args.event.data()["v"] == 2 {
            true => Verdict::Error(Failure::new("test.none", "no answer")),
            false => Verdict::from(args.event.data()["v"] == 3),
        })
        .unwrap()
        .assign("inc", move |context: &mut Value, _, _| {
            context["n"] = (number(context) + 1).into();
            Ok(())
        })
        .unwrap()
        .service("work")
        .unwrap()
        .delay("soon", |_| Ok(Duration::from_millis(50)))
        .unwrap();
    for number in 0..12 {
        registry.effect(format!("a{number}")).unwrap();
    }
    let limits = StepLimits {
        microsteps_max: 60,
        ..StepLimits::default()
    };
    machine.provide(&registry).unwrap().with_limits(limits)
}

/// As the generator names its states: `m.s0.s1` lies at `/states/s0/states/s1`.
fn pointer(id: &str) -> String {
    let keys = id.split('.').skip(1);
    keys.map(|key| format!("/states/{key}")).collect()
}

/// How often each of the rules had something to say that was then played against.
#[derive(Debug, Default)]
pub struct Counts {
    pub unreachable: usize,
    pub dead: usize,
    pub dead_ends: usize,
    pub no_way: usize,
    pub steps: usize,
}

struct Claims {
    document: Value,
    unreachable: Vec<String>,
    dead: Vec<String>,
    dead_ends: Vec<String>,
    no_way: Vec<String>,
}

impl Claims {
    fn of(document: Value, machine: &Machine) -> Claims {
        let findings = machine.lint();
        let of = |rule: Rule| {
            let findings = findings.iter().filter(|finding| finding.rule == rule);
            findings.map(|finding| finding.pointer.clone()).collect()
        };
        Claims {
            document,
            unreachable: of(Rule::UnreachableState),
            dead: of(Rule::DeadTransition),
            dead_ends: of(Rule::DeadEnd),
            no_way: of(Rule::NoWayToFinal),
        }
    }

    fn deny(&self, what: &str, claimed: &[String], happened: &str) {
        let is_claimed = claimed.iter().any(|claim| claim == happened);
        assert!(!is_claimed, "{what} {happened}: {}", self.document);
    }

    /// `stuck`: a state was active from which no final state can be reached.
    fn hold(&self, machine: &Machine, step: &Step<Value>, stuck: &mut bool) {
        for micro in &step.trace {
            for at in micro.transitions(machine) {
                self.deny("taken", &self.dead, at);
            }
            for id in micro.entered(machine) {
                self.deny("entered", &self.unreachable, &pointer(id));
                *stuck |= self.no_way.contains(&pointer(id));
            }
            for id in micro.exited(machine) {
                self.deny("left", &self.dead_ends, &pointer(id));
            }
        }
        let is_done = matches!(step.state.status(), Status::Done { .. });
        assert!(!(is_done && *stuck), "came to an end: {}", self.document);
    }
}

fn event(random: &mut Random, places: usize, delayed: &[String]) -> Event {
    let name = match random.below(16) {
        0 => format!("xstate.done.actor.i{}", random.below(places)),
        1 => format!("xstate.done.state.m.s{}", random.below(3)),
        2 => "f.other".into(),
        3 if random.below(9) == 0 => format!("xstate.error.actor.i{}", random.below(places)),
        4..7 if !delayed.is_empty() => random.pick(delayed).clone(),
        _ => (*random.pick(&["e0", "e1", "e2", "f.a", "f.b", "r0"])).into(),
    };
    Event::new(name).with(json!({"v": random.below(4)}))
}

fn play(claims: &Claims, machine: &Machine, random: &mut Random) -> usize {
    let provided = provided(machine);
    let contexts = [
        json!({"n": 0}),
        json!({"n": 1}),
        json!({"n": 2.5}),
        json!({"n": "b"}),
        json!({"n": "c"}),
        json!({"n": null}),
        json!({}),
    ];
    let places = machine.state_count();
    let (mut steps, mut stuck) = (0, false);
    let Ok(begun) = provided.start(random.pick(&contexts).clone()) else {
        return 0;
    };
    claims.hold(machine, &begun, &mut stuck);
    let mut state: State<Value> = begun.state;
    let mut delayed: Vec<String> = Vec::new();
    for _ in 0..60 {
        let event = event(random, places, &delayed);
        let Ok(step) = provided.step(&state, &event) else {
            continue;
        };
        claims.hold(machine, &step, &mut stuck);
        delayed.extend(step.effects.iter().filter_map(|effect| match effect {
            wardian_machine::Effect::Schedule { event, .. } => Some(event.name().to_owned()),
            _ => None,
        }));
        state = step.state;
        steps += 1;
    }
    steps
}

pub fn judge(seed: u64, counts: &mut Counts) {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9) + 1);
    let mut document = generate::case(seed)["machine"].take();
    if seed.is_multiple_of(3) {
        thin(&mut document, &mut random);
    }
    if !seed.is_multiple_of(4) {
        let text = serde_json::to_vec(&document).unwrap();
        let machine = Machine::from_json(&text).unwrap();
        let states: Vec<String> = machine.state_ids().map(str::to_owned).collect();
        with_other_guards(&mut document, &mut random, &states);
    }
    let machine = Machine::from_json(&serde_json::to_vec(&document).unwrap()).unwrap();
    let claims = Claims::of(document, &machine);
    for _ in 0..5 {
        counts.steps += play(&claims, &machine, &mut random);
    }
    counts.unreachable += claims.unreachable.len();
    counts.dead += claims.dead.len();
    counts.dead_ends += claims.dead_ends.len();
    counts.no_way += claims.no_way.len();
}
