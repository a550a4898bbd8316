//! What is wrong with a lock file, and what is not in it.

use std::fmt;

use crate::artifact::{
    Digest, DigestError, HISTORY_MAX, KeyError, LOCK_BYTES_MAX, MomentError, NameError,
    POLICIES_MAX, PolicyName, PublicKey, Version, VersionError,
};

/// Problems that are told of one file; those behind them are not.
const PROBLEMS_MAX: usize = 100;

/// Why a lock file has no answer.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// It is not the JSON that belongs there.
    #[error("the lock file: {0}")]
    Json(String),
    /// A later program wrote it.
    #[error("the lock file has format {0}, known is 1")]
    Format(u64),
    /// Values in it are wrong: all of them.
    #[error("the lock file has {0}")]
    Problems(Problems),
    /// It is too large, or would become so.
    #[error("the lock file has {bytes} bytes, allowed {LOCK_BYTES_MAX}")]
    TooLarge {
        /// How many it has.
        bytes: usize,
    },
    /// There is no policy of that name.
    #[error("policy `{0}` is not pinned")]
    NotPinned(PolicyName),
    /// There is no place for another policy.
    #[error("the lock file has {max} policies, which is all that are allowed")]
    TooManyPolicies {
        /// How many are allowed.
        max: usize,
    },
    /// Rolling back goes further than there is history.
    #[error("cannot go back {steps} pins, there are {there}")]
    HistoryTooShort {
        /// How many were asked for.
        steps: usize,
        /// How many there are.
        there: usize,
    },
    /// The policy was not pinned to that before.
    #[error("{0} was not pinned before")]
    NotInHistory(Digest),
    /// An unsigned artifact would replace a signed one.
    #[error("the policy is signed by {0}, the new artifact is not signed")]
    SignerDropped(PublicKey),
    /// The artifact is another than the pinned one.
    #[error("the artifact is {found}, pinned is {pinned}")]
    OtherDigest {
        /// What is pinned.
        pinned: Digest,
        /// What is there.
        found: Digest,
    },
    /// The lock file says another version than the artifact.
    #[error("the artifact has version {found}, pinned is {pinned}")]
    OtherVersion {
        /// What is pinned.
        pinned: Version,
        /// What is there.
        found: Version,
    },
}

impl LockError {
    /// Stable, such as `artifact.not_pinned`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            LockError::Json(_) => "artifact.lock_json",
            LockError::Format(_) => "artifact.lock_format",
            LockError::Problems(problems) => problems.code(),
            LockError::TooLarge { .. } => "artifact.lock_too_large",
            LockError::NotPinned(_) => "artifact.not_pinned",
            LockError::TooManyPolicies { .. } => "artifact.too_many_policies",
            LockError::HistoryTooShort { .. } => "artifact.history_too_short",
            LockError::NotInHistory(_) => "artifact.not_in_history",
            LockError::SignerDropped(_) => "artifact.signer_dropped",
            LockError::OtherDigest { .. } => "artifact.other_digest",
            LockError::OtherVersion { .. } => "artifact.other_version",
        }
    }
}

/// Everything that is wrong with a lock file's values; never empty, and no more than 100.
#[derive(Debug)]
pub struct Problems(Vec<Problem>);

/// One thing that is wrong, with its place.
#[derive(Debug)]
pub struct Problem {
    /// JSON pointer (RFC 6901).
    pub pointer: String,
    /// What is wrong there.
    pub flaw: Flaw,
}

/// What can be wrong at a place.
#[derive(Debug, thiserror::Error)]
pub enum Flaw {
    /// No name of a policy.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A policy that is there twice.
    #[error("the policy is there twice")]
    Twice,
    /// No digest.
    #[error(transparent)]
    Digest(#[from] DigestError),
    /// No version.
    #[error(transparent)]
    Version(#[from] VersionError),
    /// No key.
    #[error(transparent)]
    Signer(#[from] KeyError),
    /// No moment.
    #[error(transparent)]
    Moment(#[from] MomentError),
    /// Too many policies.
    #[error("{count} policies, allowed {POLICIES_MAX}")]
    TooManyPolicies {
        /// How many there are.
        count: usize,
    },
    /// Too long a history.
    #[error("{count} earlier pins, allowed {HISTORY_MAX}")]
    HistoryTooLong {
        /// How many there are.
        count: usize,
    },
}

impl Flaw {
    /// Stable, such as `artifact.digest_zero`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Flaw::Name(error) => error.code(),
            Flaw::Twice => "artifact.policy_twice",
            Flaw::Digest(error) => error.code(),
            Flaw::Version(error) => error.code(),
            Flaw::Signer(error) => error.code(),
            Flaw::Moment(error) => error.code(),
            Flaw::TooManyPolicies { .. } => "artifact.too_many_policies",
            Flaw::HistoryTooLong { .. } => "artifact.history_too_long",
        }
    }
}

impl Problems {
    /// All of them, in the order of the file.
    #[must_use]
    pub fn all(&self) -> &[Problem] {
        &self.0
    }

    /// The code of the one problem, or `artifact.lock_problems` where there are several.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match &*self.0 {
            [one] => one.flaw.code(),
            _ => "artifact.lock_problems",
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            [one] => write!(f, "a problem at {}: {}", one.pointer, one.flaw),
            all => {
                write!(f, "{} problems", all.len())?;
                all.iter()
                    .try_for_each(|one| write!(f, "\n{}: {}", one.pointer, one.flaw))
            }
        }
    }
}

/// Gathers problems, up to the most.
#[derive(Debug, Default)]
pub(super) struct Gathered(Vec<Problem>);

impl Gathered {
    pub(super) fn add(&mut self, pointer: String, flaw: impl Into<Flaw>) {
        if self.0.len() < PROBLEMS_MAX {
            let flaw = flaw.into();
            self.0.push(Problem { pointer, flaw });
        }
    }

    /// The value, unless it is a problem.
    pub(super) fn value<T, E: Into<Flaw>>(
        &mut self,
        pointer: &str,
        member: &str,
        read: Result<T, E>,
    ) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(flaw) => {
                self.add(format!("{pointer}/{member}"), flaw);
                None
            }
        }
    }

    /// What was read, unless anything was wrong.
    pub(super) fn end<T>(self, read: T) -> Result<T, LockError> {
        match self.0.is_empty() {
            true => Ok(read),
            false => Err(LockError::Problems(Problems(self.0))),
        }
    }
}
