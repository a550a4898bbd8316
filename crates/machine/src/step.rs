//! What a step gives: a new state, effects, what happened on the way, and how it ended.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use smallvec::SmallVec;

use crate::event::Event;
use crate::failure::Failure;
use crate::model::{Ix, Machine};
use crate::state::State;

/// What a step may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepLimits {
    /// Microsteps: transitions without an event, and raised events.
    pub microsteps_max: u32,
    /// Effects, and events waiting to be raised.
    pub effects_max: u32,
    /// Time of all foreign guards and actions together.
    pub foreign_time_max: Duration,
}

impl Default for StepLimits {
    fn default() -> StepLimits {
        StepLimits {
            microsteps_max: 1_000,
            effects_max: 10_000,
            foreign_time_max: Duration::from_millis(50),
        }
    }
}

/// A step that was made.
#[derive(Clone, Debug)]
pub struct Step<C> {
    /// Where the machine is now.
    pub state: State<C>,
    /// What the host is to do, in this order.
    pub effects: Vec<Effect>,
    /// What happened, microstep by microstep.
    pub trace: Vec<Microstep>,
    /// How it ended.
    pub outcome: Outcome,
}

/// Something that the host carries out.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// An action bound as an effect.
    Action {
        /// Its name.
        name: String,
        /// What the document adds; null where it adds nothing.
        params: Value,
    },
    /// What an action's code asked for.
    Asked {
        /// The action's name.
        by: String,
        /// As the code gave it.
        effect: Value,
    },
    /// Give the event to the machine after the delay, unless it is cancelled.
    Schedule {
        /// By which it is cancelled, where it has one; a second one of the same id takes the place of the first.
        id: Option<String>,
        /// What to give.
        event: Event,
        /// After how long.
        delay: Duration,
    },
    /// Forget the delayed event.
    Cancel {
        /// Its id.
        id: String,
    },
    /// Start a service; say how it ended with [`Event::done`] or [`Event::error`].
    Start {
        /// Of this run.
        id: String,
        /// Its name.
        service: String,
        /// What it is given.
        input: Value,
    },
    /// Stop a service; what it says later is nobody's.
    Stop {
        /// Of this run.
        id: String,
    },
}

impl Event {
    /// That a service ended, and with what.
    #[must_use]
    pub fn done(id: &str, output: Value) -> Event {
        Event::new(format!("xstate.done.actor.{id}")).with(serde_json::json!({
            "output": output, "actorId": id
        }))
    }

    /// That a service failed, and why.
    #[must_use]
    pub fn error(id: &str, error: Value) -> Event {
        Event::new(format!("xstate.error.actor.{id}")).with(serde_json::json!({
            "error": error, "actorId": id
        }))
    }
}

/// One microstep.
#[derive(Clone, Debug)]
pub struct Microstep {
    pub(crate) event: Arc<str>,
    pub(crate) transitions: SmallVec<[u32; 4]>,
    pub(crate) exited: SmallVec<[Ix; 4]>,
    pub(crate) entered: SmallVec<[Ix; 4]>,
}

impl Microstep {
    /// The event that was answered, by transitions of its own or by `always`.
    #[must_use]
    pub fn event(&self) -> &str {
        &self.event
    }

    /// Where in the document the transitions lie that were taken.
    pub fn transitions<'m>(&self, machine: &'m Machine) -> impl Iterator<Item = &'m str> {
        let places = self.transitions.iter();
        places.filter_map(|ix| Some(machine.0.transitions.get(*ix as usize)?.at.as_str()))
    }

    /// The ids of the states that were left, in this order.
    pub fn exited<'m>(&self, machine: &'m Machine) -> impl Iterator<Item = &'m str> {
        self.exited.iter().filter_map(|ix| id(machine, *ix))
    }

    /// The ids of the states that were entered, in this order.
    pub fn entered<'m>(&self, machine: &'m Machine) -> impl Iterator<Item = &'m str> {
        self.entered.iter().filter_map(|ix| id(machine, *ix))
    }
}

fn id(machine: &Machine, ix: Ix) -> Option<&str> {
    Some(&*machine.0.nodes.get(ix as usize)?.id)
}

/// How a step ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// In a word.
    pub ending: Ending,
    /// Guards that did not pass, in the order they were asked; at most [`REFUSALS_MAX`].
    pub refusals: Vec<Refusal>,
}

/// Refusals that an outcome keeps.
pub const REFUSALS_MAX: usize = 100;

/// How a step ended, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// A transition was taken.
    Taken,
    /// Nothing waits for this event, or the machine has ended.
    Ignored,
    /// Guards said no.
    Blocked,
    /// A guard gave no answer, and nothing was taken.
    Broken,
}

/// A guard that did not pass.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// Where in the document the transition lies.
    pub transition: String,
    /// The guard, or that of a composition which decided.
    pub guard: String,
    /// A clean no, and perhaps why.
    pub reason: Option<String>,
    /// Why there was no answer. Absent for a clean no.
    pub failure: Option<Failure>,
}

/// Why no step was made: state and context are what they were, and nothing is to be done.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StepError {
    /// The state is of another machine.
    #[error("the state belongs to another machine")]
    OtherMachine,
    /// A guard or action has no answer of its own, and this driver asks nobody.
    #[error("`{name}` is answered outside of the machine; use `step_async` or `step_blocking`")]
    Foreign {
        /// The binding.
        name: String,
    },
    /// An action failed.
    #[error("action `{name}` failed")]
    Action {
        /// The binding.
        name: String,
        /// Why.
        #[source]
        failure: Failure,
    },
    /// A delay could not be worked out.
    #[error("delay `{name}` failed")]
    Delay {
        /// The binding.
        name: String,
        /// Why.
        #[source]
        failure: Failure,
    },
    /// The context cannot be read or changed as the document says.
    #[error("the context cannot be used")]
    Context(#[source] Failure),
    /// The machine does not come to rest.
    #[error("passes its limit of microsteps: allowed {max}")]
    TooManyMicrosteps {
        /// How many were allowed.
        max: u32,
    },
    /// More effects or raised events than allowed.
    #[error("passes its limit of effects: allowed {max}")]
    TooManyEffects {
        /// How many were allowed.
        max: u32,
    },
}
