//! What a module must export, and everything that is wrong when it does not.

use std::fmt;

use wasmtime::{ExternType, FuncType, ValType};

/// What a binding asks of a module: a line per export.
///
/// Core modules are checked when they are linked; a component is checked against its own types when it is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contract {
    pub(crate) exports: Vec<Export>,
    /// The allocator by which bytes come in.
    pub(crate) alloc: Option<String>,
}

/// One export that a contract wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// Its name.
    pub name: String,
    /// A memory, or a function of core types such as `(i32, i32) -> i64`.
    pub kind: ExportKind,
}

/// What an export must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportKind {
    /// A linear memory.
    Memory,
    /// `(i32) -> i32`
    Alloc,
    /// `(i32, i32) -> i64`: a region in, a packed region out.
    Packed,
    /// `() -> ()`: what `_initialize` must be in every module that exports it.
    Start,
}

impl Contract {
    /// No promise at all: any export may be called with core values, and with bytes if there is an `alloc`.
    pub fn raw() -> Contract {
        Contract {
            exports: Vec::new(),
            alloc: Some("alloc".into()),
        }
    }

    /// Service ABI v1: `memory`, `alloc`, and each of these functions packed.
    pub fn service(functions: &[&str]) -> Contract {
        Contract::packed("alloc", functions)
    }

    /// Guard ABI v1: `memory`, `alloc`, `eval`.
    pub fn guard() -> Contract {
        Contract::packed("alloc", &["eval"])
    }

    /// Policy ABI v1 as a core module: `memory`, `alloc`, `policy_check`.
    pub fn policy() -> Contract {
        Contract::packed("alloc", &["policy_check"])
    }

    fn packed(alloc: &str, functions: &[&str]) -> Contract {
        let mut exports = vec![
            Export {
                name: "memory".into(),
                kind: ExportKind::Memory,
            },
            Export {
                name: alloc.into(),
                kind: ExportKind::Alloc,
            },
        ];
        exports.extend(functions.iter().map(|f| Export {
            name: (*f).into(),
            kind: ExportKind::Packed,
        }));
        Contract {
            exports,
            alloc: Some(alloc.into()),
        }
    }

    /// What `module` lacks.
    pub(crate) fn problems(&self, module: &wasmtime::Module) -> Vec<Problem> {
        let initialize = module
            .get_export("_initialize")
            .filter(|t| !ExportKind::Start.fits(t));
        let start = Export {
            name: "_initialize".into(),
            kind: ExportKind::Start,
        };
        let mistyped = initialize.and_then(|found| start.problem(Some(found)));
        let wanted = self.exports.iter();
        wanted
            .filter_map(|e| e.problem(module.get_export(&e.name)))
            .chain(mistyped)
            .collect()
    }
}

impl ExportKind {
    /// The type in words.
    pub fn text(self) -> &'static str {
        match self {
            ExportKind::Memory => "memory",
            ExportKind::Alloc => "(i32) -> i32",
            ExportKind::Packed => "(i32, i32) -> i64",
            ExportKind::Start => "() -> ()",
        }
    }

    fn fits(self, found: &ExternType) -> bool {
        match (self, found) {
            (ExportKind::Memory, ExternType::Memory(_)) => true,
            (ExportKind::Alloc, ExternType::Func(f)) => is(f, "i32", "i32"),
            (ExportKind::Packed, ExternType::Func(f)) => is(f, "i32i32", "i64"),
            (ExportKind::Start, ExternType::Func(f)) => is(f, "", ""),
            _ => false,
        }
    }
}

pub(crate) fn is(ty: &FuncType, params: &str, results: &str) -> bool {
    // Every core type's name has three letters, or more.
    if ty.params().len() * 3 > params.len() || ty.results().len() * 3 > results.len() {
        return false;
    }
    let join =
        |types: &mut dyn Iterator<Item = ValType>| types.map(|t| t.to_string()).collect::<String>();
    join(&mut ty.params()) == params && join(&mut ty.results()) == results
}

impl Export {
    fn problem(&self, found: Option<ExternType>) -> Option<Problem> {
        match found {
            None => Some(Problem::MissingExport {
                name: self.name.clone(),
                wanted: self.kind.text().into(),
            }),
            Some(found) if !self.kind.fits(&found) => Some(Problem::MistypedExport {
                name: self.name.clone(),
                found: type_text(&found),
                wanted: self.kind.text().into(),
            }),
            Some(_) => None,
        }
    }
}

/// Parameters or results that are shown of one function.
const TYPES_SHOWN_MAX: usize = 32;

/// A type in words: `(i32, i64) -> f32`, `memory`, `table`, `global`.
pub(crate) fn type_text(ty: &ExternType) -> String {
    match ty {
        ExternType::Func(f) => {
            let list = |types: &mut dyn ExactSizeIterator<Item = ValType>| {
                let more = types.len().saturating_sub(TYPES_SHOWN_MAX);
                let mut shown: Vec<String> =
                    types.take(TYPES_SHOWN_MAX).map(|t| t.to_string()).collect();
                if more > 0 {
                    shown.push(format!("… {more} more"));
                }
                shown.join(", ")
            };
            let (params, results) = (list(&mut f.params()), list(&mut f.results()));
            if f.results().len() == 1 {
                format!("({params}) -> {results}")
            } else {
                format!("({params}) -> ({results})")
            }
        }
        ExternType::Memory(_) => "memory".into(),
        ExternType::Table(_) => "table".into(),
        ExternType::Global(_) => "global".into(),
        ExternType::Tag(_) => "tag".into(),
    }
}

/// One reason why a module cannot be linked. Names are the module's own, cut and escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The contract wants an export that is not there.
    MissingExport {
        /// Its name.
        name: String,
        /// Its type.
        wanted: String,
    },
    /// An export is there with another type.
    MistypedExport {
        /// Its name.
        name: String,
        /// The type it has.
        found: String,
        /// The type it should have.
        wanted: String,
    },
    /// The module imports what nobody defines.
    UnknownImport {
        /// `module.name`.
        name: String,
        /// The type it asks for.
        wanted: String,
    },
    /// The module imports a host function by another type.
    MistypedImport {
        /// `module.name`.
        name: String,
        /// The type the host function has.
        found: String,
        /// The type the module asks for.
        wanted: String,
    },
    /// The host function is there, the grant for it is not.
    Ungranted {
        /// `module.name`.
        name: String,
        /// The capability it needs.
        capability: String,
    },
    /// The binding's limits do not fit the module or the sandbox.
    Limits(String),
    /// Something else that the engine found.
    Other(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::MissingExport { name, wanted } => {
                write!(f, "export `{name}` is missing, wanted {wanted}")
            }
            Problem::MistypedExport {
                name,
                found,
                wanted,
            } => {
                write!(f, "export `{name}` is {found}, wanted {wanted}")
            }
            Problem::UnknownImport { name, wanted } => {
                write!(f, "import `{name}` of type {wanted} is unknown")
            }
            Problem::MistypedImport {
                name,
                found,
                wanted,
            } => {
                write!(
                    f,
                    "import `{name}` is asked for as {wanted}, the host has {found}"
                )
            }
            Problem::Ungranted { name, capability } => {
                write!(
                    f,
                    "import `{name}` needs the capability `{capability}`, which is not granted"
                )
            }
            Problem::Limits(text) | Problem::Other(text) => f.write_str(text),
        }
    }
}
