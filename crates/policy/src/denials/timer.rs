//! Ends the waits of denied callers. A thread of its own, because the others may hang in a sink or a disk.

use std::sync::PoisonError;
use std::time::Instant;

use crate::denials::state::{Shared, Stage, Told};

/// The thread's life.
pub(super) fn run(shared: &Shared) {
    let mut state = shared.lock();
    while state.stage == Stage::Open {
        let first = state.parked.first_key_value();
        let first = first.map(|(ticket, parked)| (*ticket, parked.deadline));
        let Some((ticket, deadline)) = first else {
            let waited = shared.timer_work.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
            continue;
        };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            let told = shared.give_up(&mut state, ticket);
            drop(state);
            told.into_iter().for_each(Told::tell);
            state = shared.lock();
        } else {
            let waited = shared.timer_work.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
