//! Where each result goes: decided, and refused where it cannot be, before any work is done. All that is wrong is named
//! at once.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::inputs::{Inputs, is_stdin, real};
use super::{Batch, Item, Results};
use crate::exit::{Failure, Usage};
use crate::output::{self, Target};
use crate::show::{self, listed, quoted_path};

/// Items with their places, in the order of the inputs. `ending` is what the name of an input's result ends in, without
/// a point; `None` where nothing says it.
pub(super) fn plan(
    batch: &Batch<'_>,
    inputs: Inputs,
    ending: impl Fn(&Path) -> Option<OsString>,
) -> anyhow::Result<Vec<Item>> {
    match (&batch.to.out_dir, &batch.to.output) {
        (Some(folder), _) => in_folder(batch, inputs.files, folder, ending),
        (None, Some(path)) => one(batch, inputs.files, Some(Target::of(path))),
        (None, None) if batch.results != Results::Text => {
            one(batch, inputs.files, Some(Target::Stdout))
        }
        (None, None) => {
            let item = |input| Item {
                input,
                target: None,
            };
            Ok(inputs.files.into_iter().map(item).collect())
        }
    }
}

/// The one result that goes to a file of a given name, or to standard output.
fn one(
    batch: &Batch<'_>,
    files: Vec<PathBuf>,
    target: Option<Target>,
) -> anyhow::Result<Vec<Item>> {
    let count = files.len();
    if count > 1 {
        return Err(Usage::new(format!(
            "{} files need a folder for their results",
            show::count(count as u64)
        ))
        .hint("name it with `--out-dir DIR`; it is made if it is not there")
        .into());
    }
    if target == Some(Target::Stdout) {
        let noun = batch.noun;
        if batch.from.json {
            return Err(
                Usage::new(format!("{noun} and JSON cannot both go to standard output"))
                    .hint(format!("write the {noun} to a file with `-o FILE`"))
                    .into(),
            );
        }
        let binary = batch.results == Results::Files;
        if binary && batch.to.output.is_none() && output::is_terminal() {
            return Err(Usage::new(format!("a {noun} would go to the terminal"))
                .hint("write it to a file with `-o FILE`, or into a pipe")
                .into());
        }
    }
    if let Some(target) = &target {
        output::check(target, batch.to.force)?;
    }
    let item = |input| Item {
        input,
        target: target.clone(),
    };
    Ok(files.into_iter().map(item).collect())
}

/// Results in a folder, each named after its source.
fn in_folder(
    batch: &Batch<'_>,
    files: Vec<PathBuf>,
    folder: &Path,
    ending: impl Fn(&Path) -> Option<OsString>,
) -> anyhow::Result<Vec<Item>> {
    if files.iter().any(|path| is_stdin(path)) {
        return Err(
            Usage::new("standard input has no name that its result could have")
                .hint("write the result to a file with `-o FILE`")
                .into(),
        );
    }
    if folder.exists() && !folder.is_dir() {
        return Err(Usage::new(format!("{} is no folder", quoted_path(folder))).into());
    }
    let (mut items, mut unknown) = (Vec::new(), Vec::new());
    for input in files {
        match ending(&input).and_then(|ending| named_after(&input, &ending)) {
            Some(name) => items.push(Item {
                target: Some(Target::File(folder.join(name))),
                input,
            }),
            None => unknown.push(input),
        }
    }
    if !unknown.is_empty() {
        let unknown: Vec<&Path> = unknown.iter().map(PathBuf::as_path).collect();
        return Err(
            Usage::new(format!("no format is known for {}", listed(&unknown)))
                .hint("say it with `--format`")
                .into(),
        );
    }
    refuse_collisions(&items)?;
    refuse_existing(&items, batch.to.force)?;
    std::fs::create_dir_all(folder).map_err(|error| {
        Failure::new(format!(
            "cannot make the folder {}: {error}",
            quoted_path(folder)
        ))
        .hint("choose another one with `--out-dir`")
    })?;
    Ok(items)
}

/// The stem of the input and an ending: a name, never a way to somewhere else.
fn named_after(input: &Path, ending: &OsString) -> Option<OsString> {
    let mut name = input.file_stem()?.to_owned();
    name.push(".");
    name.push(ending);
    Some(name)
}

/// Two results in one file: whichever was written last would be there.
fn refuse_collisions(items: &[Item]) -> anyhow::Result<()> {
    let mut places: BTreeMap<PathBuf, Vec<&Item>> = BTreeMap::new();
    for item in items {
        if let Some(path) = item.file() {
            // What a link points to is what would be written.
            let place = path.canonicalize().unwrap_or_else(|_| path.to_owned());
            places.entry(place).or_default().push(item);
        }
    }
    let collisions: Vec<String> = places
        .into_values()
        .filter(|items| items.len() > 1)
        .map(|items| {
            let inputs: Vec<&Path> = items.iter().map(|item| item.input.as_path()).collect();
            let place = items.first().and_then(|item| item.file());
            let place = place.map(quoted_path).unwrap_or_default();
            let all = if inputs.len() > 2 { "all" } else { "both" };
            format!("{} would {all} be {place}", listed(&inputs))
        })
        .collect();
    if collisions.is_empty() {
        return Ok(());
    }
    Err(Usage::new(collisions.join("\n"))
        .hint("work on them in separate runs, with a folder for each")
        .into())
}

/// Everything that [`output::check`] would refuse, at once.
fn refuse_existing(items: &[Item], force: bool) -> anyhow::Result<()> {
    let (mut folders, mut there, mut own) = (Vec::new(), Vec::new(), false);
    for item in items {
        let Some(path) = item.file() else { continue };
        match std::fs::symlink_metadata(path) {
            Err(_) => {}
            Ok(_) if path.is_dir() => folders.push(path),
            Ok(_) if !force => {
                own |= real(path) == real(&item.input);
                there.push(path);
            }
            Ok(_) => {}
        }
    }
    if !folders.is_empty() {
        return Err(Usage::new(format!(
            "{}: a folder is where a result should be",
            listed(&folders)
        ))
        .into());
    }
    let exist = match there.as_slice() {
        [] => return Ok(()),
        [one] => format!("{} exists", quoted_path(one)),
        many => format!("{} exist", listed(many)),
    };
    let hint = if own {
        "these are the sources themselves: choose another folder, or use `--force` to write over them"
    } else {
        "use `--force` to overwrite, or choose another folder"
    };
    Err(Failure::new(exist).hint(hint).into())
}
