//! What the log's threads and its callers share: one lock, held for a few instructions and never across I/O, a waker or a
//! subscriber.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::denials::Closing;
use crate::denials::config::DenialLogConfig;
use crate::denials::counters::Counters;
use crate::denials::lost::Lost;
use crate::denials::place::Kept;
use crate::denials::queue::{Line, Queue};
use crate::denials::spool::Spool;

/// The queue to the spool holds at least so many lines.
const SPOOLING_MIN: usize = 1_024;

/// What everybody shares.
pub(super) struct Shared {
    state: Mutex<State>,
    pub(super) counters: Counters,
    /// How many lines of one source are written in a row while another waits.
    pub(super) turn: usize,
    pub(super) wait: Duration,
    pub(super) has_spool: bool,
    /// The thread of the sink has something to do.
    pub(super) sink_work: Condvar,
    /// The thread of the spool has something to do.
    pub(super) spool_work: Condvar,
    /// The first caller waits, or none will any more.
    pub(super) timer_work: Condvar,
    /// A thread ended, or a stage.
    ended: Condvar,
}

/// What is under the lock.
pub(super) struct State {
    pub(super) stage: Stage,
    /// On its way to the sink.
    pub(super) queue: Queue,
    /// In the hands of the sink.
    pub(super) in_flight: Option<Arc<Line>>,
    /// On its way to the spool.
    pub(super) overflow: Queue,
    /// In the hands of the spool.
    pub(super) spooling: Vec<Arc<Line>>,
    /// Waits for room in the queue, by arrival. All wait equally long, so that is by deadline too. Bounded by the callers.
    pub(super) parked: BTreeMap<u64, Parked>,
    pub(super) next_ticket: u64,
    /// Whether the spool may hold something to replay.
    pub(super) spool_left: bool,
    /// Lines of the queue, then of the spool, that were written in a row.
    pub(super) streak: usize,
    pub(super) lost: Lost,
    worker_ended: bool,
    spooler_ended: bool,
    pub(super) closing: Closing,
}

/// A denial whose caller waits.
pub(super) struct Parked {
    pub(super) line: Arc<Line>,
    pub(super) deadline: Instant,
    pub(super) caller: oneshot::Sender<Kept>,
}

/// How far the log's end has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// It works.
    Open,
    /// Nobody waits any more; the sink takes what it can.
    Closing,
    /// The spool takes what the sink did not; the sink's thread touches nothing any more.
    Flushing,
    /// What comes is lost.
    Closed,
}

/// A caller that is to be told, once the lock is released: its waker may run or drop anything.
#[must_use]
pub(super) struct Told(pub(super) oneshot::Sender<Kept>, pub(super) Kept);

impl Told {
    pub(super) fn tell(self) {
        // Who went away does not need to know.
        let _ = self.0.send(self.1);
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("stage", &self.lock().stage)
            .field("wait", &self.wait)
            .field("has_spool", &self.has_spool)
            .finish_non_exhaustive()
    }
}

impl Shared {
    pub(super) fn new(config: &DenialLogConfig, spool: Option<&Spool>) -> Shared {
        let queue = |lines_max| Queue::new(lines_max, config.queue_bytes_max);
        let state = State {
            stage: Stage::Open,
            queue: queue(config.capacity),
            in_flight: None,
            // Room for what comes while the disk syncs, however short the queue is.
            overflow: queue(config.capacity.max(SPOOLING_MIN)),
            spooling: Vec::new(),
            parked: BTreeMap::new(),
            next_ticket: 0,
            spool_left: spool.is_some_and(|spool| !spool.is_empty()),
            streak: 0,
            lost: Lost::new(config.actions_max),
            // Until they are started.
            worker_ended: true,
            spooler_ended: true,
            closing: Closing::default(),
        };
        let shared = Shared {
            state: Mutex::new(state),
            counters: Counters::new(&config.reasons),
            turn: config.capacity,
            wait: config.wait,
            has_spool: spool.is_some(),
            sink_work: Condvar::new(),
            spool_work: Condvar::new(),
            timer_work: Condvar::new(),
            ended: Condvar::new(),
        };
        if spool.is_some_and(Spool::was_torn) {
            shared.lose(&mut shared.lock(), "other");
        }
        shared
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lock, if nobody has it.
    pub(super) fn try_lock(&self) -> Option<MutexGuard<'_, State>> {
        match self.state.try_lock() {
            Ok(state) => Some(state),
            Err(TryLockError::Poisoned(state)) => Some(state.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Counts a denial that is nowhere.
    pub(super) fn lose(&self, state: &mut State, action: &str) {
        state.lost.add(action);
        self.counters.lost(action);
        self.sink_work.notify_one();
    }

    /// Counts a line that is nowhere.
    pub(super) fn lose_line(&self, state: &mut State, line: &Line) {
        match &line.denied {
            Some(action) => self.lose(state, action),
            None => self.counters.allows_dropped.increment(1),
        }
    }

    pub(super) fn worker_runs(&self, runs: bool) {
        self.lock().worker_ended = !runs;
        self.ended.notify_all();
    }

    pub(super) fn spooler_runs(&self, runs: bool) {
        self.lock().spooler_ended = !runs;
        self.ended.notify_all();
    }

    /// Lets everybody go who waits, and the threads end when they have nothing to do.
    pub(super) fn begin_closing(&self) {
        let mut state = self.lock();
        if state.stage > Stage::Open {
            return;
        }
        state.stage = Stage::Closing;
        // Past its bound, by those who wait: their events are in memory anyway, and the sink may yet take them.
        let parked = std::mem::take(&mut state.parked);
        let settle = |parked: Parked| {
            state.queue.push(parked.line);
            Told(parked.caller, Kept::Queue)
        };
        let told: Vec<Told> = parked.into_values().map(settle).collect();
        drop(state);
        self.timer_work.notify_all();
        self.sink_work.notify_all();
        told.into_iter().for_each(Told::tell);
    }

    pub(super) fn wait_for_worker(&self, until: Option<Instant>) {
        self.wait_for(until, |state| {
            state.worker_ended || state.stage > Stage::Closing
        });
    }

    pub(super) fn wait_for_spooler(&self, until: Option<Instant>) {
        self.wait_for(until, |state| {
            state.spooler_ended || state.stage > Stage::Flushing
        });
    }

    fn wait_for(&self, until: Option<Instant>, ended: impl Fn(&State) -> bool) {
        let mut state = self.lock();
        while !ended(&state) {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            // A time too far away to be one: forever.
            let left = left.unwrap_or(Duration::MAX);
            if left.is_zero() {
                return;
            }
            let waited = self.ended.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Takes what the sink did not take to the spool.
    pub(super) fn begin_flushing(&self) {
        let mut state = self.lock();
        if state.stage > Stage::Closing {
            return;
        }
        state.stage = Stage::Flushing;
        state.closing.sink_ended = state.worker_ended;
        let in_flight = state.in_flight.take();
        let queued = state.queue.take_all();
        for line in in_flight.into_iter().chain(queued) {
            if self.has_spool && line.denied.is_some() {
                // Past its bound, by no more than what was in memory anyway.
                state.overflow.push(line);
            } else {
                self.lose_line(&mut state, &line);
            }
        }
        drop(state);
        self.sink_work.notify_all();
        self.spool_work.notify_all();
        self.ended.notify_all();
    }

    /// Counts what even the spool did not take in time.
    pub(super) fn end(&self) -> Closing {
        let mut state = self.lock();
        if state.stage < Stage::Closed {
            state.stage = Stage::Closed;
            let spooling = std::mem::take(&mut state.spooling);
            let left = state.overflow.take_all();
            for line in spooling.into_iter().chain(left) {
                self.lose_line(&mut state, &line);
            }
            state.closing.lost = state.lost.n();
            let lost = state.lost.clone();
            let closing = state.closing;
            drop(state);
            self.ended.notify_all();
            if lost.n() > 0 {
                lost.trace();
            }
            return closing;
        }
        state.closing
    }
}
