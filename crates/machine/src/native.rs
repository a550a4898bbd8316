//! The native form: XState v5's configuration as JSON, with guards composed as data.
//!
//! Strict: a key that means nothing here is a problem, because it may be a guard under another name (`cond`), and a
//! machine without a guard that somebody wrote is worse than none. Keys that begin with `x-` or `$` are anybody's.

mod guard;
mod parts;

use crate::action::Delay;
use crate::draft::{Draft, DraftInitial, DraftState, DraftTransition, Kind};
use crate::problem::{Flaw, Problem, Problems};
use crate::template::Template;
use crate::tree::Tree;

/// Bytes that a document may have.
pub const DOCUMENT_BYTES_MAX: usize = 4 << 20;

/// A document of any form as JSON; where it is none, why.
pub(crate) fn parse(document: &[u8]) -> Result<Tree, Problems> {
    let failed = |flaw| {
        let pointer = String::new();
        Problems(vec![Problem { pointer, flaw }])
    };
    if document.len() > DOCUMENT_BYTES_MAX {
        return Err(failed(Flaw::TooMany {
            what: "bytes",
            found: document.len(),
            max: DOCUMENT_BYTES_MAX,
        }));
    }
    Tree::parse(document).map_err(|error| failed(Flaw::Syntax(error.to_string())))
}

/// Reads the native form; the draft carries the problems.
pub(crate) fn read_tree(tree: &Tree) -> Draft {
    let mut reader = Reader::default();
    let root = reader.state(&At::root(), String::new(), tree);
    let context = tree.member("context").map(|context| {
        let at = At::root().key("context");
        reader.value(&at, context)
    });
    let version = tree.member("version").and_then(|version| {
        let at = At::root().key("version");
        reader.text(&at, version)
    });
    Draft {
        root,
        context: context.unwrap_or(serde_json::Value::Object(serde_json::Map::new())),
        version,
        problems: reader.problems,
    }
}

/// A JSON pointer.
#[derive(Clone, Debug)]
pub(crate) struct At(String);

impl At {
    pub(crate) fn root() -> At {
        At(String::new())
    }

    pub(crate) fn key(&self, key: &str) -> At {
        At(format!(
            "{}/{}",
            self.0,
            key.replace('~', "~0").replace('/', "~1")
        ))
    }

    pub(crate) fn index(&self, index: usize) -> At {
        At(format!("{}/{index}", self.0))
    }

    pub(crate) fn pointer(&self) -> String {
        self.0.clone()
    }
}

/// Goes on after every problem.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    pub(crate) problems: Vec<Problem>,
}

/// What a state may say, beside what only the top says.
const STATE_KEYS: [&str; 17] = [
    "id",
    "type",
    "initial",
    "history",
    "target",
    "states",
    "on",
    "onDone",
    "always",
    "after",
    "entry",
    "exit",
    "invoke",
    "output",
    "meta",
    "tags",
    "description",
];
const ROOT_KEYS: [&str; 4] = ["context", "version", "types", "schemas"];

/// What was meant by a key of XState v4, or of a common mistake.
fn meant(key: &str) -> Option<&'static str> {
    Some(match key {
        "cond" | "condition" | "guards" => "write `guard`",
        "onEntry" | "onEnter" => "write `entry`",
        "onExit" => "write `exit`",
        "internal" => "write `reenter: true` for external transitions; all others are internal",
        "activities" => "write `invoke`",
        "delay" | "delays" => "write `after`",
        "data" => "write `output`",
        "in" => "write a guard `{\"type\": \"stateIn\", \"state\": …}`",
        "onSnapshot" => "snapshots of invoked services are not delivered",
        _ => return None,
    })
}

impl Reader {
    pub(crate) fn flaw(&mut self, at: &At, flaw: Flaw) {
        self.problems.push(Problem {
            pointer: at.pointer(),
            flaw,
        });
    }

    /// The members of an object; nothing where it is none.
    pub(crate) fn members<'t>(&mut self, at: &At, tree: &'t Tree) -> &'t [(String, Tree)] {
        let Tree::Object(members) = tree else {
            self.wrong_type(at, tree, "an object");
            return &[];
        };
        self.duplicates(at, members);
        members
    }

    fn duplicates(&mut self, at: &At, members: &[(String, Tree)]) {
        let mut seen = std::collections::HashSet::new();
        for (key, _) in members {
            if !seen.insert(key) {
                let key = key.clone();
                self.flaw(&at.key(&key), Flaw::DuplicateKey { key: key.clone() });
            }
        }
    }

    pub(crate) fn wrong_type(&mut self, at: &At, tree: &Tree, wanted: &'static str) {
        let found = tree.kind();
        self.flaw(at, Flaw::WrongType { found, wanted });
    }

    pub(crate) fn unknown(&mut self, at: &At, key: &str) {
        if key.starts_with("x-") || key.starts_with('$') {
            return;
        }
        let hint = meant(key);
        let key = key.to_owned();
        self.flaw(
            &at.key(&key),
            Flaw::UnknownKey {
                key: key.clone(),
                hint,
            },
        );
    }

    pub(crate) fn text(&mut self, at: &At, tree: &Tree) -> Option<String> {
        let text = tree.text();
        if text.is_none() {
            self.wrong_type(at, tree, "a text");
        }
        text.map(str::to_owned)
    }

    /// A text that is a name: not empty.
    pub(crate) fn name(&mut self, at: &At, tree: &Tree) -> Option<String> {
        let text = self.text(at, tree)?;
        if text.is_empty() {
            self.flaw(
                at,
                Flaw::NotAllowed {
                    found: text,
                    wanted: "a name",
                },
            );
            return None;
        }
        Some(text)
    }

    /// Any value, checked for members that are there twice.
    pub(crate) fn value(&mut self, at: &At, tree: &Tree) -> serde_json::Value {
        self.check(at, tree);
        tree.to_value()
    }

    fn check(&mut self, at: &At, tree: &Tree) {
        match tree {
            Tree::List(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    self.check(&at.index(index), element);
                }
            }
            Tree::Object(members) => {
                self.duplicates(at, members);
                for (key, value) in members {
                    self.check(&at.key(key), value);
                }
            }
            _ => {}
        }
    }

    pub(crate) fn template(&mut self, at: &At, tree: &Tree) -> Template {
        Template::new(self.value(at, tree))
    }

    /// One or many: a list's elements with their places, or the thing itself.
    pub(crate) fn each<'t>(&mut self, at: &At, tree: &'t Tree) -> Vec<(At, &'t Tree)> {
        match tree {
            Tree::List(elements) => elements
                .iter()
                .enumerate()
                .map(|(index, element)| (at.index(index), element))
                .collect(),
            Tree::Null => Vec::new(),
            one => vec![(at.clone(), one)],
        }
    }

    fn state(&mut self, at: &At, key: String, tree: &Tree) -> DraftState {
        let mut state = DraftState {
            at: at.pointer(),
            ..DraftState::default()
        };
        let mut deep = None;
        for (name, inner) in self.members(at, tree) {
            let inside = at.key(name);
            if key.is_empty() && at.0.is_empty() && ROOT_KEYS.contains(&name.as_str()) {
                continue;
            }
            if !STATE_KEYS.contains(&name.as_str()) {
                self.unknown(at, name);
                continue;
            }
            self.state_member(&mut state, &mut deep, &inside, name, inner);
        }
        state.kind = match (state.kind, deep) {
            (Some(Kind::History { .. }), deep) => Some(Kind::History {
                deep: deep.unwrap_or(false),
            }),
            // As XState has it: `history` alone makes a history of a state without states.
            (None, Some(deep)) if state.states.is_empty() => Some(Kind::History { deep }),
            (kind, None) => kind,
            (kind, Some(_)) => {
                let kind = kind.map_or("compound", Kind::name);
                let key = "history";
                self.flaw(&at.key(key), Flaw::NotOnKind { kind, key });
                state.kind
            }
        };
        state.key = key;
        state
    }

    fn state_member(
        &mut self,
        state: &mut DraftState,
        deep: &mut Option<bool>,
        at: &At,
        name: &str,
        tree: &Tree,
    ) {
        match name {
            "id" => state.id = self.name(at, tree),
            "type" => state.kind = self.kind(at, tree),
            "initial" => state.initial = self.initial(at, tree),
            "history" => *deep = self.history(at, tree),
            "target" => state.defaults = self.targets(at, tree).unwrap_or_default(),
            "states" => state.states = self.states(at, tree),
            "on" => state.on = self.on(at, tree),
            "onDone" => state.on_done = self.transitions(at, tree),
            "always" => state.always = self.transitions(at, tree),
            "after" => state.after = self.after(at, tree),
            "entry" => state.entry = self.actions(at, tree),
            "exit" => state.exit = self.actions(at, tree),
            "invoke" => state.invoke = self.invokes(at, tree),
            "output" => state.output = Some(self.template(at, tree)),
            "meta" => state.meta = self.value(at, tree),
            "tags" => {
                for (at, tag) in self.each(at, tree) {
                    state.tags.extend(self.text(&at, tag));
                }
            }
            _ => state.description = self.text(at, tree),
        }
    }

    fn kind(&mut self, at: &At, tree: &Tree) -> Option<Kind> {
        let text = self.text(at, tree)?;
        Some(match &*text {
            "atomic" => Kind::Atomic,
            "compound" => Kind::Compound,
            "parallel" => Kind::Parallel,
            "final" => Kind::Final,
            "history" => Kind::History { deep: false },
            _ => {
                let wanted = "one of atomic, compound, parallel, final, history";
                self.flaw(
                    at,
                    Flaw::NotAllowed {
                        found: text,
                        wanted,
                    },
                );
                return None;
            }
        })
    }

    fn history(&mut self, at: &At, tree: &Tree) -> Option<bool> {
        match tree {
            Tree::Bool(true) => Some(false),
            Tree::Bool(false) | Tree::Null => None,
            Tree::Text(text) if text == "shallow" => Some(false),
            Tree::Text(text) if text == "deep" => Some(true),
            Tree::Text(text) => {
                let found = text.clone();
                let wanted = "one of shallow, deep";
                self.flaw(at, Flaw::NotAllowed { found, wanted });
                None
            }
            other => {
                self.wrong_type(at, other, "a text or a boolean");
                None
            }
        }
    }

    fn initial(&mut self, at: &At, tree: &Tree) -> Option<DraftInitial> {
        let mut initial = DraftInitial {
            at: at.pointer(),
            ..DraftInitial::default()
        };
        if let Tree::Text(target) = tree {
            initial.target = target.clone();
            return Some(initial);
        }
        let mut target = None;
        for (name, inner) in self.members(at, tree) {
            let inside = at.key(name);
            match &**name {
                "target" => target = self.text(&inside, inner),
                "actions" => initial.actions = self.actions(&inside, inner),
                "meta" | "description" => {}
                other => self.unknown(at, other),
            }
        }
        if target.is_none() && tree.member("target").is_none() && matches!(tree, Tree::Object(_)) {
            self.flaw(at, Flaw::MissingKey { key: "target" });
        }
        initial.target = target?;
        Some(initial)
    }

    fn states(&mut self, at: &At, tree: &Tree) -> Vec<DraftState> {
        let members = in_order(self.members(at, tree));
        members
            .into_iter()
            .map(|(key, inner)| {
                let inside = at.key(key);
                if key.is_empty() {
                    let (found, wanted) = (String::new(), "a name");
                    self.flaw(&inside, Flaw::NotAllowed { found, wanted });
                }
                self.state(&inside, key.clone(), inner)
            })
            .collect()
    }

    fn on(&mut self, at: &At, tree: &Tree) -> Vec<(String, Vec<DraftTransition>)> {
        let members = self.members(at, tree);
        members
            .iter()
            .map(|(event, inner)| {
                let inside = at.key(event);
                if event.is_empty() {
                    let (found, wanted) = (String::new(), "an event; write `always`");
                    self.flaw(&inside, Flaw::NotAllowed { found, wanted });
                }
                (event.clone(), self.transitions(&inside, inner))
            })
            .collect()
    }

    fn after(&mut self, at: &At, tree: &Tree) -> Vec<(Delay, Vec<DraftTransition>)> {
        let members = in_order(self.members(at, tree));
        members
            .into_iter()
            .map(|(delay, inner)| {
                let inside = at.key(delay);
                let read = self.delay_text(&inside, delay);
                (read, self.transitions(&inside, inner))
            })
            .collect()
    }
}

/// As a JavaScript object has its members: whole numbers first, by their size, then the rest as written.
fn in_order(members: &[(String, Tree)]) -> Vec<(&String, &Tree)> {
    let mut ordered: Vec<(&String, &Tree)> =
        members.iter().map(|(key, tree)| (key, tree)).collect();
    ordered.sort_by_key(|(key, _)| place_of(key));
    ordered
}

/// Where a key stands among others: what compares as equal stays as written.
pub(crate) fn place_of(key: &str) -> (u8, u32) {
    let is_canonical = key == "0" || !key.starts_with(['0', '+']);
    let number = key.parse::<u32>().ok();
    // The greatest is no index of an array, and so has no place of its own.
    let number = number.filter(|number| is_canonical && *number < u32::MAX);
    number.map_or((1, 0), |number| (0, number))
}
