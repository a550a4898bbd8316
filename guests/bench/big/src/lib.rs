//! The guest of the size of a real plugin: megabytes of code and data around the same answer.

#[cfg(target_arch = "wasm32")]
bench_work::exports!(bench_work::echo_json);

/// Searches and pictures: never called by the benches, but compiled, loaded and mapped like any plugin's code.
///
/// # Safety
/// See `bench_work::abi::answer`.
#[cfg(target_arch = "wasm32")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn everything(pointer: *mut u8, length: i32) -> i64 {
    // SAFETY: the host's promise, the same as ours.
    unsafe { bench_work::abi::answer(pointer, length, bench_work::large::everything) }
}

/// The same in the form of Extism's plugins.
#[cfg(feature = "extism")]
mod plugin {
    use extism_pdk::{FnResult, plugin_fn};

    #[plugin_fn]
    pub fn run(input: Vec<u8>) -> FnResult<Vec<u8>> {
        Ok(bench_work::echo_json(&input))
    }

    #[plugin_fn]
    pub fn run_raw(input: Vec<u8>) -> FnResult<Vec<u8>> {
        Ok(input)
    }

    #[plugin_fn]
    pub fn run_noop() -> FnResult<()> {
        Ok(())
    }
}
