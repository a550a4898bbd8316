//! Drivers of a step: without asking anybody, without blocking, blocking.

use serde_json::Value;

use crate::context::Context;
use crate::event::Event;
use crate::failure::Failure;
use crate::foreign::{Answer, Said};
use crate::interpret::{Progress, Provided, Stepping};
use crate::state::State;
use crate::step::{Step, StepError};

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

fn alone<C: Context>(mut stepping: Stepping<'_, C>) -> Result<Step<C>, StepError> {
    match stepping.advance() {
        Progress::Done(step) => step,
        Progress::Ask(question) => Err(StepError::Foreign {
            name: question.name.into(),
        }),
    }
}

async fn without_blocking<C: Context>(
    mut stepping: Stepping<'_, C>,
) -> Result<Step<C>, StepError> {
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
    let failure = Failure::new("step.timeout", "the step has used its time for foreign code");
    Answer {
        said: Said::failed(question.wanted, failure),
        spent: std::time::Duration::ZERO,
    }
}
