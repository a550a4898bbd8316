//! Transitions that are never taken: their guard never passes, or those before them leave them nothing.
//!
//! Only those of one state and one descriptor are held against each other. A wildcard's come after all exact ones, but
//! there is always an event that only the wildcard means, so that is no reason.

use super::search::{Guards, Wish};
use super::world::World;
use crate::model::{Ix, Model};

/// Why a transition is never taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dead {
    /// Its own guard.
    Guard,
    /// Whenever its guard passes, that of this one does, which comes before.
    Behind(u32),
    /// Whenever its guard passes, one of those before does.
    Covered,
}

/// The transitions of one state that are tried one after another for the same events.
pub(super) struct List<'m> {
    pub(super) source: Ix,
    pub(super) transitions: &'m [u32],
}

pub(super) fn lists(model: &Model) -> impl Iterator<Item = List<'_>> {
    model.nodes.iter().enumerate().flat_map(|(source, node)| {
        let on = node.on.iter().map(|(_, transitions)| transitions);
        let all = on.chain([&node.always]);
        all.map(move |transitions| List {
            source: source as Ix,
            transitions,
        })
    })
}

pub(super) fn dead(world: &World<'_>) -> Vec<Option<Dead>> {
    let mut dead = vec![None; world.model.transitions.len()];
    for list in lists(world.model) {
        if !world.is_reached(list.source) || is_plain(world.model, &list) {
            continue;
        }
        let guards = Guards::of(world.model, list.transitions);
        for (place, transition) in list.transitions.iter().enumerate() {
            dead[*transition as usize] = why(world, &list, &guards, place);
        }
    }
    dead
}

/// One without a guard: the common case.
fn is_plain(model: &Model, list: &List<'_>) -> bool {
    let mut transitions = list.transitions.iter();
    let first = transitions.next();
    transitions.next().is_none() && first.is_none_or(|one| model.transition(*one).code.is_none())
}

fn why(world: &World<'_>, list: &List<'_>, guards: &Guards, place: usize) -> Option<Dead> {
    let active = [list.source];
    let passes: Wish = (place, true);
    if guards.can(world, &active, &[passes]) == Some(false) {
        return Some(Dead::Guard);
    }
    if guards.can_after(world, &active, &[passes], place) != Some(false) {
        return None;
    }
    let before = list.transitions.iter().take(place).enumerate();
    let mut alone = before
        .filter(|(other, _)| guards.can(world, &active, &[passes, (*other, false)]) == Some(false));
    Some(match alone.next() {
        Some((_, transition)) => Dead::Behind(*transition),
        None => Dead::Covered,
    })
}
