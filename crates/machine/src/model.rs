//! The checked machine: states in the order of the document, so that what is inside a state is a range of numbers.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use crate::builder::MachineBuilder;
use crate::draft::Kind;
use crate::expr::{Compare, Guard};
use crate::problem::Problems;
use crate::template::Template;

/// A state's place in the order of the document.
pub(crate) type Ix = u32;

/// A statechart that was checked: every target leads to a state, every compound state begins somewhere. Cloning shares it.
///
/// ```
/// use wardian_machine::Machine;
///
/// let machine = Machine::from_json(br#"{
///     "id": "door", "initial": "closed",
///     "states": {
///         "closed": {"on": {"open": {"target": "opened", "guard": "unlocked"}}},
///         "opened": {"on": {"close": "closed"}}
///     }
/// }"#)?;
/// assert_eq!(machine.guard_names(), ["unlocked"]);
/// # Ok::<(), wardian_machine::Problems>(())
/// ```
#[derive(Clone, Debug)]
pub struct Machine(pub(crate) Arc<Model>);

#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) nodes: Vec<Node>,
    pub(crate) transitions: Vec<Transition>,
    pub(crate) actions: Vec<Act>,
    pub(crate) invokes: Vec<Invoke>,
    pub(crate) afters: Vec<After>,
    pub(crate) ids: HashMap<String, Ix>,
    /// Exact descriptors, by which states find their candidates.
    pub(crate) events: HashMap<Arc<str>, u32>,
    pub(crate) names: Names,
    pub(crate) context: Value,
    pub(crate) version: Option<String>,
    /// What a Crucible document says beside, by JSON pointer.
    pub(crate) extra: BTreeMap<String, Value>,
}

/// What a registry has to bind, each once.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) guards: Vec<String>,
    pub(crate) actions: Vec<String>,
    pub(crate) services: Vec<String>,
    pub(crate) delays: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) at: String,
    pub(crate) key: String,
    pub(crate) id: Arc<str>,
    pub(crate) kind: Kind,
    pub(crate) parent: Option<Ix>,
    /// One behind the last state inside.
    pub(crate) end: Ix,
    pub(crate) children: Vec<Ix>,
    /// The same by their keys.
    pub(crate) by_key: Vec<Ix>,
    /// Where a compound state begins.
    pub(crate) initial: Option<Ix>,
    pub(crate) initial_actions: Range<u32>,
    /// Where a history leads that has none yet.
    pub(crate) defaults: Vec<Ix>,
    /// Whether the document says where, or it is where the parent begins.
    pub(crate) says_default: bool,
    pub(crate) histories: Vec<Ix>,
    pub(crate) entry: Range<u32>,
    pub(crate) exit: Range<u32>,
    pub(crate) invokes: Range<u32>,
    pub(crate) afters: Range<u32>,
    pub(crate) always: Vec<u32>,
    /// Transitions by descriptor, as written.
    pub(crate) on: Vec<(Arc<str>, Vec<u32>)>,
    /// Candidates for every exact descriptor of the machine that this state has any for, by number; sorted.
    pub(crate) known: Vec<(u32, Vec<u32>)>,
    /// Wildcards, the longest first: for events that no descriptor names.
    pub(crate) wild: Vec<(Arc<str>, Vec<u32>)>,
    pub(crate) done_event: Arc<str>,
    pub(crate) output: Option<Template>,
    pub(crate) meta: Value,
    pub(crate) tags: Vec<String>,
    pub(crate) description: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Transition {
    pub(crate) at: String,
    pub(crate) source: Ix,
    /// Empty for `always`.
    pub(crate) event: Arc<str>,
    pub(crate) targets: Option<Vec<Ix>>,
    pub(crate) guard: Option<Guard>,
    pub(crate) code: Option<Code>,
    pub(crate) actions: Range<u32>,
    pub(crate) reenter: bool,
    pub(crate) description: Option<String>,
    pub(crate) meta: Value,
}

/// An action with its names resolved to numbers.
#[derive(Debug)]
pub(crate) enum Act {
    Asked {
        name: u32,
        params: Value,
    },
    Raise {
        event: Arc<str>,
        data: Template,
        delay: Option<DelayIx>,
        id: Option<String>,
    },
    Assign(Vec<(String, Template)>),
    Cancel {
        id: String,
    },
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum DelayIx {
    Millis(u64),
    Named(u32),
}

#[derive(Debug)]
pub(crate) struct Invoke {
    pub(crate) id: Arc<str>,
    pub(crate) src: u32,
    pub(crate) input: Template,
}

#[derive(Debug)]
pub(crate) struct After {
    pub(crate) delay: DelayIx,
    pub(crate) event: Arc<str>,
}

/// A guard as a graph of tests: what each leads to if it passes and if it blocks. An error ends it.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) tests: Vec<Test>,
    pub(crate) first: Next,
}

#[derive(Debug)]
pub(crate) struct Test {
    pub(crate) what: What,
    pub(crate) pass: Next,
    pub(crate) block: Next,
}

#[derive(Debug)]
pub(crate) enum What {
    Asked { name: u32, params: Value },
    In(Ix),
    Compare(Compare, Vec<String>, Value),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Test(u32),
    Pass,
    Block,
}

impl Machine {
    /// Reads the native form: XState v5's configuration as JSON.
    ///
    /// # Errors
    /// All that is wrong with the document, at once.
    pub fn from_json(document: &[u8]) -> Result<Machine, Problems> {
        let tree = crate::native::parse(document)?;
        crate::check::check(crate::native::read_tree(&tree))
    }

    /// Reads the JSON of Crucible's intermediate representation, `schemaVersion` 1.x.
    ///
    /// # Errors
    /// All that is wrong with the document, and all that a machine here cannot do as the document says.
    pub fn from_crucible(document: &[u8]) -> Result<Machine, Problems> {
        crate::crucible::read_tree(&crate::native::parse(document)?)
    }

    /// Reads either form: a `schemaVersion` at the top says that it is Crucible's.
    ///
    /// # Errors
    /// As [`Machine::from_json`] or [`Machine::from_crucible`].
    pub fn read(document: &[u8]) -> Result<Machine, Problems> {
        let tree = crate::native::parse(document)?;
        match tree.member("schemaVersion") {
            Some(_) => crate::crucible::read_tree(&tree),
            None => crate::check::check(crate::native::read_tree(&tree)),
        }
    }

    /// Begins a machine in Rust.
    pub fn builder(id: impl Into<String>) -> MachineBuilder {
        MachineBuilder::new(id.into())
    }

    /// What a Crucible document says beside what a machine is, by JSON pointer: keys that nobody knows, and those that
    /// nothing here depends on, such as `ownedBy`. Nothing of the native form.
    #[must_use]
    pub fn extra(&self) -> &BTreeMap<String, Value> {
        &self.0.extra
    }

    /// The id of the machine; `(machine)` where the document has none.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.node(0).id
    }

    /// The version that the document gives itself.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.0.version.as_deref()
    }

    /// The context that the document begins with.
    #[must_use]
    pub fn context(&self) -> &Value {
        &self.0.context
    }

    /// How many states there are, the machine itself and histories included.
    #[must_use]
    pub fn state_count(&self) -> usize {
        self.0.nodes.len()
    }

    /// How many transitions there are.
    #[must_use]
    pub fn transition_count(&self) -> usize {
        self.0.transitions.len()
    }

    /// The ids of all states, in the order of the document.
    pub fn state_ids(&self) -> impl Iterator<Item = &str> {
        self.0.nodes.iter().map(|node| &*node.id)
    }

    /// The guards that a registry has to bind, in the order of the document.
    #[must_use]
    pub fn guard_names(&self) -> &[String] {
        &self.0.names.guards
    }

    /// The actions that a registry has to bind.
    #[must_use]
    pub fn action_names(&self) -> &[String] {
        &self.0.names.actions
    }

    /// The services that a registry has to bind.
    #[must_use]
    pub fn service_names(&self) -> &[String] {
        &self.0.names.services
    }

    /// The delays that a registry has to bind.
    #[must_use]
    pub fn delay_names(&self) -> &[String] {
        &self.0.names.delays
    }
}

impl Model {
    pub(crate) fn node(&self, ix: Ix) -> &Node {
        &self.nodes[ix as usize]
    }

    pub(crate) fn transition(&self, ix: u32) -> &Transition {
        &self.transitions[ix as usize]
    }

    /// Whether the first lies inside the second.
    pub(crate) fn is_inside(&self, inner: Ix, outer: Ix) -> bool {
        outer < inner && inner < self.node(outer).end
    }

    /// The states around this one, the nearest first.
    pub(crate) fn ancestors(&self, ix: Ix) -> impl Iterator<Item = Ix> {
        std::iter::successors(self.node(ix).parent, |ix| self.node(*ix).parent)
    }

    pub(crate) fn is_leaf(&self, ix: Ix) -> bool {
        matches!(self.node(ix).kind, Kind::Atomic | Kind::Final)
    }

    pub(crate) fn is_history(&self, ix: Ix) -> bool {
        matches!(self.node(ix).kind, Kind::History { .. })
    }

    /// The state at a path of keys below another.
    pub(crate) fn below(&self, from: Ix, path: &[String]) -> Option<Ix> {
        path.iter().try_fold(from, |from, key| {
            let by_key = &self.node(from).by_key;
            let place = by_key.binary_search_by(|child| self.node(*child).key.cmp(key));
            place.ok().and_then(|place| by_key.get(place)).copied()
        })
    }
}
