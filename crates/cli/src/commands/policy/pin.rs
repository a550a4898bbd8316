//! `wardian policy pin`: which artifact decides from now on, after it was verified and tried.

use std::path::{Path, PathBuf};

use clap::Args;
use wardian_policy::artifact::{
    Artifact, ArtifactError, Change, FileError, LockFile, Moment, Policies, PolicyName, Proof,
    PublicKey, Signature, SignatureError, SignerChange, VersionChange,
};
use wardian_policy::{Fixture, try_fixtures_blocking};

use super::checkers::{self, Who};
use super::{Place, signature_of, signer_text};
use crate::exit::{Interrupted, Usage};
use crate::interrupt::Interrupt;
use crate::output;
use crate::settings::Settings;

/// Pin a policy to an artifact.
#[derive(Debug, Args)]
#[command(after_help = "\
A signature that lies beside the artifact has to be by a trusted key: one of `--trust`, or the
one that is pinned already. Without a signature it takes `--unsigned`, and where a signer is
pinned `--drop-signer`. With `--fixtures` it is asked first, and not pinned if it answers
otherwise; each has one second, where a host gives a check 5 ms. The lock file belongs into
version control.

Examples:
  wardian policy pin shop shop.wasm --trust ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
  wardian policy pin shop shop.wasm --fixtures tests/shop
  wardian policy pin shop shop.wasm --unsigned --lock policies.lock --store policies/")]
pub(super) struct PinArgs {
    /// The policy's name
    name: PolicyName,
    /// The artifact
    #[arg(value_name = "POLICY.wasm")]
    policy: PathBuf,
    #[command(flatten)]
    place: Place,
    /// Pin it without a signature
    #[arg(long, conflicts_with = "keys")]
    unsigned: bool,
    /// Pin it without a signature although there was a signer
    #[arg(long, conflicts_with_all = ["keys", "unsigned"])]
    drop_signer: bool,
    /// Questions that it has to answer as they say
    #[arg(long, value_name = "DIR")]
    fixtures: Option<PathBuf>,
}

pub(super) fn run(
    args: &PinArgs,
    settings: &Settings,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let trust = args.place.trusted.read()?;
    let artifact = Artifact::read(&args.policy)?;
    let signature = match args.unsigned || args.drop_signer {
        true => None,
        false => Some(signature_of(&args.policy)?.ok_or_else(unsigned)?),
    };
    let is_named = trust.keys().next().is_some();
    let proof = match &signature {
        Some(signature) if is_named => Proof::Signed {
            signature,
            trust: &trust,
        },
        Some(signature) => {
            is_trusted(pinned_signer(args)?, signature)?;
            // Who is pinned may have changed by the time that it is pinned.
            Proof::SameSigner { signature }
        }
        None if args.drop_signer => Proof::DropSigner,
        None => Proof::Unsigned,
    };
    if let Some(folder) = &args.fixtures {
        try_first(&artifact, folder, settings, interrupt)?;
    }
    let policies = Policies::open_or_make(&args.place.lock, &args.place.store)?;
    let change = policies.pin(&args.name, &artifact, proof, Moment::now())?;
    output::print(&told(&args.name, &change))
}

/// Whether it answers as its fixtures say, before anything is changed.
pub(super) fn try_first(
    artifact: &Artifact,
    folder: &Path,
    settings: &Settings,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let fixtures = Fixture::read_folder(folder)?;
    let counted = checkers::sandbox(settings, interrupt)?;
    let who = Who::of_artifact(&counted.sandbox, artifact)?;
    let tried = try_fixtures_blocking(who.checker(), &fixtures);
    if interrupt.hit() {
        return Err(Interrupted.into());
    }
    Ok(tried?)
}

/// Who has signed what is active; nobody where nothing is pinned yet.
fn pinned_signer(args: &PinArgs) -> Result<Option<PublicKey>, ArtifactError> {
    let lock = match LockFile::at(&args.place.lock)?.read() {
        Err(ArtifactError::File(FileError::Missing { .. })) => return Ok(None),
        lock => lock?,
    };
    let mut all = lock.list();
    let found = all.find(|(name, _)| **name == args.name);
    Ok(found.and_then(|(_, policy)| policy.active().signer))
}

/// Whether it is by who is pinned. Told before anything is tried; what counts is who is pinned in the end.
fn is_trusted(pinned: Option<PublicKey>, signature: &Signature) -> anyhow::Result<()> {
    let Some(pinned) = pinned else {
        let signer = signer_text(signature.signer());
        let text = format!("the artifact is signed by {signer}, and nobody is trusted yet");
        let hint = "say `--trust KEY` if that is whom you expect, or `--unsigned`";
        return Err(Usage::new(text).hint(hint).into());
    };
    match pinned == *signature.signer() {
        true => Ok(()),
        false => {
            Err(ArtifactError::from(SignatureError::UnknownSigner(*signature.signer())).into())
        }
    }
}

fn unsigned() -> anyhow::Error {
    let error = ArtifactError::from(SignatureError::Unsigned);
    let hint = "sign it with `wardian policy sign`, or say `--unsigned`";
    Usage::new(error.to_string()).hint(hint).into()
}

/// What became of a pin, for the operator to see.
pub(super) fn told(name: &PolicyName, change: &Change) -> String {
    let after = &change.after;
    let before = change.before.as_ref().map(|pin| pin.version.to_string());
    let (before, version) = (before.unwrap_or_default(), &after.version);
    let what = match change.version() {
        _ if !change.is_change() => format!("nothing changed, {version}"),
        VersionChange::First => format!("first pin, {version}"),
        VersionChange::Same => format!("pinned anew, {version} as before"),
        VersionChange::Upgrade => format!("upgrade, {before} to {version}"),
        VersionChange::Downgrade => format!("downgrade, {before} to {version}"),
        VersionChange::Sideways => format!("another build, {before} to {version}"),
    };
    let signer = match (&after.signer, change.signer()) {
        (None, SignerChange::Dropped) => "none, where there was one".into(),
        (None, _) => "none".into(),
        (Some(signer), SignerChange::Replaced) => {
            format!("{}, another than before", signer_text(signer))
        }
        (Some(signer), _) => signer_text(signer),
    };
    format!(
        "{name}: {what}\ndigest  {}\nsigner  {signer}\n",
        after.digest
    )
}
