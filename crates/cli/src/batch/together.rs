//! Inputs that become one result together. A file that is named twice counts twice; all that cannot be read is named at
//! once.

use std::path::PathBuf;

use super::inputs::{find, is_stdin};
use crate::exit::{Failure, TooLarge, Usage};
use crate::input;
use crate::show;

/// Files in the order they were named, those of a pattern by name.
pub(super) fn names(asked: &[PathBuf], count_max: usize) -> anyhow::Result<Vec<PathBuf>> {
    if asked.iter().filter(|path| is_stdin(path)).count() > 1 {
        return Err(Usage::new("standard input can only be read once").into());
    }
    let mut names = Vec::new();
    for one in asked {
        names.append(&mut find(std::slice::from_ref(one))?.files);
    }
    if names.len() > count_max {
        let (found, most) = (names.len() as u64, count_max as u64);
        return Err(Usage::new(format!(
            "there are {} files, allowed {}",
            show::count(found),
            show::count(most)
        ))
        .into());
    }
    Ok(names)
}

/// All of them, which may have `bytes_max` bytes together.
pub(super) fn read(names: &[PathBuf], bytes_max: u64) -> anyhow::Result<Vec<Vec<u8>>> {
    let (mut files, mut problems, mut left) = (Vec::new(), Vec::new(), bytes_max);
    for name in names {
        match input::read(name, left) {
            Ok(file) => {
                left -= file.len() as u64;
                files.push(file);
            }
            Err(error) if names.len() > 1 && error.is::<TooLarge>() => {
                let name = "the files together".into();
                return Err(TooLarge { name, bytes_max }.into());
            }
            Err(error) => problems.push(error),
        }
    }
    if problems.len() > 1 {
        let all: Vec<String> = problems.iter().map(|error| format!("{error:#}")).collect();
        return Err(Failure::new(all.join("\n")).into());
    }
    match problems.pop() {
        Some(problem) => Err(problem),
        None => Ok(files),
    }
}
