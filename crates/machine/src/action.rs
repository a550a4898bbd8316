//! What a machine does on its way: actions, raised events, assignments, delays.

use crate::event::Event;
use crate::template::Template;

/// One thing to do on entry, on exit or on a transition.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Bound by a registry.
    Named {
        /// As the registry knows it.
        name: String,
        /// What it is told beside context and event; null where nothing is.
        params: serde_json::Value,
    },
    /// Puts an event into the machine's own queue: now, or as an effect after a delay.
    Raise {
        /// Its name.
        event: String,
        /// Its data.
        data: Template,
        /// After how long; none is at once.
        delay: Option<Delay>,
        /// By which a delayed one can be cancelled.
        id: Option<String>,
    },
    /// Puts values into the context, by key at its top.
    Assign(Vec<(String, Template)>),
    /// Cancels a delayed event.
    Cancel {
        /// The id it was raised with.
        id: String,
    },
}

impl Action {
    /// The action that a registry binds to this name.
    pub fn named(name: impl Into<String>) -> Action {
        Action::with_params(name, serde_json::Value::Null)
    }

    /// The same, told more.
    pub fn with_params(name: impl Into<String>, params: impl Into<serde_json::Value>) -> Action {
        Action::Named {
            name: name.into(),
            params: params.into(),
        }
    }

    /// Puts an event into the machine's own queue.
    #[must_use]
    pub fn raise(event: &Event) -> Action {
        Action::Raise {
            event: event.name().into(),
            data: Template::new(event.data().clone()),
            delay: None,
            id: None,
        }
    }

    /// Puts one value into the context.
    pub fn assign(key: impl Into<String>, value: impl Into<serde_json::Value>) -> Action {
        Action::Assign(vec![(key.into(), Template::new(value.into()))])
    }
}

/// How long until a delayed event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Delay {
    /// Milliseconds.
    Millis(u64),
    /// Bound by a registry.
    Named(String),
}

impl std::fmt::Display for Delay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Delay::Millis(millis) => write!(f, "{millis}"),
            Delay::Named(name) => f.write_str(name),
        }
    }
}
