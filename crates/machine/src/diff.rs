//! What differs between two machines, and which of it states feel that were kept by the older one.
//!
//! States are the same if they have the same id, or the same key in the same parent; transitions if they lie at the same
//! position of the same event of the same state. Of states that are new or gone, what is inside a state is listed, and
//! their transitions are not. Meta, tags and descriptions decide nothing and are not compared.
//!
//! in: two checked machines · out: changes · never: I/O, a judgement which of the two is right

mod data;
mod pairs;
pub(crate) mod plain;
mod states;
mod transitions;
mod words;

use serde_json::Value;

use crate::model::Machine;
use crate::registry::NameKind;

/// Everything that differs between two machines.
///
/// ```
/// use wardian_machine::{Machine, diff::diff};
///
/// let old = Machine::from_json(br#"{"id": "m", "initial": "a", "states": {"a": {"on": {"go": "b"}}, "b": {}}}"#)?;
/// let new = Machine::from_json(br#"{"id": "m", "initial": "a", "states": {"a": {}}}"#)?;
/// let diff = diff(&old, &new);
/// assert!(diff.breaks_kept());
/// assert_eq!(diff.to_text(), "\
/// transition `go` 0 of `m.a` removed
/// state `m.b` removed (breaks kept states)
/// 2 changes, 1 of them breaks kept states
/// ");
/// # Ok::<(), wardian_machine::Problems>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Diff {
    /// By state in the order of the new document; then states that are gone, the context, and names.
    pub changes: Vec<Change>,
}

/// One thing that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What differs.
    pub what: What,
    /// The id of the state (the new one, if it has one), the key of the context, or the name.
    pub subject: String,
    /// Of which transition: its event and its position among those of the event.
    pub transition: Option<(String, usize)>,
    /// JSON pointer into the new document; into the old one for what is gone.
    pub pointer: String,
    /// What it was; null for what is new. Of transitions that changed, only the parts that did.
    pub old: Value,
    /// What it is; null for what is gone.
    pub new: Value,
    /// Whether a state that the old machine kept ([`State::to_json`](crate::State::to_json)) may be refused by the new one,
    /// or may wait in it for what never comes.
    pub breaks_kept: bool,
}

/// What can differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// A state is new.
    StateAdded,
    /// A state is gone.
    StateRemoved,
    /// A state has another parent, or another key.
    StateMoved,
    /// A state has another id.
    IdChanged,
    /// A state is of another kind.
    KindChanged,
    /// A compound state begins elsewhere, or does something else when it begins.
    InitialChanged,
    /// A history leads elsewhere while it remembers nothing.
    DefaultChanged,
    /// Other actions on entry.
    EntryChanged,
    /// Other actions on exit.
    ExitChanged,
    /// Other services are run.
    InvokesChanged,
    /// Other delays are waited for.
    DelaysChanged,
    /// Another output.
    OutputChanged,
    /// A transition is new.
    TransitionAdded,
    /// A transition is gone.
    TransitionRemoved,
    /// A transition has other targets, another guard, other actions, or another `reenter`.
    TransitionChanged,
    /// The context has a key more.
    ContextAdded,
    /// The context has a key less.
    ContextRemoved,
    /// The context begins with another value.
    ContextChanged,
    /// A registry has to bind a name more.
    NameAdded(NameKind),
    /// A registry has to bind a name less.
    NameRemoved(NameKind),
}

/// What differs between two machines.
#[must_use]
pub fn diff(old: &Machine, new: &Machine) -> Diff {
    let (old, new) = (&*old.0, &*new.0);
    let pairs = pairs::Pairs::of(old, new);
    let mut changes = states::changes(old, new, &pairs);
    changes.extend(data::context(old, new));
    changes.extend(data::names(old, new));
    Diff { changes }
}

impl Diff {
    /// Whether any change breaks kept states.
    #[must_use]
    pub fn breaks_kept(&self) -> bool {
        self.changes.iter().any(|change| change.breaks_kept)
    }
}
