//! Regions of a parallel state that answer the same event, where one's transition leaves the other: only one is taken.

use std::collections::BTreeMap;

use super::leave::left;
use super::overlap::same;
use super::search::Guards;
use super::world::World;
use crate::check::matches;
use crate::draft::Kind;
use crate::model::{Ix, Model, Transition};

/// Two transitions that cannot be taken together.
pub(super) struct Conflict {
    pub(super) parallel: Ix,
    pub(super) first: u32,
    pub(super) second: u32,
    /// Neither has a guard.
    pub(super) is_certain: bool,
}

/// A transition that may be one of two.
struct Answer<'m> {
    number: u32,
    transition: &'m Transition,
    region: Ix,
    left: (Ix, Ix),
}

pub(super) fn conflicts(world: &World<'_>) -> Vec<Conflict> {
    let model = world.model;
    let mut within: BTreeMap<Ix, Vec<Answer<'_>>> = BTreeMap::new();
    for (number, transition) in world.live() {
        let Some(left) = left(model, transition).filter(|(from, to)| from < to) else {
            continue;
        };
        for (parallel, region) in around(model, transition.source) {
            within.entry(parallel).or_default().push(Answer {
                number,
                transition,
                region,
                left,
            });
        }
    }
    let each = within.into_iter();
    each.flat_map(|(parallel, answers)| of(world, parallel, &answers))
        .collect()
}

/// The parallel states around a state, with the region it lies in.
pub(super) fn around(model: &Model, ix: Ix) -> impl Iterator<Item = (Ix, Ix)> {
    let inner = std::iter::once(ix).chain(model.ancestors(ix));
    let pairs = inner.zip(model.ancestors(ix));
    pairs
        .filter(|(_, parent)| model.node(*parent).kind == Kind::Parallel)
        .map(|(region, parallel)| (parallel, region))
}

/// For each transition the first one of another region that it cannot be taken with.
fn of(world: &World<'_>, parallel: Ix, answers: &[Answer<'_>]) -> Vec<Conflict> {
    let end = world.model.node(parallel).end;
    let leaves_all = |one: &Answer<'_>| one.left.0 <= parallel + 1 && end <= one.left.1;
    // Where none leaves all regions, there is nothing to find.
    if !answers.iter().any(leaves_all) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (place, second) in answers.iter().enumerate() {
        let is_leaving = leaves_all(second);
        let others = answers.iter().take(place);
        let others = others.filter(|first| is_leaving || leaves_all(first));
        found.extend({ others }.find_map(|first| between(world, parallel, first, second)));
    }
    found
}

fn between(
    world: &World<'_>,
    parallel: Ix,
    one: &Answer<'_>,
    two: &Answer<'_>,
) -> Option<Conflict> {
    let model = world.model;
    let (first, second) = (one.number, two.number);
    if !world.fuel.spend(1)
        || one.region == two.region
        || !meet(&one.transition.event, &two.transition.event)
        || same(model, first, second)
    {
        return None;
    }
    let codes = [&one.transition.code, &two.transition.code];
    let tests = codes.iter().filter_map(|code| code.as_ref());
    world
        .fuel
        .spend(tests.map(|code| code.tests.len() as u64).sum());
    let guards = Guards::of(model, &[first, second]);
    let active = [one.transition.source, two.transition.source];
    let can = guards.can(world, &active, &[(0, true), (1, true)]);
    (can == Some(true)).then(|| Conflict {
        parallel,
        first,
        second,
        is_certain: codes.iter().all(|code| code.is_none()),
    })
}

/// Whether one event can be meant by both descriptors.
fn meet(one: &str, two: &str) -> bool {
    let begin = |wild: &str, other: &str| {
        let prefix = other.strip_suffix(".*").unwrap_or(other);
        !wild.is_empty() && !other.is_empty() && (matches(prefix, wild) || other == "*")
    };
    one == two || begin(one, two) || begin(two, one)
}
