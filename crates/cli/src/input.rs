//! What comes in: files and standard input, each up to a number of bytes.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read};
use std::path::Path;

use anyhow::Context as _;

use crate::exit::{Failure, TooLarge, Usage};
use crate::show::quoted_path;

/// Bytes of one input; what a call may take is its own limit.
pub(crate) const BYTES_MAX: u64 = 1 << 30;

/// Reads a file, or standard input for `-`.
pub(crate) fn read(path: &Path, bytes_max: u64) -> anyhow::Result<Vec<u8>> {
    if path.as_os_str() == "-" {
        let stdin = io::stdin();
        if stdin.is_terminal() {
            return Err(Usage::new("standard input is a terminal")
                .hint("name a file, or pipe the input in")
                .into());
        }
        return limited(stdin.lock(), "standard input", bytes_max);
    }
    let name = quoted_path(path);
    let file = File::open(path).with_context(|| format!("cannot open {name}"))?;
    if file.metadata().is_ok_and(|found| found.is_dir()) {
        return Err(Failure::new(format!("{name} is a folder")).into());
    }
    limited(file, &name, bytes_max)
}

fn limited(from: impl Read, name: &str, bytes_max: u64) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(bytes_max.saturating_add(1))
        .read_to_end(&mut bytes)
        .with_context(|| format!("cannot read {name}"))?;
    if bytes.len() as u64 > bytes_max {
        return Err(TooLarge {
            name: name.into(),
            bytes_max,
        }
        .into());
    }
    Ok(bytes)
}
