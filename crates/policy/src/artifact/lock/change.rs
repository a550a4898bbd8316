//! What a pin or a rollback changed, for the operator to see.

use std::cmp::Ordering;

use crate::artifact::Pinned;

/// What was active before, and what is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What was active; none where the policy is new.
    pub before: Option<Pinned>,
    /// What is active.
    pub after: Pinned,
}

/// What became of the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionChange {
    /// There was none.
    First,
    /// It is the very same text.
    Same,
    /// It is newer.
    Upgrade,
    /// It is older.
    Downgrade,
    /// It is another text of the same precedence, such as another build.
    Sideways,
}

/// What became of the signer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignerChange {
    /// The same, or none as before.
    Same,
    /// One where none was.
    Added,
    /// Another one.
    Replaced,
    /// None where one was.
    Dropped,
}

impl Change {
    pub(super) fn new(before: Option<Pinned>, after: Pinned) -> Change {
        Change { before, after }
    }

    /// Whether anything changed.
    #[must_use]
    pub fn is_change(&self) -> bool {
        self.before.as_ref() != Some(&self.after)
    }

    /// What became of the version.
    #[must_use]
    pub fn version(&self) -> VersionChange {
        let Some(before) = &self.before else {
            return VersionChange::First;
        };
        let (old, new) = (&before.version, &self.after.version);
        match old.precedence(new) {
            _ if old == new => VersionChange::Same,
            Ordering::Less => VersionChange::Upgrade,
            Ordering::Equal => VersionChange::Sideways,
            Ordering::Greater => VersionChange::Downgrade,
        }
    }

    /// What became of the signer.
    #[must_use]
    pub fn signer(&self) -> SignerChange {
        let before = self.before.as_ref().and_then(|pin| pin.signer);
        match (before, self.after.signer) {
            (None, None) => SignerChange::Same,
            (None, Some(_)) => SignerChange::Added,
            (Some(_), None) => SignerChange::Dropped,
            (Some(old), Some(new)) if old == new => SignerChange::Same,
            (Some(_), Some(_)) => SignerChange::Replaced,
        }
    }
}
