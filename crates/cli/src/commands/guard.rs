//! `wardian guard eval`: one evaluation of a guard, what it said, and what it cost.
//!
//! - **in**: a module, a context, what goes with it, limits: text
//! - **out**: the response as it came, the verdict, the bill; an exit code that says the verdict
//! - **never**: exit code 0 for anything but a pass

use std::ffi::OsString;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use wardian_guard::{Answered, GuardError, GuardModule};
use wardian_machine::{Event, Question, Wanted};
use wardian_sandbox::text::clean;
use wardian_sandbox::{Call, Cpu, Limits, Outcome};

use crate::arguments;
use crate::counted::{Counted, called};
use crate::exit::{NoVerdict, Said, Usage};
use crate::interrupt::Interrupt;
use crate::json;
use crate::limits::{self, Setting};
use crate::modules::{self, Found};
use crate::output;
use crate::settings::Settings;
use crate::show;

/// Evaluate guards of state machines.
#[derive(Debug, Args)]
pub(crate) struct GuardArgs {
    #[command(subcommand)]
    command: GuardCommand,
}

#[derive(Debug, Subcommand)]
enum GuardCommand {
    /// Evaluate a guard once: exit code 0 passes, 1 blocks, 3 is no verdict
    Eval(EvalArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Exit code 0 is a pass, 1 a clean no, 3 an error: whatever went wrong, it is never 0.
The event, the params and the name reach guards that ask for them in their custom section
`wardian:guard`.

Examples:
  wardian guard eval approved.wasm --context '{\"status\": \"paid\", \"total\": 50}'
  wardian guard eval approved.wasm --context @order.json --params '{\"least\": 40}' --json
  wardian guard eval approved.wat --context @- --event '{\"type\": \"pay\", \"by\": \"ann\"}' < order.json")]
struct EvalArgs {
    /// A `.wasm` or `.wat` file, `-`, or the name of a cached module
    module: OsString,
    /// The context, as JSON or from a file
    #[arg(long, value_name = "JSON|@FILE", default_value = "{}")]
    context: String,
    /// What the document would add
    #[arg(long, value_name = "JSON|@FILE")]
    params: Option<String>,
    /// The event, by its name or as JSON with a `type`
    #[arg(long, value_name = "NAME|JSON|@FILE")]
    event: Option<String>,
    /// The name that the guard is bound to
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Limits, such as deadline=10ms,fuel=50M,memory=8MiB
    #[arg(long = "limit", value_name = "KEY=VALUE,…", value_delimiter = ',', value_parser = limits::parse)]
    limits: Vec<Setting>,
    /// Response, verdict and bill as JSON
    #[arg(long)]
    json: bool,
}

impl GuardArgs {
    /// Whether errors are wanted as JSON too.
    pub(crate) fn wants_json(&self) -> bool {
        let GuardCommand::Eval(args) = &self.command;
        args.json
    }
}

pub(crate) fn run(
    args: &GuardArgs,
    settings: &Settings,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let GuardCommand::Eval(args) = &args.command;
    // Before anything runs, so that a mistake of the command line is told as one.
    let parts = Parts::read(args)?;
    eval(args, &parts, settings, interrupt).map_err(|error| {
        let says_itself = error.is::<Said>() || error.is::<Usage>();
        match says_itself {
            true => error,
            false => NoVerdict(error).into(),
        }
    })
}

/// What a request may consist of.
struct Parts {
    context: Value,
    params: Value,
    event: Event,
}

impl Parts {
    fn read(args: &EvalArgs) -> anyhow::Result<Parts> {
        let params = args.params.as_deref();
        Ok(Parts {
            context: arguments::json("the context", &args.context)?,
            params: params
                .map(|params| arguments::json("the params", params))
                .transpose()?
                .unwrap_or_default(),
            event: match args.event.as_deref() {
                Some(event) => arguments::event(event)?,
                None => Event::new("eval"),
            },
        })
    }

    fn request(&self, args: &EvalArgs, guard: &GuardModule) -> anyhow::Result<Vec<u8>> {
        Ok(guard.request(&Question {
            name: args.name.as_deref().unwrap_or(guard.name()),
            wanted: Wanted::Verdict,
            params: &self.params,
            context: &self.context,
            event: &self.event,
            time_left: guard.limits().deadline,
        })?)
    }
}

/// Loads a guard for machines and for this command.
pub(crate) fn load(
    found: &Found,
    limits: &Limits,
    counted: &Counted,
) -> anyhow::Result<GuardModule> {
    let cpu = limits.fuel.map_or_else(Cpu::default, Cpu::Fuel);
    let module = counted.load(found, cpu)?;
    let guard = GuardModule::of(&module, &found.wasm).map_err(unlinked)?;
    Ok(guard.with_limits(limits.clone()))
}

/// The cause has a code of its own.
fn unlinked(error: GuardError) -> anyhow::Error {
    match error {
        GuardError::Link(error) => anyhow::Error::new(wardian_sandbox::LinkError::clone(&error)),
        other => other.into(),
    }
}

/// What a guard may use, with what the command line changes.
pub(crate) fn limits(settings: &[Setting]) -> anyhow::Result<Limits> {
    limits::apply(GuardModule::default_limits(), settings)
}

fn eval(
    args: &EvalArgs,
    parts: &Parts,
    settings: &Settings,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let limits = limits(&args.limits)?;
    let found = modules::find(&args.module, settings)?;
    let counted = Counted::open(settings, &limits, interrupt)?;
    let guard = load(&found, &limits, &counted)?;
    let request = parts.request(args, &guard)?;
    let call = Call::bytes("eval", request).limits(limits);
    let outcome = counted.call(guard.linked(), call);
    drop(counted);
    tell(args, &guard, outcome)
}

fn tell(args: &EvalArgs, guard: &GuardModule, outcome: Outcome) -> anyhow::Result<()> {
    let bill = outcome.usage;
    let answer = called(guard.linked(), "eval", outcome)?;
    let response = clean(answer.bytes(), usize::MAX);
    let verdict = Answered::read(answer.bytes());
    if args.json && verdict.is_err() {
        // What is said of the error is the one document.
    } else if args.json {
        let ok = verdict.as_ref().ok().map(|answered| answered.ok);
        let reason = verdict.as_ref().ok().and_then(|read| read.reason.clone());
        output::print_json(&json!({
            "ok": verdict.is_ok(),
            "module": guard.name(),
            "verdict": match ok { Some(true) => "pass", Some(false) => "block", None => "error" },
            "reason": reason,
            "response": response,
            "usage": json::usage(&bill),
        }))?;
    } else {
        let said = match &verdict {
            Ok(Answered { ok: true, .. }) => "pass".into(),
            Ok(Answered { reason: None, .. }) => "block".into(),
            Ok(Answered {
                reason: Some(reason),
                ..
            }) => format!("block: {reason}"),
            Err(_) => "error".into(),
        };
        output::print(&format!(
            "{said}\nresponse: {response}\ncost: {}\n",
            show::bill(&bill)
        ))?;
    }
    match verdict? {
        Answered { ok: true, .. } => Ok(()),
        Answered { ok: false, .. } => Err(Said.into()),
    }
}
