//! Private memory of instances that are kept: a process of its own for each guest, so that nothing else is counted.

use std::process::Command;

use anyhow::{Context, Result};
use bytes::Bytes;
use wardian_sandbox::{Call, Isolation, Sandbox, SandboxConfig, Value};

use crate::engines::wardian;
use crate::guests;
use crate::method::Plan;
use crate::report::Section;

const INSTANCES: u64 = 1000;
const LIMIT_IDLE: f64 = 16.0;
const LIMIT_USED: f64 = 64.0;

pub fn live(_: Plan) -> Result<Vec<Section>> {
    let note = "1,000 sessions, each with an instance of its own: after an empty call, after 1 KiB of JSON, and when all are dropped again. KiB an instance from `smaps_rollup`; dropped is the whole process's growth.";
    let mut section = Section::new("Memory of live instances", note).header(&[
        "guest",
        "idle, private",
        "after a call, private",
        "after a call, resident",
        "all dropped",
    ]);
    for guest in ["tiny", "small", "big"] {
        let ran = Command::new(std::env::current_exe()?)
            .args(["--child", "memory", guest])
            .output()?;
        let text = String::from_utf8_lossy(&ran.stdout);
        let numbers: Vec<f64> = text
            .split_whitespace()
            .filter_map(|n| n.parse().ok())
            .collect();
        let [idle, used, resident, dropped] = numbers[..] else {
            anyhow::bail!(
                "the child that measures memory failed: {}",
                String::from_utf8_lossy(&ran.stderr)
            );
        };
        section.line([
            guest.to_owned(),
            format!("{idle:.1} KiB"),
            format!("{used:.1} KiB"),
            format!("{resident:.1} KiB"),
            format!("{:.1} MiB", dropped / 1024.0),
        ]);
        section.target(
            &format!("idle, {guest}"),
            "≤ 16 KiB",
            format!("{idle:.1} KiB"),
            idle <= LIMIT_IDLE,
        );
        section.target(
            &format!("after a call, {guest}"),
            "≤ 64 KiB",
            format!("{used:.1} KiB"),
            used <= LIMIT_USED,
        );
    }
    Ok(vec![section])
}

/// Prints the four figures of one guest.
pub fn child(guest: &str) -> Result<()> {
    let wasm = match guest {
        "tiny" => &guests::TINY[..],
        "small" => guests::SMALL,
        _ => guests::BIG,
    };
    let config = SandboxConfig {
        instances_max: 1100,
        module_instances_max: 1100,
        ..SandboxConfig::default()
    };
    let sandbox = Sandbox::new(config)?;
    let linked = wardian::link(&sandbox, guest, wasm, wardian::fuel(), Isolation::Pristine)?;
    let input = Bytes::from(guests::json(1024));
    let noop = || Call::values("noop", Vec::<Value>::new());
    // What is paid once is paid before the first reading.
    wardian::size(linked.call_blocking(noop()));
    wardian::blocking(&linked, "eval", &input);
    let mut sessions: Vec<_> = (0..INSTANCES).map(|_| linked.session()).collect();
    let before = Reading::now()?;
    for session in &mut sessions {
        wardian::size(session.call_blocking(noop()));
    }
    let idle = Reading::now()?;
    for session in &mut sessions {
        wardian::size(session.call_blocking(Call::bytes("eval", input.clone())));
    }
    let used = Reading::now()?;
    drop(sessions);
    let dropped = Reading::now()?;
    let each = |kib: u64| kib as f64 / INSTANCES as f64;
    println!(
        "{} {} {} {}",
        each(idle.private.saturating_sub(before.private)),
        each(used.private.saturating_sub(before.private)),
        each(used.resident.saturating_sub(before.resident)),
        dropped.resident.saturating_sub(before.resident)
    );
    Ok(())
}

/// KiB of this process.
pub struct Reading {
    pub private: u64,
    pub resident: u64,
}

impl Reading {
    pub fn now() -> Result<Reading> {
        let text = std::fs::read_to_string("/proc/self/smaps_rollup")
            .context("smaps_rollup cannot be read here")?;
        let field = |name: &str| -> u64 {
            let line = text.lines().find_map(|l| l.strip_prefix(name));
            line.and_then(|l| l.trim().trim_end_matches(" kB").parse().ok())
                .unwrap_or(0)
        };
        Ok(Reading {
            private: field("Private_Dirty:"),
            resident: field("Rss:"),
        })
    }
}
