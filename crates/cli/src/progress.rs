//! A bar on standard error while many files are worked on, if somebody sees it. It is one for the whole program, as
//! standard error is, so that whatever else is written there or beside it can move it out of the way.

use std::fmt;
use std::io::{self, IsTerminal as _, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::show;

static SHOWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// How often it is drawn while nothing happens: the time that is left goes on.
const TICK: Duration = Duration::from_millis(250);

/// The bar, or none. Dropping it takes it away.
#[derive(Debug)]
pub(crate) struct Bar {
    bar: Option<ProgressBar>,
}

impl Bar {
    /// Shows one for so many files; none if there is nobody to see it, or nothing to wait for.
    pub(crate) fn show(files: usize, quiet: bool) -> Bar {
        if quiet || files < 2 || !io::stderr().is_terminal() {
            return Bar { bar: None };
        }
        let target = ProgressDrawTarget::stderr();
        let bar = ProgressBar::with_draw_target(Some(files as u64), target);
        bar.set_style(style());
        *shown() = Some(bar.clone());
        bar.tick();
        bar.enable_steady_tick(TICK);
        Bar { bar: Some(bar) }
    }

    /// So many are done, and so many of them failed.
    pub(crate) fn at(&self, done: usize, failed: usize) {
        let Some(bar) = &self.bar else { return };
        if failed > 0 {
            bar.set_message(format!(", {} failed", show::count(failed as u64)));
        }
        bar.set_position(done as u64);
    }

    /// Takes it away; nothing of it stays.
    pub(crate) fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
            *shown() = None;
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.clear();
    }
}

/// `━━━━━━━╌╌╌ 120/200 files, 11.3/s, 7 s left, 2 failed`
fn style() -> ProgressStyle {
    let template = "{bar:24} {human_pos}/{human_len} files{pace}{msg}";
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style
        .with_key("pace", |state: &ProgressState, out: &mut dyn fmt::Write| {
            if state.pos() > 0 {
                let left = state.eta().as_secs();
                // Where it is written has no way to fail.
                let _ = write!(out, ", {:.1}/s, {left} s left", state.per_sec());
            }
        })
        .progress_chars("━╸╌")
}

/// Writes something else to the terminal while the bar is out of the way.
pub(crate) fn beside<T>(write: impl FnOnce() -> T) -> T {
    let bar = shown().clone();
    match bar {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}

/// For a program that ends now. Whoever draws it may hold it, and wait for a terminal that takes nothing.
pub(crate) fn clear() {
    let bar = shown().take();
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
}

/// What a panic says goes above the bar, too.
pub(crate) fn keep_clear_of_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |what| beside(|| usual(what))));
}

fn shown() -> MutexGuard<'static, Option<ProgressBar>> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Standard error for the log: a line goes above the bar.
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
