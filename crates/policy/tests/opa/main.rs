//! Policies that Open Policy Agent compiled: made into modules that need nothing, and asked in the box.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on says where.

mod answers;
mod boxed;
mod builtins;
mod faults;
mod hostile;
mod policies;
mod run;
