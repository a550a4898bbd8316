//! The Service ABI on `wasm32`.
//!
//! Every call runs in a fresh instance, so nothing is ever freed and nothing is locked.

use std::alloc::{Layout, alloc as allocate};
use std::panic;
use std::sync::Once;

use wardian_abi::packed;

#[link(wasm_import_module = "wardian")]
unsafe extern "C" {
    /// Ends the call with the text at `(ptr, len)` as the guest's panic.
    #[link_name = "panic"]
    fn host_panic(ptr: *const u8, len: usize);
}

static HOOK: Once = Once::new();

/// Space for a request of `size` bytes; 0 when there is none.
pub fn space(size: i32) -> *mut u8 {
    HOOK.call_once(|| panic::set_hook(Box::new(|info| tell(&info.to_string()))));
    let Ok(size) = usize::try_from(size) else {
        return std::ptr::null_mut();
    };
    match Layout::from_size_align(size.max(1), 8) {
        // SAFETY: the layout has a size of at least one byte.
        Ok(layout) => unsafe { allocate(layout) },
        Err(_) => std::ptr::null_mut(),
    }
}

fn tell(text: &str) {
    // SAFETY: the region is the text's own, and the host only reads it.
    unsafe { host_panic(text.as_ptr(), text.len()) }
}

/// Answers a request and leaves the answer where it is until the instance ends.
///
/// # Safety
/// The host wrote `len` bytes to what [`space`] gave it for them.
pub unsafe fn serve(answer: impl FnOnce(&[u8]) -> Vec<u8>, ptr: *const u8, len: usize) -> i64 {
    let request: &[u8] = if len == 0 {
        &[]
    } else {
        // SAFETY: the caller's promise.
        unsafe { std::slice::from_raw_parts(ptr, len) }
    };
    let answer = answer(request).leak();
    packed(answer.as_ptr() as u32, answer.len() as u32) as i64
}

/// Gives a guest its exports, of which each answers as `$call(name, request)`; a macro, since what a library exports
/// does not reach the final module.
#[macro_export]
macro_rules! exports {
    ($call:path: $($name:ident),*) => {
        /// Space for a request of `size` bytes; 0 when there is none.
        #[unsafe(no_mangle)]
        pub extern "C" fn alloc(size: i32) -> *mut u8 {
            $crate::export::space(size)
        }
        $(
            /// The function of this name, by the Service ABI.
            ///
            /// # Safety
            /// Only the host calls this, with what `alloc` gave it.
            #[unsafe(no_mangle)]
            pub unsafe extern "C" fn $name(ptr: *const u8, len: usize) -> i64 {
                // SAFETY: the caller's promise.
                unsafe { $crate::export::serve(|request| $call(stringify!($name), request), ptr, len) }
            }
        )*
    };
}
