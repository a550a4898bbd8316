//! Which contracts a module satisfies by the look of its exports, and what it lacks for the others.

use std::collections::HashMap;

use serde::Serialize;
use wasmparser::ValType::{self, I32, I64};
use wasmparser::types::{EntityType, TypesRef};

use super::scan::Scan;
use super::{Listing, shown, signature};
use crate::{text, wasi};

/// A contract that a module may be written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Expected {
    /// Service ABI v1.
    Service,
    /// Guard ABI v1.
    Guard,
    /// Policy ABI v1, as a core module or as a component.
    Policy,
    /// Plugin ABI v1.
    Plugin,
    /// A WASI program with `_start`.
    Command,
    /// A WASI library with `_initialize`.
    Reactor,
    /// Cell ABI v1: a component with `wasi:cli/run`.
    Cell,
}

/// One contract, held against a module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContractReport {
    /// Which contract.
    pub contract: Expected,
    /// Whether nothing is missing.
    pub satisfied: bool,
    /// What is missing or mistyped, a line each.
    pub missing: Vec<String>,
    /// The exports that a caller can call by name; services only.
    #[serde(skip_serializing_if = "Listing::is_empty")]
    pub callable: Listing<String>,
    /// Imports that neither the contract nor deny-all WASI brings: the host has to define and grant them.
    #[serde(skip_serializing_if = "Listing::is_empty")]
    pub to_grant: Listing<String>,
}

/// A function that a contract asks for: name, parameters, results.
type Function = (&'static str, &'static [ValType], &'static [ValType]);

const ALLOC: Function = ("alloc", &[I32], &[I32]);

/// Contract, functions it must export, functions it may export, whether it must export its memory.
const CORE: &[(Expected, &[Function], &[Function], bool)] = &[
    (Expected::Service, &[ALLOC], &[], true),
    (
        Expected::Guard,
        &[ALLOC, ("eval", &[I32, I32], &[I64])],
        &[],
        true,
    ),
    (
        Expected::Policy,
        &[ALLOC, ("policy_check", &[I32, I32], &[I64])],
        &[],
        true,
    ),
    (
        Expected::Plugin,
        &[
            ("gn_alloc", &[I32], &[I32]),
            ("gn_free", &[I32, I32], &[]),
            ("gn_handle_hook", &[I32, I32, I32, I32], &[I64]),
        ],
        &[("gn_handle_job", &[I32, I32, I32, I32], &[I64])],
        true,
    ),
    (Expected::Command, &[("_start", &[], &[])], &[], true),
    (Expected::Reactor, &[("_initialize", &[], &[])], &[], false),
];

/// Exported functions that have a callable's shape in a service but are not meant for its callers.
const NOT_CALLABLE: &[&str] = &["alloc", "free", "dealloc"];

/// Modules that a plugin's host defines.
const PLUGIN_MODULES: &[&str] = &["env", "env_net", "gonext_data", "wardian"];

pub(super) fn of_core(types: TypesRef<'_>) -> Vec<ContractReport> {
    let exports = Exports {
        types,
        by_name: types.core_exports().into_iter().flatten().collect(),
    };
    CORE.iter()
        .map(|(contract, required, optional, memory)| {
            let mut missing = Vec::new();
            if *memory && !matches!(exports.by_name.get("memory"), Some(EntityType::Memory(_))) {
                missing.push("export `memory` is missing, wanted memory".to_owned());
            }
            missing.extend(
                required
                    .iter()
                    .filter_map(|function| exports.problem(function, true)),
            );
            missing.extend(
                optional
                    .iter()
                    .filter_map(|function| exports.problem(function, false)),
            );
            let mut callable = Listing::default();
            if *contract == Expected::Service {
                callable = exports.callable();
                if callable.is_empty() {
                    missing
                        .push("a function to call is missing, wanted (i32, i32) -> i64".to_owned());
                }
            }
            let to_grant = to_grant(types, *contract);
            ContractReport {
                contract: *contract,
                satisfied: missing.is_empty(),
                missing,
                callable,
                to_grant,
            }
        })
        .collect()
}

struct Exports<'a> {
    types: TypesRef<'a>,
    by_name: HashMap<&'a str, EntityType>,
}

impl Exports<'_> {
    fn problem(&self, (name, params, results): &Function, required: bool) -> Option<String> {
        let wanted = signature::text_of(params, results);
        let found = match self.by_name.get(name) {
            Some(EntityType::Func(id) | EntityType::FuncExact(id)) => {
                let ty = signature::function(self.types, *id)?;
                if ty.params() == *params && ty.results() == *results {
                    return None;
                }
                text::clean(signature::text_of(ty.params(), ty.results()).as_bytes(), 80)
            }
            Some(_) => "no function".to_owned(),
            None if required => {
                return Some(format!("export `{name}` is missing, wanted {wanted}"));
            }
            None => return None,
        };
        Some(format!("export `{name}` is {found}, wanted {wanted}"))
    }

    /// In the order of the module; a name that is hostile is shown clean.
    fn callable(&self) -> Listing<String> {
        let mut listing = Listing::default();
        for (name, ty) in self.types.core_exports().into_iter().flatten() {
            let (EntityType::Func(id) | EntityType::FuncExact(id)) = ty else {
                continue;
            };
            let shape = signature::function(self.types, id).map(|ty| (ty.params(), ty.results()));
            if shape == Some((&[I32, I32], &[I64])) && !NOT_CALLABLE.contains(&name) {
                listing.push_with(|| shown(name));
            }
        }
        listing
    }
}

fn to_grant(types: TypesRef<'_>, contract: Expected) -> Listing<String> {
    let mut listing = Listing::default();
    for (module, name, _) in types.core_imports().into_iter().flatten() {
        let given = module == wasi::MODULE
            || (module, name) == ("env", "abort")
            || (contract == Expected::Plugin && PLUGIN_MODULES.contains(&module));
        if !given {
            listing.push_with(|| format!("{}.{}", shown(module), shown(name)));
        }
    }
    listing
}

pub(super) fn of_component(scan: &Scan<'_>) -> Vec<ContractReport> {
    [
        (Expected::Policy, "wardian:policy/checker@1."),
        (Expected::Cell, "wasi:cli/run@0.2."),
    ]
    .into_iter()
    .map(|(contract, interface)| {
        let satisfied = scan
            .component_exports
            .iter()
            .any(|name| name.starts_with(interface));
        let missing = if satisfied {
            Vec::new()
        } else {
            vec![format!("export `{interface}x` is missing")]
        };
        let mut to_grant = Listing::default();
        for name in scan
            .component_imports
            .iter()
            .filter(|name| !given_to_components(contract, name))
        {
            to_grant.push_with(|| shown(name));
        }
        ContractReport {
            contract,
            satisfied,
            missing,
            callable: Listing::default(),
            to_grant,
        }
    })
    .collect()
}

/// The world `wasi:cli/command` is all of WASI; a cell's host offers it, denied or not.
fn given_to_components(contract: Expected, import: &str) -> bool {
    let given: &[&str] = match contract {
        Expected::Cell => &[
            "wasi:cli/",
            "wasi:clocks/",
            "wasi:filesystem/",
            "wasi:io/",
            "wasi:random/",
            "wasi:sockets/",
            "wardian:cell/",
            "wetware:streams/",
        ],
        Expected::Policy => &["wardian:policy/"],
        _ => &[],
    };
    given.iter().any(|prefix| import.starts_with(prefix))
}
