//! Proves the packaged crates: packs them, then uses them from a crate outside of this workspace, without a network.
//!
//! The tree is copied first, so that the copy can carry the finished guest and the checkout stays as it was. The
//! outside crate compiles against what the archives hold and nothing else: a file that is missing from one of them, or
//! a path that only works in the checkout, fails here.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use cargo_metadata::MetadataCommand;

use crate::prebuilt;
use crate::workspace::{Workspace, read, run as run_command, shown};

/// The program of the outside crate.
const PROGRAM: &str = include_str!("package/outside.rs");
/// A picture of ours, which the outside program resizes in the box.
const PICTURES: &str = "examples/data";

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let stage = workspace.target.join("xtask").join("stage");
    copy_tree(workspace, &stage)?;
    prebuilt::fill(workspace, &stage)?;
    let crates = published(&stage)?;
    let archives = pack(workspace, &stage, &crates)?;
    let outside = workspace.target.join("xtask").join("outside");
    fresh(&outside)?;
    let sources = unpack(&archives, &outside.join("packages"))?;
    write_outside(workspace, &outside, &sources)?;
    use_outside(workspace, &outside)
}

/// Copies what is or would be committed, and nothing that a build left behind.
fn copy_tree(workspace: &Workspace, stage: &Path) -> Result<()> {
    fresh(stage)?;
    for file in workspace.files()? {
        let to = stage.join(&file);
        if let Some(folder) = to.parent() {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
        }
        std::fs::copy(workspace.root.join(&file), &to)
            .with_context(|| format!("cannot copy {}", file.display()))?;
    }
    Ok(())
}

/// An empty folder: what an earlier run left would hide what this one forgot.
fn fresh(folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)
            .with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}

/// A crate that may be published: its name and version.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Published {
    name: String,
    version: String,
}

impl Published {
    fn folder(&self) -> String {
        format!("{}-{}", self.name, self.version)
    }
}

fn published(stage: &Path) -> Result<Vec<Published>> {
    let metadata = MetadataCommand::new()
        .current_dir(stage)
        .no_deps()
        .exec()
        .context("cargo metadata failed")?;
    let mut crates = Vec::new();
    for package in metadata.workspace_packages() {
        // `publish = false` is an empty list of registries.
        if package
            .publish
            .as_ref()
            .is_none_or(|registries| !registries.is_empty())
        {
            crates.push(Published {
                name: package.name.to_string(),
                version: package.version.to_string(),
            });
        }
    }
    Ok(crates)
}

/// Packs them all at once, since none of them is in a registry that the others could be resolved from.
fn pack(
    workspace: &Workspace,
    stage: &Path,
    crates: &[Published],
) -> Result<Vec<(Published, PathBuf)>> {
    let target = workspace.target.join("xtask").join("packed");
    let mut command = workspace.cargo("package --no-verify --allow-dirty --offline --quiet");
    command
        .current_dir(stage)
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_NET_OFFLINE", "true");
    for one in crates {
        command.args(["--package", &one.name]);
    }
    run_command(&mut command)?;
    let archives = crates.iter().map(|one| {
        let archive = target
            .join("package")
            .join(format!("{}.crate", one.folder()));
        if !archive.is_file() {
            bail!("{} left no {}", shown(&command), archive.display());
        }
        Ok((one.clone(), archive))
    });
    archives.collect()
}

fn unpack(archives: &[(Published, PathBuf)], into: &Path) -> Result<Vec<(Published, PathBuf)>> {
    fresh(into)?;
    let mut sources = Vec::new();
    for (one, archive) in archives {
        run_command(
            Command::new("tar")
                // Archives carry one date for all files, by which an earlier build would pass for this one's.
                .arg("--touch")
                .arg("-xzf")
                .arg(archive)
                .arg("-C")
                .arg(into),
        )?;
        sources.push((one.clone(), into.join(one.folder())));
    }
    Ok(sources)
}

/// Writes a crate that depends on the façade by name, with the unpacked archives in the registry's place.
fn write_outside(
    workspace: &Workspace,
    outside: &Path,
    sources: &[(Published, PathBuf)],
) -> Result<()> {
    let manifest = outside_manifest(&read(&workspace.root.join("Cargo.toml"))?, sources)?;
    write(&outside.join("Cargo.toml"), manifest.as_bytes())?;
    // The same versions as in the checkout: nothing newer needs to be looked up.
    write(
        &outside.join("Cargo.lock"),
        read(&workspace.root.join("Cargo.lock"))?.as_bytes(),
    )?;
    std::fs::create_dir_all(outside.join("src")).context("cannot make the outside crate")?;
    write(&outside.join("src/main.rs"), PROGRAM.as_bytes())
}

fn outside_manifest(root_manifest: &str, sources: &[(Published, PathBuf)]) -> Result<String> {
    let root: toml::Table = root_manifest.parse().context("Cargo.toml is no TOML")?;
    let mut manifest = String::from(
        "[package]\nname = \"outside\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n[workspace]\nresolver = \"3\"\nmembers = [\"packages/*\"]\n\n",
    );
    let facade = sources
        .iter()
        .find(|(one, _)| one.name == "wardian")
        .context("the façade is not among the packages")?;
    manifest.push_str(&format!(
        "[dependencies]\nwardian = {{ version = \"={}\", features = [\"image\", \"policy\"] }}\n\n",
        facade.0.version
    ));
    manifest.push_str("[patch.crates-io]\n");
    for (one, path) in sources {
        let path = toml::Value::String(path.display().to_string());
        manifest.push_str(&format!("{} = {{ path = {path} }}\n", one.name));
    }
    // The same profiles as in the checkout, so that cargo finds the dependencies compiled.
    if let Some(profiles) = root.get("profile") {
        let mut table = toml::Table::new();
        table.insert("profile".to_owned(), profiles.clone());
        manifest.push('\n');
        manifest.push_str(&table.to_string());
    }
    Ok(manifest)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// Builds what the archives hold, the command too, and runs the outside program on a real picture.
fn use_outside(workspace: &Workspace, outside: &Path) -> Result<()> {
    let mut build = workspace.cargo("build --workspace --offline --quiet");
    build.current_dir(outside).env("CARGO_NET_OFFLINE", "true");
    run_command(&mut build)?;
    let picture = smallest_picture(&workspace.root.join(PICTURES))?;
    let program = workspace.target.join("debug").join("outside");
    run_command(Command::new(program).current_dir(outside).arg(picture))
}

fn smallest_picture(folder: &Path) -> Result<PathBuf> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut pictures: Vec<(u64, PathBuf)> = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "jpg" || extension == "jpeg")
        {
            pictures.push((path.metadata()?.len(), path));
        }
    }
    pictures.sort();
    pictures
        .into_iter()
        .next()
        .map(|(_, path)| path)
        .with_context(|| format!("no JPEG in {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facade() -> (Published, PathBuf) {
        (
            Published {
                name: "wardian".to_owned(),
                version: "0.1.0".to_owned(),
            },
            PathBuf::from("/o/packages/wardian-0.1.0"),
        )
    }

    #[test]
    fn the_outside_crate_asks_for_the_packaged_version_and_keeps_the_profiles() {
        let manifest = outside_manifest("[profile.dev]\nopt-level = 1\n", &[facade()]).unwrap();
        let table: toml::Table = manifest.parse().unwrap();
        assert_eq!(
            table["dependencies"]["wardian"]["version"].as_str(),
            Some("=0.1.0")
        );
        assert_eq!(
            table["patch"]["crates-io"]["wardian"]["path"].as_str(),
            Some("/o/packages/wardian-0.1.0")
        );
        assert_eq!(table["profile"]["dev"]["opt-level"].as_integer(), Some(1));
    }

    #[test]
    fn without_the_facade_there_is_nothing_to_prove() {
        assert!(outside_manifest("", &[]).is_err());
    }

    #[test]
    fn the_smallest_jpeg_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("b.jpg"), [0; 9]).unwrap();
        std::fs::write(folder.path().join("a.jpg"), [0; 10]).unwrap();
        std::fs::write(folder.path().join("c.png"), [0; 1]).unwrap();
        assert_eq!(
            smallest_picture(folder.path()).unwrap(),
            folder.path().join("b.jpg")
        );
    }
}
