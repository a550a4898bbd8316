//! A sandbox with a good guest beside it, on which hostile cases are played.

use std::time::{Duration, Instant};

use wardian_abi::{DecodeLimits, Response};
use wardian_sandbox::{
    Answer, Binding, Call, CallError, Contract, Cpu, Limits, Linked, Module, Outcome, Sandbox,
    SandboxConfig, Source, Value,
};
use wardian_testkit::hostile::{Case, CaseCall, CaseInput, CaseLimits, CaseValue, Stage as Room};

use crate::check::{self, Complaint};
use crate::host::imports;

/// Enough for the neighbours of a test, few enough that each test can have a sandbox of its own.
const INSTANCES_MAX: u32 = 32;
/// How long a loaded machine may take to give a slot back.
const PATIENCE: Duration = Duration::from_secs(10);
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

pub struct Stage {
    sandbox: Sandbox,
    runtime: tokio::runtime::Runtime,
    good: Linked<()>,
}

impl Stage {
    pub fn new() -> Result<Self, Complaint> {
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
    pub fn play(&self, case: &Case) -> Result<(), Complaint> {
        let cpu = if case.cpu_time {
            Cpu::Time
        } else {
            Cpu::Fuel(FUEL)
        };
        let loaded = self
            .sandbox
            .load_blocking(Source::new(case.name.clone(), case.wasm.clone()).cpu(cpu));
        let module = match (loaded, case.expect.stage) {
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

    fn play_call(&self, case: &Case, module: &Module, call: &CaseCall) -> Result<(), Complaint> {
        let contract = match &call.input {
            CaseInput::Values(_) => Contract::raw(),
            CaseInput::Bytes(_) | CaseInput::Service(_) => Contract::service(&[&call.function]),
        };
        let linked = match (
            module.link(&Binding::with_imports(contract, imports())),
            case.expect.stage,
        ) {
            (Err(error), _) => return check::link_refused(case, &error),
            (Ok(_), Room::Link) => return Err(Complaint::new("it was linked")),
            (Ok(linked), _) => linked,
        };
        let limits = limits(&case.limits);
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

    /// A good guest is served as ever, by bytes and by values.
    pub fn is_unharmed(&self) -> Result<(), Complaint> {
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

    /// No instance stays taken.
    pub fn slots_are_back(&self) -> Result<(), Complaint> {
        let begun = Instant::now();
        while self.sandbox.stats().in_use > 0 {
            if begun.elapsed() > PATIENCE {
                return Err(Complaint::new(format!(
                    "{} slots are still in use",
                    self.sandbox.stats().in_use
                )));
            }
            std::thread::sleep(Duration::from_millis(1));
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

fn limits(case: &CaseLimits) -> Limits {
    let mut limits = Limits::default();
    let set = |field: &mut u64, value: Option<u64>| *field = value.unwrap_or(*field);
    set(&mut limits.memory_bytes_max, case.memory_bytes_max);
    set(&mut limits.table_elements_max, case.table_elements_max);
    set(&mut limits.input_bytes_max, case.input_bytes_max);
    set(&mut limits.output_bytes_max, case.output_bytes_max);
    set(&mut limits.host_calls_max, case.host_calls_max);
    set(&mut limits.log_bytes_max, case.log_bytes_max);
    limits.fuel = case.fuel;
    match case.deadline_ms {
        Some(ms) => limits.with_deadline(Duration::from_millis(ms)),
        None => limits.with_deadline(Duration::from_secs(60)),
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
