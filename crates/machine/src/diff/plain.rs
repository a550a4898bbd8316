//! Actions and invocations without the numbers of one machine, so that those of two can be held against each other.

use std::ops::Range;

use serde_json::{Map, Value, json};

use crate::model::{Act, DelayIx, Ix, Model, Node};

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

fn name_of(names: &[String], number: u32) -> &str {
    names.get(number as usize).map_or("", String::as_str)
}

/// As targets are written.
pub(super) fn ids(model: &Model, states: &[Ix]) -> Value {
    let states = states.iter();
    states
        .map(|ix| format!("#{}", model.node(*ix).id))
        .collect()
}

/// Services with the ids that the document says; those without have theirs from the state's.
pub(super) fn invokes(model: &Model, node: &Node) -> Vec<Value> {
    let invokes = &model.invokes[node.invokes.start as usize..node.invokes.end as usize];
    let each = invokes.iter().map(|invoke| {
        let id = match place_of_unnamed(model, node, &invoke.id) {
            Some(_) => Value::Null,
            None => Value::from(&*invoke.id),
        };
        let src = name_of(&model.names.services, invoke.src);
        json!({"id": id, "src": src, "input": invoke.input.as_json()})
    });
    each.collect()
}

/// The place among a state's services of one whose id is made of it.
pub(super) fn place_of_unnamed(model: &Model, node: &Node, id: &str) -> Option<usize> {
    let invokes = &model.invokes[node.invokes.start as usize..node.invokes.end as usize];
    let place = invokes.iter().position(|invoke| *invoke.id == *id)?;
    (format!("{place}.{}", node.id) == id).then_some(place)
}

pub(super) fn delays(model: &Model, node: &Node) -> Vec<Value> {
    let afters = &model.afters[node.afters.start as usize..node.afters.end as usize];
    afters
        .iter()
        .map(|after| delay(model, after.delay))
        .collect()
}
