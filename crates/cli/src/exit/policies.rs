//! What errors of policies mean: of making, loading, signing and pinning them.

use std::error::Error;

use wardian_policy::artifact::{
    ArtifactError, FileError, KeyError, LockError, SignatureError, StoreError,
};
use wardian_policy::make::MakeError;
use wardian_policy::{FixtureError, PolicyError, Refused};
use wardian_sandbox::{Blame, SnapshotError};

use super::{CONTRACT, HOST, LOAD, Verdict};

/// A policy is not what its lock file says, or nobody can tell: exit code 3, as where there is no verdict.
#[derive(Debug, thiserror::Error)]
#[error("not verified")]
pub(crate) struct NotVerified(#[source] pub(crate) anyhow::Error);

impl Verdict {
    /// Of a cause that is an error of the library of policies.
    pub(super) fn of_policies(cause: &(dyn Error + 'static)) -> Option<Verdict> {
        if let Some(error) = cause.downcast_ref::<ArtifactError>() {
            return Some(Verdict::of_artifact(error));
        }
        if let Some(error) = cause.downcast_ref::<MakeError>() {
            return Some(Verdict::of_make(error));
        }
        if let Some(error) = cause.downcast_ref::<PolicyError>() {
            return Some(Verdict::of_policy(error));
        }
        if let Some(error) = cause.downcast_ref::<FixtureError>() {
            let exit = match error {
                FixtureError::Malformed { .. } => LOAD,
                FixtureError::Io { .. } | FixtureError::None(_) | FixtureError::TooMany => HOST,
            };
            return Some(Verdict::new(exit, "policy.fixture", Blame::Caller, None));
        }
        let hint = "`wardian policy test DIR --policy POLICY` shows all of them";
        let refused = cause.downcast_ref::<Refused>();
        refused.map(|_| Verdict::new(CONTRACT, "policy.refused", Blame::Guest, Some(hint.into())))
    }

    fn of_artifact(error: &ArtifactError) -> Verdict {
        let exit = match error {
            ArtifactError::Section(_) => LOAD,
            ArtifactError::Signature(error) if is_of_the_file(error) => LOAD,
            ArtifactError::Signature(_) | ArtifactError::Store(StoreError::Corrupt { .. }) => {
                CONTRACT
            }
            ArtifactError::Lock(
                LockError::OtherDigest { .. }
                | LockError::OtherVersion { .. }
                | LockError::SignerDropped(_),
            ) => CONTRACT,
            ArtifactError::Lock(_)
            | ArtifactError::Store(_)
            | ArtifactError::File(_)
            | ArtifactError::Key(_)
            | ArtifactError::Digest(_)
            | ArtifactError::Version(_)
            | ArtifactError::Name(_)
            | ArtifactError::Moment(_) => HOST,
        };
        let blame = match exit {
            HOST => Blame::Host,
            _ => Blame::Operator,
        };
        let hint = hint(error).map(String::from);
        Verdict::new(exit, error.code(), blame, hint)
    }

    fn of_make(error: &MakeError) -> Verdict {
        match error {
            MakeError::Snapshot(SnapshotError::Load(error)) => Verdict::of_load(error),
            MakeError::Snapshot(SnapshotError::Link(error)) => Verdict::of_link(error),
            MakeError::Snapshot(SnapshotError::Call(error)) => Verdict {
                // Its limits are fixed here.
                hint: None,
                ..Verdict::of_call(error)
            },
            other => Verdict::new(LOAD, other.code(), Blame::Guest, other.hint()),
        }
    }

    fn of_policy(error: &PolicyError) -> Verdict {
        match error {
            PolicyError::Load(error) => Verdict::of_load(error),
            PolicyError::Link(error) => Verdict {
                hint: Some("`wardian policy inspect` shows what it exports and imports".into()),
                ..Verdict::of_link(error)
            },
            PolicyError::Unfit(_) => Verdict::new(CONTRACT, error.code(), Blame::Guest, None),
        }
    }
}

/// Whether nothing could be read from a signature's file.
fn is_of_the_file(error: &SignatureError) -> bool {
    matches!(
        error,
        SignatureError::TooLarge { .. }
            | SignatureError::Json(_)
            | SignatureError::Format(_)
            | SignatureError::Signer(_)
            | SignatureError::Digest(_)
            | SignatureError::Version(_)
            | SignatureError::Encoding
    )
}

/// The library's, in the words of this command where that has options.
fn hint(error: &ArtifactError) -> Option<&'static str> {
    Some(match error {
        ArtifactError::Signature(SignatureError::UnknownSigner(_)) => {
            "say `--trust KEY` if that key is meant to sign"
        }
        ArtifactError::Signature(SignatureError::Unsigned) => {
            "sign it with `wardian policy sign`, so that the signature lies beside it"
        }
        ArtifactError::Signature(
            SignatureError::OtherDigest { .. } | SignatureError::OtherVersion { .. },
        ) => "it was built anew since: sign it again with `wardian policy sign`",
        ArtifactError::Lock(LockError::SignerDropped(_)) => {
            "sign it with `wardian policy sign`, or say `--drop-signer`"
        }
        ArtifactError::Lock(LockError::NotPinned(_)) => {
            "`wardian policy list` shows what is pinned"
        }
        ArtifactError::File(FileError::Exists { .. })
        | ArtifactError::Key(KeyError::File(FileError::Exists { .. })) => {
            "choose another name: a key is never overwritten"
        }
        other => return other.hint(),
    })
}
