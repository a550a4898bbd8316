//! The command line: commands, and the settings that all of them share.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use tracing_subscriber::EnvFilter;
use wardian_sandbox::{Baseline, Compiler, EngineSettings, OptLevel, Strategy};

use crate::commands;
use crate::exit::Usage;
use crate::limits::{parse_bytes, parse_duration};
use crate::screen::Above;

/// Runs untrusted WebAssembly: every call in fresh memory, within limits, with a bill.
#[derive(Debug, Parser)]
#[command(
    name = "wardian",
    version,
    propagate_version = true,
    disable_help_subcommand = true,
    after_help = "\
Examples:
  wardian demo
  wardian image resize photo.jpg --width 800 -o small.jpg
  wardian sheet parse orders.xlsx --header -o orders.json
  wardian call adder.wat add 2 40
  wardian call filter.wasm apply --arg text=@letter.txt --limit memory=16MiB,deadline=2s
  wardian module inspect filter.wasm
  wardian doctor

Exit codes: 0 well, 1 host, 2 usage, 10 guest, 11 limit, 12 contract, 13 busy, 14 no module,
15 the guest's own error, 130 interrupted; docs/reference/exit-codes.md says more."
)]
pub(crate) struct Line {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) settings: Settings,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Resize, crop, convert and look at pictures
    Image(commands::image::ImageArgs),
    /// Make PDFs of HTML and CSS, merge PDFs, look into them
    Pdf(commands::pdf::PdfArgs),
    /// List the sheets of workbooks, and read their cells
    Sheet(commands::sheet::SheetArgs),
    /// Call a function of a module
    Call(commands::call::CallArgs),
    /// Evaluate guards of state machines
    Guard(commands::guard::GuardArgs),
    /// Look at state machines, and play them
    Machine(commands::machine::MachineArgs),
    /// Make, ask, test, sign and pin policies
    Policy(commands::policy::PolicyArgs),
    /// List, inspect, test and count modules
    Module(commands::module::ModuleArgs),
    /// List, fill or clear what is kept on disk
    Cache(commands::cache::CacheArgs),
    /// Work on real pictures, a few hostile guests, and what each call cost
    Demo(commands::demo::DemoArgs),
    /// Say what is installed, what the machine supports, and what is slow and why
    Doctor(commands::doctor::DoctorArgs),
    /// Print what a shell needs to complete this command's words
    Completions(commands::completions::CompletionsArgs),
    /// Print the manual page, or write all of them
    Man(commands::man::ManArgs),
    /// Compile one module for the process that started this one
    #[command(hide = true)]
    CompileWorker,
}

impl Command {
    /// Whether errors are wanted as JSON too.
    pub(crate) fn wants_json(&self) -> bool {
        match self {
            Command::Image(args) => args.wants_json(),
            Command::Pdf(args) => args.wants_json(),
            Command::Sheet(args) => args.wants_json(),
            Command::Call(args) => args.json,
            Command::Guard(args) => args.wants_json(),
            Command::Machine(args) => args.wants_json(),
            Command::Policy(args) => args.wants_json(),
            Command::Module(args) => args.wants_json(),
            Command::Cache(args) => args.wants_json(),
            Command::Demo(args) => args.json,
            Command::Doctor(args) => args.json,
            Command::Completions(_) | Command::Man(_) | Command::CompileWorker => false,
        }
    }
}

/// What every command understands.
#[derive(Debug, Args)]
#[command(next_help_heading = "Settings")]
pub(crate) struct Settings {
    /// Keep compiled modules and counters here instead of the user's cache directory
    #[arg(long, global = true, value_name = "DIR", conflicts_with = "no_cache")]
    pub(crate) cache_dir: Option<PathBuf>,
    /// Neither read nor keep compiled modules and counters
    #[arg(long, global = true)]
    pub(crate) no_cache: bool,
    /// Use modules that `cache warm --into` compiled ahead here, before compiling any
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) ahead_dir: Option<PathBuf>,
    /// Take this machine's processor for no more than a baseline; see docs/guides/ahead.md
    #[arg(long, global = true, value_name = "NAME", value_parser = str::parse::<Baseline>, hide = true)]
    pub(crate) cpu_max: Option<Baseline>,
    /// Where modules are compiled: in a process that can be killed, or in this one
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "helper",
        hide_possible_values = true,
        value_name = "helper|in-process"
    )]
    pub(crate) compiler: CompilerChoice,
    /// Code generator: fast code, or fast compiling
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "cranelift",
        hide_possible_values = true,
        value_name = "cranelift|winch"
    )]
    pub(crate) strategy: StrategyChoice,
    /// How hard Cranelift tries
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "speed",
        hide_possible_values = true,
        value_name = "none|speed|speed-and-size"
    )]
    pub(crate) opt: OptChoice,
    /// Instances at once
    #[arg(long, global = true, default_value_t = 64, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) pool: u32,
    /// Stack for guest code
    #[arg(long, global = true, default_value = "512KiB", value_name = "BYTES", value_parser = parse_bytes)]
    pub(crate) stack: u64,
    /// Time that compiling one module may take
    #[arg(long, global = true, default_value = "2m", value_name = "TIME", value_parser = parse_duration)]
    pub(crate) compile_time: Duration,
    /// Log to standard error, such as `info` or `wardian_sandbox=debug`; RUST_LOG where it is not given
    #[arg(long, global = true, value_name = "FILTER")]
    pub(crate) log: Option<String>,
    /// Say nothing beside the result
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CompilerChoice {
    Helper,
    InProcess,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum StrategyChoice {
    Cranelift,
    Winch,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum OptChoice {
    None,
    Speed,
    SpeedAndSize,
}

impl Settings {
    /// How code is made.
    pub(crate) fn engine(&self) -> EngineSettings {
        EngineSettings {
            strategy: match self.strategy {
                StrategyChoice::Cranelift => Strategy::Cranelift,
                StrategyChoice::Winch => Strategy::Winch,
            },
            opt: match self.opt {
                OptChoice::None => OptLevel::None,
                OptChoice::Speed => OptLevel::Speed,
                OptChoice::SpeedAndSize => OptLevel::SpeedAndSize,
            },
            stack_bytes_max: usize::try_from(self.stack).unwrap_or(usize::MAX),
            cpu_max: self.cpu_max,
            ..EngineSettings::default()
        }
    }

    /// Where it is made.
    pub(crate) fn compiler(&self) -> anyhow::Result<Compiler> {
        Ok(match self.compiler {
            CompilerChoice::InProcess => Compiler::InProcess,
            CompilerChoice::Helper => Compiler::Helper {
                path: std::env::current_exe().map_err(|source| {
                    anyhow::Error::new(source).context(
                        "cannot find this program, which is to compile in a process of its own",
                    )
                })?,
                args: vec!["compile-worker".into()],
            },
        })
    }

    /// Sends the log to standard error; warnings alone unless asked for more.
    pub(crate) fn start_log(&self) -> anyhow::Result<()> {
        let from_environment = std::env::var("RUST_LOG").ok();
        let asked = self.log.as_deref().or(from_environment.as_deref());
        let filter = match asked {
            None => EnvFilter::new(if self.quiet { "error" } else { "warn" }),
            Some(text) => EnvFilter::try_new(text).map_err(|error| {
                let text = crate::show::quoted(text);
                Usage::new(format!("{text} is no log filter: {error}"))
                    .hint("write a level such as `info`, or `crate=level` separated by commas")
            })?,
        };
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(Above::default)
            .with_ansi(std::io::stderr().is_terminal())
            .without_time()
            .init();
        Ok(())
    }
}

/// The command line as people are shown it: without what this program says to itself. Generators list hidden commands
/// too, and none can be taken out of a command line, so it is put together anew.
pub(crate) fn for_people() -> clap::Command {
    let all = Line::command();
    let shown = all.get_subcommands().filter(|inner| !inner.is_hide_set());
    let command = clap::Command::new("wardian")
        .version(env!("CARGO_PKG_VERSION"))
        .propagate_version(true)
        .disable_help_subcommand(true)
        .subcommand_required(true)
        .subcommands(shown.cloned());
    // The settings bring words of their own about themselves, so these come last.
    Settings::augment_args(command)
        .about(all.get_about().cloned().unwrap_or_default())
        .after_help(all.get_after_help().cloned().unwrap_or_default())
}
