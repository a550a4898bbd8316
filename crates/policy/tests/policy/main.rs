//! The checkers, against the contract and each other; what goes wrong in the box; the point where a host asks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on says where.

mod answers;
mod component;
mod corruption;
mod equivalence;
mod faults;
mod gates;
mod guests;
mod package;
mod point;
mod settings;
mod swaps;
