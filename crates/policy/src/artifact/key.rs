//! Ed25519 keys: a public one is `ed25519:` and base64 of its 32 bytes, a secret one `ed25519-secret:` and base64 of its
//! seed, in a file of mode 0600 of its own.
//!
//! The two begin differently so that a secret key in the place of a public one is recognised, and never shown. What a
//! secret key passes through is wiped.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use crate::artifact::folder::{Care, FileError, Folder};
use crate::artifact::text::as_text;
use crate::artifact::{Artifact, Digest, Signature};

/// Bytes of a file with a secret key.
pub const KEY_FILE_BYTES_MAX: usize = 256;

const PUBLIC: &str = "ed25519:";
const SECRET: &str = "ed25519-secret:";
const KEY_BYTES: usize = 32;
const ID_DIGITS: usize = 16;

/// Whom a signature is from.
///
/// ```
/// use wardian_policy::artifact::{KeyError, PublicKey};
/// let text = "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
/// let key: PublicKey = text.parse()?;
/// assert_eq!(key.to_string(), text);
/// assert_eq!(key.id(), "21fe31dfa154a261");
/// # Ok::<(), KeyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; KEY_BYTES]);

/// What signs. It cannot be shown or copied.
pub struct KeyPair(SigningKey);

/// Why a text or a file is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It is not written as a public key is.
    #[error("the public key does not begin with `ed25519:`")]
    NotPublic,
    /// It is a secret key, which has been seen by whoever reads this place.
    #[error("a secret key stands where a public one belongs")]
    SecretAsPublic,
    /// It is not written as a secret key is.
    #[error("the secret key does not begin with `ed25519-secret:`")]
    NotSecret,
    /// What is behind the beginning is no base64 of 32 bytes.
    #[error("the key is no base64 of 32 bytes")]
    Encoding,
    /// No key has these bytes, or everybody could sign for it.
    #[error("the key is none that anybody could have")]
    Weak,
    /// Too many keys are trusted.
    #[error("{count} keys are trusted, allowed {max}", max = crate::artifact::TRUSTED_KEYS_MAX)]
    TooMany {
        /// How many.
        count: usize,
    },
    /// The system gave no random bytes.
    #[error("the system has no random bytes: {0}")]
    Random(String),
    /// The file cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
}

impl KeyError {
    /// Stable, such as `artifact.key_weak`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            KeyError::NotPublic => "artifact.key_not_public",
            KeyError::SecretAsPublic => "artifact.key_secret_as_public",
            KeyError::NotSecret => "artifact.key_not_secret",
            KeyError::Encoding => "artifact.key_encoding",
            KeyError::Weak => "artifact.key_weak",
            KeyError::TooMany { .. } => "artifact.key_too_many",
            KeyError::Random(_) => "artifact.key_random",
            KeyError::File(error) => error.code(),
        }
    }
}

impl PublicKey {
    /// A key by its 32 bytes.
    ///
    /// # Errors
    /// [`KeyError::Weak`] where they are no point of the curve, or one of small order.
    pub fn from_bytes(bytes: &[u8; KEY_BYTES]) -> Result<PublicKey, KeyError> {
        match VerifyingKey::from_bytes(bytes) {
            Ok(key) if !key.is_weak() => Ok(PublicKey(*bytes)),
            _ => Err(KeyError::Weak),
        }
    }

    /// Its 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// Its short name for people and files: the first 16 digits of its SHA-256. Nothing is trusted by it.
    #[must_use]
    pub fn id(&self) -> String {
        let hex = Digest::of(self.as_bytes()).hex();
        hex.get(..ID_DIGITS).unwrap_or(&hex).to_owned()
    }

    /// Whether these 64 bytes are its signature of the message.
    pub(crate) fn has_signed(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        // Its point is worked out each time: kept, it would make every error that names a key six times as large.
        VerifyingKey::from_bytes(&self.0)
            .is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
    }
}

impl KeyPair {
    /// A new one, from the system's random bytes.
    ///
    /// # Errors
    /// [`KeyError::Random`].
    pub fn generate() -> Result<KeyPair, KeyError> {
        let mut seed = Zeroizing::new([0; KEY_BYTES]);
        getrandom::fill(&mut *seed).map_err(|error| KeyError::Random(error.to_string()))?;
        Ok(KeyPair(SigningKey::from_bytes(&seed)))
    }

    /// Reads `ed25519-secret:` and base64 of the seed, with a line's end or without.
    ///
    /// # Errors
    /// [`KeyError::NotSecret`] and [`KeyError::Encoding`]; neither tells anything of the text.
    pub fn from_secret_text(text: &str) -> Result<KeyPair, KeyError> {
        let text = text.strip_suffix('\n').unwrap_or(text);
        let encoded = text.strip_prefix(SECRET).ok_or(KeyError::NotSecret)?;
        Ok(KeyPair(SigningKey::from_bytes(&*decode(encoded)?)))
    }

    /// The text that [`KeyPair::from_secret_text`] reads, wiped when it is dropped.
    #[must_use]
    pub fn to_secret_text(&self) -> Zeroizing<String> {
        // Room for all of it at once: growing would leave a piece behind.
        let mut text = Zeroizing::new(String::with_capacity(KEY_FILE_BYTES_MAX));
        text.push_str(SECRET);
        STANDARD.encode_string(self.0.as_bytes(), &mut text);
        text.push('\n');
        text
    }

    /// Reads a key file. It has to be a regular file of our own that nobody else may even read.
    ///
    /// # Errors
    /// [`KeyError::File`], and those of [`KeyPair::from_secret_text`].
    pub fn read(path: &Path) -> Result<KeyPair, KeyError> {
        let (folder, name) = Folder::of_file(path)?;
        let bytes = Zeroizing::new(folder.read(&name, KEY_FILE_BYTES_MAX, Care::Secret)?);
        let text = std::str::from_utf8(&bytes).map_err(|_| KeyError::NotSecret)?;
        KeyPair::from_secret_text(text)
    }

    /// Writes a new key file of mode 0600. One that is there is never overwritten: what it signed could not be signed again.
    ///
    /// # Errors
    /// [`FileError::Exists`] and others.
    pub fn write_new(&self, path: &Path) -> Result<(), KeyError> {
        let (folder, name) = Folder::of_file(path)?;
        folder.create_secret(&name, self.to_secret_text().as_bytes())?;
        Ok(())
    }

    /// Whom its signatures are from.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs an artifact's digest and version. The same artifact always has the same signature.
    #[must_use]
    pub fn sign(&self, artifact: &Artifact) -> Signature {
        let (digest, version) = (*artifact.digest(), artifact.version().clone());
        let message = Signature::message(&digest, &version);
        let bytes = self.0.sign(&message).to_bytes();
        Signature::from_parts(self.public(), digest, version, bytes)
    }
}

/// Exactly one text for 32 bytes: with its padding, without stray bits.
fn decode(encoded: &str) -> Result<Zeroizing<[u8; KEY_BYTES]>, KeyError> {
    // What the decoder asks for, which is a byte more than it fills.
    let mut buffer = Zeroizing::new([0; KEY_BYTES + 1]);
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    match STANDARD.decode_slice(encoded, &mut *buffer) {
        Ok(KEY_BYTES) => {
            for (to, from) in key.iter_mut().zip(buffer.iter()) {
                *to = *from;
            }
            Ok(key)
        }
        _ => Err(KeyError::Encoding),
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<PublicKey, KeyError> {
        if text.starts_with(SECRET) {
            return Err(KeyError::SecretAsPublic);
        }
        let encoded = text.strip_prefix(PUBLIC).ok_or(KeyError::NotPublic)?;
        PublicKey::from_bytes(&*decode(encoded)?)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PUBLIC}{}", STANDARD.encode(self.as_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyPair({}, ..)", self.public())
    }
}

as_text!(PublicKey);
