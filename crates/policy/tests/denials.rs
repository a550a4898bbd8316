//! The denial log through its front door: a sink that takes, fails, hangs or panics on demand, and a spool on a real disk.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

#[path = "denials/ending.rs"]
mod ending;
#[path = "denials/events.rs"]
mod events;
#[path = "denials/puppet.rs"]
mod puppet;
#[path = "denials/sinks.rs"]
mod sinks;
#[path = "denials/spool.rs"]
mod spool;
#[path = "denials/waiting.rs"]
mod waiting;
