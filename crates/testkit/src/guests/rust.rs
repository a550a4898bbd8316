//! Small Rust guests whose source is a text in a test, compiled by the toolchain that runs the tests.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use super::{BuildError, run};

/// Compiles one source file for a wasm target, with flags for `rustc`, and returns the module's bytes.
///
/// `dir` is an empty folder for what the compiler reads and writes.
///
/// # Errors
/// When the target is not installed or the source does not compile.
pub fn compile(
    dir: &Path,
    target: &str,
    flags: &[&str],
    source: &str,
) -> Result<Vec<u8>, BuildError> {
    let (input, output) = (dir.join("guest.rs"), dir.join("guest.wasm"));
    std::fs::write(&input, source).map_err(|source| BuildError::Io {
        path: input.clone(),
        source,
    })?;
    // Cargo names the compiler it uses to those it runs only if somebody chose one.
    let mut rustc =
        Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc")));
    rustc.args(["--edition", "2024", "--target", target, "-C", "panic=abort"]);
    rustc.args(flags).arg("-o").args([&output, &input]);
    run(rustc, "mend the source, or `rustup target add` the target")?;
    std::fs::read(&output).map_err(|source| BuildError::Io {
        path: output,
        source,
    })
}
