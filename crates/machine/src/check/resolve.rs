//! What leads from one state to another: targets, initial states, transitions, guards.

use std::collections::HashSet;
use std::sync::Arc;

use super::names::{Naming, TESTS_MAX, size};
use super::{GUARD_DEPTH_MAX, TRANSITIONS_MAX};
use crate::draft::{DraftInvoke, DraftState, DraftTransition, Kind};
use crate::expr::{Guard, split};
use crate::model::{After, Invoke, Ix, Model, Names, Transition};
use crate::problem::{Flaw, Problem};

/// Candidates that all states may have together beside those they name: each event of a state times its transitions for
/// wildcards, because every event has its own list.
const CANDIDATES_MAX: usize = 1_000_000;

/// Nothing, where something was too much: then places of draft and model differ.
pub(super) fn resolve(model: &mut Model, root: &DraftState, problems: &mut Vec<Problem>) {
    let too_many = |problem: &Problem| matches!(problem.flaw, Flaw::TooMany { .. });
    if problems.iter().any(too_many) {
        return;
    }
    let mut resolver = Resolver {
        model,
        problems,
        naming: Naming::default(),
        invoked: HashSet::new(),
        candidates: 0,
    };
    resolver.state(root, &mut 0);
    resolver.histories();
    let candidates = resolver.candidates;
    let Naming {
        guards,
        actions,
        services,
        delays,
    } = resolver.naming;
    model.names = Names {
        guards: guards.names,
        actions: actions.names,
        services: services.names,
        delays: delays.names,
    };
    for (what, found, max) in [
        ("transitions", model.transitions.len(), TRANSITIONS_MAX),
        (
            "events times wildcard transitions",
            candidates,
            CANDIDATES_MAX,
        ),
    ] {
        if found > max {
            let pointer = String::new();
            let flaw = Flaw::TooMany { what, found, max };
            problems.push(Problem { pointer, flaw });
        }
    }
}

struct Resolver<'m> {
    model: &'m mut Model,
    problems: &'m mut Vec<Problem>,
    naming: Naming,
    invoked: HashSet<Arc<str>>,
    candidates: usize,
}

impl Resolver<'_> {
    fn flaw(&mut self, at: &str, flaw: Flaw) {
        let pointer = at.to_owned();
        self.problems.push(Problem { pointer, flaw });
    }

    fn undefined(&mut self, at: &str, target: &str, hint: Option<&'static str>) {
        let target = target.to_owned();
        self.flaw(at, Flaw::UndefinedTarget { target, hint });
    }

    /// In the order in which the flat pass went.
    fn state(&mut self, draft: &DraftState, next: &mut Ix) {
        let ix = *next;
        *next += 1;
        self.initial(draft, ix);
        for target in &draft.defaults {
            let at = format!("{}/target", draft.at);
            match self.default_of_history(ix, target) {
                Some(found) => self.model.nodes[ix as usize].defaults.push(found),
                None => self.undefined(&at, target, None),
            }
        }
        let (entry, exit) = {
            let acts = &mut self.model.actions;
            let entry = self.naming.acts(acts, &draft.entry);
            (entry, self.naming.acts(acts, &draft.exit))
        };
        let node = &mut self.model.nodes[ix as usize];
        (node.entry, node.exit) = (entry, exit);
        self.transitions(draft, ix);
        self.candidates(ix);
        for child in &draft.states {
            self.state(child, next);
        }
    }

    fn initial(&mut self, draft: &DraftState, ix: Ix) {
        // Of other kinds, its being there is the problem.
        let is_compound = self.model.node(ix).kind == Kind::Compound;
        let Some(initial) = draft.initial.as_ref().filter(|_| is_compound) else {
            return;
        };
        let found = self.model.below(ix, std::slice::from_ref(&initial.target));
        if found.is_none() {
            let hint = Some("`initial` is the key of a state inside this one");
            self.undefined(&initial.at, &initial.target, hint);
        }
        let actions = self.naming.acts(&mut self.model.actions, &initial.actions);
        let node = &mut self.model.nodes[ix as usize];
        (node.initial, node.initial_actions) = (found, actions);
    }

    fn transitions(&mut self, draft: &DraftState, ix: Ix) {
        for (event, transitions) in &draft.on {
            self.descriptor(draft, event);
            self.add(ix, event.as_str().into(), transitions);
        }
        let done = self.model.node(ix).done_event.clone();
        self.add(ix, done, &draft.on_done);
        self.invokes(draft, ix);
        let from = self.model.afters.len() as u32;
        for (delay, transitions) in &draft.after {
            let event: Arc<str> = format!("xstate.after.{delay}.{}", self.model.node(ix).id).into();
            let delay = self.naming.delay(delay);
            let after = After {
                delay,
                event: event.clone(),
            };
            self.model.afters.push(after);
            self.add(ix, event, transitions);
        }
        self.model.nodes[ix as usize].afters = from..self.model.afters.len() as u32;
        let always = draft
            .always
            .iter()
            .map(|transition| self.transition(ix, "".into(), transition));
        let always = always.collect::<Vec<u32>>();
        self.model.nodes[ix as usize].always = always;
    }

    /// A star stands alone, or last after a dot.
    fn descriptor(&mut self, draft: &DraftState, event: &str) {
        let prefix = event.strip_suffix(".*").unwrap_or(event);
        if event != "*" && prefix.split('.').any(|token| token == "*") {
            let found = event.to_owned();
            let wanted = "an event; `*` may stand alone or last, after a dot";
            let key = event.replace('~', "~0").replace('/', "~1");
            let at = format!("{}/on/{key}", draft.at);
            self.flaw(&at, Flaw::NotAllowed { found, wanted });
        }
    }

    fn invokes(&mut self, draft: &DraftState, ix: Ix) {
        let from = self.model.invokes.len() as u32;
        for (place, invoke) in draft.invoke.iter().enumerate() {
            self.invoke(ix, place, invoke);
        }
        self.model.nodes[ix as usize].invokes = from..self.model.invokes.len() as u32;
    }

    fn invoke(&mut self, ix: Ix, place: usize, invoke: &DraftInvoke) {
        let own = || format!("{place}.{}", self.model.node(ix).id);
        let id: Arc<str> = invoke.id.clone().unwrap_or_else(own).into();
        if !self.invoked.insert(id.clone()) {
            let id = id.to_string();
            self.flaw(&invoke.at, Flaw::DuplicateId { id });
        }
        let done = format!("xstate.done.actor.{id}");
        let error = format!("xstate.error.actor.{id}");
        self.add(ix, done.into(), &invoke.on_done);
        self.add(ix, error.into(), &invoke.on_error);
        self.model.invokes.push(Invoke {
            id,
            src: self.naming.services.of(&invoke.src),
            input: invoke.input.clone(),
        });
    }

    /// Transitions that an event takes.
    fn add(&mut self, ix: Ix, event: Arc<str>, transitions: &[DraftTransition]) {
        if transitions.is_empty() {
            return;
        }
        let numbers: Vec<u32> = transitions
            .iter()
            .map(|transition| self.transition(ix, event.clone(), transition))
            .collect();
        let on = &mut self.model.nodes[ix as usize].on;
        match on.iter_mut().find(|(own, _)| *own == event) {
            Some((_, all)) => all.extend(numbers),
            None => on.push((event, numbers)),
        }
    }

    fn transition(&mut self, source: Ix, event: Arc<str>, draft: &DraftTransition) -> u32 {
        let targets = draft.targets.as_ref().map(|targets| {
            let found = targets
                .iter()
                .filter_map(|target| self.target(source, &draft.at, target));
            found.collect::<Vec<Ix>>()
        });
        if let Some(targets) = &targets {
            self.exclude(&draft.at, targets);
        }
        let code = draft
            .guard
            .as_ref()
            .map(|guard| self.guard(&draft.at, guard));
        let transition = Transition {
            at: draft.at.clone(),
            source,
            event,
            targets,
            guard: draft.guard.clone(),
            code: code.flatten(),
            actions: self.naming.acts(&mut self.model.actions, &draft.actions),
            reenter: draft.reenter,
            description: draft.description.clone(),
            meta: draft.meta.clone(),
        };
        self.model.transitions.push(transition);
        self.model.transitions.len() as u32 - 1
    }

    fn guard(&mut self, at: &str, guard: &Guard) -> Option<crate::model::Code> {
        let (depth, tests) = size(guard);
        let at = format!("{at}/guard");
        for (what, found, max) in [
            ("levels of guards", depth, GUARD_DEPTH_MAX),
            ("tests of a guard", tests, TESTS_MAX),
        ] {
            if found > max {
                self.flaw(&at, Flaw::TooMany { what, found, max });
                return None;
            }
        }
        let (model, problems) = (&*self.model, &mut *self.problems);
        let mut state = |name: &str| {
            let found = match name.strip_prefix('#') {
                Some(_) => by_id(model, name),
                None => model.below(0, &split(name)),
            };
            if found.is_none() {
                problems.push(Problem {
                    pointer: at.clone(),
                    flaw: Flaw::UndefinedTarget {
                        target: name.into(),
                        hint: Some("`stateIn` takes `#id`, or keys from the top"),
                    },
                });
            }
            found
        };
        Some(self.naming.code(guard, &mut state))
    }

    /// As XState has it: `#id`, `.inside`, or a sibling.
    fn target(&mut self, source: Ix, at: &str, target: &str) -> Option<Ix> {
        let parent = self.model.node(source).parent;
        let (found, hint) = match (target.strip_prefix('.'), parent) {
            _ if target.starts_with('#') => (by_id(self.model, target), None),
            (Some(inside), _) => (self.model.below(source, &split(inside)), None),
            (None, Some(parent)) => (self.model.below(parent, &split(target)), None),
            (None, None) => (None, Some("from the top, a target begins with `.` or `#`")),
        };
        if found.is_none() {
            self.undefined(at, target, hint);
        }
        found
    }

    fn default_of_history(&self, history: Ix, target: &str) -> Option<Ix> {
        match target.starts_with('#') {
            true => by_id(self.model, target),
            false => {
                let parent = self.model.node(history).parent?;
                self.model.below(parent, &split(target))
            }
        }
    }

    /// Two targets must lie in each other, or in two regions of a parallel state. In the order of the document, it is enough
    /// to look at neighbours: around any two lies what lies around two neighbours between them.
    fn exclude(&mut self, at: &str, targets: &[Ix]) {
        let mut targets = targets.to_vec();
        targets.sort_unstable();
        targets.dedup();
        for both in targets.windows(2) {
            let (model, &[first, second]) = (&*self.model, both) else {
                continue;
            };
            if model.is_inside(second, first) {
                continue;
            }
            let around = model
                .ancestors(first)
                .find(|around| model.is_inside(second, *around));
            if around.is_some_and(|around| model.node(around).kind != Kind::Parallel) {
                let name = |ix: Ix| format!("#{}", model.node(ix).id);
                let (first, second) = (name(first), name(second));
                self.flaw(at, Flaw::TargetsExclude { first, second });
                return;
            }
        }
    }

    /// What this state has for each event: the exact descriptor first, then wildcards, the longest first.
    fn candidates(&mut self, ix: Ix) {
        let on = std::mem::take(&mut self.model.nodes[ix as usize].on);
        let is_wild = |descriptor: &str| descriptor == "*" || descriptor.ends_with(".*");
        let mut wild: Vec<(Arc<str>, Vec<u32>)> = Vec::new();
        let mut known = Vec::new();
        for (descriptor, transitions) in &on {
            if is_wild(descriptor) {
                wild.push((descriptor.clone(), transitions.clone()));
            }
        }
        let wild_transitions: usize = wild.iter().map(|(_, all)| all.len()).sum();
        let own = (on.len() - wild.len()).saturating_mul(wild_transitions);
        self.candidates = self.candidates.saturating_add(own);
        if self.candidates > CANDIDATES_MAX {
            return;
        }
        // JavaScript counts a text's length in UTF-16.
        wild.sort_by_key(|(descriptor, _)| std::cmp::Reverse(descriptor.encode_utf16().count()));
        for (descriptor, transitions) in on.iter().filter(|(name, _)| !is_wild(name)) {
            let events = &mut self.model.events;
            let number = events.len() as u32;
            let number = *events.entry(descriptor.clone()).or_insert(number);
            let mut all = transitions.clone();
            let others = wild.iter().filter(|(wild, _)| matches(descriptor, wild));
            all.extend(others.flat_map(|(_, transitions)| transitions));
            known.push((number, all));
        }
        known.sort_unstable_by_key(|(number, _)| *number);
        let node = &mut self.model.nodes[ix as usize];
        (node.on, node.known, node.wild) = (on, known, wild);
    }

    /// A history without a default begins where its parent begins. None may lead back to itself.
    fn histories(&mut self) {
        for ix in 0..self.model.nodes.len() as Ix {
            if !self.model.is_history(ix) {
                continue;
            }
            let parent = self.model.node(ix).parent.unwrap_or_default();
            if self.model.node(ix).defaults.is_empty() {
                let default = match self.model.node(parent).kind {
                    Kind::Compound => self.model.node(parent).initial,
                    _ => Some(parent),
                };
                self.model.nodes[ix as usize].defaults.extend(default);
            }
        }
        for ix in 0..self.model.nodes.len() as Ix {
            // A machine that is one was told so already.
            if ix > 0 && self.model.is_history(ix) && self.leads_back(ix) {
                let at = self.model.node(ix).at.clone();
                self.flaw(&at, Flaw::HistoryLoop);
            }
        }
    }

    fn leads_back(&self, history: Ix) -> bool {
        let mut seen = HashSet::new();
        let mut open = self.model.node(history).defaults.clone();
        while let Some(ix) = open.pop() {
            if ix == history {
                return true;
            }
            if !seen.insert(ix) {
                continue;
            }
            let node = self.model.node(ix);
            match node.kind {
                Kind::Compound => open.extend(node.initial),
                Kind::History { .. } => open.extend(&node.defaults),
                Kind::Parallel => {
                    let children = node.children.iter().copied();
                    open.extend(children.filter(|child| !self.model.is_history(*child)));
                }
                Kind::Atomic | Kind::Final => {}
            }
        }
        false
    }
}

/// `#id`, or `#id.key.key`.
pub(crate) fn by_id(model: &Model, target: &str) -> Option<Ix> {
    let path = split(target.strip_prefix('#')?);
    let (id, keys) = path.split_first()?;
    model.below(*model.ids.get(id)?, keys)
}

/// Whether an event is one that a wildcard means: `*` all, `a.b.*` those that are `a.b` or begin with `a.b.`.
pub(crate) fn matches(event: &str, descriptor: &str) -> bool {
    match descriptor.strip_suffix(".*") {
        None => descriptor == "*" || descriptor == event,
        Some(prefix) => event
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.')),
    }
}
