//! Which policy a host asks, from its configuration: one that is there and is the right one, or none at all.
//!
//! in: settings, files; out: a decision point; never: another policy than the one that was named, or no policy where one was.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use wardian_sandbox::{Limits, Sandbox};

use crate::artifact::{
    Artifact, ArtifactError, Demand, Digest, LockError, Policies, PolicyName, PublicKey, Signature,
    Trust,
};
use crate::cache::{CACHE_ENTRIES_MAX, CacheConfig};
use crate::checker::PolicyChecker;
use crate::denials::DenialLog;
use crate::error::PolicyError;
use crate::fixture::{Fixture, FixtureError, Refused, try_fixtures_blocking};
use crate::guest::{Prepared, default_limits};
use crate::local::LocalChecker;
use crate::point::{DecisionPoint, PointConfig};
use crate::regular;
use crate::statics::{NotStatic, StaticRule};
use crate::wasm::WasmChecker;

/// The longest that a check may be given.
pub const DEADLINE_MAX: Duration = Duration::from_secs(1);

/// A host's policy, as its configuration has it.
///
/// ```
/// use wardian_policy::PolicySettings;
/// use wardian_sandbox::{Sandbox, SandboxConfig};
///
/// # let folder = tempfile::tempdir()?;
/// # let file = folder.path().join("policy.json");
/// # std::fs::write(&file, r#"{"env": ["HOME"]}"#)?;
/// let text = format!(r#"{{"checker": "local", "file": {file:?}, "static": ["cache.read"]}}"#);
/// let settings: PolicySettings = serde_json::from_str(&text)?;
/// let sandbox = Sandbox::new(SandboxConfig::default())?;
/// let point = settings.open_blocking(&sandbox, None)?;
/// assert_eq!(point.statics().len(), 1);
///
/// std::fs::remove_file(&file)?;
/// assert!(settings.open_blocking(&sandbox, None).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicySettings {
    /// Who decides.
    pub checker: CheckerKind,
    /// The policy's file: a document for `local`, an artifact otherwise.
    #[serde(default)]
    pub file: Option<PathBuf>,
    /// What the file must be. Without it the file is taken as it is.
    #[serde(default, deserialize_with = "present")]
    pub digest: Option<Digest>,
    /// The policy by the name that a lock file pins, instead of a file.
    #[serde(default)]
    pub pinned: Option<PinnedSettings>,
    /// Who must have signed it. Where some are named, an artifact without a signature of one of them is refused.
    #[serde(default)]
    pub trust: Vec<PublicKey>,
    /// A folder of golden fixtures that it must answer as they say.
    #[serde(default)]
    pub fixtures: Option<PathBuf>,
    /// What to do where it cannot be had.
    #[serde(default)]
    pub when_missing: WhenMissing,
    /// Milliseconds of a check, waiting included: 5, at most 1,000.
    #[serde(default)]
    pub deadline_ms: Option<u64>,
    /// Bytes of memory of a check: 8 MiB.
    #[serde(default)]
    pub memory_bytes_max: Option<u64>,
    /// Fuel of a check: 50 million.
    #[serde(default)]
    pub fuel: Option<u64>,
    /// Operations that are allowed whatever it says: `ACTION`, or `ACTION KIND ID`.
    #[serde(default, rename = "static")]
    pub statics: Vec<String>,
    /// Whether to remember what it says, if it says of itself that it is pure.
    #[serde(default)]
    pub cache: Option<CacheConfig>,
}

/// Null and the empty text are no way of saying "any".
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Digest>, D::Error> {
    Digest::deserialize(deserializer).map(Some)
}

/// Who decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckerKind {
    /// The built-in rules, natively.
    Local,
    /// An artifact in the box.
    Wasm,
    /// An artifact that OPA compiled, in the box.
    #[cfg(feature = "opa")]
    Opa,
}

/// What to do where the policy cannot be had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WhenMissing {
    /// The host does not start.
    #[default]
    Refuse,
    /// It starts, and everything is denied as `policy_unavailable`.
    Deny,
}

/// A policy that a lock file pins.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedSettings {
    /// Its name there.
    pub name: String,
    /// The lock file.
    pub lock: PathBuf,
    /// The folder of artifacts.
    pub store: PathBuf,
}

/// Why there is no policy to ask.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The settings contradict themselves; all that does.
    #[error("settings of the policy: {}", .0.join("; "))]
    Settings(Vec<String>),
    /// The document cannot be read.
    #[error("policy cannot be read: {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The document is none.
    #[error("not a policy document")]
    Document(#[source] wardian_rules::Problems),
    /// The artifact is missing, another one, or not signed as it should be.
    #[error("artifact of the policy")]
    Artifact(#[from] ArtifactError),
    /// It cannot be asked.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The fixtures cannot be used.
    #[error("fixtures of the policy")]
    Fixture(#[from] FixtureError),
    /// It answers otherwise than its fixtures say.
    #[error(transparent)]
    Refused(#[from] Refused),
}

impl OpenError {
    /// The stable code: `policy.settings`, `policy.read`, `policy.document`, `policy.fixture`, `policy.refused`, or that of
    /// the error inside.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            OpenError::Settings(_) => "policy.settings",
            OpenError::Read { .. } => "policy.read",
            OpenError::Document(_) => "policy.document",
            OpenError::Artifact(error) => error.code(),
            OpenError::Policy(error) => error.code(),
            OpenError::Fixture(_) => "policy.fixture",
            OpenError::Refused(_) => "policy.refused",
        }
    }
}

impl PolicySettings {
    /// Opens the policy, and the point where it is asked. Where the settings say so, one that cannot be had is a point that
    /// denies everything; settings that are wrong are an error in any case. Reads files and compiles: for a host's start.
    ///
    /// # Errors
    /// [`OpenError`]: the host is to refuse to start.
    pub fn open_blocking(
        &self,
        sandbox: &Sandbox,
        log: Option<Arc<DenialLog>>,
    ) -> Result<DecisionPoint, OpenError> {
        let config = PointConfig {
            statics: self.check()?,
            cache: self.cache,
            log,
        };
        match (self.load_blocking(sandbox), self.when_missing) {
            (Ok(checker), _) => Ok(DecisionPoint::shared(checker, config)),
            (Err(error), WhenMissing::Refuse) => Err(error),
            (Err(error), WhenMissing::Deny) => {
                tracing::error!(
                    code = error.code(),
                    error = %wardian_sandbox::text::clean(error.to_string().as_bytes(), 500),
                    "policy is unavailable: everything is denied"
                );
                Ok(DecisionPoint::unavailable(config))
            }
        }
    }

    /// The policy itself, tried by its fixtures: also for one that is to replace the active one, by
    /// [`DecisionPoint::replace_shared`].
    ///
    /// # Errors
    /// [`OpenError`]; what is active stays active.
    pub fn load_blocking(&self, sandbox: &Sandbox) -> Result<Arc<dyn PolicyChecker>, OpenError> {
        self.check()?;
        let checker: Arc<dyn PolicyChecker> = match self.checker {
            CheckerKind::Local => Arc::new(self.local()?),
            CheckerKind::Wasm => {
                let artifact = self.artifact()?;
                let prepared = self.prepared(&artifact);
                Arc::new(WasmChecker::load_blocking(sandbox, &artifact, prepared)?)
            }
            #[cfg(feature = "opa")]
            CheckerKind::Opa => {
                let artifact = self.artifact()?;
                let prepared = self.prepared(&artifact);
                Arc::new(crate::opa::OpaChecker::load_blocking(
                    sandbox, &artifact, prepared,
                )?)
            }
        };
        if let Some(folder) = &self.fixtures {
            try_fixtures_blocking(&*checker, &Fixture::read_folder(folder)?)?;
        }
        Ok(checker)
    }

    /// What contradicts itself, all of it; otherwise what is declared safe.
    fn check(&self) -> Result<Vec<StaticRule>, OpenError> {
        let mut problems = Vec::new();
        if self.file.is_some() == self.pinned.is_some() {
            problems.push("exactly one of `file` and `pinned` must be there".to_owned());
        }
        if self.pinned.is_some() && self.digest.is_some() {
            problems.push("`digest` is the lock file's where the policy is pinned".to_owned());
        }
        if self.checker == CheckerKind::Local && (self.pinned.is_some() || !self.trust.is_empty()) {
            problems.push("a document is neither pinned nor signed".to_owned());
        }
        let deadline_max = DEADLINE_MAX.as_millis();
        if let Some(asked) = self
            .deadline_ms
            .filter(|ms| !(1..=deadline_max).contains(&u128::from(*ms)))
        {
            problems.push(format!(
                "`deadline_ms` is out of range: asked {asked}, allowed 1 to {deadline_max}"
            ));
        }
        let entries = self.cache.map_or(0, |cache| cache.entries_max);
        if entries > CACHE_ENTRIES_MAX {
            problems.push(format!(
                "`cache.entries_max` is out of range: asked {entries}, allowed 0 to {CACHE_ENTRIES_MAX}"
            ));
        }
        let mut statics = Vec::new();
        for text in &self.statics {
            match text.parse() {
                Ok(rule) => statics.push(rule),
                Err(error) => {
                    let error: NotStatic = error;
                    problems.push(error.to_string());
                }
            }
        }
        match problems.is_empty() {
            true => Ok(statics),
            false => Err(OpenError::Settings(problems)),
        }
    }

    fn local(&self) -> Result<LocalChecker, OpenError> {
        let path = self.file.as_deref().unwrap_or(Path::new(""));
        let read = |source| OpenError::Read {
            path: path.to_owned(),
            source,
        };
        // Whoever may write it decides what is allowed.
        let max = wardian_rules::DOCUMENT_BYTES_MAX as u64;
        let document = match regular::read(path, max).map_err(read)? {
            (document, false) => document,
            (_, true) => return Err(read(std::io::Error::other("everybody may write to it"))),
        };
        if let Some(pinned) = self.digest {
            other_digest(pinned, Digest::of(&document))?;
        }
        LocalChecker::from_json(&document).map_err(OpenError::Document)
    }

    fn artifact(&self) -> Result<Artifact, OpenError> {
        let trust = Trust::new(self.trust.iter().cloned()).map_err(ArtifactError::from)?;
        let demand = match self.trust.is_empty() {
            true => Demand::AsPinned,
            false => Demand::SignedBy(&trust),
        };
        if let Some(pinned) = &self.pinned {
            let name: PolicyName = pinned.name.parse().map_err(ArtifactError::from)?;
            let policies = Policies::open(&pinned.lock, &pinned.store)?;
            return Ok(policies.load(&name, demand)?);
        }
        let path = self.file.as_deref().unwrap_or(Path::new(""));
        let artifact = match &self.digest {
            Some(digest) => Artifact::read_pinned(path, digest)?,
            None => Artifact::read(path)?,
        };
        if !self.trust.is_empty() {
            let signature = Signature::read(&Signature::path_of(path))?;
            signature
                .verify(&artifact, &trust)
                .map_err(ArtifactError::from)?;
        }
        Ok(artifact)
    }

    fn prepared(&self, artifact: &Artifact) -> Prepared {
        let prepared = Prepared::of(artifact);
        let mut limits = default_limits();
        if let Some(ms) = self.deadline_ms {
            limits.deadline = Duration::from_millis(ms);
            limits.deadline_hard = limits.deadline * 2;
        }
        Prepared {
            limits: Limits {
                memory_bytes_max: self.memory_bytes_max.unwrap_or(limits.memory_bytes_max),
                fuel: self.fuel.or(limits.fuel),
                ..limits
            },
            ..prepared
        }
    }
}

fn other_digest(pinned: Digest, found: Digest) -> Result<(), OpenError> {
    match pinned == found {
        true => Ok(()),
        false => Err(ArtifactError::from(LockError::OtherDigest { pinned, found }).into()),
    }
}
