//! Transitions and invocations of the builder, and what may stand for guards, actions and delays in its calls.

use std::time::Duration;

use serde_json::Value;

use crate::action::{Action, Delay};
use crate::expr::Guard;

/// Where something leads, under which condition, and what is done on the way. A text is one that only leads somewhere.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Transition {
    pub(crate) targets: Option<Vec<String>>,
    pub(crate) guard: Option<Guard>,
    pub(crate) actions: Vec<Action>,
    pub(crate) reenter: bool,
    pub(crate) meta: Value,
    pub(crate) description: Option<String>,
}

impl Transition {
    /// To a sibling, a state inside (`.inside`), or any other (`#id`), with dots between keys.
    pub fn to(target: impl Into<String>) -> Transition {
        Transition::to_all([target])
    }

    /// To several states that are active together.
    pub fn to_all<T: Into<String>>(targets: impl IntoIterator<Item = T>) -> Transition {
        Transition {
            targets: Some(targets.into_iter().map(Into::into).collect()),
            ..Transition::default()
        }
    }

    /// Nowhere: only does something, or keeps the event from the states around.
    pub fn stay() -> Transition {
        Transition::default()
    }

    /// Its condition, in place of the one it had.
    pub fn guard(mut self, guard: impl Into<Guard>) -> Transition {
        self.guard = Some(guard.into());
        self
    }

    /// Something to do on the way, after what was given before.
    pub fn action(mut self, action: impl Into<Action>) -> Transition {
        self.actions.push(action.into());
        self
    }

    /// Leaves and enters its own state even if it leads to that or into it.
    pub fn reenter(mut self) -> Transition {
        self.reenter = true;
        self
    }

    /// Anything, for whoever reads it.
    pub fn meta(mut self, meta: impl Into<Value>) -> Transition {
        self.meta = meta.into();
        self
    }

    /// For people.
    pub fn description(mut self, description: impl Into<String>) -> Transition {
        self.description = Some(description.into());
        self
    }
}

impl<T: Into<String>> From<T> for Transition {
    fn from(target: T) -> Transition {
        Transition::to(target)
    }
}

/// A service that runs while a state is active. A text is one without anything else.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Invoke {
    pub(crate) src: String,
    pub(crate) id: Option<String>,
    pub(crate) input: Value,
    pub(crate) on_done: Vec<Transition>,
    pub(crate) on_error: Vec<Transition>,
}

impl Invoke {
    /// The service that a registry binds to this name.
    pub fn new(src: impl Into<String>) -> Invoke {
        Invoke {
            src: src.into(),
            ..Invoke::default()
        }
    }

    /// By which its end is told; without it, made of its place and its state's id.
    pub fn id(mut self, id: impl Into<String>) -> Invoke {
        self.id = Some(id.into());
        self
    }

    /// What it is given; may have holes, see [`Template`](crate::Template).
    pub fn input(mut self, input: impl Into<Value>) -> Invoke {
        self.input = input.into();
        self
    }

    /// What its result leads to.
    pub fn on_done(mut self, to: impl Into<Transition>) -> Invoke {
        self.on_done.push(to.into());
        self
    }

    /// What its failure leads to.
    pub fn on_error(mut self, to: impl Into<Transition>) -> Invoke {
        self.on_error.push(to.into());
        self
    }
}

impl<T: Into<String>> From<T> for Invoke {
    fn from(src: T) -> Invoke {
        Invoke::new(src)
    }
}

impl From<&str> for Guard {
    fn from(name: &str) -> Guard {
        Guard::named(name)
    }
}

impl From<&str> for Action {
    fn from(name: &str) -> Action {
        Action::named(name)
    }
}

impl From<&str> for Delay {
    fn from(name: &str) -> Delay {
        Delay::Named(name.to_owned())
    }
}

/// In whole milliseconds; what is left over counts as one, because a delay is never shorter than asked.
impl From<Duration> for Delay {
    fn from(duration: Duration) -> Delay {
        let millis = duration.as_nanos().div_ceil(1_000_000);
        Delay::Millis(u64::try_from(millis).unwrap_or(u64::MAX))
    }
}
