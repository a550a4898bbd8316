//! `wardian module list`: embedded modules, and those that can be called by name because they were loaded before.

use std::time::SystemTime;

use clap::Args;
use serde_json::json;

use crate::kept::Kept;
use crate::modules;
use crate::output;
use crate::paths;
use crate::settings::Settings;
use crate::show;
use crate::table::{Align, Table};

/// Show embedded and cached modules.
#[derive(Debug, Args)]
#[command(after_help = "\
Every module in the list can be called by its name.

Examples:
  wardian module list
  wardian module list --json | jq -r '.[].name'")]
pub(crate) struct ListArgs {
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

struct Row {
    name: String,
    origin: &'static str,
    bytes: u64,
    digest: String,
    used: Option<SystemTime>,
}

pub(crate) fn run(args: &ListArgs, settings: &Settings) -> anyhow::Result<()> {
    let rows = rows(settings);
    if args.json {
        let rows = rows.iter().map(|row| {
            json!({
                "name": row.name,
                "origin": row.origin,
                "bytes": row.bytes,
                "digest": row.digest,
                "last_use": row.used.map(seconds),
            })
        });
        return output::print_json(&rows.collect());
    }
    let columns = [
        ("name", Align::Left),
        ("from", Align::Left),
        ("size", Align::Right),
        ("digest", Align::Left),
        ("last use", Align::Left),
    ];
    let mut table = Table::new(&columns);
    for row in rows {
        let used = row
            .used
            .map(|used| show::ago(used.elapsed().unwrap_or_default()));
        let digest: String = row.digest.chars().take(16).collect();
        table.row([
            row.name,
            row.origin.into(),
            show::bytes(row.bytes),
            digest,
            used.unwrap_or_default(),
        ]);
    }
    output::print(&table.render())
}

fn rows(settings: &Settings) -> Vec<Row> {
    let digest = |bytes: &[u8]| blake3::hash(bytes).to_hex().to_string();
    let embedded = modules::embedded().into_iter().map(|(name, wasm)| Row {
        name: name.into(),
        origin: "embedded",
        bytes: wasm.len() as u64,
        digest: digest(wasm),
        used: None,
    });
    let cached = paths::cache(settings)
        .map(|cache| Kept::of(&cache).list())
        .unwrap_or_default();
    let cached = cached.into_iter().filter_map(|kept| {
        let wasm = kept.read().ok()?;
        Some(Row {
            name: kept.name,
            origin: "cached",
            bytes: kept.bytes,
            digest: digest(&wasm),
            used: Some(kept.used),
        })
    });
    embedded.chain(cached).collect()
}

/// Seconds since 1970.
fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |d| d.as_secs())
}
