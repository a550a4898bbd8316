//! Two threads that make pristine calls: nothing on a call's way may be shared.

use std::sync::Barrier;
use std::time::{Duration, Instant};

use anyhow::Result;
use bytes::Bytes;
use wardian_sandbox::Isolation;

use crate::engines::bare::{Bare, Metering};
use crate::engines::wardian;
use crate::guests;
use crate::method::{Plan, quantile};
use crate::report::Section;

pub fn two_threads(plan: Plan) -> Result<Vec<Section>> {
    let note = "Pristine calls with 1 KiB of JSON, calls a second on the wall clock; medians of rounds in which one and two threads take turns.";
    let mut section =
        Section::new("Two threads", note).header(&["case", "one thread", "two threads", "gain"]);
    let input = Bytes::from(guests::json(1024));
    for (name, wasm) in [
        ("small guest", guests::SMALL),
        ("guest of 3 MB", guests::BIG),
    ] {
        let sandbox = wardian::sandbox()?;
        let ours = wardian::link(&sandbox, name, wasm, wardian::fuel(), Isolation::Pristine)?;
        let bare = Bare::new(wasm, Metering::Fuel, true)?;
        let eval = bare.function("eval")?;
        let native = gain(plan, || bench_work::echo_json(&input).len());
        line(&mut section, &format!("native, for {name}"), native);
        line(
            &mut section,
            &format!("wasmtime, {name}"),
            gain(plan, || bare.pristine(&eval, &input).map_or(0, |a| a.len())),
        );
        let found = gain(plan, || wardian::blocking(&ours, "eval", &input));
        line(&mut section, &format!("Wardian, {name}"), found);
        section.ratio_at_least(&format!("two threads against one, {name}"), found.2, 1.7);
    }
    Ok(vec![section])
}

fn line(section: &mut Section, name: &str, (one, two, gain): (f64, f64, f64)) {
    section.line([
        name.to_owned(),
        format!("{one:.0}/s"),
        format!("{two:.0}/s"),
        format!("{gain:.2} ×"),
    ]);
}

/// Rates of one and of two threads, and the median of their ratios.
fn gain(plan: Plan, work: impl Fn() -> usize + Sync) -> (f64, f64, f64) {
    let slice = plan.slice * 4;
    let (mut ones, mut twos, mut gains) = (Vec::new(), Vec::new(), Vec::new());
    rate(1, slice, &work);
    for _ in 0..plan.rounds {
        let (one, two) = (rate(1, slice, &work), rate(2, slice, &work));
        ones.push(one);
        twos.push(two);
        gains.push(two / one);
    }
    (
        quantile(&mut ones, 0.5),
        quantile(&mut twos, 0.5),
        quantile(&mut gains, 0.5),
    )
}

fn rate(threads: usize, slice: Duration, work: &(impl Fn() -> usize + Sync)) -> f64 {
    let barrier = Barrier::new(threads);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    let begun = Instant::now();
                    let mut calls = 0u32;
                    while begun.elapsed() < slice {
                        for _ in 0..16 {
                            std::hint::black_box(work());
                        }
                        calls += 16;
                    }
                    f64::from(calls) / begun.elapsed().as_secs_f64()
                })
            })
            .collect();
        workers
            .into_iter()
            .map(|w| w.join().expect("a worker of the benches panicked"))
            .sum()
    })
}
