//! A crate becomes a policy, or it is said why not.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use wardian_policy::make::{CrateError, POLICY_WIT, build_crate, check_component};

/// A crate of one file, in a folder of its own.
fn crate_of(name: &str, lib: &str, source: &str) -> PathBuf {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(dir.join("src")).unwrap();
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{lib}\n[workspace]\n"
    );
    fs::write(dir.join("Cargo.toml"), manifest).unwrap();
    fs::write(dir.join("src/lib.rs"), source).unwrap();
    dir
}

fn refused(dir: &Path) -> CrateError {
    build_crate(dir, "cargo".as_ref()).unwrap_err()
}

/// A cargo that says this and fails.
fn failing(name: &str, script: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, format!("#!/bin/sh\n{script}\nexit 101\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn the_example_is_a_policy() {
    let policy = build_crate(&example(), "cargo".as_ref()).unwrap();
    check_component(&policy).unwrap();
    let copy = fs::read_to_string(example().join("wit/policy.wit")).unwrap();
    assert_eq!(copy, POLICY_WIT);
}

#[test]
fn a_folder_without_a_crate_is_refused() {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("nothing");
    assert!(matches!(refused(&dir), CrateError::NoManifest { .. }));
}

#[test]
fn a_crate_that_makes_no_module_is_refused() {
    let dir = crate_of("ordinary", "", "");
    assert!(matches!(refused(&dir), CrateError::NoModule));
}

#[test]
fn a_module_that_is_no_policy_is_refused() {
    let dir = crate_of("other", "[lib]\ncrate-type = [\"cdylib\"]", "");
    assert!(matches!(refused(&dir), CrateError::NotAPolicy(_)));
}

#[test]
fn what_the_compiler_says_is_told() {
    let dir = crate_of(
        "broken",
        "[lib]\ncrate-type = [\"cdylib\"]",
        "fn a() -> u8 { \"\" }",
    );
    let told = refused(&dir).to_string();
    assert!(told.contains("error[E0308]: mismatched types"), "{told}");
}

#[test]
fn a_missing_target_is_named() {
    let dir = crate_of("targetless", "", "");
    let said = "echo '  = note: the `wasm32-unknown-unknown` target may not be installed' >&2";
    let cargo = failing("no-target", said);
    let missing = build_crate(&dir, cargo.as_os_str()).unwrap_err();
    let hint = missing.hint().unwrap();
    assert!(
        hint.starts_with("run `rustup target add wasm32-unknown-unknown`"),
        "{missing}: {hint}"
    );
    assert!(matches!(
        build_crate(&dir, "no such cargo".as_ref()).unwrap_err(),
        CrateError::Cargo(_)
    ));
}

#[test]
fn output_is_bounded() {
    let dir = crate_of("talkative", "", "");
    let said = "head -c 3000000 /dev/zero | tr '\\0' 'm'\nhead -c 200000 /dev/zero | tr '\\0' 'd' >&2\necho end >&2";
    let cargo = failing("talks", said);
    let CrateError::Build { diagnostics, .. } = build_crate(&dir, cargo.as_os_str()).unwrap_err()
    else {
        panic!("it fails");
    };
    assert_eq!(diagnostics.len(), 64 << 10);
    assert!(diagnostics.ends_with("dend\n"));
}
fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guests/policies/rust-example")
}
