//! `wardian`: runs untrusted WebAssembly from a shell. The only crate that prints or picks an exit code.
//!
//! This file is the table of contents: the command line is read, one command runs, and what came of it becomes text and
//! an exit code in [`exit`].

mod answer;
mod arguments;
mod batch;
mod commands;
mod compiling;
mod component_values;
mod core_values;
mod counted;
mod exit;
mod guest;
mod input;
mod interrupt;
mod json;
mod kept;
mod limits;
mod modules;
mod output;
mod paths;
mod progress;
mod screen;
mod settings;
mod show;
mod table;

use std::process::ExitCode;

use clap::Parser as _;

use crate::interrupt::Interrupt;
use crate::settings::{Command, Line};

fn main() -> ExitCode {
    let line = match Line::try_parse() {
        Ok(line) => line,
        Err(error) => return exit::usage(&error),
    };
    if let Command::CompileWorker = line.command {
        return wardian_sandbox::compile_worker();
    }
    screen::keep_clear_of_panics();
    let interrupt = Interrupt::install();
    let ended = line
        .settings
        .start_log()
        .and_then(|()| run(&line, &interrupt));
    exit::end(ended, &interrupt, line.command.wants_json())
}

fn run(line: &Line, interrupt: &Interrupt) -> anyhow::Result<()> {
    let settings = &line.settings;
    match &line.command {
        Command::Image(args) => commands::image::run(args, settings, interrupt),
        Command::Pdf(args) => commands::pdf::run(args, settings, interrupt),
        Command::Sheet(args) => commands::sheet::run(args, settings, interrupt),
        Command::Call(args) => commands::call::run(args, settings, interrupt),
        Command::Guard(args) => commands::guard::run(args, settings, interrupt),
        Command::Machine(args) => commands::machine::run(args, settings, interrupt),
        Command::Policy(args) => commands::policy::run(args, settings, interrupt),
        Command::Module(args) => commands::module::run(args, settings, interrupt),
        Command::Cache(args) => commands::cache::run(args, settings, interrupt),
        Command::Demo(args) => commands::demo::run(args, settings, interrupt),
        Command::Doctor(args) => commands::doctor::run(args, settings, interrupt),
        Command::Completions(args) => commands::completions::run(args),
        Command::Man(args) => commands::man::run(args, settings, interrupt),
        // Answered in `main`, before anything is set up that a compiler does not need.
        Command::CompileWorker => Ok(()),
    }
}
