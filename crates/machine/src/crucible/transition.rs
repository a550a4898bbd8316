//! Transitions and actions of a Crucible document.

use super::Crucible;
use super::part::{Part, Ref};
use crate::action::{Action, Delay};
use crate::draft::{DraftState, DraftTransition};
use crate::expr::Guard;
use crate::native::place_of;
use crate::problem::Flaw;
use crate::template::Template;
use crate::tree::Tree;

const KNOWN: [&str; 14] = [
    "from",
    "to",
    "on",
    "guards",
    "effects",
    "assigns",
    "guardExpr",
    "internal",
    "eventLess",
    "after",
    "wildcard",
    "forbidden",
    "reenter",
    "raise",
];

/// What a transition waits for.
#[derive(Debug)]
enum Trigger {
    Nothing,
    Event(String),
    /// A while alone, without an event's name.
    Time,
}

impl Crucible {
    pub(super) fn transitions(&mut self, list: Option<Part<'_>>, state: &mut DraftState) {
        for (place, part) in self.list(list).iter().enumerate() {
            self.transition(part, place, state);
        }
        // As they would stand as members of an object.
        state
            .after
            .sort_by_key(|(delay, _)| place_of(&delay.to_string()));
    }

    fn transition(&mut self, part: &Part<'_>, place: usize, state: &mut DraftState) {
        self.others(part, &[&KNOWN[..], &["meta"]].concat());
        let wanted = "one of 0, 1 and 2: reply, forget, poll";
        self.choice(part, "waitMode", wanted, &[(); 3]);
        self.from(part, &state.key);
        let mut actions = self.actions(part.get("effects"), part.get("assigns"));
        actions.extend(self.raised(part));
        let mut transition = DraftTransition {
            at: part.at.pointer(),
            guard: self.condition(part),
            actions,
            meta: self.value(part, "meta"),
            ..DraftTransition::default()
        };
        self.leads(part, &state.key, &mut transition);
        let Some(trigger) = self.trigger(part) else {
            return;
        };
        let delay = self.delay(part);
        match (trigger, delay) {
            (Trigger::Nothing, _) => state.always.push(transition),
            (Trigger::Event(event), delay) => {
                if let Some(delay) = delay {
                    let id = format!("{}:{}:after:{place}", self.machine, state.key);
                    delayed(state, &event, delay, id);
                }
                add(&mut state.on, event, transition);
            }
            (Trigger::Time, Some(delay)) => add(&mut state.after, delay, transition),
            (Trigger::Time, None) => {}
        }
    }

    fn from(&mut self, part: &Part<'_>, state: &str) {
        let from = self.scalar(part, "from");
        if let Some(found) = from.filter(|from| from != state) {
            let wanted = "the name of the state that the transition belongs to";
            self.flaw(&part.at.key("from"), Flaw::NotAllowed { found, wanted });
        }
    }

    fn trigger(&mut self, part: &Part<'_>) -> Option<Trigger> {
        let is_eventless = self.flag(part, "eventLess");
        let is_wild = self.flag(part, "wildcard");
        let has_delay = part.get("after").is_some();
        let mut bar = |is_there: bool, key: &str, wanted| {
            if is_there {
                let found = key.to_owned();
                self.flaw(&part.at.key(key), Flaw::NotAllowed { found, wanted });
            }
        };
        bar(
            is_wild && is_eventless,
            "wildcard",
            "possible together with `eventLess`",
        );
        bar(
            has_delay && is_eventless,
            "after",
            "possible together with `eventLess`",
        );
        bar(
            has_delay && is_wild,
            "after",
            "possible together with `wildcard`",
        );
        if is_eventless {
            return Some(Trigger::Nothing);
        }
        if is_wild {
            return Some(Trigger::Event("*".into()));
        }
        match part.get("on").and_then(|on| self.event(&on)) {
            Some(event) => Some(Trigger::Event(event)),
            None if has_delay => Some(Trigger::Time),
            None => {
                // What is there and is none was told already.
                if part.get("on").is_none_or(|on| on.scalar().is_some()) {
                    self.flaw(&part.at, Flaw::MissingKey { key: "on" });
                }
                None
            }
        }
    }

    fn delay(&mut self, part: &Part<'_>) -> Option<Delay> {
        let after = part.get("after")?;
        let Tree::Number(number) = after.tree else {
            self.reader.wrong_type(&after.at, after.tree, "a number");
            return None;
        };
        let nanos = number.as_u64();
        let millis = nanos
            .filter(|nanos| nanos % 1_000_000 == 0)
            .map(|nanos| nanos / 1_000_000);
        if millis.is_none() {
            let (found, wanted) = (
                number.to_string(),
                "nanoseconds that make whole milliseconds",
            );
            self.flaw(&after.at, Flaw::NotAllowed { found, wanted });
        }
        millis.map(Delay::Millis)
    }

    /// Where it goes from the state of that name.
    fn leads(&mut self, part: &Part<'_>, own: &str, transition: &mut DraftTransition) {
        let to = self.scalar(part, "to");
        let is_reentering = self.flag(part, "reenter");
        let is_internal = self.flag(part, "internal");
        if self.flag(part, "forbidden") {
            if transition.guard.is_some() || !transition.actions.is_empty() {
                let (found, wanted) = ("forbidden".into(), "possible with guards or actions");
                self.flaw(
                    &part.at.key("forbidden"),
                    Flaw::NotAllowed { found, wanted },
                );
            }
            return;
        }
        if is_internal {
            // What Go writes where nothing was given.
            if to.is_some_and(|to| to != own && to != "0") {
                let (found, wanted) = ("internal".into(), "possible with another state in `to`");
                self.flaw(&part.at.key("internal"), Flaw::NotAllowed { found, wanted });
            }
            return;
        }
        let Some(to) = to else {
            if part.get("to").is_none_or(|to| to.scalar().is_some()) {
                self.flaw(&part.at, Flaw::MissingKey { key: "to" });
            }
            return;
        };
        let target = self.target(&part.at.key("to"), &to);
        let around = self.paths.get(&to).zip(self.paths.get(own));
        let is_around = around.is_some_and(|(to, own)| own.starts_with(to));
        transition.reenter = is_reentering && is_around;
        if is_reentering || !is_around {
            transition.targets = target.map(|target| vec![target]);
        }
    }

    /// Effects, and after them assigns.
    pub(super) fn actions(
        &mut self,
        effects: Option<Part<'_>>,
        assigns: Option<Part<'_>>,
    ) -> Vec<Action> {
        let mut actions = Vec::new();
        for (list, is_assign) in [(effects, false), (assigns, true)] {
            for reference in self.refs(list) {
                actions.extend(self.action(reference, is_assign));
            }
        }
        actions
    }

    fn action(&mut self, reference: Ref, is_assign: bool) -> Option<Action> {
        let Ref { at, name, params } = reference;
        if name == "crucible.cancel" && !is_assign {
            let id = params
                .get("id")
                .and_then(|id| id.as_str())
                .map(str::to_owned);
            if id.is_none() {
                self.flaw(&at.key("params"), Flaw::MissingKey { key: "id" });
            }
            return id.map(|id| Action::Cancel { id });
        }
        if *self.actions.entry(name.clone()).or_insert(is_assign) != is_assign {
            let found = name.clone();
            let wanted = "one kind of thing; an effect and an assign cannot share a name";
            self.flaw(&at.key("name"), Flaw::NotAllowed { found, wanted });
        }
        Some(Action::Named { name, params })
    }

    fn raised(&mut self, part: &Part<'_>) -> Vec<Action> {
        let elements = self.list(part.get("raise"));
        let events = elements.iter().filter_map(|event| self.event(event));
        let raise = |event| Action::Raise {
            event,
            data: Template::default(),
            delay: None,
            id: None,
        };
        events.map(raise).collect()
    }

    /// All of `guards`, and `guardExpr`.
    fn condition(&mut self, part: &Part<'_>) -> Option<Guard> {
        let guards = self.refs(part.get("guards")).into_iter();
        let mut all: Vec<Guard> = guards
            .map(|Ref { name, params, .. }| Guard::Named { name, params })
            .collect();
        let expression = part.get("guardExpr");
        all.extend(expression.and_then(|expression| self.guard(&expression)));
        match all.len() {
            0 | 1 => all.pop(),
            _ => Some(Guard::And(all)),
        }
    }
}

/// Sends the event after a while, unless the state is left before.
fn delayed(state: &mut DraftState, event: &str, delay: Delay, id: String) {
    state.entry.push(Action::Raise {
        event: event.to_owned(),
        data: Template::default(),
        delay: Some(delay),
        id: Some(id.clone()),
    });
    state.exit.push(Action::Cancel { id });
}

fn add<K: PartialEq>(all: &mut Vec<(K, Vec<DraftTransition>)>, key: K, one: DraftTransition) {
    match all.iter_mut().find(|(own, _)| *own == key) {
        Some((_, transitions)) => transitions.push(one),
        None => all.push((key, vec![one])),
    }
}
