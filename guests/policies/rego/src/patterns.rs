//! Patterns that stand in a policy are compiled before the first question: that takes far longer than to match one.

use std::sync::Arc;

use regorus::Value;
use regorus::rvm::instructions::BuiltinCallParams;
use regorus::rvm::program::BuiltinInfo;
use regorus::rvm::{Instruction, Program, RegoVM};

/// Patterns that a question brings with it are kept in what is left.
const SPARE: usize = 16;

/// Puts every pattern of the program into the engine's cache.
pub(crate) fn warm(program: &Program) {
    let patterns: Vec<_> = patterns(program).collect();
    regorus::cache::configure(regorus::cache::Config {
        regex: patterns.len() + SPARE,
        glob: 0,
    });
    for pattern in patterns {
        // A pattern that is none is an error here, and undefined in an answer.
        let _ = matched(pattern, "");
    }
}

fn patterns(program: &Program) -> impl Iterator<Item = Value> {
    program
        .instructions
        .iter()
        .enumerate()
        .filter_map(|(at, instruction)| {
            let Instruction::BuiltinCall { params_index } = *instruction else {
                return None;
            };
            let call = program
                .instruction_data
                .get_builtin_call_params(params_index)?;
            let builtin = program.get_builtin_info(call.builtin_index)?;
            let argument =
                |number: usize| constant(program, at, *call.arg_registers().get(number)?);
            match &*builtin.name {
                "regex.match"
                | "regex.find_n"
                | "regex.split"
                | "regex.find_all_string_submatch_n" => argument(0),
                "regex.replace" => argument(1),
                _ => None,
            }
        })
}

/// What a register holds before an instruction, where that is the same every time. A rule's registers are each written in one
/// place, its result aside. Of an object only the keys are told.
pub(crate) fn constant(program: &Program, before: usize, register: u8) -> Option<Value> {
    let earlier = program.instructions.get(..before)?.iter().enumerate().rev();
    for (at, instruction) in earlier {
        match *instruction {
            Instruction::Load { dest, literal_idx } if dest == register => {
                return program.literals.get(usize::from(literal_idx)).cloned();
            }
            Instruction::LoadNull { dest } if dest == register => return Some(Value::Null),
            Instruction::LoadTrue { dest } if dest == register => return Some(Value::Bool(true)),
            Instruction::LoadFalse { dest } if dest == register => return Some(Value::Bool(false)),
            Instruction::LoadBool { dest, value } if dest == register => {
                return Some(Value::Bool(value));
            }
            Instruction::Move { dest, src } if dest == register => {
                return constant(program, at, src);
            }
            Instruction::ArrayCreate { params_index } => {
                let list = program
                    .instruction_data
                    .get_array_create_params(params_index)?;
                if list.dest == register {
                    let parts = list
                        .elements
                        .iter()
                        .map(|part| constant(program, at, *part));
                    return parts.collect::<Option<Vec<_>>>().map(Value::from);
                }
            }
            Instruction::ObjectCreate { params_index } => {
                let object = program
                    .instruction_data
                    .get_object_create_params(params_index)?;
                if object.dest == register {
                    let mut parts = object.literal_key_fields.iter().map(|(_, part)| part);
                    let known = object.fields.is_empty()
                        && parts.all(|part| constant(program, at, *part).is_some());
                    let keys = program
                        .literals
                        .get(usize::from(object.template_literal_idx));
                    return keys.filter(|_| known).cloned();
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether a text matches, by a program of this call alone.
fn matched(pattern: Value, text: &str) -> Option<Value> {
    const ARGUMENTS: u8 = 2;
    let mut program = Program::new();
    program.dispatch_window_size = ARGUMENTS + 1;
    for (dest, argument) in (0..ARGUMENTS).zip([pattern, Value::from(text)]) {
        let literal_idx = u16::try_from(program.add_literal(argument)).ok()?;
        program.add_instruction(Instruction::Load { dest, literal_idx }, None);
    }
    let builtin_index = program.add_builtin_info(BuiltinInfo {
        name: "regex.match".to_owned(),
        num_args: ARGUMENTS.into(),
    });
    let params_index = program.add_builtin_call_params(BuiltinCallParams {
        dest: ARGUMENTS,
        builtin_index,
        num_args: ARGUMENTS,
        args: [0, 1, 0, 0, 0, 0, 0, 0],
    });
    program.add_instruction(Instruction::BuiltinCall { params_index }, None);
    program.add_instruction(Instruction::Return { value: ARGUMENTS }, None);
    program.initialize_resolved_builtins().ok()?;
    let mut machine = RegoVM::new();
    machine.load_program(Arc::new(program));
    machine.execute().ok()
}

#[cfg(test)]
mod tests {
    use regorus::Value;

    use super::matched;

    #[test]
    fn a_call_alone_matches() {
        let matched = |pattern: &str, text: &str| matched(Value::from(pattern), text);
        assert_eq!(matched("^$", ""), Some(Value::Bool(true)));
        assert_eq!(matched("a", "b"), Some(Value::Bool(false)));
        assert_ne!(matched("(", ""), Some(Value::Bool(true)));
    }
}
