//! Makes a policy: from a document, so that what it allows is in memory before the first question.

mod component;
mod error;
mod package;
mod trim;

use bytes::Bytes;
use wardian_rules::Policy;
use wardian_sandbox::{Answer, Binding, Call, Contract, Imports, Limits, Sandbox, Source};

pub use component::{CHECKER, ComponentizeError, POLICY_WIT, check_component, componentize};
pub use error::MakeError;
pub use package::{CrateError, MODULE_BYTES_MAX, TARGET, build_crate};

/// The built-in rules as a guest.
static RULES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rules.wasm"));
/// Reads what a policy is made of.
const LOAD: &str = "policy_load";
/// Memory that a policy is left for its questions; more of it comes as it is asked for.
const ROOM_BYTES: u64 = 128 << 10;
/// Bytes of memory while a policy is made.
const MAKING_BYTES_MAX: u64 = 256 << 20;
/// Problems of one source that are kept.
const PROBLEMS_MAX: usize = 100;
/// Characters of each.
const PROBLEM_CHARS_MAX: usize = 500;

/// Makes a core module of a policy's document; see [`Policy::from_json`].
///
/// ```
/// use wardian_policy::artifact::Artifact;
/// use wardian_policy::{Decision, PolicyChecker, Prepared, WasmChecker, make};
/// use wardian_rules::Input;
/// use wardian_sandbox::{Sandbox, SandboxConfig};
///
/// let sandbox = Sandbox::new(SandboxConfig::default())?;
/// let wasm = make::from_document(&sandbox, br#"{"env": ["HOME"]}"#)?;
/// let artifact = Artifact::from_bytes(wasm.into())?;
/// let checker = WasmChecker::load_blocking(&sandbox, &artifact, Prepared::of(&artifact))?;
/// assert_eq!(checker.check_blocking(&Input::new("env.read", "env_var", "HOME")), Decision::Allow);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`MakeError::Document`] with all that is wrong with it.
pub fn from_document(sandbox: &Sandbox, document: &[u8]) -> Result<Bytes, MakeError> {
    // What it would say itself, typed.
    Policy::from_json(document).map_err(MakeError::Document)?;
    let kept = snapshot(sandbox, "rules", Bytes::from_static(RULES), document)?;
    Ok(trim::trim(&kept, ROOM_BYTES)?.into())
}

/// What Rego a policy is made of.
#[cfg(feature = "rego")]
#[derive(Clone, Debug, serde::Serialize)]
pub struct RegoSource<'s> {
    /// The rule whose value is the decision, such as `data.wardian.policy.decision`.
    pub entrypoint: &'s str,
    /// The modules.
    pub modules: Vec<RegoModule<'s>>,
    /// A data document: a JSON object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<&'s serde_json::value::RawValue>,
}

/// A module of Rego.
#[cfg(feature = "rego")]
#[derive(Clone, Debug, serde::Serialize)]
pub struct RegoModule<'s> {
    /// Its name in messages, such as that of its file.
    pub name: &'s str,
    /// Its text.
    pub source: &'s str,
}

/// The engine for Rego as a guest.
#[cfg(feature = "rego")]
static REGO: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rego.wasm"));

/// Makes a core module of Rego: an engine with the policy compiled in memory, and its data.
///
/// ```
/// # #[cfg(feature = "rego")] {
/// use wardian_policy::artifact::Artifact;
/// use wardian_policy::make::{self, RegoModule, RegoSource};
/// use wardian_policy::{Decision, Input, PolicyChecker, Prepared, WasmChecker};
/// use wardian_sandbox::{Sandbox, SandboxConfig};
///
/// let source = "package shop\ndefault allow := false\nallow if input.resource.id == \"HOME\"";
/// let modules = vec![RegoModule { name: "shop.rego", source }];
/// let rego = RegoSource { entrypoint: "data.shop.allow", modules, data: None };
/// let sandbox = Sandbox::new(SandboxConfig::default())?;
/// let artifact = Artifact::from_bytes(make::from_rego(&sandbox, &rego)?.into())?;
/// let checker = WasmChecker::load_blocking(&sandbox, &artifact, Prepared::of(&artifact))?;
/// assert_eq!(checker.check_blocking(&Input::new("env.read", "env_var", "HOME")), Decision::Allow);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`MakeError::Source`] with what is wrong, by file, line and column.
#[cfg(feature = "rego")]
pub fn from_rego(sandbox: &Sandbox, rego: &RegoSource<'_>) -> Result<Bytes, MakeError> {
    let document = serde_json::to_vec(rego);
    let document = document.map_err(|error| MakeError::Source(vec![error.to_string()]))?;
    snapshot(sandbox, "rego", Bytes::from_static(REGO), &document)
}

/// Gives a guest what it is to decide by, and keeps it as it is then.
fn snapshot(
    sandbox: &Sandbox,
    name: &str,
    guest: Bytes,
    content: &[u8],
) -> Result<Bytes, MakeError> {
    snapshot_with(sandbox, name, guest, content, Imports::<u64>::new())
}

/// The same with host functions.
pub(crate) fn snapshot_with(
    sandbox: &Sandbox,
    name: &str,
    guest: Bytes,
    content: &[u8],
    imports: Imports<u64>,
) -> Result<Bytes, MakeError> {
    let mut binding = Binding::with_imports(Contract::raw(), imports);
    binding.limits = Some(Limits {
        memory_bytes_max: MAKING_BYTES_MAX,
        fuel: Some(200_000_000_000),
        deadline: std::time::Duration::from_secs(60),
        deadline_hard: std::time::Duration::from_secs(61),
        host_calls_max: 0,
        ..Limits::default()
    });
    let call = Call::bytes(LOAD, Bytes::copy_from_slice(content)).state(0);
    let snapshot = sandbox.snapshot_blocking(Source::new(name, guest), &binding, call)?;
    match problems(&snapshot.answer) {
        None => Ok(snapshot.module),
        Some(problems) => Err(MakeError::Source(problems)),
    }
}

/// What a guest says is wrong with its source; none if it has taken it.
fn problems(answer: &Answer) -> Option<Vec<String>> {
    #[derive(serde::Deserialize)]
    struct Said {
        problems: Vec<String>,
    }
    let bytes = answer.bytes();
    if bytes.is_empty() {
        return None;
    }
    let said = serde_json::from_slice::<Said>(bytes).map(|said| said.problems);
    let said =
        said.unwrap_or_else(|error| vec![format!("the guest said nothing that is read: {error}")]);
    let clean = |one: &String| wardian_sandbox::text::clean(one.as_bytes(), PROBLEM_CHARS_MAX);
    Some(said.iter().take(PROBLEMS_MAX).map(clean).collect())
}
