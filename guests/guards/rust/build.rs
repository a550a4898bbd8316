//! Leaves the allocator more than a hundred KiB beyond data and stack, so that a fresh instance need not grow before its
//! first answer, and not more: a call costs by the pages that its memory has.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-link-arg-cdylib=--initial-memory=262144");
    println!("cargo::rustc-link-arg-cdylib=-zstack-size=65536");
}
