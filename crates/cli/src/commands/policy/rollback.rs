//! `wardian policy rollback`: an earlier pin again, after it was verified and tried.

use std::path::PathBuf;

use clap::Args;
use wardian_policy::artifact::{Digest, Policies, PolicyName, To};

use super::{Place, demand, pin};
use crate::interrupt::Interrupt;
use crate::output;
use crate::settings::Settings;

/// Go back to what was pinned before.
#[derive(Debug, Args)]
#[command(after_help = "\
What was newer is forgotten by the lock file: rolling back twice goes back two. Its bytes stay
in the store. With `--fixtures` it is asked first, and stays as it is if it answers otherwise;
each has one second, where a host gives a check 5 ms.

Examples:
  wardian policy rollback shop
  wardian policy rollback shop --steps 2 --fixtures tests/shop
  wardian policy rollback shop --to \"$(jq -r .digest < good.json)\"")]
pub(super) struct RollbackArgs {
    /// The policy's name
    name: PolicyName,
    /// So many pins back
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "to",
        value_parser = clap::value_parser!(u32).range(1..=100))]
    steps: u32,
    /// To the newest earlier pin of this digest
    #[arg(long, value_name = "DIGEST")]
    to: Option<Digest>,
    #[command(flatten)]
    place: Place,
    /// Questions that it has to answer as they say
    #[arg(long, value_name = "DIR")]
    fixtures: Option<PathBuf>,
}

pub(super) fn run(
    args: &RollbackArgs,
    settings: &Settings,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let trust = args.place.trusted.read()?;
    let policies = Policies::open(&args.place.lock, &args.place.store)?;
    let mut to = match args.to {
        Some(digest) => To::Digest(digest),
        None => To::Steps(usize::try_from(args.steps).unwrap_or(usize::MAX)),
    };
    if let Some(folder) = &args.fixtures {
        let candidate = policies.candidate(&args.name, &to, demand(&trust))?;
        pin::try_first(&candidate, folder, settings, interrupt)?;
        // What was tried, and nothing else: steps could count from somewhere else by now.
        to = To::Digest(*candidate.digest());
    }
    let (change, _) = policies.rollback(&args.name, &to, demand(&trust))?;
    output::print(&pin::told(&args.name, &change))
}
