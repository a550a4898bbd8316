//! Where a transition happens, as the interpreter has it, for those whose targets are known before the machine runs.

use super::world::common;
use crate::model::{Ix, Model, Transition};

/// Where a transition happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The machine itself is left and entered.
    All,
    /// Only what is inside this state.
    Inside(Ix),
}

/// Nothing where a history decides.
pub(super) fn domain(model: &Model, transition: &Transition) -> Option<Place> {
    let source = transition.source;
    let targets = transition.targets.as_deref().unwrap_or_default();
    if targets.iter().any(|target| model.is_history(*target)) {
        return None;
    }
    let stays = |target: &Ix| *target == source || model.is_inside(*target, source);
    if !transition.reenter && targets.iter().all(stays) {
        return Some(Place::Inside(source));
    }
    let Some(first) = targets.first() else {
        return Some(Place::Inside(model.node(source).parent.unwrap_or_default()));
    };
    let others = || targets.iter().skip(1).chain([&source]);
    let around = model
        .ancestors(*first)
        .find(|around| others().all(|other| model.is_inside(*other, *around)));
    Some(match (around, transition.reenter) {
        (Some(around), _) => Place::Inside(around),
        (None, true) => Place::All,
        (None, false) => Place::Inside(0),
    })
}

/// States that are left, if they are active: from the first up to, but not with, the second. Nothing where a history
/// decides.
pub(super) fn left(model: &Model, transition: &Transition) -> Option<(Ix, Ix)> {
    let targets = transition.targets.as_deref().unwrap_or_default();
    if targets.is_empty() {
        return Some((0, 0));
    }
    Some(match domain(model, transition)? {
        Place::All => (0, model.nodes.len() as Ix),
        Place::Inside(domain) => {
            let itself = transition.reenter && transition.source == domain;
            let from = if itself { domain } else { domain + 1 };
            (from, model.node(domain).end)
        }
    })
}

/// No state outside of this one is left, whatever histories say.
pub(super) fn at_most(model: &Model, transition: &Transition) -> Ix {
    let mut widest = transition.source;
    let mut open = transition.targets.clone().unwrap_or_default();
    let mut seen = Vec::new();
    while let Some(target) = open.pop() {
        // A target's own state is left as well.
        let parent = model.node(target).parent.unwrap_or_default();
        if transition.reenter || !model.is_inside(target, transition.source) {
            widest = common(model, widest, parent);
        }
        if model.is_history(target) && !seen.contains(&target) {
            seen.push(target);
            open.extend(&model.node(target).defaults);
        }
    }
    if transition.reenter {
        widest = common(
            model,
            widest,
            model.node(transition.source).parent.unwrap_or_default(),
        );
    }
    widest
}
