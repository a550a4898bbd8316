//! Artifacts and signatures from files that somebody names, on a command line or in settings.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::artifact::folder::{Care, Folder};
use crate::artifact::{
    ARTIFACT_BYTES_MAX, Artifact, ArtifactError, Digest, LockError, SIGNATURE_BYTES_MAX, Signature,
};

/// What a signature's file is called as, behind its artifact's name.
const SIGNATURE_ENDING: &str = ".sig";

impl Artifact {
    /// Reads an artifact.
    ///
    /// # Errors
    /// [`FileError`](crate::artifact::FileError) and [`SectionError`](crate::artifact::SectionError).
    pub fn read(path: &Path) -> Result<Artifact, ArtifactError> {
        let (folder, name) = Folder::of_file(path)?;
        let bytes = folder.read(&name, ARTIFACT_BYTES_MAX, Care::Shared)?;
        Ok(Artifact::from_bytes(bytes)?)
    }

    /// Reads the artifact of this digest. Others are not even looked into.
    ///
    /// # Errors
    /// [`LockError::OtherDigest`], and those of [`Artifact::read`].
    pub fn read_pinned(path: &Path, pinned: &Digest) -> Result<Artifact, ArtifactError> {
        let (folder, name) = Folder::of_file(path)?;
        let bytes = folder.read(&name, ARTIFACT_BYTES_MAX, Care::Shared)?;
        let (pinned, found) = (*pinned, Digest::of(&bytes));
        if pinned != found {
            return Err(LockError::OtherDigest { pinned, found }.into());
        }
        Ok(Artifact::from_bytes(bytes)?)
    }
}

impl Signature {
    /// Where the signature of an artifact's file is looked for: `POLICY.wasm.sig` beside `POLICY.wasm`.
    #[must_use]
    pub fn path_of(artifact: &Path) -> PathBuf {
        let mut path = OsString::from(artifact);
        path.push(SIGNATURE_ENDING);
        path.into()
    }

    /// Reads a signature.
    ///
    /// # Errors
    /// [`FileError`](crate::artifact::FileError) and [`SignatureError`](crate::artifact::SignatureError).
    pub fn read(path: &Path) -> Result<Signature, ArtifactError> {
        let (folder, name) = Folder::of_file(path)?;
        let text = folder.read(&name, SIGNATURE_BYTES_MAX, Care::Shared)?;
        Ok(Signature::from_json(&text)?)
    }
}
