//! Guards: a wasm module's verdict about 1 KiB and about 100 bytes of context, beside the same predicate natively.

use std::sync::Barrier;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde::Deserialize;
use wardian_guard::{Answered, GuardModule};
use wardian_sandbox::CallHandle;

use crate::engines::wardian;
use crate::guests;
use crate::method::{Case, Plan, compare, quantile};
use crate::report::{Section, figure};

const NATIVE: &str = "native, serde_json";
const OURS: &str = "Wardian, pristine, fuel + deadline";

#[derive(Deserialize)]
struct Request<'a> {
    #[serde(borrow)]
    context: Context<'a>,
}

#[derive(Deserialize)]
struct Context<'a> {
    status: std::borrow::Cow<'a, str>,
    total: f64,
}

fn native(request: &[u8]) -> usize {
    let passes = serde_json::from_slice::<Request<'_>>(request)
        .is_ok_and(|read| read.context.status == "paid" && read.context.total >= 40.0);
    usize::from(passes)
}

/// A request of about so many bytes: an order, and around it what a guard does not look at.
fn request(bytes: usize) -> Vec<u8> {
    let mut text = String::from(r#"{"context":{"status":"paid","total":50"#);
    let mut n = 0;
    while text.len() + 50 < bytes {
        text.push_str(&format!(r#","line{n}":{{"sku":"B-{n}","count":{n}}}"#));
        n += 1;
    }
    text.push_str(r#","note":""#);
    while text.len() + 3 < bytes {
        text.push('x');
    }
    text.push_str("\"}}");
    text.into_bytes()
}

fn ours(guard: &GuardModule, request: &[u8]) -> usize {
    let response = guard.eval_blocking(request, &CallHandle::new());
    let answered = response.and_then(|response| Answered::read(&response));
    usize::from(answered.is_ok_and(|answered| answered.ok))
}

pub fn evaluate(plan: Plan) -> Result<Vec<Section>> {
    let sandbox = wardian::sandbox()?;
    let guard = GuardModule::load_blocking(&sandbox, guests::GUARD)?;
    let note = "The guard in Rust of `guests/guards`, with its strict reading of JSON; the answer is read, too. Natively serde derives the same predicate, less strict.";
    let mut sections = Vec::new();
    for (bytes, title) in [
        (1024, "A guard about 1 KiB"),
        (100, "A guard about 100 bytes"),
    ] {
        let request = request(bytes);
        ensure!(
            native(&request) == 1 && ours(&guard, &request) == 1,
            "both pass"
        );
        let cases = vec![
            Case::new(NATIVE, || native(&request)),
            Case::new(OURS, || ours(&guard, &request)),
        ];
        let measured = compare(cases, plan);
        let mut section = Section::timed(title, note, &measured);
        let (native, boxed) = (figure(&measured, NATIVE), figure(&measured, OURS));
        match bytes {
            1024 => {
                section.ratio_at_most("pristine and metered, against native", boxed / native, 2.6)
            }
            _ => section.at_most("pristine and metered", boxed, 5e3),
        }
        let (rate, wanted) = (
            rate(plan, || ours(&guard, &request)),
            [15.0, 4.0][usize::from(bytes == 1024)],
        );
        section.target(
            "evaluations a minute on two threads",
            &format!("≥ {wanted} M"),
            &format!("{:.1} M", rate / 1e6),
            rate >= wanted * 1e6,
        );
        sections.push(section);
    }
    Ok(sections)
}

/// Evaluations a minute by two threads, the median of the rounds.
fn rate(plan: Plan, work: impl Fn() -> usize + Sync) -> f64 {
    let slice = plan.slice * 8;
    let mut rates: Vec<f64> = (0..plan.rounds).map(|_| round(slice, &work)).collect();
    quantile(&mut rates, 0.5)
}

fn round(slice: Duration, work: &(impl Fn() -> usize + Sync)) -> f64 {
    let barrier = Barrier::new(2);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    let begun = Instant::now();
                    let mut count = 0.0;
                    while begun.elapsed() < slice {
                        for _ in 0..16 {
                            std::hint::black_box(work());
                        }
                        count += 16.0;
                    }
                    count * 60.0 / begun.elapsed().as_secs_f64()
                })
            })
            .collect();
        let rates = workers.into_iter().map(|worker| worker.join());
        rates.map(|rate| rate.expect("no worker panics")).sum()
    })
}
