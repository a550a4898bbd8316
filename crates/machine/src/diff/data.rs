//! What differs in what a machine is given from outside: its context, and the names that a registry binds.

use serde_json::{Map, Value};

use super::{Change, What};
use crate::model::Model;
use crate::registry::NameKind;

pub(super) fn context(old: &Model, new: &Model) -> Vec<Change> {
    let change = |what, key: &str, was: Option<&Value>, is: Option<&Value>| Change {
        what,
        subject: key.to_owned(),
        transition: None,
        pointer: match key {
            "" => "/context".to_owned(),
            key => format!("/context/{}", key.replace('~', "~0").replace('/', "~1")),
        },
        old: was.cloned().unwrap_or_default(),
        new: is.cloned().unwrap_or_default(),
        // Kept contexts do not have it.
        breaks_kept: what == What::ContextAdded,
    };
    let (Value::Object(before), Value::Object(after)) = (&old.context, &new.context) else {
        let (was, is) = (&old.context, &new.context);
        let differs = was != is;
        let change = differs.then(|| change(What::ContextChanged, "", Some(was), Some(is)));
        return change.into_iter().collect();
    };
    let key = |key: &String| {
        let (was, is) = (before.get(key), after.get(key));
        let what = match (was, is) {
            (None, Some(_)) => What::ContextAdded,
            (Some(_), None) => What::ContextRemoved,
            (was, is) if was == is => return None,
            _ => What::ContextChanged,
        };
        Some(change(what, key, was, is))
    };
    let gone = |other: &Map<String, Value>, key: &String| !other.contains_key(key);
    let keys = after
        .keys()
        .chain(before.keys().filter(|key| gone(after, key)));
    keys.filter_map(key).collect()
}

pub(super) fn names(old: &Model, new: &Model) -> Vec<Change> {
    let (was, is) = (&old.names, &new.names);
    let kinds = [
        (NameKind::Guard, &was.guards, &is.guards),
        (NameKind::Action, &was.actions, &is.actions),
        (NameKind::Service, &was.services, &is.services),
        (NameKind::Delay, &was.delays, &is.delays),
    ];
    let of_kind = |(kind, was, is): (NameKind, &Vec<String>, &Vec<String>)| {
        let added = beyond(is, was).map(move |name| name_change(What::NameAdded(kind), name));
        let gone = beyond(was, is).map(move |name| name_change(What::NameRemoved(kind), name));
        added.chain(gone).collect::<Vec<Change>>()
    };
    kinds.into_iter().flat_map(of_kind).collect()
}

/// What the first has and the second has not.
fn beyond<'n>(names: &'n [String], others: &[String]) -> impl Iterator<Item = &'n String> {
    let others: std::collections::HashSet<String> = others.iter().cloned().collect();
    names.iter().filter(move |name| !others.contains(*name))
}

fn name_change(what: What, name: &str) -> Change {
    Change {
        what,
        subject: name.to_owned(),
        transition: None,
        pointer: String::new(),
        old: Value::Null,
        new: Value::Null,
        breaks_kept: false,
    }
}
