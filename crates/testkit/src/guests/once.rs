//! Folders below the target directory that are made once: tools that a package manager fetches, and what they build.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::BuildError;

/// The folder `name` below `parent`, as `make` fills it: anew when `made_from` is no longer what it was, and by one
/// process at a time.
///
/// # Errors
/// Those of `make`, and of the folder.
pub fn once(
    parent: &Path,
    name: &str,
    made_from: &[u8],
    make: impl FnOnce(&Path) -> Result<(), BuildError>,
) -> Result<PathBuf, BuildError> {
    let folder = parent.join(name);
    let stamp = parent.join(format!("{name}.made-from"));
    // Open until the end: whoever else asks waits here.
    let _only_one = lock(parent, name)?;
    if fs::read(&stamp).is_ok_and(|made| made == made_from) && folder.is_dir() {
        return Ok(folder);
    }
    // The stamp goes first and comes last, so that what was interrupted is done again.
    let emptied = gone(fs::remove_file(&stamp))
        .and_then(|()| gone(fs::remove_dir_all(&folder)))
        .and_then(|()| fs::create_dir(&folder));
    emptied.map_err(at(&folder))?;
    make(&folder)?;
    fs::write(&stamp, made_from).map_err(at(&stamp))?;
    Ok(folder)
}

/// Held by one process at a time.
pub(crate) fn lock(parent: &Path, name: &str) -> Result<File, BuildError> {
    let path = parent.join(format!("{name}.lock"));
    let locked = fs::create_dir_all(parent).and_then(|()| {
        let file = File::create(&path)?;
        file.lock()?;
        Ok(file)
    });
    locked.map_err(at(&path))
}

/// Says which file an error is about.
pub(crate) fn at(path: &Path) -> impl FnOnce(std::io::Error) -> BuildError {
    let path = path.to_path_buf();
    |source| BuildError::Io { path, source }
}

fn gone(removed: std::io::Result<()>) -> std::io::Result<()> {
    removed.or_else(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_anew_only_when_it_has_to_be() {
        let parent = std::env::temp_dir().join(format!("wardian-once-{}", std::process::id()));
        let mut made = 0;
        let mut ask = |made_from: &str, fails: bool| {
            once(&parent, "thing", made_from.as_bytes(), |folder| {
                made += 1;
                assert_eq!(fs::read_dir(folder).unwrap().count(), 0);
                fs::write(folder.join("file"), made_from).unwrap();
                if fails {
                    return Err(at(folder)(std::io::Error::other("on purpose")));
                }
                Ok(())
            })
            .map(|folder| fs::read_to_string(folder.join("file")).unwrap())
            .map_err(|_| made)
        };
        assert_eq!(ask("a", false), Ok("a".into()));
        assert_eq!(ask("a", true), Ok("a".into()));
        assert_eq!(ask("b", false), Ok("b".into()));
        assert_eq!(ask("c", true), Err(3));
        assert_eq!(ask("b", false), Ok("b".into()));
        assert_eq!(made, 4);
        fs::remove_dir_all(parent).unwrap();
    }
}
