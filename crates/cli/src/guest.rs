//! A guest that is about to be called: its module found, its ABI known, its arguments read.

use std::ffi::OsStr;

use clap::{Args, ValueEnum};
use wardian_sandbox::inspect::{Expected, Item, ItemKind, Kind, ModuleInfo, inspect};
use wardian_sandbox::{
    Binding, Call, Contract, Cpu, Host, HostError, Imports, Limits, Linked, Usage as Bill, Value,
};

use crate::answer::Said;
use crate::arguments::{self, Argument};
use crate::component_values;
use crate::core_values;
use crate::counted::{Counted, called};
use crate::exit::{Called, Usage};
use crate::input;
use crate::interrupt::Interrupt;
use crate::limits::{self, Setting};
use crate::modules::{self, Found};
use crate::settings::Settings;
use crate::show::{self, quoted};

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
    /// Finds the module and makes the sandbox for it; then as [`Ready::make`].
    pub(crate) fn open(
        module: &OsStr,
        function: &str,
        how: &How,
        has_values: bool,
        settings: &Settings,
        interrupt: &Interrupt,
    ) -> anyhow::Result<(Counted, Ready)> {
        let found = modules::find(module, settings)?;
        let limits = limits::apply(found.limits(), &how.limits)?;
        let counted = Counted::open(settings, &limits, interrupt)?;
        let ready = Ready::make(&found, function, how, has_values, &limits, &counted)?;
        Ok((counted, ready))
    }

    /// Loads and links; what is wrong with the command line is found before anything is compiled.
    fn make(
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
        let said = Said::read(self.abi, answer).map_err(|error| Called {
            module: self.linked.module().name().into(),
            function: show::quoted(&self.function).trim_matches('`').into(),
            error,
            bill: Box::new(bill),
        })?;
        Ok((said, bill))
    }
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
