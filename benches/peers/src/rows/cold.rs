//! From a compiled module on disk to its first answer, each time in a new process: out of the disk cache, and out of a
//! directory compiled ahead.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bytes::Bytes;
use wardian_sandbox::disk::{AheadConfig, DiskConfig, DiskKey};
use wardian_sandbox::{
    Baseline, CacheConfig, EngineSettings, Isolation, Sandbox, SandboxConfig, Source, TargetCpu,
};

use crate::engines::wardian;
use crate::guests;
use crate::method::{Plan, quantile};
use crate::report::{Section, time};

pub fn start(plan: Plan) -> Result<Vec<Section>> {
    let dir = std::env::temp_dir().join(format!("wardian-bench-{}", std::process::id()));
    let result = run(plan, &dir);
    // Only a cache of ours lies there; leaving it behind is no reason to fail.
    let _ = std::fs::remove_dir_all(&dir);
    Ok(vec![result?])
}

fn run(plan: Plan, dir: &Path) -> Result<Section> {
    let note = "A new process each time, the page cache warm. Load is hashing, looking up, authenticating and mapping; first answer is 1 KiB of JSON.";
    let mut section = Section::new("Cold start from the disk cache, guest of 3 MB", note)
        .header(&["part", "p50", "p10", "p90"]);
    let filled = child_times(dir, "fill")?;
    let mut parts: [Vec<f64>; 4] = Default::default();
    let mut ahead = Vec::new();
    for _ in 0..plan.count(60) {
        // By turns, so that both see the same machine.
        ahead.push(child_times(dir, "ahead")?[1]);
        let times = child_times(dir, "hit")?;
        let (sandbox, load, link, call) = (times[0], times[1], times[2], times[3]);
        for (part, value) in parts
            .iter_mut()
            .zip([sandbox, load, link + call, load + link + call])
        {
            part.push(value);
        }
    }
    for (name, part) in [
        "making the sandbox",
        "load",
        "link and first answer",
        "load to first answer",
    ]
    .iter()
    .zip(&mut parts)
    {
        let found = [0.5, 0.1, 0.9].map(|share| time(quantile(part, share)));
        section.line([(*name).to_owned()].into_iter().chain(found));
    }
    let found = [0.5, 0.1, 0.9].map(|share| time(quantile(&mut ahead, share)));
    let name = "load from a directory compiled ahead".to_owned();
    section.line([name].into_iter().chain(found));
    section.line([
        "the same without the cache: compiling".to_owned(),
        time(filled[1]),
        String::new(),
        String::new(),
    ]);
    section.at_most("load to first answer", quantile(&mut parts[3], 0.5), 3e6);
    Ok(section)
}

fn child_times(dir: &Path, part: &str) -> Result<[f64; 4]> {
    let ran = Command::new(std::env::current_exe()?)
        .args(["--child", "cold"])
        .arg(dir)
        .arg(part)
        .output()?;
    let text = String::from_utf8_lossy(&ran.stdout);
    let numbers: Vec<f64> = text
        .split_whitespace()
        .filter_map(|n| n.parse().ok())
        .collect();
    numbers.try_into().ok().with_context(|| {
        format!(
            "the child that starts cold failed: {}",
            String::from_utf8_lossy(&ran.stderr)
        )
    })
}

/// Prints nanoseconds: making the sandbox, loading, linking, first call.
pub fn child(dir: &str, part: &str) -> Result<()> {
    let wasm = guests::BIG;
    let disk = DiskConfig {
        dir: dir.into(),
        key: DiskKey::Own,
        bytes_max: 1 << 30,
    };
    let ahead = AheadConfig {
        dir: Path::new(dir).join("ahead"),
        key: DiskKey::Own,
    };
    if part == "fill" {
        compile_ahead(&ahead)?;
    }
    let from_ahead = part == "ahead";
    let cache = CacheConfig {
        disk: (!from_ahead).then_some(disk),
        ahead: from_ahead.then_some(ahead),
        ..CacheConfig::default()
    };
    let input = Bytes::from(guests::json(1024));
    let mut times = Vec::new();
    let mut lap = Instant::now();
    let mut took = || {
        times.push(lap.elapsed().as_nanos());
        lap = Instant::now();
    };
    let sandbox = Sandbox::new(SandboxConfig {
        cache,
        ..SandboxConfig::default()
    })?;
    took();
    let module = sandbox.load_blocking(Source::new("big", wasm).cpu(wardian::fuel()))?;
    took();
    let mut binding = wardian_sandbox::Binding::new(wardian_sandbox::Contract::raw());
    binding.isolation = Isolation::Pristine;
    let linked = module.link(&binding)?;
    took();
    wardian::blocking(&linked, "eval", &input);
    took();
    if part == "fill" {
        // The entry is written beside the load, and the process must not end before.
        std::thread::sleep(Duration::from_secs(1));
    }
    println!(
        "{}",
        times
            .iter()
            .map(u128::to_string)
            .collect::<Vec<_>>()
            .join(" ")
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
    let source = Source::new("big", guests::BIG).cpu(wardian::fuel());
    sandbox.compile_ahead_blocking(source, &writer)?;
    Ok(())
}
