//! Policies compiled by OPA 1.20.2: as they came, adapted, and as OPA itself evaluates them.

use crate::run::{After, Before, fixture};
use serde_json::Value;
use wardian_policy::opa::{
    Answer, BuiltinTable, OpaProblem, Options, adapt, entrypoint, read_answer,
};

fn validated(module: &[u8]) {
    let features = wasmparser::WasmFeatures::WASM2;
    wasmparser::Validator::new_with_features(features)
        .validate_all(module)
        .expect("valid");
}

fn adapted(module: &[u8], options: &Options) -> Vec<u8> {
    let adapted = adapt(module, options).unwrap_or_else(|problem| panic!("{problem}"));
    validated(&adapted);
    assert_eq!(
        adapted,
        adapt(module, options).unwrap(),
        "the same each time"
    );
    adapted
}

/// ABI 1.1: without `opa_eval`.
fn older(module: &[u8]) -> Vec<u8> {
    use wasm_encoder::reencode::{Error, Reencode, utils};
    struct Older;
    impl Reencode for Older {
        type Error = std::convert::Infallible;
        fn parse_export(
            &mut self,
            exports: &mut wasm_encoder::ExportSection,
            export: wasmparser::Export<'_>,
        ) -> Result<(), Error<Self::Error>> {
            match export.name {
                "opa_eval" | "opa_value_parse" | "opa_value_dump" => Ok(()),
                _ => utils::parse_export(self, exports, export),
            }
        }
        fn parse_global(
            &mut self,
            globals: &mut wasm_encoder::GlobalSection,
            global: wasmparser::Global<'_>,
        ) -> Result<(), Error<Self::Error>> {
            let mut ops = global.init_expr.get_operators_reader();
            let three = matches!(ops.read(), Ok(wasmparser::Operator::I32Const { value: 3 }));
            if three && !global.ty.mutable {
                let ty = self.global_type(global.ty)?;
                globals.global(ty, &wasm_encoder::ConstExpr::i32_const(1));
                return Ok(());
            }
            utils::parse_global(self, globals, global)
        }
    }
    let mut older = wasm_encoder::Module::new();
    let parser = wasmparser::Parser::new(0);
    Older.parse_core_module(&mut older, parser, module).unwrap();
    older.finish()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn before_and_after_and_opa_agree() {
    let all = json(&String::from_utf8(fixture("cases.json")).unwrap());
    let mut compared = 0;
    for name in ["allow", "decision", "words"] {
        let module = fixture(&format!("{name}.wasm"));
        let after = adapted(&module, &Options::default());
        let old = adapted(&older(&module), &Options::default());
        let data = all[name]["data"].to_string();
        for case in all[name]["cases"].as_array().unwrap() {
            let input = case["input"].to_string();
            let before = Before::new(&module).eval(&data, &input, 0).unwrap();
            for module in [&after, &old] {
                let mut after = After::new(module, BuiltinTable::default());
                assert!(after.imports.is_empty());
                assert_eq!(after.call("policy_load", &data).unwrap(), "");
                let said = after.call("policy_check", &input).unwrap();
                assert_eq!(said, before);
                assert_eq!(json(&said), case["is"], "{name} {input}");
                // The same instance again, which nothing but the size of its heap tells from the first time.
                assert_eq!(after.call("policy_check", &input).unwrap(), before);
                compared += 1;
            }
        }
    }
    assert!(compared > 30);
}

#[test]
fn without_data_the_document_is_empty() {
    for module in [fixture("decision.wasm"), older(&fixture("decision.wasm"))] {
        let module = adapted(&module, &Options::default());
        let input =
            r#"{"actor":{"kind":"user","id":"u1"},"action":"cache.read","resource":{"id":"a/1"}}"#;
        let mut never = After::new(&module, BuiltinTable::default());
        let mut empty = After::new(&module, BuiltinTable::default());
        empty.call("policy_load", "{}").unwrap();
        let said = never.call("policy_check", input).unwrap();
        assert_eq!(said, empty.call("policy_check", input).unwrap());
        assert_eq!(
            read_answer(said.as_bytes()),
            Answer::Deny {
                reason: "no_rule".into()
            }
        );
    }
}

#[test]
fn a_large_document_grows_the_memory_up_to_its_limit() {
    let module = fixture("allow.wasm");
    let names: Vec<String> = (0..20_000)
        .map(|n| format!(r#""user{n}":["read"]"#))
        .collect();
    let data = format!(r#"{{"grants":{{{}}}}}"#, names.join(","));
    let module_16m = adapted(&module, &Options::default());
    let mut after = After::new(&module_16m, BuiltinTable::default());
    after.call("policy_load", &data).unwrap();
    let input = r#"{"user":{"name":"user19999"},"action":"read"}"#;
    let said = after.call("policy_check", input).unwrap();
    assert_eq!(read_answer(said.as_bytes()), Answer::Allow);
    assert!(after.pages() > 10 && after.pages() <= 256);
    let small = Options {
        memory_pages_max: 8,
        ..Options::default()
    };
    let mut after = After::new(&adapted(&module, &small), BuiltinTable::default());
    after.call("policy_load", &data).unwrap_err();
    // Both sides of the limit: it starts with 2 pages.
    let least = Options {
        memory_pages_max: 2,
        ..Options::default()
    };
    After::new(&adapted(&module, &least), BuiltinTable::default());
    let less = Options {
        memory_pages_max: 1,
        ..Options::default()
    };
    let problem = adapt(&module, &less).unwrap_err();
    assert_eq!(
        problem.to_string(),
        "module does not keep OPA's ABI: its memory passes the limit: asked 2 pages, allowed 1 pages"
    );
}

#[test]
fn malformed_data_traps() {
    let module = adapted(&fixture("allow.wasm"), &Options::default());
    for data in ["", "{", "nonsense"] {
        let mut after = After::new(&module, BuiltinTable::default());
        after.call("policy_load", data).unwrap_err();
    }
}

/// OPA itself evaluates over no input then, and `not` over nothing is a yes.
#[test]
fn a_malformed_question_traps() {
    for module in [fixture("allow.wasm"), older(&fixture("allow.wasm"))] {
        let module = adapted(&module, &Options::default());
        for question in ["", "{", "nonsense", "{\"a\":}"] {
            let mut after = After::new(&module, BuiltinTable::default());
            after.call("policy_check", question).unwrap_err();
        }
    }
}

#[test]
fn entrypoints_and_builtins_are_told() {
    let module = adapted(&fixture("clock.wasm"), &Options::default());
    let mut after = After::new(&module, BuiltinTable::default());
    let entrypoints = after.call("policy_entrypoints", "").unwrap();
    assert_eq!(entrypoints, r#"{"office/report":0}"#);
    let entrypoints = entrypoints.as_bytes();
    for name in [
        None,
        Some("office/report"),
        Some("data.office.report"),
        Some("office.report"),
    ] {
        assert_eq!(entrypoint(entrypoints, name).unwrap(), 0);
    }
    let problem = entrypoint(entrypoints, Some("office/x")).unwrap_err();
    assert_eq!(
        problem.to_string(),
        "policy has no entrypoint `office/x`; it has `office/report`"
    );
    let problem = entrypoint(br#"{"a":0,"b":1}"#, None).unwrap_err();
    assert_eq!(
        problem.to_string(),
        "policy has several entrypoints; name one of `a`, `b`"
    );
    let builtins = after.call("policy_builtins", "").unwrap();
    let table = BuiltinTable::read(builtins.as_bytes()).unwrap();
    assert_eq!(table.names().count(), 11);
    // What the first adaption is for does not let a builtin be called.
    after.call("policy_check", REPORT).unwrap_err();
}

const REPORT: &str =
    r#"{"at":0,"name":"ada","age":36,"size":"2KiB","version":"1.9.0","sentence":"a  b"}"#;

#[test]
fn the_host_does_builtins() {
    let module = fixture("clock.wasm");
    let mut probe = After::new(
        &adapted(&module, &Options::default()),
        BuiltinTable::default(),
    );
    let builtins = probe.call("policy_builtins", "").unwrap();
    let host = Options {
        host_builtins: true,
        ..Options::default()
    };
    let module = adapted(&module, &host);
    let table = BuiltinTable::read(builtins.as_bytes()).unwrap();
    let mut after = After::new(&module, table);
    assert_eq!(after.imports, ["wardian:opa.builtin"]);
    after.call("policy_load", "{}").unwrap();
    let said = json(&after.call("policy_check", REPORT).unwrap());
    let expected = json(
        r#"[{"result":{
            "now":1709210096789000000,"same":true,"weekday":"Thursday","clock":[0,0,0],
            "text":"ada is 36 years, {\"a\", \"b\"}, 1.50, {\"k\": [1, null]}",
            "bytes":2048,"newer":-1,"hex":"616461","parts":["a","b"],"prefix":true}}]"#,
    );
    for member in [
        "now", "same", "weekday", "clock", "text", "bytes", "newer", "hex", "parts", "prefix",
    ] {
        assert_eq!(
            said[0]["result"][member], expected[0]["result"][member],
            "{member}"
        );
    }
    assert_eq!(said[0]["result"]["digest"].as_str().unwrap().len(), 64);
    // A builtin without a value makes what needs it undefined.
    let input = REPORT.replace("2KiB", "much");
    let said = after.call("policy_check", &input).unwrap();
    assert_eq!(
        read_answer(said.as_bytes()),
        Answer::Deny {
            reason: "undefined".into()
        }
    );
    // A fault ends the evaluation.
    let long = format!(
        r#"{{"at":0,"name":"{}","age":1,"size":"1","version":"1.0.0","sentence":""}}"#,
        "x".repeat(70_000)
    );
    let error = after.call("policy_check", &long).unwrap_err().to_string();
    assert!(error.contains("of a builtin passes the limit"), "{error}");
}

#[test]
fn builtins_that_are_not_provided_are_all_named() {
    let module = adapted(&fixture("refused.wasm"), &Options::default());
    let mut probe = After::new(&module, BuiltinTable::default());
    let builtins = probe.call("policy_builtins", "").unwrap();
    let problem = BuiltinTable::read(builtins.as_bytes()).unwrap_err();
    assert_eq!(
        problem.to_string(),
        "policy calls builtins that are not provided: `http.send` (a policy does not reach the network); \
         `rand.intn` (a decision must be repeatable)"
    );
    assert!(matches!(
        BuiltinTable::read(b"[]"),
        Err(OpaProblem::List { of: "builtins", .. })
    ));
}

#[test]
fn an_abort_traps() {
    let module = fixture("conflict.wasm");
    let mut before = Before::new(&module);
    let mut after = After::new(
        &adapted(&module, &Options::default()),
        BuiltinTable::default(),
    );
    for input in [r#"{"a":true}"#, r#"{"b":true}"#, "{}"] {
        let said = after.call("policy_check", input).unwrap();
        assert_eq!(said, before.eval("{}", input, 0).unwrap());
    }
    before.eval("{}", r#"{"a":true,"b":true}"#, 0).unwrap_err();
    after
        .call("policy_check", r#"{"a":true,"b":true}"#)
        .unwrap_err();
}

#[test]
fn an_entrypoint_that_is_not_there_traps() {
    for module in [fixture("allow.wasm"), older(&fixture("allow.wasm"))] {
        let none = Options {
            entrypoint: 7,
            ..Options::default()
        };
        let mut after = After::new(&adapted(&module, &none), BuiltinTable::default());
        after.call("policy_check", "{}").unwrap_err();
    }
}

#[test]
fn names_move_with_their_functions() {
    let host = Options {
        host_builtins: true,
        ..Options::default()
    };
    for options in [Options::default(), host] {
        let module = adapted(&fixture("allow.wasm"), &options);
        let mut names = std::collections::BTreeMap::new();
        let mut exports = Vec::new();
        for payload in wasmparser::Parser::new(0).parse_all(&module) {
            match payload.unwrap() {
                wasmparser::Payload::ExportSection(section) => {
                    exports = section.into_iter().map(Result::unwrap).collect();
                }
                wasmparser::Payload::CustomSection(section) => {
                    if let wasmparser::KnownCustom::Name(section) = section.as_known() {
                        for name in section {
                            if let wasmparser::Name::Function(map) = name.unwrap() {
                                names.extend(
                                    map.into_iter()
                                        .map(|n| n.map(|n| (n.index, n.name)).unwrap()),
                                );
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        let functions = exports
            .iter()
            .filter(|e| e.kind == wasmparser::ExternalKind::Func);
        let mut seen = 0;
        for export in functions {
            assert_eq!(names.get(&export.index), Some(&export.name));
            seen += 1;
        }
        assert!(seen > 20);
    }
}
