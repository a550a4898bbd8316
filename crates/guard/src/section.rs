//! The custom section `wardian:guard`: what a module says of itself before it runs.

use serde::Deserialize;
use wardian_sandbox::inspect;

use crate::GuardError;

/// Its name.
pub const SECTION: &str = "wardian:guard";
/// Bytes that it may have.
pub const SECTION_BYTES_MAX: usize = 4 << 10;

/// What a module says: JSON such as `{"request_bytes_max": 16384, "wants": ["event", "params"]}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// The longest request that it takes; a longer one is not sent.
    pub request_bytes_max: Option<usize>,
    /// Whether requests carry the guard's name, as `guard`.
    pub wants_guard: bool,
    /// Whether they carry what the document adds, as `params`.
    pub wants_params: bool,
    /// Whether they carry the event, as `event`.
    pub wants_event: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    request_bytes_max: Option<usize>,
    #[serde(default)]
    wants: Vec<Want>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Want {
    Guard,
    Params,
    Event,
}

impl Section {
    /// What the module says; nothing where it says nothing.
    pub(crate) fn of(module: &[u8]) -> Result<Section, GuardError> {
        let refused = |why: String| GuardError::Section(why);
        let mut sections = inspect::custom_sections(module, SECTION);
        let Some(content) = sections.next() else {
            return Ok(Section::default());
        };
        if sections.next().is_some() {
            return Err(refused("is there twice".into()));
        }
        if content.len() > SECTION_BYTES_MAX {
            let bytes = content.len();
            return Err(refused(format!(
                "asked {bytes} bytes, allowed {SECTION_BYTES_MAX} bytes"
            )));
        }
        let written: Written =
            serde_json::from_slice(content).map_err(|error| refused(error.to_string()))?;
        let mut section = Section {
            request_bytes_max: written.request_bytes_max,
            ..Section::default()
        };
        for want in written.wants {
            match want {
                Want::Guard => section.wants_guard = true,
                Want::Params => section.wants_params = true,
                Want::Event => section.wants_event = true,
            }
        }
        Ok(section)
    }
}
