//! Modules compiled ahead: a directory that somebody else made (the build of a container image, a package) and that is
//! only ever read.
//!
//! Entries are those of the disk cache, and authenticate in the same way. Nothing is removed, swept or dated here: what
//! is wrong with an entry is a warning and a miss. Root may own the directory while we are somebody else, because root
//! could replace this program too; nobody else may be able to write to it. Its key may be readable for all: then it
//! tells entries of this directory from damaged and foreign ones, and the directory's owner and mode are what keeps
//! forgers out.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::directory::{Access, Directory, Fault, OTHERS_WRITE};
use super::entry::{self, EntryName};
use super::sweep::SCAN_MAX;
use super::{DiskCache, DiskError, DiskKey, Entry, EntryKey, key};

/// Where modules lie that were compiled ahead.
#[derive(Clone, Debug)]
pub struct AheadConfig {
    /// The directory. It and all in it belong to this user or to root, nobody else may write there, and none of it is a
    /// link. Replace it as a whole by renaming while programs use it: as with a shared library, a file that is
    /// overwritten in place changes under those who have it mapped.
    pub dir: PathBuf,
    /// What entries are authenticated with; [`DiskKey::Own`] is the file `key` in the directory.
    pub key: DiskKey,
}

impl AheadConfig {
    /// Whether modules could be had from it now: a sandbox only finds out when it looks for the first, and then goes on
    /// without.
    pub fn check(&self) -> Result<(), AheadError> {
        AheadCache::open(self, "").map(|_| ())
    }
}

/// Why nothing can be had from a directory of modules compiled ahead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AheadError {
    /// The directory is not one that machine code may be run from.
    #[error("directory {path:?} cannot be used: {problem}")]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// There is no key that may be relied on.
    #[error("key {path:?} cannot be used: {problem}")]
    Key {
        /// The key file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

impl AheadError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            AheadError::Directory { .. } => {
                "name a directory, no link, that this user or root owns and nobody else may write to"
            }
            AheadError::Key { .. } => {
                "copy the key together with the modules, so that this user may read it and nobody else write to it"
            }
        }
    }
}

/// A directory of modules compiled ahead, opened to read.
#[derive(Debug)]
pub(crate) struct AheadCache {
    directory: Directory,
    key: [u8; 32],
    version: String,
}

/// An entry that is not to be used; whoever reads the log was told why.
#[derive(Debug)]
pub(crate) struct BadEntry;

impl AheadCache {
    /// Opens the directory and reads its key; neither is ever made here.
    pub(crate) fn open(
        config: &AheadConfig,
        engine_version: &str,
    ) -> Result<AheadCache, AheadError> {
        let directory =
            Directory::open(&config.dir, Access::Installed).map_err(|e| AheadError::Directory {
                path: config.dir.clone(),
                problem: problem(e),
            })?;
        let key = match config.key {
            DiskKey::Given(key) => key,
            DiskKey::Own => {
                let unusable = |problem: String| AheadError::Key {
                    path: config.dir.join(key::KEY_FILE),
                    problem,
                };
                let found = key::read(&directory).map_err(|e| unusable(problem(e)))?;
                found.ok_or_else(|| unusable("it is not there, or no key".to_owned()))?
            }
        };
        Ok(AheadCache {
            directory,
            key,
            version: entry::version_tag(engine_version),
        })
    }

    /// Finds and authenticates an artifact. What is there and wrong is a warning, and stays as it is.
    pub(crate) fn lookup(&self, key: &EntryKey) -> Result<Option<Entry>, BadEntry> {
        let name = EntryName::new(&self.version, key).to_string();
        let found = self
            .directory
            .open_file(&name, OTHERS_WRITE)
            .and_then(|(file, bytes)| entry::authenticate(&self.key, key, file, bytes));
        match found {
            Ok(entry) => Ok(Some(entry)),
            Err(Fault::Missing) => Ok(None),
            Err(fault) => {
                tracing::warn!(
                    entry = name,
                    dir = %self.directory.path().display(),
                    reason = %fault,
                    "bad entry among the modules compiled ahead: not used"
                );
                Err(BadEntry)
            }
        }
    }

    /// Whether a file of this key's name is there, whatever is in it.
    pub(crate) fn has(&self, key: &EntryKey) -> bool {
        let name = EntryName::new(&self.version, key).to_string();
        self.directory.open_file(&name, OTHERS_WRITE).is_ok()
    }

    /// Whether anything is there for a module, for whatever engine and settings.
    pub(crate) fn has_module(&self, digest: &[u8; 32]) -> bool {
        let is_it = |name: &str| {
            name.parse::<EntryName>()
                .is_ok_and(|name| name.is_of(digest))
        };
        self.directory
            .read(SCAN_MAX, is_it)
            .is_ok_and(|found| !found.is_empty())
    }
}

/// A directory of modules compiled ahead, being made. Everybody may read what is written to it, so that it can be
/// copied into an image or a package as it is; nothing is ever removed, so begin with an empty one.
#[derive(Clone, Debug)]
pub struct AheadWriter {
    pub(crate) cache: Arc<DiskCache>,
}

impl AheadWriter {
    /// Opens or makes the directory, and reads or makes its key.
    pub fn create(config: &AheadConfig, engine_version: &str) -> Result<AheadWriter, DiskError> {
        let directory = Arc::new(Directory::open(&config.dir, Access::Public)?);
        let key = match config.key {
            DiskKey::Given(key) => key,
            DiskKey::Own => key::read_or_make(&directory)?,
        };
        Ok(AheadWriter {
            cache: Arc::new(DiskCache {
                directory,
                key,
                version: entry::version_tag(engine_version),
                bytes_max: u64::MAX,
            }),
        })
    }

    /// The directory that was opened.
    pub fn dir(&self) -> &Path {
        self.cache.dir()
    }
}

/// What is wrong, without the place, which the error around it names.
fn problem(error: DiskError) -> String {
    match error {
        DiskError::Directory { problem, .. } | DiskError::Key { problem, .. } => problem,
        DiskError::Io { source, .. } => source.to_string(),
        other => other.to_string(),
    }
}
