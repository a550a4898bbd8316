//! Whom a policy's questions are put to: the built-in rules, a module in the box, or one that OPA compiled.
//!
//! A check has more time here than in a host, so that a machine that is busy decides nothing; fuel and memory are limited
//! as they are there.

use std::path::Path;
use std::time::Duration;

use clap::ValueEnum;
use wardian_policy::artifact::{Artifact, Source};
use wardian_policy::make::{self, MakeError};
use wardian_policy::{
    Decision, Input, LocalChecker, OpaChecker, PolicyChecker, Prepared, Reason, WasmChecker,
};
use wardian_sandbox::Sandbox;

use crate::counted::Counted;
use crate::exit::Usage;
use crate::input;
use crate::interrupt::Interrupt;
use crate::settings::Settings;
use crate::show::quoted_path;

/// Bytes of a document or a question; what is longer than the library allows is for the library to refuse.
pub(super) const TEXT_BYTES_MAX: u64 = 64 << 20;
/// Time of a check.
const TIME: Duration = Duration::from_secs(1);

/// Who is to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Choice {
    Auto,
    Local,
    Wasm,
    Opa,
}

/// A policy's file, by its ending.
#[derive(Debug)]
pub(super) enum PolicyFile {
    Document(Vec<u8>),
    Artifact(Box<Artifact>),
}

impl PolicyFile {
    pub(super) fn read(path: &Path) -> anyhow::Result<PolicyFile> {
        if path.extension().is_some_and(|ending| ending == "json") {
            return Ok(PolicyFile::Document(input::read(path, TEXT_BYTES_MAX)?));
        }
        Ok(PolicyFile::Artifact(Box::new(Artifact::read(path)?)))
    }
}

/// Somebody who answers.
#[derive(Debug)]
pub(super) enum Who {
    Local(LocalChecker),
    Wasm(WasmChecker),
    Opa(OpaChecker),
}

impl Who {
    /// The built-in rules, natively.
    pub(super) fn local(document: &[u8]) -> Result<Who, MakeError> {
        LocalChecker::from_json(document)
            .map(Who::Local)
            .map_err(MakeError::Document)
    }

    /// The built-in rules in the box.
    pub(super) fn of_document(sandbox: &Sandbox, document: &[u8]) -> anyhow::Result<Who> {
        let wasm = make::from_document(sandbox, document)?;
        let artifact = Artifact::from_bytes(wasm.into())
            .map_err(wardian_policy::artifact::ArtifactError::from)?;
        Who::wasm(sandbox, &artifact)
    }

    /// An artifact, as what it was built from has it.
    pub(super) fn of_artifact(sandbox: &Sandbox, artifact: &Artifact) -> anyhow::Result<Who> {
        match artifact.meta().source {
            Some(Source::Opa) => Who::opa(sandbox, artifact),
            _ => Who::wasm(sandbox, artifact),
        }
    }

    fn wasm(sandbox: &Sandbox, artifact: &Artifact) -> anyhow::Result<Who> {
        let checker = WasmChecker::load_blocking(sandbox, artifact, prepared(artifact))?;
        Ok(Who::Wasm(checker))
    }

    fn opa(sandbox: &Sandbox, artifact: &Artifact) -> anyhow::Result<Who> {
        let checker = OpaChecker::load_blocking(sandbox, artifact, prepared(artifact))?;
        Ok(Who::Opa(checker))
    }

    pub(super) fn checker(&self) -> &dyn PolicyChecker {
        match self {
            Who::Local(checker) => checker,
            Who::Wasm(checker) => checker,
            Who::Opa(checker) => checker,
        }
    }

    /// What it is called in tables.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Who::Local(_) => "local",
            Who::Wasm(_) => "wasm",
            Who::Opa(_) => "opa",
        }
    }

    /// Fuel of a check, where it is counted.
    pub(super) fn fuel(&self, question: &Input<'_>) -> Option<u64> {
        let (_, outcome) = match self {
            Who::Local(_) => return None,
            Who::Wasm(checker) => checker.outcome_blocking(question),
            Who::Opa(checker) => checker.outcome_blocking(question),
        };
        outcome.usage.fuel
    }
}

fn prepared(artifact: &Artifact) -> Prepared {
    let prepared = Prepared::of(artifact);
    Prepared {
        limits: prepared.limits.clone().with_deadline(TIME),
        ..prepared
    }
}

/// A sandbox for policies.
pub(super) fn sandbox(settings: &Settings, interrupt: &Interrupt) -> anyhow::Result<Counted> {
    Counted::open(settings, &wardian_policy::default_limits(), interrupt)
}

/// Somebody who answers, with the sandbox that is needed for it.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) who: Who,
    // Ends the checks when the command is interrupted.
    _counted: Option<Counted>,
}

impl Opened {
    /// Reads a policy's file and loads it for whom it is meant, or for whom was asked for.
    pub(super) fn open(
        path: &Path,
        choice: Choice,
        settings: &Settings,
        interrupt: &Interrupt,
    ) -> anyhow::Result<Opened> {
        let file = PolicyFile::read(path)?;
        if let (PolicyFile::Document(document), Choice::Auto | Choice::Local) = (&file, choice) {
            return Ok(Opened {
                who: Who::local(document)?,
                _counted: None,
            });
        }
        let counted = sandbox(settings, interrupt)?;
        let who = match (&file, choice) {
            (PolicyFile::Document(document), Choice::Wasm) => {
                Who::of_document(&counted.sandbox, document)?
            }
            (PolicyFile::Document(_), _) => return Err(not_opa(path).into()),
            (PolicyFile::Artifact(artifact), Choice::Auto) => {
                Who::of_artifact(&counted.sandbox, artifact)?
            }
            (PolicyFile::Artifact(artifact), Choice::Wasm) => {
                Who::wasm(&counted.sandbox, artifact)?
            }
            (PolicyFile::Artifact(artifact), Choice::Opa) => Who::opa(&counted.sandbox, artifact)?,
            (PolicyFile::Artifact(_), Choice::Local) => return Err(not_local(path).into()),
        };
        Ok(Opened {
            who,
            _counted: Some(counted),
        })
    }
}

pub(super) fn not_local(path: &Path) -> Usage {
    let name = quoted_path(path);
    Usage::new(format!("{name} is no document that could be asked locally"))
        .hint("leave `--checker` out, or name the `.json` document that it was built from")
}

fn not_opa(path: &Path) -> Usage {
    let name = quoted_path(path);
    Usage::new(format!(
        "{name} is a document, and nothing that OPA compiled"
    ))
    .hint("leave `--checker` out, or say `--checker wasm`")
}

/// What is answered to a question's text; one that is none is denied without asking anybody.
pub(super) fn ask(who: &Who, text: &[u8]) -> (Decision, Option<wardian_policy::Problems>) {
    match Input::from_json(text) {
        Ok(question) => (who.checker().check_blocking(&question), None),
        Err(problems) => (Decision::Deny(Reason::MALFORMED_INPUT), Some(problems)),
    }
}
