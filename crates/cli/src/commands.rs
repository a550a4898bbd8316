//! One command a file: its arguments and what it does.

pub(crate) mod cache;
pub(crate) mod call;
pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod guard;
pub(crate) mod image;
pub(crate) mod machine;
pub(crate) mod man;
pub(crate) mod module;
pub(crate) mod pdf;
pub(crate) mod policy;
pub(crate) mod sheet;
