//! What differs between the transitions of a state.

use serde_json::{Map, Value, json};

use super::states::Both;
use super::{Change, What, plain};
use crate::model::{Model, Node, Transition};

pub(super) fn changes(both: &Both<'_>, into: &mut Vec<Change>) {
    let (before, after) = (by_event(both.old, both.was), by_event(both.new, both.is));
    let find = |all: &[(String, Vec<u32>)], event: &str| {
        let found = all.iter().find(|(own, _)| own == event);
        found.map(|(_, transitions)| transitions.clone())
    };
    for (event, now) in &after {
        of_event(
            both,
            event,
            &find(&before, event).unwrap_or_default(),
            now,
            into,
        );
    }
    for (event, then) in &before {
        if find(&after, event).is_none() {
            of_event(both, event, then, &[], into);
        }
    }
}

fn of_event(both: &Both<'_>, event: &str, then: &[u32], now: &[u32], into: &mut Vec<Change>) {
    for position in 0..then.len().max(now.len()) {
        let was = then.get(position);
        let was = was.map(|number| both.old.transition(*number));
        let is = now.get(position);
        let is = is.map(|number| both.new.transition(*number));
        let (what, old, new) = match (was, is) {
            (Some(was), Some(is)) => match parts(both, was, is) {
                Some((old, new)) => (What::TransitionChanged, old, new),
                None => continue,
            },
            (Some(was), None) => (What::TransitionRemoved, all(both.old, was), Value::Null),
            (None, Some(is)) => (What::TransitionAdded, Value::Null, all(both.new, is)),
            (None, None) => continue,
        };
        let at = is.or(was).map(|transition| transition.at.clone());
        into.push(Change {
            transition: Some((event.to_owned(), position)),
            pointer: at.unwrap_or_default(),
            ..both.change(what, old, new)
        });
    }
}

/// Transitions by what they are for, in words that do not change with a state's id.
fn by_event(model: &Model, node: &Node) -> Vec<(String, Vec<u32>)> {
    let on = node.on.iter();
    let on = on.map(|(event, transitions)| (event_name(model, node, event), transitions.clone()));
    let always = (!node.always.is_empty()).then(|| ("always".to_owned(), node.always.clone()));
    on.chain(always).collect()
}

fn event_name(model: &Model, node: &Node, event: &str) -> String {
    if *event == *node.done_event {
        return "onDone".into();
    }
    let afters = &model.afters[node.afters.start as usize..node.afters.end as usize];
    if let Some(after) = afters.iter().find(|after| *after.event == *event) {
        return match plain::delay(model, after.delay) {
            Value::String(name) => format!("after {name}"),
            millis => format!("after {millis}"),
        };
    }
    let prefixes = [
        ("onDone", "xstate.done.actor."),
        ("onError", "xstate.error.actor."),
    ];
    for (key, prefix) in prefixes {
        let id = event.strip_prefix(prefix);
        if let Some(place) = id.and_then(|id| plain::place_of_unnamed(model, node, id)) {
            return format!("{key} of invoke {place}");
        }
    }
    event.to_owned()
}

/// The parts that differ, before and after.
fn parts(both: &Both<'_>, was: &Transition, is: &Transition) -> Option<(Value, Value)> {
    let (mut old, mut new) = (Map::new(), Map::new());
    let same_targets = match (&was.targets, &is.targets) {
        (Some(was), Some(is)) => both.pairs.same(was, is),
        (None, None) => true,
        _ => false,
    };
    let (whole_old, whole_new) = (all(both.old, was), all(both.new, is));
    let differs = |part: &str| match part {
        "target" => !same_targets,
        part => whole_old[part] != whole_new[part],
    };
    for part in ["target", "guard", "actions", "reenter"] {
        if differs(part) {
            old.insert(part.into(), whole_old[part].clone());
            new.insert(part.into(), whole_new[part].clone());
        }
    }
    (!old.is_empty()).then(|| (old.into(), new.into()))
}

fn all(model: &Model, transition: &Transition) -> Value {
    let targets = transition.targets.as_ref();
    json!({
        "target": targets.map(|targets| plain::ids(model, targets)),
        "guard": transition.guard.as_ref().map(ToString::to_string),
        "actions": plain::actions(model, &transition.actions),
        "reenter": transition.reenter,
    })
}
