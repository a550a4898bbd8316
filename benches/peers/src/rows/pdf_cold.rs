//! The first PDF of a fresh process, on a machine that has compiled the guest before: out of the disk cache, and out of a
//! directory compiled ahead.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use futures_lite::future::block_on;
use wardian_sandbox::disk::{AheadConfig, DiskConfig, DiskKey};
use wardian_sandbox::{
    Baseline, CacheConfig, Cpu, EngineSettings, Sandbox, SandboxConfig, Source, TargetCpu,
};
use wardian_service::pdf::{FUEL, MODULE, Pdfs, RenderOptions};

use crate::method::{Plan, quantile};
use crate::report::{Section, time};

const INVOICE: &str = include_str!("../../../../examples/documents/invoice.html");
const NAMES: [&str; 4] = ["making the sandbox", "load and link", "render", "all of it"];

pub fn first(plan: Plan) -> Result<Vec<Section>> {
    let dir = std::env::temp_dir().join(format!("wardian-bench-pdf-{}", std::process::id()));
    let result = run(plan, &dir);
    // Only a cache of ours lies there; leaving it behind is no reason to fail.
    let _ = std::fs::remove_dir_all(&dir);
    Ok(vec![result?])
}

fn run(plan: Plan, dir: &Path) -> Result<Section> {
    let filled = times(dir, "fill")?;
    let note = format!(
        "An invoice as PDF, in a new process each time, the page cache warm. Without a cache the guest is compiled first, which took {}.",
        time(filled[1])
    );
    let mut section = Section::new("The first PDF of a process", &note)
        .header(&["from", "part", "p50", "p10", "p90"]);
    let ways = [
        ("the disk cache", "hit"),
        ("a directory compiled ahead", "ahead"),
    ];
    let mut found: [[Vec<f64>; 4]; 2] = Default::default();
    for _ in 0..plan.count(40) {
        // By turns, so that both see the same machine.
        for ((_, way), parts) in ways.iter().zip(&mut found) {
            let [sandbox, load, render] = times(dir, way)?;
            let all = [sandbox, load, render, sandbox + load + render];
            parts
                .iter_mut()
                .zip(all)
                .for_each(|(part, one)| part.push(one));
        }
    }
    for ((from, _), parts) in ways.iter().zip(&mut found) {
        for (name, part) in NAMES.iter().zip(parts.iter_mut()) {
            let figures = [0.5, 0.1, 0.9].map(|share| time(quantile(part, share)));
            let line = [(*from).to_owned(), (*name).to_owned()];
            section.line(line.into_iter().chain(figures));
        }
        if let Some(all) = parts.last_mut() {
            section.at_most(&format!("from {from}"), quantile(all, 0.5), 150e6);
        }
    }
    Ok(section)
}

fn times(dir: &Path, part: &str) -> Result<[f64; 3]> {
    let ran = Command::new(std::env::current_exe()?)
        .args(["--child", "pdf-first"])
        .arg(dir)
        .arg(part)
        .output()?;
    let text = String::from_utf8_lossy(&ran.stdout);
    let numbers: Vec<f64> = text
        .split_whitespace()
        .filter_map(|number| number.parse().ok())
        .collect();
    numbers.try_into().ok().with_context(|| {
        format!(
            "the child that makes a PDF failed: {}",
            String::from_utf8_lossy(&ran.stderr)
        )
    })
}

/// Prints nanoseconds: making the sandbox, loading and linking, rendering.
pub fn child(dir: &str, part: &str) -> Result<()> {
    let ahead = AheadConfig {
        dir: Path::new(dir).join("ahead"),
        key: DiskKey::Own,
    };
    if part == "fill" {
        compile_ahead(&ahead)?;
    }
    let from_ahead = part == "ahead";
    let disk = DiskConfig {
        dir: dir.into(),
        key: DiskKey::Own,
        bytes_max: 1 << 30,
    };
    let begun = Instant::now();
    let sandbox = Sandbox::new(SandboxConfig {
        cache: CacheConfig {
            disk: (!from_ahead).then_some(disk),
            ahead: from_ahead.then_some(ahead),
            ..CacheConfig::default()
        },
        ..SandboxConfig::default()
    })?;
    let made = begun.elapsed();
    let pdfs = block_on(Pdfs::load(&sandbox))?;
    let loaded = begun.elapsed();
    pdfs.render_blocking(INVOICE, RenderOptions::default())?;
    let rendered = begun.elapsed();
    if part == "fill" {
        // The entry is written beside the load, and the process must not end before.
        std::thread::sleep(Duration::from_secs(3));
    }
    println!(
        "{} {} {}",
        made.as_nanos(),
        (loaded - made).as_nanos(),
        (rendered - loaded).as_nanos()
    );
    Ok(())
}

/// For the best that this processor has, as a deployer would.
fn compile_ahead(into: &AheadConfig) -> Result<()> {
    let has_all = |b: &Baseline| b.lacking().is_some_and(|lacking| lacking.is_empty());
    let baseline = Baseline::of_this_architecture()
        .find(has_all)
        .context("no baseline fits this processor")?;
    let sandbox = Sandbox::new(SandboxConfig {
        engine: EngineSettings {
            target_cpu: TargetCpu::Baseline(baseline),
            ..EngineSettings::default()
        },
        ..SandboxConfig::default()
    })?;
    let writer = sandbox.ahead_writer(into)?;
    let source = Source::new("pdf", Bytes::from_static(MODULE)).cpu(Cpu::Fuel(FUEL));
    sandbox.compile_ahead_blocking(source, &writer)?;
    Ok(())
}
