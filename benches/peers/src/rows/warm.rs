//! Warm calls: what the wall costs when there is no work behind it.

use anyhow::Result;
use bytes::Bytes;
use wardian_sandbox::{Call, Cpu, Isolation, Linked, Sandbox, Value};
use wasmtime::{TypedFunc, WasmParams, WasmResults};

use crate::engines::bare::{Bare, Metering, Warm};
#[cfg(feature = "extism")]
use crate::engines::extism::{self, Extism};
use crate::engines::{wardian, wasmi::Wasmi};
use crate::guests;
use crate::method::{Case, Measured, Plan, compare};
use crate::report::{Section, figure, time};
use crate::rows::calls::checked;

const BARE: &str = "wasmtime, warm, fuel + deadline";
const BARE_EPOCH: &str = "wasmtime, warm, epoch deadline";
const SESSION: &str = "Wardian, session";
const SESSION_ASYNC: &str = "Wardian, session, async";
const REUSED: &str = "Wardian, reused";

pub fn empty(plan: Plan) -> Result<Vec<Section>> {
    let sandbox = wardian::sandbox()?;
    let reused = small(&sandbox, wardian::fuel(), wardian::REUSED)?;
    let timed = small(&sandbox, Cpu::Time, Isolation::Pristine)?;
    let pristine = small(&sandbox, wardian::fuel(), Isolation::Pristine)?;
    let (mut session, mut other) = (pristine.session(), pristine.session());
    let mut by_time = timed.session();
    let mut epoch = Kept::<(), ()>::new("noop", Metering::Epoch)?;
    let mut fuel = Kept::<(), ()>::new("noop", Metering::Fuel)?;
    let mut wasmi = Wasmi::new(guests::SMALL)?.warm()?;
    let wasmi_noop = wasmi.typed::<(), ()>("noop")?;
    let noop = || Call::values("noop", Vec::<Value>::new());
    #[cfg(feature = "extism")]
    let mut plugin = Extism::new(guests::SMALL_EXTISM)?.warm()?;
    let mut cases = vec![
        Case::new("native call that is not inlined", || native(1)),
        Case::new(BARE_EPOCH, || epoch.noop()),
        Case::new(BARE, || fuel.noop()),
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

/// An instance of the engine's own that is kept, and the function that is measured.
struct Kept<P, R> {
    /// Advances the epoch for as long as it is there.
    _bare: Bare,
    warm: Warm,
    function: TypedFunc<P, R>,
}

impl<P: WasmParams, R: WasmResults> Kept<P, R> {
    fn new(function: &str, metering: Metering) -> Result<Kept<P, R>> {
        let bare = Bare::new(guests::SMALL, metering, true)?;
        let mut warm = bare.warm()?;
        let function = warm.typed(&bare.function(function)?)?;
        Ok(Kept {
            _bare: bare,
            warm,
            function,
        })
    }
}

impl Kept<(), ()> {
    fn noop(&mut self) -> usize {
        let ran = self.warm.rearm();
        ran.and_then(|()| self.warm.run(&self.function, ()))
            .map_or(0, |()| 1)
    }
}

impl Kept<(i32, i32), i64> {
    fn bytes(&mut self, input: &[u8]) -> usize {
        let ran = self.warm.rearm();
        ran.and_then(|()| self.warm.call(&self.function, input))
            .map_or(0, |answer| answer.len())
    }
}

fn small(sandbox: &Sandbox, cpu: Cpu, isolation: Isolation) -> Result<Linked<()>> {
    wardian::link(sandbox, "small", guests::SMALL, cpu, isolation)
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
    let pristine = small(&sandbox, wardian::fuel(), Isolation::Pristine)?;
    let reused = small(&sandbox, wardian::fuel(), wardian::REUSED)?;
    let mut session = pristine.session();
    let mut epoch = Kept::new("raw", Metering::Epoch)?;
    let mut fuel = Kept::new("raw", Metering::Fuel)?;
    let mut wasmi = Wasmi::new(guests::SMALL)?.warm()?;
    let wasmi_raw = wasmi.typed("raw")?;
    #[cfg(feature = "extism")]
    let mut plugin = Extism::new(guests::SMALL_EXTISM)?.warm()?;
    let mut cases = vec![
        Case::new(BARE, || fuel.bytes(&input)),
        Case::new(BARE_EPOCH, || epoch.bytes(&input)),
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
    Ok(raw_section(bytes, name, &compare(cases, plan)))
}

fn raw_section(bytes: usize, name: &str, measured: &[Measured]) -> Section {
    let note = "The bytes are copied into the guest's memory where its `alloc` says, and copied out again; ratios are to bare wasmtime.";
    let mut section = Section::timed(
        &format!("Raw bytes in and out, warm, {name}"),
        note,
        measured,
    );
    let ours = figure(measured, SESSION);
    if bytes == 1 << 10 {
        section.at_most("session", ours, 400.0);
    } else {
        let found = figure(measured, BARE);
        section.target(
            "session, against bare wasmtime",
            "≤ 1.1 ×",
            format!("{:.2} × ({} : {})", ours / found, time(ours), time(found)),
            ours / found <= 1.1,
        );
    }
    section
}
