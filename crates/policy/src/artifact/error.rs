//! Everything that can be wrong with an artifact, in one type with one code each.

use crate::artifact::{
    DigestError, FileError, KeyError, LockError, MomentError, NameError, SectionError,
    SignatureError, StoreError, VersionError,
};

/// Why there is no artifact. None of it means "no policy".
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// A digest is none.
    #[error(transparent)]
    Digest(#[from] DigestError),
    /// A version is none.
    #[error(transparent)]
    Version(#[from] VersionError),
    /// A name is none.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A moment is none.
    #[error(transparent)]
    Moment(#[from] MomentError),
    /// The bytes are no artifact, or its section is not understood.
    #[error(transparent)]
    Section(#[from] SectionError),
    /// A key is none.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A signature does not count.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The lock file is wrong or has no such thing.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The store is wrong or has no such thing.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
}

impl ArtifactError {
    /// Stable, such as `artifact.digest_zero`: that of the kind of error inside.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            ArtifactError::Digest(error) => error.code(),
            ArtifactError::Version(error) => error.code(),
            ArtifactError::Name(error) => error.code(),
            ArtifactError::Moment(error) => error.code(),
            ArtifactError::Section(error) => error.code(),
            ArtifactError::Key(error) => error.code(),
            ArtifactError::Signature(error) => error.code(),
            ArtifactError::Lock(error) => error.code(),
            ArtifactError::Store(error) => error.code(),
            ArtifactError::File(error) => error.code(),
        }
    }

    /// What to do about it, where that is not plain from the message.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            ArtifactError::Lock(error) => hint_of_lock(error),
            ArtifactError::Signature(error) => hint_of_signature(error),
            ArtifactError::Store(StoreError::File(error)) | ArtifactError::File(error) => {
                hint_of_file(error)
            }
            ArtifactError::Key(KeyError::File(error)) => hint_of_file(error),
            ArtifactError::Key(KeyError::SecretAsPublic) => {
                Some("make a new key: whoever has read this place can sign with the old one")
            }
            ArtifactError::Store(StoreError::Corrupt { .. }) => {
                Some("remove the file and pin the artifact again from where it was built")
            }
            _ => None,
        }
    }
}

fn hint_of_lock(error: &LockError) -> Option<&'static str> {
    match error {
        LockError::NotPinned(_) => Some("pin an artifact under that name first"),
        LockError::SignerDropped(_) => {
            Some("sign the artifact, or say that the signer is to be dropped")
        }
        LockError::OtherDigest { .. } => Some("pin the artifact if it is meant to be another"),
        LockError::TooLarge { .. } => Some("unpin policies that nothing uses"),
        LockError::Format(_) => Some("use the newer program that wrote it"),
        LockError::HistoryTooShort { .. } | LockError::NotInHistory(_) => {
            Some("list what it was pinned to, or pin the artifact itself")
        }
        _ => None,
    }
}

fn hint_of_signature(error: &SignatureError) -> Option<&'static str> {
    match error {
        SignatureError::UnknownSigner(_) => Some("trust the key if it is meant to sign"),
        SignatureError::OtherDigest { .. } | SignatureError::OtherVersion { .. } => {
            Some("sign the artifact again: it was built anew since")
        }
        SignatureError::Unsigned => Some("put the signature beside the artifact and pin it again"),
        _ => None,
    }
}

fn hint_of_file(error: &FileError) -> Option<&'static str> {
    match error {
        FileError::Link { .. } => Some("name the file itself"),
        FileError::Mode { .. } => Some("take the others' permissions away, 0600 for a secret key"),
        FileError::Owner { .. } => Some("let it belong to whoever runs this"),
        FileError::Busy { .. } | FileError::Changed { .. } => Some("try again"),
        FileError::Exists { .. } => Some("choose another name: a key is never overwritten"),
        _ => None,
    }
}
