//! Whose signatures count, and what a caller asks for.

use std::collections::BTreeSet;

use crate::artifact::{Digest, KeyError, PublicKey, Version};

/// Keys that may be trusted at once.
pub const TRUSTED_KEYS_MAX: usize = 64;

/// The keys whose signatures count. No key at all trusts nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust(BTreeSet<PublicKey>);

impl Trust {
    /// Trusts these keys.
    ///
    /// # Errors
    /// [`KeyError::TooMany`] where there are more than [`TRUSTED_KEYS_MAX`].
    pub fn new(keys: impl IntoIterator<Item = PublicKey>) -> Result<Trust, KeyError> {
        let keys: BTreeSet<PublicKey> = keys.into_iter().collect();
        match keys.len() {
            count if count > TRUSTED_KEYS_MAX => Err(KeyError::TooMany { count }),
            _ => Ok(Trust(keys)),
        }
    }

    /// Whether this key is one of them.
    #[must_use]
    pub fn has(&self, key: &PublicKey) -> bool {
        self.0.contains(key)
    }

    /// The keys, in the order of their bytes.
    pub fn keys(&self) -> impl Iterator<Item = &PublicKey> {
        self.0.iter()
    }
}

/// What an artifact has to have besides the digest that is pinned.
#[derive(Clone, Copy, Debug)]
pub enum Demand<'t> {
    /// What the lock file says: the signature of the pinned signer, and none where none is pinned.
    AsPinned,
    /// The signature of the pinned signer, who has to be one of these. A key that was taken back ends here.
    SignedBy(&'t Trust),
}

/// What was found to be so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The digest of the bytes.
    pub digest: Digest,
    /// Their version.
    pub version: Version,
    /// Whose signature was verified; none where none was asked for.
    pub signer: Option<PublicKey>,
}
