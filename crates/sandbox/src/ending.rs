//! Names endings: whatever stopped a call becomes one error with somebody to blame.

use std::sync::Arc;
use std::time::{Duration, Instant};

use wasmtime::StoreContextMut;

use crate::error::{CallError, HostError};
use crate::job::Ended;
use crate::limits::Limit;
use crate::metered::{Stop, Watch};
use crate::run::narrow;
use crate::state::{Limiter, State};
use crate::text::clean;
use crate::trap::{Trap, TrapKind};

pub(crate) fn no_function(function: &str) -> String {
    format!(
        "it exports no function `{}`",
        clean(function.as_bytes(), 256)
    )
}

/// The export is not of the type that it is called with: whoever is wrong, host or guest, the instance is as it was.
pub(crate) fn argument(function: &str, what: &str) -> Ended {
    let shown = clean(function.as_bytes(), 256);
    Ended::Unharmed(CallError::Contract(format!("`{shown}` {what}")))
}

pub(crate) fn stopped(stop: Stop, watch: &Watch) -> CallError {
    match stop {
        Stop::Cancelled => CallError::Cancelled,
        Stop::Deadline => late(watch.begun, watch.deadline, Instant::now()),
        Stop::Panicked => {
            CallError::Host(Arc::new(std::io::Error::other("a host function panicked")))
        }
    }
}

/// The deadline as a limit, in milliseconds.
pub(crate) fn late(begun: Instant, deadline: Instant, now: Instant) -> CallError {
    let ms = |d: Duration| u64::try_from(d.as_millis()).unwrap_or(u64::MAX);
    let max = ms(deadline.saturating_duration_since(begun));
    CallError::limit(
        Limit::Deadline,
        ms(now.saturating_duration_since(begun)).max(max),
        max,
    )
}

/// `alloc` answered 0: out of memory if a growth was refused, else a broken promise.
pub(crate) fn null_from_alloc(limiter: &Limiter) -> CallError {
    match limiter.refused {
        Some((which, asked, max)) => CallError::limit(which, asked, max),
        None => CallError::Contract("`alloc` answered 0".into()),
    }
}

/// Names the engine's error.
pub(crate) fn ending(error: wasmtime::Error, store: &mut StoreContextMut<'_, State>) -> CallError {
    let state = store.data();
    let tail = state.log.tail();
    let refused = state.limiter.refused;
    let trap = Trap::read(&error, &tail).map(Box::new);
    if let Some(HostError(host)) = error.downcast_ref::<HostError>() {
        return match host.clone() {
            // A guest that gives up because it was refused memory has run out of memory.
            CallError::Panic { message, .. } => match refused {
                Some((which, asked, max)) => CallError::Limit {
                    which,
                    asked,
                    max,
                    trap,
                },
                None => CallError::Panic { message, trap },
            },
            other => other,
        };
    }
    if error.is::<wasmtime::PoolConcurrencyLimitError>() {
        return CallError::Busy;
    }
    let Some(trap) = trap else {
        return match state.limiter.refused {
            // A refused minimum is an error of the engine's without a type.
            Some((which, asked, max)) => CallError::limit(which, asked, max),
            None => CallError::Contract(plain(&error)),
        };
    };
    let fuel = narrow(state.fuel_given);
    match trap.kind {
        TrapKind::OutOfFuel => limit_trap(Limit::Fuel, fuel.saturating_add(1), fuel, trap),
        TrapKind::StackOverflow => {
            let max = state.stack_bytes_max;
            limit_trap(Limit::Stack, max.saturating_add(1), max, trap)
        }
        _ => match state.limiter.refused {
            Some((which, asked, max)) => limit_trap(which, asked, max, trap),
            None if trap.looks_like_panic() => CallError::Panic {
                message: last_words(&tail),
                trap: Some(trap),
            },
            None if trap.kind == TrapKind::Component && trap.frames.is_empty() => {
                CallError::Contract(plain(&error))
            }
            None => CallError::Trap(trap),
        },
    }
}

/// The engine's words. Never the whole chain: a backtrace in it would demangle names of the guest's, and a short name
/// can be made to take minutes.
pub(crate) fn plain(error: &wasmtime::Error) -> String {
    clean(error.root_cause().to_string().as_bytes(), 512)
}

fn limit_trap(which: Limit, asked: u64, max: u64, trap: Box<Trap>) -> CallError {
    CallError::Limit {
        which,
        asked,
        max,
        trap: Some(trap),
    }
}

/// The line of the log in which a language's runtime says what went wrong.
pub(crate) fn last_words(tail: &str) -> String {
    let signs = ["panicked at", "panic:", "fatal error:"];
    let from = tail
        .lines()
        .position(|l| signs.iter().any(|s| l.contains(s)))
        .unwrap_or(0);
    tail.lines()
        .skip(from)
        .take(4)
        .collect::<Vec<_>>()
        .join("\n")
}
