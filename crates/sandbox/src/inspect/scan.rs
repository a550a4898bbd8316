//! One walk over the sections of a module, and of the modules inside where it is a component.

use wasmparser::types::Types;
use wasmparser::{
    CustomSectionReader, Encoding, KnownCustom, MemoryType, Name, Parser, Payload,
    ProducersSectionReader, TableType, TypeRef, ValidPayload, Validator, WasmFeatures,
};

use super::{
    CustomSection, Debug, InspectError, Kind, Listing, Memory, NAME_CHARS_MAX, Producers, Table,
    Tool, shown,
};
use crate::text;

/// How many entries one field of the producers sections shows.
const TOOLS_MAX: usize = 32;
/// How much of the data sections is kept for guessing the language.
const DATA_SAMPLE_BYTES_MAX: usize = 1 << 20;

/// What the walk collects.
pub(super) struct Scan<'a> {
    pub(super) kind: Kind,
    pub(super) module_name: Option<String>,
    pub(super) producers: Producers,
    pub(super) memories: Listing<Memory>,
    pub(super) tables: Listing<Table>,
    pub(super) functions: u64,
    pub(super) code_bytes: u64,
    pub(super) data_bytes: u64,
    pub(super) core_modules: u64,
    pub(super) start: bool,
    pub(super) debug: Debug,
    pub(super) custom_sections: Listing<CustomSection>,
    pub(super) has_go_build_id: bool,
    /// The beginning of the first data section.
    pub(super) data_sample: &'a [u8],
    /// Names of the outermost component's imports and exports, raw.
    pub(super) component_imports: Vec<&'a str>,
    pub(super) component_exports: Vec<&'a str>,
    /// How many modules and components lie around the current section; 1 is the outermost.
    depth: u32,
}

/// Walks over `bytes`; gives back the types of the outermost module or component too.
pub(super) fn scan(bytes: &[u8]) -> Result<(Scan<'_>, Types), InspectError> {
    let mut scan = Scan::new();
    let mut validator = Validator::new_with_features(WasmFeatures::all());
    let mut types = None;
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload?;
        if let ValidPayload::End(end) = validator.payload(&payload)? {
            types = Some(end);
        }
        scan.see(&payload, bytes)?;
    }
    // The last one to end is the outermost.
    let types = types.ok_or_else(|| InspectError::Invalid {
        message: "unexpected end".to_owned(),
        offset: bytes.len() as u64,
    })?;
    Ok((scan, types))
}

impl<'a> Scan<'a> {
    fn new() -> Self {
        Self {
            kind: Kind::Core,
            module_name: None,
            producers: Producers::default(),
            memories: Listing::default(),
            tables: Listing::default(),
            functions: 0,
            code_bytes: 0,
            data_bytes: 0,
            core_modules: 0,
            start: false,
            debug: Debug::default(),
            custom_sections: Listing::default(),
            has_go_build_id: false,
            data_sample: &[],
            component_imports: Vec::new(),
            component_exports: Vec::new(),
            depth: 0,
        }
    }

    fn see(&mut self, payload: &Payload<'a>, bytes: &'a [u8]) -> Result<(), InspectError> {
        match payload {
            Payload::Version { encoding, .. } => self.enter(*encoding),
            Payload::End(_) => self.depth = self.depth.saturating_sub(1),
            Payload::ImportSection(section) => {
                for import in section.clone().into_imports() {
                    match import?.ty {
                        TypeRef::Memory(ty) => self.memories.push_with(|| memory(&ty, true)),
                        TypeRef::Table(ty) => self.tables.push_with(|| table(&ty, true)),
                        _ => {}
                    }
                }
            }
            Payload::MemorySection(section) => {
                for ty in section.clone() {
                    let ty = ty?;
                    self.memories.push_with(|| memory(&ty, false));
                }
            }
            Payload::TableSection(section) => {
                for definition in section.clone() {
                    let ty = definition?.ty;
                    self.tables.push_with(|| table(&ty, false));
                }
            }
            Payload::StartSection { .. } | Payload::ComponentStartSection { .. } => {
                self.start = true
            }
            Payload::CodeSectionStart { count, size, .. } => {
                self.functions += u64::from(*count);
                self.code_bytes += u64::from(*size);
            }
            Payload::DataSection(section) => {
                self.see_data(bytes.get(section.range()).unwrap_or_default())
            }
            Payload::CustomSection(section) => self.see_custom(section),
            Payload::ComponentImportSection(section) if self.depth == 1 => {
                for import in section.clone() {
                    self.component_imports.push(import?.name.name);
                }
            }
            Payload::ComponentExportSection(section) if self.depth == 1 => {
                for export in section.clone() {
                    self.component_exports.push(export?.name.name);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn enter(&mut self, encoding: Encoding) {
        self.depth += 1;
        match encoding {
            Encoding::Module => self.core_modules += 1,
            Encoding::Component if self.depth == 1 => self.kind = Kind::Component,
            Encoding::Component => {}
        }
    }

    fn see_data(&mut self, data: &'a [u8]) {
        self.data_bytes += data.len() as u64;
        if self.data_sample.is_empty() {
            self.data_sample = data.get(..DATA_SAMPLE_BYTES_MAX).unwrap_or(data);
        }
    }

    /// Custom sections are hints: one that does not parse is listed and otherwise ignored.
    fn see_custom(&mut self, section: &CustomSectionReader<'a>) {
        let bytes = section.data().len() as u64;
        self.custom_sections.push_with(|| CustomSection {
            name: shown(section.name()),
            bytes,
        });
        match section.name() {
            "go:buildid" => self.has_go_build_id = true,
            ".debug_line" => self.debug.dwarf = true,
            "external_debug_info" => set_url(&mut self.debug.dwarf_url, section),
            "sourceMappingURL" => set_url(&mut self.debug.source_map_url, section),
            _ => {}
        }
        match section.as_known() {
            KnownCustom::Producers(section) => self.producers.read(section),
            KnownCustom::Name(section) => {
                self.debug.names = true;
                for name in section.into_iter().map_while(Result::ok) {
                    if let Name::Module { name, .. } = name
                        && self.depth == 1
                    {
                        self.module_name = Some(shown(name));
                    }
                }
            }
            KnownCustom::ComponentName(section) if self.depth == 1 => {
                for name in section.into_iter().map_while(Result::ok) {
                    if let wasmparser::ComponentName::Component { name, .. } = name {
                        self.module_name = Some(shown(name));
                    }
                }
            }
            _ => {}
        }
    }
}

impl Producers {
    fn read(&mut self, section: ProducersSectionReader<'_>) {
        for field in section.into_iter().map_while(Result::ok) {
            let tools = match field.name {
                "language" => &mut self.language,
                "processed-by" => &mut self.processed_by,
                _ => &mut self.sdk,
            };
            for value in field.values.into_iter().map_while(Result::ok) {
                if tools.len() >= TOOLS_MAX {
                    break;
                }
                let tool = Tool {
                    name: shown(value.name),
                    version: shown(value.version),
                };
                if !tools.contains(&tool) {
                    tools.push(tool);
                }
            }
        }
    }
}

fn set_url(url: &mut Option<String>, section: &CustomSectionReader<'_>) {
    if let Ok(found) = section.data_reader().read_string() {
        *url = Some(text::clean(found.as_bytes(), NAME_CHARS_MAX));
    }
}

fn memory(ty: &MemoryType, imported: bool) -> Memory {
    Memory {
        pages_min: ty.initial,
        pages_max: ty.maximum,
        page_bytes: 1u64
            .checked_shl(ty.page_size_log2.unwrap_or(16))
            .unwrap_or(0),
        shared: ty.shared,
        memory64: ty.memory64,
        imported,
    }
}

fn table(ty: &TableType, imported: bool) -> Table {
    Table {
        element: ty.element_type.to_string(),
        elements_min: ty.initial,
        elements_max: ty.maximum,
        imported,
    }
}
