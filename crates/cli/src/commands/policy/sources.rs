//! What a policy is made of, told by the names on the command line.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::value::RawValue;
use walkdir::WalkDir;
use wardian_policy::make::{self, RegoModule, RegoSource};
use wardian_sandbox::Sandbox;

use super::checkers::TEXT_BYTES_MAX;
use crate::exit::{Failure, Usage};
use crate::input;
use crate::show::quoted_path;

/// Files of Rego that one policy may be made of.
const REGO_FILES_MAX: usize = 10_000;

/// What there is to make a policy of.
#[derive(Debug)]
pub(super) enum Sources {
    Document(PathBuf),
    Rego(Vec<PathBuf>),
    Crate(PathBuf),
    Opa(PathBuf),
}

impl Sources {
    pub(super) fn of(paths: &[PathBuf]) -> anyhow::Result<Sources> {
        let ends = |path: &Path, ending: &str| path.extension() == Some(OsStr::new(ending));
        match paths {
            [folder] if folder.is_dir() => Sources::in_folder(folder),
            [file] if ends(file, "json") => Ok(Sources::Document(file.clone())),
            [file] if ends(file, "wasm") => Ok(Sources::Opa(file.clone())),
            files => match files.iter().find(|file| !ends(file, "rego")) {
                None => Ok(Sources::Rego(files.to_vec())),
                Some(other) => Err(unknown(other, files.len()).into()),
            },
        }
    }

    fn in_folder(folder: &Path) -> anyhow::Result<Sources> {
        if folder.join("Cargo.toml").is_file() {
            return Ok(Sources::Crate(folder.to_owned()));
        }
        let mut files = Vec::new();
        // Links too: a rule that is passed over in silence may be the one that denies.
        for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name() {
            let entry = entry.with_context(|| format!("cannot read {}", quoted_path(folder)))?;
            let is_rego = entry.path().extension() == Some(OsStr::new("rego"));
            if is_rego && entry.file_type().is_file() {
                files.push(entry.into_path());
            }
            if files.len() > REGO_FILES_MAX {
                let name = quoted_path(folder);
                let text = format!("{name} has too many files: allowed {REGO_FILES_MAX}");
                return Err(Failure::new(text).into());
            }
        }
        if files.is_empty() {
            let name = quoted_path(folder);
            let text = format!("there is no Cargo.toml and no `.rego` file in {name}");
            return Err(Failure::new(text).into());
        }
        Ok(Sources::Rego(files))
    }
}

fn unknown(path: &Path, of: usize) -> Usage {
    let name = quoted_path(path);
    match of {
        1 => Usage::new(format!("{name} is nothing that a policy is made of")).hint(
            "name a `.json` document, `.rego` files or a folder of them, a folder with a \
             Cargo.toml, or a `.wasm` that OPA compiled",
        ),
        _ => Usage::new(format!(
            "{name} is not Rego, and of several files each must be"
        ))
        .hint("name one document, crate or module alone"),
    }
}

/// A policy of Rego.
pub(super) fn rego(
    sandbox: &Sandbox,
    files: &[PathBuf],
    entrypoint: &str,
    data: Option<&Path>,
) -> anyhow::Result<Vec<u8>> {
    let read: anyhow::Result<Vec<(String, String)>> = files
        .iter()
        .map(|file| Ok((crate::show::path(file), text(file)?)))
        .collect();
    let read = read?;
    let data = data.map(json).transpose()?;
    let modules = read
        .iter()
        .map(|(name, source)| RegoModule { name, source })
        .collect();
    let source = RegoSource {
        entrypoint,
        modules,
        data: data.as_deref(),
    };
    let made = make::from_rego(sandbox, &source);
    Ok(made.context("no policy is made of the Rego")?.into())
}

/// What OPA compiled.
pub(super) fn opa(
    sandbox: &Sandbox,
    file: &Path,
    entrypoint: Option<&str>,
    data: Option<&Path>,
) -> anyhow::Result<Vec<u8>> {
    let module = input::read(file, TEXT_BYTES_MAX)?;
    let data = data
        .map(|data| input::read(data, TEXT_BYTES_MAX))
        .transpose()?;
    Ok(wardian_policy::opa::prepare(sandbox, &module, entrypoint, data.as_deref())?.into())
}

fn text(file: &Path) -> anyhow::Result<String> {
    let bytes = input::read(file, TEXT_BYTES_MAX)?;
    String::from_utf8(bytes).with_context(|| format!("{} is not text", quoted_path(file)))
}

fn json(file: &Path) -> anyhow::Result<Box<RawValue>> {
    let text = text(file)?;
    let read = RawValue::from_string(text);
    read.with_context(|| format!("{} is not JSON", quoted_path(file)))
}
