//! Which states may be active some day: more than those that are, never fewer.
//!
//! Any event may come at any time, and a guard that may pass does. A history may bring back whatever of its parent can be
//! active.

use super::leave::{Place, domain};
use super::world::World;
use crate::draft::Kind;
use crate::model::{Ix, Model, Transition};

/// By state: whether it may be active, and for histories, whether they may be asked.
pub(super) fn reached(world: &World<'_>) -> Vec<bool> {
    let count = world.model.nodes.len();
    let mut leaving: Vec<Vec<&Transition>> = vec![Vec::new(); count];
    let transitions = world.model.transitions.iter().zip(&world.dead);
    for (transition, _) in transitions.filter(|(_, dead)| dead.is_none()) {
        leaving[transition.source as usize].push(transition);
    }
    let mut reach = Reach {
        model: world.model,
        reached: vec![false; count],
        begun: vec![false; count],
        remembers: vec![[false; 2]; count],
        open: Vec::new(),
        inside: Vec::new(),
    };
    reach.enter(0);
    reach.settle();
    while let Some(ix) = reach.open.pop() {
        for transition in &leaving[ix as usize] {
            reach.take(transition);
        }
        reach.remember(ix);
    }
    reach.reached
}

struct Reach<'m> {
    model: &'m Model,
    reached: Vec<bool>,
    /// What begins inside was entered.
    begun: Vec<bool>,
    /// A shallow, or a deep, history of this state was asked.
    remembers: Vec<[bool; 2]>,
    /// Reached, but not yet what follows from it.
    open: Vec<Ix>,
    /// To begin.
    inside: Vec<Ix>,
}

impl Reach<'_> {
    fn mark(&mut self, ix: Ix) {
        if !std::mem::replace(&mut self.reached[ix as usize], true) {
            self.open.push(ix);
        }
    }

    fn is_reached(&self, ix: Ix) -> bool {
        self.reached[ix as usize]
    }

    /// It is entered, and what begins inside of it will be.
    fn enter(&mut self, ix: Ix) {
        self.mark(ix);
        self.inside.push(ix);
    }

    fn take(&mut self, transition: &Transition) {
        let targets = transition.targets.as_deref().unwrap_or_default();
        let stop = domain(self.model, transition).unwrap_or(Place::All);
        for target in targets {
            self.enter(*target);
            self.around(*target, stop, targets);
        }
        self.settle();
    }

    /// The states around a target, up to where the transition happens; regions that have no target begin.
    fn around(&mut self, target: Ix, stop: Place, targets: &[Ix]) {
        let model = self.model;
        for around in model.ancestors(target) {
            self.mark(around);
            if model.node(around).kind == Kind::Parallel {
                self.regions(around, targets);
            }
            if stop == Place::Inside(around) {
                break;
            }
        }
    }

    fn regions(&mut self, parallel: Ix, targets: &[Ix]) {
        let model = self.model;
        // What a history enters is not known.
        let is_inside = |region: Ix| {
            let mut targets = targets.iter();
            targets.any(|target| !model.is_history(*target) && model.is_inside(*target, region))
        };
        for region in model.node(parallel).children.iter().copied() {
            if !model.is_history(region) && !self.begun[region as usize] && !is_inside(region) {
                self.enter(region);
            }
        }
    }

    /// What becomes active inside the states that are entered.
    fn settle(&mut self) {
        let model = self.model;
        while let Some(ix) = self.inside.pop() {
            if std::mem::replace(&mut self.begun[ix as usize], true) {
                continue;
            }
            let node = model.node(ix);
            match node.kind {
                Kind::Compound => node.initial.into_iter().for_each(|one| self.enter(one)),
                Kind::Parallel => self.regions(ix, &[]),
                Kind::History { .. } => self.history(ix),
                Kind::Atomic | Kind::Final => {}
            }
        }
    }

    /// A history is asked for the first time: its default, and what can be active already.
    fn history(&mut self, ix: Ix) {
        let model = self.model;
        let parent = model.node(ix).parent.unwrap_or_default();
        for default in model.node(ix).defaults.iter().copied() {
            self.enter(default);
            self.around(default, Place::All, &[]);
        }
        let deep = model.node(ix).kind == Kind::History { deep: true };
        let remembers = &mut self.remembers[parent as usize][usize::from(deep)];
        if std::mem::replace(remembers, true) {
            return;
        }
        for state in parent + 1..model.node(parent).end {
            if self.is_reached(state) {
                self.restore(parent, deep, state);
            }
        }
    }

    /// What a state that can be active means for the histories that may bring it back.
    fn remember(&mut self, ix: Ix) {
        let model = self.model;
        for around in model.ancestors(ix) {
            let [shallow, deep] = self.remembers[around as usize];
            if shallow {
                self.restore(around, false, ix);
            }
            if deep {
                self.restore(around, true, ix);
            }
        }
        self.settle();
    }

    fn restore(&mut self, parent: Ix, deep: bool, state: Ix) {
        if is_kept(self.model, parent, deep, state) {
            self.enter(state);
            self.around(state, Place::All, &[]);
        }
    }
}

/// Whether a history of the parent may remember the state.
pub(super) fn is_kept(model: &Model, parent: Ix, deep: bool, state: Ix) -> bool {
    match deep {
        true => model.is_leaf(state) && model.is_inside(state, parent),
        false => model.node(state).parent == Some(parent) && !model.is_history(state),
    }
}
