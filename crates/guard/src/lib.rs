//! WebAssembly that decides transitions: guards, and actions, assigns and services too, for `wardian-machine`.
//!
//! ```
//! use serde_json::{Value, json};
//! use wardian_guard::GuardModule;
//! use wardian_machine::{Ending, Event, Machine, Registry};
//! use wardian_sandbox::{Sandbox, SandboxConfig};
//!
//! # let says_yes = wat::parse_str(r#"(module (memory (export "memory") 1) (data (i32.const 0) "{\"ok\":true}")
//! #     (func (export "alloc") (param i32) (result i32) i32.const 1024)
//! #     (func (export "eval") (param i32 i32) (result i64) i64.const 11))"#)?;
//! let sandbox = Sandbox::new(SandboxConfig::default())?;
//! let module = GuardModule::load_blocking(&sandbox, says_yes)?;
//!
//! let mut registry = Registry::<Value>::new();
//! let approved = wardian_guard::bind(&mut registry, "approved", module)?;
//! // In Rust `approved & !other`; in a document by its name.
//! # assert_eq!(approved.to_string(), "approved");
//! let machine = Machine::from_json(br#"{"initial": "open", "states": {
//!     "open": {"on": {"pay": {"target": "paid", "guard": "approved"}}}, "paid": {}}}"#)?;
//! let order = machine.provide(&registry)?;
//!
//! let open = order.start(json!({"total": 40}))?.state;
//! let step = order.step_blocking(&open, &Event::new("pay"))?;
//! assert_eq!(step.outcome.ending, Ending::Taken);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A guard that traps, loops, answers garbage or asks for four gigabytes blocks the transition, under a negation as well,
//! and the step's outcome says why. The module serves the next evaluation.
#![deny(missing_docs)]

mod answer;
mod ask;
mod bind;
mod error;
mod module;
mod request;
mod section;
mod slot;

pub use answer::{Answered, ERROR_CHARS_MAX, REASON_CHARS_MAX};
pub use bind::{GuardNode, bind, bind_action, bind_assign, bind_service};
pub use error::GuardError;
pub use module::{EVAL_DEADLINE, GuardModule, HOST_CALLS_MAX};
pub use section::{SECTION, SECTION_BYTES_MAX, Section};
pub use slot::GuardSlot;
