//! Crucible's intermediate representation: the JSON that stablekernel's Go statecharts are exported to and loaded from,
//! `schemaVersion` 1.x, as `state/ir.go`, `state/guard.go`, `state/invoke.go` and the types of `State` and `Transition` in
//! <https://github.com/stablekernel/crucible> have it. Read there, not guessed; nothing is copied from there.
//!
//! What leads to the same here, by another way:
//! - A state is found by its name alone, so names are unique in the whole machine. Names and events may be numbers, as Go
//!   writes constants; here they are texts. Events are taken to the letter, so a name with a `*` is a problem.
//! - `effects` come before `assigns`, and those before `raise`, as in Crucible. Here effects and assigns are both actions that
//!   a registry binds, so a name cannot be both. `crucible.cancel` cancels; the other actions that Crucible has built in,
//!   such as `crucible.sendTo`, are bound by the registry like any other, and so are child machines, as services.
//! - `guards` and `guardExpr` must all pass. A leaf is bound by its name, of whatever `kind`: that is how a guard in
//!   WebAssembly gets in.
//! - `after` (nanoseconds, whole milliseconds or a problem) sends the event of `on` to the whole machine, so it becomes a
//!   delayed event raised on entry and cancelled on exit, by the id that Crucible gives it. Without `on`, it is `after`.
//! - The events of an invocation's `onDone` and `onError` are raised with the result or the error as their data.
//! - Without `reenter`, a transition to its own state or to one around it goes nowhere; with it, it leaves and enters. To
//!   any other state, `reenter` says nothing.
//!
//! What differs when it runs: `always` comes before raised events, as in SCXML; a state is done when a final state is active
//! directly inside it, not at any depth; a transition into its own state leaves all that is active there, not only what it
//! must; a comparison with what is not in the context blocks without an error, so that `ne` passes.
//!
//! Nothing is dropped: what a machine has no place for is in [`Machine::extra`], a value that is not known is a problem.

mod guard;
mod part;
mod state;
mod transition;

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use self::part::Part;
use crate::draft::{Draft, DraftState, Kind};
use crate::expr::join;
use crate::model::Machine;
use crate::native::{At, Reader};
use crate::problem::{Flaw, Problems};
use crate::tree::Tree;

/// Reads a document, and checks what it says.
pub(crate) fn read_tree(tree: &Tree) -> Result<Machine, Problems> {
    let mut crucible = Crucible::default();
    let (root, version) = crucible.machine(tree);
    let draft = Draft {
        root,
        version,
        context: Value::Object(serde_json::Map::new()),
        problems: crucible.reader.problems,
    };
    let mut machine = crate::check::check(draft).map_err(pointed)?;
    if let Some(model) = std::sync::Arc::get_mut(&mut machine.0) {
        model.extra = crucible.extra;
    }
    Ok(machine)
}

/// The check knows the guard of a transition by the native form's key.
fn pointed(mut problems: Problems) -> Problems {
    for problem in &mut problems.0 {
        if matches!(problem.flaw, Flaw::TooMany { .. }) && problem.pointer.ends_with("/guard") {
            problem.pointer.push_str("Expr");
        }
    }
    problems
}

const KNOWN: [&str; 8] = [
    "schemaVersion",
    "name",
    "id",
    "version",
    "initial",
    "hasInitial",
    "states",
    "meta",
];

/// Goes on after every problem.
#[derive(Debug, Default)]
struct Crucible {
    reader: Reader,
    /// What the machine is called: part of the ids that Crucible gives.
    machine: String,
    /// The machine's id and the keys below it, by the name of a state.
    paths: HashMap<String, Vec<String>>,
    /// Whether a name is an assign's.
    actions: HashMap<String, bool>,
    extra: BTreeMap<String, Value>,
}

impl Crucible {
    /// The machine and its version.
    fn machine(&mut self, tree: &Tree) -> (DraftState, Option<String>) {
        let top = Part {
            at: At::root(),
            tree,
        };
        self.others(&top, &KNOWN);
        self.schema_version(&top);
        let name = self.text(&top, "name");
        self.machine = name.clone().unwrap_or_default();
        let id = self.text(&top, "id");
        if let (Some(name), Some(_)) = (&name, &id) {
            self.extra.insert("/name".into(), Value::from(&**name));
        }
        let id = id.or(name);
        let own = id.clone().unwrap_or_else(|| "(machine)".into());
        self.names(top.get("states"), &[own]);
        let mut root = DraftState {
            id,
            meta: self.value(&top, "meta"),
            states: self.states(top.get("states")),
            ..DraftState::default()
        };
        let has_initial = top.get("hasInitial").is_none() || self.flag(&top, "hasInitial");
        root.initial = self.initial(&top, "initial", has_initial, &root.states);
        root.kind = Some(if root.states.is_empty() {
            Kind::Atomic
        } else {
            Kind::Compound
        });
        if root.states.is_empty() {
            self.flaw(&top.at, Flaw::MissingKey { key: "states" });
        }
        (root, self.text(&top, "version"))
    }

    /// 1, or 1 with anything after a dot; none at all is from before there were any.
    fn schema_version(&mut self, top: &Part<'_>) {
        let Some(version) = top.get("schemaVersion") else {
            return;
        };
        let text = self.reader.text(&version.at, version.tree);
        let is_known = |text: &String| text.split('.').next() == Some("1") || text.is_empty();
        if let Some(found) = text.filter(|text| !is_known(text)) {
            let wanted = "a version of the form 1.x";
            self.flaw(&version.at, Flaw::NotAllowed { found, wanted });
        }
        self.keep(&version);
    }

    /// Where every state is, by its name.
    fn names(&mut self, states: Option<Part<'_>>, path: &[String]) {
        for state in states.iter().flat_map(Part::elements) {
            let Some(name) = state.get("name").and_then(|name| name.scalar()) else {
                continue;
            };
            let path = [path, std::slice::from_ref(&name)].concat();
            let before = self.paths.insert(name.clone(), path.clone());
            // Of siblings, the check says it.
            if before.is_some_and(|before| before != path) {
                self.flaw(&state.at.key("name"), Flaw::DuplicateId { id: name });
            }
            self.names(state.get("children"), &path);
            for region in state.get("regions").iter().flat_map(Part::elements) {
                let name = region.get("name").and_then(|name| name.scalar());
                let path = [&*path, &[name.unwrap_or_default()]].concat();
                self.names(region.get("states"), &path);
            }
        }
    }

    /// A target that leads to the state of this name, from anywhere.
    fn target(&mut self, at: &At, name: &str) -> Option<String> {
        if let Some(path) = self.paths.get(name) {
            return Some(format!("#{}", join(path)));
        }
        let (target, hint) = (name.to_owned(), None);
        self.flaw(at, Flaw::UndefinedTarget { target, hint });
        None
    }
}
