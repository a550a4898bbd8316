//! What a module has, and whether that is what OPA's ABI says.
//!
//! Raw → checked: [`Shape`] is what the bytes say, [`Opa`] what the rewriting may rely on. Everything that does not fit is
//! gathered before it is refused.

use std::collections::BTreeMap;

use wasmparser::{
    ExternalKind, FuncType, GlobalType, Import, MemoryType, Operator, Parser, Payload, TypeRef,
    ValType, Validator, WasmFeatures,
};

use super::Options;
use super::problem::{Misfit, OpaProblem};

/// What OPA's compilers write, and a little more; in particular one memory of 32 bits that nobody shares.
const FEATURES: WasmFeatures = WasmFeatures::WASM2
    .union(WasmFeatures::TAIL_CALL)
    .union(WasmFeatures::EXTENDED_CONST);

/// Exports of the adapted module that the module itself must not have.
const ADDED: [&str; 5] = [
    "alloc",
    "policy_load",
    "policy_check",
    "policy_entrypoints",
    "policy_builtins",
];

/// What a module's bytes say.
#[derive(Debug, Default)]
pub(super) struct Shape<'m> {
    types: Vec<FuncType>,
    imports: Vec<Import<'m>>,
    /// The type of each function, imported ones first.
    functions: Vec<u32>,
    memory: Option<MemoryType>,
    /// Each global with its value, where that is a plain number.
    globals: Vec<(GlobalType, Option<i32>)>,
    exports: BTreeMap<&'m str, (ExternalKind, u32)>,
}

/// A module that keeps OPA's ABI: indices are those of the module as it was.
#[derive(Debug)]
pub(super) struct Opa {
    pub(super) options: Options,
    /// Types, functions and globals that there are.
    pub(super) types: u32,
    pub(super) functions: u32,
    pub(super) globals: u32,
    /// The memory as it will be defined.
    pub(super) memory: MemoryType,
    /// Whether `memory` is exported already.
    pub(super) memory_exported: bool,
    /// What becomes of the imported functions, each with its type, in their order.
    pub(super) stubs: Vec<(Stub, u32)>,
    pub(super) calls: Calls,
    pub(super) eval: Eval,
}

/// What an imported function becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stub {
    Abort,
    Println,
    /// With so many arguments.
    Builtin(u32),
}

/// Functions of the module that the added ones call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Calls {
    pub(super) malloc: u32,
    pub(super) free: Option<u32>,
    pub(super) json_parse: u32,
    pub(super) json_dump: u32,
    /// Texts that keep sets and keys that are no strings, where there are such functions.
    pub(super) value_parse: Option<u32>,
    pub(super) value_dump: Option<u32>,
    pub(super) builtins: u32,
    pub(super) entrypoints: u32,
}

/// How it is evaluated.
#[derive(Clone, Copy, Debug)]
pub(super) enum Eval {
    /// ABI 1.2 and later.
    Once { eval: u32, heap_ptr_get: u32 },
    /// ABI 1.0 and 1.1.
    Steps {
        new: u32,
        set_input: u32,
        set_data: u32,
        set_entrypoint: u32,
        eval: u32,
        get_result: u32,
    },
}

impl<'m> Shape<'m> {
    pub(super) fn read(module: &'m [u8]) -> Result<Shape<'m>, OpaProblem> {
        Validator::new_with_features(FEATURES)
            .validate_all(module)
            .map_err(OpaProblem::Invalid)?;
        let mut shape = Shape::default();
        for payload in Parser::new(0).parse_all(module) {
            payload
                .and_then(|payload| shape.section(payload))
                .map_err(OpaProblem::Invalid)?;
        }
        Ok(shape)
    }

    fn section(&mut self, payload: Payload<'m>) -> Result<(), wasmparser::Error> {
        match payload {
            Payload::TypeSection(types) => {
                for ty in types.into_iter_err_on_gc_types() {
                    self.types.push(ty?);
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    self.import(import?);
                }
            }
            Payload::FunctionSection(functions) => {
                for ty in functions {
                    self.functions.push(ty?);
                }
            }
            Payload::MemorySection(memories) => {
                for memory in memories {
                    self.memory = Some(memory?);
                }
            }
            Payload::GlobalSection(globals) => {
                for global in globals {
                    let global = global?;
                    self.globals.push((global.ty, number(&global)?));
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    self.exports
                        .insert(export.name, (export.kind, export.index));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn import(&mut self, import: Import<'m>) {
        match import.ty {
            TypeRef::Func(ty) => self.functions.push(ty),
            TypeRef::Memory(memory) => self.memory = Some(memory),
            _ => {}
        }
        self.imports.push(import);
    }

    /// The module, if it is one of OPA's.
    pub(super) fn checked(&self, options: &Options) -> Result<Opa, OpaProblem> {
        let version = self.constant("opa_wasm_abi_version");
        match version {
            None => return Err(OpaProblem::NotOpa),
            Some(1) => {}
            Some(found) => return Err(OpaProblem::AbiVersion { found }),
        }
        let mut misfits = Misfits::default();
        let stubs = self.stubs(&mut misfits);
        let memory = self.defined_memory(options, &mut misfits);
        let memory_exported = self.memory_exported(&mut misfits);
        misfits.0.extend(
            ADDED
                .into_iter()
                .filter(|name| self.exports.contains_key(name))
                .map(Misfit::Taken),
        );
        let calls = self.calls(&mut misfits);
        let eval = self.eval(&mut misfits);
        match (memory, calls, eval) {
            (Some(memory), Some(calls), Some(eval)) if misfits.0.is_empty() => Ok(Opa {
                options: options.clone(),
                types: count(self.types.len()),
                functions: count(self.functions.len()),
                globals: count(self.globals.len()),
                memory,
                memory_exported,
                stubs,
                calls,
                eval,
            }),
            _ => Err(OpaProblem::Misfits(misfits.0)),
        }
    }

    fn stubs(&self, misfits: &mut Misfits) -> Vec<(Stub, u32)> {
        let mut stubs = Vec::new();
        for import in &self.imports {
            match (import.module, import.name, import.ty) {
                ("env", "memory", TypeRef::Memory(_)) => {}
                ("env", name, TypeRef::Func(ty)) if stub(name).is_some() => {
                    if let Some((stub, name, wanted)) = stub(name) {
                        self.typed(name, &wanted, ty, misfits);
                        stubs.push((stub, ty));
                    }
                }
                (module, name, _) => misfits.0.push(Misfit::Import {
                    module: plain(module),
                    name: plain(name),
                }),
            }
        }
        stubs
    }

    fn typed(&self, name: &'static str, wanted: &Signature, ty: u32, to: &mut Misfits) {
        let found = self.type_of(ty);
        if !found.is_some_and(|found| wanted.is(found)) {
            to.0.push(Misfit::ImportType {
                name,
                wanted: wanted.to_string(),
                found: found.map_or_else(String::new, shown),
            });
        }
    }

    /// The memory with the maximum that it will have.
    fn defined_memory(&self, options: &Options, misfits: &mut Misfits) -> Option<MemoryType> {
        let allowed = u64::from(options.memory_pages_max);
        let Some(memory) = self.memory else {
            misfits.0.push(Misfit::NoMemory);
            return None;
        };
        if memory.initial > allowed {
            misfits.0.push(Misfit::Memory {
                asked: memory.initial,
                allowed,
            });
        }
        let maximum = memory.maximum.unwrap_or(allowed).min(allowed);
        Some(MemoryType {
            maximum: Some(maximum),
            ..memory
        })
    }

    fn memory_exported(&self, misfits: &mut Misfits) -> bool {
        match self.exports.get("memory") {
            None => false,
            Some((ExternalKind::Memory, _)) => true,
            Some(_) => {
                misfits.0.push(Misfit::Taken("memory"));
                true
            }
        }
    }

    fn calls(&self, misfits: &mut Misfits) -> Option<Calls> {
        let one = signature(1, true);
        let two = signature(2, true);
        let none = signature(0, true);
        let malloc = self.function("opa_malloc", &one, misfits);
        let json_parse = self.function("opa_json_parse", &two, misfits);
        let json_dump = self.function("opa_json_dump", &one, misfits);
        let builtins = self.function("builtins", &none, misfits);
        let entrypoints = self.function("entrypoints", &none, misfits);
        let free = self.optional("opa_free", &signature(1, false), misfits);
        let value_parse = self.optional("opa_value_parse", &two, misfits);
        let value_dump = self.optional("opa_value_dump", &one, misfits);
        Some(Calls {
            malloc: malloc?,
            free,
            json_parse: json_parse?,
            json_dump: json_dump?,
            value_parse,
            value_dump,
            builtins: builtins?,
            entrypoints: entrypoints?,
        })
    }

    fn eval(&self, misfits: &mut Misfits) -> Option<Eval> {
        let minor = self.constant("opa_wasm_abi_minor_version").unwrap_or(0);
        if minor >= 2 {
            let eval = self.function("opa_eval", &signature(7, true), misfits);
            let heap = self.function("opa_heap_ptr_get", &signature(0, true), misfits);
            return Some(Eval::Once {
                eval: eval?,
                heap_ptr_get: heap?,
            });
        }
        let set = signature(2, false);
        let new = self.function("opa_eval_ctx_new", &signature(0, true), misfits);
        let set_input = self.function("opa_eval_ctx_set_input", &set, misfits);
        let set_data = self.function("opa_eval_ctx_set_data", &set, misfits);
        let set_entrypoint = self.function("opa_eval_ctx_set_entrypoint", &set, misfits);
        let eval = self.function("eval", &signature(1, true), misfits);
        let get_result = self.function("opa_eval_ctx_get_result", &signature(1, true), misfits);
        Some(Eval::Steps {
            new: new?,
            set_input: set_input?,
            set_data: set_data?,
            set_entrypoint: set_entrypoint?,
            eval: eval?,
            get_result: get_result?,
        })
    }

    /// An exported function that has to be there.
    fn function(&self, name: &'static str, wanted: &Signature, to: &mut Misfits) -> Option<u32> {
        if !self.exports.contains_key(name) {
            to.0.push(Misfit::Missing {
                name,
                wanted: wanted.to_string(),
            });
        }
        self.optional(name, wanted, to)
    }

    /// An exported function that may be missing, and not be of another type.
    fn optional(&self, name: &'static str, wanted: &Signature, to: &mut Misfits) -> Option<u32> {
        let (kind, index) = *self.exports.get(name)?;
        let found = match kind {
            ExternalKind::Func => self.functions.get(index as usize).copied(),
            _ => None,
        };
        let found = found.and_then(|ty| self.type_of(ty));
        if found.is_some_and(|found| wanted.is(found)) {
            return Some(index);
        }
        to.0.push(Misfit::Mistyped {
            name,
            wanted: wanted.to_string(),
            found: found.map_or_else(|| format!("{kind:?}").to_lowercase(), shown),
        });
        None
    }

    fn type_of(&self, index: u32) -> Option<&FuncType> {
        self.types.get(index as usize)
    }

    /// The number in an exported global.
    fn constant(&self, name: &str) -> Option<i32> {
        let (ExternalKind::Global, index) = *self.exports.get(name)? else {
            return None;
        };
        let (ty, value) = self.globals.get(index as usize)?;
        value.filter(|_| !ty.mutable && ty.content_type == ValType::I32)
    }
}

#[derive(Debug, Default)]
struct Misfits(Vec<Misfit>);

/// Functions of OPA take and give `i32` only.
#[derive(Clone, Copy, Debug)]
struct Signature {
    params: usize,
    result: bool,
}

const fn signature(params: usize, result: bool) -> Signature {
    Signature { params, result }
}

impl Signature {
    fn is(&self, ty: &FuncType) -> bool {
        ty.params().len() == self.params
            && ty.results().len() == usize::from(self.result)
            && ty
                .params()
                .iter()
                .chain(ty.results())
                .all(|ty| *ty == ValType::I32)
    }
}

impl std::fmt::Display for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let params = vec!["i32"; self.params].join(", ");
        let result = if self.result { "i32" } else { "()" };
        write!(f, "({params}) -> {result}")
    }
}

/// What becomes of an import of OPA's, with its name and type.
fn stub(name: &str) -> Option<(Stub, &'static str, Signature)> {
    let builtin = |arguments: u32, name| {
        let params = arguments as usize + 2;
        Some((Stub::Builtin(arguments), name, signature(params, true)))
    };
    match name {
        "opa_abort" => Some((Stub::Abort, "opa_abort", signature(1, false))),
        "opa_println" => Some((Stub::Println, "opa_println", signature(1, false))),
        "opa_builtin0" => builtin(0, "opa_builtin0"),
        "opa_builtin1" => builtin(1, "opa_builtin1"),
        "opa_builtin2" => builtin(2, "opa_builtin2"),
        "opa_builtin3" => builtin(3, "opa_builtin3"),
        "opa_builtin4" => builtin(4, "opa_builtin4"),
        _ => None,
    }
}

/// The value of a global that is a plain number.
fn number(global: &wasmparser::Global<'_>) -> Result<Option<i32>, wasmparser::Error> {
    let mut reader = global.init_expr.get_operators_reader();
    let first = reader.read()?;
    let second = reader.read()?;
    Ok(match (first, second) {
        (Operator::I32Const { value }, Operator::End) => Some(value),
        _ => None,
    })
}

fn shown(ty: &FuncType) -> String {
    let of = |types: &[ValType]| {
        let types: Vec<String> = types.iter().take(12).map(ToString::to_string).collect();
        types.join(", ")
    };
    format!("({}) -> ({})", of(ty.params()), of(ty.results()))
}

fn plain(text: &str) -> String {
    super::problem::quoted(text).trim_matches('`').to_owned()
}

/// The format holds no more than `u32` of anything.
fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
