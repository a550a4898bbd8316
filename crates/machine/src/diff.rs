//! What differs between two machines.

pub(crate) mod plain;
