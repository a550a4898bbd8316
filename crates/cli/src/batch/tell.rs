//! What is said of many files: a line for each in the order of the inputs, as soon as those before it are done; then how
//! many there were. With `--json` one document at the end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::{Value as Json, json};
use wardian_sandbox::Usage as Bill;
use wardian_sandbox::text::clean;

use super::{Batch, Done, Item};
use crate::exit::{self, FilesFailed, Interrupted};
use crate::json;
use crate::output::{self, PipeClosed};
use crate::progress::Bar;
use crate::show;

/// Characters of a file's line.
const WORDS_CHARS_MAX: usize = 1_000;

/// Listens to what comes of each file.
pub(super) struct Teller<'a> {
    batch: &'a Batch<'a>,
    items: &'a [Item],
    stop: &'a AtomicBool,
    bar: Bar,
    /// Done, and waiting for one before them.
    early: BTreeMap<usize, anyhow::Result<Done>>,
    next: usize,
    count: Arc<Count>,
    first: Option<anyhow::Error>,
    files: BTreeMap<usize, Json>,
    sum: Bill,
    /// Nobody reads standard output any more.
    unread: bool,
}

/// How many there were. It is said once, by the main thread, or by the one that ends the program instead of it.
#[derive(Debug)]
pub(super) struct Count {
    of: usize,
    well: AtomicUsize,
    failed: AtomicUsize,
    /// Results are files, and lines are talk beside them. Where they are not, the lines are the results.
    writes: bool,
    /// Whether nothing is to be said any more.
    said: AtomicBool,
}

impl Count {
    fn new(items: &[Item], quiet: bool) -> Count {
        Count {
            of: items.len(),
            well: AtomicUsize::new(0),
            failed: AtomicUsize::new(0),
            writes: items.iter().any(|item| item.file().is_some()),
            said: AtomicBool::new(quiet),
        }
    }

    /// One is where it should be.
    pub(super) fn well(&self) {
        self.well.fetch_add(1, Ordering::AcqRel);
    }

    /// `198 of 200 written, 2 failed`. Where nothing is written and nothing failed, the lines have said it all.
    fn say(&self, interrupted: bool) {
        let (well, failed) = (
            self.well.load(Ordering::Acquire),
            self.failed.load(Ordering::Acquire),
        );
        let anything = self.writes || failed > 0 || interrupted;
        if !anything || self.said.swap(true, Ordering::AcqRel) {
            return;
        }
        let n = |n: usize| show::count(n as u64);
        let done = if self.writes { "written" } else { "done" };
        let mut line = format!("{} of {} {done}", n(well), n(self.of));
        if failed > 0 {
            line += &format!(", {} failed", n(failed));
        }
        if interrupted {
            line += ", interrupted";
        }
        output::warn(&line);
    }
}

impl<'a> Teller<'a> {
    pub(super) fn new(batch: &'a Batch<'a>, items: &'a [Item], stop: &'a AtomicBool) -> Teller<'a> {
        let count = Arc::new(Count::new(items, batch.settings.quiet));
        let last = count.clone();
        batch.interrupt.last_words(move || last.say(true));
        Teller {
            batch,
            items,
            stop,
            bar: Bar::show(items.len(), batch.settings.quiet),
            early: BTreeMap::new(),
            next: 0,
            count,
            first: None,
            files: BTreeMap::new(),
            sum: Bill::default(),
            unread: false,
        }
    }

    /// For the threads, which add to it what is well.
    pub(super) fn count(&self) -> Arc<Count> {
        self.count.clone()
    }

    /// Something came of a file.
    pub(super) fn done(&mut self, at: usize, ending: anyhow::Result<Done>) {
        if self.is_left(&ending) {
            return;
        }
        if ending.is_err() {
            self.count.failed.fetch_add(1, Ordering::AcqRel);
        }
        self.early.insert(at, ending);
        while let Some(ending) = self.early.remove(&self.next) {
            self.tell(self.next, ending);
            self.next += 1;
        }
        let failed = self.count.failed.load(Ordering::Acquire);
        self.bar.at(self.next + self.early.len(), failed);
    }

    /// An interrupt ended it, and that is no fault of the file.
    fn is_left(&self, ending: &anyhow::Result<Done>) -> bool {
        let cancelled = ending.as_ref().err().is_some_and(exit::is_cancelled);
        cancelled && self.batch.interrupt.hit()
    }

    fn tell(&mut self, at: usize, ending: anyhow::Result<Done>) {
        let Some(item) = self.items.get(at) else {
            return;
        };
        let bill = match &ending {
            Ok(done) => Some(done.usage),
            Err(error) => exit::bill(error),
        };
        if let Some(bill) = &bill {
            add(&mut self.sum, bill);
        }
        match ending {
            Ok(done) => self.tell_well(at, item, done),
            Err(error) => {
                let text = exit::text_of_file(&error, &show::quoted_path(&item.input));
                output::warn(&text);
                if self.batch.from.json {
                    self.files.insert(at, entry(item, exit::json(&error)));
                }
                self.first.get_or_insert(error);
            }
        }
        if let Some(bill) = bill.filter(|_| self.batch.wants_bill()) {
            let name = show::path(&item.input);
            output::warn(&format!("{name}: {}", show::bill(&bill)));
        }
    }

    fn tell_well(&mut self, at: usize, item: &Item, done: Done) {
        if self.batch.from.json {
            let mut report = done.report;
            report["usage"] = json::usage(&done.usage);
            self.files.insert(at, entry(item, report));
            return;
        }
        if self.count.writes && self.batch.settings.quiet {
            return;
        }
        let name = show::path(item.file().unwrap_or(&item.input));
        let words = clean(done.words.as_bytes(), WORDS_CHARS_MAX);
        self.print(&format!("{name}: {words}\n"));
    }

    fn print(&mut self, line: &str) {
        if self.unread {
            return;
        }
        if let Err(error) = output::print(line) {
            self.unread = true;
            if !self.count.writes {
                self.stop.store(true, Ordering::Release);
            }
            if error.downcast_ref::<PipeClosed>().is_none() {
                output::warn(&exit::text(&error));
                self.first.get_or_insert(error);
            }
        }
    }

    /// Says how many there were, and answers with what the program ends in.
    pub(super) fn end(mut self) -> anyhow::Result<()> {
        for (at, ending) in std::mem::take(&mut self.early) {
            self.tell(at, ending);
        }
        self.bar.clear();
        let interrupted = self.batch.interrupt.hit();
        if self.batch.wants_bill() {
            output::warn(&format!("sum: {}", show::bill(&self.sum)));
        }
        self.count.say(interrupted);
        if self.batch.from.json {
            let document = self.document(interrupted);
            match output::print_json(&document) {
                Err(error) if error.downcast_ref::<PipeClosed>().is_none() => return Err(error),
                _ => {}
            }
        }
        match self.first {
            Some(first) => Err(FilesFailed { first }.into()),
            None if interrupted => Err(FilesFailed {
                first: Interrupted.into(),
            }
            .into()),
            None => Ok(()),
        }
    }

    /// Each input is in it once, those too that an interrupt left.
    fn document(&mut self, interrupted: bool) -> Json {
        let mut files = std::mem::take(&mut self.files);
        if interrupted {
            for (at, item) in self.items.iter().enumerate() {
                files
                    .entry(at)
                    .or_insert_with(|| entry(item, exit::json(&Interrupted.into())));
            }
        }
        let failed = files.values().filter(|file| file.get("error").is_some());
        let failed = failed.count();
        json!({
            "ok": failed == 0,
            "files": files.into_values().collect::<Vec<_>>(),
            "failed": failed,
            "usage": json::usage(&self.sum),
        })
    }
}

/// What is said of a file, with its names. An error has no output.
fn entry(item: &Item, mut report: Json) -> Json {
    let failed = report.get("error").is_some();
    if let Some(members) = report.as_object_mut() {
        members.remove("ok");
        members.insert("input".into(), item.input.to_string_lossy().into());
        if let Some(path) = item.file().filter(|_| !failed) {
            members.insert("output".into(), path.to_string_lossy().into());
        }
    }
    report
}

/// Times, fuel and bytes add up; of the peaks, the highest.
pub(crate) fn add(sum: &mut Bill, bill: &Bill) {
    if let Some(fuel) = bill.fuel {
        sum.fuel = Some(sum.fuel.unwrap_or(0).saturating_add(fuel));
    }
    sum.wall = sum.wall.saturating_add(bill.wall);
    sum.guest = sum.guest.saturating_add(bill.guest);
    sum.memory_peak_bytes = sum.memory_peak_bytes.max(bill.memory_peak_bytes);
    sum.refusals = sum.refusals.saturating_add(bill.refusals);
    sum.host_calls = sum.host_calls.saturating_add(bill.host_calls);
    sum.log_bytes = sum.log_bytes.saturating_add(bill.log_bytes);
    sum.bytes_in = sum.bytes_in.saturating_add(bill.bytes_in);
    sum.bytes_out = sum.bytes_out.saturating_add(bill.bytes_out);
}
