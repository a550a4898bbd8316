//! Which transitions are taken: by the event, the innermost states first, or by `always`.

use smallvec::SmallVec;

use super::{Asked, Phase, Stepping};
use crate::context::Context;
use crate::failure::{Failure, Verdict};
use crate::foreign::Said;
use crate::model::{Ix, Model, Next, What};
use crate::registry::{Args, GuardBinding};
use crate::step::{REFUSALS_MAX, Refusal, StepError};

/// Where the search is: at which active leaf, at which state around it, at which candidate, at which test of its guard.
#[derive(Debug, Default)]
pub(super) struct Cursor {
    pub(super) eventless: bool,
    /// The event's number, where a descriptor names it.
    event: Option<u32>,
    leaf: usize,
    node: Option<Ix>,
    candidates: SmallVec<[u32; 8]>,
    candidate: usize,
    test: Option<Next>,
    /// States whose `always` was tried already, with what was found.
    tried: SmallVec<[(Ix, Option<u32>); 4]>,
    broken: SmallVec<[Ix; 2]>,
}

impl<C: Context> Stepping<'_, C> {
    pub(super) fn select_by_event(&mut self) {
        self.begin_select(false);
    }

    pub(super) fn select_eventless(&mut self) {
        self.begin_select(true);
    }

    fn begin_select(&mut self, eventless: bool) {
        self.selected.clear();
        self.cursor.eventless = eventless;
        if !eventless {
            let events = &self.provided.machine.0.events;
            self.cursor.event = events.get(self.event.get().name()).copied();
        }
        self.cursor.leaf = 0;
        self.cursor.node = None;
        self.cursor.tried.clear();
        self.cursor.broken.clear();
        self.phase = Phase::Select;
    }

    pub(super) fn select(&mut self) -> Result<Option<Asked>, StepError> {
        loop {
            let Some(node) = self.cursor.node else {
                if !self.next_leaf() {
                    self.selected();
                    return Ok(None);
                }
                continue;
            };
            match self.candidates()? {
                Found::Ask(asked) => return Ok(Some(asked)),
                Found::Passed(transition) => {
                    self.note(node, Some(transition));
                    if !self.selected.contains(&transition) {
                        self.selected.push(transition);
                    }
                    self.leave_leaf();
                }
                Found::Broken => {
                    self.cursor.broken.push(node);
                    self.leave_leaf();
                }
                Found::None => {
                    self.note(node, None);
                    self.climb(node);
                }
            }
        }
    }

    fn note(&mut self, node: Ix, found: Option<u32>) {
        if self.cursor.eventless {
            self.cursor.tried.push((node, found));
        }
    }

    fn leave_leaf(&mut self) {
        self.cursor.node = None;
    }

    fn next_leaf(&mut self) -> bool {
        let model = &*self.provided.machine.0;
        while let Some(ix) = self.state.active.get(self.cursor.leaf).copied() {
            self.cursor.leaf += 1;
            if model.is_leaf(ix) {
                self.arrive(ix);
                return true;
            }
        }
        false
    }

    /// Gathers what the state has for the event.
    fn arrive(&mut self, ix: Ix) {
        let model = &*self.provided.machine.0;
        let cursor = &mut self.cursor;
        cursor.node = Some(ix);
        (cursor.candidate, cursor.test) = (0, None);
        cursor.candidates.clear();
        match cursor.eventless {
            true => cursor.candidates.extend_from_slice(&model.node(ix).always),
            false => {
                let event = (self.event.get().name(), cursor.event);
                by_event(model, ix, event, &mut cursor.candidates);
            }
        }
    }

    /// To the state around, unless something inside of it was chosen, or another region is still to be asked.
    fn climb(&mut self, from: Ix) {
        let model = &*self.provided.machine.0;
        let Some(parent) = model.node(from).parent else {
            return self.leave_leaf();
        };
        if self.cursor.eventless {
            return self.climb_eventless(parent);
        }
        let is_within = |ix: Ix| model.is_inside(ix, parent);
        let chosen = self.selected.iter();
        let is_chosen = chosen
            .map(|transition| model.transition(*transition).source)
            .any(is_within);
        let is_broken = self.cursor.broken.iter().copied().any(is_within);
        // The parent is asked once, after the last of its regions.
        let later = self.state.active.get(self.cursor.leaf..);
        let is_last = !later.is_some_and(|later| later.iter().copied().any(is_within));
        match is_last && !is_chosen && !is_broken {
            true => self.arrive(parent),
            false => self.leave_leaf(),
        }
    }

    /// As in SCXML, each leaf goes up to the top by itself; guards are asked once.
    fn climb_eventless(&mut self, parent: Ix) {
        let cursor = &mut self.cursor;
        if cursor.broken.contains(&parent) {
            return self.leave_leaf();
        }
        match cursor.tried.iter().find(|(tried, _)| *tried == parent) {
            None => self.arrive(parent),
            Some((_, Some(_))) => self.leave_leaf(),
            Some((_, None)) => self.climb(parent),
        }
    }

    fn candidates(&mut self) -> Result<Found, StepError> {
        while let Some(transition) = self.cursor.candidates.get(self.cursor.candidate).copied() {
            match self.guard(transition)? {
                Asking::Ask(asked) => return Ok(Found::Ask(asked)),
                Asking::Pass => return Ok(Found::Passed(transition)),
                Asking::Block => {
                    self.cursor.candidate += 1;
                    self.cursor.test = None;
                }
                Asking::Broken => return Ok(Found::Broken),
            }
        }
        Ok(Found::None)
    }

    /// Walks the graph of tests until it ends or something must be asked.
    fn guard(&mut self, transition: u32) -> Result<Asking, StepError> {
        let model = &*self.provided.machine.0;
        let Some(code) = &model.transition(transition).code else {
            return Ok(Asking::Pass);
        };
        loop {
            let number = match self.cursor.test.unwrap_or(code.first) {
                Next::Test(number) => number,
                Next::Pass => return Ok(Asking::Pass),
                Next::Block => return Ok(Asking::Block),
            };
            let test = &code.tests[number as usize];
            let verdict = match &test.what {
                What::In(ix) => Verdict::from(self.state.active.contains(ix)),
                What::Compare(op, path, value) => {
                    let found = self.state.context.lookup(path);
                    let found = found.map_err(StepError::Context)?;
                    Verdict::from(op.holds(found.as_deref(), value))
                }
                What::Asked { name, params } => match self.ask(*name, params) {
                    Some(verdict) => verdict,
                    None => {
                        let test = number;
                        self.cursor.test = Some(Next::Test(number));
                        return Ok(Asking::Ask(Asked::Guard { transition, test }));
                    }
                },
            };
            let next = match verdict {
                Verdict::Pass => test.pass,
                Verdict::Block { reason } => {
                    if test.block == Next::Block {
                        self.refuse(transition, number, reason, None);
                    }
                    test.block
                }
                Verdict::Error(failure) => {
                    self.refuse(transition, number, None, Some(failure));
                    return Ok(Asking::Broken);
                }
            };
            // A negation refuses by what passed.
            if next == Next::Block && next == test.pass && next != test.block {
                self.refuse(transition, number, None, None);
            }
            self.cursor.test = Some(next);
        }
    }

    /// None: it has to be asked outside.
    fn ask(&mut self, name: u32, params: &serde_json::Value) -> Option<Verdict> {
        match &self.provided.bindings.guards[name as usize] {
            GuardBinding::Native(guard) => Some(guard(&Args {
                name: &self.provided.machine.0.names.guards[name as usize],
                params,
                context: &self.state.context,
                event: self.event.get(),
            })),
            GuardBinding::Foreign(_) => Some(match self.answer.take()? {
                Said::Verdict(verdict) => verdict,
                _ => Verdict::Error(Failure::new("guard.bad_answer", "no verdict was answered")),
            }),
        }
    }

    fn refuse(
        &mut self,
        transition: u32,
        test: u32,
        reason: Option<String>,
        failure: Option<Failure>,
    ) {
        if self.refusals.len() >= REFUSALS_MAX {
            return;
        }
        self.refusals.push(refusal(
            &self.provided.machine.0,
            transition,
            test,
            reason,
            failure,
        ));
    }
}

fn refusal(
    model: &Model,
    transition: u32,
    test: u32,
    reason: Option<String>,
    failure: Option<Failure>,
) -> Refusal {
    let transition = model.transition(transition);
    let code = transition.code.as_ref();
    let test = code.and_then(|code| code.tests.get(test as usize));
    let guard = match test.map(|test| &test.what) {
        Some(What::Asked { name, .. }) => model.names.guards[*name as usize].clone(),
        Some(What::In(ix)) => format!("in #{}", model.node(*ix).id),
        Some(What::Compare(op, path, value)) => {
            format!("{} {} {value}", crate::expr::join(path), op.name())
        }
        None => String::new(),
    };
    Refusal {
        transition: transition.at.clone(),
        guard,
        reason,
        failure,
    }
}

enum Found {
    Ask(Asked),
    Passed(u32),
    Broken,
    None,
}

enum Asking {
    Ask(Asked),
    Pass,
    Block,
    Broken,
}

fn by_event(
    model: &Model,
    ix: Ix,
    (event, number): (&str, Option<u32>),
    into: &mut SmallVec<[u32; 8]>,
) {
    let node = model.node(ix);
    if node.on.is_empty() {
        return;
    }
    let known = number.and_then(|number| {
        let place = node.known.binary_search_by_key(&number, |(own, _)| *own);
        Some(&node.known[place.ok()?].1)
    });
    match known {
        Some(candidates) => into.extend_from_slice(candidates),
        None => {
            let wild = node.wild.iter();
            let fitting = wild.filter(|(wild, _)| crate::check::matches(event, wild));
            into.extend(fitting.flat_map(|(_, transitions)| transitions.iter().copied()));
        }
    }
}
