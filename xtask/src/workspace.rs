//! Where things are: the checkout, the target directory, the files of the tree, and commands that run there.
//!
//! The target directory is the one cargo names (`CARGO_TARGET_DIR` included) and everything built goes below it,
//! guests and Python environments too, so that no command leaves a file in the tree.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use cargo_metadata::{Metadata, MetadataCommand};

/// The platform whose dependency graph is judged: the one that the tests run on.
const JUDGED_PLATFORM: &str = "x86_64-unknown-linux-gnu";

/// The checkout and its target directory.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Finds the workspace that this program was started for.
    pub(crate) fn find() -> Result<Self> {
        let here = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = here
            .parent()
            .context("xtask lies in no workspace")?
            .to_path_buf();
        let found = MetadataCommand::new()
            .current_dir(&root)
            .no_deps()
            .exec()
            .context("cargo metadata failed")?;
        Ok(Self {
            root,
            target: found.target_directory.into_std_path_buf(),
        })
    }

    /// The dependency graph of the workspace whose manifest lies in `dir`.
    pub(crate) fn metadata(&self, dir: &Path) -> Result<Metadata> {
        MetadataCommand::new()
            .current_dir(dir)
            .other_options(["--filter-platform".to_owned(), JUDGED_PLATFORM.to_owned()])
            .exec()
            .with_context(|| format!("cargo metadata failed in {}", dir.display()))
    }

    /// A cargo command at the root, given as one would type it, building into the target directory.
    pub(crate) fn cargo(&self, line: &str) -> Command {
        let mut command =
            Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
        command
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", &self.target)
            .args(line.split_whitespace());
        command
    }

    /// A cargo command in a workspace of guests, which has a target directory of its own.
    pub(crate) fn guest_cargo(&self, dir: &Path, line: &str) -> Command {
        let mut command = self.cargo(line);
        command
            .current_dir(dir)
            .env("CARGO_TARGET_DIR", self.target.join("guests"));
        command
    }

    /// Every file of the tree that is or would be committed, relative to the root.
    pub(crate) fn files(&self) -> Result<Vec<PathBuf>> {
        let mut git = Command::new("git");
        git.current_dir(&self.root).args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]);
        let listed = read_output(&mut git)
            .context("git lists the files of the tree: install git and use a clone")?;
        let mut files: Vec<PathBuf> = listed
            .split('\0')
            .filter(|name| !name.is_empty())
            .map(PathBuf::from)
            .collect();
        files.retain(|file| self.root.join(file).is_file());
        files.sort();
        files.dedup();
        Ok(files)
    }

    /// Folders of the workspaces under `guests/`.
    pub(crate) fn guest_workspaces(&self) -> Result<Vec<PathBuf>> {
        let mut nested = self.nested_workspaces()?;
        nested.retain(|dir| dir.starts_with(self.root.join("guests")));
        Ok(nested)
    }

    /// Folders below the root whose manifest has a `[workspace]` of its own: guests, benchmarks, generators.
    pub(crate) fn nested_workspaces(&self) -> Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for file in self.files()? {
            if !file.ends_with("Cargo.toml") || file == Path::new("Cargo.toml") {
                continue;
            }
            let path = self.root.join(&file);
            let manifest: toml::Table = read(&path)?
                .parse()
                .with_context(|| format!("{} is no TOML", file.display()))?;
            if manifest.contains_key("workspace") {
                found.extend(path.parent().map(Path::to_path_buf));
            }
        }
        Ok(found)
    }
}

/// Reads a text file, naming it when that fails.
pub(crate) fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Runs a command with its output shown; a failure names the command.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs a command and returns what it wrote to its standard output.
pub(crate) fn read_output(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{} ended with {}: {}",
            shown(command),
            output.status,
            said.trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    let mut words = vec![program.to_string_lossy().into_owned()];
    words.extend(
        command
            .get_args()
            .map(|word| word.to_string_lossy().into_owned()),
    );
    format!("`{}`", words.join(" "))
}
