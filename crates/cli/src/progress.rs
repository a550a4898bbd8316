//! A bar on standard error while many files are worked on, or the like, if somebody sees it.

use std::fmt;
use std::io::{self, IsTerminal as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use crate::screen;
use crate::show;

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
        Bar::counting("files", files, quiet)
    }

    /// The same for things that are called so.
    pub(crate) fn counting(what: &'static str, count: usize, quiet: bool) -> Bar {
        if quiet || count < 2 || !io::stderr().is_terminal() {
            return Bar { bar: None };
        }
        let bar = screen::shown().add(ProgressBar::new(count as u64));
        bar.set_style(style(what));
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
            screen::shown().remove(&bar);
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.clear();
    }
}

/// `━━━━━━━╌╌╌ 120/200 files, 11.3/s, 7 s left, 2 failed`
fn style(what: &str) -> ProgressStyle {
    let template = format!("{{bar:24}} {{human_pos}}/{{human_len}} {what}{{pace}}{{msg}}");
    let style =
        ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
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
