//! Actions and invocations without the numbers of one machine, so that those of two can be held against each other.

use std::ops::Range;

use serde_json::{Map, Value, json};

use crate::model::{Act, DelayIx, Invoke, Model};

/// As a document would say them.
pub(crate) fn actions(model: &Model, actions: &Range<u32>) -> Vec<Value> {
    let acts = actions.clone();
    acts.filter_map(|ix| Some(action(model, model.actions.get(ix as usize)?)))
        .collect()
}

fn action(model: &Model, act: &Act) -> Value {
    match act {
        Act::Asked { name, params } => {
            let name = name_of(&model.names.actions, *name);
            match params {
                Value::Null => name.into(),
                params => json!({"type": name, "params": params}),
            }
        }
        Act::Raise {
            event,
            data,
            delay,
            id,
        } => {
            let mut raise = Map::new();
            raise.insert("type".into(), "raise".into());
            let data = data.as_json();
            raise.insert("event".into(), json!({"type": &**event, "data": data}));
            if let Some(delay) = delay {
                raise.insert("delay".into(), self::delay(model, *delay));
            }
            if let Some(id) = id {
                raise.insert("id".into(), id.as_str().into());
            }
            raise.into()
        }
        Act::Assign(values) => {
            let values = values.iter();
            let values = values.map(|(key, value)| (key.clone(), value.as_json().clone()));
            json!({"type": "assign", "assignment": values.collect::<Map<_, _>>()})
        }
        Act::Cancel { id } => json!({"type": "cancel", "id": id}),
    }
}

/// Milliseconds, or a name.
pub(super) fn delay(model: &Model, delay: DelayIx) -> Value {
    match delay {
        DelayIx::Millis(millis) => millis.into(),
        DelayIx::Named(name) => name_of(&model.names.delays, name).into(),
    }
}

pub(super) fn service<'m>(model: &'m Model, invoke: &Invoke) -> &'m str {
    name_of(&model.names.services, invoke.src)
}

fn name_of(names: &[String], number: u32) -> &str {
    names.get(number as usize).map_or("", String::as_str)
}
