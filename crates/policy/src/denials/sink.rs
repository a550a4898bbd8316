//! Where events end up: a sink, run by one thread of the log.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;

/// Takes events. It may block, fail and even panic: the log keeps the event and comes again, with pauses of 10 ms to 5 s.
///
/// Closures are sinks.
pub trait DenialSink: Send + 'static {
    /// Takes one event: a line of JSON, in ASCII, without its line break, at most 173 KiB. `Ok` means that it is kept for good.
    ///
    /// # Errors
    /// Whatever happened. The same line comes again.
    fn write(&mut self, line: &str) -> io::Result<()>;
}

impl<F: FnMut(&str) -> io::Result<()> + Send + 'static> DenialSink for F {
    fn write(&mut self, line: &str) -> io::Result<()> {
        self(line)
    }
}

/// Writes one event a line, and flushes.
#[derive(Debug)]
pub struct Lines<W> {
    to: W,
    /// Whether the last line was written in part: it is ended before the next one, so that it spoils no other.
    torn: bool,
}

impl<W: Write + Send + 'static> Lines<W> {
    /// Writes to anything.
    pub const fn new(to: W) -> Lines<W> {
        Lines { to, torn: false }
    }

    /// Writes all of `bytes`, and remembers if it was a part.
    fn put(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.to.write(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => {
                    bytes = bytes.get(n..).unwrap_or_default();
                    self.torn = !bytes.is_empty();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl Lines<File> {
    /// Appends to a file, made with mode 0600 where it is missing. Links are refused, and what is no regular file; for those
    /// there is [`Lines::new`]. Nothing is synced: what the system has taken counts as kept.
    ///
    /// # Errors
    /// It cannot be opened so.
    pub fn append(path: &Path) -> io::Result<Lines<File>> {
        let file = open_regular(OpenOptions::new().read(true).append(true), path)?;
        let bytes = file.metadata()?.len();
        let mut last = [b'\n'];
        if bytes > 0 {
            file.read_exact_at(&mut last, bytes - 1)?;
        }
        let torn = last != [b'\n'];
        Ok(Lines { to: file, torn })
    }
}

impl<W: Write + Send + 'static> DenialSink for Lines<W> {
    fn write(&mut self, line: &str) -> io::Result<()> {
        let start = if self.torn { "\n" } else { "" };
        self.put(format!("{start}{line}\n").as_bytes())?;
        self.to.flush()
    }
}

/// Opens a regular file, made with mode 0600 where it is missing, following no link, waiting for nobody at a pipe.
pub(super) fn open_regular(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
    let file = options
        .create(true)
        .mode(0o600)
        .custom_flags(flags)
        .open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not a regular file",
        ))
    }
}
