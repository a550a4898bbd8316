//! The three standard streams: an input at its end, and two outputs into the host's log.

use wasmtime::{Caller, Linker, Result};

use super::abi::{Answer, Errno, Guest, Memory, charge, enter};
use super::{MODULE, Stream, WasiHost};

/// How much one write takes at most. A longer one is cut short, as writes to a pipe are, and the guest goes on.
///
/// Without it 1,024 vectors that all name the same memory would be 64 GiB of output.
pub(super) const WRITE_BYTES_MAX: u32 = 64 << 10;

/// `filetype` of the streams: a character device, so that libraries flush at every line and a trap loses none.
const CHARACTER_DEVICE: u64 = 2;
const RIGHT_READ: u64 = 1 << 1;
const RIGHT_WRITE: u64 = 1 << 6;
const RIGHT_POLL: u64 = 1 << 27;

pub(super) fn link<T: WasiHost + Send + 'static>(linker: &mut Linker<T>) -> Result<()> {
    linker.func_wrap(
        MODULE,
        "fd_read",
        |mut caller: Caller<'_, T>, fd: u32, vectors: u32, count: u32, read: u32| {
            enter(&mut caller, |guest| {
                Ok(read_nothing(guest, fd, vectors, count, read))
            })
        },
    )?;
    linker.func_wrap(
        MODULE,
        "fd_write",
        |mut caller: Caller<'_, T>, fd: u32, vectors: u32, count: u32, written: u32| {
            let mut total = 0;
            let answer = enter(&mut caller, |guest| {
                write(guest, fd, vectors, count, written, &mut total)
            })?;
            // A fraction of what the guest pays to make a byte; the log's own limit is the bound that counts.
            charge(&mut caller, u64::from(total / 8))?;
            Ok(answer)
        },
    )?;
    linker.func_wrap(MODULE, "fd_close", |mut caller: Caller<'_, T>, fd: u32| {
        enter(&mut caller, |guest| {
            Ok(guest.host.wasi().close(fd).then_some(()).ok_or(Errno::Badf))
        })
    })?;
    linker.func_wrap(
        MODULE,
        "fd_fdstat_get",
        |mut caller: Caller<'_, T>, fd: u32, out: u32| {
            enter(&mut caller, |guest| Ok(descriptor_status(guest, fd, out)))
        },
    )?;
    linker.func_wrap(
        MODULE,
        "fd_fdstat_set_flags",
        |mut caller: Caller<'_, T>, fd: u32, _flags: u32| {
            // Blocking or not makes no difference to streams that never block.
            enter(&mut caller, |guest| Ok(open(guest.host, fd)))
        },
    )?;
    linker.func_wrap(
        MODULE,
        "fd_filestat_get",
        |mut caller: Caller<'_, T>, fd: u32, out: u32| {
            enter(&mut caller, |guest| Ok(file_status(guest, fd, out)))
        },
    )?;
    for name in ["fd_sync", "fd_datasync"] {
        linker.func_wrap(MODULE, name, |mut caller: Caller<'_, T>, fd: u32| {
            enter(&mut caller, |guest| Ok(open(guest.host, fd)))
        })?;
    }
    Ok(())
}

/// Whether a descriptor is open.
pub(super) fn open<T: WasiHost>(host: &mut T, fd: u32) -> Answer {
    if host.wasi().is_open(fd) {
        Ok(())
    } else {
        Err(Errno::Badf)
    }
}

fn read_nothing<T: WasiHost>(
    mut guest: Guest<'_, T>,
    fd: u32,
    vectors: u32,
    count: u32,
    read: u32,
) -> Answer {
    open(guest.host, fd)?;
    if fd != 0 {
        return Err(Errno::Badf);
    }
    for (pointer, length) in guest.memory.vectors(vectors, count)? {
        guest.memory.bytes(pointer, length)?;
    }
    guest.memory.write(read, &0u32.to_le_bytes())
}

fn write<T: WasiHost>(
    mut guest: Guest<'_, T>,
    fd: u32,
    vectors: u32,
    count: u32,
    written: u32,
    total: &mut u32,
) -> Result<Answer> {
    let stream = match fd {
        1 => Stream::Out,
        2 => Stream::Err,
        _ => return Ok(Err(Errno::Badf)),
    };
    if let Err(errno) =
        open(guest.host, fd).and_then(|()| check(&guest.memory, vectors, count, written))
    {
        return Ok(Err(errno));
    }
    let Ok(pairs) = guest.memory.vectors(vectors, count) else {
        return Ok(Err(Errno::Fault));
    };
    for (pointer, length) in pairs {
        let length = length.min(WRITE_BYTES_MAX - *total);
        let Ok(bytes) = guest.memory.bytes(pointer, length) else {
            return Ok(Err(Errno::Fault));
        };
        if !bytes.is_empty() {
            guest.host.output(stream, bytes)?;
        }
        *total += length;
    }
    Ok(guest.memory.write(written, &total.to_le_bytes()))
}

/// Every place that a write names is looked at before the first byte of it goes out.
fn check(memory: &Memory<'_>, vectors: u32, count: u32, written: u32) -> Answer {
    memory.bytes(written, 4)?;
    for (pointer, length) in memory.vectors(vectors, count)? {
        memory.bytes(pointer, length)?;
    }
    Ok(())
}

/// `fdstat`: file type and flags, rights, rights handed on.
fn descriptor_status<T: WasiHost>(mut guest: Guest<'_, T>, fd: u32, out: u32) -> Answer {
    open(guest.host, fd)?;
    let rights = RIGHT_POLL | if fd == 0 { RIGHT_READ } else { RIGHT_WRITE };
    guest
        .memory
        .write_words(out, &[CHARACTER_DEVICE, rights, 0])
}

/// `filestat`: all zero but for the file type, its third field.
fn file_status<T: WasiHost>(mut guest: Guest<'_, T>, fd: u32, out: u32) -> Answer {
    open(guest.host, fd)?;
    guest
        .memory
        .write_words(out, &[0, 0, CHARACTER_DEVICE, 0, 0, 0, 0, 0])
}
