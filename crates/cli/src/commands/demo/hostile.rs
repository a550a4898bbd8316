//! The guests of the demo that mean no good: each ends as it should, and the next call works.

use std::path::Path;
use std::time::Duration;

use wardian_sandbox::{
    Answer, Binding, Call, CallError, Contract, Cpu, Limits, Linked, Outcome, Source,
    Usage as Bill, Value,
};
use wardian_service::ServiceError;
use wardian_service::image::{self, ResizeOptions};

use crate::commands::image::MODULE;
use crate::counted::Counted;

/// What was tried and how it ended.
#[derive(Debug)]
pub(super) struct Attack {
    pub(super) what: &'static str,
    pub(super) ending: String,
    pub(super) code: String,
    pub(super) usage: Bill,
}

/// The name that its calls are counted under, and that its lines are shown under.
const NAME: &str = "hostile";
const TEXT: &str = r#"(module
  (memory 1)
  (func $spin (export "spin") (loop $again (br $again)))
  (func $hog (export "hog")
    (loop $more
      (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
    unreachable)
  (func $deeper (call $deeper))
  (func $recurse (export "recurse") (call $deeper))
  (func $divide (param i32 i32) (result i32)
    (i32.div_s (local.get 0) (local.get 1)))
  (func $trap (export "trap") (result i32)
    (call $divide (i32.const 7) (i32.const 0)))
  (func $well (export "well") (result i32) (i32.const 42)))"#;

const DEADLINE: Duration = Duration::from_millis(200);
const MEMORY_BYTES_MAX: u64 = 16 << 20;

pub(super) fn run(counted: &Counted) -> anyhow::Result<Vec<Attack>> {
    let guest = load(counted)?;
    let limits = Limits {
        memory_bytes_max: MEMORY_BYTES_MAX,
        ..Limits::default().with_deadline(DEADLINE)
    };
    let tried = [
        ("spins for ever", "spin"),
        ("takes all memory", "hog"),
        ("calls itself for ever", "recurse"),
        ("divides by zero", "trap"),
    ];
    let mut attacks: Vec<Attack> = tried
        .into_iter()
        .map(|(what, function)| {
            let call = Call::values(function, []).limits(limits.clone());
            attack(what, counted.call(&guest, call))
        })
        .collect();
    attacks.push(bomb(counted));
    attacks.push(attack(
        "does as it is told, after all that",
        counted.call(&guest, Call::values("well", [])),
    ));
    Ok(attacks)
}

fn load(counted: &Counted) -> anyhow::Result<Linked<()>> {
    let wasm = wat::Parser::new()
        .generate_dwarf(wat::GenerateDwarf::Lines)
        .parse_str(Some(Path::new("hostile.wat")), TEXT)?;
    // Enough fuel that the deadline is what ends it.
    let source = Source::new(NAME, wasm).cpu(Cpu::Fuel(1_000_000_000_000));
    let module = counted.sandbox.load_blocking(source)?;
    counted.count_load(NAME);
    Ok(module.link(&Binding::new(Contract::raw()))?)
}

fn attack(what: &'static str, outcome: Outcome) -> Attack {
    let (ending, code) = match outcome.result {
        Ok(answer) => (answered(&answer), "ok".into()),
        Err(error) => (ending(&error), error.code().into()),
    };
    Attack {
        what,
        ending,
        code,
        usage: outcome.usage,
    }
}

fn answered(answer: &Answer) -> String {
    match answer.values() {
        [Value::I32(value)] => format!("answer: {value}"),
        _ => "another answer than expected".into(),
    }
}

fn ending(error: &CallError) -> String {
    match error.trap().and_then(|trap| trap.frames.first()) {
        Some(frame) if !error.to_string().contains(&frame.function) => {
            format!("{}: {error}, in {frame}", error.code())
        }
        _ => format!("{}: {error}", error.code()),
    }
}

/// A header that promises 900 megapixels in 54 bytes.
fn bomb(counted: &Counted) -> Attack {
    const SIDE: u32 = 30_000;
    let mut bmp = Vec::from(*b"BM");
    for word in [54_u32 + SIDE * SIDE, 0, 54, 40, SIDE, SIDE] {
        bmp.extend_from_slice(&word.to_le_bytes());
    }
    bmp.extend_from_slice(&[1, 0, 24, 0]);
    bmp.extend_from_slice(&[0; 24]);
    let result = image::resize_blocking(&counted.sandbox, bmp, ResizeOptions::width(100));
    counted.count_service(MODULE, result.as_ref().map(|picture| picture.usage));
    let (ending, code, usage) = match result {
        Ok(picture) => (
            "another answer than expected".into(),
            "ok".into(),
            picture.usage,
        ),
        Err(error) => {
            let usage = error.usage().copied().unwrap_or_default();
            let text = match &error {
                ServiceError::Call { source, .. } => source.to_string(),
                other => other.to_string(),
            };
            (
                format!("{}: {text}", error.code()),
                error.code().into(),
                usage,
            )
        }
    };
    Attack {
        what: "unpacks a picture bomb",
        ending,
        code,
        usage,
    }
}
