//! `wardian policy verify`: whether the artifact in the store, or one that is named, is what is pinned.

use std::path::PathBuf;

use clap::Args;
use wardian_policy::artifact::{Artifact, LockFile, Policies, PolicyName, Verified};

use super::{Place, demand, signature_of, signer_text};
use crate::exit::{NotVerified, Usage};
use crate::output;

/// Look whether an artifact is what is pinned.
#[derive(Debug, Args)]
#[command(after_help = "\
Without a file it is the artifact in the store. Where a signer is pinned, its signature is
verified; with `--trust` there has to be one, and of a key that is named. Exit code 0 is yes,
3 is everything else.

Examples:
  wardian policy verify shop
  wardian policy verify shop shop.wasm
  wardian policy verify shop --trust ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")]
pub(super) struct VerifyArgs {
    /// The policy's name
    name: PolicyName,
    /// An artifact to compare, with its signature beside it
    #[arg(value_name = "POLICY.wasm")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(args: &VerifyArgs) -> anyhow::Result<()> {
    let told = verify(args).and_then(|verified| tell(args, &verified));
    told.map_err(|error| match error.is::<Usage>() {
        true => error,
        false => NotVerified(error).into(),
    })
}

fn verify(args: &VerifyArgs) -> anyhow::Result<Verified> {
    let trust = args.place.trusted.read()?;
    let demand = demand(&trust);
    let Some(path) = &args.policy else {
        let policies = Policies::open(&args.place.lock, &args.place.store)?;
        let artifact = policies.load(&args.name, demand)?;
        return Ok(Verified {
            digest: *artifact.digest(),
            version: artifact.version().clone(),
            signer: artifact.signer().copied(),
        });
    };
    let lock = LockFile::at(&args.place.lock)?.read()?;
    let artifact = Artifact::read(path)?;
    let signature = signature_of(path)?;
    Ok(lock.verify(&args.name, &artifact, signature.as_ref(), demand)?)
}

fn tell(args: &VerifyArgs, verified: &Verified) -> anyhow::Result<()> {
    let signer = match &verified.signer {
        Some(signer) => signer_text(signer),
        None => "none is pinned".into(),
    };
    output::print(&format!(
        "{}: verified, {}\ndigest  {}\nsigner  {signer}\n",
        args.name, verified.version, verified.digest
    ))
}
