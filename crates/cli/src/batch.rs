//! Many files at once: what every command does that reads files and makes something of each.
//!
//! A command has [`Inputs`] and [`To`] on its command line, fills in a [`Batch`], and gives [`Batch::run`] three answers:
//! what a result's name ends in, how its guest is loaded, and what it does with one file. Names are checked first
//! ([`places`]), then one sandbox with one loaded guest serves as many threads as there are cores ([`work`]), each with
//! one file in memory; a file that fails is named with its reason and stops nobody ([`tell`]).
//!
//! One file that is named as it is, and goes to no folder, is the same without any of that: its result, its error and its
//! JSON have the shape they have for one.

mod inputs;
mod places;
mod tell;
mod together;
mod work;

pub(crate) use tell::add;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use clap::Args;
use serde_json::Value as Json;
use wardian_sandbox::{Limits, Sandbox, Usage as Bill};

use crate::counted::Counted;
use crate::exit::{self, Interrupted};
use crate::input;
use crate::interrupt::Interrupt;
use crate::json;
use crate::output::{self, Target};
use crate::settings::Settings;
use crate::show;

/// The files that a command reads, and what is wanted of them beside their results.
#[derive(Debug, Args)]
pub(crate) struct Inputs {
    /// Files, or patterns in quotes such as 'in/**/*.jpg'; `-` is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    pub(crate) inputs: Vec<PathBuf>,
    /// Files at once, 1 to 64 [default: as many as there are cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(crate) jobs: Option<u8>,
    /// What came of it as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Print the bill of each call to standard error
    #[arg(short, long)]
    pub(crate) usage: bool,
}

/// Where results go.
#[derive(Debug, Default, Args)]
pub(crate) struct To {
    /// Where the result of one file goes; `-` is standard output
    #[arg(short, long, value_name = "FILE", conflicts_with = "out_dir")]
    pub(crate) output: Option<PathBuf>,
    /// Folder for the results of any number of files; made if it is not there
    #[arg(long, value_name = "DIR")]
    pub(crate) out_dir: Option<PathBuf>,
    /// Overwrite files
    #[arg(long)]
    pub(crate) force: bool,
}

/// What results are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Results {
    /// Bytes: they go to files, or one of them to standard output if that is no terminal.
    Files,
    /// Text for programs: as files, but a terminal may have it, too, and then without what would change it.
    Documents,
    /// Text: it goes to standard output unless a file or a folder is named.
    Text,
}

/// What a command wants done.
#[derive(Debug)]
pub(crate) struct Batch<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) interrupt: &'a Interrupt,
    pub(crate) from: &'a Inputs,
    pub(crate) to: &'a To,
    pub(crate) results: Results,
    /// What a result is called in messages.
    pub(crate) noun: &'static str,
    /// The name that loads and calls are counted under.
    pub(crate) module: &'static str,
    /// Bytes that one input may have.
    pub(crate) bytes_max: u64,
    /// What the sandbox is made for: its ceiling of memory is no lower than these have it.
    pub(crate) limits: Limits,
}

/// One input and the place of its result.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) input: PathBuf,
    /// `None` for text that is printed.
    target: Option<Target>,
}

/// What was made of one input.
#[derive(Debug)]
pub(crate) struct Made {
    /// The bytes of a file, or text. Text of a guest need not be cleaned.
    pub(crate) result: Vec<u8>,
    /// A few words: beside a file that was written, or the one line of a text among many.
    pub(crate) words: String,
    /// For `--json`: an object. `ok`, `input`, `output` and `usage` are added where they belong.
    pub(crate) report: Json,
    pub(crate) usage: Bill,
}

/// What is left of it when the result is where it should be.
#[derive(Debug)]
struct Done {
    words: String,
    report: Json,
    usage: Bill,
}

/// The files that a pattern matches, or the one that is called so.
pub(crate) fn matching(asked: &Path) -> anyhow::Result<Vec<PathBuf>> {
    Ok(inputs::find(&[asked.to_owned()])?.files)
}

impl Item {
    /// The file that the result goes to, if it does.
    pub(crate) fn file(&self) -> Option<&Path> {
        match &self.target {
            Some(Target::File(path)) => Some(path),
            _ => None,
        }
    }
}

impl Batch<'_> {
    /// Works on all of them.
    ///
    /// - `ending`: what the name of an input's result ends in, without a point, where results go to a folder; `None`
    ///   where nothing says it, which is refused.
    /// - `load`: the guest, once, for all threads.
    /// - `one`: what is made of one input's bytes.
    pub(crate) fn run<G: Sync>(
        &self,
        ending: impl Fn(&Path) -> Option<OsString>,
        load: impl FnOnce(&Sandbox) -> anyhow::Result<G>,
        one: impl Fn(&G, &Item, Vec<u8>) -> anyhow::Result<Made> + Sync,
    ) -> anyhow::Result<()> {
        let named = inputs::find(&self.from.inputs)?;
        let alone = named.alone && self.to.out_dir.is_none();
        let items = places::plan(self, named, ending)?;
        if let [item] = items.as_slice()
            && (alone || item.target == Some(Target::Stdout))
        {
            // What is wrong with the input is said before the guest is loaded.
            let bytes = input::read(&item.input, self.bytes_max)?;
            return self.run_alone(item, load, |guest| one(guest, item, bytes));
        }
        let counted = self.open()?;
        let guest = load(&counted.sandbox)?;
        counted.count_load(self.module);
        let stop = AtomicBool::new(false);
        let mut teller = tell::Teller::new(self, &items, &stop);
        let count = teller.count();
        let work = work::Work {
            count: items.len(),
            threads: self.threads(),
            stop: &stop,
        };
        let ended = work.each(
            |at| {
                let Some(item) = items.get(at) else {
                    return Err(Interrupted.into());
                };
                let done = self.file(&counted, &guest, item, &one)?;
                count.well();
                Ok(done)
            },
            |at, ending| teller.done(at, ending),
        );
        // Its counters are added whatever standard output does.
        drop(counted);
        let told = teller.end();
        ended.and(told)
    }

    /// The same for what is made of the command line alone.
    pub(crate) fn run_without_input<G>(
        &self,
        load: impl FnOnce(&Sandbox) -> anyhow::Result<G>,
        one: impl FnOnce(&G) -> anyhow::Result<Made>,
    ) -> anyhow::Result<()> {
        let nothing = inputs::Inputs {
            files: vec!["-".into()],
            alone: true,
        };
        match places::plan(self, nothing, |_| None)?.as_slice() {
            [item] => self.run_alone(item, load, one),
            _ => Ok(()),
        }
    }

    /// One result of all inputs together, of which there may be `count_max`; `one` is given their names too.
    pub(crate) fn run_together<G>(
        &self,
        count_max: usize,
        load: impl FnOnce(&Sandbox) -> anyhow::Result<G>,
        one: impl FnOnce(&G, &[PathBuf], Vec<Vec<u8>>) -> anyhow::Result<Made>,
    ) -> anyhow::Result<()> {
        let names = together::names(&self.from.inputs, count_max)?;
        let nothing = inputs::Inputs {
            files: vec!["-".into()],
            alone: true,
        };
        let planned = places::plan(self, nothing, |_| None)?;
        let [item] = planned.as_slice() else {
            return Ok(());
        };
        let files = together::read(&names, self.bytes_max)?;
        self.run_alone(item, load, |guest| one(guest, &names, files))
    }

    fn run_alone<G>(
        &self,
        item: &Item,
        load: impl FnOnce(&Sandbox) -> anyhow::Result<G>,
        one: impl FnOnce(&G) -> anyhow::Result<Made>,
    ) -> anyhow::Result<()> {
        let counted = self.open()?;
        let guest = load(&counted.sandbox)?;
        counted.count_load(self.module);
        let made = one(&guest);
        self.count(&counted, &made);
        drop(counted);
        self.finish_alone(item, made?)
    }

    fn finish_alone(&self, item: &Item, made: Made) -> anyhow::Result<()> {
        let is_seen = self.results == Results::Documents && output::is_terminal();
        match &item.target {
            Some(Target::Stdout) if is_seen => print_text(&made.result)?,
            Some(target) => {
                output::write(target, self.to.force, &made.result, self.interrupt)?;
            }
            None if self.from.json => {}
            None => print_text(&made.result)?,
        }
        if self.wants_bill() {
            output::warn(&show::bill(&made.usage));
        }
        if self.from.json {
            let mut report = made.report;
            report["usage"] = json::usage(&made.usage);
            if let Some(path) = item.file() {
                report["ok"] = true.into();
                report["output"] = path.to_string_lossy().into();
            }
            return output::print_json(&report);
        }
        match item.file() {
            Some(path) if !self.settings.quiet => {
                output::print(&format!("{}: {}\n", show::path(path), made.words))
            }
            _ => Ok(()),
        }
    }

    /// One of many: read, worked on, written. Only here are its bytes in memory.
    fn file<G>(
        &self,
        counted: &Counted,
        guest: &G,
        item: &Item,
        one: &impl Fn(&G, &Item, Vec<u8>) -> anyhow::Result<Made>,
    ) -> anyhow::Result<Done> {
        if self.interrupt.hit() {
            return Err(Interrupted.into());
        }
        tracing::debug!(file = %show::path(&item.input), "begun");
        let bytes = input::read(&item.input, self.bytes_max)?;
        let made = one(guest, item, bytes);
        self.count(counted, &made);
        let made = made?;
        if let Some(target) = &item.target {
            output::write(target, self.to.force, &made.result, self.interrupt)?;
        }
        Ok(Done {
            words: made.words,
            report: made.report,
            usage: made.usage,
        })
    }

    /// Adds the call to the counters, if there was one.
    fn count(&self, counted: &Counted, made: &anyhow::Result<Made>) {
        let called = match made {
            Ok(made) => Some(Ok(made.usage)),
            Err(error) => exit::service(error).map(Err),
        };
        if let Some(called) = called {
            counted.count_service(self.module, called);
        }
    }

    fn open(&self) -> anyhow::Result<Counted> {
        Counted::open(self.settings, &self.limits, self.interrupt)
    }

    /// No more than the pool has room for, so that none of them waits for it.
    fn threads(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let asked = self.from.jobs.map_or_else(cores, usize::from);
        let pool = usize::try_from(self.settings.pool).unwrap_or(usize::MAX);
        asked.min(pool).max(1)
    }

    fn wants_bill(&self) -> bool {
        self.from.usage && !self.settings.quiet
    }
}

fn print_text(text: &[u8]) -> anyhow::Result<()> {
    output::print_foreign(&String::from_utf8_lossy(text))
}
