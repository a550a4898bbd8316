//! Runs untrusted WebAssembly inside a host program: pristine memory for every call, limits on everything, and an
//! outcome that says what the call cost, whichever way it ended.
//!
//! ```
//! use wardian::{Binding, Call, Contract, Limits, Sandbox, SandboxConfig, Source};
//!
//! # let guest = wat::parse_str(r#"(module (memory (export "memory") 1)
//! #     (func (export "alloc") (param i32) (result i32) i32.const 1024)
//! #     (func (export "shout") (param $at i32) (param $len i32) (result i64) (local $i i32)
//! #         (loop $next
//! #             (i32.store8 (i32.add (local.get $at) (local.get $i))
//! #                 (i32.and (i32.load8_u (i32.add (local.get $at) (local.get $i))) (i32.const 0xdf)))
//! #             (local.set $i (i32.add (local.get $i) (i32.const 1)))
//! #             (br_if $next (i32.lt_u (local.get $i) (local.get $len))))
//! #         (i64.or (i64.shl (i64.extend_i32_u (local.get $at)) (i64.const 32))
//! #             (i64.extend_i32_u (local.get $len)))))"#)?;
//! let sandbox = Sandbox::new(SandboxConfig::default())?;
//! // Any module with `alloc(size)` and `shout(ptr, len)`: bytes in, bytes out.
//! let module = sandbox.load_blocking(Source::new("shout", guest))?;
//! let shout = module.link(&Binding::new(Contract::service(&["shout"])))?;
//!
//! let limits = Limits { memory_bytes_max: 1 << 20, ..Limits::default() };
//! let outcome = shout.call_blocking(Call::bytes("shout", "hello").limits(limits));
//! assert_eq!(outcome.result?.bytes(), b"HELLO");
//! assert!(outcome.usage.fuel.is_some_and(|fuel| fuel < 200));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The core is `wardian-sandbox`, re-exported here: start at [`Sandbox`], then [`Binding`], [`Call`] and [`Outcome`].
//! In async code the same call is `shout.call(…).await`; dropping that future ends the guest.
//!
//! Features, one for each binding, none by default:
//!
//! - `image`: pictures decoded, resized and encoded by an embedded guest that can do nothing else, as `wardian::image`.
//! - `guard`: state machines, as `wardian::machine`, whose conditions and actions are modules of anybody's, by
//!   `wardian::guard`.
//! - `pdf`: PDFs made of HTML and CSS, merged and looked into by another, as `wardian::pdf`.
//! - `policy`: may this actor do this? Checkers, gates, artifacts and the log of denials, as `wardian::policy`; `rego` and `opa`
//!   for policies made of Rego and of what Open Policy Agent compiled.
//! - `sheet`: spreadsheets read by another such guest, as `wardian::sheet`.
#![deny(missing_docs)]

#[doc(inline)]
pub use wardian_sandbox::{
    Answer, Answering, Baseline, Binding, Blame, CacheConfig, Call, CallError, CallHandle, Calling,
    Compilation, CompileEvent, CompileObserver, Compiler, Contract, Cpu, Determinism,
    EngineSettings, Export, ExportKind, Frame, Grants, Host, HostError, Imports, Isolation, Limit,
    Limits, LinkError, Linked, LoadError, LoadLimits, Metering, Module, ModuleKind, OptLevel,
    Outcome, Params, Problem, Results, Sandbox, SandboxConfig, SandboxError, Session, Source,
    Stats, Strategy, TargetCpu, Trap, TrapKind, UnknownCpu, Usage, Value, Warmed, compile_worker,
    disk, helper, inspect, text,
};

#[cfg(feature = "guard")]
#[doc(inline)]
pub use wardian_guard as guard;
#[cfg(feature = "guard")]
#[doc(inline)]
pub use wardian_machine as machine;
#[cfg(feature = "policy")]
#[doc(inline)]
pub use wardian_policy as policy;
#[cfg(any(feature = "image", feature = "pdf", feature = "sheet"))]
#[doc(inline)]
pub use wardian_service::ServiceError;
#[cfg(feature = "image")]
#[doc(inline)]
pub use wardian_service::image;
#[cfg(feature = "pdf")]
#[doc(inline)]
pub use wardian_service::pdf;
#[cfg(feature = "sheet")]
#[doc(inline)]
pub use wardian_service::sheet;

/// The example of the repository's first page, compiled by the doctests of a checkout.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// Those of the guides.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/ahead.md")]
struct Ahead;

#[cfg(all(doctest, feature = "guard"))]
#[doc = include_str!("../../../docs/guides/guards.md")]
struct Guards;

#[cfg(all(doctest, feature = "policy"))]
#[doc = include_str!("../../../docs/guides/policies.md")]
struct Policies;
