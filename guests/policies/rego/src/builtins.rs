//! Builtins of our own: globs, and those of `time` that need no clock.
//!
//! The engine's own dates come with a clock, which is an import of the host's; these do not, and there is no `time.now_ns`:
//! a question carries its time. Times are UTC; a time zone by name is undefined. Why globs are our own is told in
//! [`crate::glob`].
//!
//! The compiler is told that the host answers these calls, which it writes as an array of the arguments and a wait; the
//! wait then becomes a call of a builtin ([`attach`]).

use regorus::rvm::instructions::BuiltinCallParams;
use regorus::rvm::program::BuiltinInfo;
use regorus::rvm::{Instruction, Program};
use regorus::{Engine, LimitError, Value};

use crate::glob::Fault;
use crate::{dates, glob};

/// Names and counts of arguments.
pub(crate) const AWAITED: [(&str, usize); 10] = [
    ("glob.match", 3),
    ("glob.quote_meta", 1),
    ("time.add_date", 4),
    ("time.clock", 1),
    ("time.date", 1),
    ("time.diff", 2),
    ("time.format", 1),
    ("time.parse_duration_ns", 1),
    ("time.parse_rfc3339_ns", 1),
    ("time.weekday", 1),
];

/// A builtin that fails is undefined, other than one past a limit: what is undefined is a yes under `not`.
fn answer(name: &str, arguments: &[Value]) -> anyhow::Result<Value> {
    let found = match (name, arguments) {
        ("glob.match", [Value::String(pattern), delimiters, Value::String(text)]) => {
            matched(glob::matches(pattern, delimiters, text))?
        }
        ("glob.quote_meta", [Value::String(text)]) => Some(Value::from(glob::quote_meta(text))),
        ("time.add_date", [at, years, months, days]) => dates::add(at, years, months, days),
        ("time.clock", [at]) => dates::clock(at),
        ("time.date", [at]) => dates::date(at),
        ("time.diff", [one, other]) => dates::difference(one, other),
        ("time.format", [at]) => dates::format(at),
        ("time.parse_duration_ns", [Value::String(text)]) => dates::duration(text),
        ("time.parse_rfc3339_ns", [Value::String(text)]) => dates::parse(text),
        ("time.weekday", [at]) => dates::weekday(at),
        _ => None,
    };
    Ok(found.unwrap_or(Value::Undefined))
}

/// Of all errors the engine's machine ends a question only with one of a limit.
fn matched(found: Result<bool, Fault>) -> Result<Option<Value>, LimitError> {
    match found {
        Ok(matched) => Ok(Some(Value::Bool(matched))),
        Err(Fault::Malformed) => Ok(None),
        Err(Fault::Limit { asked, allowed }) => Err(LimitError::MemoryLimitExceeded {
            usage: u64::try_from(asked).unwrap_or(u64::MAX),
            limit: u64::try_from(allowed).unwrap_or(u64::MAX),
        }),
    }
}

/// Makes them known to the interpreter.
pub(crate) fn extend(engine: &mut Engine) -> anyhow::Result<()> {
    for (name, count) in AWAITED {
        let count = u8::try_from(count)?;
        let call = move |arguments: Vec<Value>| answer(name, &arguments);
        engine.add_extension(name.to_owned(), count, Box::new(call))?;
    }
    Ok(())
}

/// Makes calls of them in a program calls of builtins; false where the program waits for anything else.
pub(crate) fn attach(program: &mut Program) -> bool {
    for at in 0..program.instructions.len() {
        let Some(&Instruction::HostAwait { dest, arg, id }) = program.instructions.get(at) else {
            continue;
        };
        let before = at
            .checked_sub(1)
            .and_then(|before| program.instructions.get(before));
        let Some(&Instruction::Load {
            dest: loaded,
            literal_idx,
        }) = before
        else {
            return false;
        };
        let Some(Value::String(name)) = program.literals.get(usize::from(literal_idx)) else {
            return false;
        };
        let known = AWAITED.iter().position(|(known, _)| *known == &**name);
        let Some(number) = known.filter(|_| loaded == id) else {
            return false;
        };
        let builtin_index = builtin(program, number);
        let call = BuiltinCallParams {
            dest,
            builtin_index,
            num_args: 1,
            args: [arg, 0, 0, 0, 0, 0, 0, 0],
        };
        let params_index = program.add_builtin_call_params(call);
        if let Some(instruction) = program.instructions.get_mut(at) {
            *instruction = Instruction::BuiltinCall { params_index };
        }
    }
    program.recompute_host_await_presence();
    !program.has_host_await
}

/// The builtin's place in the program's table.
fn builtin(program: &mut Program, number: usize) -> u16 {
    let (name, _) = AWAITED.get(number).copied().unwrap_or_default();
    let known = program
        .builtin_info_table
        .iter()
        .position(|known| known.name == name);
    if let Some(known) = known {
        return u16::try_from(known).unwrap_or(u16::MAX);
    }
    // Functions of the engine's type carry nothing with them, so there is one for each name.
    macro_rules! push {
        ($($at:literal),*) => {
            match number {
                $($at => program.resolved_builtins.push((
                    |_, _, arguments, _| packed(AWAITED[$at].0, arguments), 1,
                )),)*
                _ => {}
            }
        };
    }
    push!(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    program.add_builtin_info(BuiltinInfo {
        name: name.to_owned(),
        num_args: 1,
    })
}

fn packed(name: &str, arguments: &[Value]) -> anyhow::Result<Value> {
    match arguments {
        [Value::Array(packed)] => answer(name, packed.as_slice()),
        _ => Ok(Value::Undefined),
    }
}
