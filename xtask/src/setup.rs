//! What a machine must have, installed where that is possible; what is missing is one line with its fix.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::workspace::{Workspace, read, read_output, run};

/// Checks and installs everything that the steps need.
pub(crate) fn run_all(workspace: &Workspace) -> Result<()> {
    linker()?;
    cxx()?;
    wasm_targets(workspace)?;
    component("rustfmt", "fmt")?;
    component("clippy", "clippy")?;
    python()?;
    node()?;
    poppler()?;
    Ok(())
}

/// The linker that rustc calls on this platform.
fn linker() -> Result<()> {
    if answers("cc", &["--version"]) {
        return Ok(());
    }
    bail!(
        "no C compiler: rustc links with `cc`; install one (Debian: `apt-get install build-essential`)"
    )
}

/// The compiler of libFuzzer, which is C++ and links its library. Cargo's build scripts look for the same two.
pub(crate) fn cxx() -> Result<()> {
    let chosen = std::env::var("CXX").unwrap_or_else(|_| "c++".to_owned());
    if answers(&chosen, &["--version"]) {
        return Ok(());
    }
    bail!(
        "no C++ compiler: the fuzz targets need `{chosen}`; install one (Debian: `apt-get install build-essential`)"
    )
}

/// The targets that rust-toolchain.toml names, in the toolchain that runs us.
pub(crate) fn wasm_targets(workspace: &Workspace) -> Result<()> {
    let wanted = named_targets(&read(&workspace.root.join("rust-toolchain.toml"))?)?;
    let sysroot = read_output(Command::new("rustc").args(["--print", "sysroot"]))
        .context("no Rust: install rustup")?;
    let libraries = Path::new(sysroot.trim()).join("lib").join("rustlib");
    let missing: Vec<&String> = wanted
        .iter()
        .filter(|target| !libraries.join(target).join("lib").is_dir())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing
        .iter()
        .map(|name| name.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    if !answers("rustup", &["--version"]) {
        bail!(
            "the Rust at {} lacks {names}: install rustup, or your distribution's packages of these targets",
            sysroot.trim()
        );
    }
    run(Command::new("rustup").args(["target", "add"]).args(missing)).with_context(|| {
        format!("the guests need {names}: get online and run `rustup target add {names}`")
    })
}

fn named_targets(toolchain: &str) -> Result<Vec<String>> {
    let table: toml::Table = toolchain
        .parse()
        .context("rust-toolchain.toml is no TOML")?;
    let targets = table
        .get("toolchain")
        .and_then(|t| t.get("targets"))
        .and_then(toml::Value::as_array);
    let targets = targets.context("rust-toolchain.toml names no targets")?;
    Ok(targets
        .iter()
        .filter_map(toml::Value::as_str)
        .map(str::to_owned)
        .collect())
}

fn component(name: &str, subcommand: &str) -> Result<()> {
    if answers("cargo", &[subcommand, "--version"]) {
        return Ok(());
    }
    if !answers("rustup", &["--version"]) {
        bail!("`cargo {subcommand}` is missing: install rustup, or your distribution's {name}");
    }
    run(Command::new("rustup").args(["component", "add", name])).with_context(|| {
        format!("`cargo {subcommand}` is missing: get online and run `rustup component add {name}`")
    })
}

/// Python with venv: tests compare pictures with Pillow's, and a Go that is missing comes by pip. The tests that need
/// them make their environments below the target directory.
fn python() -> Result<()> {
    if !answers("python3", &["--version"]) {
        bail!(
            "no python3: tests compare with Pillow; install Python 3 (Debian: `apt-get install python3 python3-venv`)"
        );
    }
    if !answers("python3", &["-c", "import venv, ensurepip"]) {
        bail!(
            "python3 cannot make environments: install its venv module (Debian: `apt-get install python3-venv`)"
        );
    }
    Ok(())
}

/// Node with npm: the guard in AssemblyScript is compiled by it. Its compiler itself the tests fetch.
fn node() -> Result<()> {
    if answers("node", &["--version"]) && answers("npm", &["--version"]) {
        return Ok(());
    }
    bail!(
        "no node with npm: a guest is AssemblyScript; install Node 20 or newer (Debian: `apt-get install nodejs npm`)"
    )
}

/// Poppler's tools: tests find again with `pdftotext` what documents say. Debian's package, installed where we may.
pub(crate) fn poppler() -> Result<()> {
    if answers("pdftotext", &["-v"]) && answers("pdftoppm", &["-v"]) {
        return Ok(());
    }
    let install: &[&[&str]] = &[&["apt-get"], &["sudo", "-n", "apt-get"]];
    for way in install {
        let apt = |arguments: &[&str]| {
            let (program, before) = way.split_first()?;
            let all: Vec<&str> = before.iter().chain(arguments).copied().collect();
            answers(program, &all).then_some(())
        };
        // The package lists of a fresh container may be empty or old.
        if apt(&["--version"]).is_some()
            && (apt(POPPLER).is_some()
                || apt(&["update", "-q"]).and_then(|()| apt(POPPLER)).is_some())
            && answers("pdftotext", &["-v"])
        {
            return Ok(());
        }
    }
    bail!(
        "no pdftotext: tests read PDFs with it, and it could not be installed; install poppler's tools (Debian: `apt-get install poppler-utils`)"
    )
}

const POPPLER: &[&str] = &[
    "install",
    "-y",
    "-q",
    "--no-install-recommends",
    "poppler-utils",
];

/// Whether the program starts and ends well with these arguments.
pub(crate) fn answers(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_come_from_the_toolchain_file() {
        let file =
            "[toolchain]\nchannel = \"stable\"\ntargets = [\"wasm32-wasip1\", \"wasm32-wasip2\"]\n";
        assert_eq!(
            named_targets(file).unwrap(),
            ["wasm32-wasip1", "wasm32-wasip2"]
        );
        assert!(named_targets("[toolchain]\n").is_err());
    }

    #[test]
    fn a_missing_program_does_not_answer() {
        assert!(!answers("no-such-program-of-ours", &[]));
        assert!(answers("sh", &["-c", "exit 0"]));
        assert!(!answers("sh", &["-c", "exit 3"]));
    }
}
