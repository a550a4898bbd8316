//! A policy as WebAssembly of anybody's: a component of the world `wardian:policy/checker@1.0.0`, or a core module.

use wardian_rules::Input;
use wardian_sandbox::{Outcome, Sandbox};

use crate::Decision;
use crate::artifact::Artifact;
use crate::checker::{Checking, PolicyChecker, PolicyId};
use crate::error::PolicyError;
use crate::guest::{Dialect, Guest, Prepared};
use crate::statics::StaticRule;

/// Decides in the box. A trap, a loop, too much memory or an answer that is none is a no with a code of its own, and the
/// next question meets pristine memory again.
///
/// ```
/// use wardian_policy::artifact::Artifact;
/// use wardian_policy::{PolicyChecker, Prepared, Reason, WasmChecker};
/// use wardian_rules::Input;
/// use wardian_sandbox::{Sandbox, SandboxConfig};
///
/// # let loops = wat::parse_str(r#"(module (memory (export "memory") 1)
/// #     (func (export "alloc") (param i32) (result i32) i32.const 1024)
/// #     (func (export "policy_check") (param i32 i32) (result i64) (loop br 0) unreachable))"#)?;
/// let sandbox = Sandbox::new(SandboxConfig::default())?;
/// let artifact = Artifact::from_bytes(loops)?;
/// let checker = WasmChecker::load_blocking(&sandbox, &artifact, Prepared::of(&artifact))?;
/// let decision = checker.check_blocking(&Input::new("env.read", "env_var", "HOME"));
/// // By the clock or by its fuel, whichever is over first.
/// assert!([Some(&Reason::TIMEOUT), Some(&Reason::OUT_OF_FUEL)].contains(&decision.reason()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct WasmChecker(Guest<()>);

impl WasmChecker {
    /// Loads and links a policy.
    ///
    /// # Errors
    /// [`PolicyError`]: it is no module, or does not export what a policy must, or imports anything.
    pub async fn load(
        sandbox: &Sandbox,
        artifact: &Artifact,
        prepared: Prepared,
    ) -> Result<WasmChecker, PolicyError> {
        let guest = Guest::load(sandbox, artifact, prepared, Dialect::standard()).await?;
        Ok(WasmChecker(guest))
    }

    /// The same on the caller's thread.
    ///
    /// # Errors
    /// As [`WasmChecker::load`].
    pub fn load_blocking(
        sandbox: &Sandbox,
        artifact: &Artifact,
        prepared: Prepared,
    ) -> Result<WasmChecker, PolicyError> {
        let guest = Guest::load_blocking(sandbox, artifact, prepared, Dialect::standard())?;
        Ok(WasmChecker(guest))
    }

    /// Decides, and says what that used.
    pub fn outcome_blocking(&self, input: &Input<'_>) -> (Decision, Outcome) {
        self.0.outcome_blocking(input)
    }
}

impl PolicyChecker for WasmChecker {
    fn check<'a>(&'a self, input: &'a Input<'a>) -> Checking<'a> {
        Checking::asked(self.0.ask(input))
    }

    fn check_blocking(&self, input: &Input<'_>) -> Decision {
        self.0.ask_blocking(input)
    }

    fn policy(&self) -> &PolicyId {
        self.0.id()
    }

    fn is_pure(&self) -> bool {
        self.0.is_pure()
    }

    fn statics(&self) -> &[StaticRule] {
        self.0.statics()
    }
}
