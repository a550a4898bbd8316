//! A guess at the source language, from what toolchains leave in their output.

use wasmparser::types::TypesRef;

use super::scan::Scan;

/// Engines for other languages are themselves Rust, C or C++, so they are looked for first.
const PROCESSED_BY: &[(&str, &str)] = &[
    ("componentize-py", "Python"),
    ("componentizejs", "JavaScript"),
    ("componentize-js", "JavaScript"),
    ("componentize-qjs", "JavaScript"),
    ("javy", "JavaScript"),
    ("assemblyscript", "AssemblyScript"),
    ("tinygo", "Go"),
];

/// Prefixes of `language` entries, first match wins: programs of Rust and Go may be linked with a libc in C.
const LANGUAGE: &[(&str, &str)] = &[
    ("rust", "Rust"),
    ("go", "Go"),
    ("zig", "Zig"),
    ("swift", "Swift"),
    ("kotlin", "Kotlin"),
    ("javascript", "JavaScript"),
    ("python", "Python"),
    ("c_plus_plus", "C++"),
    ("c++", "C++"),
    ("c", "C"),
];

/// The language, by what the module says of itself or by the traces that its runtime leaves.
pub(super) fn guess(scan: &Scan<'_>, types: TypesRef<'_>) -> Option<&'static str> {
    let named = |known: &[(&str, &'static str)], tools: &[super::Tool]| {
        let found = |(prefix, _): &&(&str, &str)| {
            tools
                .iter()
                .any(|tool| tool.name.to_ascii_lowercase().starts_with(prefix))
        };
        known.iter().find(found).map(|(_, language)| *language)
    };
    named(PROCESSED_BY, &scan.producers.processed_by)
        .or_else(|| named(LANGUAGE, &scan.producers.language))
        .or_else(|| scan.has_go_build_id.then_some("Go"))
        .or_else(|| imports_abort(types).then_some("AssemblyScript"))
        .or_else(|| contains(scan.data_sample, b"/rustc/").then_some("Rust"))
}

/// AssemblyScript leaves nothing but the import of its `abort`.
fn imports_abort(types: TypesRef<'_>) -> bool {
    types
        .core_imports()
        .into_iter()
        .flatten()
        .any(|(module, name, _)| (module, name) == ("env", "abort"))
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}
