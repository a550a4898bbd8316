//! `cargo xtask mutants`: changes the built-in rules in every way that cargo-mutants knows. Each change must make a test fail.

use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::workspace::{Workspace, run as run_command};

/// What is changed: a decision hangs on every line of it.
const PACKAGE: &str = "wardian-rules";

pub(crate) fn run(workspace: &Workspace, words: &[&str]) -> Result<()> {
    let shard = match words {
        [] => None,
        ["--shard", shard] => Some(*shard),
        _ => bail!("usage: cargo xtask mutants [--shard K/N]"),
    };
    let tools = workspace.target.join("tools").join("mutants");
    let program = tools.join("bin").join("cargo-mutants");
    if !program.is_file() {
        let mut install = workspace.cargo("install cargo-mutants --locked --root");
        run_command(install.arg(&tools))
            .context("cargo-mutants is missing: get online and run this again")?;
    }
    let folder = workspace.target.join("xtask").join("mutants");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    let mut command = Command::new(program);
    command
        .current_dir(&workspace.root)
        .args(["mutants", "--package", PACKAGE, "--output"])
        .arg(&folder)
        // The copies of the tree are built apart from it.
        .env("CARGO_TARGET_DIR", folder.join("target"));
    if let Some(shard) = shard {
        command.args(["--shard", shard]);
    }
    run_command(&mut command)
}
