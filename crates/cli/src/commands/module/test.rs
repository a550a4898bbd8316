//! `wardian module test`: a function called several times on the same input has to end well, answer the same and burn
//! the same fuel every time.

use std::ffi::OsString;
use std::time::Duration;

use clap::Args;
use serde_json::json;
use wardian_sandbox::Usage as Bill;

use crate::answer::Said;
use crate::arguments::Argument;
use crate::exit::{TestFailed, Usage};
use crate::guest::{Abi, How, Ready};
use crate::interrupt::Interrupt;
use crate::json;
use crate::output;
use crate::settings::Settings;
use crate::show;
use crate::table::{Align, Table};

/// Call a function several times and check that it always does the same.
#[derive(Debug, Args)]
#[command(after_help = "\
Checks that each call ends well, that all answers are the same, and that all took the same
fuel: what differs depends on something that was not given to it. `--input FILE` gives the
file's bytes as the argument `input` (`image` for the embedded module of that name),
`--input name=FILE` under another name, and as the context for a guard.

Examples:
  wardian module test image info --input photo.jpg
  wardian module test filter.wasm apply --input text=letter.txt --arg width=80 --runs 20
  wardian module test guard.wasm eval --input context.json --json")]
pub(crate) struct TestArgs {
    /// A `.wasm` or `.wat` file, or the name of an embedded or cached module
    module: OsString,
    /// The function
    function: String,
    /// The file to call it with
    #[arg(long, value_name = "[NAME=]FILE")]
    input: Option<String>,
    /// Values for `raw`
    #[arg(value_name = "VALUE", allow_negative_numbers = true)]
    values: Vec<String>,
    #[command(flatten)]
    how: How,
    /// How often
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=10_000))]
    runs: u32,
    /// Result as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// One check and what came of it.
struct Check {
    name: &'static str,
    passed: bool,
    detail: String,
}

pub(crate) fn run(
    args: &TestArgs,
    settings: &Settings,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let (counted, ready) = Ready::open(
        &args.module,
        &args.function,
        &args.how,
        !args.values.is_empty(),
        settings,
        interrupt,
    )?;
    let (values, arguments) = input(args, &ready)?;
    let request = ready.request(&values, &arguments)?;
    let mut runs: Vec<(Said, Bill)> = Vec::new();
    for _ in 0..args.runs {
        // The first call that does not end well is the result.
        runs.push(ready.call(&counted, request.clone())?);
    }
    drop(counted);
    let checks = checks(&runs);
    let passed = checks.iter().all(|check| check.passed);
    if args.json {
        output::print_json(&report(&ready, &checks, &runs, passed))?;
    } else {
        output::print(&text(&checks, &runs))?;
    }
    if passed {
        Ok(())
    } else {
        Err(TestFailed.into())
    }
}

/// The file joins the other arguments, in the way that the ABI has for it.
fn input(args: &TestArgs, ready: &Ready) -> anyhow::Result<(Vec<String>, Vec<Argument>)> {
    let (mut values, mut arguments) = (args.values.clone(), args.how.arguments.clone());
    let Some(input) = &args.input else {
        return Ok((values, arguments));
    };
    let (name, file) = match input.split_once('=') {
        Some((name, file)) => (Some(name), file),
        None => (None, input.as_str()),
    };
    match ready.abi {
        Abi::Service => {
            let own = if ready.linked.module().name() == "image" {
                "image"
            } else {
                "input"
            };
            let name = name.unwrap_or(own).to_owned();
            arguments.push(Argument {
                name,
                value: format!("@{file}"),
            });
        }
        Abi::Guard if values.is_empty() => values.push(format!("@{input}")),
        Abi::Raw if values.is_empty() => values.push(format!("@{input}")),
        Abi::Guard | Abi::Raw => {
            return Err(Usage::new("`--input` and values exclude each other here").into());
        }
    }
    Ok((values, arguments))
}

fn checks(runs: &[(Said, Bill)]) -> Vec<Check> {
    let answers = changes(runs, |run| &run.0);
    let fuel = changes(runs, |run| &run.1.fuel);
    let memory = changes(runs, |run| &run.1.memory_peak_bytes);
    let detail = |differ: usize, same: String| {
        if differ == 0 {
            same
        } else {
            format!("changed {differ} times")
        }
    };
    let first = runs.first().map(|run| run.1).unwrap_or_default();
    let burnt = first.fuel.map_or_else(
        || "metered by time".into(),
        |fuel| format!("{} each", show::count(fuel)),
    );
    vec![
        Check {
            name: "ends well",
            passed: true,
            detail: format!("{} of {}", runs.len(), runs.len()),
        },
        Check {
            name: "same answer",
            passed: answers == 0,
            detail: detail(answers, "every time".into()),
        },
        Check {
            name: "same fuel",
            passed: fuel == 0,
            detail: detail(fuel, burnt),
        },
        Check {
            name: "same memory",
            passed: memory == 0,
            detail: detail(
                memory,
                format!("{} peak", show::bytes(first.memory_peak_bytes)),
            ),
        },
    ]
}

/// How often something was not what it was in the run before.
fn changes<T: PartialEq>(runs: &[(Said, Bill)], what: impl Fn(&(Said, Bill)) -> &T) -> usize {
    let pairs = runs.windows(2);
    pairs
        .filter(|pair| matches!(pair, [a, b] if what(a) != what(b)))
        .count()
}

/// Fastest, middle, slowest.
fn walls(runs: &[(Said, Bill)]) -> [Duration; 3] {
    let mut walls: Vec<Duration> = runs.iter().map(|run| run.1.wall).collect();
    walls.sort();
    let at = |index: usize| walls.get(index).copied().unwrap_or_default();
    [
        at(0),
        at(walls.len() / 2),
        at(walls.len().saturating_sub(1)),
    ]
}

fn text(checks: &[Check], runs: &[(Said, Bill)]) -> String {
    let mut table = Table::new(&[("check", Align::Left), ("", Align::Left), ("", Align::Left)]);
    for check in checks {
        let word = if check.passed { "ok" } else { "FAILED" };
        table.row([check.name.into(), word.into(), check.detail.clone()]);
    }
    let [fastest, middle, slowest] = walls(runs).map(show::duration);
    format!(
        "{}wall time: {fastest} at best, {middle} in the middle, {slowest} at worst\n",
        table.render()
    )
}

fn report(
    ready: &Ready,
    checks: &[Check],
    runs: &[(Said, Bill)],
    passed: bool,
) -> serde_json::Value {
    let checks: Vec<_> = checks
        .iter()
        .map(|check| json!({ "name": check.name, "passed": check.passed, "detail": check.detail }))
        .collect();
    json!({
        "ok": passed,
        "module": ready.linked.module().name(),
        "function": ready.function,
        "abi": ready.abi.name(),
        "checks": checks,
        "runs": runs.iter().map(|run| json::usage(&run.1)).collect::<Vec<_>>(),
    })
}
