//! The lock file's content: which artifact each policy is pinned to, and to which it was before.
//!
//! History is a stack. Pinning puts what was active on top; rolling back takes from it and drops what was newer, so that
//! rolling back twice goes back two, and never forward again. The bytes of what was dropped stay in the store and may be
//! pinned anew.

mod change;
mod file;
mod problem;
mod text;

use std::collections::BTreeMap;

pub use change::{Change, SignerChange, VersionChange};
pub use file::{LOCK_FILE, LockFile};
pub use problem::{Flaw, LockError, Problem, Problems};

use serde::Serialize;

use crate::artifact::{
    Artifact, ArtifactError, Demand, Digest, Moment, PolicyName, PublicKey, Signature,
    SignatureError, Trust, Verified, Version,
};

/// Bytes of a lock file.
pub const LOCK_BYTES_MAX: usize = 1 << 20;
/// Policies that a lock file may have.
pub const POLICIES_MAX: usize = 256;
/// Earlier pins that are kept of a policy; the oldest are forgotten.
pub const HISTORY_MAX: usize = 100;

/// All policies and what they are pinned to.
///
/// ```
/// use wardian_policy::artifact::*;
/// let wasm = |version: &str| -> Result<Artifact, ArtifactError> {
///     let meta = ArtifactMeta { version: Some(version.parse()?), ..ArtifactMeta::default() };
///     Ok(Artifact::from_bytes(write_section(b"\0asm\x01\0\0\0", &meta)?)?)
/// };
/// let (name, mut lock) = ("checkout".parse()?, Lock::default());
/// lock.pin(&name, &wasm("1.0")?, Proof::Unsigned, Moment::now())?;
/// lock.pin(&name, &wasm("1.1")?, Proof::Unsigned, Moment::now())?;
/// let change = lock.rollback(&name, &To::Steps(1))?;
/// assert_eq!(change.version(), VersionChange::Downgrade);
/// assert_eq!(lock.active(&name)?.version.as_str(), "1.0");
/// # Ok::<(), ArtifactError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    policies: BTreeMap<PolicyName, Policy>,
}

/// A policy: what is active, and what was, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Policy {
    active: Pinned,
    history: Vec<Pinned>,
}

/// What a policy is pinned to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pinned {
    /// The artifact.
    pub digest: Digest,
    /// Its version.
    pub version: Version,
    /// Whose signature it has to have; none where it was pinned without.
    pub signer: Option<PublicKey>,
    /// When it was pinned; rolling back to it does not change that.
    pub pinned_at: Moment,
}

/// What speaks for an artifact that is to be pinned.
#[derive(Clone, Copy, Debug)]
pub enum Proof<'p> {
    /// A signature, which is verified; its signer is pinned with it.
    Signed {
        /// The signature.
        signature: &'p Signature,
        /// Who may have made it.
        trust: &'p Trust,
    },
    /// A signature, which is verified; it has to be by whoever has signed what is active at that moment.
    SameSigner {
        /// The signature.
        signature: &'p Signature,
    },
    /// The operator's word alone. Refused where the active artifact has a signer: a lost signature file must not turn
    /// verification off.
    Unsigned,
    /// The operator's word that from now on nobody signs.
    DropSigner,
}

/// Where to roll back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// So many pins back, one is the last before.
    Steps(usize),
    /// The newest earlier pin of this digest.
    Digest(Digest),
}

impl Policy {
    /// What is active.
    #[must_use]
    pub fn active(&self) -> &Pinned {
        &self.active
    }

    /// What was before, newest first.
    #[must_use]
    pub fn history(&self) -> &[Pinned] {
        &self.history
    }
}

impl Pinned {
    /// Whether it is the same pin, whenever it was made.
    fn is_same(&self, other: &Pinned) -> bool {
        let parts = |pin: &Pinned| (pin.digest, pin.version.clone(), pin.signer);
        parts(self) == parts(other)
    }

    /// Whether this artifact with this signature is what is pinned, and what is demanded besides.
    ///
    /// # Errors
    /// [`LockError::OtherDigest`] and [`LockError::OtherVersion`]; [`SignatureError`] where the pinned signer's is not
    /// there or does not hold, or is not enough.
    pub fn verify(
        &self,
        artifact: &Artifact,
        signature: Option<&Signature>,
        demand: Demand<'_>,
    ) -> Result<Verified, ArtifactError> {
        if self.digest != *artifact.digest() {
            let (pinned, found) = (self.digest, *artifact.digest());
            return Err(LockError::OtherDigest { pinned, found }.into());
        }
        if self.version != *artifact.version() {
            let (pinned, found) = (self.version.clone(), artifact.version().clone());
            return Err(LockError::OtherVersion { pinned, found }.into());
        }
        let Some(pinned) = self.signer else {
            return match demand {
                Demand::SignedBy(_) => Err(SignatureError::Unsigned.into()),
                Demand::AsPinned => Ok(Verified {
                    digest: self.digest,
                    version: self.version.clone(),
                    signer: None,
                }),
            };
        };
        if let Demand::SignedBy(trust) = demand
            && !trust.has(&pinned)
        {
            return Err(SignatureError::UnknownSigner(pinned).into());
        }
        let signature = signature.ok_or(SignatureError::Unsigned)?;
        let signer = *signature.signer();
        if signer != pinned {
            return Err(SignatureError::OtherSigner { signer, pinned }.into());
        }
        Ok(signature.verify(artifact, &Trust::new([pinned])?)?)
    }
}

impl Lock {
    /// All policies by name.
    pub fn list(&self) -> impl Iterator<Item = (&PolicyName, &Policy)> {
        self.policies.iter()
    }

    /// What a policy is pinned to.
    ///
    /// # Errors
    /// [`LockError::NotPinned`]: there is no policy of that name, which is not the same as one that allows everything.
    pub fn active(&self, name: &PolicyName) -> Result<&Pinned, LockError> {
        Ok(&self.policy(name)?.active)
    }

    fn policy(&self, name: &PolicyName) -> Result<&Policy, LockError> {
        let found = self.policies.get(name);
        found.ok_or_else(|| LockError::NotPinned(name.clone()))
    }

    /// Pins a policy to an artifact. The change tells of a downgrade and of another signer; neither is refused. Pinning what
    /// is active changes nothing.
    ///
    /// # Errors
    /// [`SignatureError`] where the signature does not hold, [`LockError::SignerDropped`] where one would be missed, and
    /// [`LockError::TooManyPolicies`].
    pub fn pin(
        &mut self,
        name: &PolicyName,
        artifact: &Artifact,
        proof: Proof<'_>,
        at: Moment,
    ) -> Result<Change, ArtifactError> {
        let before = self.policies.get(name).map(|policy| policy.active.clone());
        let signer = match proof {
            Proof::Signed { signature, trust } => signature.verify(artifact, trust)?.signer,
            Proof::SameSigner { signature } => {
                let signer = before.as_ref().and_then(|pin| pin.signer);
                let unknown = || SignatureError::UnknownSigner(*signature.signer());
                let trust = Trust::new([signer.ok_or_else(unknown)?])?;
                signature.verify(artifact, &trust)?.signer
            }
            Proof::DropSigner => None,
            Proof::Unsigned => match before.as_ref().and_then(|pin| pin.signer) {
                Some(signer) => return Err(LockError::SignerDropped(signer).into()),
                None => None,
            },
        };
        let pinned = Pinned {
            digest: *artifact.digest(),
            version: artifact.version().clone(),
            signer,
            pinned_at: at,
        };
        Ok(self.put(name, pinned, before)?)
    }

    fn put(
        &mut self,
        name: &PolicyName,
        pinned: Pinned,
        before: Option<Pinned>,
    ) -> Result<Change, LockError> {
        let count = self.policies.len();
        match self.policies.get_mut(name) {
            Some(policy) if policy.active.is_same(&pinned) => {
                return Ok(Change::new(before, policy.active.clone()));
            }
            Some(policy) => {
                let replaced = std::mem::replace(&mut policy.active, pinned.clone());
                policy.history.insert(0, replaced);
                policy.history.truncate(HISTORY_MAX);
            }
            None if count >= POLICIES_MAX => {
                return Err(LockError::TooManyPolicies { max: POLICIES_MAX });
            }
            None => {
                let active = pinned.clone();
                let history = Vec::new();
                self.policies
                    .insert(name.clone(), Policy { active, history });
            }
        }
        Ok(Change::new(before, pinned))
    }

    /// What rolling back would make active. Nothing is changed.
    ///
    /// # Errors
    /// [`LockError::NotPinned`], [`LockError::HistoryTooShort`] and [`LockError::NotInHistory`].
    pub fn candidate(&self, name: &PolicyName, to: &To) -> Result<&Pinned, LockError> {
        Ok(self.find(name, to)?.1)
    }

    fn find(&self, name: &PolicyName, to: &To) -> Result<(usize, &Pinned), LockError> {
        let history = &self.policy(name)?.history;
        let found = match to {
            To::Steps(steps) => steps.checked_sub(1),
            To::Digest(digest) => history.iter().position(|pin| pin.digest == *digest),
        };
        let pinned = found.and_then(|at| Some((at, history.get(at)?)));
        pinned.ok_or(match *to {
            To::Steps(steps) => LockError::HistoryTooShort {
                steps,
                there: history.len(),
            },
            To::Digest(digest) => LockError::NotInHistory(digest),
        })
    }

    /// Makes an earlier pin active again, and forgets those that were newer. Whether its bytes are still there is for
    /// [`Policies::rollback`](crate::artifact::Policies::rollback) to see.
    ///
    /// # Errors
    /// Those of [`Lock::candidate`].
    pub fn rollback(&mut self, name: &PolicyName, to: &To) -> Result<Change, LockError> {
        let (at, pinned) = self.find(name, to)?;
        let pinned = pinned.clone();
        let Some(policy) = self.policies.get_mut(name) else {
            return Err(LockError::NotPinned(name.clone()));
        };
        policy.history.drain(..=at);
        let before = std::mem::replace(&mut policy.active, pinned.clone());
        Ok(Change::new(Some(before), pinned))
    }

    /// Takes a policy out, with its history.
    ///
    /// # Errors
    /// [`LockError::NotPinned`].
    pub fn unpin(&mut self, name: &PolicyName) -> Result<Policy, LockError> {
        let removed = self.policies.remove(name);
        removed.ok_or_else(|| LockError::NotPinned(name.clone()))
    }

    /// Whether these bytes with this signature are what the policy is pinned to.
    ///
    /// # Errors
    /// [`LockError::NotPinned`], what [`Artifact::from_bytes`] says, and those of [`Pinned::verify`].
    pub fn verify(
        &self,
        name: &PolicyName,
        artifact: &Artifact,
        signature: Option<&Signature>,
        demand: Demand<'_>,
    ) -> Result<Verified, ArtifactError> {
        self.active(name)?.verify(artifact, signature, demand)
    }
}
