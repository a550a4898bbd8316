//! Ctrl-C, SIGTERM and SIGHUP: running guests are cancelled, half-written files removed, and the program ends soon.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use wardian_sandbox::Sandbox;

use crate::exit;
use crate::screen;

/// How long the main thread has to end by itself, with a proper message, after its calls were cancelled.
const GRACE: Duration = Duration::from_millis(500);

/// What has to be undone when the program is interrupted. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    hit: AtomicBool,
    sandbox: Mutex<Option<Sandbox>>,
    unfinished: Mutex<Vec<PathBuf>>,
}

impl Interrupt {
    /// Listens from now on. Where that is not possible, the signals end the program as they always do.
    pub(crate) fn install() -> Interrupt {
        let interrupt = Interrupt::default();
        let theirs = interrupt.clone();
        if let Err(error) = ctrlc::set_handler(move || theirs.happened()) {
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

    /// A file that is to be removed if it happens before [`Interrupt::finished`].
    pub(crate) fn unfinished(&self, path: &Path) {
        lock(&self.shared.unfinished).push(path.to_owned());
    }

    /// The file is complete, or gone.
    pub(crate) fn finished(&self, path: &Path) {
        lock(&self.shared.unfinished).retain(|other| other != path);
    }

    fn happened(&self) {
        if self.shared.hit.swap(true, Ordering::AcqRel) {
            self.leave();
        }
        let sandbox = lock(&self.shared.sandbox).clone();
        if let Some(sandbox) = sandbox {
            sandbox.close_blocking();
        }
        std::thread::sleep(GRACE);
        self.leave();
    }

    fn leave(&self) -> ! {
        clear_screen();
        for path in lock(&self.shared.unfinished).drain(..) {
            // It may never have been made, or be renamed already.
            let _ = std::fs::remove_file(path);
        }
        exit::now(exit::INTERRUPTED)
    }
}

/// A terminal that is stopped takes nothing, and must not stop us.
fn clear_screen() {
    let (sender, cleared) = mpsc::channel();
    std::thread::spawn(move || {
        screen::clear();
        // Nobody waits any more.
        let _ = sender.send(());
    });
    // Late is as good as never.
    let _ = cleared.recv_timeout(GRACE);
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
