//! What makes a component of a policy, and what does not.

use wardian_policy::make::{CHECKER, ComponentizeError, POLICY_WIT, check_component, componentize};
use wit_component::{StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// The least that has the exports of the world.
const LEAST: &str = r#"
    (memory (export "memory") 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
    (func (export "wardian:policy/checker@1.0.0#check") (param i32) (result i32) (i32.const 0))"#;

fn module(fields: &str) -> Vec<u8> {
    wat::parse_str(format!("(module {fields})")).unwrap()
}

/// A module that says its world itself, the one in this text.
fn of_world(fields: &str, wit: &str) -> Vec<u8> {
    let mut module = module(fields);
    let mut resolve = Resolve::default();
    let package = resolve.push_source("test.wit", wit).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    module
}

fn refused(core: &[u8]) -> String {
    componentize(core).unwrap_err().to_string()
}

#[test]
fn a_module_with_the_worlds_exports_is_a_policy() {
    let component = componentize(&module(LEAST)).unwrap();
    check_component(&component).unwrap();
    assert_eq!(
        componentize(&of_world(LEAST, POLICY_WIT)).unwrap(),
        component
    );
}

#[test]
fn more_exports_of_the_module_change_nothing() {
    let more = r#"(func (export "policy_load") (param i32 i32) (result i64) (i64.const 0))"#;
    componentize(&module(&format!("{LEAST} {more}"))).unwrap();
}

#[test]
fn what_is_no_module_is_refused() {
    let component = componentize(&module(LEAST)).unwrap();
    for (bytes, expected) in [
        (&b"\0asm\x01\0\0"[..], "not a core module: "),
        (b"text", "not a core module: "),
        (&component, "not a core module: it is a component"),
    ] {
        let told = refused(bytes);
        assert!(told.starts_with(expected), "{told}");
    }
}

#[test]
fn an_export_that_is_missing_is_named() {
    let told = refused(&module(""));
    assert!(told.contains(CHECKER), "{told}");
    let mistyped = LEAST.replace("(param i32) (result i32) (i32.const 0)", "");
    let told = refused(&module(&mistyped));
    assert!(told.contains("#check"), "{told}");
}

#[test]
fn an_import_is_refused() {
    let imports = r#"(import "env" "now" (func (result i64)))"#;
    let told = refused(&module(&format!("{imports} {LEAST}")));
    assert!(told.contains("`env`"), "{told}");

    let clock = "interface clock { now: func() -> u64; }";
    let wit = POLICY_WIT.replace(
        "world policy {",
        &format!("{clock}\nworld policy {{ import clock;"),
    );
    let imports = r#"(import "wardian:policy/clock@1.0.0" "now" (func $now (result i64)))
        (func (export "x") (drop (call $now)))"#;
    let core = of_world(&format!("{imports} {LEAST}"), &wit);
    assert!(matches!(
        componentize(&core).unwrap_err(),
        ComponentizeError::Imports(found) if found == ["wardian:policy/clock@1.0.0"]
    ));
}

#[test]
fn another_export_is_refused() {
    let wit = POLICY_WIT.replace("export checker;", "export checker; export extra: func();");
    let core = of_world(&format!(r#"{LEAST} (func (export "extra"))"#), &wit);
    assert_eq!(
        refused(&core),
        "the policy exports extra, wardian:policy/checker@1.0.0, and not `wardian:policy/checker@1.0.0` alone"
    );
    assert_eq!(
        refused(&of_world("", "package a:b; world w {}")),
        "the policy exports nothing, and not `wardian:policy/checker@1.0.0` alone"
    );
    let core = of_world(
        &LEAST.replace("@1.0.0", "@1.1.0"),
        &POLICY_WIT.replace("@1.0.0", "@1.1.0"),
    );
    assert!(matches!(
        componentize(&core).unwrap_err(),
        ComponentizeError::Exports(_)
    ));
}

#[test]
fn other_types_are_refused() {
    for (ours, theirs) in [
        ("timestamp-ns: u64", "timestamp-ns: s64"),
        ("args-hash: option<string>,", ""),
        ("deny(string)", "no(string)"),
    ] {
        assert!(POLICY_WIT.contains(ours));
        let core = of_world(LEAST, &POLICY_WIT.replace(ours, theirs));
        assert!(
            matches!(
                componentize(&core).unwrap_err(),
                ComponentizeError::Types(_)
            ),
            "{theirs}"
        );
    }
}
