//! Where a machine is: active states, remembered histories, the context.

use std::sync::Arc;

use serde_json::{Map, Value};
use smallvec::SmallVec;

use crate::draft::Kind;
use crate::event::at;
use crate::model::{Ix, Machine, Model};

pub(crate) type Active = SmallVec<[Ix; 8]>;
pub(crate) type Histories = SmallVec<[(Ix, SmallVec<[Ix; 4]>); 1]>;

/// Where one machine is. Cloning is cheap: the context is shared until it changes.
#[derive(Clone, Debug)]
pub struct State<C> {
    pub(crate) machine: Machine,
    /// Sorted, hence parents before children.
    pub(crate) active: Active,
    pub(crate) histories: Histories,
    pub(crate) context: Arc<C>,
    pub(crate) status: Status,
}

/// Whether a machine goes on.
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    /// It takes events.
    Active,
    /// It reached a final state at its top.
    Done {
        /// What the document says comes out of it; null where it says nothing.
        output: Value,
    },
    /// A service failed and nobody waited for that.
    Failed {
        /// What the service said.
        error: Value,
    },
}

impl<C> State<C> {
    /// The machine's data.
    #[must_use]
    pub fn context(&self) -> &C {
        &self.context
    }

    /// Whether it goes on.
    #[must_use]
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// The active states as XState writes them: a key, or an object of keys.
    #[must_use]
    pub fn value(&self) -> Value {
        value(&self.machine.0, &self.active, 0)
    }

    /// The ids of the active states, in the order of the document.
    pub fn active_ids(&self) -> impl Iterator<Item = &str> {
        self.active.iter().map(|ix| &*self.machine.0.node(*ix).id)
    }

    /// Whether the state is active: `#id`, or keys from the top with dots between.
    #[must_use]
    pub fn matches(&self, state: &str) -> bool {
        let model = &*self.machine.0;
        let found = match state.starts_with('#') {
            true => crate::check::by_id(model, state),
            false => model.below(0, &crate::expr::split(state)),
        };
        found.is_some_and(|ix| self.active.contains(&ix))
    }
}

fn value(model: &Model, active: &[Ix], ix: Ix) -> Value {
    let inside = || {
        let children = model.node(ix).children.iter();
        children.filter(|child| active.contains(child))
    };
    let entry = |child: Ix| (model.node(child).key.clone(), value(model, active, child));
    match model.node(ix).kind {
        Kind::Compound => match inside().next() {
            Some(child) if model.is_leaf(*child) => Value::from(model.node(*child).key.as_str()),
            Some(child) => Value::Object(Map::from_iter([entry(*child)])),
            None => Value::Object(Map::new()),
        },
        _ => inside().map(|child| entry(*child)).collect(),
    }
}

impl<C: crate::Context> State<C> {
    /// Everything as JSON, to be kept: `{value, status, context, historyValue, output, error}`.
    ///
    /// # Errors
    /// [`Failure`](crate::Failure) where the context cannot be written as JSON.
    pub fn to_json(&self) -> Result<Value, crate::Failure> {
        let model = &*self.machine.0;
        let id = |ix: &Ix| Value::from(&*model.node(*ix).id);
        let mut kept = Map::new();
        kept.insert("value".into(), self.value());
        let status = match &self.status {
            Status::Active => "active",
            Status::Done { output } => {
                kept.insert("output".into(), output.clone());
                "done"
            }
            Status::Failed { error } => {
                kept.insert("error".into(), error.clone());
                "error"
            }
        };
        kept.insert("status".into(), status.into());
        kept.insert("context".into(), self.context.json()?.into_owned());
        let histories = self.histories.iter().map(|(history, states)| {
            let states: Vec<Value> = states.iter().map(id).collect();
            (model.node(*history).id.to_string(), Value::from(states))
        });
        kept.insert("historyValue".into(), histories.collect());
        Ok(Value::Object(kept))
    }

    /// Reads what [`State::to_json`] gave, for this machine.
    ///
    /// # Errors
    /// [`RestoreError`] where it is none of this machine's.
    pub fn from_json(machine: &Machine, kept: &Value) -> Result<State<C>, RestoreError> {
        let model = &*machine.0;
        let wrong = |what: &'static str| RestoreError::Wrong { what };
        let mut active = Active::new();
        let top = kept.get("value").ok_or(wrong("`value` is missing"))?;
        collect(model, 0, top, &mut active)?;
        active.sort_unstable();
        let part = |key: &str| kept.get(key).cloned().unwrap_or_default();
        let status = match kept.get("status").and_then(Value::as_str) {
            Some("active") => Status::Active,
            Some("done") => Status::Done {
                output: part("output"),
            },
            Some("error") => Status::Failed {
                error: part("error"),
            },
            _ => return Err(wrong("`status` is none of active, done, error")),
        };
        let context = C::from_json(part("context")).map_err(RestoreError::Context)?;
        let histories = histories(model, at(kept, &["historyValue".into()]))?;
        Ok(State {
            machine: machine.clone(),
            active,
            histories,
            context: Arc::new(context),
            status,
        })
    }
}

/// Why a kept state cannot be taken up again.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RestoreError {
    /// It is no kept state.
    #[error("no kept state: {what}")]
    Wrong {
        /// In which way.
        what: &'static str,
    },
    /// The machine has no such state, or not in such a place.
    #[error("state `{key}` is not in `{parent}`")]
    NoState {
        /// Its key or id.
        key: String,
        /// Where it should be.
        parent: String,
    },
    /// The context is of another shape.
    #[error("the context cannot be read")]
    Context(#[source] crate::Failure),
}

/// The active states below one, from what [`value`] wrote.
fn collect(model: &Model, ix: Ix, value: &Value, active: &mut Active) -> Result<(), RestoreError> {
    active.push(ix);
    let node = model.node(ix);
    let child = |key: &str| {
        let found = model.below(ix, &[key.to_owned()]);
        let found = found.filter(|child| !model.is_history(*child));
        found.ok_or_else(|| RestoreError::NoState {
            key: key.into(),
            parent: node.id.to_string(),
        })
    };
    let empty = Value::Object(Map::new());
    match (node.kind, value) {
        (Kind::Compound, Value::String(key)) => collect(model, child(key)?, &empty, active),
        (Kind::Compound, Value::Object(members)) if members.len() == 1 => members
            .iter()
            .try_for_each(|(key, value)| collect(model, child(key)?, value, active)),
        (Kind::Parallel, Value::Object(members)) => {
            let regions = node.children.iter();
            let regions = regions.filter(|child| !model.is_history(**child)).count();
            if members.len() != regions {
                let what = "a parallel state has each of its regions";
                return Err(RestoreError::Wrong { what });
            }
            members
                .iter()
                .try_for_each(|(key, value)| collect(model, child(key)?, value, active))
        }
        (Kind::Atomic | Kind::Final, Value::Object(members)) if members.is_empty() => Ok(()),
        _ => Err(RestoreError::Wrong {
            what: "`value` has not the machine's shape",
        }),
    }
}

fn histories(model: &Model, kept: Option<&Value>) -> Result<Histories, RestoreError> {
    let mut histories = Histories::new();
    let Some(Value::Object(members)) = kept else {
        return Ok(histories);
    };
    for (id, states) in members {
        let missing = |key: &str, parent: &str| RestoreError::NoState {
            key: key.into(),
            parent: parent.into(),
        };
        let history = model.ids.get(id).copied();
        let history = history.filter(|ix| model.is_history(*ix));
        let history = history.ok_or_else(|| missing(id, model.node(0).id.as_ref()))?;
        let parent = model.node(history).parent.unwrap_or_default();
        let states = states.as_array().ok_or(RestoreError::Wrong {
            what: "a history is a list of ids",
        })?;
        let states = states.iter().map(|state| {
            let id = state.as_str().unwrap_or_default();
            let found = model.ids.get(id).copied();
            let found = found.filter(|ix| model.is_inside(*ix, parent) && !model.is_history(*ix));
            found.ok_or_else(|| missing(id, &model.node(parent).id))
        });
        let states: SmallVec<[Ix; 4]> = states.collect::<Result<_, _>>()?;
        if !can_be_remembered(model, history, parent, &states) {
            return Err(RestoreError::Wrong {
                what: "a history has states that are not active together",
            });
        }
        histories.push((history, states));
    }
    histories.sort_unstable_by_key(|(history, _)| *history);
    Ok(histories)
}

/// Children of the parent, or of a deep history states without states inside; of each compound state one.
fn can_be_remembered(model: &Model, history: Ix, parent: Ix, states: &[Ix]) -> bool {
    let is_deep = model.node(history).kind == Kind::History { deep: true };
    let is_kept = |ix: &Ix| match is_deep {
        true => model.is_leaf(*ix),
        false => model.node(*ix).parent == Some(parent),
    };
    let exclude = |first: Ix, second: Ix| {
        let around = model
            .ancestors(first)
            .find(|around| model.is_inside(second, *around));
        around.is_none_or(|around| model.node(around).kind != Kind::Parallel)
    };
    let mut others = states.iter().enumerate();
    !states.is_empty()
        && states.iter().all(is_kept)
        && others.all(|(place, first)| {
            let after = states.get(place + 1..).unwrap_or_default();
            !after.iter().any(|second| exclude(*first, *second))
        })
}
