//! What was tried to make the checks cheaper that stop a guest.

use anyhow::Result;
use wasmtime::{Config, OptLevel, RegallocAlgorithm, Strategy};

use crate::engines::bare::{Bare, Metering, YIELD_FUEL};
use crate::guests;
use crate::method::{Case, Plan, compare};
use crate::report::Section;
use crate::rows::calls::checked;
use crate::rows::compute::number;

type Tune = fn(&mut Config);

struct Try {
    name: &'static str,
    metering: Metering,
    yields: u64,
    tune: Tune,
}

fn as_is(_: &mut Config) {}

const TRIES: [Try; 12] = [
    with("no check", Metering::None, as_is),
    with("epoch", Metering::Epoch, as_is),
    with("fuel, as Wardian has it", Metering::Fuel, as_is),
    Try {
        yields: 20_000,
        ..with("fuel, yields 20 times as often", Metering::Fuel, as_is)
    },
    Try {
        yields: 10_000_000,
        ..with("fuel, yields 25 times as seldom", Metering::Fuel, as_is)
    },
    with("fuel, optimised for size too", Metering::Fuel, |c| {
        c.cranelift_opt_level(OptLevel::SpeedAndSize);
    }),
    with("fuel, not optimised", Metering::Fuel, |c| {
        c.cranelift_opt_level(OptLevel::None);
    }),
    with(
        "fuel, single-pass register allocation",
        Metering::Fuel,
        |c| {
            c.cranelift_regalloc_algorithm(RegallocAlgorithm::SinglePass);
        },
    ),
    with("fuel, functions inlined", Metering::Fuel, |c| {
        c.compiler_inlining(wasmtime::Inlining::Yes);
    }),
    with("epoch, functions inlined", Metering::Epoch, |c| {
        c.compiler_inlining(wasmtime::Inlining::Yes);
    }),
    with("fuel, Winch", Metering::Fuel, |c| {
        c.strategy(Strategy::Winch);
    }),
    with("epoch, Winch", Metering::Epoch, |c| {
        c.strategy(Strategy::Winch);
    }),
];

const fn with(name: &'static str, metering: Metering, tune: Tune) -> Try {
    Try {
        name,
        metering,
        yields: YIELD_FUEL,
        tune,
    }
}

pub fn tried(plan: Plan) -> Result<Vec<Section>> {
    let json = guests::json(64 << 10);
    let note = "The engine alone, one instance kept, any NaN so that Winch can take part.";
    let eval = |kind: &Try| -> Result<Box<dyn FnMut() -> usize>> {
        let bare = kind.bare()?;
        let mut warm = bare.warm()?;
        let function = warm.typed(&bare.function("eval")?)?;
        let json = json.clone();
        Ok(Box::new(move || {
            let _bare = &bare;
            warm.rearm()
                .and_then(|()| warm.call(&function, &json))
                .map_or(0, |a| a.len())
        }))
    };
    let numbers =
        |kind: &Try, name: &str, params: (i32, i32)| -> Result<Box<dyn FnMut() -> usize>> {
            let bare = kind.bare()?;
            let mut warm = bare.warm()?;
            let function = warm.typed(&bare.function(name)?)?;
            Ok(Box::new(move || {
                let _bare = &bare;
                number(&mut warm, &function, params)
            }))
        };
    Ok(vec![
        table(plan, "Cheaper checks: 64 KiB of JSON", note, eval)?,
        table(plan, "Cheaper checks: matrix product", note, |kind| {
            numbers(kind, "matmul", (128, 1))
        })?,
        table(plan, "Cheaper checks: blur", note, |kind| {
            numbers(kind, "blur", (256, 4))
        })?,
    ])
}

impl Try {
    fn bare(&self) -> Result<Bare> {
        Bare::tuned(guests::SMALL, self.metering, self.yields, |config| {
            config.cranelift_nan_canonicalization(false);
            (self.tune)(config);
        })
    }
}

fn table(
    plan: Plan,
    title: &str,
    note: &str,
    make: impl Fn(&Try) -> Result<Box<dyn FnMut() -> usize>>,
) -> Result<Section> {
    let mut cases = Vec::new();
    let mut answer = 0;
    for kind in &TRIES {
        let mut run = make(kind)?;
        answer = run();
        cases.push(Case::new(kind.name, run));
    }
    Ok(Section::timed(
        title,
        note,
        &compare(checked(cases, answer)?, plan),
    ))
}
