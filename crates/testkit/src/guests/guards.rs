//! The guards below `guests/guards`: one predicate in five languages, each built by its own compiler.
//!
//! A compiler that the machine need not have comes from a package manager, pinned, into the target directory: C and Zig
//! from PyPI's `ziglang`, AssemblyScript from npm, Go as [`go`] says.

pub mod cases;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::once::{at, lock, once};
use super::{BuildError, go, run};

/// Zig, which is a C compiler with a libc for WASI too, as a Python wheel.
const ZIG_WHEEL: &str = "ziglang==0.17.1";
const NO_VENV: &str =
    "install Python 3 with its venv module (Debian: `apt-get install python3 python3-venv`)";
const NO_NODE: &str = "install Node 20 or newer with npm, and get online once for npm";
const NOT_COMPILED: &str = "the guard does not compile";

/// A guard that was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// What it is written in, which is the name of its folder.
    pub language: &'static str,
    /// The module.
    pub path: PathBuf,
    /// The longest request that it takes, where its custom section says so.
    pub request_bytes_max: Option<u64>,
}

/// Builds the guards in all languages; quick when nothing changed.
///
/// Tools, caches and modules go below `target`, the target directory. May be called from any number of tests and
/// processes at once.
///
/// # Errors
/// When a tool is missing and cannot be installed, or when a guard does not compile.
pub fn guards(target: &Path) -> Result<Vec<Guard>, BuildError> {
    let all: [(&'static str, Build); 5] = [
        ("rust", rust),
        ("go", golang),
        ("assemblyscript", assemblyscript),
        ("c", c),
        ("zig", zig),
    ];
    all.into_iter()
        .map(|(language, build)| guard(language, build, target))
        .collect()
}

/// A guard written by hand, `guests/guards/wat/{name}.wat`, as the binary that it stands for.
///
/// # Errors
/// When there is none of that name, or it is not well formed.
pub fn by_hand(name: &str) -> Result<Vec<u8>, BuildError> {
    let path = sources("wat").join(name).with_extension("wat");
    wat::parse_file(&path).map_err(|error| at(&path)(std::io::Error::other(error)))
}

/// From a source folder and the target directory to a module's bytes.
type Build = fn(&Path, &Path) -> Result<Vec<u8>, BuildError>;

fn guard(language: &'static str, build: Build, target: &Path) -> Result<Guard, BuildError> {
    let source = sources(language);
    let mut module = build(&source, target)?;
    // For toolchains that cannot write a custom section of ours.
    let said = source.join("guard.json");
    let mut request_bytes_max = None;
    if said.is_file() {
        let said = fs::read(&said).map_err(at(&said))?;
        request_bytes_max = serde_json::from_slice::<serde_json::Value>(&said)
            .ok()
            .and_then(|said| said.get("request_bytes_max")?.as_u64());
        module.extend(section("wardian:guard", said.trim_ascii()));
    }
    let parent = built(target);
    let path = parent.join(language).with_extension("wasm");
    let _only_one = lock(&parent, language)?;
    if !fs::read(&path).is_ok_and(|there| there == module) {
        // By a new name first: another process may be reading.
        let fresh = path.with_extension("new");
        fs::write(&fresh, module)
            .and_then(|()| fs::rename(&fresh, &path))
            .map_err(at(&path))?;
    }
    Ok(Guard {
        language,
        path,
        request_bytes_max,
    })
}

fn sources(language: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../guests/guards")
        .join(language)
}

fn built(target: &Path) -> PathBuf {
    target.join("wardian-guests").join("guards")
}

/// A custom section, to be put behind a module.
fn section(name: &str, content: &[u8]) -> Vec<u8> {
    let mut inside = leb(name.len());
    inside.extend(name.as_bytes());
    inside.extend(content);
    [vec![0], leb(inside.len()), inside].concat()
}

fn leb(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

/// By cargo, which knows itself what changed; in the target directory of all Rust guests.
fn rust(source: &Path, target: &Path) -> Result<Vec<u8>, BuildError> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let directory = target.join("guests");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build
        .current_dir(source)
        .args(["build", "--release", "--locked", "--target", TARGET])
        .arg("--target-dir")
        .arg(&directory)
        // The host's flags are not the guest's; those of the guests' own configuration hold.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    run(
        build,
        "mend the guard, or `rustup target add wasm32-unknown-unknown`",
    )?;
    let module = directory.join(TARGET).join("release").join("guard.wasm");
    fs::read(&module).map_err(at(&module))
}

/// By Go, which knows itself what changed.
fn golang(source: &Path, target: &Path) -> Result<Vec<u8>, BuildError> {
    go::build(source, target)
}

fn assemblyscript(source: &Path, target: &Path) -> Result<Vec<u8>, BuildError> {
    let files = ["package.json", "package-lock.json"];
    let versions = read_all(source, &files)?;
    let tools = once(
        &target.join("tools"),
        "assemblyscript",
        &versions,
        |tools| {
            for file in files {
                fs::copy(source.join(file), tools.join(file)).map_err(at(&source.join(file)))?;
            }
            let mut npm = Command::new("npm");
            npm.current_dir(tools)
                .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
            run(npm, NO_NODE)
        },
    )?;
    compiled(
        source,
        target,
        &["guard.ts", "asconfig.json", "package-lock.json"],
        |module| {
            let mut asc = Command::new("node");
            asc.arg(tools.join("node_modules/assemblyscript/bin/asc.js"))
                .args(["guard.ts", "--outFile"])
                .arg(module);
            Ok(asc)
        },
    )
}

fn c(source: &Path, target: &Path) -> Result<Vec<u8>, BuildError> {
    compiled(source, target, &["guard.c"], |module| {
        let mut zig = zig_command(target)?;
        zig.args(["cc", "-target", "wasm32-wasi", "-mexec-model=reactor"])
            .args(["-O2", "-s", "-Wall", "-Wextra", "-Werror"])
            // The default, 16 MiB, is more than a guard may have.
            .args(["-Wl,-z,stack-size=65536", "-o"])
            .arg(module)
            .arg("guard.c");
        Ok(zig)
    })
}

fn zig(source: &Path, target: &Path) -> Result<Vec<u8>, BuildError> {
    compiled(source, target, &["guard.zig"], |module| {
        let mut zig = zig_command(target)?;
        let mut emit = std::ffi::OsString::from("-femit-bin=");
        emit.push(module);
        zig.args(["build-exe", "guard.zig", "-target", "wasm32-freestanding"])
            .args(["-O", "ReleaseSafe", "-fstrip", "-fno-entry"])
            // The default, 16 MiB, is more than a guard may have.
            .args(["--stack", "65536", "--export=alloc", "--export=eval"])
            .arg(emit);
        Ok(zig)
    })
}

/// The module that a compiler makes of these files in `source`; made again when they or the compiler changed.
fn compiled(
    source: &Path,
    target: &Path,
    files: &[&str],
    compiler: impl FnOnce(&Path) -> Result<Command, BuildError>,
) -> Result<Vec<u8>, BuildError> {
    let name = source.file_name().unwrap_or(source.as_os_str());
    let name = format!("{}.build", name.to_string_lossy());
    let mut made_from = read_all(source, files)?;
    made_from.extend(ZIG_WHEEL.as_bytes());
    // And of how the compilers are called.
    made_from.extend(include_bytes!("guards.rs"));
    let folder = once(&built(target), &name, &made_from, |folder| {
        let mut command = compiler(&folder.join("guard.wasm"))?;
        command.current_dir(source);
        run(command, NOT_COMPILED)
    })?;
    let module = folder.join("guard.wasm");
    fs::read(&module).map_err(at(&module))
}

fn read_all(source: &Path, files: &[&str]) -> Result<Vec<u8>, BuildError> {
    let mut all = Vec::new();
    for file in files {
        let path = source.join(file);
        all.extend(fs::read(&path).map_err(at(&path))?);
    }
    Ok(all)
}

/// Zig of a Python environment below the target directory, its caches beside it.
fn zig_command(target: &Path) -> Result<Command, BuildError> {
    let tools = target.join("tools");
    let environment = once(&tools, "zig", ZIG_WHEEL.as_bytes(), |environment| {
        let mut venv = Command::new("python3");
        venv.args(["-m", "venv"]).arg(environment);
        run(venv, NO_VENV)?;
        let mut pip = Command::new(environment.join("bin").join("python"));
        pip.args(["-m", "pip", "install", "--quiet", ZIG_WHEEL]);
        run(pip, "get online once for pip")
    })?;
    let mut zig = Command::new(environment.join("bin").join("python"));
    zig.args(["-m", "ziglang"])
        .env("ZIG_GLOBAL_CACHE_DIR", tools.join("zig-cache"))
        .env("ZIG_LOCAL_CACHE_DIR", tools.join("zig-cache"));
    Ok(zig)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_framed() {
        assert_eq!(section("ab", b"xyz"), *b"\0\x06\x02abxyz");
        assert_eq!(leb(300), [0xac, 0x02]);
    }

    #[test]
    fn guards_by_hand_are_read() {
        let plain = by_hand("fixed_buffer").unwrap();
        let declared = by_hand("fixed_buffer_declared").unwrap();
        let said = section("wardian:guard", br#"{"request_bytes_max":16384}"#);
        assert!(declared.windows(said.len()).any(|bytes| bytes == said));
        assert_eq!(plain.len() + said.len(), declared.len());
        assert!(by_hand("none").is_err());
    }
}
