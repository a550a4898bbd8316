//! Telling the host that a module is being compiled: the one thing a load does that takes seconds.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::cpu::TargetCpu;

/// A module that is being compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compilation<'a> {
    /// Tells it from others that go on at the same time in this sandbox.
    pub id: u64,
    /// The name it is loaded under.
    pub module: &'a str,
    /// Bytes of the module. A megabyte takes about a second of one core.
    pub bytes: u64,
    /// The processor it is compiled for.
    pub cpu: TargetCpu,
    /// Whether the code is to be kept on disk, so that it is not compiled again.
    pub kept: bool,
}

/// What a [`CompileObserver`] is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompileEvent<'a> {
    /// A compilation begins.
    Begun(Compilation<'a>),
    /// It is over. Each one that has begun ends, if it fails or is cancelled too.
    Ended {
        /// Which.
        compilation: Compilation<'a>,
        /// From its beginning.
        took: Duration,
        /// Whether there is code.
        compiled: bool,
    },
}

/// A function that is told of compilations, on the threads that wait for them. It should neither block nor panic: a
/// panic is the loader's.
#[derive(Clone)]
pub struct CompileObserver {
    told: Arc<dyn Fn(&CompileEvent<'_>) + Send + Sync>,
}

impl CompileObserver {
    /// Tells this function.
    pub fn new(told: impl Fn(&CompileEvent<'_>) + Send + Sync + 'static) -> CompileObserver {
        CompileObserver {
            told: Arc::new(told),
        }
    }
}

impl fmt::Debug for CompileObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompileObserver").finish_non_exhaustive()
    }
}

/// A compilation that has been told of; its end is told when it is dropped, whichever way that comes.
pub(crate) struct Observed<'a> {
    observer: Option<&'a CompileObserver>,
    compilation: Compilation<'a>,
    begun: Instant,
    compiled: bool,
}

impl<'a> Observed<'a> {
    pub(crate) fn begin(
        observer: Option<&'a CompileObserver>,
        compilation: Compilation<'a>,
    ) -> Observed<'a> {
        if let Some(observer) = observer {
            (observer.told)(&CompileEvent::Begun(compilation));
        }
        Observed {
            observer,
            compilation,
            begun: Instant::now(),
            compiled: false,
        }
    }

    /// There is code.
    pub(crate) fn succeed(mut self) {
        self.compiled = true;
    }
}

impl Drop for Observed<'_> {
    fn drop(&mut self) {
        if let Some(observer) = self.observer {
            (observer.told)(&CompileEvent::Ended {
                compilation: self.compilation,
                took: self.begun.elapsed(),
                compiled: self.compiled,
            });
        }
    }
}
