//! Drivers of a step: without asking anybody, without blocking, blocking.

use std::time::Duration;

use serde_json::Value;

use crate::context::Context;
use crate::event::Event;
use crate::failure::Failure;
use crate::foreign::{Answer, Said};
use crate::interpret::{Progress, Provided, Stepping};
use crate::registry::ServiceBinding;
use crate::state::State;
use crate::step::{Effect, Step, StepError};

impl<C: Context> Provided<C> {
    /// Begins the machine. Pure: foreign guards and actions are refused.
    ///
    /// # Errors
    /// As [`Provided::step`].
    pub fn start(&self, context: C) -> Result<Step<C>, StepError> {
        alone(self.begin(context, Value::Null))
    }

    /// One event, answered by what is in Rust. Pure and synchronous.
    ///
    /// # Errors
    /// [`StepError`], with the state as it was; [`StepError::Foreign`] where somebody else's code would have to be asked.
    pub fn step(&self, state: &State<C>, event: &Event) -> Result<Step<C>, StepError> {
        alone(self.stepping(state, event))
    }

    /// Begins the machine, foreign code included.
    ///
    /// # Errors
    /// [`StepError`].
    pub async fn start_async(&self, context: C) -> Result<Step<C>, StepError> {
        without_blocking(self.begin(context, Value::Null)).await
    }

    /// One event. Dropping the future ends what runs and changes nothing.
    ///
    /// # Errors
    /// [`StepError`], with the state as it was.
    pub async fn step_async(&self, state: &State<C>, event: &Event) -> Result<Step<C>, StepError> {
        without_blocking(self.stepping(state, event)).await
    }

    /// Begins the machine, foreign code included, on the caller's thread.
    ///
    /// # Errors
    /// [`StepError`].
    pub fn start_blocking(&self, context: C) -> Result<Step<C>, StepError> {
        blocking(self.begin(context, Value::Null))
    }

    /// One event, on the caller's thread.
    ///
    /// # Errors
    /// [`StepError`], with the state as it was.
    pub fn step_blocking(&self, state: &State<C>, event: &Event) -> Result<Step<C>, StepError> {
        blocking(self.stepping(state, event))
    }
}

impl<C: Context> Provided<C> {
    /// Runs a service that foreign code is bound to, and gives the event that says how it ended: what to do with
    /// [`Effect::Start`]. None for services that the host runs, and for other effects.
    pub async fn serve(&self, context: &C, effect: &Effect, time_max: Duration) -> Option<Event> {
        let begun = self.begun(effect)?;
        let question = begun.question(context, time_max);
        let answer = begun.foreign.ask(question).await;
        Some(begun.ended(answer))
    }

    /// The same on the caller's thread.
    pub fn serve_blocking(
        &self,
        context: &C,
        effect: &Effect,
        time_max: Duration,
    ) -> Option<Event> {
        let begun = self.begun(effect)?;
        let question = begun.question(context, time_max);
        let answer = begun.foreign.ask_blocking(question);
        Some(begun.ended(answer))
    }

    fn begun<'a>(&'a self, effect: &'a Effect) -> Option<Begun<'a, C>> {
        let Effect::Start { id, service, input } = effect else {
            return None;
        };
        let names = self.machine().service_names();
        let number = names.iter().position(|name| name == service)?;
        match self.bindings().services.get(number)? {
            ServiceBinding::Host => None,
            ServiceBinding::Foreign(foreign) => Some(Begun {
                foreign: &**foreign,
                event: Event::new("xstate.start").with(serde_json::json!({ "id": id })),
                id,
                service,
                input,
            }),
        }
    }
}

/// A service that runs.
struct Begun<'a, C> {
    foreign: &'a dyn crate::Foreign<C>,
    event: Event,
    id: &'a str,
    service: &'a str,
    input: &'a Value,
}

impl<C> Begun<'_, C> {
    fn question<'q>(&'q self, context: &'q C, time_left: Duration) -> crate::Question<'q, C> {
        crate::Question {
            name: self.service,
            wanted: crate::Wanted::Result,
            params: self.input,
            context,
            event: &self.event,
            time_left,
        }
    }

    fn ended(&self, answer: Answer) -> Event {
        match answer.said {
            Said::Result(Ok(output)) => Event::done(self.id, output),
            Said::Result(Err(failure)) => {
                let error = serde_json::json!({
                    "code": failure.code, "message": failure.message
                });
                Event::error(self.id, error)
            }
            _ => Event::error(self.id, serde_json::json!({"code": "service.bad_answer"})),
        }
    }
}

fn alone<C: Context>(mut stepping: Stepping<'_, C>) -> Result<Step<C>, StepError> {
    match stepping.advance() {
        Progress::Done(step) => step,
        Progress::Ask(question) => Err(StepError::Foreign {
            name: question.name.into(),
        }),
    }
}

async fn without_blocking<C: Context>(mut stepping: Stepping<'_, C>) -> Result<Step<C>, StepError> {
    loop {
        let answer = match stepping.advance() {
            Progress::Done(step) => return step,
            Progress::Ask(question) if question.time_left.is_zero() => late(&question),
            Progress::Ask(_) => match stepping.open() {
                Some((foreign, question)) => foreign.ask(question).await,
                None => return Err(nobody()),
            },
        };
        stepping.answer(answer);
    }
}

fn blocking<C: Context>(mut stepping: Stepping<'_, C>) -> Result<Step<C>, StepError> {
    loop {
        let answer = match stepping.advance() {
            Progress::Done(step) => return step,
            Progress::Ask(question) if question.time_left.is_zero() => late(&question),
            Progress::Ask(_) => match stepping.open() {
                Some((foreign, question)) => foreign.ask_blocking(question),
                None => return Err(nobody()),
            },
        };
        stepping.answer(answer);
    }
}

/// A question always has somebody who answers it.
fn nobody() -> StepError {
    StepError::Foreign {
        name: String::new(),
    }
}

fn late<C>(question: &crate::Question<'_, C>) -> Answer {
    let failure = Failure::new(
        "step.timeout",
        "the step has used its time for foreign code",
    );
    Answer {
        said: Said::failed(question.wanted, failure),
        spent: Duration::ZERO,
    }
}
