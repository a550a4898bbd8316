//! Machines and events by the seed: hierarchy, parallel states, histories, `always`, delays, raised events, guards.

use serde_json::{Map, Value, json};
use wardian_testkit::random::Random;

/// A state of the plan: what it is and where, before anything leads to it.
struct Planned {
    kind: &'static str,
    parent: Option<usize>,
    key: String,
    children: Vec<usize>,
}

struct Generator {
    random: Random,
    planned: Vec<Planned>,
    actions: usize,
}

const EVENTS: [&str; 6] = ["e0", "e1", "e2", "f.a", "f.b", "r0"];

pub fn case(seed: u64) -> Value {
    let mut generator = Generator {
        random: Random(seed.wrapping_mul(0x1234_5678_9abc_def1)),
        planned: Vec::new(),
        actions: 0,
    };
    let kind = if generator.random.chance(25) {
        "parallel"
    } else {
        "compound"
    };
    generator.plan(None, String::new(), kind, 0);
    let mut machine = generator.state(0);
    machine["id"] = "m".into();
    machine["context"] = json!({"n": 0});
    let count = 4 + generator.random.below(10);
    let events: Vec<Value> = (0..count).map(|_| generator.event()).collect();
    json!({"machine": machine, "events": events})
}

impl Generator {
    fn plan(
        &mut self,
        parent: Option<usize>,
        key: String,
        kind: &'static str,
        depth: usize,
    ) -> usize {
        let place = self.planned.len();
        self.planned.push(Planned {
            kind,
            parent,
            key,
            children: Vec::new(),
        });
        if kind != "compound" && kind != "parallel" {
            return place;
        }
        let count = 2 + self.random.below(if depth == 0 { 3 } else { 2 });
        for number in 0..count {
            let kind = match self.random.below(100) {
                0..25 if depth < 3 => "compound",
                25..38 if depth < 2 => "parallel",
                38..50 if kind == "compound" && number > 0 => "final",
                _ => "atomic",
            };
            let child = self.plan(Some(place), format!("s{number}"), kind, depth + 1);
            self.planned[place].children.push(child);
        }
        if self.random.chance(30) {
            let kind = if self.random.chance(50) {
                "deep"
            } else {
                "shallow"
            };
            let child = self.plan(Some(place), "h".into(), kind, depth + 1);
            self.planned[place].children.push(child);
        }
        place
    }

    fn is_history(&self, place: usize) -> bool {
        matches!(self.planned[place].kind, "deep" | "shallow")
    }

    fn regular_children(&self, place: usize) -> Vec<usize> {
        let children = self.planned[place].children.iter().copied();
        children.filter(|one| !self.is_history(*one)).collect()
    }

    fn id(&self, place: usize) -> String {
        match self.planned[place].parent {
            None => "m".into(),
            Some(parent) => format!("{}.{}", self.id(parent), self.planned[place].key),
        }
    }

    fn state(&mut self, place: usize) -> Value {
        let (kind, children) = (
            self.planned[place].kind,
            self.planned[place].children.clone(),
        );
        let mut state = Map::new();
        match kind {
            "deep" | "shallow" => {
                state.insert("type".into(), "history".into());
                state.insert("history".into(), kind.into());
                if self.random.chance(40) {
                    let parent = self.planned[place].parent.unwrap();
                    let siblings = self.regular_children(parent);
                    let target = *self.random.pick(&siblings);
                    state.insert("target".into(), self.planned[target].key.clone().into());
                }
                return Value::Object(state);
            }
            "parallel" | "final" => {
                state.insert("type".into(), kind.into());
            }
            _ => {}
        }
        self.entry_and_exit(&mut state);
        if kind != "final" {
            self.transitions(place, &mut state);
        }
        let regular = self.regular_children(place);
        if kind == "compound" {
            let initial = self.planned[*self.random.pick(&regular)].key.clone();
            let initial = match self.random.chance(25) {
                true => json!({"target": initial, "actions": self.action_list()}),
                false => initial.into(),
            };
            state.insert("initial".into(), initial);
        }
        if !children.is_empty() {
            let states: Map<String, Value> = children
                .iter()
                .map(|child| (self.planned[*child].key.clone(), self.state(*child)))
                .collect();
            state.insert("states".into(), Value::Object(states));
            if self.random.chance(40) {
                let done = self.transition(place, false);
                state.insert("onDone".into(), done);
            }
        }
        Value::Object(state)
    }

    fn entry_and_exit(&mut self, state: &mut Map<String, Value>) {
        for key in ["entry", "exit"] {
            if self.random.chance(50) {
                let actions = self.action_list();
                state.insert(key.into(), actions);
            }
        }
    }

    fn transitions(&mut self, place: usize, state: &mut Map<String, Value>) {
        let mut on = Map::new();
        for _ in 0..self.random.below(4) {
            let event = match self.random.below(10) {
                0 => "*",
                1 => "f.*",
                _ => *self.random.pick(&EVENTS),
            };
            let transitions = self.some_transitions(place);
            on.insert(event.into(), transitions);
        }
        if !on.is_empty() {
            state.insert("on".into(), Value::Object(on));
        }
        if self.random.chance(15) {
            let always = self.transition(place, true);
            state.insert("always".into(), always);
        }
        if self.random.chance(15) {
            let delay = *self.random.pick(&["10", "25", "soon"]);
            let after = self.some_transitions(place);
            state.insert("after".into(), json!({ delay: after }));
        }
        if self.random.chance(10) {
            let done = self.transition(place, false);
            let error = self.transition(place, false);
            let id = format!("i{place}");
            state.insert(
                "invoke".into(),
                json!({"src": "work", "id": id, "onDone": done, "onError": error}),
            );
        }
    }

    fn some_transitions(&mut self, place: usize) -> Value {
        let count = 1 + self.random.below(2);
        (0..count).map(|_| self.transition(place, false)).collect()
    }

    fn transition(&mut self, place: usize, guarded: bool) -> Value {
        let mut transition = Map::new();
        if self.random.chance(85) {
            let target = self.target(place);
            transition.insert("target".into(), format!("#{}", self.id(target)).into());
            if self.planned[place].kind == "parallel" && self.random.chance(40) {
                self.two_targets(place, &mut transition);
            }
        }
        if self.random.chance(20) {
            transition.insert("reenter".into(), true.into());
        }
        if guarded || self.random.chance(35) {
            let guard = self.guard(0);
            transition.insert("guard".into(), guard);
        }
        if self.random.chance(50) {
            let actions = self.action_list();
            transition.insert("actions".into(), actions);
        }
        Value::Object(transition)
    }

    /// No history from inside of what it remembers: XState then leaves states without entering others.
    fn target(&mut self, place: usize) -> usize {
        let target = self.random.below(self.planned.len() - 1) + 1;
        let remembers = self.planned[target]
            .parent
            .filter(|_| self.is_history(target));
        let around = std::iter::successors(Some(place), |ix| self.planned[*ix].parent);
        match around.skip(1).any(|ix| Some(ix) == remembers) {
            true => place.max(1),
            false => target,
        }
    }

    /// One in each of two regions.
    fn two_targets(&mut self, place: usize, transition: &mut Map<String, Value>) {
        let regions = self.regular_children(place);
        let mut targets = Vec::new();
        for region in regions.into_iter().take(2) {
            let inside = self.regular_children(region);
            let target = if inside.is_empty() {
                region
            } else {
                *self.random.pick(&inside)
            };
            targets.push(Value::from(format!("#{}", self.id(target))));
        }
        transition.insert("target".into(), targets.into());
    }

    fn guard(&mut self, depth: usize) -> Value {
        let top = if depth < 2 { 10 } else { 7 };
        match self.random.below(top) {
            0 => "even".into(),
            1 => "big".into(),
            2 => "one".into(),
            3 => "never".into(),
            4 => json!({"type": "least", "params": {"n": self.random.below(4)}}),
            5 => {
                let op = *self.random.pick(&["eq", "ne", "lt", "le", "gt", "ge"]);
                json!({"type": op, "path": "n", "value": self.random.below(5)})
            }
            6 => {
                let place = self.random.below(self.planned.len() - 1) + 1;
                let place = if self.is_history(place) { 1 } else { place };
                json!({"type": "stateIn", "state": format!("#{}", self.id(place))})
            }
            7 => json!({"type": "not", "guard": self.guard(depth + 1)}),
            8 => json!({"type": "and", "guards": [self.guard(depth + 1), self.guard(depth + 1)]}),
            _ => json!({"type": "or", "guards": [self.guard(depth + 1), self.guard(depth + 1)]}),
        }
    }

    fn action_list(&mut self) -> Value {
        let count = 1 + self.random.below(2);
        (0..count).map(|_| self.action()).collect()
    }

    fn action(&mut self) -> Value {
        self.actions += 1;
        let name = format!("a{}", self.random.below(12));
        match self.random.below(12) {
            0 => "inc".into(),
            1 => json!({"type": "assign", "assignment": {"n": self.random.below(6)}}),
            2 => json!({"type": "raise", "event": "r0"}),
            3 => {
                json!({"type": "raise", "event": {"type": "r0", "v": 1}, "delay": 15, "id": "later"})
            }
            4 => json!({"type": "cancel", "id": "later"}),
            5 | 6 => json!({"type": name, "params": {"at": self.actions}}),
            _ => name.into(),
        }
    }

    fn event(&mut self) -> Value {
        match self.random.below(12) {
            0 | 1 => json!({"tick": 5 + self.random.below(30)}),
            2 => {
                let place = self.random.below(self.planned.len());
                json!({"type": format!("xstate.done.actor.i{place}"), "output": 1})
            }
            _ => {
                let name = *self.random.pick(&EVENTS);
                json!({"type": name, "v": self.random.below(2)})
            }
        }
    }
}
