//! The guest of the size of a small Rust program: JSON in, JSON out.

#[cfg(target_arch = "wasm32")]
bench_work::exports!(bench_work::echo_json);

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
