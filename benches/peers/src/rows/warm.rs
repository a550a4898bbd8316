//! Warm calls: what the wall costs when there is no work behind it.

use anyhow::Result;
use bytes::Bytes;
use wardian_sandbox::{Call, Cpu, Isolation, Value};

use crate::engines::bare::{Bare, Metering};
#[cfg(feature = "extism")]
use crate::engines::extism::{self, Extism};
use crate::engines::{wardian, wasmi::Wasmi};
use crate::guests;
use crate::method::{Case, Plan, compare};
use crate::report::{Section, figure, time};
use crate::rows::calls::checked;

const SESSION: &str = "Wardian, session";
const SESSION_ASYNC: &str = "Wardian, session, async";
const REUSED: &str = "Wardian, reused";

pub fn empty(plan: Plan) -> Result<Vec<Section>> {
    let sandbox = wardian::sandbox()?;
    let reused = wardian::link(
        &sandbox,
        "small",
        guests::SMALL,
        wardian::fuel(),
        wardian::REUSED,
    )?;
    let timed = wardian::link(
        &sandbox,
        "small",
        guests::SMALL,
        Cpu::Time,
        Isolation::Pristine,
    )?;
    let pristine = wardian::link(
        &sandbox,
        "small",
        guests::SMALL,
        wardian::fuel(),
        Isolation::Pristine,
    )?;
    let (mut session, mut other) = (pristine.session(), pristine.session());
    let mut by_time = timed.session();
    let (epoch, fuel) = (
        Bare::new(guests::SMALL, Metering::Epoch, true)?,
        Bare::new(guests::SMALL, Metering::Fuel, true)?,
    );
    let (mut e, mut f) = (epoch.warm()?, fuel.warm()?);
    let e_noop = e.typed::<(), ()>(&epoch.function("noop")?)?;
    let f_noop = f.typed::<(), ()>(&fuel.function("noop")?)?;
    let mut wasmi = Wasmi::new(guests::SMALL)?.warm()?;
    let wasmi_noop = wasmi.typed::<(), ()>("noop")?;
    let noop = || Call::values("noop", Vec::<Value>::new());
    #[cfg(feature = "extism")]
    let mut plugin = Extism::new(guests::SMALL_EXTISM)?.warm()?;
    let mut cases = vec![
        Case::new("native call that is not inlined", || native(1)),
        Case::new("wasmtime, warm, epoch deadline", || {
            e.rearm()
                .and_then(|()| e.run(&e_noop, ()))
                .map_or(0, |()| 1)
        }),
        Case::new("wasmtime, warm, fuel + deadline", || {
            f.rearm()
                .and_then(|()| f.run(&f_noop, ()))
                .map_or(0, |()| 1)
        }),
        Case::new(SESSION, || one(session.call_blocking(noop()))),
        Case::new(SESSION_ASYNC, || {
            one(futures_lite::future::block_on(other.call(noop())))
        }),
        Case::new("Wardian, session, `Cpu::Time`", || {
            one(by_time.call_blocking(noop()))
        }),
        Case::new(REUSED, || one(reused.call_blocking(noop()))),
        Case::new("Wardian, reused, async", || {
            one(futures_lite::future::block_on(reused.call(noop())))
        }),
        Case::new("wasmi, warm, fuel", || {
            wasmi.run(&wasmi_noop, ()).map_or(0, |()| 1)
        }),
    ];
    #[cfg(feature = "extism")]
    cases.push(Case::new("Extism, warm, time-out", || {
        extism::call(&mut plugin, "run_noop", &[]).map_or(0, |_| 1)
    }));
    cases = checked(cases, 1)?;
    let measured = compare(cases, plan);
    let note = "A function that does nothing, on an instance that is there. A session is the caller's own; a reused instance is leased and given back.";
    let mut section = Section::timed("Warm empty call", note, &measured);
    section.at_most("blocking, session", figure(&measured, SESSION), 150.0);
    section.at_most("async, session", figure(&measured, SESSION_ASYNC), 400.0);
    Ok(vec![section])
}

#[inline(never)]
fn native(n: usize) -> usize {
    std::hint::black_box(n)
}

fn one(outcome: wardian_sandbox::Outcome) -> usize {
    wardian::size(outcome) + 1
}

pub fn raw(plan: Plan) -> Result<Vec<Section>> {
    [(1 << 10, "1 KiB"), (1 << 20, "1 MiB")]
        .into_iter()
        .map(|(bytes, name)| raw_of(plan, bytes, name))
        .collect()
}

fn raw_of(plan: Plan, bytes: usize, name: &str) -> Result<Section> {
    let input = Bytes::from(vec![7u8; bytes]);
    let sandbox = wardian::sandbox()?;
    let pristine = wardian::link(
        &sandbox,
        "small",
        guests::SMALL,
        wardian::fuel(),
        Isolation::Pristine,
    )?;
    let reused = wardian::link(
        &sandbox,
        "small",
        guests::SMALL,
        wardian::fuel(),
        wardian::REUSED,
    )?;
    let mut session = pristine.session();
    let (epoch, fuel) = (
        Bare::new(guests::SMALL, Metering::Epoch, true)?,
        Bare::new(guests::SMALL, Metering::Fuel, true)?,
    );
    let (mut e, mut f) = (epoch.warm()?, fuel.warm()?);
    let (e_raw, f_raw) = (
        e.typed(&epoch.function("raw")?)?,
        f.typed(&fuel.function("raw")?)?,
    );
    let mut wasmi = Wasmi::new(guests::SMALL)?.warm()?;
    let wasmi_raw = wasmi.typed("raw")?;
    let bare = "wasmtime, warm, fuel + deadline";
    #[cfg(feature = "extism")]
    let mut plugin = Extism::new(guests::SMALL_EXTISM)?.warm()?;
    let mut cases = vec![
        Case::new(bare, || {
            f.rearm()
                .and_then(|()| f.call(&f_raw, &input))
                .map_or(0, |a| a.len())
        }),
        Case::new("wasmtime, warm, epoch deadline", || {
            e.rearm()
                .and_then(|()| e.call(&e_raw, &input))
                .map_or(0, |a| a.len())
        }),
        Case::new("two copies, natively", || {
            std::hint::black_box(std::hint::black_box(input.to_vec()).clone()).len()
        }),
        Case::new(SESSION, || {
            wardian::size(session.call_blocking(Call::bytes("raw", input.clone())))
        }),
        Case::new(REUSED, || wardian::blocking(&reused, "raw", &input)),
        Case::new("Wardian, pristine", || {
            wardian::blocking(&pristine, "raw", &input)
        }),
        Case::new("wasmi, warm, fuel", || {
            wasmi.call(&wasmi_raw, &input).map_or(0, |a| a.len())
        }),
    ];
    #[cfg(feature = "extism")]
    cases.push(Case::new("Extism, warm, time-out", || {
        extism::call(&mut plugin, "run_raw", &input).unwrap_or(0)
    }));
    cases = checked(cases, bytes)?;
    let measured = compare(cases, plan);
    let note = "The bytes are copied into the guest's memory where its `alloc` says, and copied out again; ratios are to bare wasmtime.";
    let mut section = Section::timed(
        &format!("Raw bytes in and out, warm, {name}"),
        note,
        &measured,
    );
    let ours = figure(&measured, SESSION);
    if bytes == 1 << 10 {
        section.at_most("session", ours, 400.0);
    } else {
        let found = figure(&measured, bare);
        section.target(
            "session, against bare wasmtime",
            "≤ 1.1 ×",
            format!("{:.2} × ({} : {})", ours / found, time(ours), time(found)),
            ours / found <= 1.1,
        );
    }
    Ok(section)
}
