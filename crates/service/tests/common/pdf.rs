//! One compiled PDF guest for all tests of a binary, and for all binaries by way of the disk; the example documents.
#![allow(dead_code)] // Each test binary uses a part of it.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use futures_lite::future::block_on;
use wardian_sandbox::disk::{DiskConfig, DiskKey};
use wardian_sandbox::{CacheConfig, Sandbox, SandboxConfig};
use wardian_service::pdf::{Pdfs, RenderOptions};

/// A sandbox that finds compiled on disk what another test compiled.
pub fn sandbox() -> Sandbox {
    let disk = DiskConfig {
        dir: Path::new(env!("CARGO_TARGET_TMPDIR")).join("service-pdf-cache"),
        key: DiskKey::Own,
        bytes_max: 512 << 20,
    };
    Sandbox::new(SandboxConfig {
        cache: CacheConfig {
            disk: Some(disk),
            ..CacheConfig::default()
        },
        ..SandboxConfig::default()
    })
    .unwrap()
}

pub fn pdfs() -> &'static Pdfs {
    static PDFS: OnceLock<Pdfs> = OnceLock::new();
    PDFS.get_or_init(|| block_on(Pdfs::load(&sandbox())).unwrap())
}

/// An example document with all that it refers to.
pub struct Example {
    pub name: String,
    pub html: String,
    pub options: RenderOptions,
}

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/documents")
}

/// Every example, by name.
pub fn examples() -> Vec<Example> {
    let folder = folder();
    let mut all: Vec<Example> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "html"))
        .map(|path| example(&folder, &path))
        .collect();
    all.sort_by(|one, other| one.name.cmp(&other.name));
    assert!(all.len() >= 8, "examples are missing");
    all
}

fn example(folder: &Path, path: &Path) -> Example {
    let html = std::fs::read_to_string(path).unwrap();
    let mut options = RenderOptions::default();
    for name in references(&html) {
        options = options.asset(name.clone(), std::fs::read(folder.join(&name)).unwrap());
    }
    Example {
        name: path.file_stem().unwrap().to_string_lossy().into_owned(),
        html,
        options,
    }
}

/// The files beside it that a document names.
fn references(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in html.split(['"', '\'', '(', ')']) {
        let is_file = part.starts_with("../data/") || part.starts_with("fonts/");
        if is_file && !found.iter().any(|name| name == part) {
            found.push(part.to_owned());
        }
    }
    found
}

/// A PDF that says it is encrypted, by a password that nobody knows.
pub fn encrypted() -> Vec<u8> {
    let mut out = b"%PDF-1.4\n".to_vec();
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>".to_owned(),
        format!(
            "<</Filter/Standard/V 1/R 2/P -4/O<{}>/U<{}>>>",
            "ab".repeat(32),
            "cd".repeat(32)
        ),
    ];
    let mut table = String::from("xref\n0 5\n0000000000 65535 f \n");
    for (at, object) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n \n", out.len());
        out.extend(format!("{} 0 obj\n{object}\nendobj\n", at + 1).bytes());
    }
    let place = out.len();
    out.extend(table.bytes());
    let id = "12".repeat(16);
    let end = format!(
        "trailer\n<</Size 5/Root 1 0 R/Encrypt 4 0 R/ID[<{id}><{id}>]>>\nstartxref\n{place}\n%%EOF\n"
    );
    out.extend(end.bytes());
    out
}
