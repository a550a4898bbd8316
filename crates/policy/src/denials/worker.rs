//! The thread of the sink: the queue first, then the spool, then what was lost; again and again until it is taken.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
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
/// How long the sink's thread leaves a spool alone that is being written to.
const SPOOL_BUSY: Duration = Duration::from_millis(5);
/// A write that takes longer is a hitch.
const HITCH: Duration = Duration::from_secs(1);

/// The thread's own.
pub(super) struct Worker {
    shared: Arc<Shared>,
    sink: Box<dyn DenialSink>,
    spool: Option<Arc<Mutex<Spool>>>,
    /// Read from the spool, and still in it.
    records: VecDeque<Record>,
    /// Bytes of records that the sink has, and that are not dropped from the spool yet.
    replayed: u64,
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
            replayed: 0,
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
        if let Some(spool) = self.spool.clone()
            && let Some(mut spool) = try_lock(&spool)
        {
            self.advance(&mut spool, 0);
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
            let Some(mut spool) = try_lock(&spool) else {
                // It is being written to, and a disk may take its time: the queue does not wait for that.
                self.shared.queues_turn();
                return Ok(());
            };
            self.advance(&mut spool, 0);
            // Before it is read: what is added from here on sets it again.
            self.shared.spool_left(false);
            match spool.read() {
                Ok(records) => self.records = records,
                // The sink works. What cannot be read now is tried again when there is more of it, and by the next log.
                Err(error) => {
                    self.shared.counters.spool_errors.increment(1);
                    tracing::error!(error = %Escaped(&error.to_string()), "spool of denials is not read");
                    return Ok(());
                }
            }
            self.shared.spool_left_if(!self.records.is_empty());
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
        match try_lock(&spool) {
            Some(mut spool) => self.advance(&mut spool, bytes),
            None => self.replayed += bytes,
        }
        Ok(())
    }

    /// Drops what was replayed, now and before.
    fn advance(&mut self, spool: &mut Spool, bytes: u64) {
        let bytes = bytes + std::mem::take(&mut self.replayed);
        if bytes > 0 && spool.advance(bytes).is_err() {
            // The place is known to this process; the next one would replay more than it should.
            self.shared.counters.spool_errors.increment(1);
        }
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

/// The spool, if nobody else has it.
fn try_lock(spool: &Mutex<Spool>) -> Option<std::sync::MutexGuard<'_, Spool>> {
    match spool.try_lock() {
        Ok(spool) => Some(spool),
        Err(TryLockError::Poisoned(spool)) => Some(spool.into_inner()),
        Err(TryLockError::WouldBlock) => None,
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
        let mut state = self.lock();
        // Later the spool's thread may have taken them, and subtracted them.
        if state.stage < Stage::Flushing {
            state.lost.subtract(lost);
        }
    }

    /// The spool is busy: lets the queue's lines go first, and waits a little where there are none.
    fn queues_turn(&self) {
        let mut state = self.lock();
        state.streak = 0;
        if state.queue.is_empty() && state.stage < Stage::Flushing {
            // Whatever comes, and whoever gives the spool back, wakes it.
            let waited = self.sink_work.wait_timeout(state, SPOOL_BUSY);
            drop(waited.unwrap_or_else(PoisonError::into_inner));
        }
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
        let begun = Instant::now();
        let mut state = self.lock();
        loop {
            // What is left goes to the spool, where there is one. Where there is none, it is worth a try to the end, and soon.
            let closing = state.stage >= Stage::Closing;
            if closing && self.has_spool || state.stage >= Stage::Flushing {
                return false;
            }
            let until = begun + if closing { pause.min(PAUSE_MIN) } else { pause };
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            let waited = self.sink_work.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // A test that cannot go on says where.

    use std::sync::mpsc;

    use super::*;
    use crate::denials::config::{DenialLogConfig, SpoolConfig};
    use crate::denials::place::place;

    #[test]
    fn a_spool_that_is_busy_does_not_hold_up_the_queue() {
        let dir = tempfile::tempdir().unwrap();
        let config = DenialLogConfig {
            spool: Some(SpoolConfig {
                path: dir.path().join("spool"),
                bytes_max: 1 << 20,
            }),
            ..DenialLogConfig::default()
        };
        let mut spool = Spool::open(config.spool.as_ref().unwrap()).unwrap();
        spool.append(["spooled"].into_iter()).unwrap();
        let shared = Arc::new(Shared::new(&config, Some(&spool)));
        let spool = spool.shared();
        let (sender, lines) = mpsc::channel();
        let sink = move |line: &str| sender.send(line.to_owned()).map_err(io::Error::other);
        let worker = Worker::new(shared.clone(), Box::new(sink), Some(spool.clone()));
        let busy = lock(&spool);
        let thread = std::thread::spawn(move || worker.run());
        let queued = Line::denied("queued".into(), "env.read");
        drop(place(&shared, Arc::new(queued)));
        let patience = Duration::from_secs(30);
        assert_eq!(lines.recv_timeout(patience).unwrap(), "queued");
        drop(busy);
        assert_eq!(lines.recv_timeout(patience).unwrap(), "spooled");
        shared.begin_closing();
        shared.begin_flushing();
        thread.join().unwrap();
        assert!(lock(&spool).is_empty());
    }
}
