//! `cargo xtask bench`: runs `benches/peers` and lets it write the tables, with their machine, to the reference.

use anyhow::{Result, bail};

use crate::workspace::{Workspace, run as run_command};

const MANIFEST: &str = "benches/peers/Cargo.toml";
const REPORT: &str = "docs/reference/performance.md";

/// `only` are rows, which are measured anew while the others stay; none is all of them.
pub(crate) fn run(workspace: &Workspace, only: &[&str]) -> Result<()> {
    if !workspace.root.join(MANIFEST).is_file() {
        bail!("there is no {MANIFEST}");
    }
    let only: String = only.iter().map(|row| format!(" --only {row}")).collect();
    let line = format!(
        "run --release --ignore-rust-version --manifest-path {MANIFEST} -- --write {REPORT}{only}"
    );
    let mut command = workspace.cargo(&line);
    // The peers are a workspace of their own: their builds must not mix with the host's.
    command.env("CARGO_TARGET_DIR", workspace.target.join("peers"));
    run_command(&mut command)
}
