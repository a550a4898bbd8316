//! Policy artifacts through their front door: formats as they are written, tampering, limits, rollback, many writers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on says where.

mod codes;
mod digests;
mod files;
mod keys;
mod locks;
mod rollback;
mod sections;
mod signatures;
mod stores;
mod versions;

use wardian_policy::artifact::{
    Artifact, ArtifactMeta, Digest, KeyPair, Moment, PolicyName, Signature, Trust, write_section,
};

/// The seed of the first test of RFC 8032, section 7.1.
const SECRET: &str = "ed25519-secret:nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
const PUBLIC: &str = "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
const EMPTY_MODULE: &[u8] = b"\0asm\x01\0\0\0";
const EMPTY_COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
const ZERO: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

fn keys() -> KeyPair {
    KeyPair::from_secret_text(SECRET).unwrap()
}

/// Other keys than those, always the same.
fn other_keys() -> KeyPair {
    let text = "ed25519-secret:TM0Imyj/ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U+4pvs=";
    KeyPair::from_secret_text(text).unwrap()
}

fn trust(keys: &KeyPair) -> Trust {
    Trust::new([keys.public()]).unwrap()
}

fn wasm(version: &str) -> Vec<u8> {
    let meta = ArtifactMeta {
        version: Some(version.parse().unwrap()),
        ..ArtifactMeta::default()
    };
    write_section(EMPTY_MODULE, &meta).unwrap()
}

fn artifact(version: &str) -> Artifact {
    Artifact::from_bytes(wasm(version)).unwrap()
}

fn signed(version: &str) -> (Artifact, Signature) {
    let artifact = artifact(version);
    let signature = keys().sign(&artifact);
    (artifact, signature)
}

fn name(text: &str) -> PolicyName {
    text.parse().unwrap()
}

fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

/// The text with spaces behind it, so many bytes in all.
fn padded(text: &str, bytes: usize) -> String {
    text.to_owned() + &" ".repeat(bytes - text.len())
}

/// So many minutes after a moment in 2026.
fn moment(minute: u8) -> Moment {
    format!("2026-11-27T08:{minute:02}:00Z").parse().unwrap()
}
