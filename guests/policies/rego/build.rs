//! Room for the data, the stack and the engine's own tables. The stack holds a parser that is as deep as its source is.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-link-arg-cdylib=-zstack-size=1048576");
}
