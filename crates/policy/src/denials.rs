//! The denial log: every denial is one structured event, to `tracing` and to a sink, and none is lost without being counted.
//!
//! A denial goes to `tracing` on the caller's thread, and into a bounded queue that one thread of the log carries to the
//! [`DenialSink`]. When the queue is full, the denied caller waits, at most [`DenialLogConfig::wait`]; then the event goes to
//! the spool, a file of bounded size that is replayed when the sink works again, after a restart too. What the spool does not
//! take is counted, by action, and written later as one `denials_lost` event. An allow never waits: one in N is an event too,
//! if there happens to be room.
//!
//! In: what a checker decided. Out: lines of JSON, in ASCII, one event each. Never: an allow that waits for a sink; a runtime's
//! thread on a disk; a denial that is nowhere. What dies with the process is what was still in memory: close the log.
//!
//! Metrics: `wardian_policy_decisions_total` by `decision`, `action` and, for denials, `reason`;
//! `wardian_policy_denials_spooled_total`; `wardian_policy_denials_lost_total` by `action`; `wardian_policy_sink_errors_total`;
//! `wardian_policy_spool_errors_total`; `wardian_policy_allows_dropped_total`. Actions and reasons that are not known share the
//! label `other`.
//!
//! The log owns up to three threads: one writes to the sink, one to the spool, one ends waits. So it needs no runtime, and a
//! sink or a disk that hangs while it is written to holds up nobody else. Memory: `queue_bytes_max` for each of the two queues, and the event of each
//! caller that waits, at most 173 KiB each.
//!
//! ```
//! use std::sync::{Arc, Mutex};
//! use std::time::Duration;
//! use wardian_policy::denials::{Denial, DenialLog, DenialLogConfig, DeniedResource, Kept, now_ns};
//!
//! let lines = Arc::new(Mutex::new(Vec::new()));
//! let sink = {
//!     let lines = lines.clone();
//!     move |line: &str| {
//!         lines.lock().map_err(|_| std::io::ErrorKind::Other)?.push(line.to_owned());
//!         Ok(())
//!     }
//! };
//! let log = DenialLog::new(DenialLogConfig::default(), sink)?;
//! let kept = log.denied_blocking(Denial {
//!     ts_ns: now_ns(),
//!     service: "shop".into(),
//!     action: "env.read".into(),
//!     resource: Some(DeniedResource { kind: "env_var".into(), id: Some("PATH".into()) }),
//!     reason: "not_in_allowlist".into(),
//!     policy_version: "3".into(),
//!     policy_digest: "b3:9f".into(),
//! });
//! assert_eq!(kept, Kept::Queue);
//! assert_eq!(log.close(Duration::from_secs(5)).lost, 0);
//! assert!(lines.lock().is_ok_and(|lines| lines[0].starts_with(r#"{"event":"policy_denied","ts":"20"#)));
//! # Ok::<(), wardian_policy::denials::DenialLogError>(())
//! ```

mod config;
mod counters;
mod event;
mod lost;
mod place;
mod queue;
mod sink;
mod spool;
mod spooler;
mod state;
mod text;
mod timer;
mod worker;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

pub use config::{
    ACTIONS_MAX, DenialLogConfig, DenialLogError, REASONS_MAX, SpoolConfig, WAIT_MAX,
};
pub use event::{Allow, Denial, DeniedResource};
pub use place::{Kept, Recording};
pub use sink::{DenialSink, Lines};
pub use spool::SpoolError;
pub use text::{FIELD_BYTES_MAX, now_ns};

use queue::Line;
use spool::Spool;
use spooler::Spooler;
use state::Shared;
use worker::Worker;

/// How long a log that is dropped without [`DenialLog::close`] may take to end.
const DROP_TIMEOUT: Duration = Duration::from_millis(500);

/// Where denials go. One for a process; share it in an [`Arc`].
///
/// Dropping it closes it with half a second; do not leave that to a thread that must not block.
pub struct DenialLog {
    shared: Arc<Shared>,
    allow_one_in: u64,
    allows: AtomicU64,
}

/// What became of what was under way when a log was closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Closing {
    /// Whether the thread of the sink ended. One that hangs in the sink is left behind; the event in its hands is counted as
    /// spooled or lost, and may yet reach the sink.
    pub sink_ended: bool,
    /// Denials that went from memory to the spool meanwhile, where the next log finds them.
    pub spooled: u64,
    /// Denials that are lost and of which no `denials_lost` event tells, neither in the sink nor in the spool.
    pub lost: u64,
}

impl fmt::Debug for DenialLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DenialLog")
            .field("shared", &self.shared)
            .field("allow_one_in", &self.allow_one_in)
            .finish_non_exhaustive()
    }
}

impl DenialLog {
    /// Opens the spool, if there is to be one, and starts the threads. Blocks on the disk. Counters belong to the recorder of
    /// metrics that is installed now.
    ///
    /// # Errors
    /// A setting out of its range, a spool that cannot be opened or is in use, a thread that cannot be started.
    pub fn new(
        config: DenialLogConfig,
        sink: impl DenialSink,
    ) -> Result<DenialLog, DenialLogError> {
        config.check()?;
        let spool = config.spool.as_ref().map(Spool::open).transpose()?;
        let shared = Arc::new(Shared::new(&config, spool.as_ref()));
        // From here on a failure drops the log, and that ends the threads that were started.
        let log = DenialLog {
            shared: shared.clone(),
            allow_one_in: config.allow_one_in,
            allows: AtomicU64::new(0),
        };
        let spool = spool.map(Spool::shared);
        start("timer", {
            let shared = shared.clone();
            move || timer::run(&shared)
        })?;
        if let Some(spool) = &spool {
            let spooler = Spooler::new(shared.clone(), spool.clone());
            start("spool", move || spooler.run())?;
        }
        let worker = Worker::new(shared, Box::new(sink), spool);
        start("sink", move || worker.run())?;
        Ok(log)
    }

    /// Records a denial: at once, before the future that this gives is polled, which waits only where the queue is full.
    ///
    /// Dropping the future never loses the event: one that still waits goes to the spool. It needs no runtime.
    pub fn denied(&self, denial: Denial) -> Recording {
        self.shared.counters.denied(&denial.action, &denial.reason);
        denial.trace();
        let line = Line::denied(denial.to_json(), &denial.action);
        // What the caller brought may be much longer than what is kept of it.
        drop(denial);
        place::place(&self.shared, Arc::new(line))
    }

    /// The same on the caller's thread; not for async code.
    pub fn denied_blocking(&self, denial: Denial) -> Kept {
        futures_lite::future::block_on(self.denied(denial))
    }

    /// Counts an allow and, one in [`DenialLogConfig::allow_one_in`] times, the first included, makes it an event to `tracing`
    /// and to the sink. Never waits, not for a lock either: a sampled allow that finds no room, in the half of the queue that
    /// allows may use, is dropped and counted. One that is not sampled costs a look-up among seven actions and two atomic
    /// additions.
    pub fn allowed(&self, allow: &Allow<'_>) {
        match allow.is_static {
            true => self.shared.counters.allowed_statically(allow.action),
            false => self.shared.counters.allowed(allow.action),
        }
        if self.allow_one_in == 0 {
            return;
        }
        let n = self.allows.fetch_add(1, Ordering::Relaxed);
        if n.is_multiple_of(self.allow_one_in) {
            let ts_ns = now_ns();
            allow.trace(ts_ns, self.allow_one_in);
            let line = Line::allowed(allow.to_json(ts_ns, self.allow_one_in));
            place::offer(&self.shared, Arc::new(line));
        }
    }

    /// Ends the log within about `timeout`: half of it for the sink to take what it can, the rest for the spool to take what is
    /// left. Blocks. Who waits is let go at once. Denials that come later are lost, and counted.
    pub fn close(&self, timeout: Duration) -> Closing {
        let now = Instant::now();
        self.shared.begin_closing();
        self.shared.wait_for_worker(now.checked_add(timeout / 2));
        self.shared.begin_flushing();
        self.shared.wait_for_spooler(now.checked_add(timeout));
        self.shared.end()
    }
}

impl Drop for DenialLog {
    fn drop(&mut self) {
        self.close(DROP_TIMEOUT);
    }
}

fn start(name: &str, run: impl FnOnce() + Send + 'static) -> Result<(), DenialLogError> {
    thread::Builder::new()
        .name(format!("denials-{name}"))
        .spawn(run)
        .map(drop)
        .map_err(DenialLogError::Thread)
}
