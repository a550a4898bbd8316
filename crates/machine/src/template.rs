//! Values with holes: constants that take parts from the context or from the event.

use serde_json::{Map, Value};

use crate::event::{Event, at};
use crate::expr::split;

/// A JSON value in which `{"$context": "order.total"}` and `{"$event": "amount"}` stand for what lies there; null where
/// nothing does.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Template {
    value: Value,
    has_holes: bool,
}

impl Template {
    /// As a document says it.
    #[must_use]
    pub fn new(value: Value) -> Template {
        let has_holes = has_holes(&value);
        Template { value, has_holes }
    }

    /// As a document says it.
    #[must_use]
    pub fn as_json(&self) -> &Value {
        &self.value
    }

    /// Whether it reads the context or the event.
    #[must_use]
    pub fn has_holes(&self) -> bool {
        self.has_holes
    }

    /// With the holes filled.
    #[must_use]
    pub fn fill(&self, context: &Value, event: &Event) -> Value {
        match self.has_holes {
            true => fill(&self.value, context, event),
            false => self.value.clone(),
        }
    }
}

enum Hole<'v> {
    Context(&'v str),
    Event(&'v str),
}

fn hole(members: &Map<String, Value>) -> Option<Hole<'_>> {
    if members.len() != 1 {
        return None;
    }
    match members.iter().next() {
        Some((key, Value::String(path))) if key == "$context" => Some(Hole::Context(path)),
        Some((key, Value::String(path))) if key == "$event" => Some(Hole::Event(path)),
        _ => None,
    }
}

fn has_holes(value: &Value) -> bool {
    match value {
        Value::Object(members) => hole(members).is_some() || members.values().any(has_holes),
        Value::Array(elements) => elements.iter().any(has_holes),
        _ => false,
    }
}

/// The empty path is all of it.
fn keys(path: &str) -> Vec<String> {
    match path {
        "" => Vec::new(),
        path => split(path),
    }
}

fn fill(value: &Value, context: &Value, event: &Event) -> Value {
    match value {
        Value::Object(members) => match hole(members) {
            Some(Hole::Context(path)) => at(context, &keys(path)).cloned().unwrap_or_default(),
            Some(Hole::Event(path)) => {
                let found = event.get(&keys(path));
                found.map(std::borrow::Cow::into_owned).unwrap_or_default()
            }
            None => members
                .iter()
                .map(|(key, inner)| (key.clone(), fill(inner, context, event)))
                .collect(),
        },
        Value::Array(elements) => elements
            .iter()
            .map(|inner| fill(inner, context, event))
            .collect(),
        other => other.clone(),
    }
}
