//! What `inspect` says of any bytes: an error or a report, both bounded, with nothing in them that misleads.

use arbitrary::{Result, Unstructured};
use serde_json::Value as Json;
use wardian_sandbox::inspect::{
    LISTED_MAX, MEMBERS_MAX, ModuleInfo, NAME_CHARS_MAX, SIGNATURE_CHARS_MAX, inspect as look,
};
use wasm_encoder::{CustomSection, Section as _};

use super::said;

const MODULE: &[u8] = b"\0asm\x01\0\0\0";
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
/// Custom sections that tools and we know.
const NAMES: [&str; 8] = [
    "name",
    "component-name",
    "producers",
    "external_debug_info",
    "sourceMappingURL",
    ".debug_line",
    "target_features",
    "go:buildid",
];
/// Custom sections that are made.
const SECTIONS_MAX: usize = 8;

/// Inspects bytes that begin as WebAssembly does as they are; others become the content of custom sections.
pub fn inspect(data: &[u8]) {
    if data.starts_with(b"\0asm") {
        return inspected(data);
    }
    // Where the bytes end before the choices do there is nothing to inspect.
    if let Ok(wasm) = custom_sections(&mut Unstructured::new(data)) {
        inspected(&wasm);
    }
}

/// The oracle on a module or component.
pub(super) fn inspected(wasm: &[u8]) {
    match look(wasm) {
        Ok(info) => reported(&info, wasm.len()),
        Err(error) => said::is_fit(&error.to_string(), SIGNATURE_CHARS_MAX + 200),
    }
}

fn custom_sections(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let mut wasm = if u.ratio(3, 4)? { MODULE } else { COMPONENT }.to_vec();
    for _ in 0..u.int_in_range(1..=SECTIONS_MAX)? {
        let name = if u.ratio(7, 8)? {
            u.choose(&NAMES)?
        } else {
            u.arbitrary::<&str>()?
        };
        let data = u.arbitrary::<&[u8]>()?;
        CustomSection {
            name: name.into(),
            data: data.into(),
        }
        .append_to(&mut wasm);
        if u.is_empty() {
            break;
        }
    }
    Ok(wasm)
}

fn reported(info: &ModuleInfo, bytes: usize) {
    assert_eq!(info.bytes, bytes as u64);
    let lists = [
        info.exports.items.len(),
        info.imports.items.len(),
        info.memories.items.len(),
        info.tables.items.len(),
        info.custom_sections.items.len(),
    ];
    assert!(lists.iter().all(|len| *len <= LISTED_MAX), "{lists:?}");
    let exported = info.exports.items.iter().map(|item| &item.members);
    let imported = info.imports.items.iter().map(|import| &import.item.members);
    let members: usize = exported
        .chain(imported)
        .map(|members| members.items.len())
        .sum();
    assert!(members <= MEMBERS_MAX, "{members} members");
    match serde_json::to_value(info) {
        Ok(json) => texts(&json),
        Err(error) => panic!("the report has no JSON: {error}"),
    }
}

/// Every text of the report, wherever it stands.
fn texts(json: &Json) {
    match json {
        Json::String(text) => said::is_fit(text, SIGNATURE_CHARS_MAX),
        Json::Array(items) => items.iter().for_each(texts),
        Json::Object(fields) => {
            for (key, value) in fields {
                said::is_fit(key, NAME_CHARS_MAX);
                texts(value);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}
