//! What is known about which states are active: what can be reached, and what excludes what.

use super::search::Fuel;
use crate::draft::Kind;
use crate::model::{Ix, Model, Transition};

/// A machine, with what was found out about it so far.
pub(super) struct World<'m> {
    pub(super) model: &'m Model,
    /// States that may be active some day; histories that may be asked.
    pub(super) reached: Vec<bool>,
    /// Why a transition is never taken; nothing where it may be.
    pub(super) dead: Vec<Option<super::dead::Dead>>,
    pub(super) fuel: Fuel,
    /// Of a compound state never two children are active.
    pub(super) is_tame: bool,
}

impl<'m> World<'m> {
    /// Nothing is known yet.
    pub(super) fn new(model: &'m Model) -> World<'m> {
        World {
            model,
            reached: vec![true; model.nodes.len()],
            dead: vec![None; model.transitions.len()],
            fuel: Fuel::full(),
            is_tame: is_tame(model),
        }
    }

    pub(super) fn is_reached(&self, ix: Ix) -> bool {
        self.reached.get(ix as usize).copied().unwrap_or_default()
    }

    /// Transitions that may be taken.
    pub(super) fn live(&self) -> impl Iterator<Item = (u32, &'m Transition)> {
        let all = self.model.transitions.iter().zip(&self.dead).enumerate();
        let live = all
            .filter(|(_, (transition, dead))| dead.is_none() && self.is_reached(transition.source));
        live.map(|(number, (transition, _))| (number as u32, transition))
    }

    /// Whether a state may be active, or not, beside what is known of others.
    pub(super) fn may_be(&self, known: &[(Ix, bool)], ix: Ix, active: bool) -> bool {
        if active && (!self.is_reached(ix) || self.model.is_history(ix)) {
            return false;
        }
        known.iter().all(|(other, is_active)| match self.is_tame {
            true => self.fits((ix, active), (*other, *is_active)),
            false => ix != *other || active == *is_active,
        })
    }

    fn fits(&self, one: (Ix, bool), other: (Ix, bool)) -> bool {
        let contains = |outer: Ix, inner: Ix| outer == inner || self.model.is_inside(inner, outer);
        match (one, other) {
            ((one, true), (other, true)) => !self.exclude(one, other),
            ((one, true), (other, false)) => !contains(other, one),
            ((one, false), (other, true)) => !contains(one, other),
            ((_, false), (_, false)) => true,
        }
    }

    /// Whether the two lie in different children of a compound state.
    fn exclude(&self, one: Ix, other: Ix) -> bool {
        let around = common(self.model, one, other);
        around != one && around != other && self.model.node(around).kind == Kind::Compound
    }
}

/// The innermost state that contains both, or is one of them.
pub(super) fn common(model: &Model, one: Ix, other: Ix) -> Ix {
    let contains = |around: &Ix| *around == other || model.is_inside(other, *around);
    let mut around = std::iter::once(one).chain(model.ancestors(one));
    around.find(contains).unwrap_or_default()
}

/// Some documents make two children of a compound state active, as in XState: by targets that lie in each other, or by a
/// history that leads out of its parent. Of those nothing is concluded from what excludes what.
fn is_tame(model: &Model) -> bool {
    let contains = |outer: Ix, inner: Ix| outer == inner || model.is_inside(inner, outer);
    let is_tame_history = |history: &Ix| {
        let node = model.node(*history);
        let parent = node.parent.unwrap_or_default();
        node.defaults.len() < 2 && node.defaults.iter().all(|one| contains(parent, *one))
    };
    let are_apart = |targets: &[Ix]| {
        let mut pairs = targets.iter().enumerate();
        pairs.all(|(place, one)| {
            let mut others = targets[place + 1..].iter();
            others.all(|other| !contains(*one, *other) && !contains(*other, *one))
        })
    };
    let mut histories = (0..model.nodes.len() as Ix).filter(|ix| model.is_history(*ix));
    let mut targets = model
        .transitions
        .iter()
        .filter_map(|one| one.targets.as_deref());
    histories.all(|history| is_tame_history(&history))
        && targets.all(|targets| {
            let has_history = || targets.iter().any(|target| model.is_history(*target));
            targets.len() < 2 || (!has_history() && are_apart(targets))
        })
}
