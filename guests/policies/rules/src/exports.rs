//! What the host calls.

use std::alloc::{Layout, alloc as allocate};
use std::ptr::null_mut;
use std::slice;

use wardian_abi::packed;
use wardian_rules::Policy;

use crate::memory::{keep, leave_room};
use crate::{Checker, refusal};

pub static CHECKER: Checker = Checker::new();

/// Space for a document or a question of `size` bytes; 0 when there is none.
#[unsafe(no_mangle)]
pub extern "C" fn alloc(size: i32) -> *mut u8 {
    let Ok(size) = usize::try_from(size) else {
        return null_mut();
    };
    if CHECKER.policy().is_none() {
        leave_room(size);
    }
    match Layout::from_size_align(size.max(1), 1) {
        // SAFETY: the layout has a size of at least one byte.
        Ok(layout) => unsafe { allocate(layout) },
        Err(_) => null_mut(),
    }
}

/// Reads the document that all checks go by. 0 when it is one, else the region of `{"problems": ["…"]}`.
///
/// # Safety
/// The host wrote `len` bytes to what [`alloc`] gave it last for them, and does not look at them again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn policy_load(ptr: *const u8, len: usize) -> i64 {
    // SAFETY: the caller's promise.
    let read = Policy::from_json(unsafe { bytes(ptr, len) });
    let loaded = match read {
        // Loading a second one would take the first one's room.
        Ok(read) if CHECKER.policy().is_some() => CHECKER.load(read),
        // SAFETY: neither the document nor what was read of it is used again.
        Ok(read) => CHECKER.load(unsafe { keep(move || read.clone()) }),
        Err(problems) => Err(refusal(&problems)),
    };
    match loaded {
        Ok(()) => 0,
        Err(text) => region(text.leak()),
    }
}

/// Answers a question.
///
/// # Safety
/// The host wrote `len` bytes to what [`alloc`] gave it for them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn policy_check(ptr: *const u8, len: usize) -> i64 {
    // SAFETY: the caller's promise.
    region(CHECKER.answer(unsafe { bytes(ptr, len) }))
}

/// # Safety
/// `len` bytes at `ptr` are initialised and stay as they are.
unsafe fn bytes<'a>(ptr: *const u8, len: usize) -> &'a [u8] {
    match len {
        0 => &[],
        // SAFETY: the caller's promise.
        _ => unsafe { slice::from_raw_parts(ptr, len) },
    }
}

fn region(text: &'static str) -> i64 {
    packed(text.as_ptr() as u32, text.len() as u32) as i64
}
