//! What comes along with documents: read once, for all of them. Only what the command line names is opened, never what a
//! document names.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use walkdir::WalkDir;
use wardian_service::pdf::{ASSET_BYTES_MAX, ASSETS_MAX, HTML_BYTES_MAX, RenderOptions};

use super::line::{Page, With};
use crate::batch;
use crate::exit::{Failure, TooLarge, Usage};
use crate::input;
use crate::show::{count, quoted, quoted_path};

/// The options of every document.
pub(super) fn options(page: &Page, with: &With) -> anyhow::Result<RenderOptions> {
    let mut options = RenderOptions {
        size: page.size,
        orientation: page.orientation.map(Into::into),
        margins: page.margin,
        title: page.title.clone(),
        ..RenderOptions::default()
    };
    for path in &with.style {
        let css = input::read(path, HTML_BYTES_MAX as u64)?;
        let css = String::from_utf8(css).map_err(|_| {
            Failure::new(format!("{} is no UTF-8", quoted_path(path)))
                .hint("style sheets beside a document have to be UTF-8")
        })?;
        options.styles.push(css);
    }
    let mut room = Room {
        bytes: ASSET_BYTES_MAX,
    };
    for path in &with.font {
        let name = path.file_name().map_or_else(
            || path.to_string_lossy().into_owned(),
            |name| name.to_string_lossy().into_owned(),
        );
        options.fonts.push((name, room.read(path)?));
    }
    for (name, path) in assets(with)? {
        let file = room.read(&path)?;
        options.assets.push((name, file));
    }
    Ok(options)
}

/// Bytes that may still come along.
struct Room {
    bytes: usize,
}

impl Room {
    fn read(&mut self, path: &Path) -> anyhow::Result<Bytes> {
        let too_large = || TooLarge {
            name: "what comes along with documents".into(),
            bytes_max: ASSET_BYTES_MAX as u64,
        };
        let file = match input::read(path, self.bytes as u64) {
            Err(error) if error.is::<TooLarge>() => return Err(too_large().into()),
            other => other?,
        };
        self.bytes -= file.len();
        Ok(file.into())
    }
}

/// Files by the names that documents have for them.
fn assets(with: &With) -> anyhow::Result<Vec<(String, PathBuf)>> {
    let mut all: Vec<(String, PathBuf)> = Vec::new();
    let mut add = |name: String, path: PathBuf| -> anyhow::Result<()> {
        match all.iter().find(|(own, _)| *own == name) {
            Some((_, other)) if *other == path => return Ok(()),
            Some((_, other)) => {
                let both = format!("{} and {}", quoted_path(other), quoted_path(&path));
                return Err(Usage::new(format!("{both} would both be {}", quoted(&name))).into());
            }
            None => all.push((name, path)),
        }
        if all.len() > ASSETS_MAX {
            let most = count(ASSETS_MAX as u64);
            return Err(
                Usage::new(format!("more than {most} files come along, allowed {most}"))
                    .hint("name those that the documents refer to with `--asset`")
                    .into(),
            );
        }
        Ok(())
    };
    for asked in &with.asset {
        match asked.split_once('=') {
            // A file may be called so.
            Some((name, file)) if !Path::new(asked).exists() => add(name.into(), file.into())?,
            _ => {
                for path in batch::matching(Path::new(asked))? {
                    add(path.to_string_lossy().into_owned(), path)?;
                }
            }
        }
    }
    if let Some(folder) = &with.assets {
        for (name, path) in files_of(folder)? {
            add(name, path)?;
        }
    }
    Ok(all)
}

/// Files of a folder by their paths in it; hidden ones and links stay out.
fn files_of(folder: &Path) -> anyhow::Result<Vec<(String, PathBuf)>> {
    if !folder.is_dir() {
        return Err(Usage::new(format!("{} is no folder", quoted_path(folder))).into());
    }
    let is_hidden = |entry: &walkdir::DirEntry| {
        entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".")
    };
    let entries = WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| !is_hidden(entry));
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| {
            Failure::new(format!("cannot look into {}: {error}", quoted_path(folder)))
        })?;
        let inside = entry.path().strip_prefix(folder).ok();
        // One too many is enough to say that there are too many.
        if entry.file_type().is_file()
            && found.len() <= ASSETS_MAX
            && let Some(name) = inside.and_then(Path::to_str)
        {
            found.push((name.to_owned(), entry.path().to_owned()));
        }
    }
    Ok(found)
}
