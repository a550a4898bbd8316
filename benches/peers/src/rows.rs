//! The rows of the table, by the names that `--only` takes.

use anyhow::Result;

use crate::method::Plan;
use crate::report::Section;

mod calls;
mod cancel;
mod checks;
mod cold;
mod compute;
mod deadline;
mod guard;
mod machines;
mod memory;
mod pdf;
mod pdf_cold;
mod photos;
mod picture;
mod policy;
mod scaling;
mod sheet;
mod soak;
mod timers;
mod warm;

pub type Row = fn(Plan) -> Result<Vec<Section>>;

pub const ROWS: &[(&str, &str, Row)] = &[
    ("tiny", "pristine call of a tiny module", calls::tiny),
    (
        "big",
        "pristine call, 1 KiB of JSON, guest of 3 MB",
        calls::big,
    ),
    ("small", "the same with a small Rust guest", calls::small),
    (
        "warm",
        "warm empty call through the public API",
        warm::empty,
    ),
    ("raw", "raw bytes in and out, warm", warm::raw),
    (
        "picture",
        "decode, resize and encode a 12-megapixel JPEG",
        picture::resize,
    ),
    (
        "machine",
        "a step of a state machine, beside XState",
        machines::steps,
    ),
    ("guard", "a guard's verdict, beside native", guard::evaluate),
    (
        "policy",
        "a decision of the built-in rules, beside Cedar and regorus",
        policy::rules,
    ),
    (
        "rego",
        "a hundred rules of Rego, natively, in the box and compiled by OPA",
        policy::rego,
    ),
    (
        "photos",
        "200 photographs, on one core and on two",
        photos::two_cores,
    ),
    (
        "pdf",
        "an invoice and a report of more than twenty pages",
        pdf::render,
    ),
    (
        "pdf-first",
        "the first PDF of a fresh process",
        pdf_cold::first,
    ),
    (
        "sheet",
        "read a workbook of 5 MB and look at every cell",
        sheet::parse,
    ),
    (
        "scaling",
        "pristine calls on two threads",
        scaling::two_threads,
    ),
    (
        "memory",
        "private memory of 1,000 live instances",
        memory::live,
    ),
    (
        "deadline",
        "how late a deadline ends a guest",
        deadline::overrun,
    ),
    ("cancel", "how soon a cancelled guest is gone", cancel::soon),
    (
        "cold",
        "a cached 3 MB module to its first answer",
        cold::start,
    ),
    (
        "soak",
        "a million calls, hostile ones among them",
        soak::soak,
    ),
    ("nan", "cost of canonical NaNs", compute::nan),
    ("metering", "cost of fuel and epochs", compute::metering),
    (
        "checks",
        "what was tried to make checks cheaper",
        checks::tried,
    ),
    (
        "timers",
        "what spinning guests do to their caller's runtime",
        timers::held_up,
    ),
];

/// What a child process of ours is asked for: some figures need a process of their own.
pub fn child(args: &[String]) -> Result<()> {
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["memory", guest] => memory::child(guest),
        ["cold", dir, part] => cold::child(dir, part),
        ["pdf-first", dir, part] => pdf_cold::child(dir, part),
        _ => anyhow::bail!("no such child: {args:?}"),
    }
}
