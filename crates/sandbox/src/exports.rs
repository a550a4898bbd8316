//! What calls use of a module's exports: looked up once, when it is linked.

use wasmtime::{ExternType, ModuleExport};

use crate::contract::{Contract, is};

/// Handles into the module, so that a call looks nothing up by name but its function.
#[derive(Default)]
pub(crate) struct Exports {
    pub(crate) memory: Option<ModuleExport>,
    pub(crate) alloc: Option<ModuleExport>,
    pub(crate) initialize: Option<ModuleExport>,
    /// Sorted by name.
    functions: Vec<Function>,
}

pub(crate) struct Function {
    name: Box<str>,
    pub(crate) export: ModuleExport,
    pub(crate) ty: wasmtime::FuncType,
    pub(crate) shape: Shape,
}

/// Signatures that are called without a list of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Packed,
    Empty,
    Other,
}

impl Exports {
    pub(crate) fn of(module: &wasmtime::Module, contract: &Contract) -> Exports {
        let memory = module
            .get_export("memory")
            .filter(|t| matches!(t, ExternType::Memory(_)))
            .and_then(|_| module.get_export_index("memory"));
        let mut functions: Vec<Function> = module
            .exports()
            .filter_map(|e| match e.ty() {
                ExternType::Func(ty) => Some((e.name(), ty)),
                _ => None,
            })
            .filter_map(|(name, ty)| {
                let export = module.get_export_index(name)?;
                Some(Function {
                    name: name.into(),
                    export,
                    shape: Shape::of(&ty),
                    ty,
                })
            })
            .collect();
        functions.sort_by(|a, b| a.name.cmp(&b.name));
        let find = |name: &str, params: &str, results: &str| {
            let at = functions.binary_search_by(|f| (*f.name).cmp(name)).ok()?;
            functions
                .get(at)
                .filter(|f| is(&f.ty, params, results))
                .map(|f| f.export)
        };
        let alloc = contract
            .alloc
            .as_deref()
            .and_then(|name| find(name, "i32", "i32"));
        let initialize = find("_initialize", "", "");
        Exports {
            memory,
            alloc,
            initialize,
            functions,
        }
    }

    /// The number of the function of that name.
    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        self.functions
            .binary_search_by(|f| (*f.name).cmp(name))
            .ok()
    }

    /// The names of all functions, in the order of their numbers.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.functions.iter().map(|f| &*f.name)
    }

    /// The function of that number.
    pub(crate) fn nth(&self, number: usize) -> Option<&Function> {
        self.functions.get(number)
    }
}

impl Shape {
    fn of(ty: &wasmtime::FuncType) -> Shape {
        // Lengths first: a guest may export a hundred thousand functions of a thousand parameters each.
        match (ty.params().len(), ty.results().len()) {
            (0, 0) => Shape::Empty,
            (2, 1) if is(ty, "i32i32", "i64") => Shape::Packed,
            _ => Shape::Other,
        }
    }
}
