//! Numbers of the WASI preview 1 interface, and its memory as checked slices.
//!
//! Source: `wasi_snapshot_preview1.witx`.

use wasmtime::{AsContextMut, Caller, Extern, Result};

use super::WasiHost;

/// `errno`, the names as in the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(super) enum Errno {
    Success = 0,
    Badf = 8,
    Fault = 21,
    Inval = 28,
    Nosys = 52,
    Notsock = 57,
    Notsup = 58,
    Spipe = 70,
    Notcapable = 76,
}

impl Errno {
    pub(super) fn code(self) -> u16 {
        self as u16
    }
}

/// What a function answers: nothing, or the `errno`. Errors that end the call travel around it.
pub(super) type Answer = std::result::Result<(), Errno>;

/// The guest's memory and the host's data, borrowed at once for one function.
pub(super) struct Guest<'a, T> {
    pub(super) memory: Memory<'a>,
    pub(super) host: &'a mut T,
}

/// Counts the call, then lends `run` the guest's memory; gives back the `errno` as the guest reads it.
///
/// A module that exports no memory named `memory` has an empty one: every pointer into it is `fault`.
pub(super) fn enter<T: WasiHost + 'static>(
    caller: &mut Caller<'_, T>,
    run: impl FnOnce(Guest<'_, T>) -> Result<Answer>,
) -> Result<i32> {
    caller.data_mut().count_call()?;
    let answer = match caller.get_export("memory") {
        Some(Extern::Memory(memory)) => {
            let (bytes, host) = memory.data_and_store_mut(caller.as_context_mut());
            run(Guest {
                memory: Memory(bytes),
                host,
            })?
        }
        _ => run(Guest {
            memory: Memory(&mut []),
            host: caller.data_mut(),
        })?,
    };
    Ok(i32::from(answer.err().unwrap_or(Errno::Success).code()))
}

/// Takes fuel for work that the host does in the guest's place, where the engine counts fuel.
pub(super) fn charge<T: WasiHost>(caller: &mut Caller<'_, T>, fuel: u64) -> Result<()> {
    match caller.get_fuel() {
        Ok(left) => caller.data_mut().charge(fuel, left),
        Err(_) => Ok(()),
    }
}

/// Linear memory, reached by checked offsets only.
pub(super) struct Memory<'a>(&'a mut [u8]);

impl Memory<'_> {
    pub(super) fn bytes(&self, pointer: u32, length: u32) -> std::result::Result<&[u8], Errno> {
        let (start, length) = range(pointer, length);
        self.0
            .get(start..start.saturating_add(length))
            .ok_or(Errno::Fault)
    }

    pub(super) fn bytes_mut(
        &mut self,
        pointer: u32,
        length: u32,
    ) -> std::result::Result<&mut [u8], Errno> {
        let (start, length) = range(pointer, length);
        self.0
            .get_mut(start..start.saturating_add(length))
            .ok_or(Errno::Fault)
    }

    pub(super) fn write(&mut self, pointer: u32, bytes: &[u8]) -> Answer {
        let length = u32::try_from(bytes.len()).map_err(|_| Errno::Fault)?;
        self.bytes_mut(pointer, length)?.copy_from_slice(bytes);
        Ok(())
    }

    /// Writes a record whose fields all begin at multiples of eight bytes; smaller ones are zero-extended.
    pub(super) fn write_words(&mut self, pointer: u32, words: &[u64]) -> Answer {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.write(pointer, &bytes)
    }

    /// Reads an array of `(pointer, length)` pairs, one at a time.
    ///
    /// More than [`VECTORS_MAX`] of them are `inval`.
    pub(super) fn vectors(
        &self,
        pointer: u32,
        count: u32,
    ) -> std::result::Result<impl Iterator<Item = (u32, u32)>, Errno> {
        if count > VECTORS_MAX {
            return Err(Errno::Inval);
        }
        let pairs = self.bytes(pointer, count * 8)?.as_chunks::<8>().0;
        Ok(pairs.iter().map(|pair| (u32_at(pair, 0), u32_at(pair, 4))))
    }
}

/// How many buffers one read or write may name: `IOV_MAX` of Linux.
pub(super) const VECTORS_MAX: u32 = 1024;

// A host has at least 32-bit addresses; a sum beyond them saturates and is then outside of any memory.
fn range(pointer: u32, length: u32) -> (usize, usize) {
    (pointer as usize, length as usize)
}

/// Little-endian fields of a record in memory; a field outside of the record reads as zero.
pub(super) fn u16_at(record: &[u8], at: usize) -> u16 {
    field(record, at).map_or(0, u16::from_le_bytes)
}
pub(super) fn u32_at(record: &[u8], at: usize) -> u32 {
    field(record, at).map_or(0, u32::from_le_bytes)
}
pub(super) fn u64_at(record: &[u8], at: usize) -> u64 {
    field(record, at).map_or(0, u64::from_le_bytes)
}
fn field<const N: usize>(record: &[u8], at: usize) -> Option<[u8; N]> {
    record.get(at..)?.first_chunk().copied()
}
