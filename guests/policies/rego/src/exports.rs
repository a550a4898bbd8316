//! What a host calls: `alloc`, `policy_load` and `policy_check`.

use std::alloc::{Layout, alloc as allocate};
use std::sync::{Mutex, PoisonError};

use crate::decision::Answer;
use crate::loaded::{Loaded, load};
use crate::memory::{self, Phase};

static LOADED: Mutex<Option<Loaded>> = Mutex::new(None);

/// A policy of one call. Loading it first makes what the engine makes once, such as its table of builtins, so that this does
/// not lie in the midst of what is given back.
const NOTHING: &[u8] = br#"{
    "entrypoint": "data.a.b",
    "modules": [{"name": "a", "source": "package a\nb := count(input) > 0"}]
}"#;

/// Space for `size` bytes; 0 when there is none.
#[unsafe(no_mangle)]
extern "C" fn alloc(size: i32) -> *mut u8 {
    let layout = usize::try_from(size)
        .ok()
        .and_then(|size| Layout::from_size_align(size.max(1), 8).ok());
    match layout {
        // SAFETY: the layout has a size of at least one byte.
        Some(layout) => unsafe { allocate(layout) },
        None => std::ptr::null_mut(),
    }
}

/// Loads a policy; an empty region where all is well, and otherwise its problems. The document's bytes are zeros
/// afterwards.
///
/// # Safety
/// The host wrote `len` bytes to what `alloc` gave it for them.
#[unsafe(no_mangle)]
unsafe extern "C" fn policy_load(ptr: *mut u8, len: i32) -> i64 {
    let _ = load(NOTHING, || ());
    memory::begin(Phase::Scratch);
    // SAFETY: the caller's promise.
    let document = unsafe { region(ptr, len) };
    let loaded = load(document, || memory::begin(Phase::Keep));
    memory::begin(Phase::Keep);
    document.fill(0);
    match loaded {
        Ok(loaded) => {
            *LOADED.lock().unwrap_or_else(PoisonError::into_inner) = Some(loaded);
            memory::settle();
            0
        }
        Err(problems) => answered(problems.to_json().leak()),
    }
}

/// Answers a question.
///
/// # Safety
/// The host wrote `len` bytes to what `alloc` gave it for them.
#[unsafe(no_mangle)]
unsafe extern "C" fn policy_check(ptr: *mut u8, len: i32) -> i64 {
    // SAFETY: the caller's promise.
    let input = unsafe { region(ptr, len) };
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    let answer = match &mut *loaded {
        Some(loaded) => loaded.decide(input),
        None => Answer::POLICY_UNAVAILABLE,
    };
    match answer.to_json() {
        std::borrow::Cow::Borrowed(known) => answered(known),
        std::borrow::Cow::Owned(made) => answered(made.leak()),
    }
}

/// # Safety
/// `len` bytes at `ptr` are the caller's, and nobody else's for as long as they are used.
unsafe fn region<'r>(ptr: *mut u8, len: i32) -> &'r mut [u8] {
    match usize::try_from(len) {
        // SAFETY: the caller's promise.
        Ok(len @ 1..) if !ptr.is_null() => unsafe { std::slice::from_raw_parts_mut(ptr, len) },
        _ => &mut [],
    }
}

/// Pointer above, length below.
fn answered(text: &str) -> i64 {
    ((text.as_ptr().addr() as i64) << 32) | text.len() as i64
}
