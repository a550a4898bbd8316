//! Ctrl-C, SIGTERM and SIGHUP: running guests are cancelled, half-written files removed, and the program ends soon.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use wardian_sandbox::Sandbox;

use crate::exit;
use crate::screen;

/// How long the main thread has to end by itself, with a proper message, after the last call and the last file ended.
const GRACE: Duration = Duration::from_secs(1);
/// How long it may take until they ended: a busy machine takes its time.
const BUSY_MAX: Duration = Duration::from_secs(5);
/// How often that is looked at.
const LOOK: Duration = Duration::from_millis(10);
/// How long the last words may take: a terminal that is stopped takes none.
const WORDS_MAX: Duration = Duration::from_secs(1);

/// What is said before the program ends, by whichever thread ends it.
type Words = Box<dyn FnOnce() + Send>;

/// What has to be undone when the program is interrupted. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    hit: AtomicBool,
    sandbox: Mutex<Option<Sandbox>>,
    unfinished: Mutex<Vec<PathBuf>>,
    words: Mutex<Option<Words>>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Interrupt {
    /// Listens from now on. Where that is not possible, the signals end the program as they always do.
    pub(crate) fn install() -> Interrupt {
        let interrupt = Interrupt::default();
        let theirs = interrupt.clone();
        // Each signal has a thread: the second one ends what the first still waits for.
        let heard = move || {
            let theirs = theirs.clone();
            std::thread::spawn(move || theirs.happened());
        };
        if let Err(error) = ctrlc::set_handler(heard) {
            tracing::debug!(%error, "signals are not handled");
        }
        interrupt
    }

    /// Whether it happened.
    pub(crate) fn hit(&self) -> bool {
        self.shared.hit.load(Ordering::Acquire)
    }

    /// Calls and loads of this sandbox end when it happens.
    pub(crate) fn guard(&self, sandbox: &Sandbox) {
        *lock(&self.shared.sandbox) = Some(sandbox.clone());
    }

    /// Forgets the sandbox, so that it can end.
    pub(crate) fn release(&self) {
        *lock(&self.shared.sandbox) = None;
    }

    /// Makes a file that is to be removed if it happens before [`Interrupt::finished`]. Once the files are being removed,
    /// none is made any more.
    pub(crate) fn unfinished<T: AsRef<Path>>(
        &self,
        make: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<T> {
        let mut unfinished = lock(&self.shared.unfinished);
        let made = make()?;
        unfinished.push(made.as_ref().to_owned());
        Ok(made)
    }

    /// The file is complete, or gone.
    pub(crate) fn finished(&self, path: &Path) {
        lock(&self.shared.unfinished).retain(|other| other != path);
    }

    /// What is to be said where the main thread does not get to it.
    pub(crate) fn last_words(&self, words: impl FnOnce() + Send + 'static) {
        *lock(&self.shared.words) = Some(Box::new(words));
    }

    fn happened(&self) {
        if self.shared.hit.swap(true, Ordering::AcqRel) {
            self.leave();
        }
        let sandbox = lock(&self.shared.sandbox).clone();
        if let Some(sandbox) = &sandbox {
            sandbox.close_blocking();
        }
        let begun = Instant::now();
        let mut idle = begun;
        while idle.elapsed() < GRACE {
            let calls = sandbox.as_ref().map_or(0, |sandbox| sandbox.stats().in_use);
            let busy = calls > 0 || !lock(&self.shared.unfinished).is_empty();
            if busy && begun.elapsed() < BUSY_MAX {
                idle = Instant::now();
            }
            std::thread::sleep(LOOK);
        }
        drop(sandbox);
        self.leave();
    }

    fn leave(&self) -> ! {
        self.say_last_words();
        // Held to the end: another thread may be about to make the next one.
        let mut unfinished = lock(&self.shared.unfinished);
        for path in unfinished.drain(..) {
            // It may be renamed already.
            let _ = std::fs::remove_file(path);
        }
        exit::now(exit::INTERRUPTED)
    }
}

impl Interrupt {
    fn say_last_words(&self) {
        let words = lock(&self.shared.words).take();
        let (sender, said) = mpsc::channel();
        std::thread::spawn(move || {
            screen::clear();
            if let Some(words) = words {
                words();
            }
            // The program may have ended.
            let _ = sender.send(());
        });
        // Late is as good as never.
        let _ = said.recv_timeout(WORDS_MAX);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
