//! Who gets which memory, on `wasm32`.
//!
//! A check takes what it needs from one page, which this file's own state lies in too; what does not fit there comes from
//! behind the policy. Hardly anything is given back, since every check begins anew.
//!
//! A document is read above a room that is left for its policy. When it is read, the policy is copied down there, and the
//! rest becomes zeros again, which a kept memory does not hold.

use std::alloc::{GlobalAlloc, Layout};
use std::arch::wasm32::{memory_grow, memory_size};
use std::cell::{Cell, UnsafeCell};
use std::mem::size_of;
use std::ptr::{copy_nonoverlapping, null_mut, with_exposed_provenance_mut, write_bytes};

use crate::span::Span;

const PAGE_BYTES: usize = 4096;
const WASM_PAGE_BYTES: usize = 65536;
/// Entries are as short as `"a",`, and take 13 bytes of a policy.
const ROOM_FACTOR: usize = 4;

#[global_allocator]
static MEMORY: Memory = Memory {
    state: State {
        span: Cell::new(Span::EMPTY),
        heap: Cell::new(None),
        room: Cell::new(Span::EMPTY),
    },
    bytes: UnsafeCell::new([0; REST_BYTES]),
};

const REST_BYTES: usize = PAGE_BYTES - size_of::<State>();

/// A page of the machine's: whoever writes to its state has it copied anyway.
#[repr(C, align(4096))]
struct Memory {
    state: State,
    bytes: UnsafeCell<[u8; REST_BYTES]>,
}

struct State {
    /// What is handed out next.
    span: Cell<Span>,
    /// Where the heap begins, as long as the span is not on it; none before the first allocation.
    heap: Cell<Option<usize>>,
    /// What is left for a policy.
    room: Cell<Span>,
}

// SAFETY: the module has no threads.
unsafe impl Sync for Memory {}

// SAFETY: a span's addresses are handed out once, unless the block that has them was given back.
unsafe impl GlobalAlloc for Memory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let (size, align) = (layout.size(), layout.align());
        let span = self.state.span.get();
        match span.take(size, align).or_else(|| self.beyond(size, align)) {
            Some((at, rest)) => {
                self.state.span.set(rest);
                with_exposed_provenance_mut(at)
            }
            None => null_mut(),
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let span = self.state.span.get();
        if let Some(rest) = span.resize(block.addr(), layout.size(), 0) {
            self.state.span.set(rest);
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let span = self.state.span.get();
        if let Some(rest) = span.resize(block.addr(), layout.size(), size) {
            self.state.span.set(rest);
            return block;
        }
        if size <= layout.size() {
            return block;
        }
        // SAFETY: the caller's promise: with this alignment the size is one that a layout may have, and not zero.
        let new = unsafe {
            let layout = Layout::from_size_align_unchecked(size, layout.align());
            self.alloc(layout)
        };
        if !new.is_null() {
            // SAFETY: the new block is another one and the longer.
            unsafe { copy_nonoverlapping(block, new, layout.size()) };
        }
        new
    }
}

impl Memory {
    /// A block on the heap, where the span goes from now on. Memory grows if it must.
    #[cold]
    #[inline(never)]
    fn beyond(&self, size: usize, align: usize) -> Option<(usize, Span)> {
        let span = self.state.span.get();
        let next = match self.state.heap.get() {
            Some(begin) => begin,
            None if span == Span::EMPTY => heap_base(),
            None => span.next,
        };
        let (at, wanted) = Span {
            next,
            end: usize::MAX,
        }
        .take(size, align)?;
        let end = memory_end();
        let lacking = wanted.next.saturating_sub(end).div_ceil(WASM_PAGE_BYTES);
        if lacking > 0 && memory_grow::<0>(lacking) == usize::MAX {
            return None;
        }
        self.state.heap.set(None);
        let end = memory_end();
        Some((at, Span { end, ..wanted }))
    }
}

/// Leaves room for the policy of a document that is about to come, of this many bytes.
pub fn leave_room(document_bytes: usize) {
    let size = document_bytes.saturating_mul(ROOM_FACTOR);
    // Without room it is read all the same; the policy then lies where it fits.
    let Ok(layout) = Layout::from_size_align(size.max(1), 16) else {
        return;
    };
    // SAFETY: the layout has a size of at least one byte.
    let begin = unsafe { MEMORY.alloc(layout) }.addr();
    if begin != 0 {
        let end = begin.saturating_add(size);
        MEMORY.state.room.set(Span { next: begin, end });
    }
}

/// Makes what is to stay, in the room that was left for it, and forgets everything else since. From now on small
/// blocks come from the one page.
///
/// # Safety
/// Nothing that was allocated since the room was left is used afterwards, other than what this gives.
pub unsafe fn keep<T>(make: impl FnOnce() -> T) -> T {
    let state = &MEMORY.state;
    let high = state.span.replace(state.room.get()).next;
    let room = state.room.replace(Span::EMPTY);
    state.heap.set(Some(high));
    let kept = make();
    let mut free = state.span.get().next;
    if (room.next..=room.end).contains(&free) && state.heap.get().is_some() {
        // SAFETY: all of it is memory, and by the caller's promise nobody's.
        unsafe { write_bytes(with_exposed_provenance_mut::<u8>(free), 0, high - free) };
    } else {
        // It did not fit, so nothing is below that could be given back.
        free = state.heap.get().unwrap_or(free);
    }
    state.heap.set(Some(free.next_multiple_of(PAGE_BYTES)));
    let next = MEMORY.bytes.get().expose_provenance();
    let end = next + REST_BYTES;
    state.span.set(Span { next, end });
    kept
}

fn memory_end() -> usize {
    // The end of all four GiB is no address, so their last byte is not used.
    memory_size::<0>().saturating_mul(WASM_PAGE_BYTES)
}

fn heap_base() -> usize {
    unsafe extern "C" {
        static __heap_base: u8;
    }
    // The linker's symbol for the end of its data; it is an address, and no byte to be read.
    (&raw const __heap_base).expose_provenance()
}
