//! Rego in the box: the corpus, as the same engine answers it natively.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on says where.

use std::time::Duration;

use serde_json::Value;
use wardian_guest_policy_rego::load;
use wardian_policy::artifact::Artifact;
use wardian_policy::make::{self, RegoModule, RegoSource};
use wardian_policy::{Input, Prepared, WasmChecker, default_limits};
use wardian_sandbox::{Binding, Call, Contract, Limits, OptLevel, Sandbox, SandboxConfig, Source};

fn sandbox() -> Sandbox {
    Sandbox::new(SandboxConfig::default()).unwrap()
}

/// The policies of the corpus, by their files' names.
fn corpus() -> Vec<(String, Value)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../testkit/fixtures/rego");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let json = files.filter(|path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    });
    let mut all: Vec<_> = json
        .map(|path| {
            let text = std::fs::read(&path).unwrap();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, serde_json::from_slice(&text).unwrap())
        })
        .collect();
    all.sort_by(|a: &(String, Value), b| a.0.cmp(&b.0));
    all
}

fn made(sandbox: &Sandbox, policy: &Value) -> bytes::Bytes {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let modules: Vec<(String, String)> = policy["modules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|module| (text(&module["name"]), text(&module["source"])))
        .collect();
    let data = policy
        .get("data")
        .map(|data| serde_json::value::to_raw_value(data).unwrap());
    let rego = RegoSource {
        entrypoint: policy["entrypoint"].as_str().unwrap(),
        modules: modules
            .iter()
            .map(|(name, source)| RegoModule { name, source })
            .collect(),
        data: data.as_deref(),
    };
    make::from_rego(sandbox, &rego).unwrap()
}

/// The engine as it is before it has a policy.
const ENGINE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rego.wasm"));

/// Each policy in an instance of its own, which is asked all of its questions: what is made of a policy for good is compiled
/// anew each time, and that would be most of the work.
#[test]
fn the_corpus_is_answered_in_the_box_as_natively() {
    let sandbox = sandbox();
    let mut binding = Binding::new(Contract::raw());
    // What the machine does meanwhile is not this test's.
    binding.limits = Some(Limits {
        memory_bytes_max: 256 << 20,
        fuel: Some(100_000_000_000),
        ..Limits::small(Duration::from_secs(100))
    });
    let module = sandbox.load_blocking(Source::new("rego", ENGINE)).unwrap();
    let linked = module.link(&binding).unwrap();
    let (mut policies, mut cases) = (0, 0);
    for (name, policy) in corpus() {
        policies += 1;
        let document = serde_json::to_vec(&policy_document(&policy)).unwrap();
        let mut native = load(&document, || ()).unwrap();
        let mut session = linked.session();
        let loaded = session.call_blocking(Call::bytes("policy_load", document));
        assert!(loaded.result.unwrap().bytes().is_empty(), "{name}");
        for case in policy["cases"].as_array().unwrap() {
            cases += 1;
            let input = case["input"].to_string();
            let expected = native.decide(input.as_bytes()).to_json();
            let said = session.call_blocking(Call::bytes("policy_check", input.clone()));
            let said = said
                .result
                .unwrap_or_else(|error| panic!("{name}: {input}: {error}"));
            let said = String::from_utf8_lossy(said.bytes()).into_owned();
            assert_eq!(said, *expected, "{name}: {input}");
        }
    }
    assert!(
        policies >= 30 && cases >= 100,
        "{policies} policies, {cases} cases"
    );
}

/// As a host has them: made, kept, in pristine memory each time, within the limits of a check.
#[test]
fn policies_that_are_made_answer_as_natively() {
    let mut config = SandboxConfig::default();
    // Each is compiled, and asked little.
    config.engine.opt = OptLevel::None;
    let sandbox = Sandbox::new(config).unwrap();
    let mut binding = Binding::new(Contract::policy());
    binding.limits = Some(default_limits().with_deadline(Duration::from_secs(10)));
    // `cargo xtask policies` asks all of them.
    let step = std::env::var("WARDIAN_CASES").map_or(12, |_| 1);
    for (name, policy) in corpus().into_iter().step_by(step) {
        let document = serde_json::to_vec(&policy_document(&policy)).unwrap();
        let mut native = load(&document, || ()).unwrap();
        let made = made(&sandbox, &policy);
        let module = sandbox.load_blocking(Source::new("policy", made)).unwrap();
        let linked = module.link(&binding).unwrap();
        for case in policy["cases"].as_array().unwrap() {
            let text = case["input"].to_string();
            let expected = native.decide(text.as_bytes()).to_json();
            let outcome = linked.call_blocking(Call::bytes("policy_check", text.clone()));
            let said = outcome
                .result
                .unwrap_or_else(|error| panic!("{name}: {text}: {error}"));
            let said = String::from_utf8_lossy(said.bytes()).into_owned();
            assert_eq!(said, *expected, "{name}: {text}");
        }
    }
}

/// What the guest is given.
fn policy_document(policy: &Value) -> Value {
    let mut document = policy.clone();
    document.as_object_mut().unwrap().remove("cases");
    document
}

#[test]
fn a_hundred_rules_take_a_tenth_of_the_default_fuel_at_most() {
    let sandbox = sandbox();
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../testkit/fixtures/rego/bench-100-rules"
    );
    let read = |name: &str| std::fs::read_to_string(format!("{folder}/{name}")).unwrap();
    let (source, input) = (read("policy.rego"), read("input.json"));
    let data = serde_json::value::RawValue::from_string(read("data.json")).unwrap();
    let rego = RegoSource {
        entrypoint: "data.wardian.policy.decision",
        modules: vec![RegoModule {
            name: "policy.rego",
            source: &source,
        }],
        data: Some(&data),
    };
    let wasm = make::from_rego(&sandbox, &rego).unwrap();
    let artifact = Artifact::from_bytes(wasm.into()).unwrap();
    let prepared = Prepared::of(&artifact).with_deadline(Duration::from_secs(10));
    let checker = WasmChecker::load_blocking(&sandbox, &artifact, prepared).unwrap();
    let input = Input::from_json(input.as_bytes()).unwrap();
    let (said, outcome) = checker.outcome_blocking(&input);
    assert!(said.is_allow(), "{said:?}");
    let fuel = outcome.usage.fuel.unwrap();
    assert!(fuel < 5_000_000, "{fuel}");
}

#[test]
fn what_is_wrong_with_rego_is_said_by_file_and_line() {
    let modules = vec![
        RegoModule {
            name: "a.rego",
            source: "package a\nallow if {",
        },
        RegoModule {
            name: "b.rego",
            source: "package b\nx := := 1",
        },
    ];
    let rego = RegoSource {
        entrypoint: "data.a.allow",
        modules,
        data: None,
    };
    let error = make::from_rego(&sandbox(), &rego).unwrap_err();
    assert_eq!(error.code(), "make.source");
    let text = error.to_string();
    assert!(
        text.contains("a.rego:") && text.contains("b.rego:2:"),
        "{text}"
    );
}
