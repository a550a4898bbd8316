//! Where an event goes: into the queue, else after a wait to the spool, else to the count of the lost.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use tokio::sync::oneshot;

use crate::denials::queue::Line;
use crate::denials::state::{Parked, Shared, Stage, State, Told};

/// Where a denial is when its caller goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// In the queue to the sink.
    Queue,
    /// On its way to the spool.
    Spool,
    /// Nowhere: counted, and told of by a `denials_lost` event.
    Lost,
}

/// A denial that is being recorded. It is done at once unless the queue is full; then it waits for room, and at most
/// [`DenialLogConfig::wait`](crate::denials::DenialLogConfig::wait).
///
/// The denial is safe whatever becomes of this. Waiting for it slows down who is denied, which is meant.
#[must_use = "a denied caller waits while the queue is full"]
pub struct Recording(Progress);

enum Progress {
    Done(Kept),
    Waiting {
        shared: Arc<Shared>,
        ticket: u64,
        answer: oneshot::Receiver<Kept>,
    },
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Progress::Done(kept) => f.debug_tuple("Recording").field(kept).finish(),
            Progress::Waiting { ticket, .. } => f
                .debug_struct("Recording")
                .field("ticket", ticket)
                .finish_non_exhaustive(),
        }
    }
}

impl Future for Recording {
    type Output = Kept;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Kept> {
        let kept = match &mut self.0 {
            Progress::Done(kept) => return Poll::Ready(*kept),
            // Whoever takes a waiting event out answers.
            Progress::Waiting { answer, .. } => {
                ready!(Pin::new(answer).poll(cx)).unwrap_or(Kept::Lost)
            }
        };
        self.0 = Progress::Done(kept);
        Poll::Ready(kept)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Progress::Waiting { shared, ticket, .. } = self {
            let mut state = shared.lock();
            let told = shared.give_up(&mut state, *ticket);
            drop(state);
            drop(told);
        }
    }
}

/// Places a denial.
pub(super) fn place(shared: &Arc<Shared>, line: Arc<Line>) -> Recording {
    let mut state = shared.lock();
    if state.stage >= Stage::Flushing {
        shared.lose_line(&mut state, &line);
        return Recording(Progress::Done(Kept::Lost));
    }
    // Nobody overtakes those who wait.
    if state.parked.is_empty() && state.queue.fits(&line) {
        state.queue.push(line);
        drop(state);
        shared.sink_work.notify_one();
        return Recording(Progress::Done(Kept::Queue));
    }
    let deadline = Instant::now().checked_add(shared.wait);
    let deadline = deadline.filter(|_| state.stage == Stage::Open && !shared.wait.is_zero());
    let Some(deadline) = deadline else {
        let kept = shared.overflow(&mut state, line);
        return Recording(Progress::Done(kept));
    };
    let (ticket, answer) = park(&mut state, line, deadline);
    let first = state.parked.len() == 1;
    drop(state);
    if first {
        shared.timer_work.notify_one();
    }
    Recording(Progress::Waiting {
        shared: shared.clone(),
        ticket,
        answer,
    })
}

fn park(state: &mut State, line: Arc<Line>, deadline: Instant) -> (u64, oneshot::Receiver<Kept>) {
    let (caller, answer) = oneshot::channel();
    let ticket = state.next_ticket;
    state.next_ticket += 1;
    let parked = Parked {
        line,
        deadline,
        caller,
    };
    state.parked.insert(ticket, parked);
    (ticket, answer)
}

/// Places a sampled allow, if that takes no waiting and leaves room for denials.
pub(super) fn offer(shared: &Shared, line: Arc<Line>) {
    let taken = shared.try_lock().is_some_and(|mut state| {
        let fits = state.stage == Stage::Open && state.queue.fits_half(&line);
        if fits {
            state.queue.push(line);
        }
        fits
    });
    if taken {
        shared.sink_work.notify_one();
    } else {
        shared.counters.allows_dropped.increment(1);
    }
}

impl Shared {
    /// Sends a denial to the spool, or counts it.
    pub(super) fn overflow(&self, state: &mut State, line: Arc<Line>) -> Kept {
        if self.has_spool && state.overflow.fits(&line) {
            state.overflow.push(line);
            self.spool_work.notify_one();
            return Kept::Spool;
        }
        self.lose_line(state, &line);
        Kept::Lost
    }

    /// Ends the wait of a caller whose time is over or who went away.
    pub(super) fn give_up(&self, state: &mut State, ticket: u64) -> Option<Told> {
        let parked = state.parked.remove(&ticket)?;
        let kept = self.overflow(state, parked.line);
        Some(Told(parked.caller, kept))
    }

    /// Lets in who waits, as far as there is room.
    pub(super) fn refill(&self, state: &mut State) -> Vec<Told> {
        let mut told = Vec::new();
        while let Some(first) = state.parked.first_entry() {
            if !state.queue.fits(&first.get().line) {
                break;
            }
            let parked = first.remove();
            state.queue.push(parked.line);
            told.push(Told(parked.caller, Kept::Queue));
        }
        told
    }
}
