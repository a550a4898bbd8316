//! Builds every guest under `guests/` from source, and judges the Rust ones as strictly as the host.
//!
//! A Rust guest is a package of a workspace below `guests/`. It says where it runs with
//! `[package.metadata.wardian] target = "…"`; without, it is `wasm32-unknown-unknown`. The tests that use
//! guests in other languages, and `hostile/*.wat`, build those themselves.

use std::path::Path;

use anyhow::{Context as _, Result};
use cargo_metadata::{MetadataCommand, Package, TargetKind};

use crate::steps::Steps;
use crate::workspace::{Workspace, run};

const DEFAULT_TARGET: &str = "wasm32-unknown-unknown";

/// Builds all of them.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    for dir in workspace.guest_workspaces()? {
        for Guest { name, target, .. } in rust_guests(&dir)? {
            println!("guest {name} for {target}");
            let line = format!("build --release --package {name} --target {target}");
            run(&mut workspace.guest_cargo(&dir, &line))?;
        }
    }
    Ok(())
}

/// Clippy for each guest: for the target it is made for, and with its tests where it has a native library.
pub(crate) fn clippy(workspace: &Workspace) -> Result<()> {
    for dir in workspace.guest_workspaces()? {
        for Guest {
            name,
            target,
            native,
        } in rust_guests(&dir)?
        {
            let line = format!("clippy --package {name} --target {target} -- -D warnings");
            run(&mut workspace.guest_cargo(&dir, &line))?;
            if native {
                let line = format!("clippy --package {name} --all-targets -- -D warnings");
                run(&mut workspace.guest_cargo(&dir, &line))?;
            }
        }
    }
    Ok(())
}

/// The guests' own tests, which run natively.
pub(crate) fn tests(workspace: &Workspace, steps: &mut Steps) -> Result<()> {
    for dir in workspace.guest_workspaces()? {
        for Guest { name, .. } in rust_guests(&dir)?.iter().filter(|guest| guest.native) {
            let line = format!("test --package {name} --no-fail-fast");
            steps.tests(&mut workspace.guest_cargo(&dir, &line))?;
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
