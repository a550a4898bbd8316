//! `wardian machine simulate`: events go in, and after each of them stands where the machine is, what it did, and which
//! guards refused. Time passes only when it is told to.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use wardian_machine::{
    Effect, Ending, Event, Failure, Machine, Provided, Registry, State, Status, Step, Verdict,
};
use wardian_sandbox::text::clean;

use super::Format;
use crate::arguments;
use crate::commands::guard;
use crate::counted::Counted;
use crate::exit::Usage;
use crate::input;
use crate::interrupt::Interrupt;
use crate::limits::Setting;
use crate::modules;
use crate::output;
use crate::settings::Settings;

/// Bytes that a file of events may have.
const EVENTS_BYTES_MAX: u64 = 16 << 20;
/// Delayed events that are due together; a machine that goes on for longer does not come to rest.
const DUE_MAX: usize = 10_000;

#[derive(Debug, Args)]
#[command(after_help = "\
Actions and services are not carried out: they are shown. Say how a service ended with an
event such as {\"type\": \"xstate.done.actor.ID\", \"output\": 1}. An event +1500 lets 1500 ms
pass. A file of events has one in each line.

Examples:
  wardian machine simulate order.json --event pay --guard approved=approved.wasm
  wardian machine simulate order.json --context @order.json -e '{\"type\": \"pay\"}' -e +1000
  wardian machine simulate order.json --events day.ndjson --stub pass --format json")]
pub(crate) struct SimulateArgs {
    /// The machine's document, or `-`
    file: PathBuf,
    /// The context, instead of the document's
    #[arg(long, value_name = "JSON|@FILE")]
    context: Option<String>,
    /// An event: its name, JSON with a `type`, or +MS
    #[arg(short, long = "event", value_name = "NAME|JSON|+MS")]
    events: Vec<String>,
    /// More events, one in each line
    #[arg(long = "events", value_name = "FILE|-")]
    events_file: Option<PathBuf>,
    /// A guard: a module, or pass, block or error
    #[arg(long = "guard", value_name = "NAME=MODULE|pass|block|error")]
    guards: Vec<String>,
    /// An action of a module, which gives effects
    #[arg(long = "action", value_name = "NAME=MODULE")]
    actions: Vec<String>,
    /// An action of a module, which gives a context
    #[arg(long = "assign", value_name = "NAME=MODULE")]
    assigns: Vec<String>,
    /// A named delay in milliseconds
    #[arg(long = "delay", value_name = "NAME=MS")]
    delays: Vec<String>,
    /// What guards say that are not named by --guard
    #[arg(
        long,
        value_enum,
        hide_possible_values = true,
        value_name = "pass|block|error"
    )]
    stub: Option<Stub>,
    /// Limits of an evaluation, such as deadline=10ms,fuel=50M
    #[arg(long = "limit", value_name = "KEY=VALUE,…", value_delimiter = ',', value_parser = crate::limits::parse)]
    limits: Vec<Setting>,
    /// As text, or as a line of JSON after each event
    #[arg(
        long,
        value_enum,
        hide_possible_values = true,
        value_name = "text|json",
        default_value = "text"
    )]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Stub {
    Pass,
    Block,
    Error,
}

impl SimulateArgs {
    pub(crate) fn wants_json(&self) -> bool {
        self.format == Format::Json
    }
}

impl From<Stub> for Verdict {
    fn from(stub: Stub) -> Verdict {
        match stub {
            Stub::Pass => Verdict::Pass,
            Stub::Block => Verdict::Block { reason: None },
            Stub::Error => Verdict::Error(Failure::new("stub", "stubbed as an error")),
        }
    }
}

pub(crate) fn run(
    args: &SimulateArgs,
    settings: &Settings,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let machine = super::read(&args.file)?;
    let events = events(args)?;
    let context = match &args.context {
        Some(context) => arguments::json("the context", context)?,
        None => machine.context().clone(),
    };
    let (registry, counted) = registry(args, &machine, settings, interrupt)?;
    let provided = machine.provide(&registry).map_err(|unbound| {
        Usage::new(unbound.to_string()).hint(
            "bind guards by `--guard name=module.wasm` or `--stub block`, delays by `--delay name=ms`",
        )
    })?;
    let mut player = Player {
        provided,
        now: Duration::ZERO,
        waiting: Vec::new(),
        format: args.format,
    };
    let step = player.provided.start_blocking(context)?;
    let mut state = player.take("(start)", step)?;
    for event in events {
        state = player.play(state, event)?;
    }
    drop(counted);
    Ok(())
}

enum Played {
    Event(Event),
    Pass(Duration),
}

fn events(args: &SimulateArgs) -> anyhow::Result<Vec<Played>> {
    let mut texts = args.events.clone();
    if let Some(file) = &args.events_file {
        let text = String::from_utf8(input::read(file, EVENTS_BYTES_MAX)?)?;
        texts.extend(text.lines().map(str::trim).map(String::from));
    }
    let texts = texts.iter().filter(|text| !text.is_empty());
    texts
        .map(|text| match text.strip_prefix('+') {
            Some(millis) => {
                let millis = millis.parse().map_err(|_| {
                    let shown = clean(text.as_bytes(), 80);
                    Usage::new(format!("`{shown}` is no time: write whole milliseconds"))
                })?;
                Ok(Played::Pass(Duration::from_millis(millis)))
            }
            None => Ok(Played::Event(arguments::event(text)?)),
        })
        .collect()
}

/// A name and what it means.
fn pair(text: &str) -> anyhow::Result<(&str, &str)> {
    let found = text.split_once('=').filter(|(name, _)| !name.is_empty());
    Ok(found.ok_or_else(|| {
        let shown = clean(text.as_bytes(), 80);
        Usage::new(format!("`{shown}` is no binding")).hint("write `name=module.wasm`")
    })?)
}

fn registry(
    args: &SimulateArgs,
    machine: &Machine,
    settings: &Settings,
    interrupt: &Interrupt,
) -> anyhow::Result<(Registry<Value>, Counted)> {
    let limits = guard::limits(&args.limits)?;
    let counted = Counted::open(settings, &limits, interrupt)?;
    let load = |module: &str| -> anyhow::Result<Arc<wardian_guard::GuardModule>> {
        let found = modules::find(module.as_ref(), settings)?;
        Ok(Arc::new(guard::load(&found, &limits, &counted)?))
    };
    let mut registry = Registry::new();
    let mut bound = std::collections::HashSet::new();
    for text in &args.guards {
        let (name, module) = pair(text)?;
        bound.insert(("guard", name));
        match Stub::from_str(module, false) {
            Ok(stub) => registry.guard(name, move |_| Verdict::from(stub))?,
            Err(_) => registry.foreign_guard(name, load(module)?)?,
        };
    }
    for (texts, gives_effects) in [(&args.actions, true), (&args.assigns, false)] {
        for text in texts {
            let (name, module) = pair(text)?;
            bound.insert(("action", name));
            match gives_effects {
                true => registry.foreign_action(name, load(module)?)?,
                false => registry.foreign_assign(name, load(module)?)?,
            };
        }
    }
    for text in &args.delays {
        let (name, millis) = pair(text)?;
        let millis: u64 = millis
            .parse()
            .map_err(|_| Usage::new("a delay is whole milliseconds"))?;
        registry.delay(name, move |_| Ok(Duration::from_millis(millis)))?;
    }
    let rest = |kind, names: &'_ [String]| -> Vec<String> {
        let unbound = names
            .iter()
            .filter(|name| !bound.contains(&(kind, name.as_str())));
        unbound.cloned().collect()
    };
    for name in rest("action", machine.action_names()) {
        registry.effect(name)?;
    }
    for name in machine.service_names() {
        registry.service(name.clone())?;
    }
    if let Some(stub) = args.stub {
        for name in rest("guard", machine.guard_names()) {
            registry.guard(name, move |_| Verdict::from(stub))?;
        }
    }
    Ok((registry, counted))
}

struct Player {
    provided: Provided<Value>,
    now: Duration,
    /// When, by which id, what.
    waiting: Vec<(Duration, Option<String>, Event)>,
    format: Format,
}

impl Player {
    fn play(&mut self, state: State<Value>, event: Played) -> anyhow::Result<State<Value>> {
        match event {
            Played::Event(event) => self.send(state, &event),
            Played::Pass(time) => self.pass(state, time),
        }
    }

    fn send(&mut self, state: State<Value>, event: &Event) -> anyhow::Result<State<Value>> {
        let step = self.provided.step_blocking(&state, event)?;
        self.take(event.name(), step)
    }

    /// What is due comes in its order, each at its time.
    fn pass(&mut self, mut state: State<Value>, time: Duration) -> anyhow::Result<State<Value>> {
        let until = self.now.saturating_add(time);
        for _ in 0..DUE_MAX {
            let due = self.waiting.iter().enumerate();
            let due = due.filter(|(_, (due, ..))| *due <= until);
            let Some((place, _)) = due.min_by_key(|(place, (due, ..))| (*due, *place)) else {
                self.now = until;
                return Ok(state);
            };
            let (due, _, event) = self.waiting.remove(place);
            self.now = due;
            state = self.send(state, &event)?;
        }
        Err(Usage::new(format!(
            "the machine does not come to rest: {DUE_MAX} delayed events within one `+`"
        ))
        .into())
    }

    fn take(&mut self, event: &str, step: Step<Value>) -> anyhow::Result<State<Value>> {
        for effect in &step.effects {
            match effect {
                Effect::Schedule { id, event, delay } => {
                    if id.is_some() {
                        self.waiting.retain(|(_, own, _)| own != id);
                    }
                    let due = self.now.saturating_add(*delay);
                    self.waiting.push((due, id.clone(), event.clone()));
                }
                Effect::Cancel { id } => {
                    self.waiting.retain(|(_, own, _)| own.as_ref() != Some(id));
                }
                _ => {}
            }
        }
        let machine = self.provided.machine();
        match self.format {
            Format::Text => output::print(&text(event, &step, machine))?,
            Format::Json => output::print(&format!("{}\n", report(event, &step, machine)))?,
        }
        Ok(step.state)
    }
}

fn word(ending: Ending) -> &'static str {
    match ending {
        Ending::Taken => "taken",
        Ending::Ignored => "ignored",
        Ending::Blocked => "blocked",
        Ending::Broken => "broken",
    }
}

fn report(event: &str, step: &Step<Value>, machine: &Machine) -> Value {
    let refusals = step.outcome.refusals.iter().map(|refusal| {
        let failure = refusal.failure.as_ref();
        json!({
            "transition": refusal.transition,
            "guard": refusal.guard,
            "reason": refusal.reason,
            "error": failure.map(|f| json!({"code": f.code, "message": f.message})),
        })
    });
    let trace = step.trace.iter().map(|micro| {
        json!({
            "event": micro.event(),
            "transitions": micro.transitions(machine).collect::<Vec<_>>(),
            "exited": micro.exited(machine).collect::<Vec<_>>(),
            "entered": micro.entered(machine).collect::<Vec<_>>(),
        })
    });
    let (status, output) = match step.state.status() {
        Status::Active => ("active", Value::Null),
        Status::Done { output } => ("done", output.clone()),
        Status::Failed { error } => ("error", error.clone()),
    };
    json!({
        "event": event,
        "outcome": word(step.outcome.ending),
        "value": step.state.value(),
        "status": status,
        "output": output,
        "context": step.state.context(),
        "effects": step.effects.iter().map(effect_json).collect::<Vec<_>>(),
        "refusals": refusals.collect::<Vec<_>>(),
        "trace": trace.collect::<Vec<_>>(),
    })
}

fn effect_json(effect: &Effect) -> Value {
    match effect {
        Effect::Action { name, params } => json!({"action": name, "params": params}),
        Effect::Asked { by, effect } => json!({"asked": effect, "by": by}),
        Effect::Schedule { id, event, delay } => {
            json!({"schedule": event, "id": id, "delay_ms": delay.as_millis() as u64})
        }
        Effect::Cancel { id } => json!({"cancel": id}),
        Effect::Start { id, service, input } => {
            json!({"start": service, "id": id, "input": input})
        }
        Effect::Stop { id } => json!({"stop": id}),
    }
}

/// Names and values are the document's and the guests': each line is cleaned.
fn text(event: &str, step: &Step<Value>, machine: &Machine) -> String {
    let mut lines = vec![format!(
        "{event}: {}, now {}",
        word(step.outcome.ending),
        step.state.value()
    )];
    for micro in &step.trace {
        let list = |ids: Vec<&str>| ids.join(", ");
        let left = list(micro.exited(machine).collect());
        let entered = list(micro.entered(machine).collect());
        match (left.is_empty(), entered.is_empty()) {
            (true, true) => {}
            (false, true) => lines.push(format!("  left {left}")),
            (true, false) => lines.push(format!("  entered {entered}")),
            (false, false) => lines.push(format!("  left {left}; entered {entered}")),
        }
    }
    lines.extend(
        step.effects
            .iter()
            .map(|effect| format!("  {}", line(effect))),
    );
    for refusal in &step.outcome.refusals {
        let why = match (&refusal.failure, &refusal.reason) {
            (Some(failure), _) => format!("{} ({})", failure.message, failure.code),
            (None, Some(reason)) => format!("no: {reason}"),
            (None, None) => "no".into(),
        };
        lines.push(format!(
            "  {} at {}: {why}",
            refusal.guard, refusal.transition
        ));
    }
    match step.state.status() {
        Status::Active => {}
        Status::Done { output } => lines.push(format!("  done, output {output}")),
        Status::Failed { error } => lines.push(format!("  failed, {error}")),
    }
    let cleaned = lines
        .iter()
        .map(|line| clean(line.as_bytes(), 2_000) + "\n");
    cleaned.collect()
}

fn line(effect: &Effect) -> String {
    match effect {
        Effect::Action { name, params } if params.is_null() => format!("do {name}"),
        Effect::Action { name, params } => format!("do {name} {params}"),
        Effect::Asked { by, effect } => format!("{by} asks for {effect}"),
        Effect::Schedule { event, delay, .. } => {
            format!("send {} in {} ms", event.name(), delay.as_millis())
        }
        Effect::Cancel { id } => format!("cancel {id}"),
        Effect::Start { id, service, input } if input.is_null() => {
            format!("start {service} as {id}")
        }
        Effect::Start { id, service, input } => format!("start {service} as {id} with {input}"),
        Effect::Stop { id } => format!("stop {id}"),
    }
}
