//! Statecharts as data, and an interpreter that does no I/O: no clock, no threads, no WebAssembly.
//!
//! ```
//! use serde_json::{Value, json};
//! use wardian_machine::{Ending, Event, Machine, Registry};
//!
//! // XState v5's configuration; guards are composed as data.
//! let machine = Machine::from_json(br#"{
//!     "id": "order", "initial": "open", "context": {"total": 0},
//!     "states": {
//!         "open": {"on": {"pay": {
//!             "target": "paid",
//!             "guard": {"type": "and", "guards": ["approved", {"type": "ge", "path": "total", "value": 40}]},
//!             "actions": "send_receipt"
//!         }}},
//!         "paid": {"type": "final"}
//!     }
//! }"#)?;
//! let mut registry = Registry::<Value>::new();
//! registry.guard("approved", |args| args.context["by"] == "ann")?.effect("send_receipt")?;
//! let order = machine.provide(&registry)?;
//!
//! let open = order.start(json!({"total": 50, "by": "ann"}))?.state;
//! let step = order.step(&open, &Event::new("pay"))?;
//! assert_eq!(step.outcome.ending, Ending::Taken);
//! assert_eq!(step.state.value(), json!("paid"));
//! assert_eq!(step.effects.len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A step is a transaction: it gives a new state with all its effects, or an error, and the old state is as good as before.
#![deny(missing_docs)]

mod action;
mod builder;
mod check;
mod context;
mod crucible;
pub mod diff;
mod draft;
mod drive;
mod event;
mod expr;
mod failure;
mod foreign;
mod interpret;
pub mod lint;
mod model;
mod native;
mod problem;
mod registry;
pub mod render;
mod schema;
mod state;
mod step;
mod template;
mod tree;
mod write;
mod written;

pub use action::{Action, Delay};
pub use builder::{Invoke, MachineBuilder, StateBuilder, Transition};
pub use check::{DEPTH_MAX, GUARD_DEPTH_MAX, PROBLEMS_MAX, STATES_MAX, TRANSITIONS_MAX};
pub use context::Context;
pub use draft::Kind;
pub use event::{Event, EventError};
pub use expr::{Compare, Guard};
pub use failure::{Failure, Verdict};
pub use foreign::{Answer, Asking, Foreign, Question, Said, Wanted};
pub use interpret::{Current, Progress, Provided, Stepping};
pub use model::Machine;
pub use native::DOCUMENT_BYTES_MAX;
pub use problem::{Flaw, Problem, Problems};
pub use registry::{Args, BoundTwice, NameKind, Registry, Unbound};
pub use schema::SCHEMA;
pub use state::{RestoreError, State, Status};
pub use step::{
    Effect, Ending, Microstep, Outcome, REFUSALS_MAX, Refusal, Step, StepError, StepLimits,
};
pub use template::Template;
