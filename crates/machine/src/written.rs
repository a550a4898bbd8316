//! A machine as a document of the native form says it, member by member. The builder and the writer fill it, and there is one
//! order in which it is put down.

mod parts;
mod text;

use serde_json::Value;

use crate::action::{Action, Delay};
use crate::builder::{Invoke, Transition};
use crate::draft::Kind;
use crate::tree::Tree;

/// A state, or the machine itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    pub(crate) key: String,
    pub(crate) id: Option<String>,
    /// None is left to the reader, who goes by what is inside.
    pub(crate) kind: Option<Kind>,
    pub(crate) version: Option<String>,
    pub(crate) context: Option<Value>,
    pub(crate) initial: Option<(String, Vec<Action>)>,
    pub(crate) defaults: Vec<String>,
    pub(crate) states: Vec<Written>,
    pub(crate) on: Vec<(String, Vec<Transition>)>,
    pub(crate) on_done: Vec<Transition>,
    pub(crate) always: Vec<Transition>,
    pub(crate) after: Vec<(Delay, Vec<Transition>)>,
    pub(crate) entry: Vec<Action>,
    pub(crate) exit: Vec<Action>,
    pub(crate) invoke: Vec<Invoke>,
    pub(crate) output: Option<Value>,
    pub(crate) meta: Value,
    pub(crate) tags: Vec<String>,
    pub(crate) description: Option<String>,
}

impl Written {
    pub(crate) fn tree(&self) -> Tree {
        let mut members = Members::default();
        self.names(&mut members);
        self.deeds(&mut members);
        members.all("states", &self.states, |states| {
            let states = states.iter();
            Tree::Object(
                states
                    .map(|state| (state.key.clone(), state.tree()))
                    .collect(),
            )
        });
        Tree::Object(members.0)
    }

    /// What it is.
    fn names(&self, members: &mut Members) {
        members.some("id", self.id.as_ref().map(Tree::from));
        members.some("version", self.version.as_ref().map(Tree::from));
        members.some("description", self.description.as_ref().map(Tree::from));
        members.some("type", self.kind.map(|kind| Tree::from(kind.name())));
        if let Some(Kind::History { deep }) = self.kind {
            let history = if deep { "deep" } else { "shallow" };
            members.some("history", Some(Tree::from(history)));
        }
        members.all("target", &self.defaults, parts::texts);
        members.some("context", self.context.as_ref().map(Tree::from));
        members.some("initial", self.initial.as_ref().map(parts::initial));
        members.all("tags", &self.tags, |tags| {
            Tree::List(tags.iter().map(Tree::from).collect())
        });
        members.some("meta", parts::unless_null(&self.meta));
    }

    /// What it does.
    fn deeds(&self, members: &mut Members) {
        members.all("entry", &self.entry, |all| {
            parts::one_or_many(all, parts::action)
        });
        members.all("exit", &self.exit, |all| {
            parts::one_or_many(all, parts::action)
        });
        members.all("invoke", &self.invoke, |all| {
            parts::one_or_many(all, parts::invoke)
        });
        members.all("always", &self.always, parts::transitions);
        members.all("on", &self.on, parts::by_key);
        members.all("after", &self.after, parts::by_key);
        members.all("onDone", &self.on_done, parts::transitions);
        members.some("output", self.output.as_ref().map(Tree::from));
    }
}

/// Members of an object, of which only those are put down that say something.
#[derive(Debug, Default)]
struct Members(Vec<(String, Tree)>);

impl Members {
    fn some(&mut self, key: &str, value: Option<Tree>) {
        self.0.extend(value.map(|value| (key.to_owned(), value)));
    }

    fn all<T>(&mut self, key: &str, all: &[T], tree: impl FnOnce(&[T]) -> Tree) {
        self.some(key, (!all.is_empty()).then(|| tree(all)));
    }
}
