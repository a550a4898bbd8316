//! `wardian machine diff`: what differs between two versions of a machine, and what of it breaks states that were kept.

use std::path::PathBuf;

use clap::Args;
use wardian_machine::diff::diff;

use super::Format;
use crate::exit::Said;
use crate::output;

#[derive(Debug, Args)]
#[command(after_help = "\
Exit code 1 if they differ; with --kept, only if kept states break.

Examples:
  wardian machine diff old.json new.json
  wardian machine diff old.json new.json --kept --format json")]
pub(crate) struct DiffArgs {
    /// The machine as it was
    old: PathBuf,
    /// The machine as it is to be
    new: PathBuf,
    /// For people or for programs
    #[arg(
        long,
        value_enum,
        hide_possible_values = true,
        value_name = "text|json",
        default_value = "text"
    )]
    format: Format,
    /// Let only what breaks kept states make the exit code 1
    #[arg(long)]
    kept: bool,
}

impl DiffArgs {
    pub(crate) fn wants_json(&self) -> bool {
        self.format == Format::Json
    }
}

pub(crate) fn run(args: &DiffArgs) -> anyhow::Result<()> {
    let (old, new) = (super::read(&args.old)?, super::read(&args.new)?);
    let diff = diff(&old, &new);
    match args.format {
        Format::Text => output::print(&diff.to_text())?,
        Format::Json => output::print_json(&diff.to_json())?,
    }
    let counts = match args.kept {
        true => diff.breaks_kept(),
        false => !diff.changes.is_empty(),
    };
    match counts {
        true => Err(Said.into()),
        false => Ok(()),
    }
}
