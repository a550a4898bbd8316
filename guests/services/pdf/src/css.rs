//! CSS: text to rules, rules held against elements.

pub(crate) mod cursor;
pub(crate) mod declaration;
pub(crate) mod matching;
pub(crate) mod media;
mod nth;
pub(crate) mod property;
pub(crate) mod selector;
pub(crate) mod sheet;
mod shorthand;
pub(crate) mod token;
pub(crate) mod values;
