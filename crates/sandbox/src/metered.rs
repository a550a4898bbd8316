//! Watches a future that may run a guest: its deadline, its cancelling, and how long it may stay on a thread.
//!
//! The engine yields at intervals of fuel or time; each yield comes back here. A late or cancelled guest is ended by
//! dropping its future, which unwinds its stack; the store stays, so that what was used can still be read.

use std::cell::RefCell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use crate::call::Control;
use crate::sandbox::Core;
use crate::threads::{FIRST_SLICE, Room, SLICE, room};
use crate::timer::Armed;

/// Why a watched future was ended from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    Deadline,
    Cancelled,
    /// A host function panicked.
    Panicked,
}

/// What is being watched for.
pub(crate) struct Watch {
    pub(crate) core: Arc<Core>,
    pub(crate) control: Arc<Control>,
    pub(crate) begun: Instant,
    pub(crate) deadline: Instant,
    pub(crate) depth: u32,
    /// Slots that the calls hold within which this one is made.
    pub(crate) held: u32,
    /// Slots that this call holds while it runs.
    pub(crate) weight: u32,
    /// The guest calls the host, so that calls may be made within this one.
    pub(crate) hosts: bool,
    /// For host functions that use the caller's runtime after the call has moved to a guest thread.
    pub(crate) runtime: Option<tokio::runtime::Handle>,
}

/// The call that a host function polled on this thread belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Nest {
    pub(crate) depth: u32,
    pub(crate) deadline: Instant,
    /// Slots held by it and by those it is nested in.
    pub(crate) held: u32,
    pub(crate) control: Arc<Control>,
}

thread_local! {
    static NEST: RefCell<Option<Nest>> = const { RefCell::new(None) };
}

/// The call within whose host function this thread is, if it is in one.
pub(crate) fn nest() -> Option<Nest> {
    NEST.with_borrow(Clone::clone)
}

impl Watch {
    pub(crate) fn stop(&self, now: Instant) -> Option<Stop> {
        if self.control.is_cancelled() || self.core.is_closed() {
            Some(Stop::Cancelled)
        } else if now >= self.deadline {
            Some(Stop::Deadline)
        } else {
            None
        }
    }

    /// Runs a future in which the guest runs. It is pinned where it was made, so that it is not moved once more.
    pub(crate) fn guest<'a, F: Future>(&'a self, future: Pin<&'a mut F>) -> Watched<'a, F> {
        Watched {
            future,
            watch: self,
            armed: None,
            runs_guest: true,
        }
    }

    /// Waits for something else than the guest: a slot, memory.
    pub(crate) async fn wait<F: Future>(&self, future: F) -> Result<F::Output, Stop> {
        let future = std::pin::pin!(future);
        Watched {
            future,
            watch: self,
            armed: None,
            runs_guest: false,
        }
        .await
    }
}

/// A future under watch.
pub(crate) struct Watched<'a, F> {
    future: Pin<&'a mut F>,
    watch: &'a Watch,
    armed: Option<Armed>,
    runs_guest: bool,
}

impl<F: Future> Watched<'_, F> {
    fn poll_inner(&mut self, cx: &mut Context<'_>) -> Result<Poll<F::Output>, Stop> {
        struct Back(Option<Nest>);
        impl Drop for Back {
            fn drop(&mut self) {
                NEST.set(self.0.take());
            }
        }
        if !self.runs_guest {
            return Ok(self.future.as_mut().poll(cx));
        }
        if !self.watch.hosts {
            // No host function, so nobody asks in which call this thread is.
            return self.poll_caught(cx);
        }
        let here = Nest {
            depth: self.watch.depth,
            deadline: self.watch.deadline,
            held: self.watch.held.saturating_add(self.watch.weight),
            control: self.watch.control.clone(),
        };
        let _back = Back(NEST.replace(Some(here)));
        let _runtime = match room() {
            Room::Guest => self
                .watch
                .runtime
                .as_ref()
                .map(tokio::runtime::Handle::enter),
            Room::Caller | Room::Blocking => None,
        };
        self.poll_caught(cx)
    }

    fn poll_caught(&mut self, cx: &mut Context<'_>) -> Result<Poll<F::Output>, Stop> {
        catch_unwind(AssertUnwindSafe(|| self.future.as_mut().poll(cx))).map_err(|_| Stop::Panicked)
    }

    /// The future waits for somebody else: be woken at the deadline and on cancel at the latest.
    fn park(&mut self, cx: &Context<'_>) -> Poll<Result<F::Output, Stop>> {
        self.watch.control.waker.register(cx.waker());
        if room() == Room::Blocking
            && let Some(parent) = self.watch.control.parent()
        {
            // The parent is busy right here, in the host function that waits for us: its own waker is not in use.
            parent.waker.register(cx.waker());
        }
        match &self.armed {
            Some(armed) => armed.rearm(cx.waker()),
            None => {
                self.armed = Some(
                    self.watch
                        .core
                        .timer
                        .arm(self.watch.deadline, cx.waker().clone()),
                );
            }
        }
        // Whoever cancelled or closed before the registration has woken nobody.
        match self.watch.stop(Instant::now()) {
            Some(stop) => Poll::Ready(Err(stop)),
            None => Poll::Pending,
        }
    }
}

impl<F: Future> Future for Watched<'_, F> {
    type Output = Result<F::Output, Stop>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let mut slice_end = None;
        loop {
            match this.poll_inner(cx) {
                Err(stop) => return Poll::Ready(Err(stop)),
                Ok(Poll::Ready(value)) => return Poll::Ready(Ok(value)),
                Ok(Poll::Pending) => {}
            }
            if !this.runs_guest
                || this
                    .watch
                    .control
                    .in_host
                    .load(std::sync::atomic::Ordering::Relaxed)
            {
                return this.park(cx);
            }
            let now = Instant::now();
            if let Some(stop) = this.watch.stop(now) {
                return Poll::Ready(Err(stop));
            }
            match room() {
                Room::Blocking => {}
                // Moving costs more than a short guest has left.
                Room::Caller if now < this.watch.begun + FIRST_SLICE => {}
                Room::Caller => return Poll::Pending,
                Room::Guest => {
                    let end = *slice_end.get_or_insert(now + SLICE);
                    if now >= end && this.watch.core.queue.is_contended() {
                        return Poll::Pending;
                    }
                }
            }
        }
    }
}
