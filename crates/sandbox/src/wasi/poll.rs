//! `poll_oneoff`: sleeps that take no time, and streams that are always ready.

use wasmtime::{Caller, Linker, Result};

use super::abi::{Answer, Errno, Guest, charge, enter, u16_at, u32_at, u64_at};
use super::process::Clock;
use super::{MODULE, WasiHost};

/// How many subscriptions one poll may have; more are `inval`.
pub(super) const SUBSCRIPTIONS_MAX: u32 = 1024;

const SUBSCRIPTION_BYTES: u32 = 48;
const EVENT_BYTES: u32 = 32;
const FLAG_ABSOLUTE: u16 = 1;
/// The event flag for a stream whose other end is gone.
const HANGUP: u64 = 1;
/// How much room a stream says it has.
const ROOM_BYTES: u64 = super::descriptors::WRITE_BYTES_MAX as u64;

pub(super) fn link<T: WasiHost + Send + 'static>(linker: &mut Linker<T>) -> Result<()> {
    linker.func_wrap(
        MODULE,
        "poll_oneoff",
        |mut caller: Caller<'_, T>, subscriptions: u32, events: u32, count: u32, happened: u32| {
            let answer = enter(&mut caller, |guest| {
                Ok(poll(guest, subscriptions, events, count, happened))
            })?;
            if answer == 0 {
                charge(&mut caller, u64::from(count) * 16)?;
            }
            Ok(answer)
        },
    )?;
    Ok(())
}

fn poll<T: WasiHost>(
    mut guest: Guest<'_, T>,
    subscriptions: u32,
    events: u32,
    count: u32,
    happened: u32,
) -> Answer {
    if count == 0 || count > SUBSCRIPTIONS_MAX {
        return Err(Errno::Inval);
    }
    // Copied first: the guest may have laid the events over the subscriptions.
    let records = guest
        .memory
        .bytes(subscriptions, count * SUBSCRIPTION_BYTES)?
        .to_vec();
    let records = records.as_chunks::<{ SUBSCRIPTION_BYTES as usize }>().0;
    guest.memory.bytes(events, count * EVENT_BYTES)?;
    guest.memory.bytes(happened, 4)?;

    let waits: Vec<Wait> = records
        .iter()
        .map(|record| Wait::read(record, guest.host))
        .collect();
    let shortest = waits.iter().map(Wait::remaining_ns).min().unwrap_or(0);
    guest.host.wasi().sleep_ns(shortest);

    let mut at = events;
    let mut ready = 0u32;
    for wait in waits.iter().filter(|wait| wait.remaining_ns() <= shortest) {
        guest.memory.write_words(at, &wait.event())?;
        // The last event may end where the address space does.
        at = at.wrapping_add(EVENT_BYTES);
        ready += 1;
    }
    guest.memory.write(happened, &ready.to_le_bytes())
}

/// One subscription, and what becomes of it.
struct Wait {
    user_data: u64,
    tag: u8,
    outcome: Outcome,
}

enum Outcome {
    /// A clock that strikes in so many nanoseconds.
    Clock {
        remaining_ns: u64,
    },
    Readable,
    Writable,
    Failed(Errno),
}

impl Wait {
    fn read<T: WasiHost>(record: &[u8], host: &mut T) -> Self {
        let tag = record.get(8).copied().unwrap_or(0);
        let outcome = match tag {
            0 => clock(record, host),
            1 | 2 => stream(tag, u32_at(record, 16), host),
            _ => Outcome::Failed(Errno::Inval),
        };
        Self {
            user_data: u64_at(record, 0),
            tag,
            outcome,
        }
    }

    fn remaining_ns(&self) -> u64 {
        match self.outcome {
            Outcome::Clock { remaining_ns } => remaining_ns,
            _ => 0,
        }
    }

    /// The `event` record: user data, errno and kind, bytes, flags.
    fn event(&self) -> [u64; 4] {
        let (errno, bytes, flags) = match self.outcome {
            Outcome::Clock { .. } => (Errno::Success, 0, 0),
            Outcome::Readable => (Errno::Success, 0, HANGUP),
            Outcome::Writable => (Errno::Success, ROOM_BYTES, 0),
            Outcome::Failed(errno) => (errno, 0, 0),
        };
        [
            self.user_data,
            u64::from(errno.code()) | u64::from(self.tag) << 16,
            bytes,
            flags,
        ]
    }
}

fn clock<T: WasiHost>(record: &[u8], host: &mut T) -> Outcome {
    let timeout_ns = u64_at(record, 24);
    match Clock::from_id(u32_at(record, 16)) {
        Err(errno) => Outcome::Failed(errno),
        Ok(clock) if u16_at(record, 40) & FLAG_ABSOLUTE != 0 => Outcome::Clock {
            remaining_ns: timeout_ns.saturating_sub(clock.now_ns(host)),
        },
        Ok(_) => Outcome::Clock {
            remaining_ns: timeout_ns,
        },
    }
}

fn stream<T: WasiHost>(tag: u8, fd: u32, host: &mut T) -> Outcome {
    match (tag, fd) {
        _ if !host.wasi().is_open(fd) => Outcome::Failed(Errno::Badf),
        (1, 0) => Outcome::Readable,
        (2, 1 | 2) => Outcome::Writable,
        _ => Outcome::Failed(Errno::Badf),
    }
}
