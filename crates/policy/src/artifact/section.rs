//! The custom section `wardian:policy` of a core module or a component.
//!
//! Both have the same frame: eight bytes, then sections, each with its length. Only the outermost are looked at: modules
//! inside of a component have sections of their own, which say nothing of the whole. Lengths are read by `wasmparser`,
//! as the engine reads them, so that nobody sees another section than it does.

use std::ops::Range;

use wasmparser::{BinaryReader, BinaryReaderError, CustomSectionReader};

use crate::artifact::version::VersionError;
use crate::artifact::{ARTIFACT_BYTES_MAX, ArtifactMeta};

/// Its name.
pub const SECTION: &str = "wardian:policy";
/// Bytes that its content may have.
pub const SECTION_BYTES_MAX: usize = 4 << 10;
/// Sections that an artifact may have.
pub const SECTIONS_MAX: usize = 100_000;

const CUSTOM: u8 = 0;
const HEADER_BYTES: usize = 8;
const CORE: &[u8] = b"\0asm\x01\0\0\0";
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// Why an artifact's frame or its section is not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SectionError {
    /// The first bytes are not those of a core module or a component.
    #[error("the artifact is no WebAssembly: it does not begin as a core module or a component")]
    NotWasm,
    /// The artifact is too large.
    #[error("the artifact has {bytes} bytes, allowed {ARTIFACT_BYTES_MAX}")]
    ArtifactTooLarge {
        /// How many it has.
        bytes: usize,
    },
    /// A section does not fit into what is there.
    #[error("the artifact's sections cannot be read at byte {offset}")]
    Malformed {
        /// Where.
        offset: u64,
    },
    /// It is split into too many sections.
    #[error("the artifact has more than {SECTIONS_MAX} sections")]
    TooManySections,
    /// Two sections could say different things.
    #[error("custom section `wardian:policy` is there twice")]
    Twice,
    /// Its content is too large.
    #[error("custom section `wardian:policy` has {bytes} bytes, allowed {SECTION_BYTES_MAX}")]
    TooLarge {
        /// How many it has.
        bytes: usize,
    },
    /// Its content is not the JSON that belongs there.
    #[error("custom section `wardian:policy`: {0}")]
    Json(String),
    /// Its version is none.
    #[error("custom section `wardian:policy` has no good version")]
    Version(#[from] VersionError),
    /// It names too many actions.
    #[error("custom section `wardian:policy` names {count} static actions, allowed {max}", max = crate::artifact::STATIC_MAX)]
    StaticTooMany {
        /// How many it names.
        count: usize,
    },
    /// It names an action that can be none.
    #[error("custom section `wardian:policy`: `{0}` is no action's name")]
    Static(String),
    /// It names an action twice.
    #[error("custom section `wardian:policy` names the action `{0}` twice")]
    StaticTwice(String),
}

impl SectionError {
    /// Stable, such as `artifact.section_twice`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            SectionError::NotWasm => "artifact.not_wasm",
            SectionError::ArtifactTooLarge { .. } => "artifact.too_large",
            SectionError::Malformed { .. } => "artifact.malformed",
            SectionError::TooManySections => "artifact.too_many_sections",
            SectionError::Twice => "artifact.section_twice",
            SectionError::TooLarge { .. } => "artifact.section_too_large",
            SectionError::Json(_) => "artifact.section_json",
            SectionError::Version(error) => error.code(),
            SectionError::StaticTooMany { .. } => "artifact.static_too_many",
            SectionError::Static(_) => "artifact.static_name",
            SectionError::StaticTwice(_) => "artifact.static_twice",
        }
    }
}

impl From<BinaryReaderError> for SectionError {
    fn from(error: BinaryReaderError) -> SectionError {
        let offset = u64::try_from(error.offset()).unwrap_or(u64::MAX);
        SectionError::Malformed { offset }
    }
}

/// What an artifact says of itself; nothing where it has no such section.
///
/// ```
/// use wardian_policy::artifact::{ArtifactMeta, read_section, write_section};
/// let bare = b"\0asm\x01\0\0\0";
/// assert_eq!(read_section(bare)?, ArtifactMeta::default());
/// let meta = ArtifactMeta { pure: true, ..ArtifactMeta::default() };
/// assert_eq!(read_section(&write_section(bare, &meta)?)?, meta);
/// # Ok::<(), wardian_policy::artifact::SectionError>(())
/// ```
///
/// # Errors
/// [`SectionError`]. The module itself is not validated.
pub fn read_section(module: &[u8]) -> Result<ArtifactMeta, SectionError> {
    match find(module)? {
        Some(found) => ArtifactMeta::from_json(found.content),
        None => Ok(ArtifactMeta::default()),
    }
}

/// The artifact with this said of itself, behind its other sections; what it said before is left out.
///
/// # Errors
/// [`SectionError`]: the artifact's frame is not understood, two sections are there already, what is to be said is not
/// allowed, or the whole becomes too large.
pub fn write_section(module: &[u8], meta: &ArtifactMeta) -> Result<Vec<u8>, SectionError> {
    let content = meta.to_json()?;
    let replaced = match find(module)? {
        Some(found) => found.whole,
        None => module.len()..module.len(),
    };
    let name_bytes = leb(SECTION.len());
    let size = leb(name_bytes.len() + SECTION.len() + content.len());
    let before = module.get(..replaced.start).unwrap_or_default();
    let after = module.get(replaced.end..).unwrap_or_default();
    let written = [
        before,
        after,
        &[CUSTOM],
        &size,
        &name_bytes,
        SECTION.as_bytes(),
        content.as_bytes(),
    ]
    .concat();
    check_size(&written)?;
    Ok(written)
}

struct Found<'m> {
    /// With its identifier and length.
    whole: Range<usize>,
    content: &'m [u8],
}

fn find(module: &[u8]) -> Result<Option<Found<'_>>, SectionError> {
    check_size(module)?;
    if !module.starts_with(CORE) && !module.starts_with(COMPONENT) {
        return Err(SectionError::NotWasm);
    }
    let mut reader = BinaryReader::new(module, 0);
    reader.read_bytes(HEADER_BYTES)?;
    let mut found = None;
    let mut sections = 0;
    while !reader.eof() {
        sections += 1;
        if sections > SECTIONS_MAX {
            return Err(SectionError::TooManySections);
        }
        let start = reader.original_position();
        let id = reader.read_u8()?;
        let size = usize::try_from(reader.read_var_u32()?).unwrap_or(usize::MAX);
        let content_at = reader.original_position();
        let content = reader.read_bytes(size)?;
        if id != CUSTOM {
            continue;
        }
        let custom = CustomSectionReader::new(BinaryReader::new(content, content_at))?;
        if custom.name() != SECTION {
            continue;
        }
        if found.is_some() {
            return Err(SectionError::Twice);
        }
        found = Some(Found {
            whole: start..reader.original_position(),
            content: custom.data(),
        });
    }
    Ok(found)
}

fn check_size(module: &[u8]) -> Result<(), SectionError> {
    let bytes = module.len();
    match bytes > ARTIFACT_BYTES_MAX {
        true => Err(SectionError::ArtifactTooLarge { bytes }),
        false => Ok(()),
    }
}

/// Unsigned LEB128, as the format writes lengths.
fn leb(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or_default();
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}
