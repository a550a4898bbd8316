//! Writes a module anew: what it imported is defined, and the functions of a policy are there.
//!
//! Function indices. Imports come first in a module's index space, and those of OPA's that are functions become its first
//! definitions, in their order. So the order stays, and every function moves by as much as is imported afterwards: by the
//! host's one function or by nothing. What is added comes behind all of them.

use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection, EntityType, ExportKind,
    ExportSection, FunctionSection, GlobalSection, GlobalType, ImportSection, MemorySection,
    Module, NameSection, StartSection, TableSection, TypeSection, ValType,
};
use wasmparser::{Parser, Payload};

use super::body::{Added, Bodies, Places};
use super::shape::Opa;
use super::{HOST_BUILTIN, HOST_MODULE, OpaProblem};

type Written<T = ()> = Result<T, Error<Infallible>>;

pub(super) fn rewrite(module: &[u8], opa: &Opa) -> Result<Vec<u8>, OpaProblem> {
    let shift = u32::from(opa.options.host_builtins);
    let full = || OpaProblem::Rewrite("it has as many functions or globals as a module may have");
    let places = Places {
        shift,
        functions: opa.functions.checked_add(shift).ok_or_else(full)?,
        data: opa.globals,
        out: opa.globals.checked_add(1).ok_or_else(full)?,
    };
    let bodies = Bodies { opa, places };
    let mut sections = Sections::new(bodies);
    let mut reencoder = Moved(shift);
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.map_err(OpaProblem::Invalid)?;
        sections
            .take(&mut reencoder, payload)
            .map_err(|error| match error {
                Error::ParseError(source) => OpaProblem::Invalid(source),
                _ => OpaProblem::Rewrite("it has a part that OPA's compilers do not write"),
            })?;
    }
    Ok(sections.module(bodies))
}

/// Moves functions; all else stays where it is.
struct Moved(u32);

impl Reencode for Moved {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Written<u32> {
        Ok(function.saturating_add(self.0))
    }
}

/// The sections of the module as it becomes.
struct Sections<'m> {
    types: TypeSection,
    functions: FunctionSection,
    tables: TableSection,
    globals: GlobalSection,
    exports: ExportSection,
    start: Option<StartSection>,
    elements: ElementSection,
    data_count: Option<DataCountSection>,
    code: CodeSection,
    data: DataSection,
    names: Option<NameSection>,
    custom: Vec<wasm_encoder::CustomSection<'m>>,
    /// The first added function.
    added: u32,
}

impl<'m> Sections<'m> {
    /// With what stands in the place of imports, which is defined first.
    fn new(bodies: Bodies<'_>) -> Sections<'m> {
        let mut functions = FunctionSection::new();
        let mut code = CodeSection::new();
        for (stub, ty) in &bodies.opa.stubs {
            functions.function(*ty);
            code.function(&bodies.stub(*stub));
        }
        Sections {
            types: TypeSection::new(),
            functions,
            tables: TableSection::new(),
            globals: GlobalSection::new(),
            exports: ExportSection::new(),
            start: None,
            elements: ElementSection::new(),
            data_count: None,
            code,
            data: DataSection::new(),
            names: None,
            custom: Vec::new(),
            added: bodies.places.functions,
        }
    }

    /// Takes over what the module had; its imports and its memory are left behind.
    fn take(&mut self, to: &mut Moved, payload: Payload<'m>) -> Written {
        match payload {
            Payload::TypeSection(types) => to.parse_type_section(&mut self.types, types),
            Payload::FunctionSection(functions) => {
                to.parse_function_section(&mut self.functions, functions)
            }
            Payload::TableSection(tables) => to.parse_table_section(&mut self.tables, tables),
            Payload::GlobalSection(globals) => to.parse_global_section(&mut self.globals, globals),
            Payload::ExportSection(exports) => to.parse_export_section(&mut self.exports, exports),
            Payload::StartSection { func, .. } => {
                self.start = Some(StartSection {
                    function_index: to.start_section(func)?,
                });
                Ok(())
            }
            Payload::ElementSection(elements) => {
                to.parse_element_section(&mut self.elements, elements)
            }
            Payload::DataCountSection { count, .. } => {
                self.data_count = Some(DataCountSection { count });
                Ok(())
            }
            Payload::CodeSectionEntry(body) => to.parse_function_body(&mut self.code, body),
            Payload::DataSection(data) => to.parse_data_section(&mut self.data, data),
            Payload::CustomSection(section) => self.custom(to, section),
            _ => Ok(()),
        }
    }

    /// Names are moved too, and notes kept; sections that mean offsets in the code would lie now.
    fn custom(&mut self, to: &mut Moved, section: wasmparser::CustomSectionReader<'m>) -> Written {
        match section.as_known() {
            // Names that cannot be read are no reason to refuse a module.
            wasmparser::KnownCustom::Name(names) => {
                self.names = self.named(to, names).ok();
            }
            _ if section.name() == "producers" || section.name().starts_with("wardian:") => {
                self.custom.push(wasm_encoder::CustomSection {
                    name: section.name().into(),
                    data: section.data().into(),
                });
            }
            _ => {}
        }
        Ok(())
    }

    /// The names, with those of the added functions, which come last.
    fn named(
        &self,
        to: &mut Moved,
        names: wasmparser::NameSectionReader<'_>,
    ) -> Written<NameSection> {
        let mut section = NameSection::new();
        for subsection in names {
            match subsection? {
                wasmparser::Name::Function(functions) => {
                    let mut functions = utils::name_map(functions, |f| to.function_index(f))?;
                    for (index, added) in (self.added..).zip(Added::ALL) {
                        functions.append(index, added.name());
                    }
                    section.functions(&functions);
                }
                other => to.parse_custom_name_subsection(&mut section, other)?,
            }
        }
        Ok(section)
    }

    /// Adds the policy's functions and puts all in order.
    fn module(mut self, bodies: Bodies<'_>) -> Vec<u8> {
        let mut imports = ImportSection::new();
        self.add_functions(bodies);
        if bodies.opa.options.host_builtins {
            let ty = self.host_type(bodies);
            imports.import(HOST_MODULE, HOST_BUILTIN, EntityType::Function(ty));
        }
        for _ in 0..2 {
            let ty = GlobalType {
                val_type: ValType::I32,
                mutable: true,
                shared: false,
            };
            self.globals.global(ty, &ConstExpr::i32_const(0));
        }
        if !bodies.opa.memory_exported {
            self.exports.export("memory", ExportKind::Memory, 0);
        }
        let mut memories = MemorySection::new();
        memories.memory(bodies.opa.memory.into());
        let mut module = Module::new();
        module.section(&self.types);
        if !imports.is_empty() {
            module.section(&imports);
        }
        module.section(&self.functions);
        if !self.tables.is_empty() {
            module.section(&self.tables);
        }
        module.section(&memories);
        module.section(&self.globals);
        module.section(&self.exports);
        if let Some(start) = &self.start {
            module.section(start);
        }
        if !self.elements.is_empty() {
            module.section(&self.elements);
        }
        if let Some(count) = &self.data_count {
            module.section(count);
        }
        module.section(&self.code);
        module.section(&self.data);
        if let Some(names) = &self.names {
            module.section(names);
        }
        for section in &self.custom {
            module.section(section);
        }
        module.finish()
    }

    /// The type of the host's function, behind those of the added ones.
    fn host_type(&mut self, bodies: Bodies<'_>) -> u32 {
        self.types.ty().function([ValType::I32; 5], [ValType::I64]);
        let added = u32::try_from(Added::ALL.len()).unwrap_or(u32::MAX);
        bodies.opa.types.saturating_add(added)
    }

    fn add_functions(&mut self, bodies: Bodies<'_>) {
        let mut ty = bodies.opa.types;
        let mut index = bodies.places.functions;
        for added in Added::ALL {
            self.types
                .ty()
                .function(vec![ValType::I32; added.params()], [added.result()]);
            self.functions.function(ty);
            self.code.function(&bodies.added(added));
            if added.exported() {
                self.exports.export(added.name(), ExportKind::Func, index);
            }
            (ty, index) = (ty.saturating_add(1), index.saturating_add(1));
        }
    }
}
