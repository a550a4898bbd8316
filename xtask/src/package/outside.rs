//! What someone writes after `cargo add wardian --features image`: a picture made smaller inside the box.
//! Compiled and run by `cargo xtask package` against the packaged crates, never as part of this workspace.

use wardian::image::{self, ResizeOptions};
use wardian::{Sandbox, SandboxConfig};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: outside PICTURE")?;
    let sandbox = Sandbox::new(SandboxConfig::default())?;
    let small = image::resize_blocking(&sandbox, std::fs::read(path)?, ResizeOptions::width(64))?;
    let info = image::info_blocking(&sandbox, small.bytes.clone())?;
    assert_eq!(info.width, 64, "the picture came back with another width");
    println!("resized outside the workspace: {} x {}, {} bytes", info.width, info.height, small.bytes.len());
    Ok(())
}
