//! What is needed to build guests and to run the tests; nothing of it is needed to run a guest.

use std::process::{Command, Stdio};

use wardian_sandbox::text::clean;

use super::{Check, State};

const GROUP: &str = "tools, to build from source";
/// The targets that guests are built for.
const TARGETS: [&str; 2] = ["wasm32-unknown-unknown", "wasm32-wasip1"];

pub(super) fn checks() -> Vec<Check> {
    vec![
        tool("cargo", &["--version"], "cargo", "install Rust by rustup"),
        tool(
            "rustup",
            &["--version"],
            "rustup",
            "install it, or install the targets below by other means",
        ),
        targets(),
        tool(
            "cc",
            &["--version"],
            "C linker",
            "install a C compiler, such as the package `gcc` or `clang`",
        ),
        tool(
            "python3",
            &["--version"],
            "python3",
            "tests compare pictures with Pillow; install Python 3",
        ),
        go(),
    ]
}

/// The first line that a program says, if it is there.
fn says(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let line = output.stdout.split(|byte| *byte == b'\n').next()?;
    output.status.success().then(|| clean(line, 100))
}

fn tool(program: &str, arguments: &[&str], name: &'static str, fix: &str) -> Check {
    match says(program, arguments) {
        Some(version) => Check::ok(GROUP, name, version),
        None => Check::ok(GROUP, name, "not found").but(State::Missing, fix),
    }
}

fn targets() -> Check {
    const NAME: &str = "wasm targets";
    let output = Command::new("rustup")
        .args(["target", "list", "--installed"])
        .stdin(Stdio::null())
        .output();
    let Ok(output) = output else {
        return Check::ok(GROUP, NAME, "unknown").but(State::Missing, "rustup is not there to say");
    };
    let installed = String::from_utf8_lossy(&output.stdout);
    let (there, lacking): (Vec<_>, Vec<_>) = TARGETS
        .iter()
        .copied()
        .partition(|target| installed.lines().any(|line| line.trim() == *target));
    let check = Check::ok(
        GROUP,
        NAME,
        if there.is_empty() {
            "none".into()
        } else {
            there.join(", ")
        },
    );
    if lacking.is_empty() {
        return check;
    }
    check.but(
        State::Missing,
        format!("rustup target add {}", lacking.join(" ")),
    )
}

/// Only one guest of the tests is written in it.
fn go() -> Check {
    match says("go", &["version"]) {
        Some(version) => Check::ok(GROUP, "go", version),
        None => Check::ok(GROUP, "go", "not found")
            .but(State::Limited, "only guests written in Go need it"),
    }
}
