//! Policy artifacts: the bytes, files and keys of a policy, before anything runs it.
//!
//! - **In**: an artifact's bytes, detached signatures, keys, a lock file, a store; every one of them written by somebody
//!   else, of bounded size, and read strictly.
//! - **Out**: an [`Artifact`] that has the digest, the version and the signer that the lock file pins.
//! - **Never**: another version than the pinned one, or "no policy" in the place of one that is missing or broken.
//!
//! [`Policies`] is the way in: a [`LockFile`] that says what is active and a [`Store`] that has the bytes, also those of
//! versions before. What is signed is the digest together with the version, so neither can be exchanged alone. A
//! signature does not say what the policy is for: that is what pinning it under a name decides.
//!
//! ```
//! use wardian_policy::artifact::*;
//! # let place = tempfile::tempdir()?;
//! # let (lock, store) = (place.path().join(LOCK_FILE), place.path().join("policies"));
//! let meta = ArtifactMeta { version: Some("1.2.0".parse()?), ..ArtifactMeta::default() };
//! let wasm = write_section(b"\0asm\x01\0\0\0", &meta)?;
//! let artifact = Artifact::from_bytes(wasm)?;
//!
//! let keys = KeyPair::generate()?;
//! let signature = keys.sign(&artifact);
//! let trust = Trust::new([keys.public()])?;
//!
//! let policies = Policies::open_or_make(&lock, &store)?;
//! let name = "checkout".parse()?;
//! let proof = Proof::Signed { signature: &signature, trust: &trust };
//! policies.pin(&name, &artifact, proof, Moment::now())?;
//!
//! let loaded = policies.load(&name, Demand::SignedBy(&trust))?;
//! assert_eq!(loaded.digest(), artifact.digest());
//! assert_eq!(loaded.signer(), Some(&keys.public()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod digest;
mod error;
mod file;
mod folder;
mod json;
mod key;
mod lock;
mod meta;
mod moment;
mod name;
mod policies;
mod section;
mod shown;
mod signature;
mod store;
mod text;
mod trust;
mod version;

pub use digest::{Digest, DigestError};
pub use error::ArtifactError;
pub use folder::{FileError, LOCK_WAIT_MAX};
pub use key::{KEY_FILE_BYTES_MAX, KeyError, KeyPair, PublicKey};
pub use lock::{
    Change, Flaw, HISTORY_MAX, LOCK_BYTES_MAX, LOCK_FILE, Lock, LockError, LockFile, POLICIES_MAX,
    Pinned, Policy, Problem, Problems, Proof, SignerChange, To, VersionChange,
};
pub use meta::{ArtifactMeta, STATIC_BYTES_MAX, STATIC_MAX, Source};
pub use moment::{Moment, MomentError};
pub use name::{NAME_BYTES_MAX, NameError, PolicyName};
pub use policies::Policies;
pub use section::{
    SECTION, SECTION_BYTES_MAX, SECTIONS_MAX, SectionError, read_section, write_section,
};
pub use signature::{SIGNATURE_BYTES_MAX, Signature, SignatureError};
pub use store::{Store, StoreError};
pub use trust::{Demand, TRUSTED_KEYS_MAX, Trust, Verified};
pub use version::{VERSION_BYTES_MAX, Version, VersionError};

/// Bytes of an artifact.
pub const ARTIFACT_BYTES_MAX: usize = 64 << 20;

/// An artifact whose bytes are WebAssembly by their header and sections, with what they say of themselves. It is not
/// compiled yet.
#[derive(Clone, PartialEq, Eq)]
pub struct Artifact {
    bytes: Vec<u8>,
    digest: Digest,
    meta: ArtifactMeta,
    version: Version,
    signer: Option<PublicKey>,
}

impl Artifact {
    /// Digests the bytes and reads what they say of themselves. Nobody has signed it so far.
    ///
    /// # Errors
    /// [`SectionError`]: it is no WebAssembly, too large, or its section `wardian:policy` is not understood.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Artifact, SectionError> {
        let meta = read_section(&bytes)?;
        let digest = Digest::of(&bytes);
        Ok(Artifact::hashed(bytes, digest, meta))
    }

    /// The same where the digest is already known to be that of the bytes.
    fn hashed(bytes: Vec<u8>, digest: Digest, meta: ArtifactMeta) -> Artifact {
        let version = match &meta.version {
            Some(version) => version.clone(),
            None => Version::of_unversioned(&digest),
        };
        Artifact {
            bytes,
            digest,
            meta,
            version,
            signer: None,
        }
    }

    /// The bytes: a core module or a component.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes, without a copy.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// SHA-256 of the bytes.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// What it says of itself.
    #[must_use]
    pub fn meta(&self) -> &ArtifactMeta {
        &self.meta
    }

    /// Its version; of one that has none `0.0.0+` and the first 12 digits of its digest.
    #[must_use]
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// Whose signature was verified when it was loaded; none where none was asked for.
    #[must_use]
    pub fn signer(&self) -> Option<&PublicKey> {
        self.signer.as_ref()
    }
}

impl std::fmt::Debug for Artifact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Artifact")
            .field("bytes", &self.bytes.len())
            .field("digest", &self.digest)
            .field("meta", &self.meta)
            .field("version", &self.version)
            .field("signer", &self.signer)
            .finish()
    }
}
