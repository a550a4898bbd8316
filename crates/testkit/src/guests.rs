//! Guests, built from source when a test asks for them.

pub mod go;
pub mod guards;
mod once;
pub mod rust;

pub use once::once;

use std::path::PathBuf;
use std::process::Command;

/// Why a guest could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A file or folder of the build could not be made or read.
    #[error("cannot use {}", path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A program could not be started.
    #[error("cannot start `{program}`: {fix}")]
    Start {
        /// Which one.
        program: String,
        /// What to do about it.
        fix: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// A program failed.
    #[error("`{program}` ended with {status}: {fix}\n{output}")]
    Failed {
        /// Which one, with its arguments.
        program: String,
        /// Its exit status.
        status: std::process::ExitStatus,
        /// What to do about it.
        fix: &'static str,
        /// What it said.
        output: String,
    },
}

pub(crate) fn run(mut command: Command, fix: &'static str) -> Result<(), BuildError> {
    let program = format!("{command:?}");
    let output = command.output().map_err(|source| BuildError::Start {
        program: program.clone(),
        fix,
        source,
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(BuildError::Failed {
        program,
        status: output.status,
        fix,
        output: String::from_utf8_lossy(&said).into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_missing_or_fails_is_named() {
        let missing = run(Command::new("no-such-program-of-ours"), "install it")
            .unwrap_err()
            .to_string();
        assert!(
            missing.contains("no-such-program-of-ours") && missing.ends_with("install it"),
            "{missing}"
        );
        let mut command = Command::new("sh");
        command.args(["-c", "echo why >&2; exit 3"]);
        let failed = run(command, "mend it").unwrap_err().to_string();
        assert!(
            failed.contains("mend it") && failed.contains("why"),
            "{failed}"
        );
    }
}
