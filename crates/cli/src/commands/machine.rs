//! `wardian machine`: state machines as documents, looked at and played.

mod diff;
mod lint;
mod render;
mod simulate;

use std::path::Path;

use clap::{Args, Subcommand, ValueEnum};
use wardian_machine::{DOCUMENT_BYTES_MAX, Machine};

use crate::input;
use crate::interrupt::Interrupt;
use crate::settings::Settings;
use crate::show::quoted_path;

/// Look at state machines, and play them.
#[derive(Debug, Args)]
pub(crate) struct MachineArgs {
    #[command(subcommand)]
    command: MachineCommand,
}

#[derive(Debug, Subcommand)]
enum MachineCommand {
    /// Find what can never happen, and what happens by its order alone
    Lint(lint::LintArgs),
    /// Play events, with guards from real modules or stubbed
    Simulate(simulate::SimulateArgs),
    /// Draw it, as SVG, Mermaid or DOT
    Render(render::RenderArgs),
    /// Tell what differs between two versions
    Diff(diff::DiffArgs),
}

/// For people or for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

impl MachineArgs {
    /// Whether errors are wanted as JSON too.
    pub(crate) fn wants_json(&self) -> bool {
        match &self.command {
            MachineCommand::Lint(args) => args.wants_json(),
            MachineCommand::Simulate(args) => args.wants_json(),
            MachineCommand::Render(_) => false,
            MachineCommand::Diff(args) => args.wants_json(),
        }
    }
}

pub(crate) fn run(
    args: &MachineArgs,
    settings: &Settings,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    match &args.command {
        MachineCommand::Lint(args) => lint::run(args),
        MachineCommand::Simulate(args) => simulate::run(args, settings, interrupt),
        MachineCommand::Render(args) => render::run(args, interrupt),
        MachineCommand::Diff(args) => diff::run(args),
    }
}

/// Reads a machine's document, of either form.
fn read(file: &Path) -> anyhow::Result<Machine> {
    let document = input::read(file, DOCUMENT_BYTES_MAX as u64)?;
    Machine::read(&document).map_err(|problems| {
        let what = format!("{} is no machine", quoted_path(file));
        anyhow::Error::new(problems).context(what)
    })
}
