//! The thread of the spool: takes what the queue did not, in batches, each synced once.

use std::sync::{Arc, Mutex, PoisonError};

use crate::denials::queue::Line;
use crate::denials::spool::Spool;
use crate::denials::state::{Shared, Stage};
use crate::denials::text::{Escaped, now_ns};
use crate::denials::worker::lock;

/// The thread's own.
pub(super) struct Spooler {
    shared: Arc<Shared>,
    spool: Arc<Mutex<Spool>>,
    /// Whether the last write failed: said once, not each time.
    fails: bool,
}

impl Spooler {
    pub(super) fn new(shared: Arc<Shared>, spool: Arc<Mutex<Spool>>) -> Spooler {
        shared.spooler_runs(true);
        Spooler {
            shared,
            spool,
            fails: false,
        }
    }

    /// The thread's life.
    pub(super) fn run(mut self) {
        while let Some(lines) = self.shared.next_batch() {
            let kept = lock(&self.spool).append(lines.iter().map(|line| line.json.as_str()));
            let kept = kept.unwrap_or_else(|error| {
                self.shared.counters.spool_errors.increment(1);
                if !self.fails {
                    tracing::error!(error = %Escaped(&error.to_string()), "spool of denials failed");
                }
                self.fails = true;
                0
            });
            self.fails &= kept == 0;
            self.shared.spooled(&lines, kept);
        }
        self.tell_lost();
        // The sink's thread may hang and own the file for good; the next log must not wait for it.
        lock(&self.spool).close();
        self.shared.spooler_runs(false);
    }

    /// Leaves word of the losses that nobody was told of, for the next log to replay.
    fn tell_lost(&self) {
        let lost = self.shared.lock().lost.clone();
        if lost.n() > 0
            && matches!(
                lock(&self.spool).append_last(&lost.to_json(now_ns())),
                Ok(true)
            )
        {
            lost.trace();
            self.shared.lock().lost.subtract(&lost);
        }
    }
}

impl Shared {
    /// All that is on its way to the spool; waits for it. Nothing when the log ends.
    fn next_batch(&self) -> Option<Vec<Arc<Line>>> {
        let mut state = self.lock();
        while state.overflow.is_empty() {
            if state.stage >= Stage::Flushing {
                return None;
            }
            let waited = self.spool_work.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        state.spooling = state.overflow.take_all();
        Some(state.spooling.clone())
    }

    /// The first `kept` of `lines` are in the spool.
    fn spooled(&self, lines: &[Arc<Line>], kept: usize) {
        let mut state = self.lock();
        if state.stage >= Stage::Closed {
            // Too late: they were counted as lost.
            return;
        }
        state.spooling.clear();
        if state.stage >= Stage::Closing {
            state.closing.spooled += kept as u64;
        }
        for line in lines.iter().skip(kept) {
            self.lose_line(&mut state, line);
        }
        state.spool_left |= kept > 0;
        drop(state);
        self.counters.spooled.increment(kept as u64);
        self.sink_work.notify_one();
    }
}
