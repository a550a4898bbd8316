//! What differs between states.

use serde_json::{Value, json};

use super::pairs::Pairs;
use super::{Change, What, plain, transitions};
use crate::draft::Kind;
use crate::model::{Ix, Model, Node};

/// Two machines, and a state that both have.
#[derive(Clone, Copy)]
pub(super) struct Both<'m> {
    pub(super) old: &'m Model,
    pub(super) new: &'m Model,
    pub(super) pairs: &'m Pairs,
    pub(super) was: &'m Node,
    pub(super) is: &'m Node,
}

pub(super) fn changes(old: &Model, new: &Model, pairs: &Pairs) -> Vec<Change> {
    let mut changes = Vec::new();
    for (ix, is) in new.nodes.iter().enumerate() {
        let Some(was) = pairs.old_of(ix as Ix) else {
            changes.push(added(old, new, pairs, is));
            continue;
        };
        let both = Both {
            old,
            new,
            pairs,
            was: old.node(was),
            is,
        };
        both.place(was, &mut changes);
        both.kind(&mut changes);
        both.content(&mut changes);
        both.waiting(&mut changes);
        transitions::changes(&both, &mut changes);
    }
    let gone = old.nodes.iter().enumerate();
    let gone = gone.filter(|(ix, _)| pairs.new_of(*ix as Ix).is_none());
    changes.extend(gone.map(|(_, was)| Change {
        what: What::StateRemoved,
        subject: was.id.to_string(),
        transition: None,
        pointer: was.at.clone(),
        old: kind_name(was).into(),
        new: Value::Null,
        // It may be active, and a history may remember something.
        breaks_kept: true,
    }));
    changes
}

fn added(old: &Model, new: &Model, pairs: &Pairs, is: &Node) -> Change {
    let parent = is
        .parent
        .filter(|parent| new.node(*parent).kind == Kind::Parallel);
    let was = parent.and_then(|parent| pairs.old_of(parent));
    let is_region = !matches!(is.kind, Kind::History { .. });
    Change {
        what: What::StateAdded,
        subject: is.id.to_string(),
        transition: None,
        pointer: is.at.clone(),
        old: Value::Null,
        new: kind_name(is).into(),
        // A kept state says nothing about a region that there was not.
        breaks_kept: is_region && was.is_some_and(|was| old.node(was).kind == Kind::Parallel),
    }
}

fn kind_name(node: &Node) -> &'static str {
    match node.kind {
        Kind::History { deep: true } => "deep history",
        kind => kind.name(),
    }
}

/// The id that a state has without saying one.
fn is_derived(model: &Model, ix: Ix) -> bool {
    let mut keys: Vec<&str> = vec![&model.node(ix).key];
    let around = model.ancestors(ix);
    keys.extend(
        around
            .filter(|ix| *ix != 0)
            .map(|ix| model.node(ix).key.as_str()),
    );
    keys.push(&model.node(0).id);
    keys.reverse();
    ix != 0 && *keys.join(".") == *model.node(ix).id
}

impl Both<'_> {
    pub(super) fn change(&self, what: What, old: Value, new: Value) -> Change {
        Change {
            what,
            subject: self.is.id.to_string(),
            transition: None,
            pointer: self.is.at.clone(),
            old,
            new,
            breaks_kept: false,
        }
    }

    fn place(&self, was: Ix, into: &mut Vec<Change>) {
        let (old, new) = (self.old, self.new);
        let Some(is) = self.pairs.new_of(was) else {
            return;
        };
        let parent = self.was.parent.and_then(|parent| self.pairs.new_of(parent));
        if parent != self.is.parent || self.was.key != self.is.key {
            let place = |node: &Node| Value::from(node.at.as_str());
            let mut change = self.change(What::StateMoved, place(self.was), place(self.is));
            // Kept states find states by their keys.
            change.breaks_kept = true;
            into.push(change);
        }
        let both_derived = is_derived(old, was) && is_derived(new, is);
        if self.was.id != self.is.id && !both_derived {
            let id = |node: &Node| Value::from(&*node.id);
            let mut change = self.change(What::IdChanged, id(self.was), id(self.is));
            // Only what histories remember is kept by id; all ids begin with that of the machine.
            let mut around = std::iter::once(was).chain(old.ancestors(was));
            change.breaks_kept = match was {
                0 => (0..old.nodes.len() as Ix).any(|ix| old.is_history(ix)),
                _ => around.any(|ix| old.is_history(ix) || !old.node(ix).histories.is_empty()),
            };
            into.push(change);
        }
    }

    fn kind(&self, into: &mut Vec<Change>) {
        if self.was.kind != self.is.kind {
            let kind = |node: &Node| Value::from(kind_name(node));
            let mut change = self.change(What::KindChanged, kind(self.was), kind(self.is));
            let is_history = |node: &Node| matches!(node.kind, Kind::History { .. });
            // What a history remembers can be entered again by either kind.
            change.breaks_kept = !(is_history(self.was) && is_history(self.is));
            into.push(change);
        }
    }

    fn content(&self, into: &mut Vec<Change>) {
        let Both {
            old, new, was, is, ..
        } = *self;
        let mut compare = |what: What, old: Value, new: Value| {
            if old != new {
                into.push(self.change(what, old, new));
            }
        };
        let actions = |model, range| Value::from(plain::actions(model, range));
        let initial = |model: &Model, node: &Node| match node.initial {
            Some(ix) => json!({
                "target": model.node(ix).key,
                "actions": plain::actions(model, &node.initial_actions),
            }),
            None => Value::Null,
        };
        let default = |model: &Model, node: &Node| match node.says_default {
            true => plain::ids(model, &node.defaults),
            false => Value::Null,
        };
        let output = |node: &Node| node.output.as_ref().map(|output| output.as_json().clone());
        if was.kind == is.kind {
            compare(What::InitialChanged, initial(old, was), initial(new, is));
        }
        if was.says_default != is.says_default || !self.pairs.same(&was.defaults, &is.defaults) {
            compare(What::DefaultChanged, default(old, was), default(new, is));
        }
        compare(
            What::EntryChanged,
            actions(old, &was.entry),
            actions(new, &is.entry),
        );
        compare(
            What::ExitChanged,
            actions(old, &was.exit),
            actions(new, &is.exit),
        );
        let (before, after) = (output(was), output(is));
        compare(What::OutputChanged, before.into(), after.into());
    }

    /// Services and delays: those of a kept state were started by the old machine.
    fn waiting(&self, into: &mut Vec<Change>) {
        let Both {
            old, new, was, is, ..
        } = *self;
        let (before, after) = (plain::invokes(old, was), plain::invokes(new, is));
        if before != after {
            let without_input = |invokes: &[Value]| -> Vec<Value> {
                let each = invokes.iter();
                each.map(|one| json!([one["id"], one["src"]])).collect()
            };
            let breaks_kept = without_input(&before) != without_input(&after);
            into.push(Change {
                breaks_kept,
                ..self.change(What::InvokesChanged, before.into(), after.into())
            });
        }
        let (before, after) = (plain::delays(old, was), plain::delays(new, is));
        if before != after {
            let breaks_kept = after.iter().any(|delay| !before.contains(delay));
            into.push(Change {
                breaks_kept,
                ..self.change(What::DelaysChanged, before.into(), after.into())
            });
        }
    }
}
