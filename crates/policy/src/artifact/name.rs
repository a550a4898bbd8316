//! Names of policies, as they stand in a lock file and on a command line.

use std::fmt;
use std::str::FromStr;

use crate::artifact::text::as_text;

/// Bytes of a name.
pub const NAME_BYTES_MAX: usize = 64;

/// A small letter or a digit, then up to 63 of these, `_` and `-`. It is never a path.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyName(Box<str>);

/// Why a text is no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing at all.
    #[error("the policy's name is empty")]
    Empty,
    /// Too many bytes.
    #[error("the policy's name has {bytes} bytes, allowed {NAME_BYTES_MAX}")]
    TooLong {
        /// How many it has.
        bytes: usize,
    },
    /// A character that names do not have, or do not begin with.
    #[error("the policy's name has {0:?}, allowed are `a-z`, `0-9` and, not at first, `_-`")]
    Character(char),
}

impl NameError {
    /// Stable, such as `artifact.name_empty`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            NameError::Empty => "artifact.name_empty",
            NameError::TooLong { .. } => "artifact.name_too_long",
            NameError::Character(_) => "artifact.name_character",
        }
    }
}

impl PolicyName {
    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PolicyName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<PolicyName, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.len() > NAME_BYTES_MAX {
            return Err(NameError::TooLong { bytes: text.len() });
        }
        let is_allowed = |(at, c): &(usize, char)| match c {
            'a'..='z' | '0'..='9' => true,
            '_' | '-' => *at > 0,
            _ => false,
        };
        match text.char_indices().find(|found| !is_allowed(found)) {
            Some((_, c)) => Err(NameError::Character(c)),
            None => Ok(PolicyName(text.into())),
        }
    }
}

impl fmt::Display for PolicyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PolicyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

as_text!(PolicyName);
