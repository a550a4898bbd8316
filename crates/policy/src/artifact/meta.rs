//! What an artifact says of itself: JSON such as `{"version": "1.2.3", "pure": true, "source": "rego"}`.

use serde::{Deserialize, Serialize};

use crate::artifact::json;
use crate::artifact::section::{SECTION_BYTES_MAX, SectionError};
use crate::artifact::shown::shown;
use crate::artifact::version::Version;

/// Actions that may be named as static.
pub const STATIC_MAX: usize = 64;
/// Bytes of an action's name there.
pub const STATIC_BYTES_MAX: usize = 64;

/// The content of the custom section `wardian:policy`. Who signs or pins an artifact answers for this too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArtifactMeta {
    /// Its version.
    pub version: Option<Version>,
    /// Whether the same question always has the same answer, so that answers may be cached.
    pub pure: bool,
    /// What it was built from.
    pub source: Option<Source>,
    /// Actions that whoever built it declares safe: they are allowed without asking it; each of `a-z 0-9 . _ -`.
    pub static_actions: Vec<String>,
}

/// What an artifact was built from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A policy document of the built-in rules.
    Document,
    /// Rego, with an engine inside.
    Rego,
    /// A Rust crate.
    Rust,
    /// OPA's own compiler.
    Opa,
}

/// As it stands in the section. An absent member says nothing; null is not absent.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(
        default,
        deserialize_with = "json::present",
        skip_serializing_if = "Option::is_none"
    )]
    version: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pure: bool,
    #[serde(
        default,
        deserialize_with = "json::present",
        skip_serializing_if = "Option::is_none"
    )]
    source: Option<Source>,
    #[serde(default, rename = "static", skip_serializing_if = "Vec::is_empty")]
    static_actions: Vec<String>,
}

impl ArtifactMeta {
    /// Reads the content of a section.
    pub(crate) fn from_json(content: &[u8]) -> Result<ArtifactMeta, SectionError> {
        let bytes = content.len();
        if bytes > SECTION_BYTES_MAX {
            return Err(SectionError::TooLarge { bytes });
        }
        let written: Written = json::read(content).map_err(SectionError::Json)?;
        let version = written.version.map(|text| text.parse()).transpose()?;
        let meta = ArtifactMeta {
            version,
            pure: written.pure,
            source: written.source,
            static_actions: written.static_actions,
        };
        meta.check_static()?;
        Ok(meta)
    }

    /// The content of a section: what is not said is left out.
    pub(crate) fn to_json(&self) -> Result<String, SectionError> {
        self.check_static()?;
        let written = Written {
            version: self.version.as_ref().map(ToString::to_string),
            pure: self.pure,
            source: self.source,
            static_actions: self.static_actions.clone(),
        };
        let text = serde_json::to_string(&written)
            .map_err(|error| SectionError::Json(error.to_string()))?;
        let bytes = text.len();
        if bytes > SECTION_BYTES_MAX {
            return Err(SectionError::TooLarge { bytes });
        }
        Ok(text)
    }

    fn check_static(&self) -> Result<(), SectionError> {
        let count = self.static_actions.len();
        if count > STATIC_MAX {
            return Err(SectionError::StaticTooMany { count });
        }
        let mut seen = std::collections::BTreeSet::new();
        for action in &self.static_actions {
            if !is_action(action) {
                return Err(SectionError::Static(shown(action)));
            }
            if !seen.insert(action) {
                return Err(SectionError::StaticTwice(shown(action)));
            }
        }
        Ok(())
    }
}

fn is_action(text: &str) -> bool {
    let is_allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
    (1..=STATIC_BYTES_MAX).contains(&text.len()) && text.bytes().all(is_allowed)
}
