//! Builds every guest under `guests/` from source, and judges the Rust ones as strictly as the host.
//!
//! A Rust guest is a package of a workspace below `guests/`. It says where it runs with
//! `[package.metadata.wardian] target = "…"`; without, it is `wasm32-unknown-unknown`. A folder with a `go.mod` is a
//! Go guest, built for `wasip1` as a reactor. `hostile/*.wat` needs no building: tests parse the text.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use cargo_metadata::{MetadataCommand, Package, TargetKind};

use crate::steps::Steps;
use crate::toolbox;
use crate::workspace::{Workspace, run};

const DEFAULT_TARGET: &str = "wasm32-unknown-unknown";

/// Builds all of them.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    for dir in workspace.guest_workspaces()? {
        for guest in rust_guests(&dir)? {
            println!("guest {} for {}", guest.name, guest.target);
            let arguments = [
                "build",
                "--release",
                "--package",
                &guest.name,
                "--target",
                &guest.target,
            ];
            run(&mut workspace.guest_cargo(&dir, &arguments))?;
        }
    }
    for dir in go_guests(workspace)? {
        build_go(workspace, &dir)?;
    }
    Ok(())
}

/// Clippy for each guest: for the target it is made for, and with its tests where it has a native library.
pub(crate) fn clippy(workspace: &Workspace) -> Result<()> {
    for dir in workspace.guest_workspaces()? {
        for guest in rust_guests(&dir)? {
            let arguments = [
                "clippy",
                "--package",
                &guest.name,
                "--target",
                &guest.target,
                "--",
                "-D",
                "warnings",
            ];
            run(&mut workspace.guest_cargo(&dir, &arguments))?;
            if guest.native {
                let arguments = [
                    "clippy",
                    "--package",
                    &guest.name,
                    "--all-targets",
                    "--",
                    "-D",
                    "warnings",
                ];
                run(&mut workspace.guest_cargo(&dir, &arguments))?;
            }
        }
    }
    Ok(())
}

/// The guests' own tests, which run natively.
pub(crate) fn tests(workspace: &Workspace, steps: &mut Steps) -> Result<()> {
    for dir in workspace.guest_workspaces()? {
        for guest in rust_guests(&dir)?.iter().filter(|guest| guest.native) {
            let arguments = ["test", "--package", &guest.name, "--no-fail-fast"];
            let mut command = workspace.guest_cargo(&dir, &arguments);
            toolbox::on_path(workspace, &mut command)?;
            steps.tests(&mut command)?;
        }
    }
    Ok(())
}

/// A package of a workspace of guests.
struct Guest {
    name: String,
    target: String,
    /// It is an ordinary library too, for tests and baselines.
    native: bool,
}

fn rust_guests(dir: &Path) -> Result<Vec<Guest>> {
    let metadata = MetadataCommand::new().current_dir(dir).no_deps().exec();
    let metadata =
        metadata.with_context(|| format!("cargo metadata failed in {}", dir.display()))?;
    Ok(metadata
        .workspace_packages()
        .into_iter()
        .map(guest)
        .collect())
}

fn guest(package: &Package) -> Guest {
    let said = package
        .metadata
        .get("wardian")
        .and_then(|ours| ours.get("target"))
        .and_then(|target| target.as_str());
    let mut kinds = package.targets.iter().flat_map(|target| &target.kind);
    Guest {
        name: package.name.to_string(),
        target: said.unwrap_or(DEFAULT_TARGET).to_owned(),
        native: kinds.any(|kind| matches!(kind, TargetKind::Lib | TargetKind::RLib)),
    }
}

fn go_guests(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let files = workspace.files()?;
    let modules = files
        .iter()
        .filter(|file| file.starts_with("guests") && file.ends_with("go.mod"));
    Ok(modules
        .filter_map(|file| workspace.root.join(file).parent().map(Path::to_path_buf))
        .collect())
}

fn build_go(workspace: &Workspace, dir: &Path) -> Result<()> {
    let name = dir
        .file_name()
        .context("a Go guest lies in a folder")?
        .to_string_lossy()
        .into_owned();
    let output = workspace
        .target
        .join("guests")
        .join("go")
        .join(format!("{name}.wasm"));
    println!("guest {name} for wasip1, Go");
    let mut command = Command::new("go");
    toolbox::on_path(workspace, &mut command)?;
    command
        .current_dir(dir)
        .envs([("GOOS", "wasip1"), ("GOARCH", "wasm")]);
    command.env("GOCACHE", workspace.target.join("tools").join("go-cache"));
    run(command
        .args(["build", "-buildmode=c-shared", "-o"])
        .arg(&output)
        .arg("."))
}
