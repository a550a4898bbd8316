//! `wardian machine`: state machines as documents, looked at and played.

mod simulate;

use clap::{Args, Subcommand};

use crate::interrupt::Interrupt;
use crate::settings::Settings;

/// Look at state machines, and play them.
#[derive(Debug, Args)]
pub(crate) struct MachineArgs {
    #[command(subcommand)]
    command: MachineCommand,
}

#[derive(Debug, Subcommand)]
enum MachineCommand {
    /// Play events, with guards from real modules or stubbed
    Simulate(simulate::SimulateArgs),
}

impl MachineArgs {
    /// Whether errors are wanted as JSON too.
    pub(crate) fn wants_json(&self) -> bool {
        match &self.command {
            MachineCommand::Simulate(args) => args.wants_json(),
        }
    }
}

pub(crate) fn run(
    args: &MachineArgs,
    settings: &Settings,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    match &args.command {
        MachineCommand::Simulate(args) => simulate::run(args, settings, interrupt),
    }
}
