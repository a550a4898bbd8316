//! A sandbox with a good guest beside it, on which hostile cases are played.

use std::time::Instant;

use wardian_abi::{DecodeLimits, Response};
use wardian_sandbox::{
    Answer, Binding, Call, CallError, Contract, Cpu, Limits, Linked, Module, Outcome, Sandbox,
    SandboxConfig, Source, Value,
};
use wardian_testkit::hostile::check::{self, Complaint};
use wardian_testkit::hostile::stage::Stage;
use wardian_testkit::hostile::{Case, CaseCall, CaseInput, CaseValue, Room};

use crate::host::imports;

/// Enough for the neighbours of a test, few enough that each test can have a sandbox of its own.
const INSTANCES_MAX: u32 = 32;
/// Fuel of a case that sets none: on a loaded machine the default would take its time.
const FUEL: u64 = 200_000_000;

/// Answers its input, and adds.
const GOOD: &str = r#"(module
    (memory (export "memory") 1)
    (global $calls (mut i32) (i32.const 0))
    (func (export "alloc") (param i32) (result i32) (i32.const 4096))
    (func (export "echo") (param $ptr i32) (param $len i32) (result i64)
        (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
        (if (i32.ne (global.get $calls) (i32.const 1)) (then (unreachable)))
        (i64.or
            (i64.shl (i64.extend_i32_u (local.get $ptr)) (i64.const 32))
            (i64.extend_i32_u (local.get $len))))
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))"#;

/// The sandbox itself, without a binding.
pub struct Alone {
    sandbox: Sandbox,
    runtime: tokio::runtime::Runtime,
    good: Linked<()>,
}

impl Stage for Alone {
    fn new() -> Result<Alone, Complaint> {
        let config = SandboxConfig {
            instances_max: INSTANCES_MAX,
            guest_threads: 2,
            ..SandboxConfig::default()
        };
        let sandbox = Sandbox::new(config)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_time()
            .build()?;
        let good = sandbox.load_blocking(Source::new("good", wat::parse_str(GOOD)?))?;
        let good = good.link(&Binding::new(Contract::service(&["echo"])))?;
        Ok(Self {
            sandbox,
            runtime,
            good,
        })
    }

    /// Plays a case to the end that it should come to.
    fn play(&self, case: &Case) -> Result<(), Complaint> {
        let cpu = if case.cpu_time {
            Cpu::Time
        } else {
            Cpu::Fuel(FUEL)
        };
        let loaded = self
            .sandbox
            .load_blocking(Source::new(case.name.clone(), case.wasm.clone()).cpu(cpu));
        let module = match (loaded, case.expect.room) {
            (Err(error), _) => return check::load_refused(case, &error),
            (Ok(_), Room::Load) => return Err(Complaint::new("it was loaded")),
            (Ok(module), _) => module,
        };
        for call in &case.calls {
            self.play_call(case, &module, call)
                .map_err(|complaint| complaint.about(&label(call)))?;
        }
        Ok(())
    }

    /// A good guest is served as ever, by bytes and by values.
    fn is_unharmed(&self) -> Result<(), Complaint> {
        let bytes = self
            .good
            .call_blocking(Call::bytes("echo", "good".as_bytes().to_vec()));
        let answer = bytes
            .result
            .map_err(|error| Complaint::of("the next good call by bytes failed", &error))?;
        check::equal("the next good answer", answer.bytes(), b"good".as_slice())?;
        let values = vec![Value::I32(40), Value::I32(2)];
        let values = self
            .runtime
            .block_on(self.good.call(Call::values("add", values)));
        let answer = values
            .result
            .map_err(|error| Complaint::of("the next good call by values failed", &error))?;
        check::equal(
            "the next good sum",
            answer.values(),
            [Value::I32(42)].as_slice(),
        )
    }

    fn slots_are_back(&self) -> Result<(), Complaint> {
        check::slots_are_back(&self.sandbox)
    }
}

impl Alone {
    fn play_call(&self, case: &Case, module: &Module, call: &CaseCall) -> Result<(), Complaint> {
        let contract = match &call.input {
            CaseInput::Values(_) => Contract::raw(),
            CaseInput::Bytes(_) | CaseInput::Service(_) => Contract::service(&[&call.function]),
        };
        let linked = match (
            module.link(&Binding::with_imports(contract, imports())),
            case.expect.room,
        ) {
            (Err(error), _) => return check::link_refused(case, &error),
            (Ok(_), Room::Link) => return Err(Complaint::new("it was linked")),
            (Ok(linked), _) => linked,
        };
        let limits = case.limits.over(Limits::default());
        for _ in 0..if case.twice { 2 } else { 1 } {
            for blocking in [true, false] {
                let make = || prepare(call).limits(limits.clone());
                let begun = Instant::now();
                let outcome = if blocking {
                    // Asynchronous host functions of blocking callers run on the runtime that is entered.
                    let _entered = self.runtime.enter();
                    linked.call_blocking(make())
                } else {
                    self.runtime.block_on(linked.call(make()))
                };
                let outcome = read_answer(&call.input, outcome);
                check::call_ended(case, &limits, &outcome, begun.elapsed())?;
            }
        }
        Ok(())
    }
}

fn label(call: &CaseCall) -> String {
    let kind = match call.input {
        CaseInput::Values(_) => "raw",
        CaseInput::Bytes(_) => "bytes",
        CaseInput::Service(_) => "service",
    };
    format!("{} ({kind})", call.function)
}

fn prepare(call: &CaseCall) -> Call<()> {
    match &call.input {
        CaseInput::Bytes(bytes) | CaseInput::Service(bytes) => {
            Call::bytes(call.function.clone(), bytes.clone())
        }
        CaseInput::Values(values) => Call::values(
            call.function.clone(),
            values.iter().map(value).collect::<Vec<_>>(),
        ),
    }
}

fn value(value: &CaseValue) -> Value {
    match value {
        CaseValue::I32(v) => Value::I32(*v),
        CaseValue::I64(v) => Value::I64(*v),
        CaseValue::F32(v) => Value::F32(*v),
        CaseValue::F64(v) => Value::F64(*v),
        CaseValue::String(v) => Value::String(v.clone()),
    }
}

/// Reads a service's answer, as a binding does that has typed results.
fn read_answer(input: &CaseInput, outcome: Outcome) -> Outcome {
    let CaseInput::Service(_) = input else {
        return outcome;
    };
    let read = |answer: Answer| match Response::decode(answer.bytes(), &DecodeLimits::default()) {
        Ok(Response::Ok(_)) => Ok(answer),
        // Cut as a binding cuts it: this error is made here, not in the sandbox.
        Ok(Response::Err(error)) => Err(CallError::Guest {
            code: error.code,
            message: error.message.chars().take(256).collect(),
        }),
        Err(error) => Err(CallError::Contract(error.to_string())),
    };
    Outcome {
        result: outcome.result.and_then(read),
        ..outcome
    }
}
