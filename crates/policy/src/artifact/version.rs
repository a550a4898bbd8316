//! Versions: short texts, compared as Semantic Versioning 2.0 compares where they look like it.
//!
//! Another scheme than semver is no error: a version is what an operator reads, and a downgrade is told, not refused.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use crate::artifact::Digest;
use crate::artifact::text::as_text;

/// Bytes of a version.
pub const VERSION_BYTES_MAX: usize = 64;

/// Digits of the digest that stand for the version of an artifact without one.
const DIGEST_DIGITS: usize = 12;

/// 1 to 64 of `A-Z a-z 0-9 . _ + -`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Version(Box<str>);

/// Why a text is no version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VersionError {
    /// Nothing at all.
    #[error("the version is empty")]
    Empty,
    /// Too many bytes.
    #[error("the version has {bytes} bytes, allowed {VERSION_BYTES_MAX}")]
    TooLong {
        /// How many it has.
        bytes: usize,
    },
    /// A character that versions do not have.
    #[error("the version has {0:?}, allowed are letters, digits and `._+-`")]
    Character(char),
}

impl VersionError {
    /// Stable, such as `artifact.version_empty`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            VersionError::Empty => "artifact.version_empty",
            VersionError::TooLong { .. } => "artifact.version_too_long",
            VersionError::Character(_) => "artifact.version_character",
        }
    }
}

impl Version {
    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Which of two is the newer: numbers by value, `1.0-rc.1` before `1.0`, whatever is behind `+` not at all. So two
    /// versions may be equal in precedence and differ.
    ///
    /// ```
    /// use wardian_policy::artifact::Version;
    /// let (old, new): (Version, Version) = ("1.9.0".parse()?, "1.10".parse()?);
    /// assert!(old.precedence(&new).is_lt());
    /// # Ok::<(), wardian_policy::artifact::VersionError>(())
    /// ```
    #[must_use]
    pub fn precedence(&self, other: &Version) -> Ordering {
        let ((numbers, pre), (other_numbers, other_pre)) = (self.parts(), other.parts());
        let by_numbers = compare(numbers, other_numbers, Some("0"));
        by_numbers.then_with(|| match (pre, other_pre) {
            (Some(pre), Some(other)) => compare(pre, other, None),
            // A pre-release comes before its release.
            (pre, other) => other.is_some().cmp(&pre.is_some()),
        })
    }

    /// The version of an artifact that has none.
    pub(crate) fn of_unversioned(digest: &Digest) -> Version {
        let hex = digest.hex();
        let digits = hex.get(..DIGEST_DIGITS).unwrap_or(&hex);
        Version(format!("0.0.0+{digits}").into())
    }

    /// The release and the pre-release.
    fn parts(&self) -> (&str, Option<&str>) {
        let text = self.0.split('+').next().unwrap_or_default();
        let text = text.strip_prefix('v').unwrap_or(text);
        match text.split_once('-') {
            Some((release, pre)) => (release, Some(pre)),
            None => (text, None),
        }
    }
}

/// Compares what is between the dots; where one side has less, `missing` stands in, or it comes first.
fn compare(one: &str, other: &str, missing: Option<&str>) -> Ordering {
    let (mut one, mut other) = (one.split('.'), other.split('.'));
    loop {
        let ordering = match (one.next(), other.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) => match (a.or(missing), b.or(missing)) {
                (Some(a), Some(b)) => compare_one(a, b),
                (a, b) => a.is_some().cmp(&b.is_some()),
            },
        };
        if ordering.is_ne() {
            return ordering;
        }
    }
}

fn compare_one(one: &str, other: &str) -> Ordering {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match (is_number(one), is_number(other)) {
        (true, true) => {
            // Of any length: no number is too large.
            let (one, other) = (one.trim_start_matches('0'), other.trim_start_matches('0'));
            one.len().cmp(&other.len()).then_with(|| one.cmp(other))
        }
        (false, false) => one.cmp(other),
        (number, other) => other.cmp(&number),
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Version, VersionError> {
        if text.is_empty() {
            return Err(VersionError::Empty);
        }
        if text.len() > VERSION_BYTES_MAX {
            return Err(VersionError::TooLong { bytes: text.len() });
        }
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || "._+-".contains(c);
        match text.chars().find(|c| !is_allowed(*c)) {
            Some(c) => Err(VersionError::Character(c)),
            None => Ok(Version(text.into())),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

as_text!(Version);
