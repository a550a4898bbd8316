//! What the machine and its kernel offer.

use std::fs;

use wardian_sandbox::text::clean;
use wardian_sandbox::{SandboxConfig, platform};

use super::{Check, State};
use crate::show;

const GROUP: &str = "machine";

pub(super) fn checks() -> Vec<Check> {
    let mut checks = vec![
        system(),
        kernel(),
        pagemap_scan(),
        processor(),
        cores(),
        memory(),
    ];
    checks.extend(build());
    checks
}

fn system() -> Check {
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    let check = Check::ok(GROUP, "platform", format!("{os} {arch}"));
    if (os, arch) == ("linux", "x86_64") {
        return check;
    }
    check.but(
        State::Limited,
        "only Linux on x86-64 is tested: see docs/reference/platforms.md",
    )
}

fn first_line(path: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    Some(clean(text.lines().next()?.as_bytes(), 200))
}

fn kernel() -> Check {
    let release = first_line("/proc/sys/kernel/osrelease").unwrap_or_else(|| "unknown".into());
    Check::ok(GROUP, "kernel", release)
}

fn pagemap_scan() -> Check {
    if platform::pagemap_scan() {
        return Check::ok(
            GROUP,
            "PAGEMAP_SCAN",
            "there: only pages that a guest wrote to are put back",
        );
    }
    Check::ok(GROUP, "PAGEMAP_SCAN", "not there").but(
        State::Slow,
        "a fresh instance of a large guest costs about twice as much; Linux 6.7 has it",
    )
}

#[cfg(target_arch = "x86_64")]
fn processor() -> Check {
    let features: [(&str, bool); 7] = [
        ("sse4.1", std::arch::is_x86_feature_detected!("sse4.1")),
        ("sse4.2", std::arch::is_x86_feature_detected!("sse4.2")),
        ("popcnt", std::arch::is_x86_feature_detected!("popcnt")),
        ("avx", std::arch::is_x86_feature_detected!("avx")),
        ("avx2", std::arch::is_x86_feature_detected!("avx2")),
        ("fma", std::arch::is_x86_feature_detected!("fma")),
        ("bmi2", std::arch::is_x86_feature_detected!("bmi2")),
    ];
    let list = |there: bool| {
        let names = features
            .iter()
            .filter(|(_, has)| *has == there)
            .map(|(name, _)| *name);
        names.collect::<Vec<_>>().join(" ")
    };
    let check = Check::ok(GROUP, "processor", list(true));
    match list(false).as_str() {
        "" => check,
        lacking => check.but(
            State::Slow,
            format!("SIMD in guests is slower without {lacking}"),
        ),
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn processor() -> Check {
    Check::ok(GROUP, "processor", std::env::consts::ARCH)
}

fn cores() -> Check {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let load = first_line("/proc/loadavg");
    let load: Option<f64> = load
        .as_deref()
        .and_then(|line| line.split(' ').next()?.parse().ok());
    let Some(load) = load else {
        return Check::ok(GROUP, "cores", cores.to_string());
    };
    let check = Check::ok(GROUP, "cores", format!("{cores}, load {load:.1}"));
    if load > cores as f64 {
        return check.but(
            State::Slow,
            "others use the processor: times that are measured now are too long",
        );
    }
    check
}

fn memory() -> Check {
    let budget = SandboxConfig::default().memory_total_bytes_max;
    let total = meminfo("MemTotal:").map_or_else(|| "unknown".into(), show::bytes);
    let group = cgroup_max().map(|max| format!(", {} in this cgroup", show::bytes(max)));
    let found = format!(
        "{total}{}; guests may have {} together",
        group.unwrap_or_default(),
        show::bytes(budget)
    );
    let check = Check::ok(GROUP, "memory", found);
    const PHOTO_BYTES: u64 = 256 << 20;
    if budget < PHOTO_BYTES {
        return check.but(State::Limited, "large photographs take up to 256 MiB");
    }
    check
}

fn meminfo(field: &str) -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(field))?;
    line.trim()
        .strip_suffix(" kB")?
        .trim()
        .parse::<u64>()
        .ok()?
        .checked_mul(1024)
}

/// The smallest limit of the cgroups that this process is in, version 2.
fn cgroup_max() -> Option<u64> {
    let own = fs::read_to_string("/proc/self/cgroup").ok()?;
    let own = own
        .lines()
        .find_map(|line| line.strip_prefix("0::/"))?
        .to_owned();
    let mut folder = std::path::Path::new("/sys/fs/cgroup").join(own);
    let mut smallest = None;
    while folder.starts_with("/sys/fs/cgroup") {
        let max = fs::read_to_string(folder.join("memory.max")).ok();
        let max = max.and_then(|text| text.trim().parse::<u64>().ok());
        smallest = match (smallest, max) {
            (Some(a), Some(b)) => Some(std::cmp::min::<u64>(a, b)),
            (a, b) => a.or(b),
        };
        if !folder.pop() {
            break;
        }
    }
    smallest
}

/// This program itself.
fn build() -> Option<Check> {
    cfg!(debug_assertions).then(|| {
        Check::ok(GROUP, "this program", "built for debugging").but(
            State::Slow,
            "compiling and copying are slower: build it with `cargo build --release`",
        )
    })
}
