//! `wardian module`: what modules there are, what is in them, what they did, whether they do what they should.

pub(crate) mod inspect;
mod list;
mod stats;
mod test;

use clap::{Args, Subcommand};

use crate::interrupt::Interrupt;
use crate::settings::Settings;

/// List, inspect, test and count modules.
#[derive(Debug, Args)]
pub(crate) struct ModuleArgs {
    #[command(subcommand)]
    command: ModuleCommand,
}

#[derive(Debug, Subcommand)]
enum ModuleCommand {
    /// Show embedded and cached modules
    List(list::ListArgs),
    /// Show what a module did: loads, calls, fuel, errors by type, last use
    Stats(stats::StatsArgs),
    /// Show what is in a module: exports, imports, memories, producers, contracts
    Inspect(inspect::InspectArgs),
    /// Call a function several times and check that it always does the same
    Test(test::TestArgs),
}

impl ModuleArgs {
    /// Whether errors are wanted as JSON too.
    pub(crate) fn wants_json(&self) -> bool {
        match &self.command {
            ModuleCommand::List(args) => args.json,
            ModuleCommand::Stats(args) => args.json,
            ModuleCommand::Inspect(args) => args.json,
            ModuleCommand::Test(args) => args.json,
        }
    }
}

pub(crate) fn run(
    args: &ModuleArgs,
    settings: &Settings,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    match &args.command {
        ModuleCommand::List(args) => list::run(args, settings),
        ModuleCommand::Stats(args) => stats::run(args, settings),
        ModuleCommand::Inspect(args) => inspect::run(args, settings),
        ModuleCommand::Test(args) => test::run(args, settings, interrupt),
    }
}
