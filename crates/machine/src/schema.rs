//! The native form's JSON Schema, for editors and for those who check documents before they send them.

/// JSON Schema (2020-12) of the documents that [`Machine::from_json`](crate::Machine::from_json) reads.
///
/// It refuses no document that is a machine. What it cannot say, the reader still checks: that targets lead to states,
/// that ids and members are there once, that a raised delay is written without a fraction, and the limits of size.
///
/// ```
/// let schema: serde_json::Value = serde_json::from_str(wardian_machine::SCHEMA)?;
/// assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub const SCHEMA: &str = include_str!("../machine.schema.json");
