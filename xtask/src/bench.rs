//! `cargo xtask bench`: runs `benches/peers` and lets it write the tables, with their machine, to the reference.

use anyhow::{Result, bail};

use crate::workspace::{Workspace, run as run_command};

const MANIFEST: &str = "benches/peers/Cargo.toml";
const REPORT: &str = "docs/reference/performance.md";

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    if !workspace.root.join(MANIFEST).is_file() {
        bail!("there is no {MANIFEST}");
    }
    let line = format!(
        "run --release --ignore-rust-version --manifest-path {MANIFEST} -- --write {REPORT}"
    );
    let mut command = workspace.cargo(&line);
    // The peers are a workspace of their own: their builds must not mix with the host's.
    command.env("CARGO_TARGET_DIR", workspace.target.join("peers"));
    run_command(&mut command)
}
