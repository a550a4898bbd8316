//! `wardian machine lint`: what can never happen in a machine, and what happens by its order alone.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use wardian_machine::DOCUMENT_BYTES_MAX;
use wardian_machine::lint::{self, Severity};

use crate::exit::Said;
use crate::input;
use crate::output;
use crate::show;

#[derive(Debug, Args)]
#[command(after_help = "\
Exit code 1 if there are findings of the severity that --deny names, or worse.

Examples:
  wardian machine lint order.json
  wardian machine lint order.json --format sarif > order.sarif
  wardian machine lint order.json --deny warning")]
pub(crate) struct LintArgs {
    /// The machine's document, or `-`
    file: PathBuf,
    /// For people, for programs, or for code scanning
    #[arg(
        long,
        value_enum,
        hide_possible_values = true,
        value_name = "text|json|sarif",
        default_value = "text"
    )]
    format: Format,
    /// What makes the exit code 1
    #[arg(
        long,
        value_enum,
        hide_possible_values = true,
        value_name = "error|warning|note",
        default_value = "error"
    )]
    deny: Deny,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Sarif,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Deny {
    Error,
    Warning,
    Note,
}

impl LintArgs {
    pub(crate) fn wants_json(&self) -> bool {
        self.format != Format::Text
    }
}

pub(crate) fn run(args: &LintArgs) -> anyhow::Result<()> {
    let document = input::read(&args.file, DOCUMENT_BYTES_MAX as u64)?;
    let report = lint::report(&document);
    match args.format {
        Format::Text => output::print(&report.to_text())?,
        Format::Json => output::print_json(&report.to_json())?,
        Format::Sarif => output::print_json(&report.to_sarif(&show::path(&args.file)))?,
    }
    let is_denied = report.worst().is_some_and(|worst| match args.deny {
        Deny::Error => worst == Severity::Error,
        Deny::Warning => worst != Severity::Note,
        Deny::Note => true,
    });
    match is_denied {
        true => Err(Said.into()),
        false => Ok(()),
    }
}
