//! Transitions of one state whose guards can pass together: the first of them wins, and perhaps nobody meant that.
//!
//! A last transition without a guard is an "otherwise" and means to be behind the others.

use super::dead::{List, lists};
use super::search::Guards;
use super::world::World;
use crate::diff::plain;
use crate::model::{Model, What};

/// A transition that another is preferred to.
pub(super) struct Overlap {
    pub(super) first: u32,
    pub(super) second: u32,
    pub(super) how: How,
}

/// How sure it is that somebody has to look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// There are contexts in which both pass.
    Certain,
    /// The first passes only where the second does: an exception before a rule.
    Narrower,
    /// By what the machine says of its guards, both may pass.
    Unknown,
}

pub(super) fn overlaps(world: &World<'_>) -> Vec<Overlap> {
    let lists = lists(world.model);
    let lists = lists.filter(|list| list.transitions.len() > 1 && world.is_reached(list.source));
    lists.flat_map(|list| of(world, &list)).collect()
}

/// For each transition the first one that is preferred to it.
fn of(world: &World<'_>, list: &List<'_>) -> Vec<Overlap> {
    let guards = Guards::of(world.model, list.transitions);
    let mut found = Vec::new();
    for (place, second) in list.transitions.iter().enumerate() {
        if !is_candidate(world, *second) {
            continue;
        }
        let before = list.transitions.iter().take(place).enumerate();
        let before = before.take_while(|_| world.fuel.spend(1));
        let mut before = before.filter(|(other, first)| {
            let both = [(*other, true), (place, true)];
            is_candidate(world, **first)
                && guards.can_after(world, &[list.source], &both, *other) == Some(true)
                && !same(world.model, **first, *second)
        });
        if let Some((other, first)) = before.next() {
            found.push(Overlap {
                first: *first,
                second: *second,
                how: how(world, list, &guards, (other, place)),
            });
        }
    }
    found
}

fn how(world: &World<'_>, list: &List<'_>, guards: &Guards, pair: (usize, usize)) -> How {
    let (first, second) = pair;
    let only_first = guards.can(world, &[list.source], &[(first, true), (second, false)]);
    let compare = |place: usize| compares(world.model, list.transitions[place]);
    match only_first {
        Some(false) => How::Narrower,
        _ if compare(first) && compare(second) => How::Certain,
        _ => How::Unknown,
    }
}

fn is_candidate(world: &World<'_>, transition: u32) -> bool {
    let is_live = world.dead[transition as usize].is_none();
    is_live && world.model.transition(transition).code.is_some()
}

/// Whether a guard asks nothing but the context.
fn compares(model: &Model, transition: u32) -> bool {
    let code = model.transition(transition).code.as_ref();
    code.is_some_and(|code| {
        let mut tests = code.tests.iter();
        tests.all(|test| matches!(test.what, What::Compare(..)))
    })
}

/// Whether it makes no difference which of the two is taken.
pub(super) fn same(model: &Model, first: u32, second: u32) -> bool {
    let (first, second) = (model.transition(first), model.transition(second));
    first.targets == second.targets
        && first.reenter == second.reenter
        && plain::actions(model, &first.actions) == plain::actions(model, &second.actions)
}
