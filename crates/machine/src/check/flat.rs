//! States in the order of the document, with their ids; nothing that leads from one to another yet.

use std::collections::HashMap;
use std::sync::Arc;

use super::{DEPTH_MAX, STATES_MAX};
use crate::draft::{DraftState, Kind};
use crate::model::{Ix, Model, Node};
use crate::problem::{Flaw, Problem};

pub(super) struct Flat<'p> {
    model: Model,
    problems: &'p mut Vec<Problem>,
    states: usize,
}

impl<'p> Flat<'p> {
    pub(super) fn new(problems: &'p mut Vec<Problem>) -> Flat<'p> {
        Flat {
            model: Model::default(),
            problems,
            states: 0,
        }
    }

    pub(super) fn add(&mut self, root: &DraftState) {
        self.state(root, None, &mut Vec::new());
        if self.states > STATES_MAX {
            self.flaw(
                "",
                Flaw::TooMany {
                    what: "states",
                    found: self.states,
                    max: STATES_MAX,
                },
            );
        }
    }

    /// Targets are looked for by keys: in a state of many others, not one by one.
    pub(super) fn finish(mut self) -> Model {
        for ix in 0..self.model.nodes.len() {
            let mut by_key = self.model.nodes[ix].children.clone();
            by_key.sort_by(|a, b| self.model.node(*a).key.cmp(&self.model.node(*b).key));
            self.model.nodes[ix].by_key = by_key;
        }
        self.model
    }

    fn flaw(&mut self, at: &str, flaw: Flaw) {
        let pointer = at.to_owned();
        self.problems.push(Problem { pointer, flaw });
    }

    fn state(&mut self, draft: &DraftState, parent: Option<Ix>, path: &mut Vec<String>) {
        self.states += 1;
        if path.len() > DEPTH_MAX {
            let (found, max) = (path.len(), DEPTH_MAX);
            let what = "levels of states";
            return self.flaw(&draft.at, Flaw::TooMany { what, found, max });
        }
        if self.states > STATES_MAX {
            return;
        }
        let kind = self.kind(draft);
        self.check_kind(draft, kind);
        let id = self.id(draft, path);
        let ix = self.model.nodes.len() as Ix;
        if self.model.ids.insert(id.to_string(), ix).is_some() {
            let id = id.to_string();
            self.flaw(&draft.at, Flaw::DuplicateId { id });
        }
        self.model.nodes.push(node(draft, parent, id, kind));
        for child in &draft.states {
            path.push(child.key.clone());
            let place = self.model.nodes.len() as Ix;
            self.state(child, Some(ix), path);
            path.pop();
            // What was too much is not there.
            if self.model.nodes.len() as Ix > place {
                let history = self.model.is_history(place);
                let node = &mut self.model.nodes[ix as usize];
                node.children.push(place);
                if history {
                    node.histories.push(place);
                }
            }
        }
        let end = self.model.nodes.len() as Ix;
        self.model.nodes[ix as usize].end = end;
    }

    fn kind(&mut self, draft: &DraftState) -> Kind {
        match draft.kind {
            Some(kind) => kind,
            None if draft.states.is_empty() => Kind::Atomic,
            None => Kind::Compound,
        }
    }

    /// As XState has it: what the document says, or the machine's id and the keys that lead to the state.
    fn id(&self, draft: &DraftState, path: &[String]) -> Arc<str> {
        if let Some(id) = &draft.id {
            return id.as_str().into();
        }
        let Some(root) = self.model.nodes.first() else {
            return "(machine)".into();
        };
        let mut id = root.id.to_string();
        for key in path {
            id.push('.');
            id.push_str(key);
        }
        id.into()
    }

    fn check_kind(&mut self, draft: &DraftState, kind: Kind) {
        let name = kind.name();
        let mut not = |is_there: bool, key: &'static str| {
            if is_there {
                let pointer = format!("{}/{key}", draft.at);
                let flaw = Flaw::NotOnKind { kind: name, key };
                self.problems.push(Problem { pointer, flaw });
            }
        };
        let is_compound = kind == Kind::Compound;
        let holds = matches!(kind, Kind::Compound | Kind::Parallel);
        let is_history = matches!(kind, Kind::History { .. });
        not(!holds && !draft.states.is_empty(), "states");
        not(!is_compound && draft.initial.is_some(), "initial");
        not(!is_history && !draft.defaults.is_empty(), "target");
        not(!holds && !draft.on_done.is_empty(), "onDone");
        if is_history || kind == Kind::Final {
            not(!draft.on.is_empty(), "on");
            not(!draft.always.is_empty(), "always");
            not(!draft.after.is_empty(), "after");
            not(!draft.invoke.is_empty(), "invoke");
        }
        if is_history {
            not(!draft.entry.is_empty(), "entry");
            not(!draft.exit.is_empty(), "exit");
        }
        let is_root = draft.at.is_empty();
        not(
            kind != Kind::Final && !is_root && draft.output.is_some(),
            "output",
        );
        if is_compound && draft.initial.is_none() {
            self.flaw(&draft.at, Flaw::NoInitial);
        }
        if holds && draft.states.is_empty() {
            let (what, found) = ("states", "none".to_owned());
            let wanted = "at least one state inside";
            let at = format!("{}/{what}", draft.at);
            self.flaw(&at, Flaw::NotAllowed { found, wanted });
        }
        if is_root && matches!(kind, Kind::History { .. }) {
            let (found, wanted) = ("history".into(), "a kind of machine");
            self.flaw("/type", Flaw::NotAllowed { found, wanted });
        }
    }
}

fn node(draft: &DraftState, parent: Option<Ix>, id: Arc<str>, kind: Kind) -> Node {
    Node {
        at: draft.at.clone(),
        key: draft.key.clone(),
        done_event: format!("xstate.done.state.{id}").into(),
        id,
        kind,
        parent,
        end: 0,
        children: Vec::new(),
        by_key: Vec::new(),
        initial: None,
        initial_actions: 0..0,
        defaults: Vec::new(),
        says_default: !draft.defaults.is_empty(),
        histories: Vec::new(),
        entry: 0..0,
        exit: 0..0,
        invokes: 0..0,
        afters: 0..0,
        always: Vec::new(),
        on: Vec::new(),
        known: Vec::new(),
        wild: Vec::new(),
        output: draft.output.clone(),
        meta: draft.meta.clone(),
        tags: draft.tags.clone(),
        description: draft.description.clone(),
    }
}

/// Numbers for names, in the order they come.
#[derive(Debug, Default)]
pub(super) struct Numbered {
    numbers: HashMap<String, u32>,
    pub(super) names: Vec<String>,
}

impl Numbered {
    pub(super) fn of(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.names.len() as u32;
        self.numbers.insert(name.to_owned(), number);
        self.names.push(name.to_owned());
        number
    }
}
