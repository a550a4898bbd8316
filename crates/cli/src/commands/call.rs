//! `wardian call`: any function of any module.
//!
//! - **in**: a module, a function, values or named arguments, limits: text
//! - **out**: one call with typed arguments; then its answer as text, JSON or a file
//! - **never**: a pointer, a limit that is not there, a grant

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use wardian_sandbox::Usage as Bill;

use crate::exit::Usage;
use crate::guest::{How, Ready};
use crate::interrupt::Interrupt;
use crate::json;
use crate::output::{self, Target};
use crate::settings::Settings;
use crate::show;

/// Call a function of a module, in fresh memory and within limits.
#[derive(Debug, Args)]
#[command(after_help = "\
The ABI is found from the module where `--abi` does not say it: `guard` for `eval` of a
guard, `service` for a function that takes and gives packed bytes, else `raw`.

  service   --arg name=value: what reads as JSON is that value, anything else is text; --arg name=@file is bytes
            (`@-` is standard input, `@@x` the text `@x`)
  guard     the context as JSON, whole or by --arg; prints `pass`, `block` and the reason
  raw       values by the function's own signature: 3, 0xff, i64:3, f64:2.5; for a component text, or JSON;
            a single `@file` for a function of packed bytes

An answer of bytes goes to `-o FILE`, or to standard output if that is no terminal. With
`-o`, the one member of an answer that is bytes is written; text as text; everything else as
JSON.

Examples:
  wardian call adder.wat add 2 40
  wardian call image resize --arg image=@photo.jpg --arg width=800 -o small.jpg
  wardian call filter.wasm apply --arg text=hello --limit memory=16MiB,deadline=250ms,fuel=50M --json
  wardian call guard.wasm eval '{\"amount\": 10}'
  wardian call adder add 1 2        (called before: known by its name)")]
pub(crate) struct CallArgs {
    /// A `.wasm` or `.wat` file, `-`, or the name of an embedded or cached module
    pub(crate) module: OsString,
    /// The function; `interface#function` in a component
    pub(crate) function: String,
    /// Values for `raw`, the context for `guard`
    #[arg(value_name = "VALUE", allow_negative_numbers = true)]
    values: Vec<String>,
    #[command(flatten)]
    pub(crate) how: How,
    /// Answer and bill as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Write the answer to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long)]
    force: bool,
    /// Print the call's bill to standard error
    #[arg(short, long)]
    usage: bool,
}

pub(crate) fn run(
    args: &CallArgs,
    settings: &Settings,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let target = args.output.as_deref().map(Target::of);
    if let Some(target) = &target {
        if args.json && *target == Target::Stdout {
            return Err(
                Usage::new("the answer and JSON cannot both go to standard output")
                    .hint("leave out `-o -`: the JSON has the answer in it")
                    .into(),
            );
        }
        output::check(target, args.force)?;
    }
    let (counted, ready) = Ready::open(
        &args.module,
        &args.function,
        &args.how,
        !args.values.is_empty(),
        settings,
        interrupt,
    )?;
    let request = ready.request(&args.values, &args.how.arguments)?;
    let (said, bill) = ready.call(&counted, request)?;
    drop(counted);
    if args.usage && !settings.quiet {
        output::warn(&show::bill(&bill));
    }
    match &target {
        Some(target) => {
            output::write(target, args.force, &said.file_bytes(), interrupt)?;
            if args.json {
                output::print_json(&report(&ready, &said.json_without_bytes(), &bill))?;
            }
            Ok(())
        }
        None if args.json => output::print_json(&report(&ready, &said.json(), &bill)),
        None => said.print(),
    }
}

fn report(ready: &Ready, result: &serde_json::Value, bill: &Bill) -> serde_json::Value {
    json!({
        "ok": true,
        "module": ready.linked.module().name(),
        "digest": ready.linked.module().digest(),
        "function": ready.function,
        "abi": ready.abi.name(),
        "result": result,
        "usage": json::usage(bill),
    })
}
