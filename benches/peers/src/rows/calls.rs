//! Pristine calls: tiny, small and large guests.

use anyhow::{Result, ensure};
use bytes::Bytes;
use wardian_sandbox::{Call, Cpu, Isolation};

use crate::engines::bare::{Bare, Metering};
#[cfg(feature = "extism")]
use crate::engines::extism::{self, Extism};
use crate::engines::{wardian, wasmi::Wasmi};
use crate::guests;
use crate::method::{Case, Plan, compare};
use crate::report::{Section, figure};

const NATIVE: &str = "native";
const BARE: &str = "wasmtime, pristine, fuel + deadline";
const BARE_EPOCH: &str = "wasmtime, pristine, epoch deadline";
const BLOCKING: &str = "Wardian, pristine";
const ASYNC: &str = "Wardian, pristine, async";
const BY_TIME: &str = "Wardian, pristine, `Cpu::Time`";
const REUSED: &str = "Wardian, reused";
const WASMI: &str = "wasmi, new instance, fuel";
#[cfg(feature = "extism")]
const EXTISM_NEW: &str = "Extism, new plugin, time-out";
#[cfg(feature = "extism")]
const EXTISM_WARM: &str = "Extism, warm, time-out";

pub fn tiny(plan: Plan) -> Result<Vec<Section>> {
    let input = Bytes::from_static(b"ping");
    let sandbox = wardian::sandbox()?;
    let ours = wardian::link(
        &sandbox,
        "tiny",
        &guests::TINY,
        wardian::fuel(),
        Isolation::Pristine,
    )?;
    let by_time = wardian::link(
        &sandbox,
        "tiny",
        &guests::TINY,
        Cpu::Time,
        Isolation::Pristine,
    )?;
    let fuel = Bare::new(&guests::TINY, Metering::Fuel, true)?;
    let epoch = Bare::new(&guests::TINY, Metering::Epoch, true)?;
    let (f, e) = (fuel.function("eval")?, epoch.function("eval")?);
    let wasmi = Wasmi::new(&guests::TINY)?;
    let cases = vec![
        Case::new(BARE, || fuel.pristine(&f, &input).map_or(0, |a| a.len())),
        Case::new(BARE_EPOCH, || {
            epoch.pristine(&e, &input).map_or(0, |a| a.len())
        }),
        Case::new(BLOCKING, || wardian::blocking(&ours, "eval", &input)),
        Case::new(ASYNC, || wardian::awaited(&ours, "eval", &input)),
        Case::new(BY_TIME, || wardian::blocking(&by_time, "eval", &input)),
        Case::new(WASMI, || {
            wasmi.pristine("eval", &input).map_or(0, |a| a.len())
        }),
    ];
    let measured = compare(checked(cases, input.len())?, plan);
    let note = "Four bytes in and out of a hand-written module of one page. The first case is the engine alone, with the same settings, limits and sequence of calls.";
    let mut section = Section::timed("Pristine call, tiny module", note, &measured);
    section.at_most("blocking", figure(&measured, BLOCKING), 4_000.0);
    section.at_most("async", figure(&measured, ASYNC), 4_500.0);
    section.ratio_at_most(
        "blocking, against bare wasmtime",
        figure(&measured, BLOCKING) / figure(&measured, BARE),
        1.2,
    );
    Ok(vec![section])
}

pub fn small(plan: Plan) -> Result<Vec<Section>> {
    let note = "1 KiB of JSON parsed and written again by a small Rust guest.";
    #[cfg(feature = "extism")]
    let extism = Some(Extism::new(guests::SMALL_EXTISM)?);
    #[cfg(not(feature = "extism"))]
    let extism = None::<()>;
    let (mut section, measured) = json(
        plan,
        "Pristine call, 1 KiB of JSON, small guest",
        note,
        guests::SMALL,
        extism.as_ref(),
    )?;
    section.ratio_at_most(
        "pristine, against native",
        figure(&measured, BLOCKING) / figure(&measured, NATIVE),
        2.8,
    );
    Ok(vec![section])
}

pub fn big(plan: Plan) -> Result<Vec<Section>> {
    let note =
        "The same work in a guest with 2 MB of data and the code of a real plugin around it.";
    #[cfg(feature = "extism")]
    let extism = Some(Extism::new(guests::BIG_EXTISM)?);
    #[cfg(not(feature = "extism"))]
    let extism = None::<()>;
    let (mut section, measured) = json(
        plan,
        "Pristine call, 1 KiB of JSON, guest of 3 MB",
        note,
        guests::BIG,
        extism.as_ref(),
    )?;
    let ours = figure(&measured, BLOCKING);
    section.ratio_at_most(
        "pristine, against native",
        ours / figure(&measured, NATIVE),
        2.8,
    );
    #[cfg(feature = "extism")]
    {
        section.ratio_at_least(
            "faster than Extism's new plugin",
            figure(&measured, EXTISM_NEW) / ours,
            6.0,
        );
        section.ratio_at_most(
            "against Extism's warm call",
            ours / figure(&measured, EXTISM_WARM),
            1.0,
        );
    }
    Ok(vec![section])
}

#[cfg(feature = "extism")]
type Peer<'a> = Option<&'a Extism>;
#[cfg(not(feature = "extism"))]
type Peer<'a> = Option<&'a ()>;

fn json(
    plan: Plan,
    title: &str,
    note: &str,
    wasm: &[u8],
    peer: Peer<'_>,
) -> Result<(Section, Vec<crate::method::Measured>)> {
    let input = Bytes::from(guests::json(1024));
    let sandbox = wardian::sandbox()?;
    let ours = wardian::link(&sandbox, "json", wasm, wardian::fuel(), Isolation::Pristine)?;
    let by_time = wardian::link(&sandbox, "json", wasm, Cpu::Time, Isolation::Pristine)?;
    let reused = wardian::link(&sandbox, "json", wasm, wardian::fuel(), wardian::REUSED)?;
    let fuel = Bare::new(wasm, Metering::Fuel, true)?;
    let epoch = Bare::new(wasm, Metering::Epoch, true)?;
    let (f, e) = (fuel.function("eval")?, epoch.function("eval")?);
    let wasmi = Wasmi::new(wasm)?;
    #[cfg(feature = "extism")]
    let mut warm = peer.map(Extism::warm).transpose()?;
    let mut cases = vec![
        Case::new(NATIVE, || bench_work::echo_json(&input).len()),
        Case::new(BARE, || fuel.pristine(&f, &input).map_or(0, |a| a.len())),
        Case::new(BARE_EPOCH, || {
            epoch.pristine(&e, &input).map_or(0, |a| a.len())
        }),
        Case::new(BLOCKING, || wardian::blocking(&ours, "eval", &input)),
        Case::new(ASYNC, || wardian::awaited(&ours, "eval", &input)),
        Case::new(BY_TIME, || wardian::blocking(&by_time, "eval", &input)),
        Case::new(REUSED, || wardian::blocking(&reused, "eval", &input)),
        Case::new(WASMI, || {
            wasmi.pristine("eval", &input).map_or(0, |a| a.len())
        }),
    ];
    #[cfg(feature = "extism")]
    if let (Some(extism), Some(warm)) = (peer, &mut warm) {
        let input = &input;
        cases.push(Case::new(EXTISM_NEW, move || {
            extism.pristine("run", input).unwrap_or(0)
        }));
        cases.push(Case::new(EXTISM_WARM, move || {
            extism::call(warm, "run", input).unwrap_or(0)
        }));
    }
    #[cfg(not(feature = "extism"))]
    let _ = peer;
    let size = bench_work::echo_json(&input).len();
    cases = checked(cases, size)?;
    let measured = compare(cases, plan);
    let usage = ours.call_blocking(Call::bytes("eval", input.clone())).usage;
    let fuel = usage.fuel.unwrap_or_default();
    let note = format!("{note} One call burns {fuel} units of fuel.");
    Ok((Section::timed(title, &note, &measured), measured))
}

/// Every case must give an answer of the size that the work has.
pub fn checked(mut cases: Vec<Case<'_>>, size: usize) -> Result<Vec<Case<'_>>> {
    for case in &mut cases {
        let found = (case.run)();
        ensure!(
            found == size,
            "`{}` answers {found} bytes, not {size}",
            case.name
        );
    }
    Ok(cases)
}
