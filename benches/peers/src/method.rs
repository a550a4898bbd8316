//! How cases are compared: all in one process, in batches of about 20 µs, in rounds that interleave them.
//!
//! A busy machine or a clock that changes then meets all cases alike, and ratios within one table hold where absolute
//! figures do not.

use std::hint::black_box;
use std::time::{Duration, Instant};

const BATCH: Duration = Duration::from_micros(20);
/// From here on a call is long enough to be preempted: its CPU time says more than the wall clock.
const LONG: Duration = Duration::from_millis(1);

/// How long to measure.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub rounds: u32,
    pub slice: Duration,
    /// Divides counts of the rows that count instead of timing.
    pub quick: bool,
}

impl Plan {
    pub fn full() -> Plan {
        Plan {
            rounds: 9,
            slice: Duration::from_millis(40),
            quick: false,
        }
    }

    pub fn quick() -> Plan {
        Plan {
            rounds: 2,
            slice: Duration::from_millis(4),
            quick: true,
        }
    }

    /// `full`, or a twentieth of it for a quick look.
    pub fn count(&self, full: usize) -> usize {
        if self.quick { (full / 20).max(2) } else { full }
    }
}

/// One way of doing the work. The number it returns is the size of the answer, so that a case which answers nothing
/// cannot win.
pub struct Case<'a> {
    pub name: String,
    pub run: Box<dyn FnMut() -> usize + 'a>,
}

impl<'a> Case<'a> {
    pub fn new(name: impl Into<String>, run: impl FnMut() -> usize + 'a) -> Case<'a> {
        Case {
            name: name.into(),
            run: Box::new(run),
        }
    }
}

/// Nanoseconds a call.
#[derive(Clone, Debug)]
pub struct Measured {
    pub name: String,
    pub p10: f64,
    pub p50: f64,
    pub p90: f64,
    /// Median of thread CPU time.
    pub cpu: f64,
}

impl Measured {
    /// What the targets are about: the median on the wall clock, and for long calls the median of CPU time.
    pub fn figure(&self) -> f64 {
        if self.p50 > LONG.as_nanos() as f64 {
            self.cpu
        } else {
            self.p50
        }
    }
}

struct Running<'a> {
    case: Case<'a>,
    batch: u32,
    wall: Vec<f64>,
    cpu: Vec<f64>,
}

/// Measures all cases of one table.
pub fn compare(cases: Vec<Case<'_>>, plan: Plan) -> Vec<Measured> {
    let mut running: Vec<_> = cases
        .into_iter()
        .map(|case| Running::calibrated(case, plan))
        .collect();
    for _ in 0..plan.rounds {
        for one in &mut running {
            one.slice(plan.slice);
        }
    }
    running.into_iter().map(Running::result).collect()
}

impl<'a> Running<'a> {
    fn calibrated(mut case: Case<'a>, plan: Plan) -> Running<'a> {
        let mut batch = 1u32;
        let warm = Instant::now();
        loop {
            let begun = Instant::now();
            for _ in 0..batch {
                black_box((case.run)());
            }
            let took = begun.elapsed();
            if took < BATCH && batch < 1 << 16 {
                batch *= 2;
            } else if warm.elapsed() > plan.slice / 2 {
                break;
            }
        }
        Running {
            case,
            batch: (batch / 2).max(1),
            wall: Vec::new(),
            cpu: Vec::new(),
        }
    }

    fn slice(&mut self, slice: Duration) {
        let begun = Instant::now();
        let cpu_begun = thread_cpu();
        let mut calls = 0u64;
        loop {
            let batch_begun = Instant::now();
            for _ in 0..self.batch {
                black_box((self.case.run)());
            }
            self.wall
                .push(batch_begun.elapsed().as_nanos() as f64 / f64::from(self.batch));
            calls += u64::from(self.batch);
            if begun.elapsed() >= slice {
                break;
            }
        }
        self.cpu
            .push((thread_cpu() - cpu_begun).as_nanos() as f64 / calls as f64);
    }

    fn result(mut self) -> Measured {
        Measured {
            name: self.case.name,
            p10: quantile(&mut self.wall, 0.1),
            p50: quantile(&mut self.wall, 0.5),
            p90: quantile(&mut self.wall, 0.9),
            cpu: quantile(&mut self.cpu, 0.5),
        }
    }
}

/// The value that a share of the samples do not exceed; sorts them.
pub fn quantile(samples: &mut [f64], share: f64) -> f64 {
    samples.sort_by(f64::total_cmp);
    let index = ((samples.len() as f64 - 1.0) * share).round();
    samples
        .get(index.max(0.0) as usize)
        .copied()
        .unwrap_or(f64::NAN)
}

fn thread_cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
