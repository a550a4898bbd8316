//! `wardian policy list`: what each policy is pinned to.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use wardian_policy::artifact::{LOCK_FILE, Lock, LockFile, Pinned};

use super::SHORT_DIGITS;
use crate::output;
use crate::show;
use crate::table::{Align, Table};

/// Show what is pinned.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wardian policy list
  wardian policy list --lock policies.lock --json | jq -r '.[].digest'")]
pub(super) struct ListArgs {
    /// The lock file
    #[arg(long, value_name = "FILE", default_value = LOCK_FILE)]
    lock: PathBuf,
    /// As JSON, with what was pinned before
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) fn run(args: &ListArgs) -> anyhow::Result<()> {
    let lock = LockFile::at(&args.lock)?.read()?;
    match args.json {
        true => output::print_json(&report(&lock)),
        false => output::print(&table(&lock)),
    }
}

fn report(lock: &Lock) -> serde_json::Value {
    let rows = lock.list().map(|(name, policy)| {
        let mut row = pin(policy.active());
        row["name"] = json!(name);
        row["history"] = policy.history().iter().map(pin).collect();
        row
    });
    rows.collect()
}

fn pin(pinned: &Pinned) -> serde_json::Value {
    json!({
        "version": pinned.version,
        "digest": pinned.digest,
        "signer": pinned.signer,
        "key_id": pinned.signer.map(|signer| signer.id()),
        "pinned_at": pinned.pinned_at,
    })
}

fn table(lock: &Lock) -> String {
    let columns = [
        ("name", Align::Left),
        ("version", Align::Left),
        ("digest", Align::Left),
        ("signer", Align::Left),
        ("pinned at", Align::Left),
        ("earlier", Align::Right),
    ];
    let mut table = Table::new(&columns);
    for (name, policy) in lock.list() {
        let active = policy.active();
        let digest: String = active.digest.hex().chars().take(SHORT_DIGITS).collect();
        let signer = active.signer.map(|signer| signer.id());
        table.row([
            name.to_string(),
            active.version.to_string(),
            digest,
            signer.unwrap_or_else(|| "none".into()),
            active.pinned_at.to_string(),
            show::count(policy.history().len() as u64),
        ]);
    }
    table.render()
}
