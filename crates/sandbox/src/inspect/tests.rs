//! Modules and components written as text, hostile ones among them.

use proptest::prelude::*;

use super::*;

fn wat(text: &str) -> ModuleInfo {
    inspect(&wat::parse_str(text).unwrap()).unwrap()
}

fn report(info: &ModuleInfo, contract: Expected) -> &ContractReport {
    info.contracts
        .iter()
        .find(|report| report.contract == contract)
        .unwrap()
}

fn satisfied(info: &ModuleInfo) -> Vec<Expected> {
    info.contracts
        .iter()
        .filter(|report| report.satisfied)
        .map(|report| report.contract)
        .collect()
}

fn listed(items: &Listing<Item>) -> Vec<String> {
    items
        .items
        .iter()
        .map(|item| format!("{:?} {}: {}", item.kind, item.name, item.signature))
        .collect()
}

#[test]
fn a_core_module_is_described() {
    let info = wat(r#"(module $calc
            (import "env" "log" (func (param i32 i32)))
            (import "env" "limit" (global i64))
            (memory (export "memory") 2 16)
            (table (export "table") 3 funcref)
            (global (export "state") (mut f64) f64.const 1)
            (func (export "many") (param i32 f32) (result i32 i64) i32.const 1 i64.const 2)
            (func (export "nothing"))
            (func $start)
            (start $start)
            (data (i32.const 0) "12345678"))"#);
    assert_eq!(info.kind, Kind::Core);
    assert_eq!(info.module_name.as_deref(), Some("calc"));
    assert_eq!(
        listed(&info.exports),
        [
            "Memory memory: 2..16",
            "Table table: 3.. funcref",
            "Global state: mut f64",
            "Function many: (i32, f32) -> (i32, i64)",
            "Function nothing: () -> ()",
        ]
    );
    let imports: Vec<_> = info
        .imports
        .items
        .iter()
        .map(|i| (&*i.module, &*i.item.name, &*i.item.signature))
        .collect();
    assert_eq!(
        imports,
        [("env", "log", "(i32, i32) -> ()"), ("env", "limit", "i64")]
    );
    let memory = Memory {
        pages_min: 2,
        pages_max: Some(16),
        page_bytes: 65536,
        shared: false,
        memory64: false,
        imported: false,
    };
    assert_eq!(info.memories.items, [memory]);
    assert_eq!(
        (info.functions, info.core_modules, info.start),
        (3, 1, true)
    );
    assert!(info.code_bytes > 0 && info.data_bytes >= 8);
    assert!(info.debug.names && !info.debug.dwarf);
    assert_eq!(
        info.custom_sections.items,
        [CustomSection {
            name: "name".into(),
            bytes: info.custom_sections.items[0].bytes
        }]
    );
    assert_eq!(info.digest.len(), 64);
    let json = serde_json::to_value(&info).unwrap();
    assert_eq!(json["kind"], "core");
    assert_eq!(json["exports"]["items"][3]["kind"], "function");
    assert_eq!(json["imports"]["items"][0]["name"], "log");
}

#[test]
fn proposals_that_are_off_are_still_described() {
    let info = wat("(module (import \"a\" \"b\" (memory 1)) (memory i64 1 2) (memory 1 1 shared))");
    let facts: Vec<_> = info
        .memories
        .items
        .iter()
        .map(|m| (m.memory64, m.shared, m.imported))
        .collect();
    assert_eq!(
        facts,
        [
            (false, false, true),
            (true, false, false),
            (false, true, false)
        ]
    );
}

#[test]
fn each_contract_is_recognised() {
    let memory_alloc = r#"(memory (export "memory") 1) (func (export "alloc") (param i32) (result i32) i32.const 0)"#;
    let call =
        |name| format!(r#"(func (export "{name}") (param i32 i32) (result i64) i64.const 0)"#);
    let service = wat(&format!("(module {memory_alloc} {})", call("resize")));
    assert_eq!(satisfied(&service), [Expected::Service]);
    assert_eq!(
        report(&service, Expected::Service).callable.items,
        ["resize"]
    );
    let guard = wat(&format!("(module {memory_alloc} {})", call("eval")));
    assert_eq!(satisfied(&guard), [Expected::Service, Expected::Guard]);
    let policy = wat(&format!("(module {memory_alloc} {})", call("policy_check")));
    assert_eq!(satisfied(&policy), [Expected::Service, Expected::Policy]);
    let plugin = wat(
        r#"(module (import "env" "gn_log" (func (param i32 i32 i32))) (memory (export "memory") 1)
            (func (export "gn_alloc") (param i32) (result i32) i32.const 0)
            (func (export "gn_free") (param i32 i32))
            (func (export "gn_handle_hook") (param i32 i32 i32 i32) (result i64) i64.const 0))"#,
    );
    assert_eq!(satisfied(&plugin), [Expected::Plugin]);
    assert!(report(&plugin, Expected::Plugin).to_grant.is_empty());
    assert_eq!(
        report(&plugin, Expected::Service).to_grant.items,
        ["env.gn_log"]
    );
    let command = wat(
        r#"(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
            (memory (export "memory") 1) (func (export "_start")) (func (export "_initialize")))"#,
    );
    assert_eq!(satisfied(&command), [Expected::Command, Expected::Reactor]);
    assert!(report(&command, Expected::Command).to_grant.is_empty());
}

#[test]
fn what_is_missing_is_named_all_at_once() {
    let info = wat(
        r#"(module (func (export "alloc") (param i64) (result i32) i32.const 0)
            (global (export "eval") i32 i32.const 0) (func (export "gn_handle_job")))"#,
    );
    assert_eq!(
        report(&info, Expected::Guard).missing,
        [
            "export `memory` is missing, wanted memory",
            "export `alloc` is (i64) -> i32, wanted (i32) -> i32",
            "export `eval` is no function, wanted (i32, i32) -> i64",
        ]
    );
    assert_eq!(
        report(&info, Expected::Service).missing.last().unwrap(),
        "a function to call is missing, wanted (i32, i32) -> i64"
    );
    assert_eq!(
        report(&info, Expected::Plugin).missing,
        [
            "export `memory` is missing, wanted memory",
            "export `gn_alloc` is missing, wanted (i32) -> i32",
            "export `gn_free` is missing, wanted (i32, i32) -> ()",
            "export `gn_handle_hook` is missing, wanted (i32, i32, i32, i32) -> i64",
            "export `gn_handle_job` is () -> (), wanted (i32, i32, i32, i32) -> i64",
        ]
    );
}

#[test]
fn hostile_names_are_cleaned_and_cut() {
    let long = "n".repeat(NAME_CHARS_MAX + 1);
    let info = wat(&format!(
        r#"(module (@name "\07") (import "\1b[31m" "\e2\80\ae" (func)) (func (export "{long}")) (func (export "a\0ab"))
            (@custom "\1b[2J" "x"))"#,
    ));
    assert_eq!(info.imports.items[0].module, r"\u{1b}[31m");
    assert_eq!(info.imports.items[0].item.name, r"\u{202e}");
    assert_eq!(
        info.exports.items[0].name,
        format!("{}…", &long[..NAME_CHARS_MAX - 1])
    );
    assert_eq!(info.exports.items[1].name, r"a\nb");
    assert_eq!(info.module_name.as_deref(), Some(r"\u{7}"));
    assert_eq!(
        report(&info, Expected::Service).to_grant.items,
        [r"\u{1b}[31m.\u{202e}"]
    );
    assert!(
        info.custom_sections
            .items
            .iter()
            .any(|section| section.name == r"\u{1b}[2J")
    );
}

#[test]
fn both_sides_of_the_list_bound() {
    for (count, more) in [(LISTED_MAX - 1, 0), (LISTED_MAX, 0), (LISTED_MAX + 1, 1)] {
        let exports: String = (0..count)
            .map(|i| format!("(export \"e{i}\" (func 0))"))
            .collect();
        let imports: String = (0..count)
            .map(|i| format!("(import \"m\" \"i{i}\" (func))"))
            .collect();
        let info = wat(&format!("(module {imports} {exports})"));
        assert_eq!(
            (info.exports.items.len(), info.exports.more),
            (count - more, more as u64)
        );
        assert_eq!(
            (info.imports.items.len(), info.imports.more),
            (count - more, more as u64)
        );
        assert_eq!(info.exports.len(), count as u64);
    }
}

#[test]
fn a_long_signature_is_cut() {
    let info = wat(&format!(
        "(module (func (export \"f\") (param {})))",
        "i32 ".repeat(900)
    ));
    let signature = &info.exports.items[0].signature;
    assert_eq!(signature.chars().count(), SIGNATURE_CHARS_MAX);
    assert!(signature.ends_with('…'));
}

#[test]
fn a_component_is_described_in_wit() {
    let info = wat(r#"(component $comp
            (type $env (instance
                (type $level (enum "low" "high"))
                (export "level" (type $level' (eq $level)))
                (export "file" (type $file (sub resource)))
                (type $own (own $file))
                (type $borrow (borrow $file))
                (export "[method]file.read" (func (param "self" $borrow) (param "at" u64) (result (list u8))))
                (export "open" (func (param "path" string) (param "how" $level') (result $own)))))
            (import "demo:host/env@1.0.0" (instance (type $env)))
            (import "now" (func (result u64)))
            (core module $m
                (memory (export "memory") 1)
                (func (export "run") (param i32 i32 f64 i32 i32 i32) (result i32) i32.const 0)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 0))
            (core instance $i (instantiate $m))
            (type $point (record (field "x" f64) (field "y" (option (tuple u8 bool)))))
            (export $point' "point" (type $point))
            (alias core export $i "run" (core func $run))
            (alias core export $i "memory" (core memory $memory))
            (alias core export $i "realloc" (core func $realloc))
            (func $f (param "name" string) (param "p" $point') (result (result (list string) (error u32)))
                (canon lift (core func $run) (memory $memory) (realloc $realloc)))
            (export "f" (func $f)))"#);
    assert_eq!(info.kind, Kind::Component);
    assert_eq!(info.module_name.as_deref(), Some("comp"));
    assert_eq!(
        (info.core_modules, info.functions, info.memories.len()),
        (1, 2, 1)
    );
    let imports: Vec<_> = info
        .imports
        .items
        .iter()
        .map(|import| import.item.clone())
        .collect();
    assert_eq!(imports[0].name, "demo:host/env@1.0.0");
    assert_eq!(imports[0].kind, ItemKind::Interface);
    assert_eq!(
        listed(&imports[0].members),
        [
            "Type level: enum { low, high }",
            "Type file: resource",
            "Function [method]file.read: func(self: borrow<file>, at: u64) -> list<u8>",
            "Function open: func(path: string, how: level) -> file",
        ]
    );
    assert_eq!(imports[1].signature, "func() -> u64");
    assert_eq!(
        listed(&info.exports),
        [
            "Type point: record { x: f64, y: option<tuple<u8, bool>> }",
            "Function f: func(name: string, p: point) -> result<list<string>, u32>",
        ]
    );
    assert!(satisfied(&info).is_empty());
    assert_eq!(
        report(&info, Expected::Cell).to_grant.items,
        ["demo:host/env@1.0.0", "now"]
    );
}

#[test]
fn every_kind_of_wit_type_has_a_text() {
    let info = wat(r#"(component (import "f" (func
            (param "a" (result)) (param "b" (result u8)) (param "c" (result (error s16)))
            (param "d" (list (list char))) (param "e" (option f32)) (param "g" (tuple s8 s32 s64))
            (param "h" string) (param "i" (list u16))))
            (type $v (variant (case "none") (case "some" u32)))
            (type $fl (flags "r" "w"))
            (export "v" (type $v))
            (export "fl" (type $fl)))"#);
    assert_eq!(
        info.imports.items[0].item.signature,
        "func(a: result, b: result<u8>, c: result<_, s16>, d: list<list<char>>, e: option<f32>, \
         g: tuple<s8, s32, s64>, h: string, i: list<u16>)"
    );
    assert_eq!(
        listed(&info.exports),
        [
            "Type v: variant { none, some(u32) }",
            "Type fl: flags { r, w }"
        ]
    );
}

#[test]
fn types_that_explode_are_cut() {
    // Sixteen levels of pairs: 65,536 leaves, were they written out.
    let mut types = "(type $t0 (tuple u8 u8))".to_owned();
    for level in 1..16 {
        types += &format!("(type $t{level} (tuple $t{} $t{}))", level - 1, level - 1);
    }
    let info = wat(&format!(
        "(component {types} (import \"f\" (func (param \"p\" $t15))))"
    ));
    let signature = &info.imports.items[0].item.signature;
    assert!(
        signature.chars().count() <= SIGNATURE_CHARS_MAX && signature.ends_with('…'),
        "{signature}"
    );
    // Deeper than is followed.
    let mut types = "(type $t0 (option u8))".to_owned();
    for level in 1..40 {
        types += &format!("(type $t{level} (option $t{}))", level - 1);
    }
    let info = wat(&format!(
        "(component {types} (import \"f\" (func (param \"p\" $t39))))"
    ));
    assert!(info.imports.items[0].item.signature.contains("option<…"));
}

#[test]
fn members_of_all_interfaces_share_one_bound() {
    let functions: String = (0..LISTED_MAX + 1)
        .map(|i| format!("(export \"f{i}\" (func))"))
        .collect();
    let imports: String = (0..12)
        .map(|i| format!("(import \"i{i}\" (instance (type $i)))"))
        .collect();
    let info = wat(&format!(
        "(component (type $i (instance {functions})) {imports})"
    ));
    let shown: Vec<_> = info
        .imports
        .items
        .iter()
        .map(|import| import.item.members.items.len())
        .collect();
    assert_eq!(shown.iter().sum::<usize>(), MEMBERS_MAX);
    assert!(
        info.imports
            .items
            .iter()
            .all(|import| import.item.members.len() == LISTED_MAX as u64 + 1)
    );
}

#[test]
fn component_contracts() {
    let info = wat(r#"(component (import "wasi:cli/stdout@0.2.6" (instance))
            (instance $run) (export "wasi:cli/run@0.2.6" (instance $run))
            (export "wardian:policy/checker@1.0.0" (instance $run)))"#);
    assert_eq!(satisfied(&info), [Expected::Policy, Expected::Cell]);
    assert!(report(&info, Expected::Cell).to_grant.is_empty());
    assert_eq!(
        report(&info, Expected::Policy).to_grant.items,
        ["wasi:cli/stdout@0.2.6"]
    );
}

#[test]
fn producers_and_languages() {
    let language = |producers: &str| wat(&format!("(module (@producers {producers}))")).language;
    assert_eq!(
        language(r#"(language "C11" "") (language "Rust" "") (processed-by "rustc" "1.95")"#),
        Some("Rust")
    );
    assert_eq!(language(r#"(language "Go" "go1.27")"#), Some("Go"));
    assert_eq!(
        language(r#"(language "C_plus_plus_14" "") (language "C11" "")"#),
        Some("C++")
    );
    assert_eq!(language(r#"(language "C11" "")"#), Some("C"));
    assert_eq!(
        language(r#"(language "Rust" "") (processed-by "componentize-py" "0.25")"#),
        Some("Python")
    );
    assert_eq!(language(r#"(sdk "x" "1")"#), None);
    assert_eq!(
        wat(r#"(module (@custom "go:buildid" "x"))"#).language,
        Some("Go")
    );
    let abort = r#"(module (import "env" "abort" (func (param i32 i32 i32 i32))))"#;
    assert_eq!(wat(abort).language, Some("AssemblyScript"));
    let panics =
        r#"(module (memory 1) (data (i32.const 0) "/rustc/59807616e/library/core/src/x.rs"))"#;
    assert_eq!(wat(panics).language, Some("Rust"));
    let info = wat("(module (@producers (processed-by \"\\1b[1m\" \"1\")))");
    assert_eq!(
        info.producers.processed_by,
        [Tool {
            name: r"\u{1b}[1m".into(),
            version: "1".into()
        }]
    );
}

#[test]
fn debug_information_is_found() {
    let info = wat(
        r#"(module (@custom ".debug_line" "") (@custom "sourceMappingURL" "\07./x.map")
            (@custom "external_debug_info" "\02d\0a"))"#,
    );
    let debug = Debug {
        names: false,
        dwarf: true,
        dwarf_url: Some("d\\n".into()),
        source_map_url: Some("./x.map".into()),
    };
    assert_eq!(info.debug, debug);
    let broken = wat(
        r#"(module (@custom "sourceMappingURL" "\ff\ff") (@custom "name" "\ff") (@custom "producers" "\ff"))"#,
    );
    assert_eq!(broken.debug.source_map_url, None);
    assert_eq!(broken.custom_sections.len(), 3);
}

#[test]
fn what_is_not_a_module_is_refused() {
    assert_eq!(inspect(b""), Err(InspectError::NotWasm));
    assert_eq!(inspect(b"(module)"), Err(InspectError::NotWasm));
    let whole =
        wat::parse_str("(module (func (export \"f\\1b\")) (export \"g\" (func 0)))").unwrap();
    for length in 4..whole.len() {
        // A cut between two sections leaves a module, if a smaller one.
        if let Err(error) = inspect(&whole[..length]) {
            assert!(matches!(error, InspectError::Invalid { .. }));
        }
    }
    let twice = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x0d\x02\x03a\x1bb\0\0\x03a\x1bb\0\0\x0a\x04\x01\x02\0\x0b";
    let error = inspect(twice).unwrap_err().to_string();
    assert!(error.contains(r"a\u{1b}b"), "{error}");
}

proptest! {
    /// A module with bytes changed is described or refused.
    #[test]
    fn any_bytes_get_an_answer(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        component: bool,
    ) {
        let text = if component {
            r#"(component (import "a:b/c@1.0.0" (instance (export "t" (type (sub resource)))
                (export "f" (func (param "x" (list string)) (result (tuple u8 f32)))))) (core module (func)))"#
        } else {
            r#"(module $n (import "m" "f" (func (param i32))) (memory (export "memory") 1 2) (table 1 funcref)
                (func (export "g") (result i64) i64.const 1) (data (i32.const 0) "abc") (@producers (language "Rust" "1")))"#
        };
        let mut wasm = wat::parse_str(text).unwrap();
        for (index, byte) in changes {
            let at = index.index(wasm.len());
            wasm[at] = byte;
        }
        if let Ok(info) = inspect(&wasm) {
            let json = serde_json::to_string(&info).unwrap();
            prop_assert!(json.chars().all(|c| !c.is_control()));
        }
    }
}
