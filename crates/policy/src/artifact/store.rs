//! Artifacts by their digest, and signatures beside them: what rolling back goes back to.
//!
//! A file is called as its content's digest and is digested again each time it is read, so nothing that stands in the
//! folder is believed. A signature is called by the digest and the signer's short name, and verified each time too.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::artifact::folder::{Care, Folder};
use crate::artifact::{
    ARTIFACT_BYTES_MAX, Artifact, ArtifactError, Demand, Digest, FileError, LOCK_WAIT_MAX, Pinned,
    PublicKey, SIGNATURE_BYTES_MAX, Signature, SignatureError, read_section,
};

/// The name that writers take turns by.
const TURN: &str = "store";

/// A folder of artifacts.
#[derive(Debug)]
pub struct Store {
    folder: Folder,
    wait_max: Duration,
}

/// Why the store has no such artifact.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The bytes are too many.
    #[error("the artifact has {bytes} bytes, allowed {ARTIFACT_BYTES_MAX}")]
    TooLarge {
        /// How many there are.
        bytes: usize,
    },
    /// There are no bytes.
    #[error("the artifact is empty")]
    Empty,
    /// The file's content is not what its name says.
    #[error("{path:?} is corrupt: it is {found}")]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What it is.
        found: Digest,
    },
    /// The file cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
}

impl StoreError {
    /// Stable, such as `artifact.corrupt`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            StoreError::TooLarge { .. } => "artifact.too_large",
            StoreError::Empty => "artifact.empty",
            StoreError::Corrupt { .. } => "artifact.corrupt",
            StoreError::File(error) => error.code(),
        }
    }
}

impl Store {
    /// Opens a store that is there: what a host does that only reads.
    ///
    /// # Errors
    /// [`StoreError::File`]: it is not there, is no folder, or everybody may write to it.
    pub fn open(dir: &Path) -> Result<Store, StoreError> {
        let folder = Folder::open(dir)?;
        let wait_max = LOCK_WAIT_MAX;
        Ok(Store { folder, wait_max })
    }

    /// Opens a store, and makes it where it is missing.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub fn open_or_make(dir: &Path) -> Result<Store, StoreError> {
        let folder = Folder::open_or_make(dir)?;
        let wait_max = LOCK_WAIT_MAX;
        Ok(Store { folder, wait_max })
    }

    /// Keeps bytes. Those that are there already are left as they are.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Corrupt`] where a file of that name has another content: it is for the operator to see
    /// and to remove.
    pub fn put(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        if bytes.is_empty() {
            return Err(StoreError::Empty);
        }
        if bytes.len() > ARTIFACT_BYTES_MAX {
            return Err(StoreError::TooLarge { bytes: bytes.len() });
        }
        let digest = Digest::of(bytes);
        let held = self.folder.hold(OsStr::new(TURN), self.wait_max)?;
        match self.get(&digest) {
            Ok(_) => Ok(digest),
            Err(StoreError::File(FileError::Missing { .. })) => {
                held.replace(OsStr::new(&digest.hex()), bytes)?;
                Ok(digest)
            }
            Err(error) => Err(error),
        }
    }

    /// The bytes of this digest, and of no other.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn get(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        let name = OsString::from(digest.hex());
        let bytes = self.folder.read(&name, ARTIFACT_BYTES_MAX, Care::Shared)?;
        let found = Digest::of(&bytes);
        if found != *digest {
            let path = self.folder.path_of(&name);
            return Err(StoreError::Corrupt { path, found });
        }
        Ok(bytes)
    }

    /// Keeps a signature, in the place of what its signer had there before.
    ///
    /// # Errors
    /// [`SignatureError::Forged`] where it is none, so that a bad one cannot replace a good one; [`FileError`].
    pub fn put_signature(&self, signature: &Signature) -> Result<(), ArtifactError> {
        signature.verify_itself()?;
        let name = signature_name(signature.digest(), signature.signer());
        let held = self.folder.hold(OsStr::new(TURN), self.wait_max)?;
        held.replace(&name, signature.to_json().as_bytes())?;
        Ok(())
    }

    /// The signature of an artifact by this key, as it was kept; it is not verified yet.
    ///
    /// # Errors
    /// [`SignatureError::Unsigned`] where there is none; [`FileError`] and [`SignatureError`].
    pub fn signature(
        &self,
        digest: &Digest,
        signer: &PublicKey,
    ) -> Result<Signature, ArtifactError> {
        let name = signature_name(digest, signer);
        let text = match self.folder.read(&name, SIGNATURE_BYTES_MAX, Care::Shared) {
            Ok(text) => text,
            Err(FileError::Missing { .. }) => return Err(SignatureError::Unsigned.into()),
            Err(error) => return Err(error.into()),
        };
        Ok(Signature::from_json(&text)?)
    }

    /// The artifact that is pinned, after every check. There is nothing to fall back to.
    ///
    /// # Errors
    /// [`ArtifactError`]: its bytes are missing, unreadable or others, or its signature is.
    pub fn load(&self, pinned: &Pinned, demand: Demand<'_>) -> Result<Artifact, ArtifactError> {
        let bytes = self.get(&pinned.digest)?;
        let meta = read_section(&bytes)?;
        let mut artifact = Artifact::hashed(bytes, pinned.digest, meta);
        let signature = match &pinned.signer {
            Some(signer) => Some(self.signature(&pinned.digest, signer)?),
            None => None,
        };
        let verified = pinned.verify(&artifact, signature.as_ref(), demand)?;
        artifact.signer = verified.signer;
        Ok(artifact)
    }
}

fn signature_name(digest: &Digest, signer: &PublicKey) -> OsString {
    format!("{}.{}.sig", digest.hex(), signer.id()).into()
}
