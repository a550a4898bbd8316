//! `wardian cache`: what is kept on disk, how to fill it, and how to be rid of it.

mod warm;

use std::time::SystemTime;

use clap::{Args, Subcommand};
use serde_json::json;
use wardian_sandbox::disk::{DiskCache, EntryInfo};
use wardian_sandbox::text::clean;
use wardian_sandbox::{Limits, Sandbox, SandboxConfig};

use crate::counted;
use crate::exit::Usage;
use crate::interrupt::Interrupt;
use crate::kept::Kept;
use crate::output;
use crate::paths::{self, CachePaths};
use crate::settings::Settings;
use crate::show;
use crate::table::{Align, Table};

/// List, fill or clear what is kept on disk.
#[derive(Debug, Args)]
pub(crate) struct CacheArgs {
    #[command(subcommand)]
    command: CacheCommand,
}

#[derive(Debug, Subcommand)]
enum CacheCommand {
    /// Show compiled modules
    #[command(after_help = "\
Examples:
  wardian cache list
  wardian cache list --json | jq 'map(.bytes) | add'")]
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Compile the embedded modules now, so that nobody waits for it later
    #[command(after_help = "\
What is there already is left as it is. A folder that was filled by `--into` holds a key beside
the modules: copy all of it. It is only read where it is used, and may belong to root there.

Examples:
  wardian cache warm
  wardian cache warm image
  wardian cache warm --into ahead --cpu x86-64-v3
  wardian cache warm --into ahead --cpu x86-64-v2,x86-64-v3 --json
  wardian --ahead-dir ahead image resize photo.jpg --width 800 -o small.jpg")]
    Warm(warm::WarmArgs),
    /// Remove compiled modules, and the modules kept for calling by name; counters stay
    #[command(after_help = "\
Examples:
  wardian cache clear
  wardian cache clear --cache-dir /var/cache/wardian")]
    Clear {
        /// What was removed, as JSON
        #[arg(long)]
        json: bool,
    },
}

impl CacheArgs {
    /// Whether errors are wanted as JSON too.
    pub(crate) fn wants_json(&self) -> bool {
        match &self.command {
            CacheCommand::List { json } | CacheCommand::Clear { json } => *json,
            CacheCommand::Warm(args) => args.json,
        }
    }
}

pub(crate) fn run(
    args: &CacheArgs,
    settings: &Settings,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let cache = paths::cache(settings);
    let there = || cache.as_ref().ok_or_else(no_cache);
    match &args.command {
        CacheCommand::List { json } => list(settings, there()?, *json),
        CacheCommand::Warm(args) => warm::run(args, settings, cache.as_ref(), interrupt),
        CacheCommand::Clear { json } => clear(settings, there()?, *json),
    }
}

fn no_cache() -> anyhow::Error {
    Usage::new("there is no cache")
        .hint("leave out `--no-cache`, or name a folder by `--cache-dir`")
        .into()
}

/// Opens the cache, where there is one, and hands it to `then`; listing and clearing make none.
fn with_cache<T: Default>(
    settings: &Settings,
    cache: &CachePaths,
    then: impl FnOnce(&DiskCache) -> T,
) -> anyhow::Result<T> {
    if !cache.compiled().is_dir() {
        return Ok(T::default());
    }
    // The sandbox knows which engine's entries are its own.
    let config = SandboxConfig {
        instances_max: 1,
        guest_threads: 1,
        ..counted::config(settings, &Limits::default())?
    };
    let sandbox = Sandbox::new(config)?;
    Ok(sandbox.disk_cache().map(then).unwrap_or_default())
}

fn list(settings: &Settings, cache: &CachePaths, as_json: bool) -> anyhow::Result<()> {
    let entries = with_cache(settings, cache, DiskCache::list)?;
    if as_json {
        return output::print_json(&entries.iter().map(entry_json).collect());
    }
    let columns = [
        ("name", Align::Left),
        ("kind", Align::Left),
        ("size", Align::Right),
        ("module's digest", Align::Left),
        ("last use", Align::Left),
    ];
    let mut table = Table::new(&columns);
    for entry in &entries {
        let digest: String = digest(entry).chars().take(16).collect();
        let used = entry.last_used.elapsed().unwrap_or_default();
        table.row([
            clean(entry.name.as_bytes(), 64),
            entry.key.kind.as_str().into(),
            show::bytes(entry.bytes),
            digest,
            show::ago(used),
        ]);
    }
    let sum = entries.iter().map(|entry| entry.bytes).sum();
    let total = format!("{} in {}\n", show::bytes(sum), show::path(&cache.root));
    output::print(&(table.render() + &total))
}

fn digest(entry: &EntryInfo) -> String {
    blake3::Hash::from_bytes(entry.key.digest)
        .to_hex()
        .to_string()
}

fn entry_json(entry: &EntryInfo) -> serde_json::Value {
    let seconds = |time: SystemTime| {
        time.duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |d| d.as_secs())
    };
    json!({
        "name": entry.name,
        "kind": entry.key.kind,
        "bytes": entry.bytes,
        "digest": digest(entry),
        "created": seconds(entry.created),
        "last_use": seconds(entry.last_used),
    })
}

fn clear(settings: &Settings, cache: &CachePaths, as_json: bool) -> anyhow::Result<()> {
    let swept = with_cache(settings, cache, DiskCache::clear)?;
    let modules = Kept::of(cache).clear();
    if as_json {
        return output::print_json(
            &json!({ "compiled": swept.entries, "bytes": swept.bytes, "modules": modules }),
        );
    }
    let text = format!(
        "removed {} compiled modules ({}) and {} kept modules from {}\n",
        show::count(swept.entries),
        show::bytes(swept.bytes),
        show::count(modules),
        show::path(&cache.root)
    );
    output::print(&text)
}
