//! The data that a machine carries: any JSON, or a type of the host's.

use std::borrow::Cow;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::event::at;
use crate::failure::Failure;

/// What a machine carries from step to step.
///
/// [`Value`] is one. A type of your own becomes one by an empty `impl`; guards in Rust then read its fields, and it is
/// turned into JSON for comparisons and for guests.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use wardian_machine::Context;
///
/// #[derive(Clone, Serialize, Deserialize)]
/// struct Order {
///     total: u32,
/// }
/// impl Context for Order {}
/// ```
pub trait Context: Clone + Send + Sync + Serialize + DeserializeOwned + 'static {
    /// As JSON.
    ///
    /// # Errors
    /// [`Failure`] where the type cannot be written as JSON.
    fn json(&self) -> Result<Cow<'_, Value>, Failure> {
        serde_json::to_value(self)
            .map(Cow::Owned)
            .map_err(|error| Failure::new("context.no_json", error.to_string()))
    }

    /// From JSON, after an assignment.
    ///
    /// # Errors
    /// [`Failure`] where the value is none of this type.
    fn from_json(value: Value) -> Result<Self, Failure> {
        serde_json::from_value(value)
            .map_err(|error| Failure::new("context.wrong_shape", error.to_string()))
    }

    /// What lies at a path, null where it is null, nothing where nothing is.
    ///
    /// # Errors
    /// As [`Context::json`].
    fn lookup(&self, path: &[String]) -> Result<Option<Cow<'_, Value>>, Failure> {
        Ok(match self.json()? {
            Cow::Borrowed(value) => at(value, path).map(Cow::Borrowed),
            Cow::Owned(value) => at(&value, path).cloned().map(Cow::Owned),
        })
    }
}

impl Context for Value {
    fn json(&self) -> Result<Cow<'_, Value>, Failure> {
        Ok(Cow::Borrowed(self))
    }

    fn from_json(value: Value) -> Result<Value, Failure> {
        Ok(value)
    }
}

impl Context for () {}
