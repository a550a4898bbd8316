//! Somebody else's code: what it is asked, and what it answers. How it runs is not this crate's business.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use serde_json::Value;

use crate::event::Event;
use crate::failure::{Failure, Verdict};

/// One question to somebody else's code.
#[derive(Debug)]
pub struct Question<'a, C> {
    /// The name it is bound to.
    pub name: &'a str,
    /// What is wanted.
    pub wanted: Wanted,
    /// What the document adds; null where it adds nothing.
    pub params: &'a Value,
    /// The machine's data.
    pub context: &'a C,
    /// What happened.
    pub event: &'a Event,
    /// What is left of the time that all foreign code of a step has together.
    pub time_left: Duration,
}

impl<C> Clone for Question<'_, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Question<'_, C> {}

/// What is wanted of foreign code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A guard's verdict.
    Verdict,
    /// An action's effects.
    Effects,
    /// A new context.
    Context,
    /// A service's result.
    Result,
}

/// What was answered, and how long it took.
#[derive(Debug)]
pub struct Answer {
    /// What was said.
    pub said: Said,
    /// Counts against the time of the whole step.
    pub spent: Duration,
}

/// What foreign code says.
#[derive(Debug)]
pub enum Said {
    /// Of a guard.
    Verdict(Verdict),
    /// Of an action.
    Effects(Result<Vec<Value>, Failure>),
    /// Of an assign.
    Context(Result<Value, Failure>),
    /// Of a service.
    Result(Result<Value, Failure>),
}

impl Said {
    /// The answer to a question that none was got for.
    #[must_use]
    pub fn failed(wanted: Wanted, failure: Failure) -> Said {
        match wanted {
            Wanted::Verdict => Said::Verdict(Verdict::Error(failure)),
            Wanted::Effects => Said::Effects(Err(failure)),
            Wanted::Context => Said::Context(Err(failure)),
            Wanted::Result => Said::Result(Err(failure)),
        }
    }
}

/// The future of an answer.
pub type Asking<'a> = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

/// Code that answers questions outside of the machine. It must keep within `time_left` by itself.
pub trait Foreign<C>: Send + Sync {
    /// Answers without blocking the caller's thread. Dropping the future ends the work.
    fn ask<'a>(&'a self, question: Question<'a, C>) -> Asking<'a>;

    /// Answers on the caller's thread.
    fn ask_blocking(&self, question: Question<'_, C>) -> Answer;
}
