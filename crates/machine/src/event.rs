//! Events: a name, and whatever comes with it.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value};

/// Something that happened: a name such as `order.paid`, and data.
///
/// ```
/// use wardian_machine::Event;
/// use serde_json::json;
///
/// let paid = Event::new("paid").with(json!({"total": 40}));
/// assert_eq!(paid.to_json(), json!({"type": "paid", "total": 40}));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    name: Arc<str>,
    data: Value,
}

impl Event {
    /// An event without data.
    pub fn new(name: impl Into<Arc<str>>) -> Event {
        Event {
            name: name.into(),
            data: Value::Null,
        }
    }

    /// The same event with this data in place of what it had.
    #[must_use]
    pub fn with(mut self, data: Value) -> Event {
        self.data = data;
        self
    }

    /// What transitions are chosen by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn shared_name(&self) -> Arc<str> {
        self.name.clone()
    }

    /// What came with it; null where nothing did.
    #[must_use]
    pub fn data(&self) -> &Value {
        &self.data
    }

    /// One value with the name as `type`: the members of an object beside it, anything else as `data`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut members = Map::new();
        members.insert("type".into(), Value::from(&*self.name));
        match &self.data {
            Value::Null => {}
            Value::Object(data) => {
                let others = data.iter().filter(|(key, _)| *key != "type");
                members.extend(others.map(|(key, value)| (key.clone(), value.clone())));
            }
            other => {
                members.insert("data".into(), other.clone());
            }
        }
        Value::Object(members)
    }

    /// Reads what [`Event::to_json`] gives; a text alone is a name.
    ///
    /// # Errors
    /// Says what is wrong with the value.
    pub fn from_json(value: Value) -> Result<Event, EventError> {
        let mut members = match value {
            Value::String(name) => return Event::named(name),
            Value::Object(members) => members,
            _ => return Err(EventError::Kind),
        };
        match members.remove("type") {
            Some(Value::String(name)) => Ok(match members.is_empty() {
                true => Event::named(name)?,
                false => Event::named(name)?.with(Value::Object(members)),
            }),
            Some(_) => Err(EventError::Type),
            None => Err(EventError::NoType),
        }
    }

    fn named(name: String) -> Result<Event, EventError> {
        if name.is_empty() {
            return Err(EventError::Empty);
        }
        Ok(Event::new(name))
    }

    /// The value at a path such as `order.total` inside the event, `type` included.
    pub(crate) fn get(&self, path: &[String]) -> Option<Cow<'_, Value>> {
        match path {
            [] => Some(Cow::Owned(self.to_json())),
            [first] if first == "type" => Some(Cow::Owned(Value::from(&*self.name))),
            [first, rest @ ..] if first == "data" && !self.data.is_object() => {
                at(&self.data, rest).map(Cow::Borrowed)
            }
            path => at(&self.data, path).map(Cow::Borrowed),
        }
    }
}

impl serde::Serialize for Event {
    /// As [`Event::to_json`], without copies.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("type", &*self.name)?;
        match &self.data {
            Value::Null => {}
            Value::Object(data) => {
                for (key, value) in data.iter().filter(|(key, _)| *key != "type") {
                    members.serialize_entry(key, value)?;
                }
            }
            other => members.serialize_entry("data", other)?,
        }
        members.end()
    }
}

/// The value at a path below a value: members by name, elements by number.
pub(crate) fn at<'v>(value: &'v Value, path: &[String]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, key| match value {
        Value::Object(members) => members.get(key),
        Value::Array(elements) => elements.get(key.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Why a value is no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// Neither a text nor an object.
    #[error("an event is a text or an object with a `type`")]
    Kind,
    /// An object without a name.
    #[error("an event needs a `type`")]
    NoType,
    /// A name that is no text.
    #[error("`type` of an event must be a text")]
    Type,
    /// A name without letters.
    #[error("an event's name must not be empty")]
    Empty,
}
