//! `wardian policy`: policies made, asked, tested, signed and pinned.
//!
//! What the commands share is here: where policies are pinned, and how the library's errors become the command's.

mod bench;
mod build;
mod check;
mod checkers;
mod inspect;
mod keys;
mod list;
mod pin;
mod rollback;
mod sources;
mod test;
mod verify;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use wardian_policy::artifact::{
    ArtifactError, Demand, FileError, LOCK_FILE, PublicKey, Signature, Trust,
};

use crate::exit::{NoVerdict, Said, Usage};
use crate::interrupt::Interrupt;
use crate::settings::Settings;

/// Where pinned artifacts are kept unless something else is said.
const STORE: &str = ".wardian/policies";
/// Digits of a digest in a table.
const SHORT_DIGITS: usize = 12;

/// Make, ask, test, sign and pin policies.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wardian policy build shop.json --version 1.0.0 -o shop.wasm
  wardian policy check --policy shop.wasm --input question.json
  wardian policy test fixtures --policy shop.wasm
  wardian policy keygen release.key
  wardian policy sign shop.wasm --key release.key
  wardian policy pin shop shop.wasm --trust ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")]
pub(crate) struct PolicyArgs {
    #[command(subcommand)]
    command: PolicyCommand,
}

#[derive(Debug, Subcommand)]
enum PolicyCommand {
    /// Make a policy of a document, of Rego, of a crate, or of what OPA compiled
    Build(build::BuildArgs),
    /// Ask a policy once: exit code 0 allows, 1 denies, 3 is no answer
    Check(check::CheckArgs),
    /// Ask questions whose answers are known
    Test(test::TestArgs),
    /// Show what an artifact says of itself, its signature, and what is in it
    Inspect(inspect::InspectArgs),
    /// Make a new key to sign with
    Keygen(keys::KeygenArgs),
    /// Sign an artifact
    Sign(keys::SignArgs),
    /// Pin a policy to an artifact
    Pin(pin::PinArgs),
    /// Look whether an artifact is what is pinned
    Verify(verify::VerifyArgs),
    /// Show what is pinned
    List(list::ListArgs),
    /// Go back to what was pinned before
    Rollback(rollback::RollbackArgs),
    /// Measure how long a check takes
    Bench(bench::BenchArgs),
}

impl PolicyArgs {
    /// Whether errors are wanted as JSON too. The answer of `check` is JSON, and an error is none.
    pub(crate) fn wants_json(&self) -> bool {
        match &self.command {
            PolicyCommand::Build(args) => args.json,
            PolicyCommand::Test(args) => args.json,
            PolicyCommand::Inspect(args) => args.json,
            PolicyCommand::List(args) => args.json,
            PolicyCommand::Bench(args) => args.json,
            PolicyCommand::Check(_)
            | PolicyCommand::Keygen(_)
            | PolicyCommand::Sign(_)
            | PolicyCommand::Pin(_)
            | PolicyCommand::Verify(_)
            | PolicyCommand::Rollback(_) => false,
        }
    }
}

pub(crate) fn run(
    args: &PolicyArgs,
    settings: &Settings,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    match &args.command {
        PolicyCommand::Build(args) => build::run(args, settings, interrupt),
        PolicyCommand::Check(args) => check::run(args, settings, interrupt),
        PolicyCommand::Test(args) => test::run(args, settings, interrupt),
        PolicyCommand::Inspect(args) => inspect::run(args),
        PolicyCommand::Keygen(args) => keys::keygen(args),
        PolicyCommand::Sign(args) => keys::sign(args, interrupt),
        PolicyCommand::Pin(args) => pin::run(args, settings, interrupt),
        PolicyCommand::Verify(args) => verify::run(args),
        PolicyCommand::List(args) => list::run(args),
        PolicyCommand::Rollback(args) => rollback::run(args, settings, interrupt),
        PolicyCommand::Bench(args) => bench::run(args, settings, interrupt),
    }
}

/// Where policies are pinned, and whose signatures count.
#[derive(Debug, Args)]
struct Place {
    /// The lock file
    #[arg(long, value_name = "FILE", default_value = LOCK_FILE)]
    lock: PathBuf,
    /// The folder of the artifacts that are or were pinned
    #[arg(long, value_name = "DIR", default_value = STORE)]
    store: PathBuf,
    #[command(flatten)]
    trusted: Trusted,
}

/// Whose signatures count.
#[derive(Debug, Args)]
struct Trusted {
    /// A public key whose signatures count, `ed25519:…`; may be given several times
    // Text, because the parser of the command line repeats what it refuses, and it may be a secret.
    #[arg(long = "trust", value_name = "KEY")]
    keys: Vec<String>,
}

impl Trusted {
    fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    fn read(&self) -> anyhow::Result<Trust> {
        let keys: Result<Vec<PublicKey>, _> = self.keys.iter().map(|key| key.parse()).collect();
        let trust = keys.and_then(Trust::new).map_err(|error| {
            let error = ArtifactError::from(error);
            let hint = error.hint();
            Usage::new(format!("`--trust`: {error}"))
                .hint(hint.unwrap_or("write what `wardian policy keygen` printed: ed25519:…"))
        });
        Ok(trust?)
    }
}

/// The signer has to be the pinned one, and trusted if anybody is named.
fn demand(trust: &Trust) -> Demand<'_> {
    match trust.keys().next() {
        None => Demand::AsPinned,
        Some(_) => Demand::SignedBy(trust),
    }
}

/// The signature beside an artifact, if one is there.
fn signature_of(artifact: &Path) -> Result<Option<Signature>, ArtifactError> {
    match Signature::read(&Signature::path_of(artifact)) {
        Ok(signature) => Ok(Some(signature)),
        Err(ArtifactError::File(FileError::Missing { .. })) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whoever it is from, for people.
fn signer_text(signer: &PublicKey) -> String {
    format!("{signer} ({})", signer.id())
}

/// Whatever went wrong, it is no answer; mistakes of the command line are told as such.
fn no_answer(error: anyhow::Error) -> anyhow::Error {
    let says_itself = error.is::<Said>() || error.is::<Usage>();
    match says_itself {
        true => error,
        false => NoVerdict(error).into(),
    }
}
