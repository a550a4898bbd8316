//! The parent's side: starts the process, waits for whichever comes first — its reply, the deadline, a cancel — and
//! leaves nothing of it behind.
//!
//! Three threads of their own carry the bytes, because a pipe's end cannot be waited for with a deadline otherwise; the
//! caller's thread decides. The process leads a group of its own, which is killed as a whole while its leader is still
//! unreaped, so that no other process can have taken its number.

use std::io::{self, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Builder;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rustix::process::{Pid, Signal};

use super::wire::{self, Reply, WireError};
use super::{Helper, HelperError, Job};

/// What is kept of the child's standard error: its end, where the reason is.
pub(super) const STDERR_BYTES_MAX: usize = 16 << 10;
/// A process that has closed its output gets this long to end by itself, so that its ending can be told.
const ENDING_GRACE: Duration = Duration::from_millis(250);

/// Ends a compilation from another thread. Clones share the flag; it stays set.
#[derive(Clone, Debug, Default)]
pub struct CancelFlag {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    cancelled: AtomicBool,
    waiter: Mutex<Option<Sender<Event>>>,
}

impl CancelFlag {
    /// A flag that is not set.
    pub fn new() -> CancelFlag {
        CancelFlag::default()
    }

    /// Sets the flag: a compilation that runs under it is killed, one that would begin does not.
    pub fn cancel(&self) {
        self.shared.cancelled.store(true, Ordering::SeqCst);
        if let Some(waiter) = self.waiter().as_ref() {
            // Nobody listens any more: then there is nothing to cancel.
            let _ = waiter.send(Event::Cancelled);
        }
    }

    /// Whether it is set.
    pub fn is_cancelled(&self) -> bool {
        self.shared.cancelled.load(Ordering::SeqCst)
    }

    /// Sets the flag when the guard is dropped: for futures, whose being dropped is the only sign.
    pub fn on_drop(&self) -> CancelOnDrop {
        CancelOnDrop {
            flag: Some(self.clone()),
        }
    }

    fn waiter(&self) -> std::sync::MutexGuard<'_, Option<Sender<Event>>> {
        self.shared
            .waiter
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sets a [`CancelFlag`] when dropped.
#[derive(Debug)]
pub struct CancelOnDrop {
    flag: Option<CancelFlag>,
}

impl CancelOnDrop {
    /// Lets the compilation be: it has ended.
    pub fn disarm(mut self) {
        self.flag = None;
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        if let Some(flag) = &self.flag {
            flag.cancel();
        }
    }
}

#[derive(Debug)]
enum Event {
    Cancelled,
    Replied(Result<Reply, WireError>),
}

/// Compiles `module` in a helper process. Blocks until the artifact is there or the process is gone.
///
/// The environment is not passed on. The process must be running [`super::worker_main`].
pub fn run(
    helper: &Helper,
    job: &Job,
    module: Bytes,
    cancel: &CancelFlag,
) -> Result<Vec<u8>, HelperError> {
    let bytes = module.len() as u64;
    if bytes > job.module_bytes_max {
        return Err(HelperError::ModuleTooLarge {
            bytes,
            max: job.module_bytes_max,
        });
    }
    let header = encode(job)?;
    let (sender, events) = mpsc::channel();
    *cancel.waiter() = Some(sender.clone());
    // Looked at after the registration: a cancel either finds us or is found here.
    let outcome = if cancel.is_cancelled() {
        Err(HelperError::Cancelled)
    } else {
        let spawn = |source| HelperError::Spawn {
            program: helper.program.clone(),
            source,
        };
        let deadline = Instant::now().checked_add(job.time_max);
        Process::start(helper, job, header, module, sender)
            .map_err(spawn)
            .and_then(|mut process| {
                let event = wait(&events, deadline);
                process.conclude(job, event, deadline)
            })
    };
    *cancel.waiter() = None;
    outcome
}

fn encode(job: &Job) -> Result<Vec<u8>, HelperError> {
    let refuse = |problem: String| HelperError::Protocol {
        problem,
        stderr: String::new(),
    };
    let header = serde_json::to_vec(job).map_err(|error| refuse(error.to_string()))?;
    if header.len() > wire::JOB_BYTES_MAX {
        return Err(refuse(format!(
            "job of {} bytes, allowed {} bytes",
            header.len(),
            wire::JOB_BYTES_MAX
        )));
    }
    Ok(header)
}

/// A running helper; dropping it kills and reaps it.
struct Process {
    child: Child,
    reaped: bool,
    /// The end of its standard error, once there is nothing more to come.
    stderr: Receiver<String>,
}

impl Process {
    /// Starts the process and the threads that carry its bytes. They end when the process group is gone.
    fn start(
        helper: &Helper,
        job: &Job,
        header: Vec<u8>,
        module: Bytes,
        replies: Sender<Event>,
    ) -> io::Result<Process> {
        let child = Command::new(&helper.program)
            .args(&helper.args)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let (said, stderr) = mpsc::channel();
        // From here on a failure drops it, which kills it.
        let mut process = Process {
            child,
            reaped: false,
            stderr,
        };
        let missing = || io::Error::other("a pipe is missing");
        let stdin = process.child.stdin.take().ok_or_else(missing)?;
        let stdout = process.child.stdout.take().ok_or_else(missing)?;
        let stderr = process.child.stderr.take().ok_or_else(missing)?;
        let artifact_bytes_max = job.artifact_bytes_max;
        Builder::new()
            .name("wardian-compile-in".to_owned())
            .spawn(move || {
                // A worker that does not listen may still have something to say: its reply is what counts.
                let _ = wire::write_request(stdin, &header, &module);
            })?;
        Builder::new()
            .name("wardian-compile-out".to_owned())
            .spawn(move || {
                let _ = replies.send(Event::Replied(wire::read_reply(stdout, artifact_bytes_max)));
            })?;
        Builder::new()
            .name("wardian-compile-err".to_owned())
            .spawn(move || {
                let _ = said.send(tail(stderr));
            })?;
        Ok(process)
    }

    fn conclude(
        &mut self,
        job: &Job,
        event: Option<Event>,
        deadline: Option<Instant>,
    ) -> Result<Vec<u8>, HelperError> {
        let reply = match event {
            None => return Err(HelperError::Time { max: job.time_max }),
            Some(Event::Cancelled) => return Err(HelperError::Cancelled),
            Some(Event::Replied(reply)) => reply,
        };
        match reply {
            Ok(Reply::Artifact(artifact)) => Ok(artifact),
            Ok(Reply::Refused(text)) => Err(HelperError::Compile(text)),
            Ok(Reply::Failed(how)) => Err(HelperError::Failed {
                how,
                stderr: self.last_words(),
            }),
            Err(WireError::Early) => {
                let status = self.ending(deadline);
                Err(diagnose(job, status, self.last_words()))
            }
            Err(error) => Err(HelperError::Protocol {
                problem: error.to_string(),
                stderr: self.last_words(),
            }),
        }
    }

    /// How a process ended that closed its output without a reply; `None` when it has to be killed.
    fn ending(&mut self, deadline: Option<Instant>) -> Option<ExitStatus> {
        let patience = Instant::now() + ENDING_GRACE;
        let patience = deadline.map_or(patience, |deadline| deadline.min(patience));
        loop {
            // Not reaped yet by this: the group is killed first.
            match self.peek() {
                Ok(true) => return self.kill(),
                Ok(false) if Instant::now() < patience => {
                    std::thread::sleep(Duration::from_millis(1))
                }
                _ => {
                    self.kill();
                    return None;
                }
            }
        }
    }

    /// Whether the leader has ended, leaving it to be reaped.
    fn peek(&self) -> io::Result<bool> {
        use rustix::process::{WaitId, WaitIdOptions, waitid};
        let Some(pid) = self.pid() else {
            return Ok(true);
        };
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        Ok(waitid(WaitId::Pid(pid), options)?.is_some())
    }

    fn pid(&self) -> Option<Pid> {
        i32::try_from(self.child.id()).ok().and_then(Pid::from_raw)
    }

    /// Kills whatever is left of the group and reaps its leader.
    fn kill(&mut self) -> Option<ExitStatus> {
        if !self.reaped {
            self.reaped = true;
            if let Some(pid) = self.pid() {
                let _ = rustix::process::kill_process_group(pid, Signal::KILL);
            }
            return self.child.wait().ok();
        }
        None
    }

    /// The end of its standard error. The group is killed first, or a process that holds the pipe would hold us.
    fn last_words(&mut self) -> String {
        self.kill();
        self.stderr.recv_timeout(ENDING_GRACE).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The next event; `None` at the deadline.
fn wait(events: &Receiver<Event>, deadline: Option<Instant>) -> Option<Event> {
    let Some(deadline) = deadline else {
        return events.recv().ok();
    };
    events
        .recv_timeout(deadline.saturating_duration_since(Instant::now()))
        .ok()
}

/// Reads to the end and keeps the last of it, as printable text.
fn tail(mut from: impl Read) -> String {
    let mut kept = Vec::new();
    let mut piece = [0; 4096];
    loop {
        match from.read(&mut piece) {
            Ok(0) => break,
            Ok(n) => kept.extend_from_slice(piece.get(..n).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
        if kept.len() > 2 * STDERR_BYTES_MAX {
            kept.drain(..kept.len() - STDERR_BYTES_MAX);
        }
    }
    kept.drain(..kept.len().saturating_sub(STDERR_BYTES_MAX));
    let printable = |c: char| {
        if c == '\n' || !c.is_control() {
            c
        } else {
            '\u{fffd}'
        }
    };
    String::from_utf8_lossy(&kept)
        .chars()
        .map(printable)
        .collect()
}

/// Names the reason of a process that died without a reply.
fn diagnose(job: &Job, status: Option<ExitStatus>, stderr: String) -> HelperError {
    let Some(status) = status else {
        return HelperError::Protocol {
            problem: "it closed its output without a reply".to_owned(),
            stderr,
        };
    };
    let signal = status.signal().and_then(Signal::from_named_raw);
    // The allocator's and the system's own words: the process says them before it aborts or panics.
    let starved = [
        "memory allocation of",
        "annot allocate memory",
        "os error 12",
        "code: 12",
        "ut of memory",
        "failed to spawn thread",
    ];
    if signal == Some(Signal::XCPU) {
        return HelperError::Time { max: job.time_max };
    }
    // We did not kill it: the system did, for its memory.
    if signal == Some(Signal::KILL) || starved.iter().any(|words| stderr.contains(words)) {
        return HelperError::Memory {
            max: job.memory_bytes_max,
        };
    }
    HelperError::Failed {
        how: status.to_string(),
        stderr,
    }
}
