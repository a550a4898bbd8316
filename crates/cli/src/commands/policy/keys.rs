//! `wardian policy keygen` and `wardian policy sign`: a key, and a signature beside an artifact.

use std::path::PathBuf;

use clap::Args;
use wardian_policy::artifact::{Artifact, ArtifactError, KeyPair, Signature};

use super::signer_text;
use crate::interrupt::Interrupt;
use crate::output::{self, Target};
use crate::show::quoted_path;

/// Make a new key to sign with.
#[derive(Debug, Args)]
#[command(after_help = "\
The file has the secret key, and mode 0600; one that is there is never overwritten. What is
printed is the public key, for `--trust`.

Examples:
  wardian policy keygen release.key
  wardian policy keygen release.key > release.pub")]
pub(super) struct KeygenArgs {
    /// The file to be made
    #[arg(value_name = "KEYFILE")]
    file: PathBuf,
}

/// Sign an artifact.
#[derive(Debug, Args)]
#[command(after_help = "\
The signature is of the digest and the version, and is written beside the artifact, as
POLICY.wasm.sig.

Examples:
  wardian policy sign shop.wasm --key release.key
  wardian policy sign shop.wasm --key release.key --force")]
pub(super) struct SignArgs {
    /// The artifact
    #[arg(value_name = "POLICY.wasm")]
    policy: PathBuf,
    /// The file with the secret key
    #[arg(long, value_name = "KEYFILE")]
    key: PathBuf,
    /// Overwrite a signature that is there
    #[arg(long)]
    force: bool,
}

pub(super) fn keygen(args: &KeygenArgs) -> anyhow::Result<()> {
    let pair = KeyPair::generate().map_err(ArtifactError::from)?;
    pair.write_new(&args.file).map_err(ArtifactError::from)?;
    output::print(&format!("{}\n", pair.public()))
}

pub(super) fn sign(args: &SignArgs, interrupt: &Interrupt) -> anyhow::Result<()> {
    let path = Signature::path_of(&args.policy);
    let target = Target::File(path.clone());
    output::check(&target, args.force)?;
    let artifact = Artifact::read(&args.policy)?;
    let pair = KeyPair::read(&args.key).map_err(ArtifactError::from)?;
    let signature = pair.sign(&artifact);
    output::write(
        &target,
        args.force,
        signature.to_json().as_bytes(),
        interrupt,
    )?;
    output::print(&format!(
        "{} {} is signed\nsigner   {}\nwritten  {}\n",
        quoted_path(&args.policy),
        artifact.version(),
        signer_text(signature.signer()),
        quoted_path(&path),
    ))
}
