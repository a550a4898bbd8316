//! Threads that take one thing after the other until none is left. What one of them breaks on is that thing's error; the
//! others go on.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use anyhow::Context as _;

use crate::exit::Broken;

/// What is to be done, and when no more of it.
pub(super) struct Work<'a> {
    pub(super) count: usize,
    pub(super) threads: usize,
    /// Once it is set, nothing new is begun.
    pub(super) stop: &'a AtomicBool,
}

impl Work<'_> {
    /// Runs `one` for each number below `count`, on as many threads, and hands what came of each to `done`, on this
    /// thread and as it comes.
    pub(super) fn each<T: Send>(
        &self,
        one: impl Fn(usize) -> anyhow::Result<T> + Sync,
        mut done: impl FnMut(usize, anyhow::Result<T>),
    ) -> anyhow::Result<()> {
        let next = AtomicUsize::new(0);
        // Who is faster than what is told of it waits.
        let (sender, receiver) = mpsc::sync_channel(self.threads.max(1));
        let work = |sender: mpsc::SyncSender<_>| {
            while !self.stop.load(Ordering::Acquire) {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= self.count || sender.send((at, caught(|| one(at)))).is_err() {
                    break;
                }
            }
        };
        thread::scope(|scope| {
            for begun in 0..self.threads.min(self.count) {
                let (work, sender) = (&work, sender.clone());
                let thread = thread::Builder::new().name(format!("file-{begun}"));
                match thread.spawn_scoped(scope, move || work(sender)) {
                    Ok(_) => {}
                    // Fewer do the same work.
                    Err(error) if begun > 0 => {
                        tracing::warn!(%error, threads = begun, "the system refuses more threads");
                        break;
                    }
                    Err(error) => return Err(error).context("cannot start a thread"),
                }
            }
            // The threads have senders of their own; when the last is gone, all is done.
            drop(sender);
            for (at, ending) in receiver {
                done(at, ending);
            }
            Ok(())
        })
    }
}

/// A panic becomes an error. What `one` shares is locked or atomic, and survives it.
fn caught<T>(one: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    catch_unwind(AssertUnwindSafe(one))
        .unwrap_or_else(|words| Err(Broken(said(words.as_ref())).into()))
}

fn said(words: &(dyn Any + Send)) -> String {
    let text = words.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| words.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a word".into())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Barrier;

    use super::*;

    fn run(
        count: usize,
        threads: usize,
        one: impl Fn(usize) -> anyhow::Result<usize> + Sync,
    ) -> BTreeMap<usize, Result<usize, String>> {
        let stop = AtomicBool::new(false);
        let work = Work {
            count,
            threads,
            stop: &stop,
        };
        let mut all = BTreeMap::new();
        work.each(one, |at, ending| {
            let before = all.insert(at, ending.map_err(|error| error.to_string()));
            assert!(before.is_none(), "each once");
        })
        .expect("threads can be started");
        all
    }

    #[test]
    fn each_is_done_once_whatever_the_number_of_threads() {
        for threads in [1, 2, 3, 64] {
            for count in [0, 1, 2, 100] {
                let all = run(count, threads, Ok);
                assert_eq!(all.len(), count, "{threads} threads");
                assert!(all.iter().all(|(at, ending)| ending.as_ref() == Ok(at)));
            }
        }
    }

    #[test]
    fn as_many_run_at_once_as_there_are_threads() {
        let together = Barrier::new(3);
        run(3, 3, |at| {
            together.wait();
            Ok(at)
        });
    }

    #[test]
    fn a_panic_is_one_things_error() {
        for threads in [1, 2] {
            let all = run(20, threads, |at| match at {
                7 => panic!("seven is too much"),
                8 => Err(anyhow::anyhow!("eight as well")),
                9 => std::panic::panic_any(9),
                at => Ok(at),
            });
            assert_eq!(all.len(), 20);
            assert_eq!(all.values().filter(|ending| ending.is_ok()).count(), 17);
            let words = |at: usize| all[&at].clone().expect_err("it failed");
            assert!(words(7).ends_with("seven is too much"), "{}", words(7));
            assert_eq!(words(8), "eight as well");
        }
    }

    #[test]
    fn nothing_is_begun_after_the_stop() {
        let stop = AtomicBool::new(false);
        let work = Work {
            count: 1_000,
            threads: 1,
            stop: &stop,
        };
        let mut seen = 0;
        work.each(
            |at| {
                if at == 10 {
                    stop.store(true, Ordering::Release);
                }
                Ok(at)
            },
            |_, _| seen += 1,
        )
        .expect("threads can be started");
        assert_eq!(seen, 11);
    }
}
