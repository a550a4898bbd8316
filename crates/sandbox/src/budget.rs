//! Memory of the whole: the sum over live and kept instances never passes one number.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use tokio::sync::Notify;

/// Counts bytes reserved against a ceiling.
#[derive(Debug)]
pub(crate) struct Budget {
    used: AtomicU64,
    max: u64,
    freed: Notify,
    /// Calls that wait for memory: who is done with an instance does not keep it then.
    waiting: AtomicU32,
}

impl Budget {
    pub(crate) fn new(max: u64) -> Arc<Budget> {
        Arc::new(Budget {
            used: AtomicU64::new(0),
            max,
            freed: Notify::new(),
            waiting: AtomicU32::new(0),
        })
    }

    pub(crate) fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    pub(crate) fn max(&self) -> u64 {
        self.max
    }

    /// Resolves when something is given back after the moment it was made.
    pub(crate) fn freed(&self) -> tokio::sync::futures::Notified<'_> {
        self.freed.notified()
    }

    /// Whether `bytes` would fit now.
    pub(crate) fn has_room(&self, bytes: u64) -> bool {
        self.used().saturating_add(bytes) <= self.max
    }

    /// Counts one more who waits, until dropped.
    pub(crate) fn line_up(&self) -> Waiting<'_> {
        self.waiting.fetch_add(1, Ordering::AcqRel);
        Waiting(self)
    }

    pub(crate) fn is_awaited(&self) -> bool {
        self.waiting.load(Ordering::Acquire) > 0
    }

    pub(crate) fn try_take(&self, bytes: u64) -> bool {
        let fits = |used: u64| used.checked_add(bytes).filter(|sum| *sum <= self.max);
        bytes == 0
            || self
                .used
                .fetch_update(Ordering::AcqRel, Ordering::Relaxed, fits)
                .is_ok()
    }

    pub(crate) fn give_back(&self, bytes: u64) {
        if bytes > 0 {
            self.used.fetch_sub(bytes, Ordering::AcqRel);
            self.freed.notify_waiters();
        }
    }
}

/// Somebody who waits for memory.
pub(crate) struct Waiting<'a>(&'a Budget);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Bytes of one instance, given back when dropped.
#[derive(Debug)]
pub(crate) struct Reserved {
    budget: Arc<Budget>,
    bytes: u64,
}

impl Reserved {
    pub(crate) fn nothing(budget: &Arc<Budget>) -> Reserved {
        Reserved {
            budget: budget.clone(),
            bytes: 0,
        }
    }

    pub(crate) fn max(&self) -> u64 {
        self.budget.max()
    }

    pub(crate) fn used(&self) -> u64 {
        self.budget.used()
    }

    /// Makes the reservation at least `bytes`; false if the whole would pass its ceiling.
    pub(crate) fn grow_to(&mut self, bytes: u64) -> bool {
        let more = bytes.saturating_sub(self.bytes);
        let taken = self.budget.try_take(more);
        if taken {
            self.bytes += more;
        }
        taken
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.budget.give_back(self.bytes);
    }
}

/// Half of the machine's memory, or of the cgroup's limit where that is less; 1 GiB where neither can be read.
pub(crate) fn half_of_memory() -> u64 {
    let machine = meminfo_total().unwrap_or(2 << 30);
    let cgroup = std::fs::read_to_string("/sys/fs/cgroup/memory.max")
        .ok()
        .and_then(|text| text.trim().parse::<u64>().ok());
    cgroup.map_or(machine, |c| c.min(machine)) / 2
}

fn meminfo_total() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|l| l.starts_with("MemTotal:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_of_the_ceiling() {
        let budget = Budget::new(100);
        let mut a = Reserved::nothing(&budget);
        assert!(a.grow_to(60), "60 of 100 fit");
        let mut b = Reserved::nothing(&budget);
        assert!(!b.grow_to(41), "101 of 100");
        assert!(b.grow_to(40), "exactly 100 fit");
        assert!(!a.grow_to(61));
        drop(b);
        assert!(a.grow_to(100));
        assert!(!a.grow_to(u64::MAX));
        drop(a);
        assert_eq!(budget.used(), 0);
    }
}
