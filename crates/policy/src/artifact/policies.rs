//! A lock file and a store together: what the command and the host work with.
//!
//! Bytes are kept before the lock file names them, so that a lock file never names what is not there. Whoever is killed
//! between the two leaves bytes that nothing names, which does no harm.

use std::path::Path;

use crate::artifact::{
    Artifact, ArtifactError, Change, Demand, Lock, LockFile, Moment, PolicyName, Proof, Signature,
    Store, To, Verified,
};

/// The policies of a lock file, with their bytes.
#[derive(Debug)]
pub struct Policies {
    lock: LockFile,
    store: Store,
}

impl Policies {
    /// Policies of a lock file and a store that are there. The lock file is read anew each time.
    ///
    /// # Errors
    /// [`ArtifactError`]: one of them cannot be used.
    pub fn open(lock: &Path, store: &Path) -> Result<Policies, ArtifactError> {
        let (lock, store) = (LockFile::at(lock)?, Store::open(store)?);
        lock.read()?;
        Ok(Policies { lock, store })
    }

    /// The same where the store may be made, and the lock file with the first pin.
    ///
    /// # Errors
    /// [`ArtifactError`]: one of them cannot be used.
    pub fn open_or_make(lock: &Path, store: &Path) -> Result<Policies, ArtifactError> {
        let (lock, store) = (LockFile::at(lock)?, Store::open_or_make(store)?);
        Ok(Policies { lock, store })
    }

    /// The lock file.
    #[must_use]
    pub fn lock_file(&self) -> &LockFile {
        &self.lock
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// All policies, what they are pinned to, and what they were pinned to before.
    ///
    /// # Errors
    /// [`ArtifactError`]: the lock file cannot be read.
    pub fn list(&self) -> Result<Lock, ArtifactError> {
        self.lock.read()
    }

    /// Keeps the bytes and the signature, then pins them. Whoever wants to try them first does it before.
    ///
    /// # Errors
    /// Those of [`Lock::pin`], of the store and of the lock file, which is then as it was.
    pub fn pin(
        &self,
        name: &PolicyName,
        artifact: &Artifact,
        proof: Proof<'_>,
        at: Moment,
    ) -> Result<Change, ArtifactError> {
        self.lock.change(|lock| {
            let change = lock.pin(name, artifact, proof, at)?;
            self.store.put(artifact.bytes())?;
            if let Proof::Signed { signature, .. } | Proof::SameSigner { signature } = proof {
                self.store.put_signature(signature)?;
            }
            Ok(change)
        })
    }

    /// Whether these bytes with this signature are what the policy is pinned to.
    ///
    /// # Errors
    /// Those of [`Lock::verify`], and that they are no artifact.
    pub fn verify(
        &self,
        name: &PolicyName,
        bytes: Vec<u8>,
        signature: Option<&Signature>,
        demand: Demand<'_>,
    ) -> Result<Verified, ArtifactError> {
        let artifact = Artifact::from_bytes(bytes)?;
        self.lock.read()?.verify(name, &artifact, signature, demand)
    }

    /// The active artifact of a policy, after every check.
    ///
    /// # Errors
    /// [`ArtifactError`]: the policy is not pinned, or its artifact is missing, unreadable, another, or not signed as it
    /// should be. There is never another version in its place.
    pub fn load(&self, name: &PolicyName, demand: Demand<'_>) -> Result<Artifact, ArtifactError> {
        let lock = self.lock.read()?;
        self.store.load(lock.active(name)?, demand)
    }

    /// The artifact that rolling back would make active, after every check; for trying it first.
    ///
    /// # Errors
    /// Those of [`Lock::candidate`] and of [`Policies::load`].
    pub fn candidate(
        &self,
        name: &PolicyName,
        to: &To,
        demand: Demand<'_>,
    ) -> Result<Artifact, ArtifactError> {
        let lock = self.lock.read()?;
        self.store.load(lock.candidate(name, to)?, demand)
    }

    /// Makes an earlier artifact active again, if it is still there and passes every check. After a
    /// [`candidate`](Policies::candidate) was tried, roll back to its digest: steps could count from somewhere else by then.
    ///
    /// # Errors
    /// Those of [`Policies::candidate`] and of the lock file, which is then as it was.
    pub fn rollback(
        &self,
        name: &PolicyName,
        to: &To,
        demand: Demand<'_>,
    ) -> Result<(Change, Artifact), ArtifactError> {
        self.lock.change(|lock| {
            let change = lock.rollback(name, to)?;
            let artifact = self.store.load(&change.after, demand)?;
            Ok((change, artifact))
        })
    }
}
