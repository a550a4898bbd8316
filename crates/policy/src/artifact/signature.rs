//! Detached signatures: `POLICY.wasm.sig` beside `POLICY.wasm`.
//!
//! What is signed is `wardian policy signature v1`, the digest's text and the version's text, each with a line's end.
//! The first line keeps the signature from meaning anything elsewhere. The file repeats digest and version so that a
//! signature that belongs to another artifact is told from a forged one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::artifact::json;
use crate::artifact::{Artifact, Digest, DigestError, KeyError, PublicKey, Trust, Verified};
use crate::artifact::{Version, VersionError};

/// Bytes of a signature file.
pub const SIGNATURE_BYTES_MAX: usize = 4 << 10;

const FORMAT: u64 = 1;
const DOMAIN: &str = "wardian policy signature v1\n";
const BYTES: usize = 64;

/// A signature as it was read: well-formed, not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    signer: PublicKey,
    digest: Digest,
    version: Version,
    bytes: [u8; BYTES],
}

/// Why a signature does not count.
#[derive(Debug, thiserror::Error)]
pub enum SignatureError {
    /// The file is too large.
    #[error("the signature file has {bytes} bytes, allowed {SIGNATURE_BYTES_MAX}")]
    TooLarge {
        /// How many it has.
        bytes: usize,
    },
    /// It is not the JSON that belongs there.
    #[error("the signature file: {0}")]
    Json(String),
    /// A later program wrote it.
    #[error("the signature file has format {0}, known is {FORMAT}")]
    Format(u64),
    /// Its signer is no key.
    #[error("the signature file has no good signer")]
    Signer(#[source] KeyError),
    /// Its digest is none.
    #[error("the signature file has no good digest")]
    Digest(#[source] DigestError),
    /// Its version is none.
    #[error("the signature file has no good version")]
    Version(#[source] VersionError),
    /// The signature itself is no base64 of 64 bytes.
    #[error("the signature is no base64 of 64 bytes")]
    Encoding,
    /// It is of other bytes.
    #[error("the signature is of {signed}, the artifact is {artifact}")]
    OtherDigest {
        /// What was signed.
        signed: Digest,
        /// What is there.
        artifact: Digest,
    },
    /// It is of another version.
    #[error("the signature is of version {signed}, the artifact is {artifact}")]
    OtherVersion {
        /// What was signed.
        signed: Version,
        /// What is there.
        artifact: Version,
    },
    /// Its signer is not trusted.
    #[error("the signature is by {0}, who is not trusted")]
    UnknownSigner(PublicKey),
    /// Its signer is trusted, and is not the one that the lock file pins.
    #[error("the signature is by {signer}, pinned is {pinned}")]
    OtherSigner {
        /// Who signed.
        signer: PublicKey,
        /// Who should have.
        pinned: PublicKey,
    },
    /// The signer did not sign this.
    #[error("the signature is not one by {0}")]
    Forged(PublicKey),
    /// There is none, and one is asked for.
    #[error("the artifact is not signed")]
    Unsigned,
}

impl SignatureError {
    /// Stable, such as `artifact.signature_forged`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            SignatureError::TooLarge { .. } => "artifact.signature_too_large",
            SignatureError::Json(_) => "artifact.signature_json",
            SignatureError::Format(_) => "artifact.signature_format",
            SignatureError::Signer(error) => error.code(),
            SignatureError::Digest(error) => error.code(),
            SignatureError::Version(error) => error.code(),
            SignatureError::Encoding => "artifact.signature_encoding",
            SignatureError::OtherDigest { .. } => "artifact.signature_other_digest",
            SignatureError::OtherVersion { .. } => "artifact.signature_other_version",
            SignatureError::UnknownSigner(_) => "artifact.signer_unknown",
            SignatureError::OtherSigner { .. } => "artifact.signer_other",
            SignatureError::Forged(_) => "artifact.signature_forged",
            SignatureError::Unsigned => "artifact.unsigned",
        }
    }
}

#[derive(Deserialize)]
struct Format {
    wardian_signature: u64,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Written {
    wardian_signature: u64,
    signer: String,
    digest: String,
    version: String,
    signature: String,
}

impl Signature {
    /// Reads a signature file.
    ///
    /// # Errors
    /// [`SignatureError`]: whatever is wrong with the file itself.
    pub fn from_json(text: &[u8]) -> Result<Signature, SignatureError> {
        let bytes = text.len();
        if bytes > SIGNATURE_BYTES_MAX {
            return Err(SignatureError::TooLarge { bytes });
        }
        // The format first: a later one may have members that this one does not know.
        let format: Format = json::read(text).map_err(SignatureError::Json)?;
        if format.wardian_signature != FORMAT {
            return Err(SignatureError::Format(format.wardian_signature));
        }
        let written: Written = json::read(text).map_err(SignatureError::Json)?;
        let decoded = STANDARD.decode(&written.signature);
        let bytes = decoded.ok().and_then(|bytes| bytes.try_into().ok());
        Ok(Signature {
            signer: written.signer.parse().map_err(SignatureError::Signer)?,
            digest: written.digest.parse().map_err(SignatureError::Digest)?,
            version: written.version.parse().map_err(SignatureError::Version)?,
            bytes: bytes.ok_or(SignatureError::Encoding)?,
        })
    }

    /// The text of a signature file, a member a line.
    #[must_use]
    pub fn to_json(&self) -> String {
        let written = Written {
            wardian_signature: FORMAT,
            signer: self.signer.to_string(),
            digest: self.digest.to_string(),
            version: self.version.to_string(),
            signature: STANDARD.encode(self.bytes),
        };
        // A number and texts: there is nothing that could not be written.
        let text = serde_json::to_string_pretty(&written).unwrap_or_default();
        text + "\n"
    }

    /// Who claims to have signed.
    #[must_use]
    pub fn signer(&self) -> &PublicKey {
        &self.signer
    }

    /// What is claimed to be signed.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The version that is claimed to be signed.
    #[must_use]
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// Whether one of the trusted keys has signed this artifact.
    ///
    /// # Errors
    /// [`SignatureError`]: it is of something else, by somebody else, or by nobody.
    pub fn verify(&self, artifact: &Artifact, trust: &Trust) -> Result<Verified, SignatureError> {
        let (signed, found) = (self.digest, *artifact.digest());
        if signed != found {
            let artifact = found;
            return Err(SignatureError::OtherDigest { signed, artifact });
        }
        if self.version != *artifact.version() {
            return Err(SignatureError::OtherVersion {
                signed: self.version.clone(),
                artifact: artifact.version().clone(),
            });
        }
        if !trust.has(&self.signer) {
            return Err(SignatureError::UnknownSigner(self.signer));
        }
        self.verify_itself()?;
        Ok(Verified {
            digest: found,
            version: self.version.clone(),
            signer: Some(self.signer),
        })
    }

    /// Whether whoever is named as the signer has signed what is named. It says nothing of whether that is worth anything.
    pub(crate) fn verify_itself(&self) -> Result<(), SignatureError> {
        let message = Signature::message(&self.digest, &self.version);
        match self.signer.has_signed(&message, &self.bytes) {
            true => Ok(()),
            false => Err(SignatureError::Forged(self.signer)),
        }
    }

    pub(crate) fn from_parts(
        signer: PublicKey,
        digest: Digest,
        version: Version,
        bytes: [u8; BYTES],
    ) -> Signature {
        Signature {
            signer,
            digest,
            version,
            bytes,
        }
    }

    /// What is signed. Neither text can have a line's end in it.
    pub(crate) fn message(digest: &Digest, version: &Version) -> Vec<u8> {
        format!("{DOMAIN}{digest}\n{version}\n").into_bytes()
    }
}
