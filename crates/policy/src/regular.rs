//! Reads a file that an operator named: no more of it than it may be long, and nothing but a file.

use std::fs::OpenOptions;
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use rustix::fs::OFlags;

/// Who else may write to it.
const OTHERS_WRITE: u32 = 0o002;

/// The bytes, and whether everybody may change them. A pipe in the file's place is an error, not a wait.
pub(crate) fn read(path: &Path, bytes_max: u64) -> io::Result<(Vec<u8>, bool)> {
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).map_err(io::Error::other)?;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)?;
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let mut bytes = Vec::new();
    file.take(bytes_max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bytes_max {
        let why = format!("asked more than {bytes_max} bytes, allowed {bytes_max}");
        return Err(io::Error::other(why));
    }
    Ok((bytes, found.mode() & OTHERS_WRITE != 0))
}
