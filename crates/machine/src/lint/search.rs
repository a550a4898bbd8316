//! Whether guards can pass and block together: a search over what their tests may say, with a budget.
//!
//! A guard is a graph of tests, and only the tests on the way are decided, so an answer is found as a reader would find it.
//! Beyond the budget there is no answer: then nothing is reported, rather than something wrong. Names are unknown, but
//! a name with the same params says the same whenever one event is answered.

use std::cell::Cell;
use std::collections::HashMap;

use serde_json::Value;

use super::values::Values;
use super::world::World;
use crate::expr::Compare;
use crate::model::{Code, Ix, Model, Next, Test, What};

/// Tests that one question may decide.
const QUESTION_TESTS_MAX: u32 = 10_000;
/// Tests that all questions together may decide.
const TESTS_MAX: u64 = 20_000_000;

/// What is left of the budget of all questions.
#[derive(Debug)]
pub(super) struct Fuel(Cell<u64>);

impl Fuel {
    pub(super) fn full() -> Fuel {
        Fuel(Cell::new(TESTS_MAX))
    }

    pub(super) fn is_spent(&self) -> bool {
        self.0.get() == 0
    }

    pub(super) fn spend(&self, tests: u64) -> bool {
        self.0.set(self.0.get().saturating_sub(tests));
        !self.is_spent()
    }
}

/// What a test asks, with what is the same under the same number.
#[derive(Clone, Copy, Debug)]
enum Atom {
    Unknown(usize),
    In(Ix),
    /// A comparison at a path, by the values it holds for.
    At(usize, u128),
}

/// A guard whose tests are numbered. Without tests, one that always passes.
#[derive(Debug)]
struct Guarded {
    tests: Vec<(Atom, Next, Next)>,
    first: Next,
}

/// Some guards that are asked about together.
#[derive(Debug)]
pub(super) struct Guards {
    guards: Vec<Guarded>,
    unknowns: usize,
    paths: Vec<u128>,
}

/// One guard, and whether it is to pass.
pub(super) type Wish = (usize, bool);

impl Guards {
    pub(super) fn of(model: &Model, transitions: &[u32]) -> Guards {
        let codes: Vec<Option<&Code>> = transitions
            .iter()
            .map(|transition| model.transition(*transition).code.as_ref())
            .collect();
        let mut numbering = Numbering::new(codes.iter().copied().flatten());
        let guards = codes.into_iter().map(|code| match code {
            Some(code) => Guarded {
                tests: code.tests.iter().map(|test| numbering.test(test)).collect(),
                first: code.first,
            },
            None => Guarded {
                tests: Vec::new(),
                first: Next::Pass,
            },
        });
        let guards = guards.collect();
        Guards {
            guards,
            unknowns: numbering.unknowns.len(),
            paths: numbering.paths.iter().map(|(_, all)| *all).collect(),
        }
    }

    /// Whether all wishes can come true at once, where these states are active. Nothing where that was not found out.
    pub(super) fn can(&self, world: &World<'_>, active: &[Ix], wishes: &[Wish]) -> Option<bool> {
        self.can_after(world, active, wishes, 0)
    }

    /// The same, with all guards before `blocked` blocking.
    pub(super) fn can_after(
        &self,
        world: &World<'_>,
        active: &[Ix],
        wishes: &[Wish],
        blocked: usize,
    ) -> Option<bool> {
        // What is known is written down anew for each question.
        let places = self.unknowns + self.paths.len();
        if !world.fuel.spend(1 + places as u64 / 16) {
            return None;
        }
        let search = Search {
            guards: self,
            world,
            wishes,
            blocked,
            known: Known {
                unknowns: vec![None; self.unknowns],
                paths: self.paths.clone(),
                states: active.iter().map(|ix| (*ix, true)).collect(),
            },
            trail: Vec::new(),
            choices: Vec::new(),
        };
        search.run()
    }
}

/// What is the same gets the same number.
struct Numbering<'m> {
    unknowns: HashMap<String, usize>,
    paths: Vec<(Option<Values>, u128)>,
    by_path: HashMap<&'m [String], usize>,
}

impl<'m> Numbering<'m> {
    fn new(codes: impl Iterator<Item = &'m Code>) -> Numbering<'m> {
        let mut by_path: HashMap<&[String], usize> = HashMap::new();
        let mut compared: Vec<Vec<(Compare, &Value)>> = Vec::new();
        for test in codes.flat_map(|code| &code.tests) {
            if let What::Compare(op, path, value) = &test.what {
                let next = compared.len();
                let place = *by_path.entry(path.as_slice()).or_insert(next);
                if place == next {
                    compared.push(Vec::new());
                }
                compared[place].push((*op, value));
            }
        }
        let paths = compared.iter().map(|tests| {
            let values = Values::of(tests);
            let all = values.as_ref().map_or(0, Values::all);
            (values, all)
        });
        Numbering {
            unknowns: HashMap::new(),
            paths: paths.collect(),
            by_path,
        }
    }

    fn test(&mut self, test: &'m Test) -> (Atom, Next, Next) {
        let atom = match &test.what {
            What::In(ix) => Atom::In(*ix),
            What::Asked { name, params } => self.unknown(format!("{name} {params}")),
            What::Compare(op, path, value) => {
                let place = self.by_path.get(path.as_slice()).copied();
                let place = place.unwrap_or_default();
                match self.paths.get(place) {
                    Some((Some(values), _)) => Atom::At(place, values.holding(*op, value)),
                    _ => self.unknown(format!("{} {place} {value}", op.name())),
                }
            }
        };
        (atom, test.pass, test.block)
    }

    fn unknown(&mut self, name: String) -> Atom {
        let next = self.unknowns.len();
        Atom::Unknown(*self.unknowns.entry(name).or_insert(next))
    }
}

struct Known {
    unknowns: Vec<Option<bool>>,
    paths: Vec<u128>,
    states: Vec<(Ix, bool)>,
}

enum Undo {
    Unknown(usize),
    Path(usize, u128),
    State,
}

/// Where the other answer of a test is still to be tried.
struct Choice {
    wish: usize,
    test: u32,
    trail: usize,
}

struct Search<'s> {
    guards: &'s Guards,
    world: &'s World<'s>,
    wishes: &'s [Wish],
    blocked: usize,
    known: Known,
    trail: Vec<Undo>,
    choices: Vec<Choice>,
}

impl Search<'_> {
    fn run(mut self) -> Option<bool> {
        let (mut wish, mut spent) = (0, 0);
        let Some(mut next) = self.first(wish) else {
            return Some(true);
        };
        loop {
            spent += 1;
            if spent > QUESTION_TESTS_MAX || !self.world.fuel.spend(1) {
                return None;
            }
            if let Next::Test(test) = next {
                next = self.decide(wish, test);
                continue;
            }
            if (next == Next::Pass) == self.wish(wish).1 {
                wish += 1;
                match self.first(wish) {
                    Some(first) => next = first,
                    None => return Some(true),
                }
                continue;
            }
            match self.back() {
                Some(there) => (wish, next) = there,
                None => return Some(false),
            }
        }
    }

    fn wish(&self, wish: usize) -> Wish {
        match self.wishes.get(wish) {
            Some(wish) => *wish,
            None => (wish - self.wishes.len(), false),
        }
    }

    fn first(&self, wish: usize) -> Option<Next> {
        if wish >= self.wishes.len() + self.blocked {
            return None;
        }
        let guard = self.guards.guards.get(self.wish(wish).0)?;
        Some(guard.first)
    }

    fn test(&self, wish: usize, test: u32) -> (Atom, Next, Next) {
        self.guards.guards[self.wish(wish).0].tests[test as usize]
    }

    /// Follows what is known; otherwise first supposes that the test passes.
    fn decide(&mut self, wish: usize, test: u32) -> Next {
        let (atom, pass, block) = self.test(wish, test);
        match (self.may(atom, true), self.may(atom, false)) {
            (true, true) => {
                let trail = self.trail.len();
                self.choices.push(Choice { wish, test, trail });
                self.suppose(atom, true);
                pass
            }
            (true, false) => pass,
            (false, _) => block,
        }
    }

    fn back(&mut self) -> Option<(usize, Next)> {
        let Choice { wish, test, trail } = self.choices.pop()?;
        for undo in self.trail.drain(trail..).rev() {
            match undo {
                Undo::Unknown(number) => self.known.unknowns[number] = None,
                Undo::Path(path, values) => self.known.paths[path] = values,
                Undo::State => {
                    self.known.states.pop();
                }
            }
        }
        let (atom, _, block) = self.test(wish, test);
        self.suppose(atom, false);
        Some((wish, block))
    }

    fn may(&self, atom: Atom, answer: bool) -> bool {
        match atom {
            Atom::Unknown(number) => self.known.unknowns[number].is_none_or(|own| own == answer),
            Atom::At(path, holding) => self.known.paths[path] & with(holding, answer) != 0,
            Atom::In(ix) => self.world.may_be(&self.known.states, ix, answer),
        }
    }

    fn suppose(&mut self, atom: Atom, answer: bool) {
        self.trail.push(match atom {
            Atom::Unknown(number) => {
                self.known.unknowns[number] = Some(answer);
                Undo::Unknown(number)
            }
            Atom::At(path, holding) => {
                let before = self.known.paths[path];
                self.known.paths[path] &= with(holding, answer);
                Undo::Path(path, before)
            }
            Atom::In(ix) => {
                self.known.states.push((ix, answer));
                Undo::State
            }
        });
    }
}

fn with(holding: u128, answer: bool) -> u128 {
    if answer { holding } else { !holding }
}
