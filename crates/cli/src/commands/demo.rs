//! `wardian demo`: real pictures through the sandbox, several at once, documents and a workbook, then a few guests that mean
//! no good; for each call what it cost.

mod documents;
mod hostile;
mod pictures;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;
use wardian_sandbox::{Limits, Usage as Bill};

use crate::counted::Counted;
use crate::exit::Failure;
use crate::interrupt::Interrupt;
use crate::json;
use crate::output;
use crate::settings::Settings;
use crate::show::{self, quoted_path};
use crate::table::{Align, Table};

/// Work on real pictures, documents and a workbook, a few hostile guests, and what each call cost.
#[derive(Debug, Args)]
#[command(after_help = "\
Every file is read and every result written by a guest that can do nothing else, in memory of
its own. Columns: wall time, fuel (instructions, roughly), peak of the guest's memory, bytes in
and out. Pictures are worked on several at once.

Examples:
  wardian demo
  wardian demo --out-dir /tmp/made
  wardian demo --json | jq '.calls[] | select(.usage.wall_us > 100000)'")]
pub(crate) struct DemoArgs {
    /// Where the results go [default: `target/demo` of the checkout, else `wardian-demo`]
    #[arg(long, value_name = "DIR")]
    out_dir: Option<PathBuf>,
    /// Wardian's `examples`, or a copy of that folder
    #[arg(long, value_name = "DIR", default_value = EXAMPLES, hide_default_value = true)]
    examples: PathBuf,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// A call that ended well.
#[derive(Debug)]
struct Done {
    function: &'static str,
    source: String,
    result: String,
    /// The file that was written, if the result is one.
    file: Option<String>,
    usage: Bill,
}

/// Of the checkout that this program was built from.
const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");
const CHECKOUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

pub(crate) fn run(
    args: &DemoArgs,
    settings: &Settings,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let examples = existing(&args.examples)?;
    let out = args.out_dir.clone().unwrap_or_else(default_out);
    std::fs::create_dir_all(&out).map_err(|error| {
        Failure::new(format!(
            "cannot make the folder {}: {error}",
            quoted_path(&out)
        ))
        .hint("choose another one with `--out-dir`")
    })?;
    let out = out.canonicalize().unwrap_or(out);
    let counted = Counted::open(settings, &Limits::default(), interrupt)?;
    let begun = Instant::now();
    let done = pictures::run(&counted, &examples.join("data"), &out, interrupt)?;
    let took = begun.elapsed();
    let more = documents::run(&counted, &examples, &out, interrupt)?;
    let attacks = hostile::run(&counted)?;
    if args.json {
        return output::print_json(&report(&out, &done, &more, &attacks));
    }
    let sum: Duration = done.calls.iter().map(|call| call.usage.wall).sum();
    output::print(&format!(
        "{}\n{} calls in {} ({} one after the other), {} threads. The guest was ready after {}.\n\n{}\n{}\nResults are in {}\n\n{}",
        calls_table(&done.calls),
        done.calls.len(),
        show::duration(took),
        show::duration(sum),
        done.threads,
        show::duration(done.ready),
        calls_table(&more.calls),
        ready_text(&more.ready),
        show::path(&out),
        hostile_text(&attacks),
    ))
}

fn existing(examples: &Path) -> anyhow::Result<PathBuf> {
    examples.canonicalize().map_err(|error| {
        Failure::new(format!("the examples are not at {}: {error}", quoted_path(examples)))
            .hint("they are the folder `examples` of Wardian's source: name it, or a copy, with `--examples`")
            .into()
    })
}

/// An ignored place in the checkout; beside the person where there is none.
fn default_out() -> PathBuf {
    let checkout = Path::new(CHECKOUT);
    if checkout.join("Cargo.toml").is_file() {
        return checkout.join("target/demo");
    }
    PathBuf::from("wardian-demo")
}

/// `The pdf guest was ready after 84 ms, the sheet guest after 9 ms.`
fn ready_text(ready: &[(&str, Duration)]) -> String {
    let all: Vec<String> = ready
        .iter()
        .map(|(name, after)| {
            format!(
                "the {name} guest was ready after {}",
                show::duration(*after)
            )
        })
        .collect();
    let text = all.join(", ");
    format!("T{}.", text.get(1..).unwrap_or_default())
}

fn calls_table(calls: &[Done]) -> String {
    let columns = [
        ("call", Align::Left),
        ("source", Align::Left),
        ("result", Align::Left),
        ("wall", Align::Right),
        ("fuel", Align::Right),
        ("peak", Align::Right),
        ("in", Align::Right),
        ("out", Align::Right),
    ];
    let mut table = Table::new(&columns);
    for call in calls {
        let usage = &call.usage;
        table.row([
            call.function.into(),
            call.source.clone(),
            call.result.clone(),
            show::duration(usage.wall),
            usage.fuel.map(show::count).unwrap_or_default(),
            show::bytes(usage.memory_peak_bytes),
            show::bytes(usage.bytes_in),
            show::bytes(usage.bytes_out),
        ]);
    }
    table.render()
}

fn hostile_text(attacks: &[hostile::Attack]) -> String {
    let mut table = Table::new(&[
        ("a guest that", Align::Left),
        ("ended after", Align::Right),
        ("as", Align::Left),
    ]);
    for attack in attacks {
        table.row([
            attack.what.into(),
            show::duration(attack.usage.wall),
            attack.ending.clone(),
        ]);
    }
    table.render()
}

fn report(
    out: &Path,
    done: &pictures::All,
    more: &documents::All,
    attacks: &[hostile::Attack],
) -> serde_json::Value {
    let calls: Vec<_> = done
        .calls
        .iter()
        .chain(&more.calls)
        .map(|call| {
            json!({
                "function": call.function,
                "source": call.source,
                "result": call.result,
                "file": call.file,
                "usage": json::usage(&call.usage),
            })
        })
        .collect();
    let attacks: Vec<_> = attacks
        .iter()
        .map(|attack| json!({ "what": attack.what, "code": attack.code, "ending": attack.ending, "usage": json::usage(&attack.usage) }))
        .collect();
    json!({ "ok": true, "out_dir": out.to_string_lossy(), "calls": calls, "hostile": attacks })
}
