//! From sources to what evaluates them.

use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;

use regorus::languages::rego::compiler::{Compiler, CompilerError, SpannedCompilerError};
use regorus::rvm::Program;
use regorus::{CompiledPolicy, Engine, PolicyLengthConfig, Value};

use crate::document::{DOCUMENT_BYTES_MAX, Document};
use crate::problem::Problems;
use crate::{builtins, json, machine};

/// Characters of a line: data that a program wrote into a module has long ones.
const LINE_CHARS_MAX: u32 = 1 << 20;

/// What a document became.
pub(crate) enum Compiled {
    /// Instructions for the machine.
    Program(Box<Program>),
    /// What the machine has no instructions for, or not the right ones.
    Engine(Box<Engine>),
}

pub(crate) fn compile(document: &Document<'_>) -> Result<Compiled, Problems> {
    let mut engine = engine(document)?;
    let entrypoint = Arc::from(&*document.entrypoint);
    let policy = engine
        .compile_with_entrypoint(&entrypoint)
        .map_err(|error| match error.to_string().as_str() {
            "not a valid rule path" => missing(&entrypoint),
            _ => told(&error),
        })?;
    match Compiler::compile_from_policy_with_host_await(
        &policy,
        &[&*entrypoint],
        &builtins::AWAITED,
    ) {
        Ok(program) => {
            let program = Arc::unwrap_or_clone(program);
            if machine::enters_function(&program) {
                return Err(missing(&entrypoint));
            }
            if let Some(rule) = machine::recursive(&program) {
                return Err(Problems::one(format!("rule `{rule}` needs itself")));
            }
            check_arity(&program)?;
            Ok(match machine::may_run(&program) {
                true => Compiled::Program(Box::new(program)),
                false => Compiled::Engine(Box::new(engine)),
            })
        }
        Err(error) if only_interpreted(&error.error) => {
            // The compiler was the one that looked for the rule.
            is_rule(&policy, &entrypoint)?;
            Ok(Compiled::Engine(Box::new(engine)))
        }
        Err(error) => Err(told_by_compiler(&error)),
    }
}

/// Every module that cannot be parsed is told, each with its first error.
pub(crate) fn engine(document: &Document<'_>) -> Result<Engine, Problems> {
    let mut engine = Engine::new();
    // As OPA does by default: a builtin that fails is undefined.
    engine.set_strict_builtin_errors(false);
    engine.set_policy_length_config(lengths());
    let mut problems = Problems::default();
    if let Err(error) = builtins::extend(&mut engine) {
        problems.add_engine(&error);
    }
    match data(document) {
        Ok(data) => {
            if let Err(error) = engine.add_data(data) {
                problems.add(format!("data: {error}"));
            }
        }
        Err(problem) => problems.add(problem),
    }
    for module in &document.modules {
        if let Err(error) = engine.add_policy(module.name.clone(), module.source.clone()) {
            problems.add_engine(&error);
        }
    }
    problems.none_or(engine)
}

/// The document's data; an empty object where it has none.
pub(crate) fn data(document: &Document<'_>) -> Result<Value, String> {
    let Some(data) = document.data else {
        return Ok(Value::new_object());
    };
    match json::read(data.get().as_bytes()) {
        Ok(data @ Value::Object(_)) => Ok(data),
        Ok(_) => Err("data: it is not an object".to_owned()),
        Err(error) => Err(format!("data: {error}")),
    }
}

/// Only the document's own limit counts.
fn lengths() -> PolicyLengthConfig {
    let all = NonZeroUsize::new(DOCUMENT_BYTES_MAX).unwrap_or(NonZeroUsize::MAX);
    PolicyLengthConfig {
        max_col: NonZeroU32::new(LINE_CHARS_MAX).unwrap_or(NonZeroU32::MAX),
        max_file_bytes: all,
        max_lines: all,
    }
}

/// Whether the compiler gave up over something that is right, but that the machine cannot do.
fn only_interpreted(error: &CompilerError) -> bool {
    match error {
        CompilerError::WithKeywordUnsupported
        | CompilerError::UnsupportedChainedExpression
        | CompilerError::InvalidUnaryMinus
        | CompilerError::RegisterOverflow { .. }
        | CompilerError::PartialObjectConstantKeyUnsupported
        | CompilerError::PartialObjectNestedKeyUnsupported => true,
        CompilerError::General { message } => {
            message.starts_with("walk loops are not yet supported")
        }
        _ => false,
    }
}

fn is_rule(policy: &CompiledPolicy, entrypoint: &str) -> Result<(), Problems> {
    match policy.get_rules().contains_key(entrypoint) {
        true => Ok(()),
        false => Err(missing(entrypoint)),
    }
}

fn missing(entrypoint: &str) -> Problems {
    Problems::one(format!(
        "entrypoint: there is no rule `{}`",
        entrypoint.escape_debug()
    ))
}

/// The engine finds these only when the call is made.
fn check_arity(program: &Program) -> Result<(), Problems> {
    let mut problems = Problems::default();
    for call in &program.instruction_data.builtin_call_params {
        let Some(builtin) = program.get_builtin_info(call.builtin_index) else {
            continue;
        };
        let (given, wanted) = (u16::from(call.num_args), builtin.num_args);
        if given != wanted {
            problems.add(format!(
                "`{}` takes {wanted} arguments, given {given}",
                builtin.name
            ));
        }
    }
    for call in &program.instruction_data.function_call_params {
        let rule = program.rule_infos.get(usize::from(call.func_rule_index));
        let Some((rule, function)) =
            rule.and_then(|rule| Some((rule, rule.function_info.as_ref()?)))
        else {
            continue;
        };
        let (given, wanted) = (u32::from(call.num_args), function.num_params);
        if given != wanted {
            problems.add(format!(
                "`{}` takes {wanted} arguments, given {given}",
                rule.name
            ));
        }
    }
    problems.none_or(())
}

fn told(error: &anyhow::Error) -> Problems {
    let mut problems = Problems::default();
    problems.add_engine(error);
    problems
}

fn told_by_compiler(error: &SpannedCompilerError) -> Problems {
    let mut problems = Problems::default();
    problems.add_engine(error);
    if let CompilerError::UnknownFunction { name } = &error.error {
        match name.as_str() {
            "time.now_ns" => {
                problems.add("hint: a guest has no clock; use `input.timestamp_ns`".to_owned())
            }
            "http.send" | "rand.intn" | "uuid.rfc4122" | "opa.runtime" => {
                problems.add(format!(
                    "hint: a guest has no `{name}`; what it needs is in `input` and `data`"
                ));
            }
            _ => {}
        }
    }
    problems
}
