//! The lock file on disk: read whole, written beside and renamed, changed by one writer at a time.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::artifact::folder::{Care, Folder};
use crate::artifact::{ArtifactError, FileError, LOCK_BYTES_MAX, LOCK_WAIT_MAX, Lock};

/// What it is called where nothing else is said.
pub const LOCK_FILE: &str = "wardian-policy.lock";

/// A lock file by its path; beside it stand `.NAME.held`, which its writers take turns by, and for moments `.NAME.tmp`.
/// Reading needs neither.
#[derive(Debug)]
pub struct LockFile {
    folder: Folder,
    name: OsString,
    wait_max: Duration,
}

impl LockFile {
    /// Opens the folder that the file is in, or will be.
    ///
    /// # Errors
    /// [`FileError`]: there is no such folder, or everybody may write to it.
    pub fn at(path: &Path) -> Result<LockFile, FileError> {
        let (folder, name) = Folder::of_file(path)?;
        Ok(LockFile {
            folder,
            name,
            wait_max: LOCK_WAIT_MAX,
        })
    }

    /// Waits at most so long for another writer, in the place of [`LOCK_WAIT_MAX`].
    #[must_use]
    pub fn waiting(self, wait_max: Duration) -> LockFile {
        LockFile { wait_max, ..self }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.path_of(&self.name)
    }

    /// Reads it. One that is not there is an error: nothing pinned is not the same as everything allowed.
    ///
    /// # Errors
    /// [`FileError`] and [`LockError`](crate::artifact::LockError).
    pub fn read(&self) -> Result<Lock, ArtifactError> {
        Ok(Lock::from_json(&self.read_text()?)?)
    }

    fn read_text(&self) -> Result<Vec<u8>, FileError> {
        self.folder.read(&self.name, LOCK_BYTES_MAX, Care::Shared)
    }

    /// The text, and none where there is no file.
    fn read_text_if_there(&self) -> Result<Option<Vec<u8>>, FileError> {
        match self.read_text() {
            Ok(text) => Ok(Some(text)),
            Err(FileError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Changes it while nobody else does; makes it where it is not there. If `change` fails, or changes nothing, the file
    /// stays as it is. Whatever happens, a reader sees the file before or the file after.
    ///
    /// # Errors
    /// Those of `change` and of reading; [`FileError::Busy`] where another writer does not end, and
    /// [`FileError::Changed`] where something wrote without taking its turn.
    pub fn change<T>(
        &self,
        change: impl FnOnce(&mut Lock) -> Result<T, ArtifactError>,
    ) -> Result<T, ArtifactError> {
        let held = self.folder.hold(&self.name, self.wait_max)?;
        let before = self.read_text_if_there()?;
        let mut lock = match &before {
            Some(text) => Lock::from_json(text)?,
            None => Lock::default(),
        };
        let unchanged = lock.clone();
        let changed = change(&mut lock)?;
        if lock == unchanged {
            return Ok(changed);
        }
        let after = lock.to_json()?;
        // An editor or a checkout takes no turn. What is left is the moment between this and the renaming.
        if self.read_text_if_there()? != before {
            return Err(FileError::Changed { path: self.path() }.into());
        }
        held.replace(&self.name, after.as_bytes())?;
        Ok(changed)
    }
}
