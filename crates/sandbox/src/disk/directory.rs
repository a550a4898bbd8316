//! A directory that is opened once and never by name again: every file in it is reached relative to its descriptor.
//!
//! `openat` with `O_NOFOLLOW`, then the checks on the descriptor that came back, is the order that leaves no moment
//! between the check and the use.

use std::fmt;
use std::fs::{File, Permissions};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use rustix::fs::{AtFlags, FileType, FlockOperation, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::DiskError;

/// What every name of a file that is being written begins with.
pub(super) const TEMP_PREFIX: &str = ".tmp-";

/// Who may write, may have us run anything.
pub(super) const OTHERS_WRITE: Mode = Mode::WGRP.union(Mode::WOTH);
/// A secret.
pub(super) const OTHERS_ANY: Mode = Mode::RWXG.union(Mode::RWXO);
/// Locks are held for milliseconds; a process that was stopped while it held one must not stop us too.
const LOCK_WAIT_MAX: Duration = Duration::from_secs(2);

/// Why a file is not used.
#[derive(Debug)]
pub(super) enum Fault {
    /// It is not there: the ordinary miss.
    Missing,
    /// It is there and must not be used.
    Bad(String),
    /// The system refused.
    Io(io::Error),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Missing => f.write_str("it is not there"),
            Fault::Bad(problem) => f.write_str(problem),
            Fault::Io(error) => error.fmt(f),
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        match error.kind() {
            io::ErrorKind::NotFound => Fault::Missing,
            _ => Fault::Io(error),
        }
    }
}

/// Whether a file must survive a power cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sync {
    Yes,
    /// What a power cut leaves does not authenticate and is compiled again.
    No,
}

/// Whose a directory may be, and who may read what is written into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Ours, and for us alone.
    Private,
    /// Ours, for everybody to read: made to be copied to where others use it.
    Public,
    /// Ours or root's, there already, and never written to. What root installs it may replace anyway, this program
    /// included.
    Installed,
}

impl Access {
    fn admits(self, owner: u32, us: u32) -> bool {
        owner == us || (self == Access::Installed && owner == 0)
    }

    fn folder_mode(self) -> u32 {
        match self {
            Access::Private => 0o700,
            Access::Public | Access::Installed => 0o755,
        }
    }

    fn file_mode(self) -> Mode {
        match self {
            Access::Private => Mode::RUSR | Mode::WUSR,
            Access::Public | Access::Installed => Mode::RUSR | Mode::WUSR | Mode::RGRP | Mode::ROTH,
        }
    }
}

/// A name in the directory with what its inode says.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) modified: SystemTime,
}

#[derive(Debug)]
pub(super) struct Directory {
    fd: OwnedFd,
    path: PathBuf,
    uid: u32,
    access: Access,
}

impl Directory {
    /// Opens a directory, and makes it where it is missing and is to be written to.
    pub(super) fn open(path: &Path, access: Access) -> Result<Directory, DiskError> {
        let refuse = |problem: String| DiskError::Directory {
            path: path.to_owned(),
            problem,
        };
        if access != Access::Installed {
            make(path, access).map_err(|error| refuse(error.to_string()))?;
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = rustix::fs::open(without_trailing_slash(path), flags, Mode::empty()).map_err(
            |errno| {
                refuse(match errno {
                    Errno::LOOP | Errno::NOTDIR => "it is a link or no directory".to_owned(),
                    other => io::Error::from(other).to_string(),
                })
            },
        )?;
        let stat =
            rustix::fs::fstat(&fd).map_err(|errno| refuse(io::Error::from(errno).to_string()))?;
        let uid = rustix::process::geteuid().as_raw();
        if !access.admits(stat.st_uid, uid) {
            return Err(refuse(format!(
                "it belongs to user {}, we are {uid}",
                stat.st_uid
            )));
        }
        let mode = Mode::from_raw_mode(stat.st_mode);
        if mode.intersects(OTHERS_WRITE) {
            return Err(refuse(format!(
                "others may write to it: mode {:03o}",
                mode.bits()
            )));
        }
        Ok(Directory {
            fd,
            path: path.to_owned(),
            uid,
            access,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The mode bits that a key in this directory must not have. One that everybody may read is no secret; what
    /// it authenticates is then worth as much as the owner and the mode of the directory.
    pub(super) fn forbidden_for_keys(&self) -> Mode {
        match self.access {
            Access::Private => OTHERS_ANY,
            Access::Public | Access::Installed => OTHERS_WRITE,
        }
    }

    /// Opens a file to read and checks the descriptor; `forbidden` are the mode bits that must not be set.
    pub(super) fn open_file(&self, name: &str, forbidden: Mode) -> Result<(File, u64), Fault> {
        // Without NONBLOCK a named pipe in the entry's place would hang us.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let fd =
            rustix::fs::openat(&self.fd, name, flags, Mode::empty()).map_err(
                |errno| match errno {
                    Errno::LOOP => Fault::Bad("it is a link".to_owned()),
                    other => io::Error::from(other).into(),
                },
            )?;
        let stat = rustix::fs::fstat(&fd).map_err(io::Error::from)?;
        self.check(&stat, forbidden)?;
        Ok((File::from(fd), u64::try_from(stat.st_size).unwrap_or(0)))
    }

    fn check(&self, stat: &Stat, forbidden: Mode) -> Result<(), Fault> {
        let bad = |problem: String| Err(Fault::Bad(problem));
        let mode = Mode::from_raw_mode(stat.st_mode);
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return bad("it is no regular file".to_owned());
        }
        if !self.access.admits(stat.st_uid, self.uid) {
            return bad(format!(
                "it belongs to user {}, we are {}",
                stat.st_uid, self.uid
            ));
        }
        // None at all is right too: another process has replaced the name since we opened it. Package stores give equal
        // files one inode; owner and mode are the inode's, so another name lets nobody else write to it.
        if stat.st_nlink > 1 && self.access != Access::Installed {
            return bad(format!("it has {} names, allowed 1", stat.st_nlink));
        }
        if mode.intersects(forbidden) {
            return bad(format!("its mode {:03o} lets others in", mode.bits()));
        }
        Ok(())
    }

    /// Writes a file beside and renames it into place, so that nobody ever sees half of it.
    pub(super) fn replace(&self, name: &str, parts: &[&[u8]], sync: Sync) -> io::Result<()> {
        let mut random = [0u8; 32];
        getrandom::fill(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
        let temp = format!("{TEMP_PREFIX}{}", blake3::Hash::from_bytes(random).to_hex());
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = self.access.file_mode();
        let fd = rustix::fs::openat(&self.fd, temp.as_str(), flags, mode)?;
        if self.access == Access::Public {
            // Whatever the umask is: others are to read it.
            rustix::fs::fchmod(&fd, mode)?;
        }
        let written = self.fill(File::from(fd), &temp, name, parts, sync);
        if written.is_err() {
            self.remove(&temp);
        }
        written
    }

    fn fill(
        &self,
        mut file: File,
        temp: &str,
        name: &str,
        parts: &[&[u8]],
        sync: Sync,
    ) -> io::Result<()> {
        // The lock, held until after the rename, tells another process's sweep that this file has a writer.
        rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        for part in parts {
            file.write_all(part)?;
        }
        if sync == Sync::Yes {
            file.sync_all()?;
        }
        rustix::fs::renameat(&self.fd, temp, &self.fd, name)?;
        Ok(())
    }

    /// Removes a name; whether it succeeded is seen by whoever looks it up next.
    pub(super) fn remove(&self, name: &str) -> bool {
        match rustix::fs::unlinkat(&self.fd, name, AtFlags::empty()) {
            Ok(()) => true,
            Err(Errno::ISDIR | Errno::PERM) => {
                rustix::fs::unlinkat(&self.fd, name, AtFlags::REMOVEDIR).is_ok()
            }
            Err(_) => false,
        }
    }

    /// Removes a half-written file whose writer is gone.
    pub(super) fn remove_abandoned(&self, name: &str) -> bool {
        let Ok((file, _)) = self.open_file(name, Mode::empty()) else {
            return self.remove(name);
        };
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => self.remove(name),
            Err(_) => false,
        }
    }

    /// Waits a bounded time for the lock file of that name; the lock ends when the file is dropped, or its process dies.
    pub(super) fn lock(&self, name: &str) -> io::Result<File> {
        let flags =
            OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let fd = rustix::fs::openat(&self.fd, name, flags, self.access.file_mode())?;
        let start = Instant::now();
        loop {
            match rustix::fs::flock(&fd, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(File::from(fd)),
                Err(Errno::INTR | Errno::WOULDBLOCK) if start.elapsed() < LOCK_WAIT_MAX => {
                    std::thread::sleep(Duration::from_millis(1));
                }
                Err(Errno::WOULDBLOCK) => return Err(io::ErrorKind::TimedOut.into()),
                Err(errno) => return Err(errno.into()),
            }
        }
    }

    /// Up to `max` names that `wanted` accepts; what vanishes meanwhile is left out.
    pub(super) fn read(&self, max: usize, wanted: impl Fn(&str) -> bool) -> io::Result<Vec<Seen>> {
        let mut seen = Vec::new();
        for item in rustix::fs::Dir::read_from(&self.fd)?.take(max) {
            let item = item?;
            let Some(name) = item.file_name().to_str().ok().filter(|name| wanted(name)) else {
                continue;
            };
            let Ok(stat) = rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW) else {
                continue;
            };
            let seconds = u64::try_from(stat.st_mtime).unwrap_or(0);
            let nanos = u32::try_from(stat.st_mtime_nsec).unwrap_or(0);
            seen.push(Seen {
                name: name.to_owned(),
                bytes: u64::try_from(stat.st_size).unwrap_or(0),
                modified: SystemTime::UNIX_EPOCH + Duration::new(seconds, nanos),
            });
        }
        Ok(seen)
    }
}

/// Makes a directory and what is missing above it.
fn make(path: &Path, access: Access) -> io::Result<()> {
    let is_new = !path.exists();
    let mode = access.folder_mode();
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(mode)
        .create(path)?;
    if is_new && access == Access::Public {
        // Whatever the umask is.
        std::fs::set_permissions(path, Permissions::from_mode(mode))?;
    }
    Ok(())
}

/// `open("link/", O_NOFOLLOW)` follows the link: a trailing slash must not get us out of the check.
fn without_trailing_slash(path: &Path) -> PathBuf {
    path.components().collect()
}
