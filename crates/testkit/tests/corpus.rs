//! Whether the hostile corpus is what it says: large enough, and refused for the reason that it names.

#![expect(clippy::panic, reason = "a test fails by it")]

use wardian_testkit::hostile::{self, Case, Room};
use wasmparser::{Validator, WasmFeatures};

/// What the sandbox allows: the allow-list of the architecture.
fn allowed() -> WasmFeatures {
    WasmFeatures::MUTABLE_GLOBAL
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::REFERENCE_TYPES
        | WasmFeatures::GC_TYPES
        | WasmFeatures::MULTI_VALUE
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::SIMD
        | WasmFeatures::RELAXED_SIMD
        | WasmFeatures::TAIL_CALL
        | WasmFeatures::FLOATS
        | WasmFeatures::MULTI_MEMORY
        | WasmFeatures::EXTENDED_CONST
        | WasmFeatures::COMPONENT_MODEL
}

fn features(proposal: &str) -> WasmFeatures {
    match proposal {
        "threads" => WasmFeatures::THREADS,
        "memory64" => WasmFeatures::MEMORY64,
        "gc" => WasmFeatures::GC | WasmFeatures::FUNCTION_REFERENCES,
        "function-references" => WasmFeatures::FUNCTION_REFERENCES,
        "exceptions" => WasmFeatures::EXCEPTIONS,
        "legacy-exceptions" => WasmFeatures::LEGACY_EXCEPTIONS | WasmFeatures::EXCEPTIONS,
        "stack-switching" => {
            WasmFeatures::STACK_SWITCHING
                | WasmFeatures::FUNCTION_REFERENCES
                | WasmFeatures::EXCEPTIONS
        }
        "custom-page-sizes" => WasmFeatures::CUSTOM_PAGE_SIZES,
        "wide-arithmetic" => WasmFeatures::WIDE_ARITHMETIC,
        "shared-everything-threads" => {
            WasmFeatures::SHARED_EVERYTHING_THREADS | WasmFeatures::THREADS
        }
        "memory-control" => WasmFeatures::MEMORY_CONTROL,
        "component-model-async" => WasmFeatures::CM_ASYNC,
        "component-model-error-context" => WasmFeatures::CM_ASYNC | WasmFeatures::CM_ERROR_CONTEXT,
        other => panic!("which features make up `{other}`?"),
    }
}

fn validate(case: &Case, features: WasmFeatures) -> Result<(), String> {
    Validator::new_with_features(features)
        .validate_all(&case.wasm)
        .map(drop)
        .map_err(|error| error.to_string())
}

#[test]
fn is_large_enough() {
    let cases = hostile::cases().unwrap();
    let components = cases.iter().filter(|case| case.is_component()).count();
    assert!(cases.len() >= 200, "{} cases", cases.len());
    assert!(components >= 40, "{components} components");
}

#[test]
fn a_proposal_is_all_that_its_file_lacks() {
    for case in hostile::cases().unwrap() {
        let Some(proposal) = case
            .expect
            .name
            .as_deref()
            .filter(|_| case.expect.ending == "proposal")
        else {
            continue;
        };
        validate(&case, allowed() | features(proposal))
            .unwrap_or_else(|error| panic!("{}: {error}", case.name));
        validate(&case, allowed()).expect_err(&case.name);
    }
}

#[test]
fn what_is_invalid_stays_so_with_all_proposals_and_the_rest_is_valid() {
    for case in hostile::cases().unwrap() {
        if case.expect.room != Room::Load {
            validate(&case, allowed()).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        } else if case.expect.ending == "invalid" {
            validate(&case, WasmFeatures::all()).expect_err(&case.name);
        }
    }
}
