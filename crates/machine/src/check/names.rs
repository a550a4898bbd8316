//! Actions, guards and delays with their names as numbers; guards as graphs of tests.

use std::ops::Range;

use super::GUARD_DEPTH_MAX;
use super::flat::Numbered;
use crate::action::{Action, Delay};
use crate::expr::Guard;
use crate::model::{Act, Code, DelayIx, Ix, Next, Test, What};

/// Tests that one guard may have.
pub const TESTS_MAX: usize = 1_000;

#[derive(Debug, Default)]
pub(super) struct Naming {
    pub(super) guards: Numbered,
    pub(super) actions: Numbered,
    pub(super) services: Numbered,
    pub(super) delays: Numbered,
}

impl Naming {
    pub(super) fn acts(&mut self, all: &mut Vec<Act>, actions: &[Action]) -> Range<u32> {
        let from = all.len() as u32;
        for action in actions {
            let act = self.act(action);
            all.push(act);
        }
        from..all.len() as u32
    }

    fn act(&mut self, action: &Action) -> Act {
        match action {
            Action::Named { name, params } => Act::Asked {
                name: self.actions.of(name),
                params: params.clone(),
            },
            Action::Raise {
                event,
                data,
                delay,
                id,
            } => Act::Raise {
                event: event.as_str().into(),
                data: data.clone(),
                delay: delay.as_ref().map(|delay| self.delay(delay)),
                id: id.clone(),
            },
            Action::Assign(values) => Act::Assign(values.clone()),
            Action::Cancel { id } => Act::Cancel { id: id.clone() },
        }
    }

    pub(super) fn delay(&mut self, delay: &Delay) -> DelayIx {
        match delay {
            Delay::Millis(millis) => DelayIx::Millis(*millis),
            Delay::Named(name) => DelayIx::Named(self.delays.of(name)),
        }
    }

    /// `state` finds the states of `stateIn`.
    pub(super) fn code(
        &mut self,
        guard: &Guard,
        state: &mut impl FnMut(&str) -> Option<Ix>,
    ) -> Code {
        self.number(guard);
        let mut tests = Vec::new();
        let first = self.test(guard, (Next::Pass, Next::Block), &mut tests, state);
        Code { tests, first }
    }

    /// Names have their numbers in the order of the document, whatever the order of the tests.
    fn number(&mut self, guard: &Guard) {
        if let Guard::Named { name, .. } = guard {
            self.guards.of(name);
        }
        for child in guard.children() {
            self.number(child);
        }
    }

    /// Writes tests backwards, because each has to know what comes after it.
    fn test(
        &mut self,
        guard: &Guard,
        (pass, block): (Next, Next),
        tests: &mut Vec<Test>,
        state: &mut impl FnMut(&str) -> Option<Ix>,
    ) -> Next {
        let what = match guard {
            Guard::And(all) => {
                return all.iter().rev().fold(pass, |after, guard| {
                    self.test(guard, (after, block), tests, state)
                });
            }
            Guard::Or(all) => {
                return all.iter().rev().fold(block, |after, guard| {
                    self.test(guard, (pass, after), tests, state)
                });
            }
            Guard::Not(inner) => return self.test(inner, (block, pass), tests, state),
            Guard::Named { name, params } => What::Asked {
                name: self.guards.of(name),
                params: params.clone(),
            },
            // Where there is no such state, the machine is none.
            Guard::StateIn(name) => What::In(state(name).unwrap_or_default()),
            Guard::Compare { op, path, value } => What::Compare(*op, path.clone(), value.clone()),
        };
        tests.push(Test { what, pass, block });
        Next::Test(tests.len() as u32 - 1)
    }
}

/// Levels and tests of a guard; no deeper than asked.
pub(super) fn size(guard: &Guard) -> (usize, usize) {
    let (mut deepest, mut tests) = (0, 0);
    let mut open = vec![(guard, 1)];
    while let Some((guard, depth)) = open.pop() {
        deepest = deepest.max(depth);
        match guard {
            Guard::And(_) | Guard::Or(_) | Guard::Not(_) => {
                let children = guard.children().iter();
                open.extend(children.map(|child| (child, depth + 1)));
            }
            _ => tests += 1,
        }
        if deepest > GUARD_DEPTH_MAX + 1 {
            break;
        }
    }
    (deepest, tests)
}
