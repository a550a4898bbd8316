//! `wardian module stats`: the counters that all processes share, kept beside the disk cache.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use clap::Args;
use serde_json::json;
use wardian_sandbox::disk::{Counters, ModuleCounters};
use wardian_sandbox::text::clean;

use crate::exit::{Failure, Usage};
use crate::output;
use crate::paths;
use crate::settings::Settings;
use crate::show::{self, quoted};
use crate::table::{Align, Table};

/// Show what modules did: loads, calls, fuel, errors by type, last use.
#[derive(Debug, Args)]
#[command(after_help = "\
The counters are sums over all commands that used this cache directory.

Examples:
  wardian module stats
  wardian module stats image
  wardian module stats image --json | jq .calls")]
pub(crate) struct StatsArgs {
    /// One module; all of them without it
    name: Option<String>,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn run(args: &StatsArgs, settings: &Settings) -> anyhow::Result<()> {
    let all = counters(settings)?;
    let Some(name) = &args.name else {
        return if args.json {
            output::print_json(&serde_json::to_value(&all)?)
        } else {
            output::print(&table(&all))
        };
    };
    let Some(counted) = all.get(name) else {
        let hint = if all.is_empty() {
            "nothing was counted yet"
        } else {
            "`wardian module stats` shows all of them"
        };
        return Err(
            Failure::new(format!("no module called {} was used", quoted(name)))
                .hint(hint)
                .into(),
        );
    };
    if args.json {
        let mut value = serde_json::to_value(counted)?;
        value["name"] = json!(name);
        return output::print_json(&value);
    }
    output::print(&one(name, counted)?)
}

fn counters(settings: &Settings) -> anyhow::Result<BTreeMap<String, ModuleCounters>> {
    let Some(cache) = paths::cache(settings) else {
        return Err(Usage::new("without a cache nothing is counted")
            .hint("leave out `--no-cache`, or name a folder by `--cache-dir`")
            .into());
    };
    if !cache.compiled().is_dir() {
        return Ok(BTreeMap::new());
    }
    let opened = Counters::open(&cache.compiled());
    let counters = opened.map_err(|error| Failure::new(error.to_string()).hint(error.hint()))?;
    Ok(counters.all())
}

fn table(all: &BTreeMap<String, ModuleCounters>) -> String {
    let columns = [
        ("name", Align::Left),
        ("loads", Align::Right),
        ("calls", Align::Right),
        ("errors", Align::Right),
        ("fuel", Align::Right),
        ("last use", Align::Left),
    ];
    let mut table = Table::new(&columns);
    for (name, counted) in all {
        table.row([
            clean(name.as_bytes(), 64),
            show::count(counted.loads),
            show::count(counted.calls),
            show::count(
                counted
                    .errors
                    .values()
                    .fold(0, |sum, n| sum.saturating_add(*n)),
            ),
            show::count(counted.fuel),
            show::ago(counted.last_used().elapsed().unwrap_or_default()),
        ]);
    }
    table.render()
}

fn one(name: &str, counted: &ModuleCounters) -> Result<String, std::fmt::Error> {
    let mut out = String::new();
    writeln!(out, "{}", clean(name.as_bytes(), 64))?;
    writeln!(out, "loads     {}", show::count(counted.loads))?;
    writeln!(out, "calls     {}", show::count(counted.calls))?;
    writeln!(out, "fuel      {}", show::count(counted.fuel))?;
    for (kind, count) in &counted.errors {
        writeln!(
            out,
            "errors    {}: {}",
            clean(kind.as_bytes(), 32),
            show::count(*count)
        )?;
    }
    writeln!(
        out,
        "last use  {}",
        show::ago(counted.last_used().elapsed().unwrap_or_default())
    )?;
    Ok(out)
}
