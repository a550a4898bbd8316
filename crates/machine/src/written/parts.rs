//! Guards, actions, transitions and invocations as the native form has them: the short form wherever it says the same.

use serde_json::Value;

use super::Members;
use crate::action::{Action, Delay};
use crate::builder::{Invoke, Transition};
use crate::event::Event;
use crate::expr::{Guard, join};
use crate::tree::Tree;

pub(super) fn unless_null(value: &Value) -> Option<Tree> {
    (!value.is_null()).then(|| Tree::from(value))
}

/// A list only where there are several; none is the empty list.
pub(super) fn one_or_many<T>(all: &[T], tree: impl Fn(&T) -> Tree) -> Tree {
    match all {
        [one] => tree(one),
        all => Tree::List(all.iter().map(tree).collect()),
    }
}

pub(super) fn texts(all: &[String]) -> Tree {
    one_or_many(all, |text| Tree::from(text))
}

pub(super) fn initial((target, actions): &(String, Vec<Action>)) -> Tree {
    if actions.is_empty() {
        return Tree::from(target);
    }
    let actions = one_or_many(actions, action);
    object([("target", Tree::from(target)), ("actions", actions)])
}

pub(super) fn transitions(all: &[Transition]) -> Tree {
    one_or_many(all, transition)
}

/// Transitions by event or by delay.
pub(super) fn by_key<K: ToString>(all: &[(K, Vec<Transition>)]) -> Tree {
    let members = all.iter();
    Tree::Object(
        members
            .map(|(key, all)| (key.to_string(), transitions(all)))
            .collect(),
    )
}

fn transition(transition: &Transition) -> Tree {
    let mut members = Members::default();
    let targets = transition.targets.as_ref();
    members.some("target", targets.map(|all| texts(all)));
    members.some("guard", transition.guard.as_ref().map(guard));
    members.all("actions", &transition.actions, |all| {
        one_or_many(all, action)
    });
    members.some("reenter", transition.reenter.then_some(Tree::Bool(true)));
    members.some("meta", unless_null(&transition.meta));
    members.some(
        "description",
        transition.description.as_ref().map(Tree::from),
    );
    match &*members.0 {
        [(key, Tree::Text(target))] if key == "target" => Tree::from(target),
        _ => Tree::Object(members.0),
    }
}

pub(super) fn invoke(invoke: &Invoke) -> Tree {
    let mut members = Members::default();
    members.some("src", Some(Tree::from(&invoke.src)));
    members.some("id", invoke.id.as_ref().map(Tree::from));
    members.some("input", unless_null(&invoke.input));
    members.all("onDone", &invoke.on_done, transitions);
    members.all("onError", &invoke.on_error, transitions);
    Tree::Object(members.0)
}

pub(super) fn action(action: &Action) -> Tree {
    match action {
        Action::Named { name, params } => named(name, params),
        Action::Raise {
            event,
            data,
            delay,
            id,
        } => {
            let mut members = Members::default();
            members.some("type", Some(Tree::from("raise")));
            members.some("event", Some(raised(event, data.as_json())));
            members.some("delay", delay.as_ref().map(self::delay));
            members.some("id", id.as_ref().map(Tree::from));
            Tree::Object(members.0)
        }
        Action::Assign(values) => {
            let values = values.iter();
            let values = values.map(|(key, value)| (key.clone(), Tree::from(value.as_json())));
            let values = Tree::Object(values.collect());
            object([("type", Tree::from("assign")), ("assignment", values)])
        }
        Action::Cancel { id } => object([("type", Tree::from("cancel")), ("id", Tree::from(id))]),
    }
}

fn raised(event: &str, data: &Value) -> Tree {
    match Event::new(event).with(data.clone()).to_json() {
        Value::Object(members) if members.len() == 1 => Tree::from(event),
        other => Tree::from(&other),
    }
}

fn delay(delay: &Delay) -> Tree {
    match delay {
        Delay::Millis(millis) => Tree::Number((*millis).into()),
        Delay::Named(name) => Tree::from(name),
    }
}

fn guard(guard: &Guard) -> Tree {
    let many = |kind: &str, all: &[Guard]| {
        let all = Tree::List(all.iter().map(self::guard).collect());
        object([("type", Tree::from(kind)), ("guards", all)])
    };
    match guard {
        Guard::Named { name, params } => named(name, params),
        Guard::And(all) => many("and", all),
        Guard::Or(all) => many("or", all),
        Guard::Not(inner) => object([("type", Tree::from("not")), ("guard", self::guard(inner))]),
        Guard::StateIn(state) => object([
            ("type", Tree::from("stateIn")),
            ("state", Tree::from(state)),
        ]),
        Guard::Compare { op, path, value } => object([
            ("type", Tree::from(op.name())),
            ("path", Tree::from(join(path))),
            ("value", Tree::from(value)),
        ]),
    }
}

fn named(name: &str, params: &Value) -> Tree {
    match unless_null(params) {
        None => Tree::from(name),
        Some(params) => object([("type", Tree::from(name)), ("params", params)]),
    }
}

fn object<const N: usize>(members: [(&str, Tree); N]) -> Tree {
    let members = members.into_iter();
    Tree::Object(members.map(|(key, tree)| (key.to_owned(), tree)).collect())
}
