//! Builds a policy that is a crate: cargo makes the module, and this makes the component.
//!
//! - in: a folder with a `Cargo.toml` whose library is a `cdylib`. Its build scripts and macros run on this machine, with the
//!   rights of whoever builds it.
//! - out: a policy's component, checked.
//! - never: another target directory or profile than cargo itself would take, so that a build by hand and this share work.

use std::ffi::OsStr;
use std::io::{self, BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::{fs, thread};

use serde::Deserialize;

use crate::make::component::{ComponentizeError, componentize};

/// The target of policies.
pub const TARGET: &str = "wasm32-unknown-unknown";
/// Bytes of a module that cargo made.
pub const MODULE_BYTES_MAX: u64 = 64 << 20;

/// Bytes of one of cargo's messages; longer ones are passed over.
const MESSAGE_BYTES_MAX: u64 = 1 << 20;
/// Bytes of what cargo says to people; of more, the last ones.
const DIAGNOSTICS_BYTES_MAX: usize = 64 << 10;

/// Why a crate makes no policy.
#[derive(Debug, thiserror::Error)]
pub enum CrateError {
    /// There is no `Cargo.toml`.
    #[error("`{}` has no Cargo.toml that can be read", dir.display())]
    NoManifest {
        /// The folder.
        dir: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Cargo is not there, or its output cannot be read.
    #[error("cargo cannot be run")]
    Cargo(#[source] io::Error),
    /// The compiler has no library for the target.
    #[error("the Rust target {TARGET} is not installed")]
    TargetMissing {
        /// The folder.
        dir: PathBuf,
    },
    /// The crate does not compile.
    #[error("the crate does not build ({status})\n{diagnostics}")]
    Build {
        /// How cargo ended.
        status: ExitStatus,
        /// The last of what it said.
        diagnostics: String,
    },
    /// It compiles to no module.
    #[error("the crate makes no WebAssembly module")]
    NoModule,
    /// The module cannot be read.
    #[error("the module `{}` cannot be read", path.display())]
    Module {
        /// Where cargo put it.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The module is too large.
    #[error("the module has more than {MODULE_BYTES_MAX} bytes")]
    TooLarge,
    /// The module is none of a policy.
    #[error("the crate is not a policy")]
    NotAPolicy(#[from] ComponentizeError),
}

impl CrateError {
    /// What to do about it, where that is not plain from the message.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            CrateError::TargetMissing { dir } => Some(format!(
                "run `rustup target add {TARGET}`, with the toolchain that builds `{}`",
                dir.display()
            )),
            CrateError::NoModule => {
                Some("say `crate-type = [\"cdylib\"]` below `[lib]` in its Cargo.toml".into())
            }
            CrateError::TooLarge => Some("say `strip = true` below `[profile.release]`".into()),
            CrateError::NoManifest { .. }
            | CrateError::Cargo(_)
            | CrateError::Build { .. }
            | CrateError::Module { .. }
            | CrateError::NotAPolicy(_) => None,
        }
    }
}

/// Builds the package whose `Cargo.toml` lies in `dir`, by this cargo.
///
/// # Errors
/// [`CrateError`].
pub fn build_crate(dir: &Path, cargo: &OsStr) -> Result<Vec<u8>, CrateError> {
    let manifest = dir.join("Cargo.toml").canonicalize();
    let manifest = manifest.map_err(|source| CrateError::NoManifest {
        dir: dir.to_owned(),
        source,
    })?;
    let mut child = command(&manifest, cargo)
        .spawn()
        .map_err(CrateError::Cargo)?;
    let told = listen(&mut child, &manifest);
    let status = child.wait().map_err(CrateError::Cargo)?;
    let (module, diagnostics) = told.map_err(CrateError::Cargo)?;
    if !status.success() {
        // What rustc says where it finds no `core`; its error's code says the same of other crates.
        return Err(match diagnostics.contains("target may not be installed") {
            true => CrateError::TargetMissing {
                dir: dir.to_owned(),
            },
            false => CrateError::Build {
                status,
                diagnostics,
            },
        });
    }
    let module = read(&module.ok_or(CrateError::NoModule)?)?;
    Ok(componentize(&module)?)
}

fn command(manifest: &Path, cargo: &OsStr) -> Command {
    let mut command = Command::new(cargo);
    command
        .args(["build", "--release", "--lib", "--target", TARGET])
        .args([
            "--message-format",
            "json-render-diagnostics",
            "--color",
            "never",
        ])
        .arg("--manifest-path")
        .arg(manifest)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(dir) = manifest.parent() {
        // The crate's own configuration and toolchain.
        command.current_dir(dir);
    }
    command
}

/// Both of cargo's outputs to their ends: the module, and what it says to people.
fn listen(child: &mut Child, manifest: &Path) -> io::Result<(Option<PathBuf>, String)> {
    let (Some(messages), Some(diagnostics)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(io::Error::other("cargo's output is not there"));
    };
    thread::scope(|scope| {
        let diagnostics = scope.spawn(|| last_of(diagnostics));
        let module = find_module(messages, manifest);
        let diagnostics = diagnostics.join();
        let lost = |_| Err(io::Error::other("cargo's diagnostics were lost"));
        Ok((module?, diagnostics.unwrap_or_else(lost)?))
    })
}

/// A message of cargo's, as far as it matters here.
#[derive(Deserialize)]
struct Message {
    reason: String,
    manifest_path: Option<PathBuf>,
    target: Option<Target>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    crate_types: Vec<String>,
}

fn find_module(messages: impl Read, manifest: &Path) -> io::Result<Option<PathBuf>> {
    let mut messages = BufReader::new(messages);
    let (mut line, mut module) = (Vec::new(), None);
    loop {
        line.clear();
        if (&mut messages)
            .take(MESSAGE_BYTES_MAX)
            .read_until(b'\n', &mut line)?
            == 0
        {
            return Ok(module);
        }
        // What is no message, or the rest of one that was too long, is passed over.
        if let Ok(message) = serde_json::from_slice::<Message>(&line) {
            module = made(message, manifest).or(module);
        }
    }
}

fn made(message: Message, manifest: &Path) -> Option<PathBuf> {
    let types = message.target?.crate_types;
    let is_ours = message.reason == "compiler-artifact"
        && types.iter().any(|one| one == "cdylib")
        && message.manifest_path?.canonicalize().ok()? == manifest;
    let mut files = message.filenames.into_iter();
    files.find(|file| is_ours && file.extension() == Some(OsStr::new("wasm")))
}

fn last_of(mut output: impl Read) -> io::Result<String> {
    let (mut kept, mut part) = (Vec::new(), [0; 4096]);
    loop {
        let count = match output.read(&mut part) {
            Ok(0) => return Ok(String::from_utf8_lossy(&kept).into_owned()),
            Ok(count) => count,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        kept.extend_from_slice(part.get(..count).unwrap_or_default());
        let surplus = kept.len().saturating_sub(DIAGNOSTICS_BYTES_MAX);
        kept.drain(..surplus);
    }
}

fn read(path: &Path) -> Result<Vec<u8>, CrateError> {
    let unreadable = |source| CrateError::Module {
        path: path.to_owned(),
        source,
    };
    let file = fs::File::open(path).map_err(unreadable)?;
    let mut module = Vec::new();
    let mut file = file.take(MODULE_BYTES_MAX + 1);
    file.read_to_end(&mut module).map_err(unreadable)?;
    match module.len() as u64 > MODULE_BYTES_MAX {
        true => Err(CrateError::TooLarge),
        false => Ok(module),
    }
}
