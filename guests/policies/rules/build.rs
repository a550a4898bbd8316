//! A stack for questions as deep as the parser goes, and not the default of a MiB: a call costs by the pages that its memory
//! has.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("wasm32") {
        println!("cargo::rustc-link-arg-cdylib=--initial-memory=196608");
        println!("cargo::rustc-link-arg-cdylib=-zstack-size=65536");
    }
}
