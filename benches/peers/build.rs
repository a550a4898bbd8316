//! Builds the guests, each in the forms that are compared; does nothing else.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Package, features, and the name that the built module gets here.
const GUESTS: &[(&str, &str, &str)] = &[
    ("bench-small", "", "small"),
    ("bench-big", "", "big"),
    ("wardian-guest-image", "", "image"),
    ("wardian-guest-guard", "", "guard"),
    ("bench-small", "bench-small/extism", "small_extism"),
    ("bench-big", "bench-big/extism", "big_extism"),
];

fn main() {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let guests = here.join("../../guests");
    for watched in [
        "bench",
        "services/image",
        "guards/rust",
        "Cargo.toml",
        "Cargo.lock",
    ] {
        println!("cargo::rerun-if-changed={}", guests.join(watched).display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    let with_extism = env::var_os("CARGO_FEATURE_EXTISM").is_some();
    for (package, features, name) in GUESTS {
        let module = out.join(format!("{name}.wasm"));
        if features.is_empty() || with_extism {
            build(&guests, &out, package, features, &module);
        } else {
            std::fs::write(&module, []).expect("cannot write to OUT_DIR");
        }
    }
}

fn build(guests: &Path, out: &Path, package: &str, features: &str, module: &Path) {
    // Beside the profile's own folder (`target/release/build/peers-…/out`), so that it outlives a change of this script.
    let target = out.ancestors().nth(4).unwrap_or(out).join("guests");
    let cargo = env::var_os("CARGO").expect("cargo sets it");
    let status = Command::new(cargo)
        .current_dir(guests)
        .args([
            "build",
            "--release",
            "--target",
            "wasm32-unknown-unknown",
            "--package",
            package,
        ])
        .args(["--features", features])
        .arg("--target-dir")
        .arg(&target)
        // What this build was told is for the host, not for the guests.
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("RUSTFLAGS")
        // Line tables are of no use here and would be hashed and copied at each load.
        .env("CARGO_PROFILE_RELEASE_DEBUG", "false")
        .env("CARGO_PROFILE_RELEASE_STRIP", "true")
        .status()
        .expect("cannot start cargo for the guests");
    assert!(
        status.success(),
        "cannot build {package}; is the target there? `rustup target add wasm32-unknown-unknown`"
    );
    let library = match package {
        "wardian-guest-guard" => "guard".to_owned(),
        package => package.replace('-', "_"),
    };
    let built = target.join(format!("wasm32-unknown-unknown/release/{library}.wasm"));
    std::fs::copy(&built, module)
        .unwrap_or_else(|e| panic!("cannot copy {}: {e}", built.display()));
}
