//! Where results go: standard output, or a file that is written beside its place and renamed.

use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use wardian_sandbox::text::clean_lines;

use crate::exit::{Failure, Usage};
use crate::interrupt::Interrupt;
use crate::screen;
use crate::show::quoted_path;

/// Whoever reads standard output does not read any more. Not an error: the program ends in silence.
#[derive(Debug, thiserror::Error)]
#[error("standard output is closed")]
pub(crate) struct PipeClosed;

/// Where a result goes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Target {
    Stdout,
    File(PathBuf),
}

impl Target {
    /// `-` is standard output.
    pub(crate) fn of(path: &Path) -> Target {
        if path.as_os_str() == "-" {
            Target::Stdout
        } else {
            Target::File(path.to_owned())
        }
    }
}

/// Prints text that is our own, or was cleaned.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    print_bytes(text.as_bytes())
}

/// Prints bytes as they are.
pub(crate) fn print_bytes(bytes: &[u8]) -> anyhow::Result<()> {
    let write = || {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes).and_then(|()| stdout.flush())
    };
    // Most likely the terminal that a bar is on.
    let written = if is_terminal() {
        screen::beside(write)
    } else {
        write()
    };
    match written {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(PipeClosed.into()),
        Err(error) => Err(error).context("cannot write to standard output"),
    }
}

/// Prints a JSON value and a line's end; what would change a terminal stands escaped.
pub(crate) fn print_json(value: &serde_json::Value) -> anyhow::Result<()> {
    print(&(crate::json::pretty(value) + "\n"))
}

/// Prints to standard error, whether anybody reads it or not.
pub(crate) fn warn(text: &str) {
    screen::beside(|| {
        let mut stderr = io::stderr().lock();
        let _ = stderr.write_all(text.as_bytes());
        if !text.ends_with('\n') {
            let _ = stderr.write_all(b"\n");
        }
    });
}

/// Prints text of a guest: cleaned, its line breaks kept.
pub(crate) fn print_foreign(text: &str) -> anyhow::Result<()> {
    let mut shown = clean_lines(text.as_bytes(), text.len().saturating_mul(10));
    if !shown.ends_with('\n') {
        shown.push('\n');
    }
    print(&shown)
}

/// Whether standard output is a person's terminal.
pub(crate) fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Refuses what [`write()`] would refuse, before any work is done.
pub(crate) fn check(target: &Target, force: bool) -> anyhow::Result<()> {
    let Target::File(path) = target else {
        return Ok(());
    };
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return parent_exists(path),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot write {}", quoted_path(path)));
        }
    };
    if found.is_dir() {
        return Err(Usage::new(format!("{} is a folder", quoted_path(path)))
            .hint("name the file as well")
            .into());
    }
    if found.is_file() && !force {
        return Err(exists(path).into());
    }
    Ok(())
}

fn parent_exists(path: &Path) -> anyhow::Result<()> {
    let folder = folder_of(path);
    if folder.is_dir() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "cannot write {}: there is no folder {}",
        quoted_path(path),
        quoted_path(folder)
    ))
    .hint("make the folder first")
    .into())
}

fn exists(path: &Path) -> Failure {
    Failure::new(format!("{} exists", quoted_path(path)))
        .hint("use `--force` to overwrite it, or choose another name")
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Writes a result: all of it or nothing.
pub(crate) fn write(
    target: &Target,
    force: bool,
    bytes: &[u8],
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let Target::File(path) = target else {
        return print_bytes(bytes);
    };
    check(target, force)?;
    // A pipe or a device is written to; renaming over it would replace it.
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return fs::write(path, bytes)
            .with_context(|| format!("cannot write {}", quoted_path(path)));
    }
    // What a link points to is replaced, not the link.
    let place = fs::canonicalize(path).unwrap_or_else(|_| path.clone());
    beside_and_renamed(&place, force, bytes, interrupt)
}

fn beside_and_renamed(
    path: &Path,
    force: bool,
    bytes: &[u8],
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let cannot = || format!("cannot write {}", quoted_path(path));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".wardian-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As any new file: the umask decides. A replaced file keeps its mode.
        let mode = fs::metadata(path).map_or(0o666, |found| found.permissions().mode() & 0o777);
        builder.permissions(fs::Permissions::from_mode(mode));
    }
    let folder = folder_of(path);
    let mut file = interrupt
        .unfinished(|| builder.tempfile_in(folder))
        .with_context(cannot)?;
    let beside = file.path().to_owned();
    let written = file.write_all(bytes).and_then(|()| {
        let renamed = if force {
            file.persist(path)
        } else {
            file.persist_noclobber(path)
        };
        // An error holds the file; dropped here, what is there of it goes.
        renamed.map_err(|error| error.error)
    });
    interrupt.finished(&beside);
    match written {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(exists(path).into()),
        Err(error) => Err(error).with_context(cannot),
    }
}
