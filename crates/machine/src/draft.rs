//! A machine as somebody wrote it: nothing resolved, nothing checked. The readers and the builder make drafts, and only
//! [`check`](crate::check) makes a machine of one.

use serde_json::Value;

use crate::action::{Action, Delay};
use crate::expr::Guard;
use crate::problem::Problem;
use crate::template::Template;

/// What kind of state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Without states inside.
    Atomic,
    /// With states inside, one of them active.
    Compound,
    /// With states inside, all of them active.
    Parallel,
    /// Where its parent ends.
    Final,
    /// Stands for what was active in its parent; with all inside, or only its children.
    History {
        /// With all inside.
        deep: bool,
    },
}

impl Kind {
    /// Its name in documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Atomic => "atomic",
            Kind::Compound => "compound",
            Kind::Parallel => "parallel",
            Kind::Final => "final",
            Kind::History { .. } => "history",
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) root: DraftState,
    pub(crate) context: Value,
    pub(crate) version: Option<String>,
    /// What the reader found already.
    pub(crate) problems: Vec<Problem>,
}

/// `at` is a JSON pointer wherever it occurs.
#[derive(Clone, Debug, Default)]
pub(crate) struct DraftState {
    pub(crate) at: String,
    pub(crate) key: String,
    pub(crate) id: Option<String>,
    /// None means: by what is inside.
    pub(crate) kind: Option<Kind>,
    pub(crate) initial: Option<DraftInitial>,
    /// Where a history leads that has none yet.
    pub(crate) defaults: Vec<String>,
    pub(crate) states: Vec<DraftState>,
    pub(crate) on: Vec<(String, Vec<DraftTransition>)>,
    pub(crate) on_done: Vec<DraftTransition>,
    pub(crate) always: Vec<DraftTransition>,
    pub(crate) after: Vec<(Delay, Vec<DraftTransition>)>,
    pub(crate) entry: Vec<Action>,
    pub(crate) exit: Vec<Action>,
    pub(crate) invoke: Vec<DraftInvoke>,
    pub(crate) output: Option<Template>,
    pub(crate) meta: Value,
    pub(crate) tags: Vec<String>,
    pub(crate) description: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct DraftInitial {
    pub(crate) at: String,
    pub(crate) target: String,
    pub(crate) actions: Vec<Action>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct DraftTransition {
    pub(crate) at: String,
    /// None stays where it is.
    pub(crate) targets: Option<Vec<String>>,
    pub(crate) guard: Option<Guard>,
    pub(crate) actions: Vec<Action>,
    pub(crate) reenter: bool,
    pub(crate) meta: Value,
    pub(crate) description: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct DraftInvoke {
    pub(crate) at: String,
    pub(crate) id: Option<String>,
    pub(crate) src: String,
    pub(crate) input: Template,
    pub(crate) on_done: Vec<DraftTransition>,
    pub(crate) on_error: Vec<DraftTransition>,
}
