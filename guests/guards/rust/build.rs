//! Leaves the allocator some hundred KiB beyond data and stack, so that a fresh instance need not grow before its first answer.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-link-arg-cdylib=--initial-memory=1048576");
    println!("cargo::rustc-link-arg-cdylib=-zstack-size=262144");
}
