//! A folder that is opened once, and its files by their names in it.
//!
//! The folder may be reached through links, it is where the operator says; a file in it may not be one, because it is
//! replaced by renaming and a link would then be lost. A file is opened, its descriptor checked, and that descriptor
//! read. Who may change a lock file decides what is allowed, so it has to belong to us, to root or to whom the folder
//! belongs to, and not everybody may write to it.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{AtFlags, FileType, FlockOperation, Mode, OFlags, Stat};
use rustix::io::Errno;

/// How long a writer waits for another one.
pub const LOCK_WAIT_MAX: Duration = Duration::from_secs(5);

const OTHERS_ANY: Mode = Mode::RWXG.union(Mode::RWXO);
const SECRET_MODE: Mode = Mode::RUSR.union(Mode::WUSR);
const SHARED_MODE: Mode = SECRET_MODE.union(Mode::RGRP).union(Mode::ROTH);

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is not there.
    #[error("{path:?} is not there")]
    Missing {
        /// Its path.
        path: PathBuf,
    },
    /// The path names no file.
    #[error("{path:?} names no file")]
    NoName {
        /// The path.
        path: PathBuf,
    },
    /// It is a link: name the file itself.
    #[error("{path:?} is a link, wanted the file itself")]
    Link {
        /// Its path.
        path: PathBuf,
    },
    /// It is a folder, a pipe, a device.
    #[error("{path:?} is no regular file")]
    NotRegular {
        /// Its path.
        path: PathBuf,
    },
    /// Somebody else could change it at any time.
    #[error("{path:?} belongs to user {owner}, we are {us}")]
    Owner {
        /// Its path.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
        /// Who we are.
        us: u32,
    },
    /// Its mode lets others in.
    #[error("{path:?} lets others in: mode {mode:03o}")]
    Mode {
        /// Its path.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It is too large.
    #[error("{path:?} has more than {max} bytes")]
    TooLarge {
        /// Its path.
        path: PathBuf,
        /// How many it may have.
        max: usize,
    },
    /// It is there already and is not overwritten.
    #[error("{path:?} is there already")]
    Exists {
        /// Its path.
        path: PathBuf,
    },
    /// Another process is writing, and did not end.
    #[error("{path:?} is being written by another process, waited {waited_ms} ms")]
    Busy {
        /// Its path.
        path: PathBuf,
        /// How long we waited.
        waited_ms: u64,
    },
    /// Something that takes no lock changed it while we did.
    #[error("{path:?} was changed by something else meanwhile")]
    Changed {
        /// Its path.
        path: PathBuf,
    },
    /// The system refused.
    #[error("cannot {what} {path:?}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// Its path.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

impl FileError {
    /// Stable, such as `artifact.file_missing`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            FileError::Missing { .. } => "artifact.file_missing",
            FileError::NoName { .. } => "artifact.file_no_name",
            FileError::Link { .. } => "artifact.file_link",
            FileError::NotRegular { .. } => "artifact.file_not_regular",
            FileError::Owner { .. } => "artifact.file_owner",
            FileError::Mode { .. } => "artifact.file_mode",
            FileError::TooLarge { .. } => "artifact.file_too_large",
            FileError::Exists { .. } => "artifact.file_exists",
            FileError::Busy { .. } => "artifact.file_busy",
            FileError::Changed { .. } => "artifact.file_changed",
            FileError::Io { .. } => "artifact.file_io",
        }
    }
}

/// What a file's owner and mode are checked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Care {
    /// Others may read it.
    Shared,
    /// Nobody but us.
    Secret,
}

#[derive(Debug)]
pub(crate) struct Folder {
    fd: OwnedFd,
    path: PathBuf,
    owner: u32,
    us: u32,
}

impl Folder {
    /// Opens a folder that is there.
    pub(crate) fn open(path: &Path) -> Result<Folder, FileError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = rustix::fs::open(path, flags, Mode::empty())
            .map_err(|errno| failed("open", path, errno))?;
        let stat = rustix::fs::fstat(&fd).map_err(|errno| failed("look at", path, errno))?;
        let mode = Mode::from_raw_mode(stat.st_mode);
        // Whoever may write to a folder may exchange every file in it, unless it is sticky.
        if mode.contains(Mode::WOTH) && !mode.contains(Mode::SVTX) {
            return Err(FileError::Mode {
                path: path.to_owned(),
                mode: mode.bits(),
            });
        }
        Ok(Folder {
            fd,
            path: path.to_owned(),
            owner: stat.st_uid,
            us: rustix::process::geteuid().as_raw(),
        })
    }

    /// Opens a folder, and makes it and what is above it where it is missing.
    pub(crate) fn open_or_make(path: &Path) -> Result<Folder, FileError> {
        use std::os::unix::fs::DirBuilderExt as _;
        let mut builder = std::fs::DirBuilder::new();
        let made = builder.recursive(true).mode(0o755).create(path);
        made.map_err(|source| FileError::Io {
            what: "make",
            path: path.to_owned(),
            source,
        })?;
        Folder::open(path)
    }

    /// The folder that a path is in, and the name there.
    pub(crate) fn of_file(path: &Path) -> Result<(Folder, OsString), FileError> {
        let Some(name) = path.file_name() else {
            let path = path.to_owned();
            return Err(FileError::NoName { path });
        };
        let parent = path.parent().filter(|parent| *parent != Path::new(""));
        let folder = Folder::open(parent.unwrap_or(Path::new(".")))?;
        Ok((folder, name.to_owned()))
    }

    /// Where a file is, for messages.
    pub(crate) fn path_of(&self, name: &OsStr) -> PathBuf {
        self.path.join(name)
    }

    /// Reads a file of at most so many bytes.
    pub(crate) fn read(
        &self,
        name: &OsStr,
        bytes_max: usize,
        care: Care,
    ) -> Result<Vec<u8>, FileError> {
        let path = self.path_of(name);
        // Without NONBLOCK a named pipe in the file's place would hang us.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let fd = rustix::fs::openat(&self.fd, name, flags, Mode::empty())
            .map_err(|errno| failed("open", &path, errno))?;
        let stat = rustix::fs::fstat(&fd).map_err(|errno| failed("look at", &path, errno))?;
        self.check(&path, &stat, care)?;
        let size = usize::try_from(stat.st_size).unwrap_or(usize::MAX);
        let max = bytes_max;
        if size > max {
            return Err(FileError::TooLarge { path, max });
        }
        // A byte more than there should be: a file that grows is seen, and the buffer never moves.
        let limit = size.saturating_add(1);
        let mut bytes = Vec::with_capacity(limit);
        let mut file = File::from(fd).take(u64::try_from(limit).unwrap_or(u64::MAX));
        match file.read_to_end(&mut bytes) {
            Ok(read) if read == size => Ok(bytes),
            Ok(_) => Err(FileError::Changed { path }),
            Err(source) => Err(FileError::Io {
                what: "read",
                path,
                source,
            }),
        }
    }

    fn check(&self, path: &Path, stat: &Stat, care: Care) -> Result<(), FileError> {
        let path = || path.to_owned();
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(FileError::NotRegular { path: path() });
        }
        let (owner, us) = (stat.st_uid, self.us);
        let (is_admitted, forbidden) = match care {
            Care::Shared => ([us, 0, self.owner].contains(&owner), Mode::WOTH),
            Care::Secret => (owner == us, OTHERS_ANY),
        };
        if !is_admitted {
            let path = path();
            return Err(FileError::Owner { path, owner, us });
        }
        let mode = Mode::from_raw_mode(stat.st_mode);
        if mode.intersects(forbidden) {
            let (path, mode) = (path(), mode.bits());
            return Err(FileError::Mode { path, mode });
        }
        Ok(())
    }

    /// Writes a new file that nobody else may read.
    pub(crate) fn create_secret(&self, name: &OsStr, bytes: &[u8]) -> Result<(), FileError> {
        self.create(name, bytes, SECRET_MODE)
    }

    fn create(&self, name: &OsStr, bytes: &[u8], mode: Mode) -> Result<(), FileError> {
        let path = self.path_of(name);
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = match rustix::fs::openat(&self.fd, name, flags, mode) {
            Ok(fd) => fd,
            Err(Errno::EXIST) => return Err(FileError::Exists { path }),
            Err(errno) => return Err(failed("make", &path, errno)),
        };
        let mut file = File::from(fd);
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        written.map_err(|source| {
            self.remove(name);
            let what = "write";
            FileError::Io { what, path, source }
        })
    }

    /// Removes a name; whoever makes it next sees whether that succeeded.
    fn remove(&self, name: &OsStr) {
        let _ = rustix::fs::unlinkat(&self.fd, name, AtFlags::empty());
    }

    /// Whether a name still is the file that was opened by it.
    fn is_still(&self, name: &OsStr, fd: &OwnedFd) -> bool {
        let named = rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW);
        let same = |named: Stat, opened: Stat| {
            (named.st_dev, named.st_ino) == (opened.st_dev, opened.st_ino)
        };
        matches!((named, rustix::fs::fstat(fd)), (Ok(named), Ok(opened)) if same(named, opened))
    }

    /// Waits for the right to write what belongs to `name`. It ends when the value is dropped, or its process.
    pub(crate) fn hold(&self, name: &OsStr, wait_max: Duration) -> Result<Held<'_>, FileError> {
        let side = with_ending(name, ".held");
        let path = self.path_of(&side);
        // Read alone, so that whoever made it first does not shut out others who may write to the folder.
        let flags =
            OFlags::RDONLY | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let open = || {
            rustix::fs::openat(&self.fd, &side, flags, SHARED_MODE)
                .map_err(|errno| failed("open", &path, errno))
        };
        let mut fd = open()?;
        let start = Instant::now();
        loop {
            match rustix::fs::flock(&fd, FlockOperation::NonBlockingLockExclusive) {
                // Somebody may have removed it and made it anew: then that one counts.
                Ok(()) if self.is_still(&side, &fd) => break,
                Ok(()) if start.elapsed() < wait_max => fd = open()?,
                Err(Errno::INTR | Errno::WOULDBLOCK) if start.elapsed() < wait_max => {
                    std::thread::sleep(Duration::from_millis(1));
                }
                Ok(()) | Err(Errno::INTR | Errno::WOULDBLOCK) => {
                    let path = self.path_of(name);
                    let waited_ms = u64::try_from(wait_max.as_millis()).unwrap_or(u64::MAX);
                    return Err(FileError::Busy { path, waited_ms });
                }
                Err(errno) => return Err(failed("lock", &path, errno)),
            }
        }
        Ok(Held {
            folder: self,
            temp: with_ending(name, ".tmp"),
            side,
            fd,
        })
    }
}

/// The right to write, which one at a time has.
#[derive(Debug)]
pub(crate) struct Held<'f> {
    folder: &'f Folder,
    /// One name is enough for the only writer, and what a killed one left behind is removed by the next.
    temp: OsString,
    side: OsString,
    fd: OwnedFd,
}

impl Held<'_> {
    /// Whoever made the file anew that the right is of has the right, and may be writing.
    fn still(&self) -> Result<(), FileError> {
        match self.folder.is_still(&self.side, &self.fd) {
            true => Ok(()),
            false => Err(FileError::Changed {
                path: self.folder.path_of(&self.side),
            }),
        }
    }

    /// Writes a file beside and renames it into place, so that nobody ever sees half of it.
    pub(crate) fn replace(&self, name: &OsStr, bytes: &[u8]) -> Result<(), FileError> {
        let (folder, temp) = (self.folder, self.temp.as_os_str());
        self.still()?;
        folder.remove(temp);
        folder.create(temp, bytes, SHARED_MODE)?;
        self.still()?;
        let renamed = rustix::fs::renameat(&folder.fd, temp, &folder.fd, name)
            // The name itself has to survive a power cut too.
            .and_then(|()| rustix::fs::fsync(&folder.fd));
        renamed.map_err(|errno| {
            folder.remove(temp);
            failed("replace", &folder.path_of(name), errno)
        })
    }
}

/// `.name.ending`
fn with_ending(name: &OsStr, ending: &str) -> OsString {
    let mut out = OsString::from(".");
    out.push(name);
    out.push(ending);
    out
}

fn failed(what: &'static str, path: &Path, errno: Errno) -> FileError {
    let path = path.to_owned();
    match errno {
        Errno::NOENT => FileError::Missing { path },
        Errno::LOOP => FileError::Link { path },
        Errno::NOTDIR | Errno::ISDIR | Errno::NXIO => FileError::NotRegular { path },
        errno => FileError::Io {
            what,
            path,
            source: errno.into(),
        },
    }
}
