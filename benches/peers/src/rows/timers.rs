//! What guests that never end do to the runtime of their caller: its timers, its other calls, its shutdown.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bytes::Bytes;
use tokio::runtime::{Builder, Runtime};
use wardian_sandbox::{Call, Cpu, Isolation, Linked};

use crate::engines::wardian;
use crate::guests;
use crate::method::{Plan, quantile};
use crate::report::{Section, time};

const PERIOD: Duration = Duration::from_millis(5);
/// Longer than the row takes.
const LONG: Duration = Duration::from_secs(600);

pub fn held_up(plan: Plan) -> Result<Vec<Section>> {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let note = format!(
        "A tokio runtime of 2 threads with {} guests that spin, four for each core: how late a timer of 5 ms is, how \
         long a neighbour's call with 1 KiB takes, how long closing the sandbox. Native threads that spin show what \
         the system's scheduler alone does to the same timer.",
        4 * cores
    );
    let mut section =
        Section::new("Guests that spin", &note).header(&["what", "p50", "p99", "worst"]);
    let count = plan.count(1_000);
    let runtime = runtime()?;
    let mut idle = lateness(&runtime, count)?;
    let idle_p99 = quantile(&mut idle, 0.99);
    line(&mut section, "timer, idle", &mut idle);
    let mut native = with_native_threads(cores, || lateness(&runtime, count))?;
    line(
        &mut section,
        "timer, as many native threads spin as there are cores",
        &mut native,
    );
    for (name, cpu) in [
        ("`Cpu::Fuel`", Cpu::Fuel(u64::MAX)),
        ("`Cpu::Time`", Cpu::Time),
    ] {
        with_guests(
            &mut section,
            &runtime,
            name,
            cpu,
            (count, 4 * cores, idle_p99),
        )?;
    }
    Ok(vec![section])
}

fn with_guests(
    section: &mut Section,
    runtime: &Runtime,
    name: &str,
    cpu: Cpu,
    (count, guests, idle_p99): (usize, usize, f64),
) -> Result<()> {
    let sandbox = wardian::sandbox()?;
    let linked = wardian::link(&sandbox, "tiny", &guests::HOSTILE, cpu, Isolation::Pristine)?;
    let echo = wardian::link(&sandbox, "echo", &guests::TINY, cpu, Isolation::Pristine)?;
    let spinning: Vec<_> = (0..guests).map(|_| runtime.spawn(spin(&linked))).collect();
    while (sandbox.stats().in_use as usize) < guests {
        std::thread::sleep(Duration::from_millis(1));
    }
    let mut late = lateness(runtime, count)?;
    let p99 = quantile(&mut late, 0.99);
    line(section, &format!("timer, guests by {name} spin"), &mut late);
    section.at_most(
        &format!("timer by {name}, p99, beyond idle"),
        p99 - idle_p99,
        5e6,
    );
    let input = Bytes::from(vec![7u8; 1 << 10]);
    let mut calls = Vec::new();
    for _ in 0..count / 10 {
        let call = echo.call(Call::bytes("eval", input.clone()));
        let begun = Instant::now();
        let outcome = runtime.block_on(runtime.spawn(call))?;
        calls.push(begun.elapsed().as_nanos() as f64);
        outcome.result?;
    }
    line(
        section,
        &format!("a neighbour's call, guests by {name} spin"),
        &mut calls,
    );
    let begun = Instant::now();
    runtime.block_on(sandbox.close());
    let closing = begun.elapsed().as_nanos() as f64;
    section.at_most(&format!("closing by {name}"), closing, 1e8);
    for task in spinning {
        let _ = runtime.block_on(task).context("a spinning call panicked")?;
    }
    Ok(())
}

fn spin(linked: &Linked<()>) -> wardian_sandbox::Calling {
    linked.call(Call::bytes("spin", Bytes::from_static(b"?")).deadline(LONG))
}

fn with_native_threads<T>(count: usize, f: impl FnOnce() -> Result<T>) -> Result<T> {
    let over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..count {
            scope.spawn(|| {
                while !over.load(std::sync::atomic::Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        let found = f();
        over.store(true, std::sync::atomic::Ordering::Relaxed);
        found
    })
}

fn runtime() -> Result<Runtime> {
    Ok(Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()?)
}

fn lateness(runtime: &Runtime, count: usize) -> Result<Vec<f64>> {
    let sampled = runtime.spawn(async move {
        let mut late = Vec::new();
        for _ in 0..count {
            let wanted = Instant::now() + PERIOD;
            tokio::time::sleep_until(wanted.into()).await;
            late.push(wanted.elapsed().as_nanos() as f64);
        }
        late
    });
    Ok(runtime.block_on(sampled)?)
}

fn line(section: &mut Section, what: &str, samples: &mut [f64]) {
    let found = [0.5, 0.99, 1.0].map(|share| time(quantile(samples, share)));
    section.line([what.to_owned()].into_iter().chain(found));
}
