//! Memory of a guest that is loaded once and asked in copies.
//!
//! A question's memory is thrown away with its copy, so nothing is given back: allocation moves a pointer on, and what one
//! answer writes lies on few pages. A page of zeros need not be kept, so while a policy is loaded what is freed is made
//! zeros. While sources are compiled there is a [`Phase::Scratch`], where memory is reused; it becomes zeros as a whole, once
//! nothing of it is in use any more.

use std::alloc::{GlobalAlloc, Layout};
use std::arch::wasm32::{memory_grow, memory_size};
use std::cell::UnsafeCell;

use dlmalloc::Dlmalloc;

const PAGE_BYTES: usize = 1 << 16;

/// Bytes that are left for a question before memory has to grow.
const SPARE_BYTES: usize = 4 * PAGE_BYTES;

/// Bytes by which memory grows at least while it is loaded.
const GROWTH_BYTES: usize = 2 * PAGE_BYTES;

#[global_allocator]
static MEMORY: Memory = Memory(UnsafeCell::new(State::new()));

struct Memory(UnsafeCell<State>);

// SAFETY: a guest has one thread.
unsafe impl Sync for Memory {}

struct State {
    /// Where the next allocation may begin, and where memory ends.
    next: usize,
    end: usize,
    /// Whether a policy is being loaded, and whether its sources are being compiled.
    loading: bool,
    scratching: bool,
    /// The region of all scratch memory; empty before there was any.
    scratch: (usize, usize),
    /// Allocations in it that are in use.
    used: usize,
    heap: Dlmalloc,
}

/// What memory is allocated for.
pub(crate) enum Phase {
    /// To stay as it is.
    Keep,
    /// To be given back.
    Scratch,
}

impl State {
    const fn new() -> State {
        State {
            next: 0,
            end: 0,
            loading: true,
            scratching: false,
            scratch: (0, 0),
            used: 0,
            heap: Dlmalloc::new(),
        }
    }

    /// Moves on, and grows where that is not enough; 0 where there is no more.
    fn bump(&mut self, size: usize, align: usize) -> usize {
        let (Some(begin), true) = (
            self.next.checked_next_multiple_of(align),
            size < isize::MAX as usize,
        ) else {
            return 0;
        };
        match begin.checked_add(size) {
            Some(next) if next <= self.end => {
                self.next = next;
                begin
            }
            _ => match self.grow(size + align) {
                true => self.bump(size, align),
                false => 0,
            },
        }
    }

    /// `bytes` more, next to what there is unless somebody else has grown memory.
    fn grow(&mut self, bytes: usize) -> bool {
        let pages = bytes.max(GROWTH_BYTES).div_ceil(PAGE_BYTES);
        let before = memory_grow::<0>(pages);
        if before == usize::MAX {
            return false;
        }
        let begin = before * PAGE_BYTES;
        if begin != self.end {
            self.next = begin;
        }
        // The last byte of the address space is nobody's: its end would be 0.
        self.end = (begin + (pages * PAGE_BYTES - 1)) & !15;
        true
    }

    fn holds_scratch(&self, at: usize) -> bool {
        (self.scratch.0..self.scratch.1).contains(&at) || (self.scratching && at >= self.scratch.0)
    }
}

/// From here on memory is for this.
pub(crate) fn begin(phase: Phase) {
    // SAFETY: one thread, and nothing below allocates.
    let state = unsafe { &mut *MEMORY.0.get() };
    let now = memory_size::<0>() * PAGE_BYTES;
    match phase {
        Phase::Scratch => {
            state.scratching = true;
            state.scratch = (now, now);
        }
        Phase::Keep if state.scratching => {
            state.scratching = false;
            state.scratch.1 = now;
        }
        Phase::Keep => {}
    }
}

/// Ends loading: makes zeros of scratch memory where none of it is in use, and leaves room for a question.
pub(crate) fn settle() {
    begin(Phase::Keep);
    // SAFETY: as in `begin`.
    let state = unsafe { &mut *MEMORY.0.get() };
    state.loading = false;
    let (from, to) = state.scratch;
    if state.used == 0 && from < to {
        // SAFETY: no allocation is there, and the heap that managed the region is not used again.
        unsafe { std::ptr::with_exposed_provenance_mut::<u8>(from).write_bytes(0, to - from) };
    }
    if state.end - state.next < SPARE_BYTES {
        // Without more room a question's first allocation grows memory, or fails.
        let _ = state.grow(SPARE_BYTES);
    }
}

// SAFETY: regions are the heap's, or begin where the one before ended; neither is given out twice.
unsafe impl GlobalAlloc for Memory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: one thread, and nothing below allocates.
        let state = unsafe { &mut *self.0.get() };
        if state.scratching {
            // SAFETY: a size of its own is what the caller promises.
            let made = unsafe { state.heap.malloc(layout.size(), layout.align()) };
            state.used += usize::from(!made.is_null());
            return made;
        }
        std::ptr::with_exposed_provenance_mut(state.bump(layout.size(), layout.align()))
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: as in `alloc`.
        let state = unsafe { &mut *self.0.get() };
        if state.holds_scratch(at.addr()) {
            state.used -= 1;
            if state.scratching {
                // SAFETY: the caller's promise: it is from `alloc`, with this layout.
                unsafe { state.heap.free(at, layout.size(), layout.align()) };
            }
            return;
        }
        if at.addr() + layout.size() == state.next {
            state.next = at.addr();
        }
        if state.loading {
            // SAFETY: the caller's promise: the region is its own, for the last time.
            unsafe { at.write_bytes(0, layout.size()) };
        }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as in `alloc`.
        let state = unsafe { &mut *self.0.get() };
        let last = at.addr() + layout.size() == state.next && !state.holds_scratch(at.addr());
        if last
            && at
                .addr()
                .checked_add(size)
                .is_some_and(|next| next <= state.end)
        {
            state.next = at.addr() + size;
            return at;
        }
        if state.scratching && state.holds_scratch(at.addr()) {
            // SAFETY: the caller's promise.
            return unsafe { state.heap.realloc(at, layout.size(), layout.align(), size) };
        }
        if size <= layout.size() {
            return at;
        }
        // SAFETY: the caller's promise: `size` is not 0 and no larger than a layout may be.
        unsafe {
            let made = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !made.is_null() {
                made.copy_from_nonoverlapping(at, layout.size());
                self.dealloc(at, layout);
            }
            made
        }
    }
}
