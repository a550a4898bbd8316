//! What is in a module, without compiling or running it.
//!
//! The sections are parsed and type-checked, function bodies are not looked at: this says what a module claims to be,
//! and a load may still refuse it. Every WebAssembly proposal is understood, those too that the sandbox refuses.
//!
//! All text comes from the module and is hostile: names are cleaned and cut for display (two may look alike, none is
//! fit for looking anything up), and lists are cut with a count of what is left out.

mod component;
mod contracts;
mod language;
mod scan;
mod signature;
#[cfg(test)]
mod tests;

use serde::Serialize;
use wasmparser::BinaryReaderError;

use crate::text;
pub use contracts::{ContractReport, Expected};
use scan::Scan;

/// How many entries a list shows.
pub const LISTED_MAX: usize = 1000;
/// How many members all interfaces of a component show together.
pub const MEMBERS_MAX: usize = 10_000;
/// How long a name is when shown.
pub const NAME_CHARS_MAX: usize = 200;
/// How long a signature is when shown.
pub const SIGNATURE_CHARS_MAX: usize = 1000;

/// Reads a core module or a component in the binary format.
///
/// Takes time and memory in proportion to `bytes`; the caller bounds their length.
///
/// ```
/// let wasm = wat::parse_str(r#"(module (func (export "add") (param i32 i32) (result i64) i64.const 7))"#)?;
/// let info = wardian_sandbox::inspect::inspect(&wasm)?;
/// assert_eq!(info.exports.items[0].signature, "(i32, i32) -> i64");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When `bytes` are not WebAssembly, or not valid.
pub fn inspect(bytes: &[u8]) -> Result<ModuleInfo, InspectError> {
    if !bytes.starts_with(b"\0asm") {
        return Err(InspectError::NotWasm);
    }
    let (scan, types) = scan::scan(bytes)?;
    Ok(describe(bytes, scan, types.as_ref()))
}

/// The contents of a core module's or component's own custom sections of this name, as they are and in their order;
/// none from where the module can no longer be read.
///
/// ```
/// let wasm = wat::parse_str(r#"(module (@custom "mine" "said"))"#)?;
/// let said: Vec<&[u8]> = wardian_sandbox::inspect::custom_sections(&wasm, "mine").collect();
/// assert_eq!(said, [b"said"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn custom_sections<'m>(module: &'m [u8], name: &str) -> impl Iterator<Item = &'m [u8]> {
    // Modules inside of a component have sections of their own.
    let mut depth = 0_usize;
    wasmparser::Parser::new(0)
        .parse_all(module)
        .map_while(Result::ok)
        .filter_map(move |payload| match payload {
            wasmparser::Payload::ModuleSection { .. }
            | wasmparser::Payload::ComponentSection { .. } => {
                depth += 1;
                None
            }
            wasmparser::Payload::End(_) => {
                depth = depth.saturating_sub(1);
                None
            }
            wasmparser::Payload::CustomSection(section) if depth == 0 => {
                (section.name() == name).then(|| section.data())
            }
            _ => None,
        })
}

/// Why a module could not be inspected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InspectError {
    /// The first bytes are not those of a WebAssembly binary.
    #[error("not a WebAssembly binary: it does not begin with `\\0asm`")]
    NotWasm,
    /// The sections do not parse, or contradict each other.
    #[error("not a valid module: {message} (at byte {offset})")]
    Invalid {
        /// What is wrong, cleaned.
        message: String,
        /// Where in the module.
        offset: u64,
    },
}

impl From<BinaryReaderError> for InspectError {
    fn from(error: BinaryReaderError) -> Self {
        Self::Invalid {
            message: text::clean(error.message().as_bytes(), SIGNATURE_CHARS_MAX),
            offset: error.offset() as u64,
        }
    }
}

/// What [`inspect`] found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModuleInfo {
    /// Core module or component.
    pub kind: Kind,
    /// BLAKE3 of the bytes, in hex.
    pub digest: String,
    /// How many bytes there are.
    pub bytes: u64,
    /// The name that the name section gives the module.
    pub module_name: Option<String>,
    /// The source language, as far as the module lets one guess.
    pub language: Option<&'static str>,
    /// Who made it, by its own word.
    pub producers: Producers,
    /// Exports; an interface of a component lists its members.
    pub exports: Listing<Item>,
    /// Imports; an interface of a component lists its members.
    pub imports: Listing<Import>,
    /// Memories, imported ones too. Of a component: those of the modules inside.
    pub memories: Listing<Memory>,
    /// Tables, imported ones too. Of a component: those of the modules inside.
    pub tables: Listing<Table>,
    /// Functions with a body.
    pub functions: u64,
    /// Bytes of function bodies.
    pub code_bytes: u64,
    /// Bytes of data sections.
    pub data_bytes: u64,
    /// Core modules inside: 1 for a core module.
    pub core_modules: u64,
    /// Whether a start function runs when the module is instantiated.
    pub start: bool,
    /// What there is for whoever debugs it.
    pub debug: Debug,
    /// Custom sections, the nested ones of a component too.
    pub custom_sections: Listing<CustomSection>,
    /// Every contract that this kind of module can satisfy, and what it lacks for it.
    pub contracts: Vec<ContractReport>,
}

/// Core module or component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A core module.
    Core,
    /// A component.
    Component,
}

/// A list that was cut at a bound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listing<T> {
    /// The first entries.
    pub items: Vec<T>,
    /// How many more there are.
    pub more: u64,
}

impl<T> Default for Listing<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            more: 0,
        }
    }
}

impl<T> Listing<T> {
    /// How many entries there are, shown or not.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.items.len() as u64 + self.more
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds an entry, or counts it; `entry` runs only where it will be shown.
    fn push_with(&mut self, entry: impl FnOnce() -> T) {
        if self.items.len() < LISTED_MAX {
            self.items.push(entry());
        } else {
            self.more += 1;
        }
    }
}

/// Something exported, or a member of an interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// Its name, cleaned.
    pub name: String,
    /// What it is.
    pub kind: ItemKind,
    /// Its type: `(i32, i32) -> i64`, `func(name: string) -> u32`, `record { x: u32 }`, ….
    pub signature: String,
    /// The members of an interface.
    #[serde(skip_serializing_if = "Listing::is_empty")]
    pub members: Listing<Item>,
}

/// Something imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Import {
    /// The module it comes from, cleaned; empty in a component, where names say all.
    pub module: String,
    /// What is imported.
    #[serde(flatten)]
    pub item: Item,
}

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are WebAssembly's own")]
pub enum ItemKind {
    Function,
    Memory,
    Table,
    Global,
    Tag,
    Interface,
    Component,
    Module,
    Type,
    Value,
}

/// A memory's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Memory {
    /// Pages it begins with.
    pub pages_min: u64,
    /// Pages it may grow to, where it says so.
    pub pages_max: Option<u64>,
    /// Bytes of a page: 65,536 unless it says otherwise.
    pub page_bytes: u64,
    /// Whether threads share it.
    pub shared: bool,
    /// Whether its addresses have 64 bits.
    pub memory64: bool,
    /// Whether it is imported.
    pub imported: bool,
}

/// A table's type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Table {
    /// What it holds.
    pub element: String,
    /// Elements it begins with.
    pub elements_min: u64,
    /// Elements it may grow to, where it says so.
    pub elements_max: Option<u64>,
    /// Whether it is imported.
    pub imported: bool,
}

/// A custom section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CustomSection {
    /// Its name, cleaned.
    pub name: String,
    /// Bytes of its content.
    pub bytes: u64,
}

/// The `producers` sections: at most 32 entries a field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Producers {
    /// Source languages.
    pub language: Vec<Tool>,
    /// Compilers and linkers.
    pub processed_by: Vec<Tool>,
    /// SDKs.
    pub sdk: Vec<Tool>,
}

/// A name and a version from a `producers` section, cleaned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version, empty where there is none.
    pub version: String,
}

/// What there is for whoever debugs a module.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Debug {
    /// A name section.
    pub names: bool,
    /// DWARF line information.
    pub dwarf: bool,
    /// Where a side file has the DWARF, by the module's own word.
    pub dwarf_url: Option<String>,
    /// Where a Source Map is, by the module's own word.
    pub source_map_url: Option<String>,
}

fn describe(bytes: &[u8], scan: Scan<'_>, types: wasmparser::types::TypesRef<'_>) -> ModuleInfo {
    let (exports, imports, contracts) = match scan.kind {
        Kind::Core => (
            signature::exports(types),
            signature::imports(types),
            contracts::of_core(types),
        ),
        Kind::Component => {
            let (exports, imports) = component::items(&scan, types);
            (exports, imports, contracts::of_component(&scan))
        }
    };
    ModuleInfo {
        kind: scan.kind,
        digest: blake3::hash(bytes).to_hex().to_string(),
        bytes: bytes.len() as u64,
        language: language::guess(&scan, types),
        module_name: scan.module_name,
        producers: scan.producers,
        exports,
        imports,
        memories: scan.memories,
        tables: scan.tables,
        functions: scan.functions,
        code_bytes: scan.code_bytes,
        data_bytes: scan.data_bytes,
        core_modules: scan.core_modules,
        start: scan.start,
        debug: scan.debug,
        custom_sections: scan.custom_sections,
        contracts,
    }
}

/// A name made fit to show.
fn shown(name: &str) -> String {
    text::clean(name.as_bytes(), NAME_CHARS_MAX)
}
