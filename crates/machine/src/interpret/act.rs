//! What happens once transitions are chosen: states are left, actions done, states entered, in an order that is worked out
//! before the first of them happens.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use smallvec::SmallVec;

use super::sets::{Domain, Entry, domain, without_conflicts};
use super::{Asked, Current, Phase, Stepping};
use crate::context::Context;
use crate::draft::Kind;
use crate::event::Event;
use crate::failure::Failure;
use crate::foreign::{Said, Wanted};
use crate::model::{Act, DelayIx, Ix};
use crate::registry::{ActionBinding, Args};
use crate::state::Status;
use crate::step::{Effect, Microstep, StepError};

/// One thing to do.
#[derive(Clone, Copy, Debug)]
pub(super) enum Work {
    Leave(Ix),
    Act(u32),
    Arrive(Ix),
    Schedule(u32),
    Unschedule(u32),
    Invoke(u32),
    Stop(u32),
    Final(Ix),
}

impl<C: Context> Stepping<'_, C> {
    /// Transitions are chosen, or there are none.
    pub(super) fn selected(&mut self) {
        if self.selected.is_empty() {
            return self.nothing_selected();
        }
        let model = &*self.provided.machine.0;
        let (active, histories) = (&self.state.active, &self.state.histories);
        without_conflicts(model, histories, active, &mut self.selected);
        self.begin_microstep();
        // Before histories remember what is left now: a transition to the history of a state around it must enter all
        // that it leaves.
        let domains: SmallVec<[Domain; 4]> = self
            .selected
            .iter()
            .map(|transition| domain(model, &self.state.histories, model.transition(*transition)))
            .collect();
        self.plan_exits(&domains);
        for transition in &self.selected {
            let actions = model.transition(*transition).actions.clone();
            self.work.extend(actions.map(Work::Act));
        }
        let mut entry = Entry::new(model, &self.state.histories);
        for (transition, domain) in self.selected.iter().zip(&domains) {
            entry.transition(model.transition(*transition), *domain);
        }
        let (enter, default) = (entry.enter, entry.default);
        self.plan_entries(enter, &default);
    }

    fn nothing_selected(&mut self) {
        if self.cursor.eventless {
            return self.next_event();
        }
        let is_first = self.trace.is_empty() && self.microsteps == 0;
        let event = self.event.get();
        if is_first && event.name().starts_with("xstate.error.actor.") {
            let error = event.data().get("error").cloned().unwrap_or_default();
            self.state.status = Status::Failed { error };
            self.begin_microstep();
            self.plan_stops();
            self.phase = Phase::Act;
            return;
        }
        self.microstep_then(true);
    }

    pub(super) fn begin_microstep(&mut self) {
        self.work.clear();
        self.done = 0;
        self.changed = false;
        self.before.clone_from(&self.state.active);
        self.completed.clear();
        let event = self.event.get().shared_name();
        self.trace.push(Microstep {
            event,
            transitions: self.selected.clone(),
            exited: SmallVec::new(),
            entered: SmallVec::new(),
        });
        self.phase = Phase::Act;
    }

    /// Does what is planned, up to a question.
    pub(super) fn act(&mut self) -> Result<Option<Asked>, StepError> {
        while let Some(work) = self.work.get(self.done).copied() {
            if let Work::Act(act) = work
                && let Some(asked) = self.do_act(act)?
            {
                return Ok(Some(asked));
            }
            self.done += 1;
            self.do_work(work)?;
            let max = self.provided.limits.effects_max;
            if self.effects.len().max(self.queue.len()) > max as usize {
                return Err(StepError::TooManyEffects { max });
            }
        }
        self.end_microstep();
        Ok(None)
    }

    fn do_work(&mut self, work: Work) -> Result<(), StepError> {
        let model = &*self.provided.machine.0;
        match work {
            Work::Act(_) => {}
            Work::Leave(ix) => {
                self.state.active.retain(|active| *active != ix);
                if let Some(micro) = self.trace.last_mut() {
                    micro.exited.push(ix);
                }
            }
            Work::Arrive(ix) => self.arrive_at(ix),
            Work::Schedule(after) => {
                let after = &model.afters[after as usize];
                let delay = self.delay(after.delay)?;
                self.effects.push(Effect::Schedule {
                    id: Some(after.event.to_string()),
                    event: Event::new(after.event.clone()),
                    delay,
                });
            }
            Work::Unschedule(after) => {
                let id = model.afters[after as usize].event.to_string();
                self.effects.push(Effect::Cancel { id });
            }
            Work::Invoke(invoke) => {
                let invoke = &model.invokes[invoke as usize];
                let context = self.state.context.json().map_err(StepError::Context)?;
                let input = invoke.input.fill(&context, self.event.get());
                drop(context);
                self.changed = true;
                self.effects.push(Effect::Start {
                    id: invoke.id.to_string(),
                    service: model.names.services[invoke.src as usize].clone(),
                    input,
                });
            }
            Work::Stop(invoke) => {
                let id = model.invokes[invoke as usize].id.to_string();
                self.changed = true;
                self.effects.push(Effect::Stop { id });
            }
            Work::Final(ix) => self.reach_final(ix)?,
        }
        Ok(())
    }

    fn arrive_at(&mut self, ix: Ix) {
        let active = &mut self.state.active;
        if let Err(place) = active.binary_search(&ix) {
            active.insert(place, ix);
        }
        if let Some(micro) = self.trace.last_mut() {
            micro.entered.push(ix);
        }
    }

    fn delay(&self, delay: DelayIx) -> Result<Duration, StepError> {
        let number = match delay {
            DelayIx::Millis(millis) => return Ok(Duration::from_millis(millis)),
            DelayIx::Named(number) => number as usize,
        };
        let name = &self.provided.machine.0.names.delays[number];
        let args = Args {
            name,
            params: &Value::Null,
            context: &*self.state.context,
            event: self.event.get(),
        };
        (self.provided.bindings.delays[number])(&args).map_err(|failure| StepError::Delay {
            name: name.clone(),
            failure,
        })
    }

    /// Some: it has to be asked outside.
    fn do_act(&mut self, act: u32) -> Result<Option<Asked>, StepError> {
        let model = &*self.provided.machine.0;
        match &model.actions[act as usize] {
            Act::Asked { name, params } => return self.ask_action(act, *name, params),
            Act::Raise {
                event,
                data,
                delay,
                id,
            } => {
                let context = self.state.context.json().map_err(StepError::Context)?;
                let data = data.fill(&context, self.event.get());
                drop(context);
                let raised = Event::new(event.clone()).with(data);
                match delay {
                    None => self.queue.push_back(raised),
                    Some(delay) => {
                        let delay = self.delay(*delay)?;
                        self.effects.push(Effect::Schedule {
                            id: id.clone(),
                            event: raised,
                            delay,
                        });
                    }
                }
            }
            Act::Assign(values) => self.assign(values)?,
            Act::Cancel { id } => self.effects.push(Effect::Cancel { id: id.clone() }),
        }
        Ok(None)
    }

    fn assign(&mut self, values: &[(String, crate::Template)]) -> Result<(), StepError> {
        let context = self.state.context.json().map_err(StepError::Context)?;
        let mut new = match &*context {
            Value::Object(members) => members.clone(),
            _ => serde_json::Map::new(),
        };
        for (key, value) in values {
            new.insert(key.clone(), value.fill(&context, self.event.get()));
        }
        drop(context);
        let context = C::from_json(Value::Object(new)).map_err(StepError::Context)?;
        self.set_context(context);
        Ok(())
    }

    fn set_context(&mut self, context: C) {
        self.state.context = Arc::new(context);
        self.changed = true;
    }

    fn ask_action(
        &mut self,
        act: u32,
        number: u32,
        params: &Value,
    ) -> Result<Option<Asked>, StepError> {
        let name = &self.provided.machine.0.names.actions[number as usize];
        let failed = |failure| StepError::Action {
            name: name.clone(),
            failure,
        };
        match &self.provided.bindings.actions[number as usize] {
            ActionBinding::Effect => self.effects.push(Effect::Action {
                name: name.clone(),
                params: params.clone(),
            }),
            ActionBinding::Native(action) => {
                let args = Args {
                    name,
                    params,
                    context: &*self.state.context,
                    event: self.event.get(),
                };
                let effects = action(&args).map_err(failed)?;
                self.emit(name.clone(), effects);
            }
            ActionBinding::Assign(assign) => {
                let context = Arc::make_mut(&mut self.state.context);
                assign(context, self.event.get(), params).map_err(failed)?;
                self.changed = true;
            }
            ActionBinding::ForeignAction(_) => match self.answer.take() {
                None => return Ok(asked(act, Wanted::Effects)),
                Some(Said::Effects(effects)) => {
                    let effects = effects.map_err(failed)?;
                    self.emit(name.clone(), effects);
                }
                Some(_) => return Err(failed(no_answer())),
            },
            ActionBinding::ForeignAssign(_) => match self.answer.take() {
                None => return Ok(asked(act, Wanted::Context)),
                Some(Said::Context(context)) => {
                    let context = context.map_err(failed)?;
                    let context = C::from_json(context).map_err(failed)?;
                    self.set_context(context);
                }
                Some(_) => return Err(failed(no_answer())),
            },
        }
        Ok(None)
    }

    fn emit(&mut self, by: String, effects: Vec<Value>) {
        let asked = |effect| Effect::Asked {
            by: by.clone(),
            effect,
        };
        self.effects.extend(effects.into_iter().map(asked));
    }

    /// Says to the states around that this one has ended.
    fn reach_final(&mut self, ix: Ix) -> Result<(), StepError> {
        let model = &*self.provided.machine.0;
        let node = model.node(ix);
        let parent = node.parent;
        let is_parallel = |ix: Option<Ix>| {
            let kind = ix.map(|ix| model.node(ix).kind);
            kind == Some(Kind::Parallel)
        };
        let mut around = match is_parallel(parent) {
            true => parent,
            false => parent.and_then(|parent| model.node(parent).parent),
        };
        if let Some(parent) = parent
            && model.node(parent).kind == Kind::Compound
        {
            let output = self.output(ix)?;
            let done = Event::new(model.node(parent).done_event.clone());
            let data = output.map(|output| serde_json::json!({ "output": output }));
            self.queue.push_back(done.with(data.unwrap_or_default()));
        }
        while let Some(ended) = around
            && is_parallel(around)
            && !self.completed.contains(&ended)
            && self.has_ended(ended)
        {
            self.completed.push(ended);
            let done = Event::new(model.node(ended).done_event.clone());
            self.queue.push_back(done);
            around = model.node(ended).parent;
        }
        if around.is_none() {
            let output = self.output(0)?.unwrap_or_default();
            self.state.status = Status::Done { output };
        }
        Ok(())
    }

    fn output(&self, ix: Ix) -> Result<Option<Value>, StepError> {
        let Some(output) = &self.provided.machine.0.node(ix).output else {
            return Ok(None);
        };
        let context = self.state.context.json().map_err(StepError::Context)?;
        Ok(Some(output.fill(&context, self.event.get())))
    }

    fn has_ended(&self, ix: Ix) -> bool {
        let model = &*self.provided.machine.0;
        let node = model.node(ix);
        let is_active = |ix: Ix| self.state.active.contains(&ix);
        let mut children = node.children.iter().copied();
        match node.kind {
            Kind::Compound => {
                children.any(|child| model.node(child).kind == Kind::Final && is_active(child))
            }
            // A history is no region.
            Kind::Parallel => children
                .filter(|child| !model.is_history(*child))
                .all(|child| self.has_ended(child)),
            Kind::Final => true,
            Kind::Atomic | Kind::History { .. } => false,
        }
    }

    fn end_microstep(&mut self) {
        match (&self.state.status, self.closing) {
            (Status::Active, _) => {
                // States that were left and entered again are no change.
                let moved = self.changed || self.before != self.state.active;
                let again = !self.cursor.eventless || moved;
                self.microstep_then(again);
            }
            (Status::Done { .. }, false) => {
                self.closing = true;
                self.plan_close();
            }
            _ => self.phase = Phase::Rest,
        }
    }

    /// Transitions without an event, or the next event of the machine's own.
    fn microstep_then(&mut self, eventless: bool) {
        self.microsteps += 1;
        let max = self.provided.limits.microsteps_max;
        if self.microsteps > max {
            self.phase = Phase::Failed(StepError::TooManyMicrosteps { max });
        } else if eventless {
            self.select_eventless();
        } else {
            self.next_event();
        }
    }

    fn next_event(&mut self) {
        match self.queue.pop_front() {
            None => self.phase = Phase::Rest,
            Some(event) => {
                self.event = Current::Own(event);
                self.select_by_event();
            }
        }
    }
}

fn asked(act: u32, wanted: Wanted) -> Option<Asked> {
    Some(Asked::Action { act, wanted })
}

fn no_answer() -> Failure {
    Failure::new("action.bad_answer", "an answer of another kind was given")
}
