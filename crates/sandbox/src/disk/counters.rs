//! What modules did, summed over processes: one small JSON file beside the artifacts, changed under a lock.
//!
//! Names and error types come from outside, so their number and length are bounded; a name that is new when the file
//! is full takes the place of the one that was used longest ago.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::directory::{Access, Directory, Fault, OTHERS_WRITE, Sync};
use super::{DiskError, NAME_BYTES_MAX, entry};

const FILE: &str = "counters.json";
const LOCK_FILE: &str = "counters.lock";
/// Modules that are counted by name.
pub(super) const NAMES_MAX: usize = 1_000;
/// Error types per module; the sandbox has a dozen.
pub(super) const ERROR_TYPES_MAX: usize = 32;
const ERROR_TYPE_BYTES_MAX: usize = 32;
/// A file that is larger was not written by us.
pub(super) const FILE_BYTES_MAX: u64 = 8 << 20;

/// What happened since the last time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delta {
    /// Times the module was loaded.
    pub loads: u64,
    /// Calls that ended.
    pub calls: u64,
    /// Fuel consumed by them.
    pub fuel: u64,
    /// Calls that failed, by type (`timeout`, `panic`, …).
    pub errors: Vec<(String, u64)>,
}

/// The sums of one module.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModuleCounters {
    /// Times the module was loaded.
    pub loads: u64,
    /// Calls that ended.
    pub calls: u64,
    /// Fuel consumed by them.
    pub fuel: u64,
    /// Calls that failed, by type.
    pub errors: BTreeMap<String, u64>,
    /// Seconds since 1970.
    pub last_use: u64,
}

impl ModuleCounters {
    /// When the module was last counted.
    pub fn last_used(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
            .checked_add(Duration::from_secs(self.last_use))
            .unwrap_or(SystemTime::UNIX_EPOCH)
    }

    fn add(&mut self, delta: &Delta) {
        self.loads = self.loads.saturating_add(delta.loads);
        self.calls = self.calls.saturating_add(delta.calls);
        self.fuel = self.fuel.saturating_add(delta.fuel);
        for (kind, count) in &delta.errors {
            let kind = entry::cut(kind, ERROR_TYPE_BYTES_MAX);
            if !self.errors.contains_key(kind) && self.errors.len() >= ERROR_TYPES_MAX {
                continue;
            }
            let sum = self.errors.entry(kind.to_owned()).or_default();
            *sum = sum.saturating_add(*count);
        }
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |d| d.as_secs());
        self.last_use = self.last_use.max(now);
    }
}

type Table = BTreeMap<String, ModuleCounters>;

/// The counters in a cache directory.
#[derive(Clone, Debug)]
pub struct Counters {
    directory: Arc<Directory>,
}

impl Counters {
    pub(super) fn new(directory: Arc<Directory>) -> Counters {
        Counters { directory }
    }

    /// Opens the counters of a cache directory without opening the cache.
    pub fn open(dir: &Path) -> Result<Counters, DiskError> {
        Ok(Counters::new(Arc::new(Directory::open(
            dir,
            Access::Private,
        )?)))
    }

    /// Adds to a module's sums. The name is cut to [`NAME_BYTES_MAX`].
    pub fn add(&self, name: &str, delta: &Delta) -> Result<(), DiskError> {
        self.add_all([(name, delta)])
    }

    /// Adds to several modules' sums at the price of one.
    pub fn add_all<'a>(
        &self,
        deltas: impl IntoIterator<Item = (&'a str, &'a Delta)>,
    ) -> Result<(), DiskError> {
        let cannot = |source| DiskError::Io {
            what: "update the counters",
            source,
        };
        let _lock = self.directory.lock(LOCK_FILE).map_err(cannot)?;
        let mut table = self.all();
        for (name, delta) in deltas {
            let name = entry::cut(name, NAME_BYTES_MAX);
            if !table.contains_key(name) && table.len() >= NAMES_MAX {
                forget_oldest(&mut table);
            }
            table.entry(name.to_owned()).or_default().add(delta);
        }
        let json = serde_json::to_vec(&table).map_err(|error| cannot(error.into()))?;
        self.directory
            .replace(FILE, &[&json], Sync::No)
            .map_err(cannot)
    }

    /// A module's sums, where it was ever counted.
    pub fn read(&self, name: &str) -> Option<ModuleCounters> {
        self.all().remove(entry::cut(name, NAME_BYTES_MAX))
    }

    /// Every module's sums. A file that cannot be read or understood is a warning and counts from zero.
    pub fn all(&self) -> BTreeMap<String, ModuleCounters> {
        match self.load() {
            Ok(table) => table,
            Err(Fault::Missing) => Table::new(),
            Err(fault) => {
                tracing::warn!(reason = %fault, "the counters beside the disk cache cannot be used: counting from zero");
                Table::new()
            }
        }
    }

    fn load(&self) -> Result<Table, Fault> {
        let (file, bytes) = self.directory.open_file(FILE, OTHERS_WRITE)?;
        if bytes > FILE_BYTES_MAX {
            return Err(Fault::Bad(format!(
                "it is too large: {bytes} bytes, allowed {FILE_BYTES_MAX} bytes"
            )));
        }
        let mut json = Vec::new();
        file.take(FILE_BYTES_MAX).read_to_end(&mut json)?;
        let mut table: Table =
            serde_json::from_slice(&json).map_err(|error| Fault::Bad(error.to_string()))?;
        while table.len() > NAMES_MAX {
            forget_oldest(&mut table);
        }
        Ok(table)
    }
}

fn forget_oldest(table: &mut Table) {
    let oldest = table
        .iter()
        .min_by_key(|(_, counters)| counters.last_use)
        .map(|(name, _)| name.clone());
    if let Some(name) = oldest {
        table.remove(&name);
    }
}
