//! Takes the guests out of the builds of the crates that embed them, so that the packaged crates can carry them.
//!
//! A checkout builds guests from source, and none is committed. Someone who says `cargo add wardian` has no
//! guest sources: the package holds each finished module and its BLAKE3 digest, which the crate's build script checks.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::workspace::{Workspace, read_output};

/// A crate that embeds guests: its package, its folder, its modules.
struct Embeds {
    package: &'static str,
    folder: &'static str,
    modules: &'static [&'static str],
}

const EMBEDS: [Embeds; 2] = [
    Embeds {
        package: "wardian-service",
        folder: "crates/service",
        modules: &["image.wasm", "pdf.wasm", "sheet.wasm"],
    },
    Embeds {
        package: "wardian-policy",
        folder: "crates/policy",
        modules: &["rules.wasm", "rego.wasm"],
    },
];

/// What `cargo xtask test` has built by then. Building the one crate would unify features in another way, and so
/// compile the engine once more.
const BUILD: &str = "test --workspace --lib --bins --tests --no-run --message-format json";

/// Fills the `prebuilt` folders of the checkout; git ignores what it writes.
pub(crate) fn fill_tree(workspace: &Workspace) -> Result<()> {
    fill(workspace, &workspace.root)
}

/// Writes the modules and their digests into the crates of a tree.
pub(crate) fn fill(workspace: &Workspace, tree: &Path) -> Result<()> {
    let built = read_output(&mut workspace.cargo(BUILD))?;
    for one in &EMBEDS {
        let found = build_output(&built, one)
            .with_context(|| format!("the build of {} names no output folder", one.package))?;
        let folder = tree.join(one.folder).join("prebuilt");
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
        for name in one.modules {
            let module = find_module(&found, name, one.package)?;
            let bytes = std::fs::read(&module)
                .with_context(|| format!("cannot read {}", module.display()))?;
            let digest = blake3::hash(&bytes).to_hex();
            write(&folder.join(name), &bytes)?;
            write(
                &folder.join(format!("{name}.blake3")),
                format!("{digest}\n").as_bytes(),
            )?;
            println!("{name}: {} bytes, blake3 {digest}", bytes.len());
        }
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

#[derive(Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    package_id: String,
    out_dir: Option<PathBuf>,
}

/// The `OUT_DIR` of the crate's build script, from cargo's messages.
fn build_output(messages: &str, of: &Embeds) -> Option<PathBuf> {
    let place = format!("/{}#", of.folder);
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Message>(line).ok());
    messages
        .filter(|message| message.reason == "build-script-executed")
        .filter(|message| {
            message.package_id.contains(&place) || message.package_id.contains(of.package)
        })
        .find_map(|message| message.out_dir)
}

/// A module, which the build script leaves at the top of its output.
fn find_module(folder: &Path, name: &str, package: &str) -> Result<PathBuf> {
    let module = folder.join(name);
    if module.is_file() {
        return Ok(module);
    }
    bail!(
        "the build script of {package} left no {name} in {}",
        folder.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICE: &str = r#"{"reason":"build-script-executed","package_id":"path+file:///src/wardian/crates/service#wardian-service@0.1.0","out_dir":"/t/build/wardian-service-1/out"}"#;
    const OTHER: &str = r#"{"reason":"build-script-executed","package_id":"registry+x#blake3@1.0.0","out_dir":"/t/build/blake3-1/out"}"#;

    #[test]
    fn the_output_folder_is_the_service_crates_own() {
        let messages = format!("{OTHER}\nnot json\n{SERVICE}\n");
        assert_eq!(
            build_output(&messages, &EMBEDS[0]),
            Some(PathBuf::from("/t/build/wardian-service-1/out"))
        );
        assert_eq!(build_output(OTHER, &EMBEDS[0]), None);
    }

    #[test]
    fn a_build_without_the_module_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let said = find_module(folder.path(), "image.wasm", "wardian-service")
            .unwrap_err()
            .to_string();
        assert!(said.contains("left no image.wasm"), "{said}");
    }
}
