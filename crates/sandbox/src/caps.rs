//! What a module may consist of, checked before any compiler sees it.
//!
//! One pass over the sections, nested modules and components included; bodies are measured, not decoded, so that the
//! pass costs far less than hashing the module. It proves nothing about validity: that is the engine's validator,
//! which runs later and under its own limits. It only keeps away what would make validating and compiling expensive.

#[cfg(test)]
mod tests;

use std::fmt;

use wasmparser::{Encoding, Parser, Payload};

use crate::disk::Kind;

/// The most of everything. Those an operator sets are in the first three fields; the others are far above what any
/// toolchain makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Bytes of the whole file.
    pub module_bytes_max: u64,
    /// Functions with a body, those of nested modules summed.
    pub functions_max: u64,
    /// Bytes of the largest body. The engine has a limit of its own at 7,654,321 bytes.
    pub body_bytes_max: u64,
    /// Locals declared by all functions: a few bytes declare 50,000 of them in each.
    pub locals_max: u64,
    /// Components inside components.
    pub depth_max: u64,
    /// Modules and components nested in a component.
    pub nested_max: u64,
    /// Types, core and component ones.
    pub types_max: u64,
    /// Imports.
    pub imports_max: u64,
    /// Exports.
    pub exports_max: u64,
    /// Globals.
    pub globals_max: u64,
    /// Tables.
    pub tables_max: u64,
    /// Memories.
    pub memories_max: u64,
    /// Data segments.
    pub data_segments_max: u64,
    /// Element segments.
    pub element_segments_max: u64,
    /// A component's instances, aliases and canonical functions.
    pub wiring_max: u64,
    /// Custom sections.
    pub custom_sections_max: u64,
}

impl Default for Caps {
    fn default() -> Caps {
        Caps {
            module_bytes_max: 64 << 20,
            functions_max: 200_000,
            body_bytes_max: 8 << 20,
            locals_max: 10_000_000,
            depth_max: 16,
            nested_max: 1_000,
            types_max: 100_000,
            imports_max: 10_000,
            exports_max: 100_000,
            globals_max: 100_000,
            tables_max: 100,
            memories_max: 100,
            data_segments_max: 100_000,
            element_segments_max: 100_000,
            wiring_max: 100_000,
            custom_sections_max: 1_000,
        }
    }
}

/// Something that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cap {
    /// Bytes of the whole file.
    ModuleBytes,
    /// Functions with a body.
    Functions,
    /// Bytes of the largest body.
    BodyBytes,
    /// Declared locals.
    Locals,
    /// Components inside components.
    Depth,
    /// Nested modules and components.
    Nested,
    /// Types.
    Types,
    /// Imports.
    Imports,
    /// Exports.
    Exports,
    /// Globals.
    Globals,
    /// Tables.
    Tables,
    /// Memories.
    Memories,
    /// Data segments.
    DataSegments,
    /// Element segments.
    ElementSegments,
    /// Instances, aliases, canonical functions.
    Wiring,
    /// Custom sections.
    CustomSections,
}

impl Cap {
    /// What is counted, in words.
    pub fn name(self) -> &'static str {
        match self {
            Cap::ModuleBytes => "bytes of the module",
            Cap::Functions => "functions",
            Cap::BodyBytes => "bytes of one function body",
            Cap::Locals => "locals",
            Cap::Depth => "levels of nested components",
            Cap::Nested => "nested modules and components",
            Cap::Types => "types",
            Cap::Imports => "imports",
            Cap::Exports => "exports",
            Cap::Globals => "globals",
            Cap::Tables => "tables",
            Cap::Memories => "memories",
            Cap::DataSegments => "data segments",
            Cap::ElementSegments => "element segments",
            Cap::Wiring => "instances, aliases and canonical functions",
            Cap::CustomSections => "custom sections",
        }
    }
}

/// One cap that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Violation {
    /// What there is too much of.
    pub cap: Cap,
    /// How much of it there is; at least, when the scan stopped early.
    pub found: u64,
    /// How much is allowed.
    pub max: u64,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}, allowed {}",
            self.cap.name(),
            self.found,
            self.max
        )
    }
}

/// Why a module is not compiled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CapsError {
    /// It has no WebAssembly sections to count.
    #[error("this is no WebAssembly binary: {message} (at byte {offset})")]
    Malformed {
        /// What the parser met.
        message: String,
        /// Where.
        offset: u64,
    },
    /// It has more than is allowed, of one thing or several; never empty.
    #[error("the module is too large: {}", list(.0))]
    Exceeded(Vec<Violation>),
}

fn list(violations: &[Violation]) -> String {
    violations
        .iter()
        .map(Violation::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}

/// What the sections say beside their counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scanned {
    /// Core module or component.
    pub kind: Kind,
    /// A core module with a start function: instantiating runs the guest.
    pub has_start: bool,
    /// Elements that the largest table begins with.
    pub table_elements: u64,
}

/// Counts, and names every cap that does not hold; says what else is seen in passing, because the bytes of a large
/// module are worth no second pass.
pub fn check(wasm: &[u8], caps: &Caps) -> Result<Scanned, CapsError> {
    let bytes = wasm.len() as u64;
    if bytes > caps.module_bytes_max {
        let max = caps.module_bytes_max;
        return Err(CapsError::Exceeded(vec![Violation {
            cap: Cap::ModuleBytes,
            found: bytes,
            max,
        }]));
    }
    let mut counts = Counts::default();
    let scanned = counts.scan(wasm, caps.depth_max);
    // Violations go first: a count that was only claimed often makes the section that follows malformed.
    let violations = counts.violations(caps);
    if !violations.is_empty() {
        return Err(CapsError::Exceeded(violations));
    }
    let kind = scanned.map_err(|error| CapsError::Malformed {
        // The parser shows bytes one on a line.
        message: error
            .message()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" "),
        offset: error.offset() as u64,
    })?;
    Ok(Scanned {
        kind,
        has_start: kind == Kind::Core && counts.starts,
        table_elements: counts.table_elements,
    })
}

#[derive(Debug, Default)]
struct Counts {
    functions: u64,
    body_bytes: u64,
    locals: u64,
    depth: u64,
    nested: u64,
    types: u64,
    imports: u64,
    exports: u64,
    globals: u64,
    tables: u64,
    memories: u64,
    data_segments: u64,
    element_segments: u64,
    wiring: u64,
    custom_sections: u64,
    starts: bool,
    table_elements: u64,
}

impl Counts {
    fn scan(&mut self, wasm: &[u8], depth_max: u64) -> wasmparser::Result<Kind> {
        let mut kind = Kind::Core;
        let mut depth = 0u64;
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload?;
            match &payload {
                Payload::Version {
                    encoding: Encoding::Component,
                    ..
                } if depth == 0 => kind = Kind::Component,
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => {
                    self.nested += 1;
                    depth += 1;
                    self.depth = self.depth.max(depth);
                    // The parser keeps a stack entry for every level: deeper than allowed is not followed.
                    if depth > depth_max {
                        break;
                    }
                }
                Payload::End(_) => depth = depth.saturating_sub(1),
                _ => self.count(&payload)?,
            }
        }
        Ok(kind)
    }

    /// Section counts are what the section claims; the parser holds them against the bytes only when it reads items.
    fn count(&mut self, payload: &Payload<'_>) -> wasmparser::Result<()> {
        match payload {
            Payload::FunctionSection(section) => self.functions += u64::from(section.count()),
            Payload::CodeSectionEntry(body) => {
                self.body_bytes = self.body_bytes.max(body.range().len() as u64);
                for declaration in body.get_locals_reader()? {
                    self.locals += u64::from(declaration?.0);
                }
            }
            Payload::TypeSection(section) => self.types += u64::from(section.count()),
            Payload::CoreTypeSection(section) => self.types += u64::from(section.count()),
            Payload::ComponentTypeSection(section) => self.types += u64::from(section.count()),
            Payload::ImportSection(section) => self.imports += u64::from(section.count()),
            Payload::ComponentImportSection(section) => self.imports += u64::from(section.count()),
            Payload::ExportSection(section) => self.exports += u64::from(section.count()),
            Payload::ComponentExportSection(section) => self.exports += u64::from(section.count()),
            Payload::GlobalSection(section) => self.globals += u64::from(section.count()),
            Payload::TableSection(section) => {
                self.tables += u64::from(section.count());
                // One that cannot be read is the validator's to refuse.
                let tables = section.clone().into_iter().map_while(Result::ok);
                let largest = tables.map(|table| table.ty.initial).max();
                self.table_elements = self.table_elements.max(largest.unwrap_or(0));
            }
            Payload::StartSection { .. } => self.starts = true,
            Payload::MemorySection(section) => self.memories += u64::from(section.count()),
            Payload::DataSection(section) => self.data_segments += u64::from(section.count()),
            Payload::ElementSection(section) => self.element_segments += u64::from(section.count()),
            Payload::InstanceSection(section) => self.wiring += u64::from(section.count()),
            Payload::ComponentInstanceSection(section) => self.wiring += u64::from(section.count()),
            Payload::ComponentAliasSection(section) => self.wiring += u64::from(section.count()),
            Payload::ComponentCanonicalSection(section) => {
                self.wiring += u64::from(section.count())
            }
            Payload::CustomSection(_) => self.custom_sections += 1,
            _ => {}
        }
        Ok(())
    }

    fn violations(&self, caps: &Caps) -> Vec<Violation> {
        [
            (Cap::Functions, self.functions, caps.functions_max),
            (Cap::BodyBytes, self.body_bytes, caps.body_bytes_max),
            (Cap::Locals, self.locals, caps.locals_max),
            (Cap::Depth, self.depth, caps.depth_max),
            (Cap::Nested, self.nested, caps.nested_max),
            (Cap::Types, self.types, caps.types_max),
            (Cap::Imports, self.imports, caps.imports_max),
            (Cap::Exports, self.exports, caps.exports_max),
            (Cap::Globals, self.globals, caps.globals_max),
            (Cap::Tables, self.tables, caps.tables_max),
            (Cap::Memories, self.memories, caps.memories_max),
            (
                Cap::DataSegments,
                self.data_segments,
                caps.data_segments_max,
            ),
            (
                Cap::ElementSegments,
                self.element_segments,
                caps.element_segments_max,
            ),
            (Cap::Wiring, self.wiring, caps.wiring_max),
            (
                Cap::CustomSections,
                self.custom_sections,
                caps.custom_sections_max,
            ),
        ]
        .into_iter()
        .filter(|(_, found, max)| found > max)
        .map(|(cap, found, max)| Violation { cap, found, max })
        .collect()
    }
}
