//! States, regions and invocations of a Crucible document.

use serde_json::Value;

use super::Crucible;
use super::part::Part;
use crate::action::Action;
use crate::draft::{DraftInitial, DraftInvoke, DraftState, DraftTransition, Kind};
use crate::native::place_of;
use crate::problem::Flaw;
use crate::template::Template;

const KNOWN: [&str; 15] = [
    "name",
    "transitions",
    "onEntry",
    "onExit",
    "isFinal",
    "onDone",
    "onEntryAssign",
    "onExitAssign",
    "children",
    "initialChild",
    "regions",
    "historyType",
    "historyDefault",
    "invoke",
    "meta",
];

/// What a state of a kind cannot have.
fn barred(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Atomic => &["onDone", "initialChild", "historyDefault"],
        Kind::Compound => &["historyDefault"],
        Kind::Parallel => &["children", "initialChild", "historyDefault"],
        Kind::Final => &[
            "transitions",
            "invoke",
            "onDone",
            "children",
            "initialChild",
            "regions",
            "historyDefault",
        ],
        Kind::History { .. } => &[
            "transitions",
            "onEntry",
            "onExit",
            "isFinal",
            "onDone",
            "onEntryAssign",
            "onExitAssign",
            "children",
            "initialChild",
            "regions",
            "invoke",
        ],
    }
}

/// Members of a state, without those that its kind cannot have: the check knows their problems by other keys.
struct Allowed<'p, 't> {
    part: &'p Part<'t>,
    barred: &'static [&'static str],
}

impl<'t> Allowed<'_, 't> {
    fn get(&self, key: &str) -> Option<Part<'t>> {
        let is_barred = self.barred.contains(&key);
        self.part.get(key).filter(|_| !is_barred)
    }
}

impl Crucible {
    pub(super) fn states(&mut self, list: Option<Part<'_>>) -> Vec<DraftState> {
        let elements = self.list(list);
        let states = elements.iter().map(|element| self.state(element));
        let mut states: Vec<DraftState> = states.collect();
        // One of them is active, so that their order says little; as members of an object they would stand so.
        states.sort_by_key(|state| place_of(&state.key));
        states
    }

    fn state(&mut self, part: &Part<'_>) -> DraftState {
        self.others(part, &KNOWN);
        let kind = self.kind(part);
        let barred = barred(kind);
        for key in barred {
            if part.get(key).is_some_and(|part| part.says_something()) {
                let kind = kind.name();
                self.flaw(&part.at.key(key), Flaw::NotOnKind { kind, key });
            }
        }
        let allowed = Allowed { part, barred };
        let mut state = DraftState {
            at: part.at.pointer(),
            key: self.key(part),
            kind: Some(kind),
            meta: self.value(part, "meta"),
            entry: self.actions(allowed.get("onEntry"), allowed.get("onEntryAssign")),
            exit: self.actions(allowed.get("onExit"), allowed.get("onExitAssign")),
            on_done: self.on_done(allowed.get("onDone")),
            ..DraftState::default()
        };
        if let Some(default) = allowed.get("historyDefault") {
            let name = self.scalar(part, "historyDefault");
            let target = name.and_then(|name| self.target(&default.at, &name));
            state.defaults.extend(target);
        }
        state.states = match kind {
            Kind::Parallel => self.regions(allowed.get("regions")),
            _ => self.states(allowed.get("children")),
        };
        if kind == Kind::Compound {
            state.initial = self.initial(part, "initialChild", true, &state.states);
        }
        self.transitions(allowed.get("transitions"), &mut state);
        state.invoke = self.invokes(allowed.get("invoke"), &state.key);
        state
    }

    fn key(&mut self, part: &Part<'_>) -> String {
        let name = self.scalar(part, "name");
        if name.is_none() && part.get("name").is_none_or(|name| name.scalar().is_some()) {
            self.flaw(&part.at, Flaw::MissingKey { key: "name" });
        }
        name.unwrap_or_else(|| part.at.pointer())
    }

    fn kind(&mut self, part: &Part<'_>) -> Kind {
        let wanted = "one of 0, 1 and 2: none, shallow, deep";
        let histories = [None, Some(false), Some(true)];
        let history = self
            .choice(part, "historyType", wanted, &histories)
            .flatten();
        let has = |key| part.get(key).is_some_and(|part| part.says_something());
        match history {
            Some(deep) => Kind::History { deep },
            None if self.flag(part, "isFinal") => Kind::Final,
            None if has("regions") => Kind::Parallel,
            None if has("children") => Kind::Compound,
            None => Kind::Atomic,
        }
    }

    fn on_done(&mut self, list: Option<Part<'_>>) -> Vec<DraftTransition> {
        let at = list.as_ref().map(|list| list.at.pointer());
        let actions = self.actions(list, None);
        let done = at.filter(|_| !actions.is_empty());
        let done = done.map(|at| DraftTransition {
            at,
            actions,
            ..DraftTransition::default()
        });
        done.into_iter().collect()
    }

    /// Where something begins that has states: always said, and one of them.
    pub(super) fn initial(
        &mut self,
        part: &Part<'_>,
        key: &'static str,
        is_said: bool,
        states: &[DraftState],
    ) -> Option<DraftInitial> {
        let first = states.first()?.key.clone();
        let at = part.at.key(key);
        let name = self.scalar(part, key).filter(|_| is_said);
        let target = match name {
            None => {
                self.flaw(&part.at, Flaw::MissingKey { key });
                first
            }
            Some(name) if states.iter().any(|state| state.key == name) => name,
            Some(target) => {
                let hint = Some("it must be directly inside");
                self.flaw(&at, Flaw::UndefinedTarget { target, hint });
                first
            }
        };
        let at = at.pointer();
        Some(DraftInitial {
            at,
            target,
            actions: Vec::new(),
        })
    }

    /// Their order is that in which they are entered and asked.
    fn regions(&mut self, list: Option<Part<'_>>) -> Vec<DraftState> {
        let elements = self.list(list);
        let regions = elements.iter().map(|element| self.region(element));
        let regions: Vec<DraftState> = regions.collect();
        for (part, both) in elements.iter().skip(1).zip(regions.windows(2)) {
            if let [before, after] = both
                && place_of(&before.key) > place_of(&after.key)
            {
                let found = after.key.clone();
                let wanted = "a name that keeps its place; whole numbers would stand first";
                self.flaw(&part.at.key("name"), Flaw::NotAllowed { found, wanted });
            }
        }
        regions
    }

    fn region(&mut self, part: &Part<'_>) -> DraftState {
        self.others(part, &["name", "states", "initialChild"]);
        let states = self.states(part.get("states"));
        if states.is_empty() {
            self.flaw(&part.at, Flaw::MissingKey { key: "states" });
        }
        DraftState {
            at: part.at.pointer(),
            key: self.key(part),
            initial: self.initial(part, "initialChild", true, &states),
            states,
            ..DraftState::default()
        }
    }

    fn invokes(&mut self, list: Option<Part<'_>>, state: &str) -> Vec<DraftInvoke> {
        let elements = self.list(list);
        let invokes = elements.iter().enumerate();
        invokes
            .map(|(place, part)| self.invoke(part, state, place))
            .collect()
    }

    fn invoke(&mut self, part: &Part<'_>, state: &str, place: usize) -> DraftInvoke {
        self.others(part, &["id", "src", "input", "onDone", "onError", "kind"]);
        let wanted = "one of 0 and 1: service, machine";
        let kind = self.choice(part, "kind", wanted, &["invoke", "actor"]);
        let given = format!(
            "{}:{state}:{}:{place}",
            self.machine,
            kind.unwrap_or("invoke")
        );
        let src = part.get("src");
        if src.is_none() {
            self.flaw(&part.at, Flaw::MissingKey { key: "src" });
        }
        let src = src.and_then(|src| self.reference(&src));
        let params = src.as_ref().map(|src| src.params.clone());
        DraftInvoke {
            at: part.at.pointer(),
            id: self.text(part, "id").or(Some(given)),
            src: src.map(|src| src.name).unwrap_or_default(),
            input: self.input(part, params.unwrap_or_default()),
            on_done: self.told(part, "onDone", "output"),
            on_error: self.told(part, "onError", "error"),
        }
    }

    /// The input and the params of `src` together.
    fn input(&mut self, part: &Part<'_>, params: Value) -> Template {
        let input = self.object(part, "input");
        let input = match (params, input) {
            (Value::Object(mut all), Value::Object(input)) => {
                let at = part.at.key("input");
                for (key, value) in input {
                    if all.insert(key.clone(), value).is_some() {
                        self.flaw(&at.key(&key), Flaw::DuplicateKey { key: key.clone() });
                    }
                }
                Value::Object(all)
            }
            (params, Value::Null) => params,
            (_, input) => input,
        };
        let input = Template::new(input);
        if input.has_holes() {
            let (found, wanted) = (
                input.as_json().to_string(),
                "an input here; `$` would mean a hole",
            );
            self.flaw(&part.at.key("input"), Flaw::NotAllowed { found, wanted });
        }
        input
    }

    /// An event that tells of a service's end, with its result.
    fn told(&mut self, part: &Part<'_>, key: &str, result: &str) -> Vec<DraftTransition> {
        let event = part.get(key).and_then(|event| self.event(&event));
        let told = event.map(|event| DraftTransition {
            at: part.at.key(key).pointer(),
            actions: vec![Action::Raise {
                event,
                data: Template::new(serde_json::json!({ "$event": result })),
                delay: None,
                id: None,
            }],
            ..DraftTransition::default()
        });
        told.into_iter().collect()
    }
}
