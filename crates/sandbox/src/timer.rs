//! Wakes whoever waits for something else than the processor when its deadline comes. One thread, asleep until then.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Instant;

/// A clock that wakes tasks; an idle one uses no processor.
#[derive(Debug, Default)]
pub(crate) struct Timer {
    entries: Mutex<Entries>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Entries {
    by_time: BTreeMap<(Instant, u64), Waker>,
    next_id: u64,
    closed: bool,
}

/// An armed wake-up; dropping it disarms.
#[derive(Debug)]
pub(crate) struct Armed {
    timer: Arc<Timer>,
    key: (Instant, u64),
}

impl Timer {
    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes `waker` at `when`. The number of entries is bounded by the calls that are under way.
    pub(crate) fn arm(self: &Arc<Self>, when: Instant, waker: Waker) -> Armed {
        let mut entries = self.lock();
        let key = (when, entries.next_id);
        entries.next_id += 1;
        let first = entries
            .by_time
            .first_key_value()
            .is_none_or(|(k, _)| key < *k);
        entries.by_time.insert(key, waker);
        drop(entries);
        if first {
            self.changed.notify_one();
        }
        Armed {
            timer: self.clone(),
            key,
        }
    }

    /// Wakes everyone now: what they wait for has been called off. Who still waits arms anew.
    pub(crate) fn wake_all(&self) {
        let all = std::mem::take(&mut self.lock().by_time);
        all.into_values().for_each(Waker::wake);
    }

    /// Whether nobody is woken any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Wakes everyone now and ends the thread.
    pub(crate) fn close(&self) {
        let mut entries = self.lock();
        entries.closed = true;
        let all = std::mem::take(&mut entries.by_time);
        drop(entries);
        self.changed.notify_all();
        all.into_values().for_each(Waker::wake);
    }

    /// The thread's life.
    pub(crate) fn run(&self) {
        let mut entries = self.lock();
        while !entries.closed {
            let now = Instant::now();
            let due = entries.by_time.first_key_value().map(|(k, _)| k.0);
            entries = match due {
                Some(when) if when <= now => {
                    let waker = entries.by_time.pop_first().map(|(_, w)| w);
                    drop(entries);
                    waker.into_iter().for_each(Waker::wake);
                    self.lock()
                }
                Some(when) => {
                    self.changed
                        .wait_timeout(entries, when - now)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
                None => self
                    .changed
                    .wait(entries)
                    .unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}

impl Armed {
    /// Replaces the task that is woken; one that was woken before its time is woken again.
    pub(crate) fn rearm(&self, waker: &Waker) {
        let mut entries = self.timer.lock();
        if let Some(old) = entries.by_time.get_mut(&self.key) {
            let old = std::mem::replace(old, waker.clone());
            drop(entries);
            // Not under the lock: a waker may be the last to hold a task, and with it other wake-ups.
            drop(old);
            return;
        }
        let first = entries
            .by_time
            .first_key_value()
            .is_none_or(|(k, _)| self.key < *k);
        entries.by_time.insert(self.key, waker.clone());
        drop(entries);
        if first {
            self.timer.changed.notify_one();
        }
    }
}

impl Drop for Armed {
    fn drop(&mut self) {
        let gone = self.timer.lock().by_time.remove(&self.key);
        drop(gone);
    }
}
