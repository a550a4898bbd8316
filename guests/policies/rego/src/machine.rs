//! Which programs the engine's machine may evaluate.
//!
//! It is several times as fast as the interpreter, and differs from Rego in five places. Where a policy has one of them the
//! interpreter evaluates it, so that neither decides:
//! - `every` holds where a comparison in it is undefined;
//! - a rule or function with two values at once is undefined, where it has to be an error: under `not`, and in a set of
//!   reasons against, that would be a yes;
//! - of several values from one body the first counts;
//! - a key with two values in an object is no error;
//! - where a body with a loop does not hold, its `else` is left out, and the default counts.

use regorus::rvm::instructions::{ComprehensionMode, LoopMode};
use regorus::rvm::program::{RuleInfo, RuleType};
use regorus::rvm::{Instruction, Program};

use crate::patterns::constant;

/// Whether the machine gives this program its meaning.
pub(crate) fn may_run(program: &Program) -> bool {
    let data = &program.instruction_data;
    let entry = entry(program);
    let mut rules = program.rule_infos.iter().enumerate();
    !program.needs_runtime_recursion_check
        && !data
            .loop_params
            .iter()
            .any(|one| matches!(one.mode, LoopMode::Every))
        && !data
            .comprehension_begin_params
            .iter()
            .any(|one| matches!(one.mode, ComprehensionMode::Object))
        && rules.all(|(number, rule)| {
            has_one_value(program, rule, entry == Some(number)) && reaches_else(program, rule)
        })
}

/// Whether the entry point is a function, whose value depends on what nobody gives it.
pub(crate) fn enters_function(program: &Program) -> bool {
    let rule = entry(program).and_then(|number| program.rule_infos.get(number));
    rule.is_some_and(|rule| rule.function_info.is_some())
}

/// A rule that needs itself, if there is one: evaluation of it would not end.
pub(crate) fn recursive(program: &Program) -> Option<&str> {
    let needs: Vec<Vec<usize>> = program
        .rule_infos
        .iter()
        .map(|rule| callees(program, rule))
        .collect();
    let mut open: Vec<usize> = (0..needs.len()).collect();
    loop {
        let before = open.len();
        // What needs nothing that is open is no part of a circle.
        let still: Vec<usize> = open.clone();
        open.retain(|rule| {
            needs
                .get(*rule)
                .is_some_and(|needs| needs.iter().any(|need| still.contains(need)))
        });
        if open.len() == before {
            break;
        }
    }
    program
        .rule_infos
        .get(*open.first()?)
        .map(|rule| &*rule.name)
}

fn callees(program: &Program, rule: &RuleInfo) -> Vec<usize> {
    let called = |instruction: &Instruction| match *instruction {
        Instruction::CallRule { rule_index, .. } => Some(usize::from(rule_index)),
        Instruction::FunctionCall { params_index } => {
            let call = program
                .instruction_data
                .function_call_params
                .get(usize::from(params_index))?;
            Some(usize::from(call.func_rule_index))
        }
        _ => None,
    };
    rule.definitions
        .iter()
        .flatten()
        .flat_map(|at| body(program, *at))
        .filter_map(called)
        .collect()
}

/// The rule of the entry point, whose call is the first instruction.
fn entry(program: &Program) -> Option<usize> {
    program
        .instructions
        .iter()
        .find_map(|instruction| match *instruction {
            Instruction::CallRule { rule_index, .. } => Some(usize::from(rule_index)),
            _ => None,
        })
}

/// The entry point may be undefined where it had to be an error: both are a no.
fn has_one_value(program: &Program, rule: &RuleInfo, is_entry: bool) -> bool {
    match rule.rule_type {
        RuleType::PartialSet => true,
        RuleType::PartialObject => false,
        RuleType::Complete if rule.early_exit_on_first_success => true,
        RuleType::Complete => {
            let bodies = || rule.definitions.iter().flatten();
            (is_entry || rule.definitions.len() <= 1)
                && bodies().all(|at| gives_one(program, rule, *at))
        }
    }
}

/// Whether no body that an `else` follows has a loop.
fn reaches_else(program: &Program, rule: &RuleInfo) -> bool {
    let earlier = |bodies: &'_ Vec<u32>| bodies.len().saturating_sub(1);
    let mut before_else = rule
        .definitions
        .iter()
        .flat_map(|bodies| bodies.iter().take(earlier(bodies)));
    before_else.all(|at| !body(program, *at).any(is_loop))
}

fn is_loop(instruction: &Instruction) -> bool {
    matches!(instruction, Instruction::LoopStart { .. })
}

/// Whether the body that begins there has no loop, or gives the same value in every turn of it.
fn gives_one(program: &Program, rule: &RuleInfo, at: u32) -> bool {
    if !body(program, at).any(is_loop) {
        return true;
    }
    let begin = usize::try_from(at).unwrap_or(usize::MAX);
    let mut given =
        body(program, at)
            .zip(begin..)
            .filter_map(|(instruction, at)| match *instruction {
                Instruction::Move { dest, src } if dest == rule.result_reg => {
                    Some(constant(program, at, src))
                }
                _ => None,
            });
    matches!((given.next(), given.next()), (Some(Some(_)), None))
}

fn body(program: &Program, at: u32) -> impl Iterator<Item = &Instruction> {
    let from = usize::try_from(at)
        .ok()
        .and_then(|at| program.instructions.get(at..));
    let is_end = |instruction: &&Instruction| matches!(instruction, Instruction::RuleReturn { .. });
    from.unwrap_or_default()
        .iter()
        .take_while(move |instruction| !is_end(instruction))
}
