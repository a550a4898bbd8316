//! What is drawn on standard error and goes away again. It is one for the whole program, as standard error is, so that
//! whatever is written beside it can move it out of the way.

use std::io::{self, Write};
use std::sync::OnceLock;

use indicatif::{MultiProgress, ProgressDrawTarget};

/// Everything that is drawn is added here.
pub(crate) fn shown() -> &'static MultiProgress {
    static SHOWN: OnceLock<MultiProgress> = OnceLock::new();
    SHOWN.get_or_init(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr()))
}

/// Writes something else to the terminal while what is drawn is out of the way.
pub(crate) fn beside<T>(write: impl FnOnce() -> T) -> T {
    shown().suspend(write)
}

/// What a panic says goes above what is drawn, too.
pub(crate) fn keep_clear_of_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |what| beside(|| usual(what))));
}

/// For a program that ends: takes away what is drawn, and draws nothing more. Whoever draws it may hold it, and wait for
/// a terminal that takes nothing.
pub(crate) fn clear() {
    // Where nothing can be drawn, nothing is there.
    let _ = shown().clear();
    shown().set_draw_target(ProgressDrawTarget::hidden());
}

/// Standard error for the log: a line goes above what is drawn.
#[derive(Debug, Default)]
pub(crate) struct Above;

impl Write for Above {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        beside(|| io::stderr().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
