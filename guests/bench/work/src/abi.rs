//! The exports that both sizes of guest share: `alloc`, `eval`, and the calls that need no bytes.

use std::alloc::Layout;
use std::sync::Mutex;

/// Room for `size` bytes, which the host fills and [`answer`] takes; null for what can not be had.
pub fn alloc(size: i32) -> *mut u8 {
    let Some(layout) = usize::try_from(size)
        .ok()
        .and_then(|size| Layout::from_size_align(size.max(1), 1).ok())
    else {
        return std::ptr::null_mut();
    };
    // SAFETY: the layout is not of size 0.
    unsafe { std::alloc::alloc(layout) }
}

/// Hands `work` the bytes that the host wrote and gives its result, packed.
///
/// # Safety
/// `pointer` came from [`alloc`] with `length`, and is not used again.
pub unsafe fn answer(pointer: *mut u8, length: i32, work: impl FnOnce(&[u8]) -> Vec<u8>) -> i64 {
    let length = length.max(0) as usize;
    // SAFETY: the caller's promise; the host has filled the block.
    let input = unsafe { std::slice::from_raw_parts(pointer, length) };
    let output = work(input);
    if let Ok(layout) = Layout::from_size_align(length.max(1), 1) {
        // SAFETY: the caller's promise: this block, with this layout, once.
        unsafe { std::alloc::dealloc(pointer, layout) };
    }
    keep(output)
}

/// What the host still has to read. It is freed by the next call, so that a reused instance does not grow.
static LAST: Mutex<Vec<u8>> = Mutex::new(Vec::new());

fn keep(output: Vec<u8>) -> i64 {
    let packed = (output.as_ptr() as usize as u64) << 32 | output.len() as u64;
    if let Ok(mut last) = LAST.lock() {
        *last = output;
    }
    packed as i64
}

/// Gives the host's bytes back as they are.
///
/// # Safety
/// As for [`answer`].
pub unsafe fn echo(pointer: *mut u8, length: i32) -> i64 {
    let length = length.max(0) as usize;
    // SAFETY: the caller's promise: `length` bytes, of alignment 1, from this allocator.
    keep(unsafe { Vec::from_raw_parts(pointer, length, length) })
}

/// Gives a guest its exports; a macro, since exports of a library do not reach the final module.
#[macro_export]
macro_rules! exports {
    ($eval:path) => {
        #[unsafe(no_mangle)]
        pub extern "C" fn alloc(size: i32) -> *mut u8 {
            $crate::abi::alloc(size)
        }

        /// JSON in, JSON out.
        ///
        /// # Safety
        /// See `bench_work::abi::answer`.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn eval(pointer: *mut u8, length: i32) -> i64 {
            // SAFETY: the host's promise, the same as ours.
            unsafe { $crate::abi::answer(pointer, length, $eval) }
        }

        /// The bytes themselves: what the wall costs without work behind it.
        ///
        /// # Safety
        /// See `bench_work::abi::echo`.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn raw(pointer: *mut u8, length: i32) -> i64 {
            // SAFETY: the host's promise, the same as ours.
            unsafe { $crate::abi::echo(pointer, length) }
        }

        #[unsafe(no_mangle)]
        pub extern "C" fn noop() {}

        #[unsafe(no_mangle)]
        pub extern "C" fn matmul(n: i32, seed: i32) -> f64 {
            $crate::matmul(n.max(1) as usize, seed as u32)
        }

        #[unsafe(no_mangle)]
        pub extern "C" fn blur(side: i32, rounds: i32) -> f64 {
            $crate::blur(side.max(3) as usize, rounds.max(0) as usize)
        }
    };
}
