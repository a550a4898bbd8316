//! The sandbox's own threads: where a guest goes on that did not end in its first slice.
//!
//! One queue, first in, first out; a guest that is still busy after its slice goes to the back, so that a spinning
//! neighbour costs others a slice and no more. The queue holds a call at most once, so the pool's size bounds it.

use std::cell::Cell;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use async_task::Runnable;

/// Whose thread a guest is running on; it decides when a busy guest must leave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// The caller's, in async code: leave at the first chance.
    Caller,
    /// The caller's, and the caller wants to block: stay.
    Blocking,
    /// Ours: leave when the slice is used up and somebody waits.
    Guest,
}

/// How long a guest may stay on its caller's thread.
pub(crate) const FIRST_SLICE: Duration = Duration::from_micros(250);
/// How long a guest may keep one of our threads while others wait.
pub(crate) const SLICE: Duration = Duration::from_millis(1);

thread_local! {
    static ROOM: Cell<Room> = const { Cell::new(Room::Caller) };
}

pub(crate) fn room() -> Room {
    ROOM.get()
}

/// Runs `f` with the thread marked, and marks it back.
pub(crate) fn in_room<T>(room: Room, f: impl FnOnce() -> T) -> T {
    struct Back(Room);
    impl Drop for Back {
        fn drop(&mut self) {
            ROOM.set(self.0);
        }
    }
    let _back = Back(ROOM.replace(room));
    f()
}

#[derive(Debug, Default)]
pub(crate) struct Queue {
    jobs: Mutex<Jobs>,
    arrived: Condvar,
}

#[derive(Debug, Default)]
struct Jobs {
    waiting: VecDeque<Runnable>,
    closed: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Jobs> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a job; after closing it is dropped, which ends its call as cancelled.
    pub(crate) fn push(&self, job: Runnable) {
        let mut jobs = self.lock();
        if jobs.closed {
            drop(jobs);
            drop(job);
            return;
        }
        jobs.waiting.push_back(job);
        drop(jobs);
        self.arrived.notify_one();
    }

    /// Whether somebody waits for a thread.
    pub(crate) fn is_contended(&self) -> bool {
        !self.lock().waiting.is_empty()
    }

    pub(crate) fn close(&self) {
        let mut jobs = self.lock();
        jobs.closed = true;
        let left = std::mem::take(&mut jobs.waiting);
        drop(jobs);
        self.arrived.notify_all();
        drop(left);
    }

    fn next(&self) -> Option<Runnable> {
        let mut jobs = self.lock();
        loop {
            if let Some(job) = jobs.waiting.pop_front() {
                return Some(job);
            }
            if jobs.closed {
                return None;
            }
            jobs = self
                .arrived
                .wait(jobs)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn work(&self) {
        ROOM.set(Room::Guest);
        while let Some(job) = self.next() {
            // What a host program's own types do when they are dropped must not cost the sandbox a thread; the call
            // whose future panicked ends as cancelled.
            let _ = catch_unwind(AssertUnwindSafe(|| job.run()));
        }
    }
}

/// Starts `count` guest threads on `queue`.
pub(crate) fn start(queue: &Arc<Queue>, count: usize) -> std::io::Result<Vec<JoinHandle<()>>> {
    (0..count.max(1))
        .map(|n| {
            let queue = queue.clone();
            std::thread::Builder::new()
                .name(format!("wardian-guest-{n}"))
                .spawn(move || queue.work())
        })
        .collect()
}
