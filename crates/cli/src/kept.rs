//! Modules kept beside the compiled ones, so that they can be called by name. What is read from here is a guest like any
//! other: it is compiled, or found compiled, by its digest.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::SystemTime;

use crate::input;
use crate::paths::{CachePaths, module_name};

/// Bytes of all modules kept; the least recently used go first.
const BYTES_MAX: u64 = 256 << 20;
/// Modules kept.
const COUNT_MAX: usize = 200;
/// Bytes of one module, as a load allows.
pub(crate) const MODULE_BYTES_MAX: u64 = 64 << 20;

/// The folder of kept modules.
#[derive(Debug)]
pub(crate) struct Kept {
    folder: PathBuf,
}

/// One of them.
#[derive(Clone, Debug)]
pub(crate) struct KeptModule {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    pub(crate) used: SystemTime,
    path: PathBuf,
}

impl KeptModule {
    /// Its bytes.
    pub(crate) fn read(&self) -> anyhow::Result<Vec<u8>> {
        input::read(&self.path, MODULE_BYTES_MAX)
    }
}

impl Kept {
    pub(crate) fn of(cache: &CachePaths) -> Kept {
        Kept {
            folder: cache.sources(),
        }
    }

    /// All, by name. A folder that is not there holds none.
    pub(crate) fn list(&self) -> Vec<KeptModule> {
        let mut found: Vec<KeptModule> = fs::read_dir(&self.folder)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| {
                let path = entry.path();
                let found = entry.metadata().ok().filter(fs::Metadata::is_file)?;
                let name = module_name(&path);
                // Only what we wrote ourselves: the name is then the stem, unchanged.
                let ours = path.file_name()?.to_str()? == format!("{name}.wasm");
                let used = found.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                ours.then_some(KeptModule {
                    name,
                    bytes: found.len(),
                    used,
                    path,
                })
            })
            .collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found
    }

    /// The one of that name.
    pub(crate) fn find(&self, name: &str) -> Option<KeptModule> {
        self.list().into_iter().find(|kept| kept.name == name)
    }

    /// Keeps a module under a name, in place of an earlier one. Failing is no harm: it can be named by its file.
    pub(crate) fn keep(&self, name: &str, wasm: &[u8]) {
        if let Err(error) = self.try_keep(name, wasm) {
            tracing::debug!(%error, module = name, "module is not kept for calling by name");
        }
    }

    fn try_keep(&self, name: &str, wasm: &[u8]) -> std::io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let place = self.folder.join(format!("{name}.wasm"));
        if fs::read(&place).is_ok_and(|old| old == wasm) {
            // Last use is what the sweep goes by.
            return fs::File::options()
                .append(true)
                .open(&place)?
                .set_modified(SystemTime::now());
        }
        let mut file = tempfile::Builder::new()
            .prefix(".keep-")
            .tempfile_in(&self.folder)?;
        file.write_all(wasm)?;
        file.persist(&place).map_err(|error| error.error)?;
        self.sweep();
        Ok(())
    }

    fn sweep(&self) {
        let mut all = self.list();
        all.sort_by_key(|kept| std::cmp::Reverse(kept.used));
        let mut bytes = 0_u64;
        for (at, kept) in all.iter().enumerate() {
            bytes = bytes.saturating_add(kept.bytes);
            if at >= COUNT_MAX || bytes > BYTES_MAX {
                // Another process may have removed it already.
                let _ = fs::remove_file(&kept.path);
            }
        }
    }

    /// Removes all; answers how many.
    pub(crate) fn clear(&self) -> u64 {
        let removed = self
            .list()
            .into_iter()
            .filter(|kept| fs::remove_file(&kept.path).is_ok());
        removed.count() as u64
    }
}
