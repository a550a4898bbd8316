//! A policy that is ready to be asked.
//!
//! What the compiler leaves is thrown away: a program is written out and read again, so that it lies close together in a
//! memory of its own and none of the sources stay with it.

use std::sync::Arc;

use regorus::rvm::program::DeserializationResult;
use regorus::rvm::{Program, RegoVM};
use regorus::{Engine, Value};

use crate::compile::{self, Compiled};
use crate::decision::Answer;
use crate::document::Document;
use crate::problem::Problems;
use crate::{builtins, json, patterns};

/// A question with which everything is tried out once before the first one.
const TRIAL: &[u8] =
    br#"{"actor":{"kind":"anonymous"},"action":"trial","resource":{"kind":"trial","id":"trial",
"attributes":{}},"env":{"service":"wardian","mode":"prod"},"timestamp_ns":0}"#;

/// A policy, compiled and tried.
pub struct Loaded(Inner);

enum Inner {
    Machine(Box<RegoVM>),
    Interpreter(Box<Engine>, String),
}

/// What evaluates a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evaluator {
    /// The engine's virtual machine.
    Machine,
    /// The engine's interpreter, for what the machine has no instructions for.
    Interpreter,
}

impl std::fmt::Debug for Loaded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Loaded").field(&self.evaluator()).finish()
    }
}

/// Compiles a document. `compiled` is called between the two halves: what was allocated before it is free again when this
/// returns, except where the policy needs the interpreter, and what is allocated after it is the policy.
///
/// # Errors
/// Every problem that can be told at once.
pub fn load(document: &[u8], compiled: impl FnOnce()) -> Result<Loaded, Problems> {
    let document = Document::read(document)?;
    let program = match compile::compile(&document)? {
        Compiled::Program(program) => written(*program).map_err(Problems::one)?,
        Compiled::Engine(engine) => {
            let mut loaded = Loaded(Inner::Interpreter(engine, document.entrypoint));
            let _ = loaded.decide(TRIAL);
            return Ok(loaded);
        }
    };
    compiled();
    let program = read(&program).map_err(Problems::one)?;
    let data = compile::data(&document).map_err(Problems::one)?;
    let mut machine = RegoVM::new();
    // The host's own limits count.
    machine.set_max_instructions(usize::MAX);
    patterns::warm(&program);
    machine.load_program(Arc::new(program));
    machine
        .set_data(data)
        .map_err(|error| Problems::one(format!("data: {error}")))?;
    let mut loaded = Loaded(Inner::Machine(Box::new(machine)));
    let _ = loaded.decide(TRIAL);
    Ok(loaded)
}

/// The same with the interpreter, for whoever wants to compare.
///
/// # Errors
/// As [`load`].
pub fn load_interpreted(document: &[u8]) -> Result<Loaded, Problems> {
    let document = Document::read(document)?;
    let engine = compile::engine(&document)?;
    Ok(Loaded(Inner::Interpreter(
        Box::new(engine),
        document.entrypoint,
    )))
}

/// Without what only messages need, which nobody would see.
fn written(mut program: Program) -> Result<Vec<u8>, String> {
    program.sources = Vec::new();
    program.instruction_spans = Vec::new();
    program.serialize_binary()
}

fn read(program: &[u8]) -> Result<Program, String> {
    match Program::deserialize_binary(program)? {
        DeserializationResult::Complete(mut program) => match builtins::attach(&mut program) {
            true => Ok(program),
            false => Err("`__builtin_host_await` is not to be called".to_owned()),
        },
        DeserializationResult::Partial(_) => Err("the program cannot be read back".to_owned()),
    }
}

impl Loaded {
    /// What evaluates this policy.
    #[must_use]
    pub fn evaluator(&self) -> Evaluator {
        match self.0 {
            Inner::Machine(_) => Evaluator::Machine,
            Inner::Interpreter(..) => Evaluator::Interpreter,
        }
    }

    /// Answers a question, which is JSON.
    pub fn decide(&mut self, input: &[u8]) -> Answer {
        let Ok(input) = json::read(input) else {
            return Answer::MALFORMED_INPUT;
        };
        match self.evaluate(input) {
            Some(value) => Answer::of(&value),
            None => Answer::EVALUATION_ERROR,
        }
    }

    fn evaluate(&mut self, input: Value) -> Option<Value> {
        match &mut self.0 {
            Inner::Machine(machine) => {
                machine.set_input(input);
                machine.execute_entry_point_by_index(0).ok()
            }
            Inner::Interpreter(engine, entrypoint) => {
                engine.set_input(input);
                engine.eval_rule(entrypoint.clone()).ok()
            }
        }
    }
}
