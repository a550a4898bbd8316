//! `wardian policy bench`: how long a check takes on this machine, and how much fuel.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;
use wardian_policy::{Decision, Input};
use wardian_sandbox::text::clean_lines;

use super::checkers::{Choice, Opened, TEXT_BYTES_MAX};
use crate::exit::{Interrupted, Usage};
use crate::input;
use crate::interrupt::Interrupt;
use crate::output;
use crate::progress::Bar;
use crate::settings::Settings;
use crate::show;

/// Checks between two looks at the bar.
const STRIDE: usize = 500;

/// Measure how long a check takes.
#[derive(Debug, Args)]
#[command(after_help = "\
One thread asks the same question again and again, each time in pristine memory. A cache of
answers, which a host may have for a pure policy, is not measured.

Examples:
  wardian policy bench --policy shop.wasm --input question.json
  wardian policy bench --policy shop.json --input question.json --calls 100000 --json")]
pub(super) struct BenchArgs {
    /// A policy document, `.json`, or an artifact
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// The question, as JSON, or `-`
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// Who answers: the rules of this program, the box, the box as OPA has it, or as the policy is
    #[arg(
        long,
        value_enum,
        default_value = "auto",
        hide_possible_values = true,
        value_name = "auto|local|wasm|opa"
    )]
    checker: Choice,
    /// How often it is asked
    #[arg(long, value_name = "N", default_value_t = 10_000,
        value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    calls: u32,
    /// As JSON
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) fn run(
    args: &BenchArgs,
    settings: &Settings,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let opened = Opened::open(&args.policy, args.checker, settings, interrupt)?;
    let text = input::read(&args.input, TEXT_BYTES_MAX)?;
    let question = Input::from_json(&text).map_err(|problems| {
        let text = format!("not a question: {problems}");
        Usage::new(clean_lines(text.as_bytes(), 8_000))
    })?;
    let checker = opened.who.checker();
    // Whatever is only done once is done by this.
    let decision = checker.check_blocking(&question);
    let fuel = opened.who.fuel(&question);
    let calls = usize::try_from(args.calls).unwrap_or(usize::MAX);
    let mut took = Vec::with_capacity(calls);
    let mut has_changed = false;
    let mut bar = Bar::counting("checks", calls, settings.quiet);
    for done in 0..calls {
        let begun = Instant::now();
        let said = checker.check_blocking(&question);
        took.push(begun.elapsed());
        if interrupt.hit() {
            return Err(Interrupted.into());
        }
        if said != decision && !has_changed {
            has_changed = true;
            changed(&decision, &said);
        }
        if done.is_multiple_of(STRIDE) {
            bar.at(done, 0);
        }
    }
    bar.clear();
    took.sort_unstable();
    tell(args, &decision, fuel, &took)
}

/// Times of two kinds of answers would be no measurement.
fn changed(first: &Decision, said: &Decision) {
    let (first, said) = (first.to_json(), said.to_json());
    tracing::warn!("the answer changed from {first} to {said}");
}

/// The time that so many of a hundred are not above.
fn percentile(sorted: &[Duration], of_hundred: usize) -> Duration {
    let at = (sorted.len() * of_hundred).div_ceil(100).saturating_sub(1);
    sorted.get(at).copied().unwrap_or_default()
}

fn tell(
    args: &BenchArgs,
    decision: &Decision,
    fuel: Option<u64>,
    took: &[Duration],
) -> anyhow::Result<()> {
    let micros = |of_hundred| percentile(took, of_hundred).as_nanos() as f64 / 1e3;
    let (median, p90, p99) = (micros(50), micros(90), micros(99));
    let calls = took.len() as u64;
    if args.json {
        let decision: serde_json::Value = serde_json::from_str(&decision.to_json())?;
        return output::print_json(&json!({
            "decision": decision,
            "calls": calls,
            "median_us": median,
            "p90_us": p90,
            "p99_us": p99,
            "fuel": fuel,
        }));
    }
    let fuel = fuel.map_or_else(|| "not counted".into(), show::count);
    output::print(&format!(
        "{}\nchecks  {}\nmedian  {median:.2} µs\np90     {p90:.2} µs\np99     {p99:.2} µs\nfuel    {fuel}\n",
        decision.to_json(),
        show::count(calls),
    ))
}
