//! The built-in rules, natively: no box, no wait, no allocation.

use wardian_rules::{Input, Policy, Problems};

use crate::Decision;
use crate::artifact::Digest;
use crate::checker::{Checking, PolicyChecker, PolicyId};

/// Decides by a document with the rules as they are compiled into the host.
#[derive(Debug)]
pub struct LocalChecker {
    policy: Policy,
    id: PolicyId,
}

impl LocalChecker {
    /// Reads a document; see [`Policy::from_json`]. Its digest is the document's, its version empty.
    ///
    /// # Errors
    /// [`Problems`]: all of them.
    pub fn from_json(document: &[u8]) -> Result<LocalChecker, Problems> {
        LocalChecker::versioned(document, "")
    }

    /// The same with a version, for logs.
    ///
    /// # Errors
    /// As [`LocalChecker::from_json`].
    pub fn versioned(document: &[u8], version: &str) -> Result<LocalChecker, Problems> {
        Ok(LocalChecker {
            policy: Policy::from_json(document)?,
            id: PolicyId {
                version: version.into(),
                digest: Digest::of(document).to_string().into(),
            },
        })
    }

    /// What it decides by.
    #[must_use]
    pub fn rules(&self) -> &Policy {
        &self.policy
    }
}

impl PolicyChecker for LocalChecker {
    fn check<'a>(&'a self, input: &'a Input<'a>) -> Checking<'a> {
        Checking::ready(self.check_blocking(input))
    }

    fn check_blocking(&self, input: &Input<'_>) -> Decision {
        self.policy.decide(input).into()
    }

    fn policy(&self) -> &PolicyId {
        &self.id
    }

    fn is_pure(&self) -> bool {
        // It is faster than a cache.
        false
    }
}
