//! The Service ABI on `wasm32`: `alloc`, one export per function, and panics told to the host.
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
#[unsafe(no_mangle)]
pub extern "C" fn alloc(size: i32) -> *mut u8 {
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
fn serve(function: &str, ptr: *const u8, len: usize) -> i64 {
    let request: &[u8] = if len == 0 {
        &[]
    } else {
        // SAFETY: the host wrote `len` bytes to what `alloc` gave it for them.
        unsafe { std::slice::from_raw_parts(ptr, len) }
    };
    let answer = crate::call(function, request).leak();
    packed(answer.as_ptr() as u32, answer.len() as u32) as i64
}

macro_rules! exports {
    ($($name:ident),*) => {$(
        /// The function of this name, by the Service ABI.
        #[unsafe(no_mangle)]
        pub extern "C" fn $name(ptr: *const u8, len: usize) -> i64 {
            serve(stringify!($name), ptr, len)
        }
    )*};
}

exports!(
    resize,
    thumbnail,
    crop,
    optimize,
    convert,
    info,
    blurhash,
    blurhash_decode
);
