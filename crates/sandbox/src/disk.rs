//! The disk cache of compiled modules: one file per artifact, never executed unless it authenticates.
//!
//! A compiled artifact is native code, so whoever can write one owns the process that maps it. The directory is
//! therefore opened once, without following links, its owner and mode are checked, and everything after that happens
//! relative to that descriptor. An entry's descriptor is checked, read, authenticated with keyed BLAKE3 and then handed
//! out: the very same descriptor is mapped, no name is looked up twice. A process of the same user is trusted; it could
//! write to our memory anyway.
//!
//! All of it blocks. An artifact is read through a buffer that stays in the processor's cache instead of being mapped
//! for authentication, because a mapping would be `unsafe` and no faster.

mod ahead;
mod counters;
mod directory;
mod entry;
mod key;
mod sweep;
#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::File;
use std::hash::{Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

pub(crate) use ahead::{AheadCache, BadEntry};
pub use ahead::{AheadConfig, AheadError, AheadWriter};
pub use counters::{Counters, Delta, ModuleCounters};
pub use sweep::Swept;

use directory::{Access, Directory, Fault};
use entry::EntryName;

/// The longest record that may be kept with an artifact.
pub const RECORD_BYTES_MAX: usize = 1 << 20;
/// The longest module name that is kept; a longer one is cut.
pub const NAME_BYTES_MAX: usize = 128;

/// Where the cache lives and what it may hold.
#[derive(Clone, Debug)]
pub struct DiskConfig {
    /// The directory; made with mode 0700 where it is missing.
    pub dir: PathBuf,
    /// What entries are authenticated with.
    pub key: DiskKey,
    /// The sum over all entries; the least recently used go first.
    pub bytes_max: u64,
}

/// The key that entries are authenticated with.
#[derive(Clone)]
pub enum DiskKey {
    /// A random key of our own, in a file of mode 0600 in the directory.
    Own,
    /// The operator's key: entries that another key wrote are not ours.
    Given([u8; 32]),
}

impl fmt::Debug for DiskKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DiskKey::Own => "Own",
            DiskKey::Given(_) => "Given(..)",
        })
    }
}

/// Why the cache could not be opened or an entry not be kept. Loading a module goes on without it.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// The directory is not one that artifacts may be executed from.
    #[error("cache directory {path:?} cannot be used: {problem}")]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The key file is not one that may be relied on.
    #[error("cache key {path:?} cannot be used: {problem}")]
    Key {
        /// The key file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// One entry would be larger than the whole cache may be.
    #[error("entry is larger than the disk cache: {bytes} bytes, allowed {max} bytes")]
    TooLarge {
        /// Size of the entry's file.
        bytes: u64,
        /// The cache's `bytes_max`.
        max: u64,
    },
    /// The file system refused.
    #[error("cannot {what} in the disk cache")]
    Io {
        /// What was tried.
        what: &'static str,
        /// The system's answer.
        source: io::Error,
    },
}

impl DiskError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            DiskError::Directory { .. } => "use a directory of your own with mode 0700",
            DiskError::Key { .. } => {
                "remove the key file: a new one is made and modules are compiled again"
            }
            DiskError::TooLarge { .. } => "raise `bytes_max` of the disk cache",
            DiskError::Io { .. } => {
                "check the free space and the permissions of the cache directory"
            }
        }
    }
}

/// What was compiled: a core module or a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A core module.
    Core,
    /// A component.
    Component,
}

impl Kind {
    /// `core` or `component`.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Core => "core",
            Kind::Component => "component",
        }
    }
}

/// What an artifact is found by, and what its authentication is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EntryKey {
    /// BLAKE3 of the module's bytes.
    pub digest: [u8; 32],
    /// Core module or component.
    pub kind: Kind,
    /// Everything that makes an artifact loadable: engine, settings, target. See [`compat_of`].
    pub compat: [u8; 32],
}

/// Digests whatever an engine hands out as its compatibility key, so that it fits an [`EntryKey`].
pub fn compat_of(engine: &impl Hash) -> [u8; 32] {
    struct Feed(blake3::Hasher);
    impl Hasher for Feed {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
        fn finish(&self) -> u64 {
            let [a, b, c, d, e, f, g, h, ..] = *self.0.finalize().as_bytes();
            u64::from_le_bytes([a, b, c, d, e, f, g, h])
        }
    }
    let mut feed = Feed(blake3::Hasher::new());
    engine.hash(&mut feed);
    *feed.0.finalize().as_bytes()
}

/// An artifact that authenticated.
#[derive(Debug)]
pub struct Entry {
    /// The artifact, followed by our trailer, which the engine does not look at. Map this descriptor, not a name.
    pub file: File,
    /// Length of the artifact itself.
    pub artifact_bytes: u64,
    /// The module's name when it was stored.
    pub name: String,
    /// What the caller kept with the artifact.
    pub record: Vec<u8>,
}

impl Entry {
    /// A path to the open descriptor, for interfaces that take only paths. Valid as long as `self.file` is open.
    #[cfg(target_os = "linux")]
    pub fn descriptor_path(&self) -> PathBuf {
        use std::os::fd::AsRawFd;
        PathBuf::from(format!("/proc/self/fd/{}", self.file.as_raw_fd()))
    }
}

/// One line of a listing. Read without authentication: for people's eyes, not for decisions.
#[derive(Clone, Debug)]
pub struct EntryInfo {
    /// What finds it.
    pub key: EntryKey,
    /// The module's name when it was stored.
    pub name: String,
    /// Size of the file.
    pub bytes: u64,
    /// When it was stored.
    pub created: SystemTime,
    /// When it was last looked up.
    pub last_used: SystemTime,
}

/// What else is kept with an artifact.
#[derive(Clone, Copy, Debug, Default)]
pub struct StoreMeta<'a> {
    /// The module's name; cut to [`NAME_BYTES_MAX`].
    pub name: &'a str,
    /// Anything the caller wants back at the next lookup, authenticated; at most [`RECORD_BYTES_MAX`].
    pub record: &'a [u8],
}

/// The cache. Any number of processes and threads may share a directory.
#[derive(Debug)]
pub struct DiskCache {
    directory: Arc<Directory>,
    key: [u8; 32],
    /// The engine's version as it stands in file names.
    version: String,
    bytes_max: u64,
}

impl DiskCache {
    /// Opens or makes the directory, reads or makes the key, and sweeps what no engine of `engine_version` can use.
    pub fn open(config: &DiskConfig, engine_version: &str) -> Result<DiskCache, DiskError> {
        let directory = Arc::new(Directory::open(&config.dir, Access::Private)?);
        let key = match config.key {
            DiskKey::Given(key) => key,
            DiskKey::Own => key::read_or_make(&directory)?,
        };
        let version = entry::version_tag(engine_version);
        let cache = DiskCache {
            directory,
            key,
            version,
            bytes_max: config.bytes_max,
        };
        let swept = cache.sweep();
        if swept.entries > 0 {
            tracing::debug!(
                entries = swept.entries,
                bytes = swept.bytes,
                "swept the disk cache"
            );
        }
        Ok(cache)
    }

    /// The directory that was opened.
    pub fn dir(&self) -> &Path {
        self.directory.path()
    }

    /// The counters kept beside the entries.
    pub fn counters(&self) -> Counters {
        Counters::new(Arc::clone(&self.directory))
    }

    /// Finds and authenticates an artifact. Whatever is wrong with an entry is a warning, removes it, and is a miss.
    pub fn lookup(&self, key: &EntryKey) -> Option<Entry> {
        let name = EntryName::new(&self.version, key).to_string();
        match self.open_entry(key, &name) {
            Ok(entry) => {
                // Last use is what the sweep goes by; on a read-only file system nothing is swept either.
                let _ = entry.file.set_modified(SystemTime::now());
                Some(entry)
            }
            Err(Fault::Missing) => None,
            Err(fault) => {
                tracing::warn!(entry = name, reason = %fault, "bad entry in the disk cache: removed, compiling again");
                self.directory.remove(&name);
                None
            }
        }
    }

    fn open_entry(&self, key: &EntryKey, name: &str) -> Result<Entry, Fault> {
        let (file, bytes) = self.directory.open_file(name, directory::OTHERS_WRITE)?;
        entry::authenticate(&self.key, key, file, bytes)
    }

    /// Keeps an artifact: makes room, writes beside, renames. An entry of the same key is replaced.
    pub fn store(
        &self,
        key: &EntryKey,
        meta: StoreMeta<'_>,
        artifact: &[u8],
    ) -> Result<(), DiskError> {
        let trailer = entry::trailer(&self.key, key, meta, artifact);
        let bytes = artifact.len() as u64 + trailer.len() as u64;
        if bytes > self.bytes_max {
            return Err(DiskError::TooLarge {
                bytes,
                max: self.bytes_max,
            });
        }
        let name = EntryName::new(&self.version, key).to_string();
        self.make_room(bytes, &name);
        self.directory
            .replace(&name, &[artifact, &trailer], directory::Sync::No)
            .map_err(|source| DiskError::Io {
                what: "store an artifact",
                source,
            })
    }

    /// Every entry of this engine version, by name and then by age.
    pub fn list(&self) -> Vec<EntryInfo> {
        let mut found: Vec<EntryInfo> = self
            .scan()
            .entries
            .into_iter()
            .filter_map(|seen| {
                let (file, bytes) = self
                    .directory
                    .open_file(&seen.file_name, directory::OTHERS_WRITE)
                    .ok()?;
                entry::describe(&file, bytes, seen.last_used)
            })
            .collect();
        found.sort_by(|a, b| (&a.name, a.created).cmp(&(&b.name, b.created)));
        found
    }
}
