//! ``compiling `pdf` for this machine, once …``: said while a module is compiled that takes long, so that nobody
//! wonders. On a terminal with the seconds that pass, and gone afterwards; elsewhere one plain line.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use wardian_sandbox::{Compilation, CompileEvent, CompileObserver, TargetCpu};

use crate::output;
use crate::screen;
use crate::show;

/// What is over sooner is not worth a word.
const PATIENCE: Duration = Duration::from_millis(300);
/// A smaller module takes that long only where the machine is busy with something else.
const MODULE_BYTES_MIN: u64 = 64 << 10;
const TICK: Duration = Duration::from_millis(100);

/// A compilation that is going on: dropping the sender ends its thread, which clears the screen.
struct Going {
    goes_on: Sender<()>,
    thread: JoinHandle<()>,
}

/// Tells a person of compilations.
pub(crate) fn observer() -> CompileObserver {
    let going = Mutex::new(BTreeMap::new());
    CompileObserver::new(move |event| {
        let mut going = going.lock().unwrap_or_else(PoisonError::into_inner);
        told(&mut going, event);
    })
}

fn told(going: &mut BTreeMap<u64, Going>, event: &CompileEvent<'_>) {
    match event {
        CompileEvent::Begun(compilation) if compilation.bytes >= MODULE_BYTES_MIN => {
            going.extend(begin(compilation).map(|begun| (compilation.id, begun)));
        }
        CompileEvent::Begun(_) => {}
        CompileEvent::Ended { compilation, .. } => {
            if let Some(Going { goes_on, thread }) = going.remove(&compilation.id) {
                drop(goes_on);
                // Waited for, so that what is said next stands on a clear screen.
                let _ = thread.join();
            }
        }
    }
}

/// A system that has no thread to spare has other worries than our words.
fn begin(compilation: &Compilation<'_>) -> Option<Going> {
    let text = text(compilation);
    let (goes_on, ended) = mpsc::channel();
    let thread = Builder::new()
        .name("wardian-compiling".into())
        .spawn(move || say(&text, &ended))
        .ok()?;
    Some(Going { goes_on, thread })
}

fn text(compilation: &Compilation<'_>) -> String {
    let module = show::quoted(compilation.module);
    let cpu = match compilation.cpu {
        TargetCpu::Native => "this machine".into(),
        TargetCpu::Baseline(baseline) => baseline.to_string(),
    };
    let times = if compilation.kept {
        "once"
    } else {
        "each time, as there is no cache"
    };
    format!("compiling {module} for {cpu}, {times} …")
}

fn say(text: &str, ended: &Receiver<()>) {
    if ended.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
        return;
    }
    if !is_seen() {
        output::warn(text);
        return;
    }
    let bar = screen::shown().add(ProgressBar::new_spinner());
    bar.set_style(style());
    let bar = bar.with_elapsed(PATIENCE);
    bar.set_message(text.to_owned());
    bar.enable_steady_tick(TICK);
    // Nothing is ever sent; this waits for its end.
    let _ = ended.recv();
    bar.finish_and_clear();
    screen::shown().remove(&bar);
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {msg} {elapsed}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
}

/// Whether standard error is a terminal that can take a line back.
fn is_seen() -> bool {
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stderr().is_terminal() && !dumb
}

#[cfg(test)]
mod tests {
    use wardian_sandbox::Baseline;

    use super::*;

    fn compilation(id: u64, kept: bool, cpu: TargetCpu) -> Compilation<'static> {
        Compilation {
            id,
            module: "pdf\u{1b}[31m",
            bytes: MODULE_BYTES_MIN,
            cpu,
            kept,
        }
    }

    #[test]
    fn the_words_say_for_what_and_how_often() {
        let of = |kept, cpu| text(&compilation(0, kept, cpu));
        let v3 = TargetCpu::Baseline(Baseline::X86_64V3);
        assert_eq!(
            [of(true, TargetCpu::Native), of(true, v3), of(false, v3)],
            [
                r"compiling `pdf\u{1b}[31m` for this machine, once …",
                r"compiling `pdf\u{1b}[31m` for x86-64-v3, once …",
                r"compiling `pdf\u{1b}[31m` for x86-64-v3, each time, as there is no cache …",
            ]
        );
    }

    /// Both sides of the size; each end is told to its own beginning, in whatever order they come.
    #[test]
    fn small_ones_have_no_thread_and_each_thread_ends() {
        let mut going = BTreeMap::new();
        let small = Compilation {
            bytes: MODULE_BYTES_MIN - 1,
            ..compilation(0, true, TargetCpu::Native)
        };
        let mut tell = |event: &CompileEvent<'_>| {
            told(&mut going, event);
            going.keys().copied().collect::<Vec<_>>()
        };
        let [one, two] = [1, 2].map(|id| compilation(id, true, TargetCpu::Native));
        let ended = |compilation| CompileEvent::Ended {
            compilation,
            took: Duration::ZERO,
            compiled: true,
        };
        assert!(tell(&CompileEvent::Begun(small)).is_empty());
        assert_eq!(tell(&CompileEvent::Begun(one)), [1]);
        assert_eq!(tell(&CompileEvent::Begun(two)), [1, 2]);
        assert_eq!(tell(&ended(small)), [1, 2]);
        assert_eq!(tell(&ended(one)), [2]);
        assert!(tell(&ended(two)).is_empty());
        assert!(tell(&ended(two)).is_empty());
    }
}
