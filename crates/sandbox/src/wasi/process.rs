//! The program itself: arguments, environment, clocks, randomness, its end.

use wasmtime::{Caller, Linker, Result};

use super::abi::{Answer, Errno, Guest, charge, enter};
use super::{MODULE, WasiHost};

/// How much randomness one call of `random_get` gives at most; more is `inval`.
///
/// Some 4 ms of work, which neither a deadline nor a cancel can interrupt.
pub(super) const RANDOM_BYTES_MAX: u32 = 64 << 10;

/// What the clocks say they resolve, in nanoseconds.
const RESOLUTION_NS: u64 = 1000;

pub(super) fn link<T: WasiHost + Send + 'static>(linker: &mut Linker<T>) -> Result<()> {
    for (list, sizes) in [
        ("args_get", "args_sizes_get"),
        ("environ_get", "environ_sizes_get"),
    ] {
        // Both lists are empty: there is nothing to write into either buffer.
        linker.func_wrap(MODULE, list, |mut caller: Caller<'_, T>, _: u32, _: u32| {
            enter(&mut caller, |_| Ok(Ok(())))
        })?;
        linker.func_wrap(
            MODULE,
            sizes,
            |mut caller: Caller<'_, T>, count: u32, bytes: u32| {
                enter(&mut caller, |guest| Ok(no_sizes(guest, count, bytes)))
            },
        )?;
    }
    linker.func_wrap(
        MODULE,
        "clock_res_get",
        |mut caller: Caller<'_, T>, id: u32, out: u32| {
            enter(&mut caller, |guest| Ok(clock_resolution(guest, id, out)))
        },
    )?;
    linker.func_wrap(
        MODULE,
        "clock_time_get",
        |mut caller: Caller<'_, T>, id: u32, _precision: u64, out: u32| {
            enter(&mut caller, |guest| Ok(clock_time(guest, id, out)))
        },
    )?;
    linker.func_wrap(
        MODULE,
        "random_get",
        |mut caller: Caller<'_, T>, buffer: u32, length: u32| random(&mut caller, buffer, length),
    )?;
    linker.func_wrap(MODULE, "sched_yield", |mut caller: Caller<'_, T>| {
        enter(&mut caller, |_| Ok(Ok(())))
    })?;
    linker.func_wrap(
        MODULE,
        "proc_raise",
        |mut caller: Caller<'_, T>, _signal: u32| enter(&mut caller, |_| Ok(Err(Errno::Nosys))),
    )?;
    linker.func_wrap(
        MODULE,
        "proc_exit",
        |mut caller: Caller<'_, T>, code: u32| -> Result<()> {
            caller.data_mut().count_call()?;
            Err(caller.data_mut().exit(code))
        },
    )?;
    Ok(())
}

fn no_sizes<T>(mut guest: Guest<'_, T>, count: u32, bytes: u32) -> Answer {
    guest.memory.write(count, &0u32.to_le_bytes())?;
    guest.memory.write(bytes, &0u32.to_le_bytes())
}

fn clock_resolution<T>(mut guest: Guest<'_, T>, id: u32, out: u32) -> Answer {
    Clock::from_id(id)?;
    guest.memory.write(out, &RESOLUTION_NS.to_le_bytes())
}

fn clock_time<T: WasiHost>(mut guest: Guest<'_, T>, id: u32, out: u32) -> Answer {
    let now = Clock::from_id(id)?.now_ns(guest.host);
    guest.memory.write(out, &now.to_le_bytes())
}

fn random<T: WasiHost + 'static>(
    caller: &mut Caller<'_, T>,
    buffer: u32,
    length: u32,
) -> Result<i32> {
    let answer = enter(caller, |mut guest| {
        if length > RANDOM_BYTES_MAX {
            return Ok(Err(Errno::Inval));
        }
        let target = guest.memory.bytes_mut(buffer, length);
        Ok(target.map(|bytes| guest.host.wasi().fill_random(bytes)))
    })?;
    if answer == 0 {
        charge(caller, u64::from(length))?;
    }
    Ok(answer)
}

/// The clocks of the interface. The two that measure processor time are the monotonic one.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Clock {
    Realtime,
    Monotonic,
}

impl Clock {
    pub(super) fn from_id(id: u32) -> std::result::Result<Self, Errno> {
        match id {
            0 => Ok(Self::Realtime),
            1..=3 => Ok(Self::Monotonic),
            _ => Err(Errno::Inval),
        }
    }

    pub(super) fn now_ns<T: WasiHost>(self, host: &mut T) -> u64 {
        match self {
            Self::Realtime => host.wasi().realtime_ns(),
            Self::Monotonic => host.wasi().monotonic_ns(),
        }
    }
}
