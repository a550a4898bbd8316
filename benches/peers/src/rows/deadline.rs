//! How late a deadline ends a guest, by what the guest is doing.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use wardian_sandbox::{
    Binding, Call, CallError, Contract, Cpu, Host, Imports, Limit, Limits, Linked, Sandbox, Source,
    Value,
};

use crate::engines::wardian;
use crate::guests;
use crate::method::{Plan, quantile};
use crate::report::{Section, time};

const DEADLINE: Duration = Duration::from_millis(10);
/// More than any of the guests burns in its 10 ms.
const FUEL: u64 = 1 << 60;
const MIB: u64 = 1 << 20;

pub fn overrun(plan: Plan) -> Result<Vec<Section>> {
    let note = "Time from the deadline (10 ms) to the caller having its answer. `memory.fill` and `memory.copy` of all memory are one instruction each, which nothing interrupts.";
    let mut section = Section::new("Deadline overrun", note)
        .header(&["guest", "metering", "p50", "p99", "max", "earliest"]);
    let sandbox = wardian::sandbox()?;
    for (metering, cpu) in [("fuel", Cpu::Fuel(FUEL)), ("time", Cpu::Time)] {
        spin(&mut section, &sandbox, metering, cpu, plan)?;
        for (name, function, memory) in [
            ("`memory.fill`, 8 MiB", "memory_fill", 8 * MIB),
            ("`memory.fill`, 64 MiB", "memory_fill", 64 * MIB),
            ("`memory.fill`, 256 MiB", "memory_fill", 256 * MIB),
            ("`memory.copy`, 64 MiB", "memory_copy", 64 * MIB),
            ("`memory.copy`, 256 MiB", "memory_copy", 256 * MIB),
            ("`table.fill`, 20,000 elements", "table_fill", MIB),
            ("`memory.grow` loop, 64 MiB", "memory_grow", 64 * MIB),
            ("flood of host calls", "host_flood", MIB),
        ] {
            let linked = link(&sandbox, cpu, memory)?;
            let late = sample(plan.count(60), || blocking(&linked, function))?;
            line(&mut section, name, metering, late);
        }
    }
    Ok(vec![section])
}

fn spin(
    section: &mut Section,
    sandbox: &Sandbox,
    metering: &str,
    cpu: Cpu,
    plan: Plan,
) -> Result<()> {
    let linked = link(sandbox, cpu, MIB)?;
    for (name, awaited) in [("tight loop", false), ("tight loop, async", true)] {
        let mut late = sample(plan.count(400), || {
            if !awaited {
                return blocking(&linked, "spin");
            }
            let begun = Instant::now();
            let outcome = futures_lite::future::block_on(
                linked.call(Call::values("spin", Vec::<Value>::new()).deadline(DEADLINE)),
            );
            ended(outcome.result, begun)
        })?;
        let (p50, p99, first) = (
            quantile(&mut late, 0.5),
            quantile(&mut late, 0.99),
            quantile(&mut late, 0.0),
        );
        section.at_most(&format!("{name}, {metering}, p50"), p50, 2e6);
        section.at_most(&format!("{name}, {metering}, p99"), p99, 5e6);
        section.target(
            &format!("{name}, {metering}, never early"),
            "≥ 0",
            time(first),
            first >= 0.0,
        );
        line(section, name, metering, late);
    }
    Ok(())
}

fn line(section: &mut Section, name: &str, metering: &str, mut late: Vec<f64>) {
    let found = [0.5, 0.99, 1.0, 0.0].map(|share| time(quantile(&mut late, share)));
    section.line(
        [name.to_owned(), metering.to_owned()]
            .into_iter()
            .chain(found),
    );
}

fn link(sandbox: &Sandbox, cpu: Cpu, memory: u64) -> Result<Linked<()>> {
    let module = sandbox.load_blocking(Source::new("overrun", guests::OVERRUN.clone()).cpu(cpu))?;
    let imports = Imports::new().define_sync(
        "bench",
        "host",
        None,
        |_: &mut Host<'_, ()>, (n,): (i32,)| Ok(n),
    );
    let mut binding = Binding::with_imports(Contract::raw(), imports);
    binding.limits = Some(Limits {
        memory_bytes_max: memory,
        host_calls_max: u64::MAX,
        ..Limits::default()
    });
    Ok(module.link(&binding)?)
}

/// Nanoseconds late, `count` times.
fn sample(count: usize, mut once: impl FnMut() -> Result<f64>) -> Result<Vec<f64>> {
    once()?;
    (0..count).map(|_| once()).collect()
}

fn blocking(linked: &Linked<()>, function: &'static str) -> Result<f64> {
    let begun = Instant::now();
    let outcome =
        linked.call_blocking(Call::values(function, Vec::<Value>::new()).deadline(DEADLINE));
    ended(outcome.result, begun)
}

fn ended<T>(result: Result<T, CallError>, begun: Instant) -> Result<f64> {
    let late = begun.elapsed().as_nanos() as f64 - DEADLINE.as_nanos() as f64;
    let by_deadline = matches!(
        &result,
        Err(CallError::Limit {
            which: Limit::Deadline,
            ..
        })
    );
    ensure!(
        by_deadline,
        "the call did not end by its deadline: {:?}",
        result.err()
    );
    Ok(late)
}
