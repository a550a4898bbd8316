//! The cache's own key: 32 random bytes in a 0600 file, made once however many processes start at the same moment.

use std::io;
use std::os::unix::fs::FileExt;

use super::DiskError;
use super::directory::{Directory, Fault, Sync};

pub(super) const KEY_FILE: &str = "key";
const LOCK_FILE: &str = "key.lock";
const KEY_BYTES: usize = 32;

pub(super) fn read_or_make(directory: &Directory) -> Result<[u8; KEY_BYTES], DiskError> {
    if let Some(key) = read(directory)? {
        return Ok(key);
    }
    let _lock = directory.lock(LOCK_FILE).map_err(cannot)?;
    // Another process may have made it while we waited.
    if let Some(key) = read(directory)? {
        return Ok(key);
    }
    let mut key = [0; KEY_BYTES];
    getrandom::fill(&mut key).map_err(|error| cannot(io::Error::other(error.to_string())))?;
    directory
        .replace(KEY_FILE, &[&key], Sync::Yes)
        .map_err(cannot)?;
    Ok(key)
}

/// `None` when there is none yet, or one of a wrong length, which only a broken disk leaves behind.
pub(super) fn read(directory: &Directory) -> Result<Option<[u8; KEY_BYTES]>, DiskError> {
    // A key that others could read is a key that others may have: refused, not repaired in silence.
    let (file, bytes) = match directory.open_file(KEY_FILE, directory.forbidden_for_keys()) {
        Ok(found) => found,
        Err(Fault::Missing) => return Ok(None),
        Err(fault) => {
            let path = directory.path().join(KEY_FILE);
            return Err(DiskError::Key {
                path,
                problem: fault.to_string(),
            });
        }
    };
    if bytes != KEY_BYTES as u64 {
        tracing::warn!(bytes, "the key has a wrong length and is none");
        return Ok(None);
    }
    let mut key = [0; KEY_BYTES];
    file.read_exact_at(&mut key, 0).map_err(cannot)?;
    Ok(Some(key))
}

fn cannot(source: io::Error) -> DiskError {
    DiskError::Io {
        what: "read or make the key",
        source,
    }
}
