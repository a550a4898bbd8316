//! Names the proposals that a module needs and the sandbox has off, so that its author reads more than a parser's words.

use wasmparser::{Validator, WasmFeatures};

/// Every proposal that is off, with the name its authors gave it.
const OFF: [(&str, WasmFeatures); 20] = [
    ("threads", WasmFeatures::THREADS),
    (
        "shared-everything-threads",
        WasmFeatures::SHARED_EVERYTHING_THREADS,
    ),
    ("gc", WasmFeatures::GC),
    ("function-references", WasmFeatures::FUNCTION_REFERENCES),
    ("exceptions", WasmFeatures::EXCEPTIONS),
    ("legacy-exceptions", WasmFeatures::LEGACY_EXCEPTIONS),
    ("stack-switching", WasmFeatures::STACK_SWITCHING),
    ("custom-page-sizes", WasmFeatures::CUSTOM_PAGE_SIZES),
    ("wide-arithmetic", WasmFeatures::WIDE_ARITHMETIC),
    ("memory64", WasmFeatures::MEMORY64),
    ("memory-control", WasmFeatures::MEMORY_CONTROL),
    ("component-async", WasmFeatures::CM_ASYNC),
    ("component-async-stackful", WasmFeatures::CM_ASYNC_STACKFUL),
    (
        "component-more-async-builtins",
        WasmFeatures::CM_MORE_ASYNC_BUILTINS,
    ),
    ("component-threading", WasmFeatures::CM_THREADING),
    ("component-error-context", WasmFeatures::CM_ERROR_CONTEXT),
    (
        "component-fixed-length-lists",
        WasmFeatures::CM_FIXED_LENGTH_LISTS,
    ),
    ("component-map", WasmFeatures::CM_MAP),
    ("component-gc", WasmFeatures::CM_GC),
    ("gc-types", WasmFeatures::GC_TYPES),
];

/// The proposals without which `wasm` is not valid; none if it is not valid with all of them either.
pub(crate) fn needed(wasm: &[u8]) -> Vec<&'static str> {
    let is_valid = |features| {
        Validator::new_with_features(features)
            .validate_all(wasm)
            .is_ok()
    };
    if !is_valid(WasmFeatures::all()) {
        return Vec::new();
    }
    OFF.iter()
        .filter(|(_, off)| !is_valid(WasmFeatures::all().difference(*off)))
        .map(|(name, _)| *name)
        .collect()
}
