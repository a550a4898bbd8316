//! Which states are left and entered, after the W3C's algorithm for SCXML with XState's rule for internal transitions.
//! States lie in ranges, so that "inside" is a comparison.

use smallvec::SmallVec;

use crate::draft::Kind;
use crate::model::{Ix, Model, Transition};
use crate::state::Histories;

/// What a transition leaves: states from the first up to, but not with, the second.
pub(super) type Range = (Ix, Ix);

/// Where a transition happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Domain {
    /// The machine itself is left and entered.
    All,
    /// Only what is inside this state.
    Inside(Ix),
}

/// With histories in place of what they stand for.
fn effective_targets(
    model: &Model,
    histories: &Histories,
    targets: &[Ix],
    into: &mut SmallVec<[Ix; 4]>,
) {
    for target in targets {
        if !model.is_history(*target) {
            if !into.contains(target) {
                into.push(*target);
            }
            continue;
        }
        match remembered(histories, *target) {
            Some(states) => {
                for state in states {
                    if !into.contains(state) {
                        into.push(*state);
                    }
                }
            }
            // No default leads back to its history; the check saw to that.
            None => effective_targets(model, histories, &model.node(*target).defaults, into),
        }
    }
}

fn remembered(histories: &Histories, history: Ix) -> Option<&[Ix]> {
    let found = histories.iter().find(|(own, _)| *own == history);
    found.map(|(_, states)| &**states)
}

fn targets(model: &Model, histories: &Histories, transition: &Transition) -> SmallVec<[Ix; 4]> {
    let mut into = SmallVec::new();
    let targets = transition.targets.as_deref().unwrap_or_default();
    effective_targets(model, histories, targets, &mut into);
    into
}

pub(super) fn domain(model: &Model, histories: &Histories, transition: &Transition) -> Domain {
    let source = transition.source;
    let targets = targets(model, histories, transition);
    let stays = |target: &Ix| *target == source || model.is_inside(*target, source);
    if !transition.reenter && targets.iter().all(stays) {
        return Domain::Inside(source);
    }
    let Some(first) = targets.first() else {
        return Domain::Inside(model.node(source).parent.unwrap_or_default());
    };
    let others = || targets.iter().skip(1).chain([&source]);
    let common = model
        .ancestors(*first)
        .find(|around| others().all(|other| model.is_inside(*other, *around)));
    match (common, transition.reenter) {
        (Some(common), _) => Domain::Inside(common),
        (None, true) => Domain::All,
        (None, false) => Domain::Inside(0),
    }
}

/// None: nothing is left.
pub(super) fn left(model: &Model, transition: &Transition, domain: Domain) -> Option<Range> {
    if transition.targets.as_deref().unwrap_or_default().is_empty() {
        return None;
    }
    Some(match domain {
        Domain::All => (0, model.nodes.len() as Ix),
        Domain::Inside(domain) => {
            let itself = transition.reenter && transition.source == domain;
            let from = if itself { domain } else { domain + 1 };
            (from, model.node(domain).end)
        }
    })
}

/// Of transitions that would leave the same state, the inner or the earlier.
pub(super) fn without_conflicts(
    model: &Model,
    histories: &Histories,
    active: &[Ix],
    selected: &mut SmallVec<[u32; 4]>,
) {
    if selected.len() < 2 {
        return;
    }
    let mut kept: SmallVec<[u32; 4]> = SmallVec::new();
    for first in selected.iter().copied() {
        let one = model.transition(first);
        let range = left(model, one, domain(model, histories, one));
        let mut removed: SmallVec<[u32; 4]> = SmallVec::new();
        let mut is_preempted = false;
        for second in kept.iter().copied() {
            let other = model.transition(second);
            let others = left(model, other, domain(model, histories, other));
            if !overlap(active, range, others) {
                continue;
            }
            if model.is_inside(one.source, other.source) {
                removed.push(second);
            } else {
                is_preempted = true;
                break;
            }
        }
        if !is_preempted {
            kept.retain(|transition| !removed.contains(transition));
            kept.push(first);
        }
    }
    *selected = kept;
}

fn overlap(active: &[Ix], first: Option<Range>, second: Option<Range>) -> bool {
    let (Some(first), Some(second)) = (first, second) else {
        return false;
    };
    let (from, to) = (first.0.max(second.0), first.1.min(second.1));
    active.iter().any(|ix| from <= *ix && *ix < to)
}

/// States to enter, and of those the ones whose initial actions are done.
pub(super) struct Entry<'m> {
    model: &'m Model,
    histories: &'m Histories,
    pub(super) enter: SmallVec<[Ix; 8]>,
    pub(super) default: SmallVec<[Ix; 8]>,
}

impl<'m> Entry<'m> {
    pub(super) fn new(model: &'m Model, histories: &'m Histories) -> Entry<'m> {
        Entry {
            model,
            histories,
            enter: SmallVec::new(),
            default: SmallVec::new(),
        }
    }

    /// The machine itself, from its beginning.
    pub(super) fn start(&mut self) {
        self.add_default(0);
        self.inside(0);
    }

    pub(super) fn transition(&mut self, transition: &Transition, domain: Domain) {
        for target in transition.targets.as_deref().unwrap_or_default() {
            let is_outside = transition.source != *target
                || domain != Domain::Inside(transition.source)
                || transition.reenter;
            if !self.model.is_history(*target) && is_outside {
                self.add_default(*target);
            }
            self.inside(*target);
        }
        let is_root = self.model.node(transition.source).parent.is_none();
        let below = match domain {
            Domain::Inside(_) if is_root && transition.reenter => None,
            Domain::Inside(domain) => Some(domain),
            Domain::All => None,
        };
        for target in targets(self.model, self.histories, transition) {
            let stop = match domain {
                Domain::All => None,
                Domain::Inside(domain) => Some(domain),
            };
            self.around(target, stop, below);
            if let Some(domain) = stop
                && self.model.node(domain).kind == Kind::Parallel
            {
                self.ancestor(domain, below);
            }
        }
    }

    fn add(&mut self, ix: Ix) {
        if !self.enter.contains(&ix) {
            self.enter.push(ix);
        }
    }

    fn add_default(&mut self, ix: Ix) {
        self.add(ix);
        if !self.default.contains(&ix) {
            self.default.push(ix);
        }
    }

    /// What becomes active inside a state that is entered.
    fn inside(&mut self, ix: Ix) {
        let model = self.model;
        let node = model.node(ix);
        match node.kind {
            Kind::History { .. } => self.history(ix),
            Kind::Compound => {
                let Some(initial) = node.initial else { return };
                if !model.is_history(initial) {
                    self.add_default(initial);
                }
                self.inside(initial);
                self.around(initial, Some(ix), None);
            }
            Kind::Parallel => {
                for child in &node.children {
                    if !model.is_history(*child) && !self.enters_inside(*child) {
                        self.add_default(*child);
                        self.inside(*child);
                    }
                }
            }
            Kind::Atomic | Kind::Final => {}
        }
    }

    fn enters_inside(&self, ix: Ix) -> bool {
        let mut enter = self.enter.iter();
        enter.any(|state| self.model.is_inside(*state, ix))
    }

    fn history(&mut self, ix: Ix) {
        let (model, histories) = (self.model, self.histories);
        let node = model.node(ix);
        let parent = node.parent.unwrap_or_default();
        let states = match remembered(histories, ix) {
            Some(states) => states,
            None => {
                if model.node(parent).initial == node.defaults.first().copied()
                    && model.node(parent).kind == Kind::Compound
                    && node.defaults.len() == 1
                {
                    self.defaulted(ix, parent);
                }
                &node.defaults
            }
        };
        for state in states {
            self.add(*state);
            self.inside(*state);
        }
        for state in states {
            self.around(*state, Some(parent), None);
        }
    }

    /// A history that begins where its parent begins does the parent's initial actions.
    fn defaulted(&mut self, history: Ix, parent: Ix) {
        let says_itself = self.model.node(history).says_default;
        if !says_itself && !self.default.contains(&parent) {
            self.default.push(parent);
        }
    }

    /// The states around one, up to, but not with, `stop`.
    fn around(&mut self, ix: Ix, stop: Option<Ix>, below: Option<Ix>) {
        let model = self.model;
        if stop == Some(ix) {
            return;
        }
        for ancestor in model.ancestors(ix) {
            if stop == Some(ancestor) {
                break;
            }
            self.ancestor(ancestor, below);
        }
    }

    fn ancestor(&mut self, ix: Ix, below: Option<Ix>) {
        let model = self.model;
        if below.is_none_or(|below| model.is_inside(ix, below)) {
            self.add(ix);
        }
        if model.node(ix).kind != Kind::Parallel {
            return;
        }
        for child in &model.node(ix).children {
            if !model.is_history(*child) && !self.enters_inside(*child) {
                self.add(*child);
                self.inside(*child);
            }
        }
    }
}
