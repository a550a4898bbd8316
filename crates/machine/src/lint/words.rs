//! Findings in words, with their places.

use super::dead::Dead;
use super::overlap::{How, overlaps};
use super::regions::conflicts;
use super::world::World;
use super::{Finding, Rule, Severity, ends};
use crate::model::Ix;
use crate::problem::Quoted;

/// Where in the document: the state, then its transitions.
type Order = (Ix, Option<u32>, Rule);

pub(super) struct Words<'w> {
    world: &'w World<'w>,
    found: Vec<(Order, Finding)>,
}

impl<'w> Words<'w> {
    pub(super) fn new(world: &'w World<'w>) -> Words<'w> {
        let found = Vec::new();
        Words { world, found }
    }

    pub(super) fn in_order(mut self) -> Vec<Finding> {
        self.found.sort_by_key(|(order, _)| *order);
        self.found.into_iter().map(|(_, finding)| finding).collect()
    }

    fn state(&mut self, ix: Ix, rule: Rule, severity: Severity, message: String) {
        let finding = Finding {
            rule,
            severity,
            pointer: self.world.model.node(ix).at.clone(),
            message,
        };
        self.found.push(((ix, None, rule), finding));
    }

    fn transition(&mut self, number: u32, rule: Rule, severity: Severity, message: String) {
        let transition = self.world.model.transition(number);
        let finding = Finding {
            rule,
            severity,
            pointer: transition.at.clone(),
            message,
        };
        let order = (transition.source, Some(number), rule);
        self.found.push((order, finding));
    }

    fn id(&self, ix: Ix) -> String {
        format!("`{}`", Quoted(&self.world.model.node(ix).id))
    }

    fn at(&self, transition: u32) -> String {
        format!("`{}`", Quoted(&self.world.model.transition(transition).at))
    }

    /// The outermost only.
    pub(super) fn unreachable(&mut self) {
        let (world, rule) = (self.world, Rule::UnreachableState);
        for (ix, node) in world.model.nodes.iter().enumerate() {
            let ix = ix as Ix;
            let is_outermost = node.parent.is_none_or(|parent| world.is_reached(parent));
            if world.is_reached(ix) || !is_outermost {
                continue;
            }
            let id = self.id(ix);
            if world.model.is_history(ix) {
                let message = format!("nothing asks the history {id}");
                self.state(ix, rule, Severity::Note, message);
                continue;
            }
            let inside = match node.end - ix - 1 {
                0 => String::new(),
                1 => ", nor can the state inside".into(),
                count => format!(", nor can the {count} states inside"),
            };
            let message = format!("state {id} can never be active{inside}");
            self.state(ix, rule, Severity::Warning, message);
        }
    }

    pub(super) fn dead(&mut self) {
        for (number, dead) in self.world.dead.iter().enumerate() {
            let message = match dead {
                None => continue,
                Some(Dead::Guard) => "its guard can never pass".into(),
                Some(Dead::Behind(first)) => {
                    let first = self.at(*first);
                    format!(
                        "never taken: {first}, which is tried before it, passes whenever it would"
                    )
                }
                Some(Dead::Covered) => {
                    "never taken: of those tried before it, one passes whenever it would".into()
                }
            };
            let (number, rule) = (number as u32, Rule::DeadTransition);
            if self
                .world
                .is_reached(self.world.model.transition(number).source)
            {
                self.transition(number, rule, Severity::Warning, message);
            }
        }
    }

    pub(super) fn overlaps(&mut self) {
        for overlap in overlaps(self.world) {
            let first = self.at(overlap.first);
            let (severity, message) = match overlap.how {
                How::Certain => (
                    Severity::Warning,
                    format!(
                        "can pass together with {first}, which is taken because it comes first"
                    ),
                ),
                How::Narrower => (
                    Severity::Note,
                    format!("passes whenever {first} does, which is taken because it comes first"),
                ),
                How::Unknown => (
                    Severity::Note,
                    format!(
                        "may pass together with {first}, which is then taken because it comes first"
                    ),
                ),
            };
            self.transition(overlap.second, Rule::Nondeterminism, severity, message);
        }
    }

    pub(super) fn conflicts(&mut self) {
        for conflict in conflicts(self.world) {
            let (first, parallel) = (self.at(conflict.first), self.id(conflict.parallel));
            let (severity, can) = match conflict.is_certain {
                true => (Severity::Warning, "can"),
                false => (Severity::Note, "may"),
            };
            let message = format!(
                "{can} answer the same event as {first} in another region of {parallel}; \
                 one leaves the other's region, so only one is taken"
            );
            self.transition(conflict.second, Rule::Nondeterminism, severity, message);
        }
    }

    pub(super) fn ends(&mut self) {
        let dead_ends = ends::dead_ends(self.world);
        for ix in &dead_ends {
            let message = format!(
                "nothing leads out of state {}, and it is not final",
                self.id(*ix)
            );
            self.state(*ix, Rule::DeadEnd, Severity::Warning, message);
        }
        for ix in ends::endless(self.world) {
            if dead_ends.binary_search(&ix).is_err() {
                let message = format!(
                    "from state {} no final state of the machine can be reached",
                    self.id(ix)
                );
                self.state(ix, Rule::NoWayToFinal, Severity::Warning, message);
            }
        }
    }

    pub(super) fn unsearched(&mut self) {
        let message = "the guards are too many to be searched through; findings may be missing";
        self.state(0, Rule::Unsearched, Severity::Note, message.into());
    }
}
