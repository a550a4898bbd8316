//! Why a module is none that OPA compiled, or cannot be adapted.

use super::builtin::MissingBuiltin;

/// Why a module is not adapted, or what it says of itself not understood.
#[derive(Debug, thiserror::Error)]
pub enum OpaProblem {
    /// It is no valid module of what OPA's compilers write: WebAssembly 2.0 with one memory.
    #[error("module is not valid")]
    Invalid(#[source] wasmparser::Error),
    /// It does not say which ABI it has.
    #[error("module was not compiled by OPA: it exports no global `opa_wasm_abi_version`")]
    NotOpa,
    /// It has an ABI of another major version.
    #[error("module has OPA's ABI {found}, supported is 1")]
    AbiVersion {
        /// The version that it exports.
        found: i32,
    },
    /// It has the right ABI's mark and does not keep it: all that is wrong.
    #[error("module does not keep OPA's ABI: {}", list(.0))]
    Misfits(Vec<Misfit>),
    /// It passes a limit of the format when rewritten.
    #[error("module cannot be written anew: {0}")]
    Rewrite(&'static str),
    /// What `policy_entrypoints` or `policy_builtins` answered is no JSON object of names and numbers.
    #[error("module's list of {of} is not understood")]
    List {
        /// `entrypoints` or `builtins`.
        of: &'static str,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// There is no such entrypoint, or none was named and there are several.
    #[error("{}", entrypoint(.wanted.as_deref(), .known))]
    Entrypoint {
        /// The one that was asked for.
        wanted: Option<String>,
        /// All that there are.
        known: Vec<String>,
    },
    /// It calls builtins that are not provided: all of them.
    #[error("policy calls builtins that are not provided: {}", list(.0))]
    Builtins(Vec<MissingBuiltin>),
}

impl OpaProblem {
    /// What to do about it, where that is not plain from the message.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            OpaProblem::NotOpa => Some(
                "`opa build -t wasm -e <entrypoint>` writes one, as `policy.wasm` of the bundle",
            ),
            _ => None,
        }
    }
}

/// One thing that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// An export is not there.
    #[error("export `{name}: {wanted}` is missing")]
    Missing {
        /// Its name.
        name: &'static str,
        /// Its type.
        wanted: String,
    },
    /// An export has another type.
    #[error("export `{name}` is `{found}`, not `{wanted}`")]
    Mistyped {
        /// Its name.
        name: &'static str,
        /// Its type by the ABI.
        wanted: String,
        /// Its type here.
        found: String,
    },
    /// An import that no module of OPA has.
    #[error("import `{module}`.`{name}` is none of OPA's")]
    Import {
        /// The module it is imported from, cut and escaped.
        module: String,
        /// Its name, cut and escaped.
        name: String,
    },
    /// An import of OPA's with another type.
    #[error("import `env`.`{name}` is `{found}`, not `{wanted}`")]
    ImportType {
        /// Its name.
        name: &'static str,
        /// Its type by the ABI.
        wanted: String,
        /// Its type here.
        found: String,
    },
    /// An export has a name that the adapted module needs.
    #[error("export `{0}` takes a name that the adapted module needs")]
    Taken(&'static str),
    /// It neither imports nor defines a memory.
    #[error("it has no memory")]
    NoMemory,
    /// Its memory is larger than it may be.
    #[error("its memory passes the limit: asked {asked} pages, allowed {allowed} pages")]
    Memory {
        /// Pages that it starts with.
        asked: u64,
        /// Pages that it may have.
        allowed: u64,
    },
}

/// Things in one line.
fn list(things: &[impl std::fmt::Display]) -> String {
    let things: Vec<String> = things.iter().map(ToString::to_string).collect();
    things.join("; ")
}

fn entrypoint(wanted: Option<&str>, known: &[String]) -> String {
    let known: Vec<String> = known.iter().map(|name| quoted(name)).collect();
    let known = known.join(", ");
    match wanted {
        Some(wanted) => format!(
            "policy has no entrypoint {}; it has {known}",
            quoted(wanted)
        ),
        None => format!("policy has several entrypoints; name one of {known}"),
    }
}

/// A guest's text in a message: cut and escaped.
pub(super) fn quoted(text: &str) -> String {
    let cut: String = text.chars().take(60).collect();
    format!("`{}`", cut.escape_default())
}
