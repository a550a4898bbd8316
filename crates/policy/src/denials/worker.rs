//! The thread of the sink: the queue first, then the spool, then what was lost; again and again until it is taken.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::denials::lost::Lost;
use crate::denials::queue::Line;
use crate::denials::sink::DenialSink;
use crate::denials::spool::{Record, Spool};
use crate::denials::state::{Shared, Stage, State, Told};
use crate::denials::text::{Escaped, now_ns};

/// The pause after a first failure; it doubles with each one that follows.
const PAUSE_MIN: Duration = Duration::from_millis(10);
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// How long losses wait for a moment in which nothing else does, once the sink works without a hitch.
const LOST_AGE_MAX: Duration = Duration::from_secs(10);
/// A write that takes longer is a hitch.
const HITCH: Duration = Duration::from_secs(1);

/// The thread's own.
pub(super) struct Worker {
    shared: Arc<Shared>,
    sink: Box<dyn DenialSink>,
    spool: Option<Arc<Mutex<Spool>>>,
    /// Read from the spool, and still in it.
    records: VecDeque<Record>,
    failures: u32,
    /// Since when each write succeeded, and soon.
    smooth_since: Instant,
}

/// What there is to write.
enum Work {
    Line(Arc<Line>),
    Replay,
    Lost(Lost),
}

impl Worker {
    pub(super) fn new(
        shared: Arc<Shared>,
        sink: Box<dyn DenialSink>,
        spool: Option<Arc<Mutex<Spool>>>,
    ) -> Worker {
        shared.worker_runs(true);
        Worker {
            shared,
            sink,
            spool,
            records: VecDeque::new(),
            failures: 0,
            smooth_since: Instant::now(),
        }
    }

    /// The thread's life.
    pub(super) fn run(mut self) {
        while let Some(work) = self.shared.next_work(self.smooth_since) {
            let begun = Instant::now();
            match self.write(work) {
                Ok(()) => self.works(begun.elapsed()),
                Err(error) if self.fails(&error) => {}
                Err(_) => break,
            }
        }
        // The sink's own end may block too, and belongs to the time that closing gives it.
        let shared = self.shared.clone();
        let _ = catch_unwind(AssertUnwindSafe(|| drop(self)));
        shared.worker_runs(false);
    }

    fn write(&mut self, work: Work) -> io::Result<()> {
        match work {
            Work::Line(line) => {
                self.put(&line.json)?;
                self.shared.written();
            }
            Work::Replay => self.replay()?,
            Work::Lost(lost) => {
                self.put(&lost.to_json(now_ns()))?;
                lost.trace();
                self.shared.told(&lost);
            }
        }
        Ok(())
    }

    /// One line to the sink.
    fn put(&mut self, line: &str) -> io::Result<()> {
        let sink = &mut self.sink;
        let written = catch_unwind(AssertUnwindSafe(|| sink.write(line)));
        written.unwrap_or_else(|_| Err(io::Error::other("sink panicked")))
    }

    /// One record of the spool to the sink. The spool is not locked meanwhile: the sink may hang.
    fn replay(&mut self) -> io::Result<()> {
        let Some(spool) = self.spool.clone() else {
            self.shared.spool_left(false);
            return Ok(());
        };
        if self.records.is_empty() {
            // Before it is read: what is added from here on sets it again.
            self.shared.spool_left(false);
            let read = lock(&spool).read();
            self.shared
                .spool_left_if(!matches!(&read, Ok(records) if records.is_empty()));
            self.records = read.inspect_err(|_| self.shared.counters.spool_errors.increment(1))?;
        }
        let Some(record) = self.records.front() else {
            return Ok(());
        };
        let bytes = record.bytes;
        match record.json.clone() {
            Some(json) => self.put(&json)?,
            None => self.shared.lose(&mut self.shared.lock(), "other"),
        }
        self.records.pop_front();
        if lock(&spool).advance(bytes).is_err() {
            // The place is known to this process; the next one would replay more than it should.
            self.shared.counters.spool_errors.increment(1);
        }
        Ok(())
    }

    fn works(&mut self, took: Duration) {
        if self.failures > 0 {
            tracing::info!(failures = self.failures, "sink of denials works again");
        }
        if self.failures > 0 || took > HITCH {
            self.smooth_since = Instant::now();
        }
        self.failures = 0;
    }

    /// Pauses; gives whether to go on.
    fn fails(&mut self, error: &io::Error) -> bool {
        self.shared.counters.sink_errors.increment(1);
        if self.failures == 0 {
            tracing::warn!(error = %Escaped(&error.to_string()), "sink of denials failed");
        }
        let doubled = PAUSE_MIN.saturating_mul(1 << self.failures.min(16));
        self.failures = self.failures.saturating_add(1);
        self.shared.pause(doubled.min(PAUSE_MAX))
    }
}

/// The spool, for as long as one read or write takes.
pub(super) fn lock(spool: &Mutex<Spool>) -> std::sync::MutexGuard<'_, Spool> {
    spool.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// What to write next; waits for it. Nothing when the log ends.
    fn next_work(&self, smooth_since: Instant) -> Option<Work> {
        let mut state = self.lock();
        loop {
            if state.stage >= Stage::Flushing {
                return None;
            }
            let (work, told) = self.pick(&mut state, smooth_since);
            if work.is_some() {
                drop(state);
                told.into_iter().for_each(Told::tell);
                return work;
            }
            if state.stage >= Stage::Closing {
                return None;
            }
            let waited = self.sink_work.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn pick(&self, state: &mut State, smooth_since: Instant) -> (Option<Work>, Vec<Told>) {
        if let Some(line) = &state.in_flight {
            return (Some(Work::Line(line.clone())), Vec::new());
        }
        let since = state.lost.since().map(|lost| lost.max(smooth_since));
        let old = since.is_some_and(|since| since.elapsed() >= LOST_AGE_MAX);
        if old {
            return (Some(Work::Lost(state.lost.clone())), Vec::new());
        }
        // The queue's turn, then the spool's, each as many lines as the queue holds: neither starves the other.
        let spools_turn = state.spool_left && state.streak >= self.turn;
        if !spools_turn && let Some(line) = state.queue.pop() {
            state.streak = if state.spool_left {
                state.streak + 1
            } else {
                0
            };
            state.in_flight = Some(line.clone());
            return (Some(Work::Line(line)), self.refill(state));
        }
        if state.spool_left {
            let over = state.streak + 1 >= self.turn * 2;
            state.streak = if over || !spools_turn {
                0
            } else {
                state.streak + 1
            };
            return (Some(Work::Replay), Vec::new());
        }
        let lost = (state.lost.n() > 0).then(|| Work::Lost(state.lost.clone()));
        (lost, Vec::new())
    }

    /// The line in flight has arrived.
    fn written(&self) {
        // If the log gave up on the sink meanwhile, it took the line from here.
        self.lock().in_flight = None;
    }

    /// An event has told of these losses.
    fn told(&self, lost: &Lost) {
        self.lock().lost.subtract(lost);
    }

    fn spool_left(&self, left: bool) {
        self.lock().spool_left = left;
    }

    /// Sets it if so, and leaves it otherwise: the spool may have grown meanwhile.
    fn spool_left_if(&self, left: bool) {
        self.lock().spool_left |= left;
    }

    /// Pauses after a failure, for as long as that makes sense; gives whether to try again.
    fn pause(&self, pause: Duration) -> bool {
        let until = Instant::now() + pause;
        let mut state = self.lock();
        loop {
            // What is left goes to the spool, where there is one. Where there is none, it is worth a try to the end.
            let given_up = state.stage >= Stage::Closing && self.has_spool;
            if given_up || state.stage >= Stage::Flushing {
                return false;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            let waited = self.sink_work.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
