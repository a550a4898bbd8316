//! `wardian call`: any function of any module.
//!
//! - **in**: a module, a function, values or named arguments, limits: text
//! - **out**: one call with typed arguments; then its answer as text, JSON or a file
//! - **never**: a pointer, a limit that is not there, a grant

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;
use wardian_abi::{DecodeLimits, Response, Value as AbiValue};
use wardian_sandbox::inspect::{Expected, Item, ItemKind, Kind, ModuleInfo, inspect};
use wardian_sandbox::{
    Answer, Binding, Call, CallError, Contract, Cpu, Host, HostError, Imports, Limits, Linked,
    Usage as Bill, Value,
};

use crate::arguments::{self, Argument};
use crate::component_values;
use crate::core_values;
use crate::counted::{Counted, called};
use crate::exit::{Called, Usage};
use crate::input;
use crate::interrupt::Interrupt;
use crate::json;
use crate::limits::{self, Setting};
use crate::modules::{self, Found};
use crate::output::{self, Target};
use crate::settings::Settings;
use crate::show::{self, quoted};

/// What a guest's answer may consist of; its bytes are limited by `--limit output`.
const ANSWER: DecodeLimits = DecodeLimits {
    depth_max: 64,
    values_max: 1_000_000,
};

/// Call a function of a module, in fresh memory and within limits.
#[derive(Debug, Args)]
#[command(after_help = "\
The ABI is found from the module where `--abi` does not say it: `guard` for `eval` of a guard, `service` for a function
that takes and gives packed bytes, else `raw`.

  service   --arg name=value: what reads as JSON is that value, anything else is text; --arg name=@file is bytes
            (`@-` is standard input, `@@x` the text `@x`)
  guard     the context as JSON, whole or by --arg; prints `pass`, `block` and the reason
  raw       values by the function's own signature: 3, 0xff, i64:3, f64:2.5; for a component text, or JSON;
            a single `@file` for a function of packed bytes

An answer of bytes goes to `-o FILE`, or to standard output if that is no terminal. With `-o`, the one member of an
answer that is bytes is written; text as text; everything else as JSON.

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

/// What calls of any kind are told.
#[derive(Debug, Args)]
pub(crate) struct How {
    /// A named argument, or a file's bytes as one
    #[arg(long = "arg", value_name = "NAME=VALUE|@FILE", value_parser = arguments::parse)]
    pub(crate) arguments: Vec<Argument>,
    /// How arguments and answers cross
    #[arg(
        long,
        value_enum,
        hide_possible_values = true,
        value_name = "service|guard|raw"
    )]
    pub(crate) abi: Option<Abi>,
    /// Limits, such as fuel=10M,memory=16MiB,deadline=2s,table=…,input=…,output=…,host-calls=…,log=…
    #[arg(long = "limit", value_name = "KEY=VALUE,…", value_delimiter = ',', value_parser = limits::parse)]
    pub(crate) limits: Vec<Setting>,
    /// What limits the processor: counted fuel, or the deadline alone
    #[arg(
        long,
        value_enum,
        hide_possible_values = true,
        value_name = "fuel|time",
        default_value = "fuel"
    )]
    pub(crate) meter: Meter,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Abi {
    Service,
    Guard,
    Raw,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Meter {
    Fuel,
    Time,
}

/// A module that is ready for one function to be called.
pub(crate) struct Ready {
    pub(crate) linked: Linked<()>,
    pub(crate) abi: Abi,
    pub(crate) function: String,
    pub(crate) info: ModuleInfo,
    signature: String,
}

/// What goes in, made once for any number of calls.
#[derive(Clone)]
pub(crate) enum Request {
    Bytes(bytes::Bytes),
    Values(Vec<Value>),
}

/// What a guest answered, by its ABI.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Said {
    Value(AbiValue<'static>),
    Verdict { ok: bool, reason: Option<String> },
    Values(Vec<Value>),
    Bytes(bytes::Bytes),
}

pub(crate) fn run(
    args: &CallArgs,
    settings: &Settings,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let target = args.output.as_deref().map(Target::of);
    if let Some(target) = &target {
        output::check(target, args.force)?;
    }
    let found = modules::find(&args.module, settings)?;
    let limits = limits::apply(found.limits(), &args.how.limits)?;
    let ready = |counted: &Counted| {
        Ready::make(
            &found,
            &args.function,
            &args.how,
            !args.values.is_empty(),
            &limits,
            counted,
        )
    };
    let counted = Counted::open(settings, &limits, interrupt)?;
    let ready = ready(&counted)?;
    let request = ready.request(&args.values, &args.how.arguments)?;
    let (said, bill) = ready.call(&counted, request)?;
    drop(counted);
    if args.usage && !settings.quiet {
        output::warn(&show::bill(&bill));
    }
    match &target {
        Some(target) => {
            output::write(target, args.force, &said.file_bytes(), interrupt)?;
            if args.json && *target != Target::Stdout {
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

impl Abi {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Abi::Service => "service",
            Abi::Guard => "guard",
            Abi::Raw => "raw",
        }
    }

    /// From what the module exports and what the command line gives.
    fn of(info: &ModuleInfo, function: &str, has_values: bool) -> Abi {
        let report = |wanted| {
            info.contracts
                .iter()
                .find(|report| report.contract == wanted && report.satisfied)
        };
        if function == "eval" && report(Expected::Guard).is_some() {
            return Abi::Guard;
        }
        let callable = report(Expected::Service)
            .is_some_and(|report| report.callable.items.iter().any(|f| f == function));
        if callable && !has_values {
            Abi::Service
        } else {
            Abi::Raw
        }
    }

    fn contract(self, function: &str) -> Contract {
        match self {
            Abi::Service => Contract::service(&[function]),
            Abi::Guard => Contract::guard(),
            Abi::Raw => Contract::raw(),
        }
    }
}

impl Ready {
    /// Loads and links; what is wrong with the command line is found before anything is compiled.
    pub(crate) fn make(
        found: &Found,
        function: &str,
        how: &How,
        has_values: bool,
        limits: &Limits,
        counted: &Counted,
    ) -> anyhow::Result<Ready> {
        let info = inspect(&found.wasm)?;
        let signature = signature(&info, function)?;
        let abi = how
            .abi
            .unwrap_or_else(|| Abi::of(&info, function, has_values));
        if abi == Abi::Raw && !how.arguments.is_empty() {
            return Err(Usage::new(
                "`--arg` is for services and guards; this function is called raw",
            )
            .hint(format!(
                "give its values in order; its signature is {signature}"
            ))
            .into());
        }
        let cpu = match (how.meter, found.cpu(), limits.fuel) {
            (Meter::Time, ..) => Cpu::Time,
            (Meter::Fuel, _, Some(fuel)) => Cpu::Fuel(fuel),
            (Meter::Fuel, cpu, None) => cpu,
        };
        if cpu == Cpu::Time && limits.fuel.is_some() {
            return Err(Usage::new("`--limit fuel` and `--meter time` exclude each other").into());
        }
        let module = counted.load(found, cpu)?;
        let mut binding = Binding::with_imports(abi.contract(function), imports());
        binding.limits = Some(limits.clone());
        let linked = module.link(&binding)?;
        Ok(Ready {
            linked,
            abi,
            function: function.into(),
            info,
            signature,
        })
    }

    /// Reads values, arguments and files.
    pub(crate) fn request(
        &self,
        values: &[String],
        arguments: &[Argument],
    ) -> anyhow::Result<Request> {
        match self.abi {
            Abi::Service => {
                if !values.is_empty() {
                    return Err(Usage::new("a service takes named arguments")
                        .hint("write `--arg name=value`")
                        .into());
                }
                Ok(Request::Bytes(
                    arguments::service(arguments)?.encode()?.into(),
                ))
            }
            Abi::Guard => match values {
                [] | [_] => {
                    let context = values.first().map(String::as_str);
                    Ok(Request::Bytes(arguments::guard(context, arguments)?.into()))
                }
                _ => Err(Usage::new("a guard takes one context")
                    .hint("quote it as one argument")
                    .into()),
            },
            Abi::Raw => self.raw(values),
        }
    }

    fn raw(&self, values: &[String]) -> anyhow::Result<Request> {
        if let [one] = values
            && let Some(path) = one.strip_prefix('@')
            && self.signature == "(i32, i32) -> i64"
        {
            return Ok(Request::Bytes(
                input::read(path.as_ref(), input::BYTES_MAX)?.into(),
            ));
        }
        let values = match self.info.kind {
            Kind::Core => core_values::parse_all(&self.function, &self.signature, values)?,
            Kind::Component => {
                let names = component_values::names(&self.info);
                component_values::parse_all(&self.function, &self.signature, values, &names)?
            }
        };
        Ok(Request::Values(values))
    }

    /// Calls once.
    pub(crate) fn call(&self, counted: &Counted, request: Request) -> anyhow::Result<(Said, Bill)> {
        let call = match request {
            Request::Bytes(bytes) => Call::bytes(self.function.clone(), bytes),
            Request::Values(values) => Call::values(self.function.clone(), values),
        };
        let outcome = counted.call(&self.linked, call);
        let bill = outcome.usage;
        let answer = called(&self.linked, &self.function, outcome)?;
        let said = self.said(answer).map_err(|error| Called {
            module: self.linked.module().name().into(),
            function: show::quoted(&self.function).trim_matches('`').into(),
            error,
            bill: Box::new(bill),
        })?;
        Ok((said, bill))
    }

    fn said(&self, answer: Answer) -> Result<Said, CallError> {
        let bytes = match answer {
            Answer::Values(values) => return Ok(Said::Values(values)),
            Answer::Bytes(bytes) => bytes,
        };
        match self.abi {
            Abi::Raw => Ok(Said::Bytes(bytes)),
            Abi::Service => match Response::decode(&bytes, &ANSWER) {
                Ok(Response::Ok(value)) => Ok(Said::Value(value.into_owned())),
                Ok(Response::Err(error)) => Err(CallError::Guest {
                    code: clean(&error.code),
                    message: clean(&error.message),
                }),
                Err(error) => Err(CallError::Contract(error.to_string())),
            },
            Abi::Guard => verdict(&bytes),
        }
    }
}

fn clean(text: &str) -> String {
    wardian_sandbox::text::clean(text.as_bytes(), 2_000)
}

/// `{"ok": bool, "reason"?: text}`; a missing or null `ok` is false, other members are ignored.
fn verdict(bytes: &[u8]) -> Result<Said, CallError> {
    let broken = |what: String| CallError::Contract(clean(&what));
    let answer: serde_json::Value = serde_json::from_slice(bytes)
        .map_err(|error| broken(format!("the verdict is not JSON: {error}")))?;
    let members = answer
        .as_object()
        .ok_or_else(|| broken("the verdict is no object".into()))?;
    let ok = match members.get("ok") {
        None | Some(serde_json::Value::Null) => false,
        Some(serde_json::Value::Bool(ok)) => *ok,
        Some(_) => {
            return Err(broken(
                "`ok` of the verdict is neither true nor false".into(),
            ));
        }
    };
    let reason = match members.get("reason") {
        None | Some(serde_json::Value::Null) => None,
        Some(serde_json::Value::String(reason)) => Some(reason.clone()),
        Some(_) => return Err(broken("`reason` of the verdict is no text".into())),
    };
    Ok(Said::Verdict { ok, reason })
}

/// What every module may import here: a way to say that it panicked. Nothing needs a grant, and nothing is granted.
fn imports() -> Imports<()> {
    Imports::new().define_sync(
        "wardian",
        "panic",
        None,
        |host: &mut Host<'_, ()>, (ptr, len): (i32, i32)| {
            let words = host.read(ptr, len)?;
            Err::<(), _>(HostError::panic(words))
        },
    )
}

/// The signature of a function, or an error that lists what there is.
fn signature(info: &ModuleInfo, function: &str) -> anyhow::Result<String> {
    let wanted = show::quoted(function);
    let (outer, inner) = match function
        .rsplit_once('#')
        .filter(|_| info.kind == Kind::Component)
    {
        Some((outer, inner)) => (Some(outer), inner),
        None => (None, function),
    };
    let is_it = |item: &&Item| item.kind == ItemKind::Function && item.name == inner;
    let found = match outer {
        None => info.exports.items.iter().find(is_it),
        Some(outer) => {
            let interface = info.exports.items.iter().find(|item| item.name == outer);
            interface.and_then(|interface| interface.members.items.iter().find(is_it))
        }
    };
    if let Some(item) = found {
        return Ok(item.signature.clone());
    }
    // Lists are cut, and names are shown clean: a function may be there although it is not in the list.
    if info.exports.more > 0 {
        return Ok(String::new());
    }
    let known = functions(info);
    let hint = if known.is_empty() {
        "it exports no function".into()
    } else {
        format!("it exports {}", known.join(", "))
    };
    Err(Usage::new(format!("the module has no function {wanted}"))
        .hint(hint)
        .into())
}

/// The names of a module's functions, as they are called, at most twenty.
fn functions(info: &ModuleInfo) -> Vec<String> {
    let of_interface = |outer: &Item| {
        let functions = outer
            .members
            .items
            .iter()
            .filter(|item| item.kind == ItemKind::Function);
        functions
            .map(|item| quoted(&format!("{}#{}", outer.name, item.name)))
            .collect::<Vec<_>>()
    };
    let names = info.exports.items.iter().flat_map(|item| match item.kind {
        ItemKind::Function => vec![quoted(&item.name)],
        ItemKind::Interface => of_interface(item),
        _ => Vec::new(),
    });
    names.take(20).collect()
}

impl Said {
    pub(crate) fn json(&self) -> serde_json::Value {
        match self {
            Said::Value(value) => json::of_abi(value),
            Said::Verdict { ok, reason } => json!({ "ok": ok, "reason": reason }),
            Said::Values(values) => values.iter().map(json::of_value).collect(),
            Said::Bytes(bytes) => json::bytes(bytes),
        }
    }

    /// For a report beside a file that holds the bytes.
    fn json_without_bytes(&self) -> serde_json::Value {
        let mut json = self.json();
        let members = json
            .as_object_mut()
            .into_iter()
            .flat_map(|object| object.values_mut());
        for member in members {
            if let Some(inner) = member.as_object_mut() {
                inner.remove("base64");
            }
        }
        if let Some(object) = json.as_object_mut() {
            object.remove("base64");
        }
        json
    }

    /// What `-o` writes.
    fn file_bytes(&self) -> Vec<u8> {
        match self {
            Said::Bytes(bytes) => bytes.to_vec(),
            Said::Value(AbiValue::Bin(bytes)) => bytes.to_vec(),
            Said::Value(AbiValue::Str(text)) => text.as_bytes().to_vec(),
            Said::Value(AbiValue::Map(members)) => {
                let mut all = members.iter().filter_map(|(_, value)| value.as_bytes());
                match (all.next(), all.next()) {
                    (Some(bytes), None) => bytes.to_vec(),
                    _ => self.json_bytes(),
                }
            }
            _ => self.json_bytes(),
        }
    }

    fn json_bytes(&self) -> Vec<u8> {
        (json::pretty(&self.json()) + "\n").into_bytes()
    }

    /// For a person, or a pipe.
    fn print(&self) -> anyhow::Result<()> {
        match self {
            Said::Bytes(bytes) => print_bytes(bytes),
            Said::Value(AbiValue::Bin(bytes)) => print_bytes(bytes),
            Said::Value(AbiValue::Str(text)) => output::print_foreign(text),
            Said::Value(value) => output::print_json(&json::of_abi(value)),
            Said::Verdict { ok: true, .. } => output::print("pass\n"),
            Said::Verdict {
                ok: false,
                reason: None,
            } => output::print("block\n"),
            Said::Verdict {
                ok: false,
                reason: Some(reason),
            } => output::print(&format!("block: {}\n", clean(reason))),
            Said::Values(values) => {
                let lines: String = values.iter().map(|value| line(value) + "\n").collect();
                output::print(&lines)
            }
        }
    }
}

fn print_bytes(bytes: &[u8]) -> anyhow::Result<()> {
    if output::is_terminal() {
        return Err(Usage::new(format!(
            "the answer is {}, and standard output is a terminal",
            show::bytes(bytes.len() as u64)
        ))
        .hint("write it to a file with `-o FILE`, or to the terminal with `-o -`")
        .into());
    }
    output::print_bytes(bytes)
}

/// Text as text, everything else as JSON on one line.
fn line(value: &Value) -> String {
    match json::of_value(value) {
        serde_json::Value::String(text) => clean(&text),
        other => clean(&other.to_string()),
    }
}
