//! `wardian cache warm`: the embedded modules are compiled now, so that nobody waits for it later.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;
use wardian_sandbox::disk::{AheadWriter, DiskError};
use wardian_sandbox::{
    Baseline, CacheConfig, EngineSettings, Limits, Sandbox, SandboxConfig, Source, TargetCpu,
    Warmed,
};

use crate::counted;
use crate::exit::{Failure, Unloaded, Usage};
use crate::interrupt::Interrupt;
use crate::modules;
use crate::output;
use crate::paths::CachePaths;
use crate::settings::Settings;
use crate::show;
use crate::table::{Align, Table};

#[derive(Debug, Args)]
pub(super) struct WarmArgs {
    /// Which of them; all where none is named
    #[arg(value_name = "MODULE")]
    names: Vec<String>,
    /// Fill this folder instead, for others to use by `--ahead-dir`: in an image, or a package
    #[arg(long, value_name = "DIR", requires = "cpu")]
    into: Option<PathBuf>,
    /// Processors to compile for there: x86-64-v2, x86-64-v3, x86-64-v4 or aarch64; several are fine
    #[arg(long, value_name = "NAME,…", requires = "into", value_delimiter = ',', value_parser = str::parse::<Baseline>)]
    cpu: Vec<Baseline>,
    /// What was done, as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// One module for one processor.
struct Done {
    module: &'static str,
    digest: String,
    cpu: TargetCpu,
    warmed: Warmed,
    took: Duration,
}

pub(super) fn run(
    args: &WarmArgs,
    settings: &Settings,
    cache: Option<&CachePaths>,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let dir = match (&args.into, cache) {
        (Some(dir), _) => dir,
        (None, Some(cache)) => &cache.root,
        (None, None) => return Err(super::no_cache()),
    };
    let (targets, modules) = (targets(args)?, asked(&args.names)?);
    let mut done = Vec::new();
    for cpu in targets {
        let sandbox = sandbox(settings, cpu)?;
        interrupt.guard(&sandbox);
        let into = args.into.as_deref().map(|dir| writer(&sandbox, dir));
        let into = into.transpose()?;
        for module in &modules {
            done.push(warm(&sandbox, into.as_ref(), *module, cpu)?);
        }
        interrupt.release();
    }
    if args.json {
        let modules: Vec<_> = done.iter().map(of_json).collect();
        return output::print_json(&json!({ "dir": show::path(dir), "modules": modules }));
    }
    output::print(&text(&done, dir))
}

/// Name and bytes of embedded modules.
type Module = (&'static str, &'static [u8]);

/// Those that were named, each once, or all.
fn asked(names: &[String]) -> anyhow::Result<Vec<Module>> {
    let all: Vec<Module> = modules::embedded().into_iter().collect();
    for name in names {
        if !all.iter().any(|(known, _)| known == name) {
            let known: Vec<String> = all.iter().map(|(known, _)| show::quoted(known)).collect();
            let problem = format!("no embedded module is called {}", show::quoted(name));
            let hint = format!("name one of {}", known.join(", "));
            return Err(Usage::new(problem).hint(hint).into());
        }
    }
    let is_asked = |(known, _): &Module| names.is_empty() || names.iter().any(|name| name == known);
    Ok(all.into_iter().filter(is_asked).collect())
}

/// This machine's processor, or those that were named, each once.
fn targets(args: &WarmArgs) -> anyhow::Result<Vec<TargetCpu>> {
    if args.into.is_none() {
        return Ok(vec![TargetCpu::Native]);
    }
    let here: Vec<Baseline> = Baseline::of_this_architecture().collect();
    let mut targets = Vec::new();
    for baseline in &args.cpu {
        if !here.contains(baseline) {
            let names: Vec<String> = here.iter().map(|known| format!("`{known}`")).collect();
            let machine = std::env::consts::ARCH;
            let problem =
                format!("this program compiles for {machine} alone, not for `{baseline}`");
            let hint = format!("name one of {}", names.join(", "));
            return Err(Usage::new(problem).hint(hint).into());
        }
        let target = TargetCpu::Baseline(*baseline);
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    Ok(targets)
}

/// One that runs nothing, with the settings that the modules will be run with.
fn sandbox(settings: &Settings, cpu: TargetCpu) -> anyhow::Result<Sandbox> {
    let config = counted::config(settings, &Limits::default())?;
    let disk = config.cache.disk.filter(|_| cpu == TargetCpu::Native);
    Ok(Sandbox::new(SandboxConfig {
        engine: EngineSettings {
            target_cpu: cpu,
            ..config.engine
        },
        instances_max: 1,
        guest_threads: 1,
        cache: CacheConfig {
            disk,
            ..config.cache
        },
        ..config
    })?)
}

fn writer(sandbox: &Sandbox, dir: &Path) -> anyhow::Result<AheadWriter> {
    let opened = sandbox.ahead_writer(&counted::ahead_config(dir));
    opened.map_err(|error| {
        let problem = match &error {
            DiskError::Directory { problem, .. } => problem.clone(),
            other => other.to_string(),
        };
        let hint = match &error {
            DiskError::Directory { .. } => {
                "name a folder of your own that nobody else may write to, or one that is not there yet"
            }
            other => other.hint(),
        };
        Failure::new(format!("cannot fill {}: {problem}", show::quoted_path(dir)))
            .hint(hint)
            .into()
    })
}

fn warm(
    sandbox: &Sandbox,
    into: Option<&AheadWriter>,
    (module, wasm): Module,
    cpu: TargetCpu,
) -> anyhow::Result<Done> {
    let begun = Instant::now();
    // As services load them: with fuel.
    let source = Source::new(module, wasm);
    let warmed = match into {
        Some(into) => sandbox.compile_ahead_blocking(source, into),
        None => sandbox.warm_blocking(source),
    };
    Ok(Done {
        module,
        digest: blake3::hash(wasm).to_hex().to_string(),
        cpu,
        warmed: warmed.map_err(|error| Unloaded {
            module: module.into(),
            error,
        })?,
        took: begun.elapsed(),
    })
}

fn of_json(done: &Done) -> serde_json::Value {
    json!({
        "name": done.module,
        "digest": done.digest,
        "cpu": done.cpu,
        "compiled": !done.warmed.was_there,
        "bytes": done.warmed.artifact_bytes,
        "took_ms": u64::try_from(done.took.as_millis()).unwrap_or(u64::MAX),
    })
}

fn text(done: &[Done], dir: &Path) -> String {
    let columns = [
        ("module", Align::Left),
        ("processor", Align::Left),
        ("size", Align::Right),
        ("done", Align::Left),
        ("took", Align::Right),
    ];
    let mut table = Table::new(&columns);
    for one in done {
        let what = match one.warmed.was_there {
            true => "was there",
            false => "compiled",
        };
        table.row([
            one.module.into(),
            one.cpu.to_string(),
            show::bytes(one.warmed.artifact_bytes),
            what.into(),
            show::duration(one.took),
        ]);
    }
    let sum = done.iter().map(|one| one.warmed.artifact_bytes).sum();
    let total = format!("{} in {}\n", show::bytes(sum), show::path(dir));
    table.render() + &total
}
