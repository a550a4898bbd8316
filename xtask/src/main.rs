//! `cargo xtask`: everything a contributor or a machine does to this repository besides building it.
//!
//! One command a file. A command gets the [`Workspace`] and returns an error or nothing; only this file prints the
//! error and picks the exit code.

mod bench;
mod fuzz;
mod guests;
mod mutants;
mod package;
mod policies;
mod prebuilt;
mod setup;
mod steps;
mod tally;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::workspace::Workspace;

const HELP: &str = "\
cargo xtask <command>

  test      everything that must hold, from formatting to the packaged crate; installs what it needs
  tidy      layers, licences, sizes, words: the rules that a compiler does not know
  guests    build every Rust guest under guests/ from source
  prebuild  put the embedded guests and their digests into the crates' prebuilt folders, as the packages carry them
  package   package the published crates and use them from an outside crate, offline
  fuzz      [TARGET] [--seconds N]: look for inputs that break a promise; TARGET --input FILE runs one again
  policies  [--cases N]: ask every checker the same generated questions, a million unless told
  mutants   [--shard K/N]: change the built-in rules in every way; each change must make a test fail
  bench     [ROW]…: measure against the peers and write docs/reference/performance.md (wants an idle machine)
  help      this text";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Result<()> {
    match words {
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(())
        }
        ["test"] => test::run(&Workspace::find()?),
        ["tidy"] => tidy::run(&Workspace::find()?),
        ["guests"] => guests::build(&Workspace::find()?),
        ["prebuild"] => prebuilt::fill_tree(&Workspace::find()?),
        ["package"] => package::run(&Workspace::find()?),
        ["fuzz", words @ ..] => fuzz::run(&Workspace::find()?, words),
        ["policies", words @ ..] => policies::run(&Workspace::find()?, words),
        ["mutants", words @ ..] => mutants::run(&Workspace::find()?, words),
        ["bench", only @ ..] => bench::run(&Workspace::find()?, only),
        _ => bail!("`{}` is no command of xtask\n\n{HELP}", words.join(" ")),
    }
}
