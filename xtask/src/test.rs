//! `cargo xtask test`: everything that must hold, cheap steps first, ending at the first that fails.

use std::process::Command;

use anyhow::{Context as _, Result};
use cargo_metadata::{MetadataCommand, TargetKind};

use crate::setup::{self, answers};
use crate::steps::Steps;
use crate::workspace::{Workspace, run as run_command};
use crate::{fuzz, guests, package, tidy};

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut steps = Steps::new();
    let result = all(workspace, &mut steps);
    steps.close(result.as_ref().err());
    result
}

fn all(workspace: &Workspace, steps: &mut Steps) -> Result<()> {
    steps.step("set-up: targets, components, Python", |_| {
        setup::run_all(workspace)
    })?;
    steps.step("format", |_| {
        run_command(&mut workspace.cargo("fmt --all --check"))?;
        for dir in workspace.nested_workspaces()? {
            run_command(workspace.cargo("fmt --all --check").current_dir(dir))?;
        }
        Ok(())
    })?;
    steps.step("tidy: layers, licences, sizes, words", |_| {
        tidy::run(workspace)
    })?;
    steps.step("clippy, warnings denied", |_| {
        run_command(&mut host(
            workspace,
            "clippy --workspace --all-targets -- -D warnings",
        ))?;
        guests::clippy(workspace)?;
        fuzz::clippy(workspace)
    })?;
    steps.step("guests, from source", |_| guests::build(workspace))?;
    steps.step("the guests' own tests, native", |steps| {
        guests::tests(workspace, steps)
    })?;
    steps.step("tests", |steps| steps.tests(&mut tests(workspace)))?;
    steps.step("doctests", |steps| {
        steps.tests(&mut host(
            workspace,
            "test --workspace --doc --no-fail-fast",
        ))
    })?;
    steps.step("fuzz targets, a few seconds each", |steps| {
        fuzz::quick(workspace, steps)
    })?;
    steps.step("docs, warnings denied", |_| {
        let mut doc = host(workspace, "doc --workspace --no-deps");
        run_command(doc.env("RUSTDOCFLAGS", "-D warnings"))
    })?;
    steps.step("examples", |_| examples(workspace))?;
    steps.step("the packaged crates, from outside and offline", |_| {
        package::run(workspace)
    })
}

/// A cargo command on the host workspace.
fn host(workspace: &Workspace, line: &str) -> Command {
    let mut command = workspace.cargo(line);
    if std::env::var_os("CI").is_some() {
        // Nobody edits in between: incremental state would only fill the disk.
        command.env("CARGO_INCREMENTAL", "0");
    }
    command
}

fn tests(workspace: &Workspace) -> Command {
    if answers("cargo", &["nextest", "--version"]) {
        return host(workspace, "nextest run --workspace --no-fail-fast");
    }
    host(
        workspace,
        "test --workspace --lib --bins --tests --no-fail-fast",
    )
}

/// Runs every example program: it must end well, its output is its own affair.
fn examples(workspace: &Workspace) -> Result<()> {
    let metadata = MetadataCommand::new()
        .current_dir(&workspace.root)
        .no_deps()
        .exec()
        .context("cargo metadata failed")?;
    for package in metadata.workspace_packages() {
        let lies_in_examples = package
            .manifest_path
            .as_std_path()
            .starts_with(workspace.root.join("examples"));
        for target in &package.targets {
            let program = lies_in_examples && target.kind.contains(&TargetKind::Bin);
            let example = target.kind.contains(&TargetKind::Example);
            if program || example {
                let which = if program { "--bin" } else { "--example" };
                let name = &package.name;
                run_example(
                    workspace,
                    &format!("run --package {name} {which} {}", target.name),
                )?;
            }
        }
    }
    Ok(())
}

/// An example runs in a folder of its own, so that what it writes stays out of the tree.
fn run_example(workspace: &Workspace, line: &str) -> Result<()> {
    let folder = workspace.target.join("xtask").join("examples");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    println!("example: cargo {line}");
    let mut command = host(workspace, line);
    let manifest = workspace.root.join("Cargo.toml");
    run_command(
        command
            .current_dir(folder)
            .arg("--manifest-path")
            .arg(manifest),
    )
}
