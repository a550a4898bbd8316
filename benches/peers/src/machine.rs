//! What the figures were measured on.

use std::fs;
use std::process::Command;

pub fn describe(quick: bool) -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|l| l.strip_prefix("model name"))
        .map_or("unknown processor", |l| {
            l.trim_start_matches([' ', '\t', ':'])
        });
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory: u64 = memory
        .lines()
        .find_map(|l| l.strip_prefix("MemTotal:"))
        .and_then(|l| l.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?").to_owned();
    let rows = [
        ("date", output("date", &["-u", "+%Y-%m-%d %H:%M UTC"])),
        ("processor", format!("{model}, {cores} cores")),
        ("memory", format!("{} GiB", memory >> 20)),
        ("kernel", output("uname", &["-sr"])),
        ("load when begun", load),
        ("compiler", output("rustc", &["--version"])),
        ("peers", versions()),
        (
            "run",
            if quick {
                "quick look: figures are rough".into()
            } else {
                "full".into()
            },
        ),
    ];
    let lines: Vec<_> = rows
        .iter()
        .map(|(name, value)| format!("| {name} | {value} |"))
        .collect();
    format!("| machine | |\n|---|---|\n{}\n", lines.join("\n"))
}

/// When, and how loaded.
pub fn moment() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?").to_owned();
    let date = output("date", &["-u", "+%Y-%m-%d %H:%M UTC"]);
    format!("{date}, load {load} at the end")
}

fn output(program: &str, args: &[&str]) -> String {
    let ran = Command::new(program).args(args).output();
    ran.ok()
        .map(|o| String::from_utf8_lossy(&o.stdout).trim().to_owned())
        .filter(|s| !s.is_empty())
        .unwrap_or_else(|| "unknown".into())
}

/// From the lock file this was built with; an engine that occurs twice is there for Extism as well.
fn versions() -> String {
    let lock = include_str!("../Cargo.lock");
    let mut found = Vec::new();
    let mut lines = lock.lines();
    while let Some(line) = lines.next() {
        let name = line
            .strip_prefix("name = \"")
            .and_then(|l| l.strip_suffix('"'));
        if let Some(name @ ("wasmtime" | "wasmi" | "extism")) = name {
            let version = lines
                .next()
                .unwrap_or_default()
                .trim_start_matches("version = ")
                .trim_matches('"');
            found.push(format!("{name} {version}"));
        }
    }
    found.join(", ")
}
