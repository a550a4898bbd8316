//! What build scripts need to put a guest where a library embeds it: built from source in a checkout, taken from
//! `prebuilt/` in a package.
//!
//! It runs one nested cargo build a guest, in a target directory of its own beside the host's, and nothing else. Where the
//! compiler lacks the WebAssembly target it asks rustup for it, and says what to do if that fails.
#![deny(missing_docs)]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A guest that a library embeds.
#[derive(Clone, Copy, Debug)]
pub struct Guest {
    /// What the library and its package call it, without `.wasm`.
    pub name: &'static str,
    /// Its package.
    pub package: &'static str,
    /// Its folder below `guests`.
    pub folder: &'static str,
    /// Crates of ours that it is made of beside the kit, below `crates`.
    pub crates: &'static [&'static str],
}

const TARGET: &str = "wasm32-unknown-unknown";

impl Guest {
    /// What cargo calls the module.
    fn artifact(&self) -> String {
        format!("{}.wasm", self.package.replace('-', "_"))
    }

    /// What the library and the package call it.
    fn module(&self) -> String {
        format!("{}.wasm", self.name)
    }
}

/// Writes `NAME.wasm` into the output folder of the build script that calls it.
///
/// # Errors
/// In words for whoever builds: the target is missing, the guest does not build, the package is damaged.
pub fn embed(guest: &Guest) -> Result<(), String> {
    let here = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(variable("OUT_DIR")?);
    let guests = here.join("../../guests");
    let module = if guests.join("Cargo.toml").is_file() {
        let guests = guests
            .canonicalize()
            .map_err(|e| format!("cannot find the guests: {e}"))?;
        build(guest, &guests, &out)?
    } else {
        prebuilt(guest, &here.join("prebuilt"))?
    };
    let to = out.join(guest.module());
    fs::write(&to, module).map_err(|e| format!("cannot write {}: {e}", to.display()))
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|e| format!("cargo did not set {name}: {e}"))
}

/// The finished module that the package carries, if it is the one whose digest lies beside it.
fn prebuilt(guest: &Guest, folder: &Path) -> Result<Vec<u8>, String> {
    let module = folder.join(guest.module());
    let digest = folder.join(format!("{}.blake3", guest.module()));
    println!("cargo:rerun-if-changed={}", module.display());
    println!("cargo:rerun-if-changed={}", digest.display());
    let lacks = |path: &Path, e| {
        format!(
            "{} cannot be read ({e}), and the guest's sources are not here to build it from; \
             in a checkout, `cargo xtask prebuild` makes it",
            path.display()
        )
    };
    let bytes = fs::read(&module).map_err(|e| lacks(&module, e))?;
    let wanted = fs::read_to_string(&digest).map_err(|e| lacks(&digest, e))?;
    let found = blake3::hash(&bytes).to_hex();
    if wanted.trim() != found.as_str() {
        return Err(format!(
            "{} has digest {found}, but {} says {}: the package is damaged, fetch it anew",
            module.display(),
            digest.display(),
            wanted.trim()
        ));
    }
    Ok(bytes)
}

/// Builds the guest from source. Each by itself: in one build together their dependencies' features would be summed, and
/// a module would depend on which others are asked for.
fn build(guest: &Guest, guests: &Path, out: &Path) -> Result<Vec<u8>, String> {
    let root = guests.parent().unwrap_or(guests);
    for path in [
        "Cargo.toml",
        "Cargo.lock",
        ".cargo/config.toml",
        "kit",
        guest.folder,
    ] {
        println!("cargo:rerun-if-changed={}", guests.join(path).display());
    }
    println!(
        "cargo:rerun-if-changed={}",
        root.join("Cargo.toml").display()
    );
    for name in guest.crates {
        for part in ["Cargo.toml", "src"] {
            let path = root.join("crates").join(name).join(part);
            println!("cargo:rerun-if-changed={}", path.display());
        }
    }
    target()?;
    // OUT_DIR is <target>/<profile>/build/<package>/out. All profiles of the host share one build of the guest.
    let target_dir = out.ancestors().nth(4).unwrap_or(out).join("wardian-guests");
    let mut cargo = Command::new(variable("CARGO")?);
    cargo
        .current_dir(guests)
        .args([
            "build",
            "--release",
            "--locked",
            "--lib",
            "--package",
            guest.package,
            "--target",
            TARGET,
        ])
        .arg("--target-dir")
        .arg(&target_dir);
    alone(&mut cargo);
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags(root));
    let output = cargo
        .output()
        .map_err(|e| format!("cannot run cargo for the guest: {e}"))?;
    if !output.status.success() {
        return Err(format!(
            "the {} guest does not build ({}):\n{}",
            guest.name,
            output.status,
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    let built = target_dir
        .join(TARGET)
        .join("release")
        .join(guest.artifact());
    fs::read(&built).map_err(|e| format!("cannot read the guest {}: {e}", built.display()))
}

/// The flags of the guests' own configuration, and no path of this machine in the module: equal sources make an equal
/// digest.
fn flags(root: &Path) -> String {
    let mut flags = vec![
        "-Ctarget-feature=+simd128".to_owned(),
        // Nothing in a guest may be random.
        "--cfg=getrandom_backend=\"unsupported\"".to_owned(),
    ];
    let home = env::var_os("HOME").map(|home| Path::new(&home).join(".cargo"));
    if let Some(cargo_home) = env::var_os("CARGO_HOME").map(PathBuf::from).or(home) {
        flags.push(format!(
            "--remap-path-prefix={}=/cargo",
            cargo_home.display()
        ));
    }
    flags.push(format!("--remap-path-prefix={}=/wardian", root.display()));
    flags.join("\u{1f}")
}

/// Takes away what the host's build says about itself: flags, wrappers, profiles and targets are not the guest's.
fn alone(cargo: &mut Command) {
    const NAMES: [&str; 12] = [
        "RUSTFLAGS",
        "RUSTDOCFLAGS",
        "RUSTC",
        "RUSTDOC",
        "RUSTC_LINKER",
        "RUSTC_WORKSPACE_WRAPPER",
        "CLIPPY_ARGS",
        "TARGET",
        "HOST",
        "PROFILE",
        "OPT_LEVEL",
        "DEBUG",
    ];
    const PREFIXES: [&str; 8] = [
        "CARGO_BUILD_",
        "CARGO_CFG_",
        "CARGO_ENCODED_",
        "CARGO_FEATURE_",
        "CARGO_MANIFEST_",
        "CARGO_PKG_",
        "CARGO_PROFILE_",
        "CARGO_TARGET_",
    ];
    for (name, _) in env::vars_os() {
        let Some(text) = name.to_str() else { continue };
        if NAMES.contains(&text) || PREFIXES.iter().any(|prefix| text.starts_with(prefix)) {
            cargo.env_remove(text);
        }
    }
}

/// Sees to it that the compiler can build for the guest's target.
fn target() -> Result<(), String> {
    if has_target()? {
        return Ok(());
    }
    let added = Command::new("rustup")
        .args(["target", "add", TARGET])
        .output();
    if added.as_ref().is_ok_and(|output| output.status.success()) && has_target()? {
        return Ok(());
    }
    let why = match added {
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        Err(e) => format!("rustup cannot be run: {e}"),
    };
    Err(format!(
        "the guests need the Rust target {TARGET}, which is not installed and could not be added ({why}); \
         run `rustup target add {TARGET}`"
    ))
}

fn has_target() -> Result<bool, String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()
        .map_err(|e| format!("cannot run rustc: {e}"))?;
    let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let mut files = fs::read_dir(folder).into_iter().flatten().flatten();
    Ok(output.status.success()
        && files.any(|file| file.file_name().to_string_lossy().starts_with("libcore-")))
}
