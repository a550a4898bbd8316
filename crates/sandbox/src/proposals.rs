//! Names the proposals that a module needs and the sandbox has off, so that its author reads more than a parser's words.

use wasmparser::{Encoding, Parser, Payload, Validator, WasmFeatures};

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
    ("component-model-async", WasmFeatures::CM_ASYNC),
    (
        "component-model-async-stackful",
        WasmFeatures::CM_ASYNC_STACKFUL,
    ),
    (
        "component-model-more-async-builtins",
        WasmFeatures::CM_MORE_ASYNC_BUILTINS,
    ),
    ("component-model-threading", WasmFeatures::CM_THREADING),
    (
        "component-model-error-context",
        WasmFeatures::CM_ERROR_CONTEXT,
    ),
    (
        "component-model-fixed-length-lists",
        WasmFeatures::CM_FIXED_LENGTH_LISTS,
    ),
    ("component-model-map", WasmFeatures::CM_MAP),
    ("component-model-gc", WasmFeatures::CM_GC),
    ("gc-types", WasmFeatures::GC_TYPES),
];

/// Custom sections of the withdrawn interface types, which the engine refuses by their names alone.
const WITHDRAWN: [&str; 2] = ["webidl-bindings", "wasm-interface-types"];

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
    let off = OFF
        .iter()
        .filter(|(_, off)| !is_valid(WasmFeatures::all().difference(*off)))
        .map(|(name, _)| *name);
    off.chain(has_interface_types(wasm).then_some("interface-types"))
        .collect()
}

/// Whether a core module, at whatever depth, has a section of them; in a component's own part nobody looks for one.
fn has_interface_types(wasm: &[u8]) -> bool {
    let mut open = Vec::new();
    for payload in Parser::new(0).parse_all(wasm).map_while(Result::ok) {
        match payload {
            Payload::Version { encoding, .. } => open.push(encoding),
            Payload::End(_) => drop(open.pop()),
            Payload::CustomSection(section)
                if open.last() == Some(&Encoding::Module)
                    && WITHDRAWN.contains(&section.name()) =>
            {
                return true;
            }
            _ => {}
        }
    }
    false
}
