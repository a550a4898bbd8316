//! Modules nobody would write, loaded and called: each call has a named ending, the same one twice, and harms nobody.

use std::sync::{LazyLock, Mutex};

use arbitrary::{Result as Chosen, Unstructured};
use wardian_sandbox::{Answer, Binding, Contract, Cpu, Linked, LoadError, Outcome, Value};
use wasm_smith::{Config, Module};
use wasmparser::types::EntityType;
use wasmparser::{ValType, Validator, WasmFeatures};

use super::stage::{FUEL, Stage, enter};

/// Functions of one module that are called.
const CALLED_MAX: usize = 8;

static STAGE: LazyLock<Mutex<Stage>> = LazyLock::new(Stage::new);

/// Loads bytes that begin as WebAssembly does as they are; others choose a module.
pub fn load_and_call(data: &[u8]) {
    if data.starts_with(b"\0asm") {
        played(data, Cpu::Fuel(FUEL), false, &mut Unstructured::new(&[]));
        return;
    }
    let mut u = Unstructured::new(data);
    // Where the bytes end before the choices do there is nothing to load.
    if let Ok((wasm, cpu, within)) = made(&mut u) {
        played(&wasm, cpu, within, &mut u);
    }
}

/// A valid module, how it is metered, and whether it keeps to the proposals that are on.
fn made(u: &mut Unstructured<'_>) -> Chosen<(Vec<u8>, Cpu, bool)> {
    let rarely = Rarely {
        beyond: !u.ratio(15, 16)?,
        references: !u.ratio(7, 8)?,
        imports: !u.ratio(15, 16)?,
        time: !u.ratio(15, 16)?,
    };
    let cpu = if rarely.time {
        Cpu::Time
    } else {
        Cpu::Fuel(FUEL)
    };
    let module = Module::new(config(&rarely), u)?;
    Ok((module.to_bytes(), cpu, !rarely.beyond))
}

/// What most modules do without, because it keeps them from running. Used-up bytes choose none of it.
struct Rarely {
    /// Proposals that are off, and bodies that are no code.
    beyond: bool,
    /// Reference types: nearly always with `externref`, which is refused.
    references: bool,
    /// Imports, of which there are none to be had.
    imports: bool,
    /// Metering by time.
    time: bool,
}

/// Sizes lie on both sides of what the stage allows; proposals are the sandbox's own, or beyond them.
fn config(rarely: &Rarely) -> Config {
    let beyond = rarely.beyond;
    Config {
        reference_types_enabled: rarely.references,
        max_imports: if rarely.imports { 4 } else { 0 },
        export_everything: true,
        min_funcs: 1,
        max_funcs: 12,
        max_instructions: 300,
        max_memories: 3,
        max_tables: 3,
        max_memory32_bytes: 5 << 20,
        max_table_elements: 12_000,
        generate_custom_sections: true,
        allow_invalid_funcs: beyond,
        compact_imports_enabled: beyond,
        custom_page_sizes_enabled: beyond,
        exceptions_enabled: beyond,
        gc_enabled: beyond,
        memory64_enabled: beyond,
        threads_enabled: beyond,
        wide_arithmetic_enabled: beyond,
        ..Config::default()
    }
}

fn played(wasm: &[u8], cpu: Cpu, within: bool, u: &mut Unstructured<'_>) {
    super::inspect::inspected(wasm);
    let stage = enter(&STAGE);
    match stage.load(wasm, cpu) {
        Ok(module) => {
            if let Ok(guest) = module.link(&Binding::new(Contract::raw())) {
                called(&stage, &guest, &functions(wasm), u);
            }
        }
        Err(error) => assert!(
            !within || error.code().starts_with("limit.") || needs_host_references(&error),
            "a valid module was refused: {error}"
        ),
    }
    stage.is_unharmed();
}

/// Reference types without references to the host's things: no switch of the maker of modules is that fine.
fn needs_host_references(error: &LoadError) -> bool {
    matches!(error, LoadError::Proposals(names) if names.as_slice() == ["gc-types"])
}

/// Calls each function twice: the instance is pristine both times, so the second call is the first one again.
fn called(
    stage: &Stage,
    guest: &Linked<()>,
    functions: &[(String, Vec<ValType>)],
    u: &mut Unstructured<'_>,
) {
    for (name, params) in functions {
        // The bytes may be used up: then these are zeros.
        let values: Vec<Value> = params
            .iter()
            .map(|ty| value(*ty, u).unwrap_or(Value::I32(0)))
            .collect();
        let [first, second] = [0, 1].map(|_| Told::of(&stage.call(guest, name, &values)));
        // Only the clock may decide otherwise.
        if first.code != "limit.deadline" && second.code != "limit.deadline" {
            assert_eq!(first, second, "`{name}` of {values:?}");
        }
    }
}

fn value(ty: ValType, u: &mut Unstructured<'_>) -> Chosen<Value> {
    Ok(match ty {
        ValType::I64 => Value::I64(u.arbitrary()?),
        ValType::F32 => Value::F32(f32::from_bits(u.arbitrary()?)),
        ValType::F64 => Value::F64(f64::from_bits(u.arbitrary()?)),
        // Of the rest nobody can pass any; the call says so.
        _ => Value::I32(u.arbitrary()?),
    })
}

/// The exported functions and their parameters. Of a component, the one that the hostile corpus calls.
fn functions(wasm: &[u8]) -> Vec<(String, Vec<ValType>)> {
    let Ok(types) = Validator::new_with_features(WasmFeatures::all()).validate_all(wasm) else {
        panic!("it was loaded and is not valid");
    };
    let types = types.as_ref();
    let Some(exports) = types.core_exports() else {
        return vec![("run".to_owned(), Vec::new())];
    };
    let functions = exports.filter_map(|(name, ty)| match ty {
        EntityType::Func(id) => {
            let params = types.get(id)?.unwrap_func().params();
            Some((name.to_owned(), params.to_vec()))
        }
        _ => None,
    });
    let mut functions: Vec<_> = functions.collect();
    // Those first that can be called with numbers.
    functions.sort_by_key(|(_, params): &(String, Vec<ValType>)| !params.iter().all(is_number));
    functions.truncate(CALLED_MAX);
    functions
}

fn is_number(ty: &ValType) -> bool {
    !matches!(ty, ValType::V128 | ValType::Ref(_))
}

/// What two calls must have in common.
#[derive(Debug, PartialEq)]
struct Told {
    code: &'static str,
    answer: Vec<u64>,
    fuel: Option<u64>,
    memory_peak_bytes: u64,
    refusals: u32,
}

impl Told {
    fn of(outcome: &Outcome) -> Told {
        Told {
            code: outcome.result.as_ref().err().map_or("ok", |e| e.code()),
            answer: outcome.result.as_ref().map_or(Vec::new(), bits),
            fuel: outcome.usage.fuel,
            memory_peak_bytes: outcome.usage.memory_peak_bytes,
            refusals: outcome.usage.refusals,
        }
    }
}

/// The values, so that a number that is none equals itself.
fn bits(answer: &Answer) -> Vec<u64> {
    let each = |value: &Value| match value {
        Value::I32(v) => u64::from(v.cast_unsigned()),
        Value::I64(v) => v.cast_unsigned(),
        Value::F32(v) => u64::from(v.to_bits()),
        Value::F64(v) => v.to_bits(),
        _ => 0,
    };
    answer.values().iter().map(each).collect()
}
