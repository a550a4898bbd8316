//! May this actor do this? Answered natively or in the box, and no when in doubt.
//!
//! A host asks at a [`DecisionPoint`] before every sensitive effect, or has its capabilities behind a [`gate`] that asks for
//! it. Who decides is a [`PolicyChecker`]: [`LocalChecker`] natively, [`WasmChecker`] in the box, `OpaChecker` what Open Policy
//! Agent compiled. They are exchanged at a point while checks run; none of them ever stands in for another.
//!
//! ```
//! use wardian_policy::artifact::{Artifact, ArtifactMeta, write_section};
//! use wardian_policy::{DecisionPoint, Input, LocalChecker, PointConfig, Prepared, WasmChecker, make};
//! use wardian_sandbox::{Sandbox, SandboxConfig};
//!
//! let document = br#"{"hosts": ["api.example.com"], "sql": ["orders.list"]}"#;
//! let point = DecisionPoint::new(LocalChecker::from_json(document)?, PointConfig::default());
//! let fetch = Input::new("http.outbound", "host", "evil.example");
//! let said = point.check_blocking(&fetch);
//! assert_eq!(said.to_json(), r#"{"kind":"deny","reason":"not_in_allowlist"}"#);
//!
//! // The same rules in the box; anybody's would do.
//! let sandbox = Sandbox::new(SandboxConfig::default())?;
//! let wasm = make::from_document(&sandbox, document)?;
//! let meta = ArtifactMeta { version: Some("1.0.0".parse()?), ..ArtifactMeta::default() };
//! let artifact = Artifact::from_bytes(write_section(&wasm, &meta)?)?;
//! point.replace(WasmChecker::load_blocking(&sandbox, &artifact, Prepared::of(&artifact))?);
//! assert_eq!(point.check_blocking(&fetch), said);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Whatever goes wrong is a no with a code: `trap`, `timeout`, `out_of_memory`, `out_of_fuel`, `malformed_input`,
//! `malformed_result`, `policy_unavailable`.
#![deny(missing_docs, clippy::indexing_slicing)]

mod answer;
pub mod artifact;
mod cache;
mod checker;
mod decision;
pub mod denials;
mod error;
mod fixture;
pub mod gate;
mod guest;
mod input;
mod local;
#[cfg(feature = "make")]
pub mod make;
#[cfg(feature = "opa")]
pub mod opa;
mod point;
mod regular;
mod settings;
mod statics;
mod wasm;

pub use cache::{CACHE_ENTRIES_MAX, CacheConfig};
pub use checker::{Checking, PolicyChecker, PolicyId};
pub use decision::{Decision, REASON_BYTES_MAX, Reason};
pub use error::PolicyError;
pub use fixture::{
    FIXTURE_BYTES_MAX, FIXTURES_MAX, Fixture, FixtureError, Refused, try_fixtures,
    try_fixtures_blocking,
};
pub use guest::{CHECK_DEADLINE, Prepared, default_limits};
pub use local::LocalChecker;
#[cfg(feature = "opa")]
pub use opa::OpaChecker;
pub use point::{DecisionPoint, PointConfig};
pub use settings::{
    CheckerKind, DEADLINE_MAX, OpenError, PinnedSettings, PolicySettings, WhenMissing,
};
pub use statics::{NotStatic, StaticRule};
pub use wardian_rules::{Actor, Env, Input, Problems, Resource};
pub use wasm::WasmChecker;
