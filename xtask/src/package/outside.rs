//! What someone writes after `cargo add wardian --features image,policy`: a picture made smaller inside the box, if a
//! policy of ours allows it.
//! Compiled and run by `cargo xtask package` against the packaged crates, never as part of this workspace.

use wardian::image::{self, ResizeOptions};
use wardian::policy::artifact::Artifact;
use wardian::policy::{DecisionPoint, Input, PointConfig, Prepared, WasmChecker, make};
use wardian::{Sandbox, SandboxConfig};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: outside PICTURE")?;
    let sandbox = Sandbox::new(SandboxConfig::default())?;
    let wasm = make::from_document(&sandbox, br#"{"default": "deny", "cache": ["pictures"]}"#)?;
    let artifact = Artifact::from_bytes(wasm.into())?;
    let policy = WasmChecker::load_blocking(&sandbox, &artifact, Prepared::of(&artifact))?;
    let point = DecisionPoint::new(policy, PointConfig::default());
    let read = Input::new("cache.read", "namespace", "pictures");
    assert!(point.check_blocking(&read).is_allow(), "the policy does not allow what it lists");
    let small = image::resize_blocking(&sandbox, std::fs::read(path)?, ResizeOptions::width(64))?;
    let info = image::info_blocking(&sandbox, small.bytes.clone())?;
    assert_eq!(info.width, 64, "the picture came back with another width");
    println!("resized outside the workspace: {} x {}, {} bytes", info.width, info.height, small.bytes.len());
    Ok(())
}
